"""Promises about playing live, on a real audio server: what sounds is what the log says, whatever happens beside it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from audio_fakes import Heard, is_alive, wait_until
from jack_server import Patchbay, make_jack  # noqa: F401 - a fixture
from looper_helpers import at, noise, play
from serve_helpers import UdpClient
from vampbridge.bridge.audio import AudioClient, AudioOptions
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import Applied, LoadTake, Refused, SetGrid, SetLooper, SetSlot, Swapped, Verb
from vampbridge.bridge.sessions.store import read_session

pytestmark = pytest.mark.jack

RATE = 48_000
SLOTS = LooperConfig(sample_rate=RATE, n_slots=4, max_loop_s=8.0, memory_mb=64)
WAIT_S = 30.0  # never reached unless something is broken


def take(slot, seed, n_frames, *, n_channels=2):
    """A take of noise, (C, N)."""
    return LoadTake(slot, f"take-{seed}", np.ascontiguousarray(noise(n_frames, seed).T[:n_channels]))


# Sent one after the other while sound passes through. The first is the marker: until then everything is silent.
SET = (
    SetLooper("dry", 0.25),
    Verb(0, "record"),
    take(1, 1, 31_001),
    take(2, 2, 20_003, n_channels=1),
    SetGrid(0.0, 9_000.5, 3),
    SetLooper("click", 0.5),
    Verb(0, "play"),
    SetSlot(1, "wet", 0.5),
    Verb(1, "overdub"),
    SetSlot(2, "fade_ms", 37.0),
    take(0, 3, 17_000),
    Verb(2, "reverse"),
    SetSlot(1, "feedback", 0.5),
    Verb(1, "overdub"),
    SetSlot(3, "quantise", "beat"),
    Verb(3, "record"),
    Verb(0, "half_speed"),
    take(2, 4, 20_003),
    Verb(3, "multiply"),
    SetSlot(2, "mono", value=True),
    Verb(2, "replace"),
    Verb(1, "undo"),
    Verb(3, "play"),
    Verb(2, "play"),
    Verb(0, "double_speed"),
    SetLooper("dry", 0.75),
    take(1, 5, 9_999),
    SetSlot(-1, "wet", 1.25),
    Verb(1, "mute"),
    Verb(3, "insert"),
    Verb(1, "play"),
    Verb(3, "insert"),
    Verb(0, "one_shot"),
    Verb(2, "substitute"),
    Verb(2, "substitute"),
    Verb(-1, "trigger"),
    take(0, 6, 12_345),
    Verb(1, "pause"),
    Verb(3, "clear"),
)


@pytest.mark.parametrize("block_frames", [64, 256, 512])
def test_what_is_played_live_is_what_the_command_log_gives_offline(make_jack, block_frames):  # noqa: F811
    server = make_jack(block_frames)
    heard = Heard()
    client = AudioClient(AudioOptions(host_api="JACK", device_in="system"), SLOTS)
    client.on_event(heard.append)
    sent = {number: replace(command, number=number) for number, command in enumerate(SET, 1)}
    sound = noise(10 * RATE, seed=9).T  # (2, N)
    with client, contextlib.closing(Patchbay(server)) as patchbay:

        def press():
            for number, command in sent.items():
                wait_until(lambda n=number: patchbay.n_done > n * 0.2 * RATE)
                client.send(command)

        presser = threading.Thread(target=press)
        presser.start()
        with server.freewheeling():
            record = patchbay.play_and_record(np.ascontiguousarray(sound))
        presser.join()
        wait_until(lambda: {event.number for event in [*heard.of(Applied), *heard.of(Refused)]} >= set(sent))
        assert client.counters.failed_blocks == 0
    log = [at(event.frame, sent[event.number]) for event in heard.of(Applied)]
    # The marker tells which of the looper's frames the record begins with: what came in before was silence.
    first = heard.of(Applied)[0].frame - int(np.argmax(record[0] != 0))
    assert all(event.frame % block_frames == 0 for event in heard.of(Applied))
    assert {command.number for command in log if command.at_frame < first + 10 * RATE} >= set(sent) - {
        event.number for event in heard.of(Refused)
    }
    before = np.zeros((first, 2), np.float32)
    expected, events = play(Looper(SLOTS), np.concatenate([before, sound.T]), log, iter(lambda: 4_096, 0))
    np.testing.assert_array_equal(record.T, expected[first:])
    assert len([event for event in events if isinstance(event, Swapped)]) >= 5
    assert len({command.at_frame for command in log}) > 20


class Live:
    """`vampbridge live` on a JACK server, and an OSC client that is told everything."""

    def __init__(self, server, folder):
        self.session = folder / "set"
        program = [sys.executable, "-c", "from vampbridge.bridge.start import main; main()", "live"]
        self.process = subprocess.Popen(
            [
                *program,
                *("--host-api", "JACK", "--port", "0", "--reply-port", "0", "--json", "--threads", "1"),
                *("--session", str(self.session), "--allow", str(folder), "--lease-s", "0"),  # waits may be long
            ],
            stdout=subprocess.PIPE,
            env={**os.environ, "JACK_DEFAULT_SERVER": server.name, "VAMPBRIDGE_DATA": str(folder / "data")},
            text=True,
        )
        ready = json.loads(self.process.stdout.readline())
        self.client = UdpClient((ready["host"], ready["port"]))
        self.client.ask("/vamp/subscribe")
        self.told = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            for pid in [self.process.pid, *self.children()]:
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.client.socket.close()

    def wait_for(self, address, is_it=lambda _: True):
        """Arguments of the next message to an address that is the one."""
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            message = self.client.receive_any()
            self.told.append(message)
            if message[0] == address and is_it(message[1]):
                return message[1]
        raise AssertionError(self.told[-5:])

    def children(self):
        """Processes that it has started: id → what they have loaded."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = " ".join(path.read_text(encoding="ascii") for path in tasks)
        return {int(pid): Path(f"/proc/{pid}/maps").read_text(encoding="utf-8") for pid in pids.split()}

    def engine_pid(self):
        """Of the process that makes variations."""
        return next(pid for pid, loaded in self.children().items() if "onnxruntime" in loaded)

    def end(self):
        """Ctrl-C, as the performer does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WAIT_S)


def assert_is_loop(record, loop):
    """The record (2, N) is the loop (2, L), from somewhere on, round and round, to the last bit."""
    n_loop = loop.shape[1]
    repeated = np.tile(loop, 2 + record.shape[1] // n_loop)
    starts = [n for n in np.flatnonzero(loop[0] == record[0, 0]) if (repeated[:, n : n + 64] == record[:, :64]).all()]
    assert starts, "the record begins nowhere in the loop"
    np.testing.assert_array_equal(record, repeated[:, starts[0] : starts[0] + record.shape[1]])
    assert np.abs(record).max() > 0.01


def test_a_set_is_played_varied_kept_and_survives_its_engine(make_jack, tmp_path):  # noqa: F811
    server = make_jack(256)
    with Live(server, tmp_path) as live, contextlib.closing(Patchbay(server)) as patchbay:
        # Recorded in real time, varied, and heard at a seam.
        player = threading.Thread(target=patchbay.play_and_record, args=(noise(3 * RATE).T,))
        player.start()
        live.client.send("/vamp/slot/1/record")
        live.wait_for("/vamp/slot/1/state", lambda told: told[0] == "recording")
        time.sleep(1.0)
        live.client.send("/vamp/slot/1/vamp")
        first_id, _ = live.wait_for("/vamp/slot/1/heard")
        player.join()

        # The engine is killed in the middle of the next one; then the audio runs as fast as it can while another one is
        # started. Nothing is heard of it.
        killed, record = live.engine_pid(), {}
        player = threading.Thread(
            target=lambda: record.update(out=patchbay.play_and_record(np.zeros((2, 30 * RATE), np.float32)))
        )
        live.client.send("/vamp/slot/1/vamp/set/coarse_passes", 64)
        live.client.send("/vamp/slot/1/vamp")
        live.wait_for("/vamp/slot/1/progress")
        player.start()
        wait_until(lambda: patchbay.n_done > 0)
        os.kill(killed, signal.SIGKILL)
        with server.freewheeling():
            player.join()
        error = live.wait_for("/vamp/error")
        assert error[:2] == ["engine", "/vamp/slot/1/vamp"]
        assert error[2].endswith("press vamp again")
        live.client.send("/vamp/slot/1/vamp")
        second_id, _ = live.wait_for("/vamp/slot/1/heard", lambda told: told[0] != first_id)
        assert live.engine_pid() != killed
        pids = [*live.children(), live.process.pid]
        assert len(pids) >= 3
        assert live.end() == 0
    wait_until(lambda: not any(is_alive(pid) for pid in pids))
    assert not list(Path("/dev/shm").glob(f"vampb{live.process.pid}-*"))  # noqa: S108 - where shared memory lies

    kept = read_session(live.session)
    assert kept.recovery.was_closed
    assert [layer.kind for layer in kept.contents.layers] == ["recording"]
    assert {first_id, second_id} <= {one.take_id for one in kept.contents.takes}
    commands = kept.replay(kept.contents.last_run)
    assert [command.verb for command in commands if isinstance(command, Verb)] == ["record", *["vamp"] * 3]
    assert [command.take_id for command in commands if isinstance(command, LoadTake)] == [first_id, second_id]
    assert_is_loop(record["out"], kept.read_take(first_id))
