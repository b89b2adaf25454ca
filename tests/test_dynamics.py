"""Peaks are bent below full scale, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from vampbridge.engine.dynamics import CEILING, KNEE, ceiling_for, soft_clip
from vampbridge.engine.errors import SettingError
from vampbridge.engine.loudness import integrated_lufs

samples = hnp.arrays(np.float32, st.integers(1, 64), elements=st.floats(-1e6, 1e6, width=32))
knees = st.floats(0.01, 0.99)


@given(audio=samples, knee=knees)
def test_nothing_is_above_full_scale(audio, knee):
    clipped = soft_clip(audio, knee=knee)
    assert clipped.dtype == np.float32
    assert clipped.shape == audio.shape
    assert np.abs(clipped).max() <= 1.0


@given(audio=samples, ceiling=st.floats(0.91, 1.0))
def test_nothing_is_above_the_ceiling(audio, ceiling):
    assert np.abs(soft_clip(audio, ceiling=ceiling)).max() <= np.float32(ceiling)


@pytest.mark.parametrize(
    ("peak", "ceiling"), [(0.0, CEILING), (0.5, CEILING), (0.995, 0.995), (1.0, 1.0), (1.01, np.inf)]
)
def test_the_ceiling_is_a_tenth_of_a_decibel_down_or_the_loops_own_peak(peak, ceiling):
    assert ceiling_for(np.array([[0.0, -peak]])) == ceiling
    assert 20 * np.log10(CEILING) == pytest.approx(-0.1, abs=0.001)


@given(audio=samples, knee=knees)
def test_what_is_below_the_knee_stays_as_it_is(audio, knee):
    low = np.abs(audio) <= knee
    np.testing.assert_array_equal(soft_clip(audio, knee=knee)[low], audio[low])


@given(audio=samples, knee=knees)
def test_louder_in_is_never_softer_out(audio, knee):
    rising = np.sort(audio)
    # One float32 step at 1 is lost to rounding where the curve is flat.
    assert (np.diff(soft_clip(rising, knee=knee)) >= -1.2e-7).all()


@given(audio=samples)
def test_both_signs_are_treated_alike(audio):
    np.testing.assert_array_equal(soft_clip(-audio), -soft_clip(audio))


def test_there_is_no_corner_at_the_knee():
    x = np.linspace(KNEE - 0.01, KNEE + 0.01, 201, dtype=np.float32)
    slope = np.diff(soft_clip(x).astype(np.float64)) / np.diff(x.astype(np.float64))
    # tanh is 1 - u² at the knee: 0.01 beyond a knee 0.1 below full scale that is 0.99; float32 adds 0.002.
    assert slope.min() > 0.985
    assert slope.max() < 1.005


def test_peaks_above_full_scale_are_bent_not_cut():
    peaks = soft_clip(np.array([0.95, 1.0, 1.1, 1.3], dtype=np.float32))
    assert (np.diff(peaks) > 0).all()
    assert peaks[-1] < 1.0


def test_the_loudness_of_a_loop_with_a_few_hot_peaks_stays_within_half_a_unit():
    rng = np.random.default_rng(0)
    loop = (rng.standard_normal((1, 96000)) * 0.35).astype(np.float32)
    assert np.abs(loop).max() > 1.2
    clipped = soft_clip(loop)
    assert np.abs(clipped - loop).max() > 0.2
    assert integrated_lufs(clipped, 48000) == pytest.approx(integrated_lufs(loop, 48000), abs=0.5)


@pytest.mark.parametrize("knee", [0.0, 1.0, -0.5, 2.0, float("nan")])
def test_a_knee_out_of_range_is_refused(knee):
    with pytest.raises(SettingError, match=r"knee must be in \(0, 1\)"):
        soft_clip(np.zeros(4, dtype=np.float32), knee=knee)


@pytest.mark.parametrize("ceiling", [0.0, KNEE, 1.01, float("nan")])
def test_a_ceiling_out_of_range_is_refused(ceiling):
    with pytest.raises(SettingError, match=r"ceiling must be in \(0\.9, 1\]"):
        soft_clip(np.zeros(4, dtype=np.float32), ceiling=ceiling)
