"""What is lost when the engine is killed, again and again, while four loops are varied: samples, and how much time.

    python benchmarks/live_kills.py [--kills 100] [--block 256]

The engine process is killed at random moments. The server freewheels at the pace of real time, so that it loses no
block itself, and every sample of the output is compared with the offline set. Told as well: seconds from the kill to a
new engine that is ready, and to the next take that is made, bar 5 s.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
from typing import Any

import numpy as np
from live_jack import RATE, wait_until
from live_set import LiveSet, live_set
from machine import describe_machine
from report import print_json, print_table
from vampbridge.engine.process import EngineClient, EngineOptions

BAR_S = 5.0
SECONDS_PER_KILL = 8.0
GIVE_UP_S = 300.0


def measure(kills: int, block: int) -> dict[str, Any]:
    """Kill, wait for the next take, and so on; then compare."""
    dice = random.Random(3)
    ready_s: list[float] = []
    take_s: list[float] = []
    with (
        EngineClient(EngineOptions()) as engine,
        live_set(engine, block, kills * SECONDS_PER_KILL + 30, 1.0) as live,
    ):
        with live.freewheeling():
            live.begin()
            while len(take_s) < kills and not live.tape.is_full:
                time.sleep(dice.uniform(0.0, 1.0))
                wait_until(lambda: engine.info.ready)
                killed, killed_s = engine.info.pid, time.monotonic()
                os.kill(killed, signal.SIGKILL)
                wait_until(lambda pid=killed: engine.info.ready and engine.info.pid != pid, GIVE_UP_S)  # type: ignore[misc]
                ready_s.append(time.monotonic() - killed_s)
                take_s.append(_next_take_s(live, killed_s))
            n_frames = live.tape.n_done - RATE
            counters = live.audio.counters
        live.tape.record = live.tape.record[:n_frames]
        found = live.compare()
        n_failed = sum(type(event).__name__ == "VampFailed" for _, event in live.told)
    return {
        "kills": len(take_s),
        "seconds": n_frames / RATE,
        "samples": found.n_samples,
        "different": found.n_different,
        "failed_blocks": counters.failed_blocks,
        "late_blocks": counters.late_blocks,
        "vamps_told_failed": n_failed,
        "taken_over": found.n_swaps,
        **_spread("ready", ready_s),
        **_spread("next_take", take_s),
        "bar_s": BAR_S,
        "passed": len(take_s) == kills and found.n_different == 0 and max(take_s) <= BAR_S,
    }


def _spread(name: str, seconds: list[float]) -> dict[str, float]:
    p50, p99 = np.percentile(seconds, [50, 99])
    return {f"{name}_p50_s": float(p50), f"{name}_p99_s": float(p99), f"{name}_max_s": max(seconds)}


def _next_take_s(live: LiveSet, since_s: float) -> float:
    """Seconds from `since_s` to the next take that is made."""
    made: list[float] = []

    def is_made() -> bool:
        told = list(live.told)[-50:]
        made.extend(when_s for when_s, event in told if when_s > since_s and type(event).__name__ == "TakeMade")
        return bool(made)

    wait_until(is_made, GIVE_UP_S)
    return min(made) - since_s


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100, help="of the engine process, at least 1")
    parser.add_argument("--block", type=int, default=256, help="frames")
    options = parser.parse_args()
    found = measure(options.kills, options.block)
    print_table("Engine killed while it varies", [{"what": name, "value": value} for name, value in found.items()])
    about = {"block": options.block, "rate": RATE, "load": os.getloadavg()[0], "machine": describe_machine()}
    print_json({"benchmark": "live_kills", **found, **about})


if __name__ == "__main__":
    main()
