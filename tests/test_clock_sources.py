"""What feeds a clock: one source at a time, opened when it counts and closed when it no longer does."""

import builtins
import threading
import time

import pytest
from vampbridge.bridge.clock.clock import Clock
from vampbridge.bridge.clock.controls import SOURCES, ClockControls
from vampbridge.bridge.clock.link import LinkPort
from vampbridge.bridge.clock.sources import ClockSources
from vampbridge.bridge.errors import DeviceError
from vampbridge.engine.errors import MissingDependencyError, SettingError


@pytest.mark.link
def test_two_on_link_share_tempo_and_beat():
    pytest.importorskip("aalink", reason="Ableton Link: pip install 'vampbridge[link]' (GPL)")
    first, second = Clock(ClockControls(tempo_bpm=111)), Clock(ClockControls(tempo_bpm=133))
    first.start(time.monotonic() - 0.7)
    beat = first.state.grid.beat_at(0.0)
    a, b = ClockSources(first), ClockSources(second)
    try:
        a.set(time.monotonic(), source="link")
        wait_until(lambda: first.state.grid is not None)
        now = time.monotonic()
        assert first.state.grid.bar_phase(now) == pytest.approx((now * 111 / 60 + beat) % 4, abs=0.1)
        b.set(time.monotonic(), source="link")
        if not wait_until(lambda: second.state.n_peers == 1, 3.0):
            pytest.skip("no multicast on this network: Link finds nobody")
        first.set(time.monotonic(), tempo_bpm=140)
        assert wait_until(lambda: abs(second.state.controls.tempo_bpm - 140) < 0.01, 2.0)
        time.sleep(0.1)
        now = time.monotonic()
        apart = first.state.grid.bar_phase(now) - second.state.grid.bar_phase(now)
        assert abs((apart + 2) % 4 - 2) * 60 / 140 < 0.01
    finally:
        a.close()
        b.close()
    assert not any(thread.name == "vampbridge-link" for thread in threading.enumerate())


def wait_until(condition, timeout_s=5.0):
    end_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.01)
    return True


def test_without_aalink_the_error_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "aalink":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingDependencyError, match=r"GPL: pip install 'vampbridge\[link\]'"):
        LinkPort(Clock())


# Sources.


class FakeSource:
    def __init__(self, log, name):
        self.log, self.name = log, name
        log.append(f"open {name}")

    def close(self):
        self.log.append(f"close {self.name}")


def fakes(log):
    return {name: lambda _clock, name=name: FakeSource(log, name) for name in SOURCES if name != "internal"}


def test_one_source_is_open_at_a_time_and_only_while_it_counts():
    log = []
    sources = ClockSources(Clock(), openers=fakes(log))
    for source in ("internal", "midi", "midi", "link", "internal"):
        sources.set(0.0, source=source)
        assert sources.clock.state.controls.source == source
    assert log == ["open midi", "open link", "close midi", "close link"]
    sources.set(0.0, source="midi")
    sources.close()
    sources.close()
    assert log[4:] == ["open midi", "close midi"]


def test_a_source_that_cannot_be_opened_changes_nothing():
    def broken(_clock):
        raise DeviceError("no MIDI input")

    clock = Clock()
    sources = ClockSources(clock, openers={"midi": broken})
    with pytest.raises(DeviceError):
        sources.set(0.0, source="midi", beats_per_bar=3)
    assert clock.state.controls == ClockControls()


def test_a_refused_dial_leaves_no_source_open():
    log = []
    sources = ClockSources(Clock(), openers=fakes(log))
    with pytest.raises(SettingError):
        sources.set(0.0, source="midi", tempo_bpm=99)
    assert log == ["open midi", "close midi"]
    with pytest.raises(SettingError):
        sources.set(0.0, source="sundial")
    assert len(log) == 2
