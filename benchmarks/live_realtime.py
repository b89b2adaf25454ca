"""Playing live in real time: does varying cost dropouts, and how soon does a verb act?

    python benchmarks/live_realtime.py [--minutes 2] [--repeat 3] [--verbs 400] [--block 256] [--threads 0]

A JACK server without hardware runs at 48 kHz. Two measures, each with a line of JSON of its own:

`xruns`: dropouts that JACK tells, per minute, of four states in turn, each `--repeat` times: a bare client that plays
nothing; the same while other programs multiply matrices on all cores, as nice as our engine, and no sound passes
through any of them: what the machine itself loses under such a load; beside the bare client `vampbridge live` with
nothing to do; the same with four loops that are varied all the time.

`command_to_sound`: from an OSC verb's leaving the client to the frame at which it acts. Both are frames of JACK's
clock: the client asks for the present frame just before it sends `/vamp/slot/5/mute`; it acts in the first frame in
which the loop of that slot, which is a constant, is another value. A verb waits for the next block, so 0 to 1 block is
the least there can be; the bar is one block + 2 ms at the 99th percentile. Measured with and without varying beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from live_jack import RATE, JackServer, Tape, demo_sound, wait_until
from live_program import Osc, playing_live
from live_set import LOOPS_S
from machine import describe_machine
from numpy.typing import NDArray
from report import print_json, print_table
from vampbridge.engine.process import EngineOptions

BAR_MS = 2.0
LEVEL = 0.5
MULTIPLY = """
import os
import sys
import numpy
os.nice(int(sys.argv[1]))
a = numpy.ones((512, 512), numpy.float32)
while os.getppid() == int(sys.argv[2]):
    a @ a
"""
"""How nice, and for whose sake: it ends when its parent is gone."""
EARLY = 512
"""Frames: a block begins before it is made, so a verb may act in one that has begun when it is sent."""


def record_loops(osc: Osc, server: JackServer) -> None:
    """Four loops of demo sound in the first slots, each varied all the time."""
    tape = Tape(server, demo_sound(), np.zeros((0, 2), np.float32))
    tape.roll()
    time.sleep(0.5)
    for slot in range(1, len(LOOPS_S) + 1):
        osc.send(f"/vamp/slot/{slot}/record")
    done_s = 0.0
    for slot, loop_s in enumerate(LOOPS_S, 1):
        time.sleep(loop_s - done_s)
        osc.send(f"/vamp/slot/{slot}/play")
        osc.send(f"/vamp/slot/{slot}/auto")
        done_s = loop_s
    tape.close()


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """One program for each core that multiplies matrices, as nice as our engine."""
    command = [sys.executable, "-c", MULTIPLY, str(EngineOptions().nice), str(os.getpid())]
    alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with contextlib.ExitStack() as programs:
        for _ in range(os.cpu_count() or 1):
            program = programs.enter_context(subprocess.Popen(command, env=alone))  # noqa: S603 - Python itself
            programs.callback(program.kill)
        time.sleep(2.0)
        yield


class Xruns:
    """A bare client that counts what JACK tells."""

    def __init__(self, server: JackServer) -> None:
        self.n = 0
        self._client = server.client("bare")
        self._client.set_xrun_callback(self._count)
        self._client.activate()

    def _count(self, _delay_us: float) -> None:
        self.n += 1

    def per_minute(self, minutes: float) -> float:
        """Wait so long and count."""
        before = self.n
        time.sleep(60 * minutes)
        return (self.n - before) / minutes

    def close(self) -> None:
        """Leave the server."""
        self._client.deactivate()
        self._client.close()


def measure_xruns(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The four states in turn; verbs are timed in the last repetition."""
    rows: list[dict[str, Any]] = []
    delays: dict[str, list[float]] = {}
    for repetition in range(options.repeat):
        n_verbs = options.verbs if repetition == options.repeat - 1 else 0
        server = JackServer(options.block, realtime=True)
        with contextlib.closing(server), contextlib.closing(Xruns(server)) as xruns:
            rows.append(_row("bare client", xruns.per_minute(options.minutes)))
            with busy_cores():
                rows.append(_row("bare client, busy cores", xruns.per_minute(options.minutes)))
            with playing_live(folder, options.threads) as osc:
                rows.append(_watch("idle looper", xruns, osc, options.minutes))
                if n_verbs:
                    delays["idle"] = time_verbs(osc, server, n_verbs)
                record_loops(osc, server)
                rows.append(_watch("varying 4 loops", xruns, osc, options.minutes))
                if n_verbs:
                    delays["varying"] = time_verbs(osc, server, n_verbs)
    return {"rows": rows, "delays_ms": delays}


def _watch(state: str, xruns: Xruns, osc: Osc, minutes: float) -> dict[str, Any]:
    osc.send("/vamp/audio")
    before = osc.wait_for("/vamp/audio")
    osc.heard()
    found = xruns.per_minute(minutes)
    n_takes = sum(message.address.endswith("/heard") for message in osc.heard())
    osc.send("/vamp/audio")
    after = osc.wait_for("/vamp/audio")
    told = (after[4] + after[5] - before[4] - before[5]) / minutes
    late = (after[6] - before[6]) / minutes
    return _row(state, found, told_by_device=told, late_blocks=late, block_p99_ms=after[7], takes_heard=n_takes)


def _row(state: str, per_minute: float, **more: float | None) -> dict[str, Any]:
    """Everything but the number of takes and `block_p99_ms` is per minute. Told at once: the whole takes long."""
    columns = ("told_by_device", "late_blocks", "block_p99_ms", "takes_heard")
    row = {"state": state, "xruns": per_minute, **{name: more.get(name) for name in columns}}
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def time_verbs(osc: Osc, server: JackServer, n_verbs: int) -> list[float]:
    """Milliseconds from sending to acting, of each verb whose action was found."""
    dice = random.Random(2)
    for slot in range(1, len(LOOPS_S) + 1):
        osc.send(f"/vamp/slot/{slot}/set/wet", 0.0)
    osc.send("/vamp/slot/5/clear")
    osc.send("/vamp/slot/5/set/fade_ms", 1.0)
    osc.send("/vamp/slot/5/set/pre_roll_ms", 0.0)
    seconds = 4.0 + n_verbs * 0.1
    tape = Tape(server, np.full((RATE, 2), LEVEL, np.float32), np.zeros((round(seconds * RATE), 2), np.float32))
    tape.roll()
    wait_until(lambda: tape.start is not None)
    time.sleep(0.3)
    osc.send("/vamp/slot/5/record")
    osc.wait_for("/vamp/slot/5/state", first="recording")
    time.sleep(0.5)
    osc.send("/vamp/slot/5/play")
    osc.wait_for("/vamp/slot/5/state", first="playing")
    tape.sound = np.zeros((RATE, 2), np.float32)
    time.sleep(1.0)
    sent = []
    for _ in range(n_verbs):
        sent.append(tape.now - (tape.start or 0))
        osc.send("/vamp/slot/5/mute")
        time.sleep(dice.uniform(0.05, 0.08))
    time.sleep(0.3)
    tape.close()
    for slot in range(1, len(LOOPS_S) + 1):
        osc.send(f"/vamp/slot/{slot}/set/wet", 1.0)
    osc.send("/vamp/slot/5/clear")
    return _delays_ms(tape.record[:, 0], sent)


def _delays_ms(heard: NDArray[np.float32], sent: list[int]) -> list[float]:
    """From each mute, every second one of which makes it sound again, to the first frame that is different."""
    delays = []
    for number, (frame, following) in enumerate(zip(sent, [*sent[1:], len(heard)], strict=True)):
        first = max(0, frame - EARLY)
        part = heard[first:following]
        is_there = part < LEVEL * 0.9999 if number % 2 == 0 else part > 0
        found = np.flatnonzero(is_there)
        if len(found) and found[0] > 0:
            delays.append(1e3 * (int(found[0]) + first - frame) / RATE)
    return delays


def report_verbs(delays: dict[str, list[float]], block: int) -> dict[str, Any]:
    """Percentiles beside the bar."""
    bar_ms = 1e3 * block / RATE + BAR_MS
    found = {
        state: {
            "n": len(values),
            "p50_ms": float(np.percentile(values, 50)),
            "p99_ms": float(np.percentile(values, 99)),
            "max_ms": max(values),
            "passed": float(np.percentile(values, 99)) <= bar_ms,
        }
        for state, values in delays.items()
        if values
    }
    return {"bar_ms": bar_ms, "block": block, **found}


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=2.0, help="of each state")
    parser.add_argument("--repeat", type=int, default=3, help="of the four states")
    parser.add_argument("--verbs", type=int, default=400, help="to time, without and with varying")
    parser.add_argument("--threads", type=int, default=0, help="of the engine; 0 lets it choose")
    parser.add_argument("--block", type=int, default=256, help="frames")
    options = parser.parse_args()
    about = {"threads": options.threads, "block": options.block, "rate": RATE, "machine": describe_machine()}
    with TemporaryDirectory() as name:
        found = measure_xruns(options, Path(name).resolve())
    print_table("Dropouts in real time", found["rows"])
    print_json({"benchmark": "live_xruns", "rows": found["rows"], "load": os.getloadavg()[0], **about})
    verbs = report_verbs(found["delays_ms"], options.block)
    print_json({"benchmark": "live_command_to_sound", **verbs, "load": os.getloadavg()[0], **about})


if __name__ == "__main__":
    main()
