"""Promises of the round-trip measurement: exact through a cable, honest where nothing comes back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.bridge.audio import AudioInfo
from vampbridge.bridge.audio.loopback import CLEAR_DB, find_delay, judge, mls
from vampbridge.bridge.errors import DeviceError
from vampbridge.engine.errors import SettingError

SOUND = np.float32(0.125) * mls()
INFO = AudioInfo("Card In", "Card Out", sample_rate=48_000)


def came_back(delay, gain=1.0, noise=0.0, seed=0):
    """A recording of SOUND, so much later."""
    rng = np.random.Generator(np.random.PCG64(seed))
    recording = noise * rng.standard_normal(len(SOUND) + 12_000)
    recording[delay : delay + len(SOUND)] += gain * SOUND
    return recording.astype(np.float32)


def test_the_noise_resembles_itself_at_no_other_delay():
    ones = mls()
    assert len(ones) == 2**14 - 1
    assert set(ones) == {-1.0, 1.0}
    spectrum = np.fft.rfft(ones.astype(np.float64))
    match = np.fft.irfft(np.abs(spectrum) ** 2, len(ones))
    np.testing.assert_allclose(match[0], len(ones))
    np.testing.assert_allclose(match[1:], -1.0, atol=1e-6)  # the property that defines such a sequence


@given(st.integers(0, 12_000), st.floats(0.02, 4.0), st.booleans(), st.integers(0, 1_000))
def test_a_delay_is_found_to_the_frame_in_noise_and_upside_down(delay, gain, flipped, seed):
    recording = came_back(delay, -gain if flipped else gain, noise=0.005, seed=seed)
    found = find_delay(SOUND, recording)
    assert found.frames == delay
    assert found.clarity_db > CLEAR_DB


@given(st.integers(0, 10_000))
def test_noise_alone_is_not_taken_for_an_answer(seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    noise = rng.standard_normal(len(SOUND) + 12_000).astype(np.float32)
    assert find_delay(SOUND, noise).clarity_db < CLEAR_DB - 2


def test_silence_is_not_taken_for_an_answer():
    assert find_delay(SOUND, np.zeros(len(SOUND) + 100, np.float32)).clarity_db == 0.0


def test_a_recording_that_is_too_short_is_refused():
    with pytest.raises(SettingError, match="at least as long"):
        find_delay(SOUND, SOUND[1:])


def test_the_clearest_channel_and_the_middle_of_the_repeats_count():
    takes = [np.stack([came_back(0, 0.0, noise=0.01, seed=n), came_back(1_000 + n)]) for n in (2, 0, 1)]
    trip = judge(SOUND, takes, INFO)
    assert (trip.frames, trip.spread_frames) == (1_001, 2)
    assert trip.ms == pytest.approx(1_001 / 48)
    assert trip.level_db == pytest.approx(20 * np.log10(0.125), abs=0.1)


def test_nothing_that_comes_back_is_told_with_what_to_do():
    takes = [came_back(0, 0.0, noise=0.001, seed=n)[None] for n in range(3)]
    with pytest.raises(DeviceError, match=r"Card In.*cable"):
        judge(SOUND, takes, INFO)


def test_a_round_trip_that_changes_is_told():
    takes = [came_back(delay)[None] for delay in (500, 500, 756)]
    with pytest.raises(DeviceError, match="500 to 756 frames"):
        judge(SOUND, takes, INFO)
