import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine import units
from vampbridge.engine.errors import SettingError

FIXTURES = Path(__file__).parent / "fixtures" / "published"

hops = st.integers(1, 4096)
rates = st.integers(8000, 192000)


def test_seconds_become_the_published_number_of_frames():
    table = np.load(FIXTURES / "masks.npz")["s2t_table"]
    assert len(table) == 10
    for seconds, frames in table:
        assert units.frames_for_seconds(float(seconds), 44100, hop_samples=768) == frames


@given(st.integers(0, 10**9), hops)
def test_frames_cover_the_samples_and_not_one_more(n_samples, hop):
    n_frames = units.frames_for_samples(n_samples, hop)
    assert units.samples_for_frames(n_frames, hop) >= n_samples
    assert n_frames == 0 or units.samples_for_frames(n_frames - 1, hop) < n_samples


@given(st.integers(-(10**9), 10**9), rates)
def test_samples_survive_the_way_through_seconds(n_samples, rate):
    assert units.samples_for_seconds(units.seconds_for_samples(n_samples, rate), rate) == n_samples


@given(st.integers(0, 10**6), hops)
def test_a_frame_holds_its_own_samples(frame_index, hop):
    first = units.samples_for_frames(frame_index, hop)
    assert units.frame_index_at_sample(first, hop) == frame_index
    assert units.frame_index_at_sample(first + hop - 1, hop) == frame_index


def test_halves_round_upwards_on_both_sides_of_zero():
    assert units.samples_for_seconds(0.5, 1) == 1
    assert units.samples_for_seconds(-0.5, 1) == 0
    assert units.samples_for_seconds(1.5, 1) == 2


def test_an_instant_falls_into_the_frame_of_its_nearest_sample():
    assert units.frame_index_at_seconds(767.4 / 44100, 44100, hop_samples=768) == 0
    assert units.frame_index_at_seconds(767.6 / 44100, 44100, hop_samples=768) == 1
    assert units.seconds_for_frames(575, 44100, hop_samples=768) == pytest.approx(10.0136, abs=1e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: units.samples_for_seconds(1, 0), "rate must be at least 1, got 0"),
        (lambda: units.frames_for_samples(1, 0), "hop_samples must be at least 1, got 0"),
        (lambda: units.frames_for_samples(-1, 1), "n_samples must be at least 0, got -1"),
        (lambda: units.frames_for_seconds(-0.1, 44100, hop_samples=1), "seconds must be at least 0, got -0.1"),
        (lambda: units.samples_for_seconds(math.inf, 44100), "seconds must be finite, got inf"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_its_range(call, words):
    with pytest.raises(SettingError, match=words):
        call()
