"""How many messages the server takes: 8 clients send 1,000 per second each, and every one of them is to be answered.

    python benchmarks/osc_load.py [--clients 8] [--rate 1000] [--seconds 60] [--tcp | --udp]

Each message asks for a dial that the one before has set to a number that counts up, so that a lost or exchanged message
shows. The wait of a message is from when it was to be sent to when its answer has been read: what the clients, which
are threads of one other process, lose to each other is in it. Bars: none lost over TCP, none out of order, and 99 % of
the waits at most 2 ms.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import multiprocessing
import queue
import struct
import threading
import time
from dataclasses import dataclass
from multiprocessing.queues import Queue
from typing import Any

import numpy as np
from machine import describe_machine
from numpy.typing import NDArray
from osc_clients import Wire, memory_mb, message, served
from report import print_json, print_table

BAR_MS = 2.0
DIAL = "/vamp/set/seed"  # any whole number
PAUSE_S = 0.001
LATE_S = 3.0  # that is waited for the last answers, and for the server to take a message
START_S = 60.0  # that clients may take to start and to end, beside the load


def _client(address: tuple[str, int], tcp: bool, rate: float, seconds: float, told: Queue[Any]) -> None:  # noqa: FBT001
    """Send at a rate, read the answers beside; tells waits in s, in order, and what went wrong."""
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
    with contextlib.suppress(OSError):  # a server that takes nothing any more: the rest is lost
        for index in range(count):
            while (left_s := due_s[index] - time.perf_counter()) > 0:
                time.sleep(min(left_s, PAUSE_S))
            wire.send(message(DIAL, index))
            wire.send(ask)
    reader.join()
    wire.close()
    told.put((np.array(waits_s), count - len(waits_s), disorder))


@dataclass(frozen=True)
class Answers:
    """What the clients saw.

    Attributes:
        waits_ms: For each answer, from when its question was to be sent.
        n_lost: Questions without an answer.
        n_disordered: Answers that came before an earlier one.
    """

    waits_ms: NDArray[np.float64]
    n_lost: int
    n_disordered: int

    @property
    def n_messages(self) -> int:
        """All that were sent: of each two, one sets and one asks."""
        return 2 * (len(self.waits_ms) + self.n_lost)

    def percentiles_ms(self, *shares: float) -> list[float]:
        """Waits that so many percent are at most as long as; not a number where nothing was answered."""
        return [float(np.percentile(self.waits_ms, share)) if len(self.waits_ms) else math.nan for share in shares]


def send_from_all(address: tuple[str, int], *, tcp: bool, n_clients: int, rate: float, seconds: float) -> Answers:
    """Clients in processes of their own, until all have their answers.

    Raises:
        SystemExit: One of them does not come to an end.
    """
    context = multiprocessing.get_context("spawn")
    told: Queue[Any] = context.Queue()
    clients = [context.Process(target=_client, args=(address, tcp, rate, seconds, told)) for _ in range(n_clients)]
    for client in clients:
        client.start()
    end_s = time.monotonic() + seconds + START_S
    try:
        results = [told.get(timeout=max(0.0, end_s - time.monotonic())) for _ in clients]
    except queue.Empty:
        for client in clients:
            client.kill()
        raise SystemExit(f"a client came to no end within {seconds + START_S:g} s") from None
    finally:
        for client in clients:
            client.join()
    waits, lost, disorder = zip(*results, strict=True)
    return Answers(1000 * np.concatenate(waits), sum(lost), sum(disorder))


def run(arguments: argparse.Namespace, *, tcp: bool) -> dict[str, Any]:
    """One load on one server."""
    with served(["--rate-limit", str(max(4000, 2 * int(arguments.rate)))]) as (ready, server, _):
        address = (ready["host"], ready["port"])
        before_mb = memory_mb(server.pid)
        load = {"n_clients": arguments.clients, "rate": arguments.rate, "seconds": arguments.seconds}
        answers = send_from_all(address, tcp=tcp, **load)
        wire = Wire(address, tcp=tcp)
        wire.socket.settimeout(LATE_S)
        wire.send(message("/vamp/status"))
        counts = struct.unpack(">10i", wire.receive()[-1][-40:])
        wire.close()
        grown_mb = memory_mb(server.pid) - before_mb
    p50, p99, worst = answers.percentiles_ms(50, 99, 100)
    return {
        "transport": "tcp" if tcp else "udp",
        "clients": arguments.clients,
        "messages": answers.n_messages,
        "lost": answers.n_lost,
        "lost_as_the_server_counts": counts[4],
        "out_of_order": answers.n_disordered,
        "p50_ms": p50,
        "p99_ms": p99,
        "max_ms": worst,
        "bar_ms": BAR_MS,
        "bar_met": p99 <= BAR_MS and not (tcp and answers.n_lost) and not answers.n_disordered,
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
