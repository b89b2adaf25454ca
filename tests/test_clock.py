"""The clock as a whole: whose beat counts, what the looper is told, and that it is told no more than that."""

import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
from vampbridge.bridge.clock.clock import Clock, LinkState
from vampbridge.bridge.clock.controls import CLOCK_RANGES, ClockControls
from vampbridge.bridge.clock.grid import NO_GRID, Anchor
from vampbridge.bridge.clock.midi_clock import CLOCK, START, STOP
from vampbridge.bridge.looper.beats import Beats
from vampbridge.engine.errors import SettingError

RATE = 48_000


def at(time_s, rate=RATE):
    """The looper's frames began at 0 s, on a sound card that is exact unless said otherwise."""
    return Anchor(round(time_s * rate), time_s, RATE)


def beats_of(command):
    return Beats(command.origin_frame, command.frames_per_beat, command.beats_per_bar)


def next_bar_s(command, time_s):
    return beats_of(command).next_frame(round(time_s * RATE), "bar") / RATE


def test_every_control_has_a_range_and_a_default_inside_it():
    for name, limits in CLOCK_RANGES.items():
        assert limits.help.endswith("."), name
        assert limits.check(name, getattr(ClockControls(), name)) == getattr(ClockControls(), name)
    with pytest.raises(SettingError, match=r"no control 'tempo'.*tempo_bpm"):
        ClockControls().changed(tempo=3)
    with pytest.raises(SettingError, match="tempo_bpm must be a number from 20 to 300 bpm, got 19"):
        Clock().set(0.0, tempo_bpm=19)


def test_a_clock_stands_still_until_somebody_gives_it_a_beat():
    clock = Clock()
    assert clock.command(at(1)) is None
    assert not clock.state.is_running
    clock.start(2.0)
    command = clock.command(at(2.5))
    assert (command.frames_per_beat, command.beats_per_bar) == (24_000, 4)
    assert next_bar_s(command, 2.5) == pytest.approx(4.0)
    assert clock.state.is_running
    clock.stop()
    assert clock.command(at(3)) == NO_GRID
    assert clock.command(at(4)) is None


def test_the_looper_is_told_once():
    clock = Clock()
    clock.start(0.0)
    told = [clock.command(at(0.02 * n)) for n in range(500)]
    assert sum(command is not None for command in told) == 1


def test_a_set_tempo_starts_the_clock_and_later_ones_keep_the_beat():
    clock = Clock()
    clock.set(1.0, tempo_bpm=100)
    command = clock.command(at(1.5))
    assert next_bar_s(command, 1.5) == pytest.approx(1.0 + 2.4)
    clock.set(1.9, tempo_bpm=200)  # one and a half beats into the bar
    command = clock.command(at(1.9))
    assert next_bar_s(command, 1.9) == pytest.approx(1.9 + 2.5 * 0.3, abs=1e-4)


def test_other_bars_begin_where_the_current_one_did():
    clock = Clock()
    clock.start(0.0)
    clock.set(2.7, beats_per_bar=3)
    assert next_bar_s(clock.command(at(2.7)), 2.7) == pytest.approx(2.0 + 1.5)


def test_a_nudge_moves_the_beat_and_is_limited():
    clock = Clock()
    clock.start(0.0)
    before = clock.command(at(0.1))
    clock.nudge(1.0)
    after = clock.command(at(0.1))
    assert after.origin_frame - before.origin_frame == pytest.approx(48)
    clock.nudge(-1.0)
    assert clock.command(at(0.1)).origin_frame == pytest.approx(before.origin_frame)
    with pytest.raises(SettingError, match="nudge_ms must be a number from -500 to 500 ms, got 501"):
        clock.nudge(501)


def test_four_taps_count_a_bar_in():
    clock = Clock()
    assert clock.tap(10.0) is None
    assert clock.tap(10.6) == pytest.approx(100)
    assert clock.tap(11.2) == pytest.approx(100)
    assert clock.tap(11.8) == pytest.approx(100)
    assert next_bar_s(clock.command(at(11.9)), 11.9) == pytest.approx(12.4, abs=1e-4)
    assert clock.state.controls.tempo_bpm == pytest.approx(100)


def test_taps_beside_a_running_clock_keep_its_bars():
    clock = Clock()
    clock.start(0.0)
    for time_s in (4.51, 5.01, 5.51):  # the second, third and fourth beat, 10 ms late
        clock.tap(time_s)
    assert next_bar_s(clock.command(at(5.6)), 5.6) == pytest.approx(6.01, abs=1e-4)


def test_a_first_loop_gives_the_tempo_and_begins_a_bar():
    clock = Clock()
    assert clock.adopt_loop(0.1, 3.0) is None
    assert clock.command(at(3)) is None
    loop = clock.adopt_loop(3.0, 7.0)
    assert (loop.n_beats, loop.tempo_bpm) == (8, 160) or loop.n_beats == 4
    command = clock.command(at(8.0))
    assert command.frames_per_beat * loop.n_beats == pytest.approx(3.0 * RATE)
    assert (command.origin_frame - 7 * RATE) % (command.frames_per_beat * 4) == pytest.approx(0, abs=1e-3)


def test_the_internal_clock_stays_on_the_sound_cards_frames_however_they_drift():
    clock = Clock()
    clock.start(0.0)
    rate = RATE * 1.0001  # 100 ppm fast: 0.36 s in an hour
    first = clock.command(at(0.0, rate))
    for n in range(1, 3600):
        assert clock.command(at(n, rate)) is None
    clock.set(3600.0, beats_per_bar=3)
    command = clock.command(at(3600.0, rate))
    away = (command.origin_frame - first.origin_frame) / first.frames_per_beat
    assert away == pytest.approx(round(away), abs=1e-3)
    # A tempo that was set is that tempo, not what the sound card makes of it.
    assert clock.state.grid.tempo_bpm == 120


def test_a_looper_that_counts_anew_is_told_again():
    clock = Clock()
    clock.start(0.0)
    clock.command(at(5.0))
    clock.forget_frames()
    command = clock.command(Anchor(0, 5.5, RATE))
    assert (command.origin_frame - 0.5 * RATE) % (2 * RATE) == pytest.approx(0, abs=1e-3)


# MIDI clock.


def feed_ticks(clock, tempo, n_beats, start, jitter_s=0.003, told=None):
    """Feed ticks; what the looper was told meanwhile."""
    rng = np.random.default_rng(0)
    told = [] if told is None else told
    times = start + np.arange(n_beats * 24) * 60 / tempo / 24
    for time_s in np.maximum.accumulate(times + rng.uniform(-jitter_s, jitter_s, len(times))):
        clock.feed_midi(CLOCK, float(time_s))
        told.append(clock.command(at(float(time_s))))
    return [command for command in told if command is not None]


def test_the_looper_follows_midi_clock_and_hears_little_of_its_unevenness():
    clock = Clock(ClockControls(source="midi"))
    clock.feed_midi(START, 9.999)
    told = feed_ticks(clock, 97, 60, 10.0)
    assert 1 <= len(told) <= 12
    assert told[-1].frames_per_beat == pytest.approx(60 / 97 * RATE, rel=1e-3)
    assert (10.0 * RATE - told[-1].origin_frame + 10_000) % (240 / 97 * RATE) == pytest.approx(10_000, abs=300)
    assert clock.state.controls.tempo_bpm == pytest.approx(97, abs=0.1)
    assert clock.state.is_running
    clock.feed_midi(STOP, 60.0)
    assert not clock.state.is_running


def test_settled_midi_clock_tells_the_looper_nothing_new():
    clock = Clock(ClockControls(source="midi"))
    clock.feed_midi(START, 0.0)
    feed_ticks(clock, 120, 16, 0.0)
    assert feed_ticks(clock, 120, 100, 8.0) == []


def test_a_beat_goes_on_when_midi_clock_falls_silent():
    clock = Clock(ClockControls(source="midi"))
    feed_ticks(clock, 120, 16, 0.0)
    assert clock.command(at(30.0)) is None
    assert clock.state.grid.tempo_bpm == pytest.approx(120, abs=0.1)


@pytest.mark.parametrize("act", ["start", "stop", "tap", "set"])
def test_what_midi_clock_alone_decides_is_refused(act):
    clock = Clock(ClockControls(source="midi"))
    calls = {
        "start": lambda: clock.start(0.0),
        "stop": clock.stop,
        "tap": lambda: clock.tap(0.0),
        "set": lambda: clock.set(0.0, tempo_bpm=99),
    }
    with pytest.raises(SettingError, match="source"):
        calls[act]()
    assert clock.adopt_loop(2.0, 0.0) is None
    assert clock.state.grid is None


def test_another_source_goes_on_with_the_beat_there_is():
    clock = Clock()
    clock.set(0.0, tempo_bpm=100)
    clock.command(at(1.0))
    for source in ("midi", "link", "internal"):
        clock.set(2.0, source=source)
        command = clock.command(at(2.0))
        assert command.frames_per_beat == pytest.approx(0.6 * RATE)
        assert next_bar_s(command, 2.0) == pytest.approx(2.4, abs=1e-3)


def test_an_outer_beat_can_be_nudged_too():
    clock = Clock(ClockControls(source="link"))
    clock.feed_link(LinkState(0.0, 0.0, 120.0, 1))
    before = clock.command(at(0.1))
    clock.nudge(20)
    clock.feed_link(LinkState(0.1, 0.2, 120.0, 1))
    assert clock.command(at(0.1)).origin_frame - before.origin_frame == pytest.approx(960, abs=1)


# Link.


def test_the_looper_follows_link():
    clock = Clock(ClockControls(source="link"))
    clock.feed_link(LinkState(5.0, 9.0, 120.0, 2))
    command = clock.command(at(5.0))
    assert next_bar_s(command, 5.0) == pytest.approx(6.5)
    for n in range(100):
        clock.feed_link(LinkState(5 + n * 0.02, 9 + n * 0.04 + 0.0002 * (n % 3), 120.0, 2))
        assert clock.command(at(5 + n * 0.02)) is None
    clock.feed_link(LinkState(7.0, 13.0, 128.0, 2))
    assert clock.command(at(7.0)).frames_per_beat == pytest.approx(60 / 128 * RATE)
    assert clock.state.n_peers == 2


def test_a_tempo_set_here_is_asked_of_link_once():
    clock = Clock(ClockControls(source="link"))
    session = LinkState(0.0, 0.0, 120.0, 1)
    assert clock.feed_link(session).tempo_bpm is None
    clock.set(0.1, tempo_bpm=99)
    wish = clock.feed_link(session)
    assert (wish.tempo_bpm, wish.beats_per_bar) == (99, 4)
    assert clock.feed_link(replace(session, tempo_bpm=99.0)).tempo_bpm is None
    assert clock.state.grid.tempo_bpm == 99
    clock.tap(1.0)
    clock.tap(1.5)
    assert clock.feed_link(session).tempo_bpm == pytest.approx(120)


def test_many_threads_leave_it_whole():
    clock = Clock()
    failures = []

    def work(seed):
        rng = np.random.default_rng(seed)
        try:
            for n in itertools.islice(itertools.count(), 150):
                clock.set(n * 0.01, tempo_bpm=float(rng.uniform(60, 180)), beats_per_bar=int(rng.integers(1, 8)))
                clock.tap(n * 0.01)
                clock.command(at(n * 0.01))
                assert clock.state.grid is not None
        except Exception as error:  # noqa: BLE001 - a thread must tell
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
