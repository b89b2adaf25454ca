"""Beats are where they should be, in seconds and in frames, after hours too; loops, bars and tempo agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.bridge.clock.grid import AUDIBLE_S, Anchor, Grid, from_frames, is_elsewhere, on_grid
from vampbridge.bridge.clock.loop_length import (
    LIKELY_BPM,
    beats_of_loop,
    length_of_beats,
    tempo_for_loop,
    tempo_of_beats,
)
from vampbridge.bridge.clock.tap import MOST_TAPS, TapTempo
from vampbridge.bridge.looper.beats import Beats
from vampbridge.engine.errors import SettingError
from vampbridge.engine.settings import VampSettings

RATE = 48_000
tempos = st.floats(20, 300)
times = st.floats(0, 1e5)


@given(tempo=tempos, per_bar=st.integers(1, 16), origin=times, time=times)
def test_the_next_beat_and_bar_are_the_first_ones_that_are_not_over(tempo, per_bar, origin, time):
    grid = Grid(tempo, per_bar, origin)
    beat, bar = grid.next_beat(time), grid.next_bar(time)
    assert -1e-6 <= beat - time <= grid.beat_s + 1e-6
    assert -1e-6 <= bar - time <= grid.bar_s + 1e-6
    assert 0 <= grid.phase(time) < 1
    assert 0 <= grid.bar_phase(time) < per_bar
    assert grid.beat_at(bar) / per_bar == pytest.approx(round(grid.beat_at(bar) / per_bar), abs=1e-6)


def test_a_beat_that_falls_now_is_the_next_one():
    grid = Grid(120, 4, 3.0)
    assert grid.next_beat(3.5) == 3.5
    assert grid.next_bar(3.0) == 3.0
    assert grid.next_bar(3.001) == 5.0


@given(tempo=tempos, other=tempos, per_bar=st.integers(1, 16), origin=times, time=times)
def test_another_tempo_does_not_make_the_beat_jump(tempo, other, per_bar, origin, time):
    grid = Grid(tempo, per_bar, origin)
    changed = grid.with_tempo(other, at_s=time)
    assert changed.beat_at(time) == pytest.approx(grid.beat_at(time), abs=1e-5)
    assert changed.tempo_bpm == other


@given(tempo=tempos, per_bar=st.integers(1, 16), origin=times, time=times, frame=st.integers(0, 2**40))
def test_the_looper_gets_the_same_beats_and_gives_them_back(tempo, per_bar, origin, time, frame):
    grid, anchor = Grid(tempo, per_bar, origin), Anchor(frame, time, RATE)
    command = grid.to_frames(anchor)
    assert command.frames_per_beat == pytest.approx(60 / tempo * RATE)
    assert abs(command.origin_frame - frame) <= grid.bar_s * RATE / 2 + 1
    back = from_frames(command, anchor)
    away = (back.origin_s - grid.origin_s) / grid.bar_s
    assert away == pytest.approx(round(away), abs=1e-4)
    assert not is_elsewhere(back.to_frames(anchor), command, anchor)


def test_the_grid_does_not_drift_in_three_hours():
    grid, anchor = Grid(123.4, 4, 17.0), Anchor(100_000, 20.0, RATE)
    command = grid.to_frames(anchor)
    beats = Beats(command.origin_frame, command.frames_per_beat, command.beats_per_bar)
    later_s = 3 * 3600.0
    frame = beats.next_frame(round(100_000 + (later_s - 20) * RATE), "bar")
    assert 20.0 + (frame - 100_000) / RATE == pytest.approx(grid.next_bar(later_s), abs=1 / RATE)


@pytest.mark.parametrize(
    ("change", "is_heard"),
    [
        ({"origin_s": AUDIBLE_S * 0.9}, False),
        ({"origin_s": AUDIBLE_S * 1.1}, True),
        ({"origin_s": 2.0}, False),  # a whole bar
        ({"origin_s": 0.5}, True),  # a beat: the bars are elsewhere
        ({"tempo_bpm": 120.03}, False),
        ({"tempo_bpm": 120.2}, True),
        ({"beats_per_bar": 3}, True),
    ],
)
def test_only_what_can_be_heard_is_another_grid(change, is_heard):
    anchor = Anchor(0, 0.0, RATE)
    told = Grid(120, 4, 0.0).to_frames(anchor)
    new = Grid(**{"tempo_bpm": 120, "beats_per_bar": 4, "origin_s": 0.0, **change}).to_frames(anchor)
    assert is_elsewhere(new, told, anchor) == is_heard


def test_a_vamp_gets_the_clocks_beat_unless_it_has_its_own_or_wants_none():
    grid = Grid(90, 3, 10.0)
    beaten = VampSettings(beat_after_ms=50)
    settings = on_grid(beaten, grid, 10.5)
    assert (settings.tempo_bpm, settings.beats_per_bar) == (90, 3)
    assert settings.beat_offset_ms == pytest.approx(1500)
    assert on_grid(beaten.changed(tempo_bpm=70), grid, 10.5).tempo_bpm == 70
    assert on_grid(VampSettings(), grid, 10.5) == VampSettings()


# Loops, bars and tempo.


@given(length=st.floats(0.4, 600), per_bar=st.integers(1, 16))
def test_a_first_loop_is_a_likely_number_of_bars_at_a_likely_tempo(length, per_bar):
    loop = tempo_for_loop(length, per_bar)
    if loop is None:
        assert per_bar > 2  # a bar of many beats may not be halved into a whole number of them
        return
    assert LIKELY_BPM[0] <= loop.tempo_bpm <= LIKELY_BPM[1]
    assert length_of_beats(loop.n_beats, loop.tempo_bpm) == pytest.approx(length)
    assert loop.n_bars >= 1 or loop.n_beats in {1} | {per_bar >> k for k in range(1, 4)}
    assert loop.n_bars < 1 or np.log2(loop.n_bars) % 1 == 0


@pytest.mark.parametrize(
    ("length", "per_bar", "n_beats", "tempo"),
    [(2, 4, 4, 120), (4, 4, 8, 120), (3.2, 4, 8, 150), (1.5, 3, 3, 120), (0.5, 4, 1, 120), (32, 4, 64, 120)],
)
def test_the_tempo_nearest_to_the_preferred_one_is_taken(length, per_bar, n_beats, tempo):
    loop = tempo_for_loop(length, per_bar)
    assert (loop.n_beats, round(loop.tempo_bpm, 6)) == (n_beats, tempo)


def test_a_loop_too_short_to_be_a_beat_sets_no_tempo():
    assert tempo_for_loop(0.2) is None


def test_how_far_a_loop_is_from_whole_beats_is_told():
    loop = beats_of_loop(4.05, 120)
    assert (loop.n_beats, loop.n_bars) == (8, 2)
    assert loop.off_s == pytest.approx(0.05)
    assert loop.tempo_bpm == pytest.approx(8 * 60 / 4.05)
    assert beats_of_loop(0.01, 120).n_beats == 1


def test_a_number_of_beats_gives_the_exact_tempo_or_says_which_numbers_can():
    assert tempo_of_beats(4.0, 8) == 120
    with pytest.raises(SettingError, match="can be 2 to 20 beats at 20 to 300 bpm, got 1"):
        tempo_of_beats(4.0, 1)
    with pytest.raises(SettingError, match="no beats at all"):
        tempo_of_beats(0.1, 1)
    with pytest.raises(SettingError, match="n_beats must be at least 1, got 0"):
        tempo_of_beats(4.0, 0)
    with pytest.raises(SettingError, match="length_s must be above 0, got 0"):
        tempo_for_loop(0)


# Tapping.


def tap_all(taps, tempo=None):
    tempo = tempo or TapTempo()
    found = [tempo.tap(t) for t in taps]
    return found[-1]


@given(tempo=st.floats(30.5, 290), n_taps=st.integers(2, 20), start=times)
def test_even_taps_give_their_tempo_and_the_last_is_a_beat(tempo, n_taps, start):
    taps = start + np.arange(n_taps) * 60 / tempo
    found = tap_all(taps.tolist())
    assert found.tempo_bpm == pytest.approx(tempo, rel=1e-4)
    assert found.beat_s == taps[-1]


def test_a_first_tap_says_nothing_yet():
    assert TapTempo().tap(5.0) is None


@pytest.mark.parametrize("seed", range(5))
def test_uneven_taps_give_the_tempo_to_one_in_a_hundred(seed):
    rng = np.random.default_rng(seed)
    taps = np.arange(MOST_TAPS) * 0.5 + rng.normal(0, 0.012, MOST_TAPS)  # a good drummer's 12 ms
    assert tap_all(taps.tolist()).tempo_bpm == pytest.approx(120, rel=0.01)


def test_a_stray_a_missing_and_a_bouncing_tap_change_little():
    taps = [n * 0.5 for n in range(8)]
    assert tap_all([*taps[:5], 2.2, *taps[5:]]).tempo_bpm == pytest.approx(120, rel=0.02)
    assert tap_all([t for t in taps if t != 2.0]).tempo_bpm == pytest.approx(120, rel=1e-6)
    assert tap_all([u for t in taps for u in (t, t + 0.02)]).tempo_bpm == pytest.approx(120, rel=1e-6)


def test_a_pause_starts_anew():
    taps = TapTempo()
    tap_all([0, 0.5, 1.0], taps)
    assert taps.tap(3.1) is None
    assert taps.tap(3.9).tempo_bpm == pytest.approx(75)


def test_two_taps_at_another_tempo_are_enough():
    slower = [n * 0.5 for n in range(6)] + [2.5 + 0.8, 2.5 + 1.6]
    assert tap_all(slower).tempo_bpm == pytest.approx(75, rel=1e-6)


def test_the_tempo_stays_in_its_range():
    assert tap_all([0, 0.15, 0.3]).tempo_bpm == 300
    assert tap_all([0, 2.0]).tempo_bpm == pytest.approx(30)
