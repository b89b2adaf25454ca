"""Throws rubbish at the server, random and mutated datagrams and hostile TCP streams, while a client plays on.

    python benchmarks/osc_fuzz.py [--datagrams 1000000] [--streams 10000] [--seed 1]

Streams are too long, half open, slow, full of zero bytes, of ends without packets, of bundles in bundles, of bad type
tags, or broken off; bundles with time tags fall due together. All the while a client of its own asks for a sign of
life, over UDP and over TCP. Bars: the server lives and takes all that is thrown, its log has no exception, its memory
grows by at most 32 MB after the first tenth, and every question was answered.

`without_room` is told and is no bar: hostile streams that find no room for a second are in each other's way, and may be
turned away; those who may not notice are the clients that ask.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from machine import describe_machine
from osc_clients import Wire, memory_mb, message, served, slip
from report import print_json, print_table

MAX_GROWTH_MB = 32.0
ANSWER_S = 20.0
PACE_S = 0.02  # between two signs of life
WINDOW = 500  # datagrams between two waits for the server
OPEN = 40  # streams that are kept open at once
MAX_SILENCES, MAX_REFUSALS = 3, 30
"""In a row: windows without an answer, streams without a connection. Then the server hangs: the rest is left out."""
DUE_S = 2.0  # ahead of which bundles fall due
_NTP_EPOCH_S = 2_208_988_800

WHOLE = [
    message("/vamp/file", "in.wav", "out.wav", 7),
    message("/vamp/mask", 2, 2, b"\0\1\0\1"),
    message("/vamp/mask/row", 1, 0, 1),
    message("/vamp/mask/of", "one"),
    message("/vamp/set/temperature", 1.0),
    message("/vamp/set/period", 3),
    message("/vamp/slot/{1,3}/record"),
    message("/vamp/slot/[1-3]/set/wet", 0.5),
    message("/vamp/subscribe", "state", "dials"),
    message("/vamp/hello", 1, "token"),
    message("/process", "q", "vampnet", "x.wav", "m", *range(14)),
    message("/cleanup", "../../etc/passwd"),
]


def bundle(packets: list[bytes], timetag: int) -> bytes:
    """Packets in a bundle."""
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(struct.pack(">i", len(p)) + p for p in packets)


def due_together(rng: random.Random) -> bytes:
    """A bundle that falls due at a whole second, as all that are made within the same second do."""
    timetag = int(time.time() + DUE_S + _NTP_EPOCH_S) << 32
    return bundle([rng.choice(WHOLE) for _ in range(rng.randrange(1, 20))], timetag)


def nested(depth: int) -> bytes:
    """Bundles in bundles."""
    packet = WHOLE[0]
    for _ in range(depth):
        packet = bundle([packet], 1)
    return packet


def rubbish(rng: random.Random) -> bytes:
    """A packet that is nearly right, or not at all."""
    kind = rng.randrange(7)
    if kind == 0:
        return rng.randbytes(rng.randrange(200))
    if kind == 1:
        return bundle([rng.choice(WHOLE) for _ in range(rng.randrange(5))], rng.getrandbits(64))
    if kind == 2:
        return nested(rng.randrange(1, 40))
    if kind == 4:
        return due_together(rng)
    packet = bytearray(rng.choice(WHOLE))
    for _ in range(rng.randrange(1, 4)):
        packet[rng.randrange(len(packet))] = rng.randrange(256)
    return bytes(packet[: rng.randrange(len(packet) + 1)]) if kind == 3 else bytes(packet)


def hostile_stream(rng: random.Random) -> bytes:
    """What a hostile client sends over one connection."""
    kinds: list[Callable[[], bytes]] = [
        lambda: b"\xc0" + bytes(rng.randrange(2_200_000)),  # too long
        lambda: slip(rng.choice(WHOLE))[: rng.randrange(1, 20)],  # half open
        lambda: b"\0" * rng.randrange(5000),
        lambda: slip(nested(rng.randrange(1, 200))),
        lambda: slip(b"/a\0\0,[XQ" + rng.randbytes(40)),
        lambda: b"\xc0" * rng.randrange(5000) + b"\xdb" * rng.randrange(50),
        lambda: b"\xc0" * rng.randrange(2_200_000),  # ends only
        lambda: b"".join(slip(due_together(rng)) for _ in range(rng.randrange(200))),
        lambda: slip(message("/vamp/settings")) * rng.randrange(50),  # and reads nothing
        lambda: b"".join(slip(rubbish(rng)) for _ in range(rng.randrange(50))),
    ]
    return rng.choice(kinds)()


class Witness:
    """A client that only wants a sign of life, again and again, in a thread."""

    def __init__(self, address: tuple[str, int], *, tcp: bool) -> None:
        self._wire = Wire(address, tcp=tcp)
        self._wire.socket.settimeout(ANSWER_S)
        self._over = threading.Event()
        self.waits_s: list[float] = []
        self.error = ""
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        ping = message("/vamp/ping")
        try:
            while not self._over.wait(PACE_S):
                start_s = time.perf_counter()
                self._wire.send(ping)
                while not any(packet.startswith(b"/vamp/pong") for packet in self._wire.receive()):
                    pass
                self.waits_s.append(time.perf_counter() - start_s)
        except OSError as error:
            self.error = repr(error)

    def close(self) -> None:
        """Ask no more."""
        self._over.set()
        self._thread.join()
        self._wire.close()


def throw_datagrams(address: tuple[str, int], count: int, rng: random.Random, after_a_tenth: Callable[[], None]) -> int:
    """All of them, at the pace at which they are read; or most would be dropped by the system and try nothing.

    Returns:
        How many were thrown: fewer if the server hangs.
    """
    thrown = silences = 0
    while thrown < count and silences < MAX_SILENCES:
        wire = Wire(address, tcp=False)
        wire.socket.settimeout(ANSWER_S)
        window = min(WINDOW, count - thrown)
        for _ in range(window):
            with contextlib.suppress(OSError):
                wire.send(rubbish(rng))
        silences += 1
        with contextlib.suppress(OSError):
            wire.send(message("/vamp/ping"))
            while not any(packet.startswith(b"/vamp/pong") for packet in wire.receive()):
                pass
            silences = 0
        wire.close()
        thrown += window
        if thrown >= count // 10:
            after_a_tenth()
    return thrown


def throw_streams(address: tuple[str, int], count: int, rng: random.Random) -> tuple[int, int]:
    """All of them; the last ones are always open, and some are slow.

    Returns:
        How many were thrown, fewer if the server hangs; and how many times there was no room within a second.
    """
    held: list[socket.socket] = []
    n_thrown = n_without_room = refusals = 0
    while n_thrown < count and refusals < MAX_REFUSALS:
        try:
            stream = socket.create_connection(address, timeout=1.0)
        except OSError:
            n_without_room += 1
            refusals += 1
            continue
        refusals = 0
        n_thrown += 1
        held.append(stream)
        data = hostile_stream(rng)
        with contextlib.suppress(OSError):
            if rng.randrange(4):
                stream.sendall(data)
            else:
                stream.sendall(data[: len(data) // 2])
        for slow in held[:: max(1, len(held) // 4)]:
            with contextlib.suppress(OSError):
                slow.send(b"/")
        if len(held) > OPEN:
            held.pop(rng.randrange(len(held))).close()
    for stream in held:
        stream.close()
    return n_thrown, n_without_room


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Everything, against one server."""
    rng = random.Random(arguments.seed)
    memory: list[float] = []
    with served(["--rate-limit", "1000000"]) as (ready, server, errors):
        address = (ready["host"], ready["port"])
        witnesses = [Witness(address, tcp=tcp) for tcp in (False, True)]
        start_s = time.perf_counter()
        n_datagrams = throw_datagrams(address, arguments.datagrams, rng, lambda: memory.append(memory_mb(server.pid)))
        memory.append(memory_mb(server.pid))
        n_streams, n_without_room = throw_streams(address, arguments.streams, rng)
        memory.append(memory_mb(server.pid))
        seconds = time.perf_counter() - start_s
        for witness in witnesses:
            witness.close()
        lives = server.poll() is None
        log = errors.read_text()
    waits_s = sorted(wait_s for witness in witnesses for wait_s in witness.waits_s)
    unanswered = [witness.error for witness in witnesses if witness.error]
    grown_mb = max(memory) - memory[0]
    exceptions = log.count("Traceback")
    all_thrown = (n_datagrams, n_streams) == (arguments.datagrams, arguments.streams)
    return {
        "datagrams": n_datagrams,
        "streams": n_streams,
        "without_room": n_without_room,
        "seconds": seconds,
        "lives": lives,
        "exceptions": exceptions,
        "memory_grown_mb": grown_mb,
        "answered": len(waits_s),
        "unanswered": "; ".join(unanswered),
        "p99_ms": 1000 * waits_s[len(waits_s) * 99 // 100] if waits_s else None,
        "max_ms": 1000 * waits_s[-1] if waits_s else None,
        "bar_met": lives
        and all_thrown
        and not exceptions
        and bool(waits_s)
        and not unanswered
        and grown_mb <= MAX_GROWTH_MB,
        "log": log[-400:],
    }


def main() -> None:
    """Read the command line, throw, print."""
    parser = argparse.ArgumentParser(description="Throw rubbish at the server while a client plays on.")
    parser.add_argument("--datagrams", type=int, default=1_000_000, help="to throw (default: %(default)s)")
    parser.add_argument("--streams", type=int, default=10_000, help="TCP connections (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is thrown (default: %(default)s)")
    arguments = parser.parse_args()
    result = run(arguments)
    shown = {name: value for name, value in result.items() if name != "log"}
    print_table("rubbish", [shown])
    print_json({**result, "machine": describe_machine()})


if __name__ == "__main__":
    main()
