"""Whether messages disturb the sound: eight clients send 1,000 per second each while four loops are varied.

    python benchmarks/osc_beside_audio.py [--clients 8] [--rate 1000] [--seconds 60] [--blocks 64,256] [--pace 1]

The set of `live_freewheel.py` plays on a JACK server that freewheels at the pace of real time; the OSC server that
belongs to it takes the load of `osc_load.py`, over UDP and then over TCP. Afterwards every sample of the output is
compared with that of a new looper which is played the same input and the same log of commands. Bars: takes were made
and heard, messages were answered, no sample is different, no block failed, no seam above the 99th percentile, and over
TCP no message was lost.

`late_blocks` took longer to make than to play. They are told and are no bar: a server that freewheels waits for them,
so that nothing is lost; in real time each of them could be a dropout, which `live_realtime.py` counts.
"""

from __future__ import annotations

import argparse
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from live_set import LiveSet, live_set
from machine import describe_machine
from osc_load import send_from_all
from report import print_json, print_table
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.server import Server
from vampbridge.engine.process import EngineClient, EngineOptions

SETTLE_S = 15.0
"""Beside the load: the loops are recorded, and the clients start."""


@contextlib.contextmanager
def _heard(engine: EngineClient, playing: LiveSet, rate: float) -> Iterator[tuple[str, int]]:
    """While open, the set is reached over OSC, at this address."""
    with TemporaryDirectory() as name:
        options = ServeOptions(
            port=0, reply_port=0, folders=(Path(name).resolve(),), rate_limit=max(4000, round(2 * rate)), oscquery=False
        )
        server = Server(options, engine, stage=playing.stage)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server.address
        finally:
            server.stop()
            thread.join()
            server.close()


def measure(engine: EngineClient, block: int, options: argparse.Namespace, *, tcp: bool) -> dict[str, Any]:
    """One block size, one transport."""
    load = {"n_clients": options.clients, "rate": options.rate, "seconds": options.seconds}
    with live_set(engine, block, options.seconds + SETTLE_S, options.pace) as playing:
        with (
            _heard(engine, playing, options.rate) as address,
            playing.freewheeling(),
            ThreadPoolExecutor(1) as pool,
        ):
            playing.begin()
            clients = pool.submit(send_from_all, address, tcp=tcp, **load)
            playing.play_on()
            answers = clients.result()
            counters = playing.audio.counters
        found = playing.compare()
    p50, p99 = answers.percentiles_ms(50, 99)
    return {
        "block": block,
        "transport": "tcp" if tcp else "udp",
        "samples": found.n_samples,
        "different": found.n_different,
        "failed_blocks": counters.failed_blocks,
        "late_blocks": counters.late_blocks,
        "takes": playing.log.n_takes,
        "taken_over": found.n_swaps,
        "seams": sum(len(ratios) for ratios in found.slots),
        "seams_above_p99": sum(int((ratios > 1).sum()) for ratios in found.slots),
        "messages": answers.n_messages,
        "answered": len(answers.waits_ms),
        "lost": answers.n_lost,
        "out_of_order": answers.n_disordered,
        "p50_ms": p50,
        "p99_ms": p99,
    }


def _passed(row: dict[str, Any]) -> bool:
    """Whether a row meets the bars; one in which nothing was played or asked does not."""
    happened = all(row[name] for name in ("samples", "takes", "taken_over", "seams", "answered"))
    failed = any(row[name] for name in ("different", "failed_blocks", "seams_above_p99"))
    return happened and not failed and not (row["transport"] == "tcp" and row["lost"])


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=8, help="clients at once (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=1000.0, help="messages per second each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="of load (default: %(default)s)")
    parser.add_argument("--blocks", default="64,256", help="frames, with commas between (default: %(default)s)")
    parser.add_argument("--pace", type=float, default=1.0, help="at most so many times real time; 0 is no limit")
    options = parser.parse_args()
    with EngineClient(EngineOptions(threads=1)) as engine:
        rows = [
            measure(engine, int(block), options, tcp=tcp)
            for block in options.blocks.split(",")
            for tcp in (False, True)
        ]
    sound = ("samples", "different", "failed_blocks", "late_blocks", "takes", "taken_over", "seams", "seams_above_p99")
    messages = ("messages", "answered", "lost", "out_of_order", "p50_ms", "p99_ms")
    for title, names in (("Output beside the offline set", sound), ("What the clients saw", messages)):
        print_table(title, [{name: row[name] for name in ("block", "transport", *names)} for row in rows])
    passed = all(_passed(row) for row in rows)
    print_json({"benchmark": "osc_beside_audio", "passed": passed, "rows": rows, "machine": describe_machine()})


if __name__ == "__main__":
    main()
