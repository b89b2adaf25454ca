"""MIDI clock: uneven ticks, lost ticks, changes of tempo, and the ports they come from."""

import builtins
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from jack_server import make_jack  # noqa: F401 - a fixture
from vampbridge.bridge.clock.midi_clock import CLOCK, CONTINUE, SONG_POSITION, START, STOP, TICKS_PER_BEAT, MidiClock
from vampbridge.bridge.clock.midi_port import MidiPort, list_ports
from vampbridge.bridge.errors import DeviceError
from vampbridge.engine.errors import MissingDependencyError

JITTER_S = 0.003


def ticks(tempo, n_beats, *, start=0.0):
    """When the ticks of so many beats are sent."""
    return start + np.arange(round(n_beats * TICKS_PER_BEAT)) * 60 / tempo / TICKS_PER_BEAT


def uneven(times, seed=0, jitter_s=JITTER_S):
    """The same as they arrive: up to so much early or late, in order."""
    rng = np.random.default_rng(seed)
    return np.maximum.accumulate(times + rng.uniform(-jitter_s, jitter_s, len(times)))


def heard(times, clock=None):
    clock = clock or MidiClock()
    for time_s in times:
        clock.feed(CLOCK, time_s)
    return clock


@pytest.mark.parametrize("tempo", [40, 90.5, 120, 174, 240])
@pytest.mark.parametrize("seed", range(3))
def test_the_tempo_of_uneven_ticks_is_steady_to_a_tenth(tempo, seed):
    clock = MidiClock()
    clock.feed(START, 100.0)
    tempos, phases = [], []
    for index, time_s in enumerate(uneven(ticks(tempo, 40, start=100.0), seed)):
        clock.feed(CLOCK, time_s)
        if index >= 10 * TICKS_PER_BEAT:
            grid = clock.grid(4)
            tempos.append(grid.tempo_bpm)
            phases.append((time_s - grid.origin_s) / grid.beat_s - index / TICKS_PER_BEAT)
    # ±3 ms are σ = 1.7 ms; over 192 ticks that is 0.011 % of the period at 120 bpm, and at 240 twice as much.
    assert np.abs(np.array(tempos) - tempo).max() < 0.1
    assert np.abs(phases).max() * 60 / tempo < JITTER_S + 0.001


@pytest.mark.parametrize(
    ("old", "new"), [(120, 140), (120, 124), (120, 90), (120, 80), (120, 60), (100, 200), (90, 30)]
)
@pytest.mark.parametrize("seed", range(3))
def test_a_change_of_tempo_is_followed_within_two_beats(old, new, seed):
    before = ticks(old, 16)
    after = ticks(new, 8, start=before[-1] + 60 / new / TICKS_PER_BEAT)
    arrivals = uneven(np.concatenate([before, after]), seed)
    clock = heard(arrivals[: len(before) + 2 * TICKS_PER_BEAT])
    assert clock.tempo_bpm == pytest.approx(new, rel=0.01)
    heard(arrivals[len(before) + 2 * TICKS_PER_BEAT :], clock)
    assert clock.tempo_bpm == pytest.approx(new, rel=0.002)


@pytest.mark.parametrize("new", [124, 140, 100, 90, 200])
def test_beats_are_counted_on_through_a_change_of_tempo(new):
    before = ticks(120, 16)
    after = ticks(new, 8, start=before[-1] + 60 / new / TICKS_PER_BEAT)
    clock = MidiClock()
    clock.feed(START, 0.0)
    arrivals = uneven(np.concatenate([before, after]))
    heard(arrivals, clock)
    assert clock.grid(4).beat_at(after[-1]) == pytest.approx(24 - 1 / TICKS_PER_BEAT, abs=0.02)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.2])
def test_lost_ticks_are_neither_heard_nor_lost_count_of(share):
    rng = np.random.default_rng(1)
    times = ticks(120, 40)
    arrivals = uneven(times)
    keep = rng.random(len(times)) >= share
    keep[:24] = keep[-1] = True
    clock = MidiClock()
    clock.feed(START, 0.0)
    heard(arrivals[keep], clock)
    grid = clock.grid(4)
    assert grid.tempo_bpm == pytest.approx(120, abs=0.1)
    assert grid.beat_at(times[-1]) == pytest.approx(40 - 1 / TICKS_PER_BEAT, abs=0.01)


def test_half_a_beat_that_is_lost_at_once_is_counted():
    times = uneven(ticks(120, 24))
    clock = MidiClock()
    clock.feed(START, 0.0)
    heard(np.delete(times, np.arange(300, 312)), clock)
    assert clock.grid(4).beat_at(times[-1]) == pytest.approx(24 - 1 / TICKS_PER_BEAT, abs=0.02)


def test_ticks_held_up_and_delivered_at_once_are_all_counted():
    times = ticks(120, 30)
    for at, n_held in ((300, 2), (400, 4), (520, 7)):
        times[at : at + n_held] = times[at + n_held]
    clock = MidiClock()
    clock.feed(START, 0.0)
    heard(times, clock)
    assert clock.grid(4).beat_at(times[-1]) == pytest.approx(30 - 1 / TICKS_PER_BEAT, abs=0.02)
    assert clock.tempo_bpm == pytest.approx(120, abs=0.1)


def test_one_tick_that_comes_much_too_late_changes_nothing():
    times = ticks(120, 20)
    times[400] += 0.018
    assert heard(times).tempo_bpm == pytest.approx(120, abs=0.05)


def test_the_first_tick_after_a_start_is_a_downbeat():
    clock = heard(ticks(120, 4.5))
    clock.feed(START, 2.251)
    heard(ticks(120, 4, start=2.25 + 0.02), clock)
    grid = clock.grid(4)
    assert grid.bar_phase(2.27) == pytest.approx(0, abs=0.01) or grid.bar_phase(2.27) == pytest.approx(4, abs=0.01)
    assert clock.is_running


def test_a_song_goes_on_where_it_stopped_or_where_it_is_sent():
    clock = MidiClock()
    clock.feed(START, 0.0)
    heard(ticks(120, 6), clock)
    clock.feed(STOP, 3.0)
    assert not clock.is_running
    assert clock.song_beat() == 6
    heard(ticks(120, 5, start=3.0), clock)  # many a sequencer ticks on
    assert clock.song_beat() == 6
    clock.feed(CONTINUE, 5.5)
    heard(ticks(120, 2, start=5.5), clock)
    assert clock.grid(4).beat_at(5.5) == pytest.approx(6, abs=0.01)
    clock.feed(STOP, 6.5)
    clock.feed(SONG_POSITION, 6.5, 32)  # sixteenths: beat 8
    clock.feed(CONTINUE, 6.5)
    heard(ticks(120, 2, start=6.5), clock)
    assert clock.grid(4).beat_at(6.5) == pytest.approx(8, abs=0.01)


def test_there_is_no_tempo_before_half_a_beat_and_none_out_of_range():
    assert heard(ticks(120, 0.4)).grid(4) is None
    assert heard(ticks(400, 8)).tempo_bpm is None


def test_a_clock_that_was_away_begins_anew():
    clock = heard(ticks(120, 8))
    assert clock.is_alive(4.5)
    assert not clock.is_alive(6.0)
    heard(ticks(90, 8, start=60.0), clock)
    assert clock.tempo_bpm == pytest.approx(90, rel=1e-6)


def test_other_messages_change_nothing():
    clock = heard(ticks(120, 4))
    clock.feed(0x90, 2.0, 60)
    assert clock.tempo_bpm == pytest.approx(120)


# Ports.


class FakeBackend:
    """Ports of a system without any."""

    def __init__(self, *names):
        self.names, self.closed = names, False

    def get_input_names(self):
        return self.names

    def open_input(self, name, *, callback):
        if name == "broken":
            raise OSError("in use")
        self.opened, self.send = name, callback
        return self

    def close(self):
        self.closed = True


def test_a_port_feeds_the_clocks_messages_and_nothing_else():
    fed, backend = [], FakeBackend("Drum machine 20:0")
    port = MidiPort("drum", lambda *message: fed.append(message), backend)
    assert port.name == backend.opened == "Drum machine 20:0"
    start_s = time.monotonic()
    for message in ({"type": "start"}, {"type": "clock"}, {"type": "songpos", "pos": 8}, {"type": "note_on"}):
        backend.send(SimpleNamespace(**message))
    assert [(status, data) for status, _, data in fed] == [(START, 0), (CLOCK, 0), (SONG_POSITION, 8)]
    assert all(start_s <= time_s <= time.monotonic() for _, time_s, _ in fed)
    port.close()
    assert backend.closed


@pytest.mark.parametrize(
    ("names", "wanted", "says"),
    [
        ((), "", "there is none; plug one in"),
        ((), "drum", "no MIDI input has 'drum' in its name; there is none"),
        (("A", "B"), "drum", "no MIDI input has 'drum' in its name; there are: A, B"),
        (("Drum A", "Drum B"), "drum", "2 MIDI inputs have 'drum' in their names, name one: Drum A, Drum B"),
        (("A", "B"), "", "2 MIDI inputs are there, name one: A, B"),
        (("broken",), "", "'broken' cannot be opened: in use"),
    ],
)
def test_a_port_that_is_not_there_is_an_error_that_names_those_that_are(names, wanted, says):
    with pytest.raises(DeviceError, match=says):
        MidiPort(wanted, lambda *_: None, FakeBackend(*names))


def test_the_whole_name_is_enough_where_it_is_part_of_another():
    assert MidiPort("Drum", lambda *_: None, FakeBackend("Drum", "Drum 2")).name == "Drum"


def test_without_mido_the_error_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] in ("mido", "rtmidi"):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    for name in [name for name in sys.modules if name.split(".")[0] in ("mido", "rtmidi")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingDependencyError, match=r"pip install 'vampbridge\[midi\]'"):
        list_ports()


@pytest.mark.jack
def test_a_real_port_is_found_by_part_of_its_name_and_heard(make_jack):  # noqa: F811 - the fixture
    mido = pytest.importorskip("mido", reason="pip install 'vampbridge[midi]'")
    pytest.importorskip("rtmidi", reason="pip install 'vampbridge[midi]'")
    make_jack(256)
    backend = mido.Backend("mido.backends.rtmidi", api="UNIX_JACK")
    out = backend.open_output("metronome", virtual=True)
    clock, fed = MidiClock(), []

    def feed(status, time_s, data):
        fed.append(status)
        clock.feed(status, time_s, data)

    port = MidiPort("METRONOME", feed, backend)
    try:
        assert any("metronome" in name for name in list_ports(backend))
        out.send(mido.Message("start"))
        start_s = time.monotonic()
        for index in range(40):
            time.sleep(max(0.0, start_s + index * 0.02 - time.monotonic()))
            out.send(mido.Message("clock"))
        end_s = time.monotonic() + 5
        while len(fed) < 41 and time.monotonic() < end_s:
            time.sleep(0.01)
        # Nothing of time: a busy machine sleeps unevenly.
        assert fed == [START] + [CLOCK] * 40
        assert clock.is_running
    finally:
        port.close()
        out.close()
