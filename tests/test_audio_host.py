"""Promises of the audio callback: it fills its whole output whatever happens, keeps order, and counts."""

from __future__ import annotations

import sys
import tempfile
import types
from pathlib import Path

import numpy as np
import pytest
from audio_fakes import Echo
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.bridge.audio.host import MAX_WAITING, CallbackHost, Counts
from vampbridge.bridge.audio.state import SavedState, drop_state, read_state, write_state
from vampbridge.bridge.audio.timing import RING, DurationRing, Spread
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import Applied, SetSlot, Verb

RATE = 48_000


def status(**flags):
    names = ("input_underflow", "input_overflow", "output_underflow", "output_overflow")
    return types.SimpleNamespace(**{name: flags.get(name, False) for name in names})


class Quiet:
    """No flags: false, as sounddevice's."""

    def __bool__(self):
        return False


def make_host(channels_in=(1, 2), channels_out=(1, 2), max_block=512, **more):
    config = LooperConfig(n_inputs=len(channels_in), n_outputs=len(channels_out), max_block=max_block)
    return CallbackHost(
        Echo(config),
        channels_in=channels_in,
        channels_out=channels_out,
        max_block=max_block,
        sample_rate=RATE,
        **more,
    )


def run(host, indata, n_channels_out=None, flags=None):
    """One callback; the output was full of rubbish before."""
    outdata = np.full((len(indata), n_channels_out or indata.shape[1]), np.nan, np.float32)
    host(indata, outdata, len(indata), None, flags or Quiet())
    return outdata


@pytest.mark.parametrize("n", [1, 64, 65, 512, 513, 8_193])
def test_blocks_of_any_size_pass_whole(rng, n):
    sound = rng.uniform(-1, 1, (n, 2)).astype(np.float32)
    host = make_host()
    np.testing.assert_array_equal(run(host, sound), sound)
    assert host.looper.frame == n


@given(st.data())
def test_channels_go_where_the_maps_say_and_the_others_are_silent(data):
    n_in, n_out = data.draw(st.integers(1, 6)), data.draw(st.integers(2, 6))
    map_in = data.draw(st.lists(st.integers(1, n_in), min_size=2, max_size=2))
    map_out = data.draw(st.lists(st.integers(1, n_out), min_size=2, max_size=2, unique=True))
    indata = np.random.Generator(np.random.PCG64(1)).uniform(-1, 1, (64, n_in)).astype(np.float32)
    out = run(make_host(map_in, map_out), indata, n_out)
    expected = np.zeros((64, n_out), np.float32)
    for to, here in zip(map_out, map_in, strict=True):
        expected[:, to - 1] = indata[:, here - 1]
    np.testing.assert_array_equal(out, expected)


def test_an_error_in_the_looper_is_silence_and_counted(rng):
    sound = rng.uniform(-1, 1, (64, 2)).astype(np.float32)
    host = make_host()
    host.offer(Verb(2, "clear"))  # fails twice
    assert not run(host, sound).any()
    assert not run(host, sound).any()
    assert host.counts.failed_blocks == 2
    assert "a string broke" in str(host.last_error)
    np.testing.assert_array_equal(run(host, sound), sound)
    assert host.counts.failed_blocks == 2


def test_commands_act_in_order_and_once(rng):
    host = make_host()
    for number in range(5):
        assert host.offer(SetSlot(0, "wet", number / 8, number=number))
    out = run(host, np.ones((64, 2), np.float32))
    assert (out == 0.5).all()
    run(host, np.ones((64, 2), np.float32))
    assert list(host.looper.events) == [Applied(0, number) for number in range(5)]


def test_more_commands_than_can_wait_are_not_taken():
    host = make_host()
    assert all(host.offer(SetSlot(0, "wet", 1.0)) for _ in range(MAX_WAITING))
    assert not host.offer(SetSlot(0, "wet", 1.0))
    run(host, np.zeros((64, 2), np.float32))
    assert host.offer(SetSlot(0, "wet", 1.0))


def test_xruns_are_counted_for_each_side():
    host = make_host(counts=Counts(callbacks=10, xruns_in=3))
    block = np.zeros((64, 2), np.float32)
    run(host, block, flags=status(input_overflow=True))
    run(host, block, flags=status(output_underflow=True, input_underflow=True))
    run(host, block)
    counters = host.counters(is_open=True)
    assert (counters.callbacks, counters.xruns_in, counters.xruns_out) == (13, 5, 1)
    assert counters.is_open
    assert 0 < counters.callback_p50_ms <= counters.callback_p99_ms <= counters.callback_max_ms
    assert counters.period_max_ms > 0


def test_a_block_that_takes_longer_than_it_lasts_is_late():
    host = make_host()
    process = host.looper.process

    def slow(*args):
        np.linalg.svd(np.ones((300, 300)))
        process(*args)

    run(host, np.zeros((512, 2), np.float32))
    assert host.counts.late_blocks == 0
    host.looper.process = slow
    run(host, np.zeros((1, 2), np.float32))  # 21 microseconds
    assert host.counts.late_blocks == 1


@pytest.mark.parametrize("block", [1, 64, 65, 1_000])
def test_a_fade_does_not_depend_on_the_block_size(block):
    def faded(n, *, fade_in):
        host = make_host()
        host.fade(fade_in=fade_in, fade_ms=10.0)
        return np.concatenate([run(host, np.ones((min(n, 2_000 - at), 2), np.float32)) for at in range(0, 2_000, n)])

    for fade_in in (True, False):
        whole = faded(2_000, fade_in=fade_in)
        np.testing.assert_array_equal(faded(block, fade_in=fade_in), whole)
        assert np.abs(np.diff(whole[:, 0])).max() < 0.005  # no step: a click would be one of 1
        assert whole[0, 0] == (0.0 if fade_in else 1.0)
        assert (whole[480:] == (1.0 if fade_in else 0.0)).all()


def test_a_fade_out_is_complete_when_it_says_so():
    host = make_host()
    host.fade(fade_in=False, fade_ms=10.0)
    run(host, np.ones((479, 2), np.float32))
    assert not host.is_faded_out
    run(host, np.ones((1, 2), np.float32))
    assert host.is_faded_out
    assert not run(host, np.ones((64, 2), np.float32)).any()


def test_a_retired_host_plays_silence_and_leaves_the_looper_alone():
    host = make_host()
    run(host, np.ones((64, 2), np.float32))
    assert host.retire()
    assert not run(host, np.ones((64, 2), np.float32)).any()
    assert host.looper.frame == 64


def test_the_looper_that_is_written_down_plays_on_sample_for_sample(rng, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    host = CallbackHost(
        Looper(LooperConfig(n_slots=2, memory_mb=16, max_loop_s=4.0, max_block=512)),
        channels_in=(1, 2),
        channels_out=(1, 2),
        max_block=512,
        sample_rate=RATE,
    )
    for verb in ("record", "overdub", "play"):
        host.offer(Verb(0, verb))
        for _ in range(50):
            run(host, rng.uniform(-0.3, 0.3, (480, 2)).astype(np.float32))
    assert host.counts.failed_blocks == 0
    path = write_state(SavedState(host.looper, host.counts, (Verb(0, "mute"),), RATE, (2, 2)))
    assert Path(path).stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    state = read_state(path)
    drop_state(path)
    assert list(tmp_path.iterdir()) == []
    assert (state.waiting, state.counts.callbacks) == ((Verb(0, "mute"),), 150)
    other = CallbackHost(
        state.looper, channels_in=(1, 2), channels_out=(1, 2), max_block=512, sample_rate=RATE, counts=state.counts
    )
    silence = np.zeros((480, 2), np.float32)
    played = np.concatenate([run(host, silence) for _ in range(120)])
    assert np.abs(played).max() > 0.1
    np.testing.assert_array_equal(np.concatenate([run(other, silence) for _ in range(120)]), played)


def test_durations_are_told_of_the_last_ones_only():
    ring = DurationRing()
    assert ring.spread() == Spread()
    ring.add(9_000_000)
    assert ring.spread() == Spread(9.0, 9.0, 9.0)
    for duration_ms in range(100):
        ring.add(duration_ms * 1_000_000)
    assert ring.spread().max_ms == 99.0
    assert ring.spread().p50_ms == pytest.approx(49, abs=1)
    for _ in range(RING):
        ring.add(1_000_000)
    assert ring.spread() == Spread(1.0, 1.0, 1.0)
