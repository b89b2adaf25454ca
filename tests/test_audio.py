import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.engine import audio
from vampbridge.engine.errors import AudioError


def periodic(n_samples, n_partials, seed=0, n_channels=2):
    """A band-limited loop, (C, N): random partials 0 … n_partials whole cycles per loop."""
    rng = np.random.default_rng(seed)
    cycles = np.arange(n_partials + 1)[:, None]
    phase = 2 * np.pi * (cycles * np.arange(n_samples)[None] / n_samples)
    amplitude = rng.standard_normal((n_channels, n_partials + 1)) / (n_partials + 1)
    shift = rng.standard_normal((n_channels, n_partials + 1))
    return np.stack([a @ np.cos(phase + s[:, None]) for a, s in zip(amplitude, shift, strict=True)]).astype(np.float32)


@given(st.integers(1, 8), st.integers(0, 50))
def test_channel_order_is_said_and_survives_the_round_trip(n_channels, n_samples):
    device = np.random.default_rng(0).standard_normal((n_samples, n_channels)).astype(np.float32)
    model = audio.as_channels_first(device)
    assert model.shape == (n_channels, n_samples)
    assert model.flags.c_contiguous
    np.testing.assert_array_equal(audio.as_frames_first(model), device)


def test_mono_is_the_mean_of_the_channels():
    np.testing.assert_array_equal(audio.to_mono(np.array([[1, 0.5], [0, -0.5]], np.float32)), [[0.5, 0]])
    np.testing.assert_array_equal(audio.as_channels_first(np.array([1, 2], np.float32)), [[1, 2]])


@pytest.mark.parametrize("convert", [audio.as_channels_first, audio.as_frames_first, audio.to_mono])
def test_audio_with_a_batch_axis_is_refused(convert):
    with pytest.raises(AudioError, match=r"must have the shape .*, got \(1, 2, 3\)"):
        convert(np.zeros((1, 2, 3), np.float32))


@pytest.mark.parametrize(("n_channels", "n_samples", "rate"), [(1, 1, 8000), (8, 100, 192000), (2, 600 * 8000, 8000)])
def test_audio_within_the_limits_passes(n_channels, n_samples, rate):
    audio.check_audio(np.zeros((n_channels, n_samples), np.float32), rate)


def spoilt(value, places):
    signal = np.zeros((2, 100), np.float32)
    for channel, sample in places:
        signal[channel, sample] = value
    return signal


@pytest.mark.parametrize(
    ("signal", "rate", "words"),
    [
        (np.zeros((1, 10), np.float32), 7999, r"sample rate must be in \[8000, 192000\] Hz, got 7999"),
        (np.zeros((1, 10), np.float32), 192001, r"sample rate must be in \[8000, 192000\] Hz, got 192001"),
        (np.zeros((0, 10), np.float32), 44100, r"channels must be in \[1, 8\], got 0"),
        (np.zeros((9, 10), np.float32), 44100, r"channels must be in \[1, 8\], got 9"),
        (np.zeros((1, 0), np.float32), 44100, "audio is empty"),
        (np.zeros(10, np.float32), 44100, r"must have the shape \(C, N\), got \(10,\)"),
        (np.zeros((1, 10), np.int16), 44100, "must be floating point in .*, got int16"),
        (
            np.zeros((1, 1800 * 8000), np.float16),
            8000,
            "audio is 30:00 min long, the limit is 10:00 min: cut it, or render it in parts",
        ),
        (spoilt(np.nan, [(1, 7), (0, 9)]), 44100, "got 2 NaN or infinite samples, the first at sample 7 of channel 1"),
        (spoilt(-np.inf, [(0, 99)]), 44100, "got 1 NaN or infinite samples, the first at sample 99 of channel 0"),
    ],
)
def test_unusable_audio_is_refused_with_the_reason(signal, rate, words):
    with pytest.raises(AudioError, match=words):
        audio.check_audio(signal, rate)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(0, 1000))
def test_a_loop_comes_back_from_any_other_length(n_in, n_out, seed):
    n_partials = (min(n_in, n_out) - 1) // 2  # below both Nyquist frequencies
    loop = periodic(n_in, n_partials, seed)
    away = audio.resample_ring(loop, n_out)
    assert away.shape == (2, n_out)
    assert away.dtype == np.float32
    np.testing.assert_allclose(audio.resample_ring(away, n_in), loop, atol=1e-5)


@pytest.mark.parametrize(("n_in", "n_out"), [(480, 441), (441, 480), (1000, 77), (77, 1000), (7, 7), (500, 1000)])
def test_a_resampled_loop_is_the_same_function_of_time(n_in, n_out):
    n_partials = (min(n_in, n_out) - 1) // 2
    np.testing.assert_allclose(
        audio.resample_ring(periodic(n_in, n_partials), n_out), periodic(n_out, n_partials), atol=1e-5
    )


@pytest.mark.parametrize(("n_in", "n_out"), [(480, 440), (440, 480), (96000, 88200), (600, 300), (300, 600)])
def test_turning_a_loop_and_resampling_it_change_places(n_in, n_out):
    # Noise fills the spectrum up to and with the Nyquist bin.
    loop = np.random.default_rng(0).uniform(-1, 1, (1, n_in)).astype(np.float32)
    unit = math.gcd(n_in, n_out)
    for turns in (1, 7, unit - 1):
        turned_first = audio.resample_ring(np.roll(loop, turns * n_in // unit, axis=1), n_out)
        turned_after = np.roll(audio.resample_ring(loop, n_out), turns * n_out // unit, axis=1)
        np.testing.assert_allclose(turned_first, turned_after, atol=1e-5)


def test_the_seam_of_a_resampled_loop_is_no_special_place():
    # A tone with a whole number of cycles: any step at the seam would stand out of its largest slope.
    loop = np.sin(2 * np.pi * 5 * np.arange(4801) / 4801)[None].astype(np.float32)
    fitted = audio.resample_ring(loop, 4608)
    slope = np.abs(np.diff(np.concatenate([fitted, fitted[:, :1]], axis=1)))
    assert slope[0, -1] <= slope.max() + 1e-6
    assert slope.max() <= 2 * np.pi * 5 / 4608 + 1e-5


def test_the_nyquist_bin_is_split_and_folded():
    alternating = np.array([[1, -1] * 4], np.float32)
    up = audio.resample_ring(alternating, 16)
    np.testing.assert_allclose(up, np.cos(np.pi / 2 * np.arange(16))[None], atol=1e-6)
    np.testing.assert_allclose(audio.resample_ring(up, 8), alternating, atol=1e-6)


def test_what_a_shorter_loop_cannot_hold_is_left_out():
    high = np.cos(2 * np.pi * 40 * np.arange(100) / 100)[None].astype(np.float32)
    assert np.abs(audio.resample_ring(high, 60)).max() < 1e-6


@pytest.mark.parametrize(("n_in", "n_out"), [(0, 5), (5, 0)])
def test_an_empty_loop_is_refused(n_in, n_out):
    with pytest.raises(AudioError, match="at least 1 sample"):
        audio.resample_ring(np.zeros((1, n_in), np.float32), n_out)


@pytest.mark.parametrize(("rate_in", "rate_out"), [(48000, 44100), (44100, 48000), (22050, 44100), (96000, 44100)])
def test_a_sound_keeps_its_pitch_and_level_through_another_rate(rate_in, rate_out):
    def tone(rate, n_samples):
        return (0.5 * np.sin(2 * np.pi * 1000 * np.arange(n_samples) / rate))[None].astype(np.float32)

    out = audio.resample_line(tone(rate_in, rate_in), rate_in, rate_out=rate_out)
    assert out.shape == (1, rate_out)
    # Near its ends the tone starts and stops at once, which is not band-limited.
    middle = slice(2000, -2000)
    np.testing.assert_allclose(out[:, middle], tone(rate_out, rate_out)[:, middle], atol=1e-4)


@given(st.integers(1, 5000), st.sampled_from([8000, 22050, 44100, 48000, 88200]), st.sampled_from([44100, 48000]))
def test_the_length_at_another_rate_is_exact(n_samples, rate_in, rate_out):
    out = audio.resample_line(np.ones((2, n_samples), np.float32), rate_in, rate_out=rate_out)
    assert out.shape == (2, math.ceil(n_samples * rate_out / rate_in))
    assert out.flags.c_contiguous


def test_a_crossfade_keeps_the_power_of_unrelated_sounds():
    ones, zeros = np.ones((1, 64), np.float32), np.zeros((1, 64), np.float32)
    fading, rising = audio.equal_power_crossfade(ones, zeros), audio.equal_power_crossfade(zeros, ones)
    np.testing.assert_allclose(fading**2 + rising**2, ones, atol=1e-6)
    np.testing.assert_allclose(fading[:, ::-1], rising, atol=1e-6)
    assert (np.diff(fading) < 0).all()
    assert audio.equal_power_crossfade(zeros[:, :0], ones[:, :0]).shape == (1, 0)


def test_a_crossfade_of_different_shapes_is_refused():
    with pytest.raises(AudioError, match="two equal shapes"):
        audio.equal_power_crossfade(np.zeros((1, 4), np.float32), np.zeros((2, 4), np.float32))
