"""Whether the live output is, to the last sample, what the command log says, while four loops are varied all the time.

    python benchmarks/live_freewheel.py [--minutes 30] [--blocks 64,128,256,512] [--pace 0]

A JACK server freewheels; the demo loops play into the looper, which records four loops of different lengths; the engine
varies each without end, and verbs and dials come now and then. Afterwards a new looper is played the same input and the
log of commands with the frames at which they acted, and every sample is compared; there must be some, and takes must
have been heard.

Seams: for each slot the jump of its own output where its loop begins again, over the 99th percentile of the jumps of
the lap before or after; the bar is 1, `seam_jump` is the largest. In the mix a seam falls on whatever the other loops
play, and chance alone lets 1 % of all its frames be above its own 99th percentile: `mix_seam_jump` and the share of
seams above 1 are told, and are no bar.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

from live_set import live_set
from machine import describe_machine
from report import print_json, print_table
from vampbridge.engine.process import EngineClient, EngineOptions


def measure(engine: EngineClient, block: int, seconds: float, pace: float) -> dict[str, Any]:
    """One block size."""
    began_s = time.monotonic()
    with live_set(engine, block, seconds, pace) as playing:
        with playing.freewheeling():
            playing.begin()
            playing.play_on()
            counters = playing.audio.counters
        live_s = time.monotonic() - began_s
        found = playing.compare()
        kinds = [type(event).__name__ for _, event in playing.told]
    largest = [float(ratios.max(initial=0.0)) for ratios in found.slots]
    return {
        "block": block,
        "minutes": seconds / 60,
        "took_s": live_s,
        "samples": found.n_samples,
        "different": found.n_different,
        "commands": len(playing.log.commands),
        "takes": playing.log.n_takes,
        "taken_over": found.n_swaps,
        "failed_vamps": kinds.count("VampFailed"),
        "failed_blocks": counters.failed_blocks,
        "seams": sum(len(ratios) for ratios in found.slots),
        "seam_jump": max(largest),
        "seam_jump_by_slot": largest,
        "seams_above_p99": sum(int((ratios > 1).sum()) for ratios in found.slots),
        "mix_seam_jump": float(found.mix.max(initial=0.0)),
        "mix_seams_above_p99": float((found.mix > 1).mean()) if len(found.mix) else 0.0,
    }


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="of audio at each block size")
    parser.add_argument("--blocks", default="64,128,256,512", help="frames, with commas between")
    parser.add_argument("--pace", type=float, default=0.0, help="at most so many times real time; 0 is no limit")
    options = parser.parse_args()
    load_before = os.getloadavg()
    with EngineClient(EngineOptions(threads=1)) as engine:
        rows = [measure(engine, int(block), 60 * options.minutes, options.pace) for block in options.blocks.split(",")]
    for title, names in (
        ("Live output beside the offline set", ("minutes", "took_s", "samples", "different", "failed_blocks")),
        (
            "What was played",
            ("commands", "takes", "taken_over", "failed_vamps", "seams"),
        ),
        (
            "Jumps at seams over the 99th percentile",
            ("seam_jump_by_slot", "seams_above_p99", "mix_seam_jump", "mix_seams_above_p99"),
        ),
    ):
        print_table(title, [{"block": row["block"]} | {name: row[name] for name in names} for row in rows])
    happened = all(row[name] for row in rows for name in ("samples", "taken_over", "seams"))
    failed = any(row[name] for row in rows for name in ("different", "failed_blocks", "seams_above_p99"))
    passed = happened and not failed
    load = {"load_before": load_before[0], "load_after": os.getloadavg()[0]}
    print_json({"benchmark": "live_freewheel", "passed": passed, "rows": rows, **load, "machine": describe_machine()})


if __name__ == "__main__":
    main()
