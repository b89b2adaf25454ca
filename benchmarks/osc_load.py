"""How many messages the server takes: 8 clients send 1,000 per second each, and every one of them is to be answered.

    python benchmarks/osc_load.py [--clients 8] [--rate 1000] [--seconds 60] [--tcp | --udp]

Each message asks for a dial that the one before has set to a number that counts up, so that a lost or exchanged message
shows. The wait of a message is from when it was to be sent to when its answer has been read: what the clients, which
are threads of one other process, lose to each other is in it. Bars: none lost over TCP, none out of order, and 99 % of
the waits at most 2 ms.
"""

from __future__ import annotations

import argparse
import multiprocessing
import struct
import threading
import time
from multiprocessing.queues import Queue
from typing import Any

import numpy as np
from machine import describe_machine
from osc_clients import Wire, memory_mb, message, served
from report import print_json, print_table

BAR_MS = 2.0
DIAL = "/vamp/set/seed"  # any whole number
PAUSE_S = 0.001
LATE_S = 3.0  # that is waited for the last answers


def _client(address: tuple[str, int], tcp: bool, rate: float, seconds: float, queue: Queue[Any]) -> None:  # noqa: FBT001
    """Send at a rate, read the answers beside; puts waits in s, in order, and what went wrong."""
    wire = Wire(address, tcp=tcp)
    wire.socket.settimeout(LATE_S)
    count = int(rate * seconds / 2)
    due_s = np.zeros(count)
    waits_s: list[float] = []
    disorder = 0
    ask = message(DIAL)
    start_s = time.perf_counter() + 0.2

    def read() -> None:
        nonlocal disorder
        expected = 0
        while expected < count:
            try:
                packets = wire.receive()
            except OSError:
                return
            now_s = time.perf_counter()
            for packet in packets:
                (index,) = struct.unpack(">i", packet[-4:])
                if index < expected:
                    disorder += 1
                else:
                    waits_s.append(now_s - due_s[index])
                    expected = index + 1

    reader = threading.Thread(target=read)
    for index in range(count):
        due_s[index] = start_s + 2 * index / rate
    reader.start()
    for index in range(count):
        while (left_s := due_s[index] - time.perf_counter()) > 0:
            time.sleep(min(left_s, PAUSE_S))
        wire.send(message(DIAL, index))
        wire.send(ask)
    reader.join()
    wire.close()
    queue.put((np.array(waits_s), count - len(waits_s), disorder))


def run(arguments: argparse.Namespace, *, tcp: bool) -> dict[str, Any]:
    """One load on one server."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    with served(["--rate-limit", str(max(4000, 2 * int(arguments.rate)))]) as (ready, server, _):
        address = (ready["host"], ready["port"])
        before_mb = memory_mb(server.pid)
        clients = [
            context.Process(target=_client, args=(address, tcp, arguments.rate, arguments.seconds, queue))
            for _ in range(arguments.clients)
        ]
        for client in clients:
            client.start()
        results = [queue.get() for _ in clients]
        for client in clients:
            client.join()
        wire = Wire(address, tcp=tcp)
        wire.socket.settimeout(LATE_S)
        wire.send(message("/vamp/status"))
        counts = struct.unpack(">10i", wire.receive()[-1][-40:])
        wire.close()
        grown_mb = memory_mb(server.pid) - before_mb
    waits_ms = np.concatenate([waits for waits, _, _ in results]) * 1000
    p50, p99, worst = (float(np.percentile(waits_ms, share)) for share in (50, 99, 100))
    lost = int(sum(lost for _, lost, _ in results))
    return {
        "transport": "tcp" if tcp else "udp",
        "clients": arguments.clients,
        "messages": 2 * (len(waits_ms) + lost),
        "lost": lost,
        "lost_as_the_server_counts": counts[4],
        "out_of_order": int(sum(disorder for _, _, disorder in results)),
        "p50_ms": p50,
        "p99_ms": p99,
        "max_ms": worst,
        "bar_ms": BAR_MS,
        "bar_met": p99 <= BAR_MS and not (tcp and lost),
        "memory_grown_mb": grown_mb,
    }


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Measure what the server takes of many clients at once.")
    parser.add_argument("--clients", type=int, default=8, help="clients at once (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=1000.0, help="messages per second each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="for so long (default: %(default)s)")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--tcp", action="store_true", help="TCP only")
    only.add_argument("--udp", action="store_true", help="UDP only")
    arguments = parser.parse_args()
    transports = [True] if arguments.tcp else [False] if arguments.udp else [False, True]
    results = [run(arguments, tcp=tcp) for tcp in transports]
    print_table(f"{arguments.clients} clients, {arguments.rate:g} messages/s each, {arguments.seconds:g} s", results)
    print_json({"runs": results, "machine": describe_machine()})


if __name__ == "__main__":
    main()
