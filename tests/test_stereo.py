"""Stereo in stays stereo out, the mean of the channels stays the model's own sound, and loops close."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from vampbridge.engine.errors import AudioError
from vampbridge.engine.stereo import analyse

RATE = 48000
HOP = 1024
N = 48 * HOP  # about 1 s, a whole number of hops


def noise(*shape: int, seed: int = 0, level: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(shape) * level).astype(np.float32)


def tone(hz: float, n_samples: int = N) -> np.ndarray:
    """A tone of a whole number of periods, so that it closes as a loop."""
    periods = round(hz * n_samples / RATE)
    return np.sin(2 * np.pi * periods * np.arange(n_samples) / n_samples).astype(np.float32) * np.float32(0.3)


def level_db(audio: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.sqrt((audio.astype(np.float64) ** 2).mean(axis=-1)) + 1e-12)


def band_levels_db(audio: np.ndarray, n_bands: int = 12) -> np.ndarray:
    """Level of each channel in octave-like bands from 60 Hz to 20 kHz: (C, bands)."""
    power = np.abs(np.fft.rfft(audio, axis=1)) ** 2
    hz = np.fft.rfftfreq(audio.shape[1], 1 / RATE)
    edges = np.geomspace(60, 20000, n_bands + 1)
    bands = [power[:, (hz >= low) & (hz < high)].sum(axis=1) for low, high in pairwise(edges)]
    return 10 * np.log10(np.array(bands).T)


def jumps(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The jump at the seam of each channel, and the 99th percentile of those inside."""
    return np.abs(audio[:, 0] - audio[:, -1]), np.percentile(np.abs(np.diff(audio, axis=1)), 99, axis=1)


def a_wide_mix(n_samples: int = N) -> np.ndarray:
    """A tone to the left, one to the right, one in the middle, and uncorrelated noise: (2, N)."""
    left, middle, right = tone(200, n_samples), tone(900, n_samples), tone(4000, n_samples)
    return np.stack([left + middle, middle + 0.5 * right]) + noise(2, n_samples, level=0.02)


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 4, 8])
def test_the_mean_of_the_channels_is_the_vamped_sound(n_channels, ring):
    vamped = noise(N, seed=1)
    spread = analyse(noise(n_channels, N), RATE, ring=ring).apply(vamped)
    assert spread.shape == (n_channels, N)
    assert spread.dtype == np.float32
    assert n_channels == 1 or np.abs(spread[0] - spread[1]).max() > 0.01  # something was added
    np.testing.assert_allclose(spread.mean(axis=0), vamped, atol=1e-5)


@examples(max_examples=25)
@given(
    n_samples=st.integers(1, 6000),
    n_channels=st.integers(1, 8),
    rate=st.sampled_from([8000, 22050, 44100, 48000, 96000]),
    ring=st.booleans(),
    stretch=st.integers(1, 3),
)
def test_any_length_rate_and_number_of_channels_comes_out_whole(n_samples, n_channels, rate, ring, stretch):
    vamped = noise(n_samples * stretch, seed=2)
    spread = analyse(noise(n_channels, n_samples), rate, ring=ring).apply(vamped, stretch=stretch)
    assert spread.shape == (n_channels, n_samples * stretch)
    assert np.isfinite(spread).all()
    np.testing.assert_allclose(spread.mean(axis=0), vamped, atol=1e-5)


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 5])
def test_equal_channels_stay_equal(n_channels, ring):
    loop, vamped = np.repeat(noise(1, N), n_channels, axis=0), noise(N, seed=1)
    np.testing.assert_array_equal(
        analyse(loop, RATE, ring=ring).apply(vamped), np.repeat(vamped[None], n_channels, axis=0)
    )


@pytest.mark.parametrize(("left", "right"), [(1.0, 0.25), (0.3, 1.0), (1.0, 0.7)])
def test_a_panned_source_stays_panned(left, right):
    source, vamped = noise(N), noise(N, seed=1)
    spread = analyse(np.stack([left * source, right * source]), RATE, ring=True).apply(vamped)
    difference_db = level_db(spread)[0] - level_db(spread)[1]
    assert difference_db == pytest.approx(20 * np.log10(left / right), abs=1.0)


@pytest.mark.parametrize("n_channels", [2, 4])
def test_a_hard_panned_source_stays_in_its_channel(n_channels):
    loop = np.zeros((n_channels, N), dtype=np.float32)
    loop[-1] = noise(N)
    spread = analyse(loop, RATE, ring=True).apply(noise(N, seed=1))
    # -50 dB: what float32 leaves in the other channels, far below any recording's crosstalk.
    assert (level_db(spread[:-1]) < level_db(spread[-1]) - 50).all()


def test_sources_in_different_bands_stay_on_their_sides():
    loop = np.stack([tone(200), tone(4000)])
    spread = analyse(loop, RATE, ring=True).apply(tone(200) + tone(4000))
    hz = np.fft.rfftfreq(N, 1 / RATE)
    low = np.abs(np.fft.rfft(spread, axis=1))[:, np.abs(hz - 200) < 30].max(axis=1)
    high = np.abs(np.fft.rfft(spread, axis=1))[:, np.abs(hz - 4000) < 30].max(axis=1)
    assert low[0] > 10 * low[1]
    assert high[1] > 10 * high[0]


def test_sources_at_different_times_stay_on_their_sides():
    loop = np.zeros((2, N), dtype=np.float32)
    half = N // 2
    loop[0, :half], loop[1, half:] = noise(half), noise(half, seed=3)
    spread = analyse(loop, RATE, ring=True).apply(noise(N, seed=1))
    edge = 4 * HOP  # the parameters move over a few frames
    first, second = level_db(spread[:, edge : half - edge]), level_db(spread[:, half + edge : -edge])
    assert first[0] > first[1] + 20
    assert second[1] > second[0] + 20


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.9])
def test_wide_noise_keeps_its_correlation(correlation):
    first, second = noise(2, N)
    loop = np.stack([first, correlation * first + np.sqrt(1 - correlation**2) * second]).astype(np.float32)
    spread = analyse(loop, RATE, ring=True).apply(loop.mean(axis=0))
    assert np.corrcoef(spread)[0, 1] == pytest.approx(np.corrcoef(loop)[0, 1], abs=0.15)


def test_channels_keep_their_levels_in_every_band():
    """Five sources an octave or two wide, each panned somewhere else, and room around them."""
    n_samples = 4 * N
    hz = np.fft.rfftfreq(n_samples, 1 / RATE)
    loop = noise(2, n_samples, level=0.01)
    for index, (centre_hz, pan) in enumerate([(100, 0.5), (400, 0.9), (1200, 0.2), (4000, 0.8), (12000, 0.1)]):
        shape = np.exp(-0.5 * np.log2(np.maximum(hz, 1) / centre_hz) ** 2)
        source = np.fft.irfft(np.fft.rfft(noise(n_samples, seed=10 + index)) * shape, n_samples).astype(np.float32)
        loop += np.stack([(1 - pan) * source, pan * source])
    before, after = (band_levels_db(audio) for audio in (loop, analyse(loop, RATE, ring=True).apply(loop.mean(axis=0))))
    assert np.ptp(before[0] - before[1]) > 20  # there is something to keep
    np.testing.assert_allclose(after[0] - after[1], before[0] - before[1], atol=1.5)
    np.testing.assert_allclose(after, before, atol=1.5)


@pytest.mark.parametrize("n_samples", [N, N + 1, 48017])
def test_the_seam_of_a_loop_stays_closed(n_samples):
    loop = a_wide_mix(n_samples)
    # No noise, in which a click could hide; turned, so that the seam is not the steepest place.
    vamped = np.roll(tone(200, n_samples) + tone(900, n_samples), 17)
    spread = analyse(loop, RATE, ring=True).apply(vamped)
    seam, inner = jumps(spread)
    assert (seam <= inner).all()
    assert np.abs(spread[0] - spread[1]).max() > 0.01


@pytest.mark.parametrize("n_hops", [1, 7, 47])
def test_a_rotated_loop_gives_the_rotated_result(n_hops):
    loop, vamped = a_wide_mix(), noise(N, seed=1)
    straight = analyse(loop, RATE, ring=True).apply(vamped)
    turned = analyse(np.roll(loop, n_hops * HOP, axis=1), RATE, ring=True).apply(np.roll(vamped, n_hops * HOP))
    np.testing.assert_allclose(turned, np.roll(straight, n_hops * HOP, axis=1), atol=1e-5)


def test_a_line_does_not_hear_its_end_at_its_start():
    loop = np.zeros((2, N), dtype=np.float32)
    loop[0, : N // 2], loop[1, N // 2 :] = noise(N // 2), noise(N // 2, seed=3)
    line = analyse(loop, RATE, ring=False).apply(noise(N, seed=1))[:, :HOP]
    ring = analyse(loop, RATE, ring=True).apply(noise(N, seed=1))[:, :HOP]
    assert level_db(line)[0] > level_db(line)[1] + 25
    assert level_db(ring)[0] < level_db(ring)[1] + 10


@pytest.mark.parametrize("stretch", [2, 4])
def test_a_stretched_loop_moves_as_much_more_slowly(stretch):
    loop = np.zeros((2, N), dtype=np.float32)
    half = N // 2
    loop[0, :half], loop[1, half:] = noise(half), noise(half, seed=3)
    spread = analyse(loop, RATE, ring=True).apply(noise(N * stretch, seed=1), stretch=stretch)
    edge = 4 * HOP * stretch
    first = level_db(spread[:, edge : half * stretch - edge])
    second = level_db(spread[:, half * stretch + edge : -edge])
    assert first[0] > first[1] + 20
    assert second[1] > second[0] + 20


@pytest.mark.parametrize("ring", [True, False])
def test_silence_is_no_trouble(ring):
    silence = np.zeros((2, N), dtype=np.float32)
    vamped = noise(N)
    np.testing.assert_array_equal(analyse(silence, RATE, ring=ring).apply(vamped), np.stack([vamped, vamped]))
    np.testing.assert_array_equal(analyse(noise(2, N), RATE, ring=ring).apply(silence[0]), silence)


def test_what_was_silent_takes_the_image_of_its_band():
    loop = np.zeros((2, N), dtype=np.float32)
    loop[0, : N // 2] = noise(N // 2)
    spread = analyse(loop, RATE, ring=True).apply(noise(N, seed=1))
    late = level_db(spread[:, 3 * N // 4 :])
    assert late[0] > late[1] + 40


def test_opposite_channels_stay_within_bounds():
    """Where the mean of the channels is nothing, width could grow without bound: it is held at +6 dB."""
    source, vamped = noise(N), noise(N, seed=1)
    spread = analyse(np.stack([source, -source]), RATE, ring=True).apply(vamped)
    assert np.isfinite(spread).all()
    assert (level_db(spread) < level_db(vamped) + 8).all()


def test_long_sound_is_the_same_in_pieces(monkeypatch):
    loop, vamped = a_wide_mix(), noise(N, seed=1)
    whole = analyse(loop, RATE, ring=True).apply(vamped)
    monkeypatch.setattr("vampbridge.engine.stereo._CHUNK", 5)
    np.testing.assert_allclose(analyse(loop, RATE, ring=True).apply(vamped), whole, atol=1e-5)


def test_the_input_is_not_changed():
    loop, vamped = a_wide_mix(), noise(N, seed=1)
    copies = loop.copy(), vamped.copy()
    analyse(loop, RATE, ring=True).apply(vamped)
    np.testing.assert_array_equal(loop, copies[0])
    np.testing.assert_array_equal(vamped, copies[1])


@pytest.mark.parametrize("shape", [(100,), (0, 100), (9, 100), (2, 0)])
def test_audio_of_another_shape_is_refused(shape):
    with pytest.raises(AudioError, match="must have the shape"):
        analyse(np.zeros(shape, dtype=np.float32), RATE, ring=True)


@pytest.mark.parametrize(("n_samples", "stretch"), [(99, 1), (100, 2), (100, 0)])
def test_mono_sound_of_another_length_is_refused(n_samples, stretch):
    image = analyse(noise(2, 100), RATE, ring=True)
    with pytest.raises(AudioError, match="must have the shape"):
        image.apply(noise(n_samples), stretch=stretch)
