"""The loop point never jumps more than the loop does anyway."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.seam import BEND_MS, ease_seam

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
