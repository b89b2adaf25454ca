"""The loop point never jumps more than the loop does anyway, and a one-shot neither begins nor ends on a step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.seam import BEND_MS, FALL_MS, NEAR_SILENCE, RISE_MS, ease_seam, fade_ends

RATE = 44_100


def jump_ratio(channel):
    return abs(float(channel[0]) - float(channel[-1])) / np.quantile(np.abs(np.diff(channel)), 0.99)


def sine(n_samples, cycles):
    return np.sin(2 * np.pi * cycles * np.arange(n_samples) / n_samples).astype(np.float32)


def test_a_seam_that_is_closed_is_left_alone():
    audio = np.roll(sine(4410, 10), 110)[None]  # begins on a crest
    assert ease_seam(audio, RATE) is audio


@given(st.integers(600, 9000), st.floats(1, 40), st.integers(1, 3), st.floats(0.001, 1))
def test_a_step_at_the_seam_becomes_as_small_as_the_steps_inside(n_samples, cycles, channels, gain):
    audio = np.stack([sine(n_samples, cycles + 0.25 * c) * np.float32(gain) for c in range(channels)])
    for channel in ease_seam(audio, RATE):
        assert jump_ratio(channel) <= 1.0


def test_only_a_moment_round_the_seam_is_touched():
    audio = sine(44_100, 3.25)[None]
    n_bend = round(BEND_MS / 1000 * RATE)
    eased = ease_seam(audio, RATE)
    assert (eased[:, n_bend:-n_bend] == audio[:, n_bend:-n_bend]).all()
    assert np.abs(eased).max() <= np.abs(audio).max() + 1e-6


@pytest.mark.parametrize("rate", [8000, 192_000])
def test_any_rate_and_a_very_short_loop_are_served(rate):
    audio = np.linspace(-1, 1, 12, dtype=np.float32)[None]
    assert ease_seam(audio, rate).shape == audio.shape
    assert np.isfinite(ease_seam(audio, rate)).all()


@given(st.integers(1, 3000), st.integers(1, 3), st.sampled_from([8000, 44_100, 192_000]), st.integers(0, 2**32 - 1))
def test_a_one_shot_begins_and_ends_near_silence_whatever_its_length(n_samples, channels, rate, seed):
    audio = np.random.default_rng(seed).uniform(-1, 1, (channels, n_samples)).astype(np.float32)
    faded = fade_ends(audio.copy(), rate)
    assert (faded.shape, faded.dtype) == (audio.shape, audio.dtype)
    assert np.abs(faded[:, [0, -1]]).max() <= NEAR_SILENCE
    assert (np.abs(faded) <= np.abs(audio)).all()
    inside = slice(round(RISE_MS / 1000 * rate), max(0, n_samples - round(FALL_MS / 1000 * rate)))
    assert (faded[:, inside] == audio[:, inside]).all()


@pytest.mark.parametrize(("starts", "ends"), [(False, False), (True, False), (False, True), (True, True)])
def test_only_an_end_that_is_a_step_is_faded_and_in_all_channels(starts, ends):
    audio = np.full((2, 4410), 0.5, np.float32)
    audio[:, 0] = audio[:, -1] = NEAR_SILENCE / 2
    audio[1, 0], audio[1, -1] = (-0.4 if step else 0.0 for step in (starts, ends))
    faded = fade_ends(audio, RATE)
    changed = (faded != audio).any(axis=0)
    assert (changed[:20].any(), changed[-100:].any()) == (starts, ends)
    assert (faded is audio) == (not starts and not ends)
    if starts:
        assert (faded[0, 1:20] < audio[0, 1:20]).all()


def test_a_cut_note_falls_without_a_corner():
    audio = sine(44_100, 100.25)[None]  # ends on a crest
    steps = np.abs(np.diff(np.concatenate([fade_ends(audio, RATE)[0], np.zeros(1, np.float32)])))
    assert steps[-400:].max() < 1.5 * np.abs(np.diff(audio[0])).max()
