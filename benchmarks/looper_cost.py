"""How long the looper takes for a block, with all slots doing the same thing, beside how long the block plays.

python benchmarks/looper_cost.py [--slots 8] [--blocks 32,64,256,512] [--runs 2000]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from machine import describe_machine
from report import print_json, print_table
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import ALL_SLOTS, Verb

RATE = 48_000
LOOP_S = 1.0
DOINGS = {
    "playing": (),
    "overdubbing": ("overdub",),
    "backwards": ("reverse",),
    "half speed": ("half_speed",),
    "double speed": ("double_speed",),
}


def measure(block: int, n_slots: int, verbs: tuple[str, ...], n_runs: int) -> list[float]:
    """Seconds of each of `n_runs` blocks, sorted."""
    looper = Looper(LooperConfig(sample_rate=RATE, n_slots=n_slots))
    sound = (np.random.default_rng(0).standard_normal((block, 2)) * 0.1).astype(np.float32)
    out = np.empty_like(sound)

    def run(*pressed: str) -> float:
        started_s = time.perf_counter()
        looper.process(sound, out, [Verb(ALL_SLOTS, verb) for verb in pressed])
        took_s = time.perf_counter() - started_s
        looper.rubbish.clear()
        looper.events.clear()
        return took_s

    run("record")
    for _ in range(round(LOOP_S * RATE / block)):
        run()
    run("record")
    run(*verbs)
    for _ in range(100):
        run()
    return sorted(run() for _ in range(n_runs))


def main() -> None:
    """Measure, print a table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slots", type=int, default=8, help="slots that all do the same (default: %(default)s)")
    parser.add_argument("--blocks", default="32,64,256,512", help="frames of a block (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=2000, help="blocks measured (default: %(default)s)")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for block in (int(text) for text in options.blocks.split(",")):
        for doing, verbs in DOINGS.items():
            took_s = measure(block, options.slots, verbs, options.runs)
            rows.append(
                {
                    "block": block,
                    "plays_ms": 1000 * block / RATE,
                    "doing": doing,
                    "p50_ms": 1000 * took_s[len(took_s) // 2],
                    "p99_ms": 1000 * took_s[len(took_s) * 99 // 100],
                    "max_ms": 1000 * took_s[-1],
                    "share_p50": took_s[len(took_s) // 2] * RATE / block,
                }
            )
    print_table(f"{options.slots} slots, stereo, {RATE} Hz", rows)
    print_json({"slots": options.slots, "rows": rows, "machine": describe_machine()})


if __name__ == "__main__":
    main()
