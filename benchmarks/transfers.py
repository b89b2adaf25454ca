"""How fast a loop travels to the server and back, over TCP and over UDP with losses, and whether every bit arrives.

    python benchmarks/transfers.py [--length-s 60] [--runs 5] [--loss 0.05] [--seed 1]

The server is a process of its own, with an engine that gives the loop back: no model is measured. Upload and download
go over loopback; of UDP, datagrams are dropped in both directions. The bar is 100 MB/s for an upload over TCP, from its
first message to the server's word that the checksum of all of it is right, and the same bits back.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe_machine
from report import print_json, print_table
from vampbridge.bridge.client.transports import Tcp, Transport, Udp
from vampbridge.bridge.osc_server import OscMessage, build_message, parse_packet
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.server import Server
from vampbridge.bridge.transfers.sender import Downloader, Uploader
from vampbridge.bridge.transfers.sound import encode, facts_of
from vampbridge.engine.take import Take, TakeReport, VampRequest

BAR_MB_S = 100.0
RATE, CHANNELS = 48_000, 2
WAIT_S = 60.0


class EchoInfo:
    """As an engine's; nothing is loaded."""

    bundle, n_codebooks, device, ready = "echo", 14, "cpu", True


class EchoPending:
    """A vamp that was over before it began."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def result(self, timeout_s: float | None = None) -> Take:
        """The take."""
        del timeout_s
        return self._take

    def done(self) -> bool:
        """It is."""
        return True

    def cancel(self) -> None:
        """Too late."""

    def add_done_callback(self, fn: Any) -> None:  # noqa: ANN401 - of Pending
        """At once."""
        fn(self)


class EchoEngine:
    """Gives every loop back."""

    info = EchoInfo()

    def submit(self, request: VampRequest, **_: Any) -> EchoPending:  # noqa: ANN401 - of Engine
        """The loop, as a take."""
        report = TakeReport("echo", 0, request.settings, "echo", "", (), 1, 0.0)
        return EchoPending(Take(request.audio[None], request.sample_rate, np.ones((1, 1), np.bool_), report))


class Lossy:
    """A transport that drops a share of what goes either way."""

    def __init__(self, inner: Transport, loss: float, rng: random.Random) -> None:
        self._inner, self._loss, self._rng = inner, loss, rng
        self.reply_port = inner.reply_port
        self.n_dropped = 0

    def send(self, packet: bytes) -> None:
        """See `Transport`."""
        if not self._is_lost():
            self._inner.send(packet)

    def receive(self, timeout_s: float) -> bytes | None:
        """See `Transport`."""
        packet = self._inner.receive(timeout_s)
        return None if packet is not None and self._is_lost() else packet

    def _is_lost(self) -> bool:
        is_lost = self._rng.random() < self._loss
        self.n_dropped += is_lost
        return is_lost


def drive(transport: Any, half: Uploader | Downloader) -> float:  # noqa: ANN401 - Transport or Lossy
    """Send and receive until it is over; seconds.

    Raises:
        SystemExit: The server refused it.
    """
    start_s = time.monotonic()
    while not half.is_over:
        for message in half.poll(time.monotonic()):
            transport.send(build_message(*message))
        packet = transport.receive(min(0.1, max(0.0, half.next_s - time.monotonic())))
        if packet is not None:
            for heard in parse_packet(packet):
                half.hear(heard.address, heard.arguments, time.monotonic())
    if half.failure is not None:
        raise SystemExit(f"the server refused: {half.failure}")
    seconds = time.monotonic() - start_s
    for message in half.poll(time.monotonic()):
        transport.send(build_message(*message))
    return seconds


def wait_for(transport: Transport, address: str) -> OscMessage:
    """The next message to an address.

    Raises:
        SystemExit: It does not come.
    """
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        packet = transport.receive(1.0)
        for heard in [] if packet is None else parse_packet(packet):
            if heard.address == address:
                return heard
            if heard.address == "/vamp/error":
                raise SystemExit(f"the server answered {heard.arguments}")
    raise SystemExit(f"the server sent no {address}")


def measure(server: dict[str, Any], payload: bytes, *, loss: float, rng: random.Random) -> dict[str, Any]:
    """One upload, one vamp that gives it back, one download; over UDP if there is to be loss."""
    udp = Udp("127.0.0.1", server["port"]) if loss else None
    plain: Transport = udp or Tcp("127.0.0.1", server["tcp_port"], timeout_s=WAIT_S)
    ways: Any = Lossy(plain, loss, rng) if loss else plain
    try:
        if plain.reply_port is not None:
            plain.send(build_message("/vamp/reply_port", (plain.reply_port,)))
        name = f"loop-{rng.getrandbits(32)}"
        up_s = drive(ways, Uploader(name, payload, facts_of(payload, CHANNELS, RATE), is_stream=not loss))
        plain.send(build_message("/vamp/upload/vamp", (name,)))
        take_id = wait_for(plain, "/vamp/done").arguments[3]
        download = Downloader(f"{name}-back", take_id, is_stream=not loss)
        down_s = drive(ways, download)
        plain.send(build_message("/vamp/upload/cancel", (name,)))
    finally:
        plain.close()
    n_dropped = ways.n_dropped if loss else 0
    return {"up_s": up_s, "down_s": down_s, "is_exact": bytes(download.payload) == payload, "n_dropped": n_dropped}


@contextmanager
def serving() -> Iterator[dict[str, Any]]:
    """A server in a process of its own; where it listens."""
    with subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        yield json.loads(process.stdout.readline())
        process.terminate()


def serve() -> None:
    """Be the server, until the process is ended."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(ServeOptions(port=0, reply_port=0, folders=(Path(folder),)), EchoEngine())
        print(json.dumps({"port": server.address[1], "tcp_port": server.tcp_port}), flush=True)
        server.run()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--length-s", type=float, default=60.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--loss", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve()
        return
    rng = random.Random(args.seed)
    noise = np.random.default_rng(args.seed).uniform(-1, 1, (CHANNELS, round(args.length_s * RATE)))
    payload = encode(noise.astype(np.float32))
    with serving() as server:
        found = {
            "tcp": [measure(server, payload, loss=0.0, rng=rng) for _ in range(args.runs)],
            "udp": [measure(server, payload, loss=args.loss, rng=rng) for _ in range(args.runs)],
        }
    megabytes = len(payload) / 1e6
    rows, told = [], {}
    for way, runs in found.items():
        for direction in ("up", "down"):
            seconds = statistics.median(run[f"{direction}_s"] for run in runs)
            told[f"{way}_{direction}_s"] = round(seconds, 3)
            told[f"{way}_{direction}_mb_s"] = round(megabytes / seconds, 1)
            rows.append({"way": f"{way} {direction}", "median s": seconds, "MB/s": megabytes / seconds})
    is_exact = all(run["is_exact"] for runs in found.values() for run in runs)
    print_table(f"{megabytes:.1f} MB, {args.loss:.0%} of datagrams lost", rows)
    print_json(
        {
            "benchmark": "transfers",
            "megabytes": round(megabytes, 2),
            "runs": args.runs,
            "loss": args.loss,
            "n_dropped": sum(run["n_dropped"] for run in found["udp"]),
            **told,
            "is_exact": is_exact,
            "bar_tcp_up_mb_s": BAR_MB_S,
            "is_met": is_exact and told["tcp_up_mb_s"] >= BAR_MB_S,
            **describe_machine(),
        }
    )


if __name__ == "__main__":
    main()
