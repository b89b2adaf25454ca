"""Writes a session again and again, and is killed every time: `python sessions_killer.py SESSION TIMES`.

Forks children that write as fast as they can, each telling in a file of its own, told-NN beside the session, what it
was told is durable; kills each at a random moment after a random number of such lines. One process that imports once,
because starting one for each takes long.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from sessions_helpers import INFO, layer, sound, take
from vampbridge.bridge.looper.messages import Verb
from vampbridge.bridge.sessions.store import open_session
from vampbridge.bridge.sessions.writer import SessionWriter

PATIENCE_S = 20


def write_on(folder, told):
    """Layers, takes and commands without end."""
    writer = SessionWriter(open_session(folder, INFO), print)
    run = writer.run
    for number in range(1, 100_000):
        writer.record_command(Verb(0, "undo", number=number), frame=number)
        ticket = writer.record_layer(layer(number), sound(number, n_frames=2_000))
        ticket.add_done_callback(lambda _, n=number: os.write(told, f"layer {run} {n}\n".encode()))
        made = writer.record_take(take(f"t{run}-{number}", audio_seed=number), slot=0, layer_id=number)
        made.add_done_callback(lambda _, n=number: os.write(told, f"take {run} {n}\n".encode()))
        if number % 4 == 0:
            made.result()


def kill_one(folder, path, rng):
    """Fork, wait for a random number of lines and a random while, kill."""
    told = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    child = os.fork()
    if child == 0:
        write_on(folder, told)
    n_lines, until_s = rng.randrange(12), time.monotonic() + PATIENCE_S
    while path.read_text().count("\n") < n_lines and time.monotonic() < until_s:
        time.sleep(0.0005)
    time.sleep(rng.uniform(0.0, 0.01))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(told)


def main(folder, times):
    """Kill so many times."""
    rng = random.Random(0)
    for number in range(times):
        kill_one(folder, folder.parent / f"told-{number:02d}", rng)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
