"""How long a client of `vampbridge serve` waits: from its OSC message out to the message that the take is written.

    python benchmarks/osc_round_trip.py [--bundle FOLDER] [--runs 20] [--loop-s 4] [--passes 12] [--unloop]

The server is a process of its own on a free port, as on stage. Reading the loop, every pass, writing the take and both
messages are inside what is measured. The bar is a quarter of the loop's length.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from loops import RATE, read_loops
from machine import describe_machine
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from report import print_json, print_table
from vampbridge.engine.settings import VampSettings

BAR = 0.25
"""Largest median wait, as a share of the loop's length."""
WARM_UPS = 3
REPLY_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Wanted:
    """What is asked for in every run: the file, the passes, and whether in unloop's words."""

    path: Path
    passes: int
    unloop: bool

    def message(self, run: int) -> tuple[str, list[Any], str]:
        """Address and arguments of one request, and the address of its result."""
        if not self.unloop:
            return (
                "/vamp/file",
                [str(self.path), str(self.path.with_name(f"take-{run}.wav")), f"run-{run}"],
                "/vamp/done",
            )
        s = VampSettings()
        # In the order of docs/protocol.md; the seed is drawn, the whole file is the loop, onsets and beats are off.
        arguments = [f"run-{run}", "vampnet", str(self.path), "default", s.period, s.dropout, 0, 0.0]
        arguments += [int(s.typical), s.typical_mass, s.typical_min_tokens, s.codebooks_kept, 0]
        return "/process", [*arguments, self.passes, s.temperature, s.top_p, 0.0, 1], "/process-result"


class Client:
    """Sends to the server and hears its replies on one socket; owned by whoever closes it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(REPLY_TIMEOUT_S)
        self._socket.connect(("127.0.0.1", port))

    def send(self, address: str, arguments: list[Any]) -> None:
        """One message."""
        self._socket.send(build_msg(address, arguments).dgram)

    def wait_for(self, address: str) -> list[Any]:
        """Arguments of the next message to an address.

        Raises:
            SystemExit: the server answers with an error, or not at all.
        """
        while True:
            try:
                message = OscMessage(self._socket.recv(65_535))
            except TimeoutError:
                raise SystemExit(f"no {address} within {REPLY_TIMEOUT_S:g} s") from None
            if message.address == address:
                return list(message.params)
            if "error" in message.address:
                raise SystemExit(f"the server answers {message.address} {message.params}")

    def close(self) -> None:
        """Free the port."""
        self._socket.close()


@contextlib.contextmanager
def serving(folder: Path, bundle: Path | None, threads: int) -> Iterator[dict[str, Any]]:
    """`vampbridge serve` on a free port for one folder; yields what its ready line says.

    Raises:
        SystemExit: it does not start.
    """
    program = shutil.which("vampbridge", path=str(Path(sys.executable).parent)) or shutil.which("vampbridge")
    if program is None:
        raise SystemExit("there is no vampbridge command beside this Python: pip install vampbridge")
    command = [program, "serve", "--json", "--port", "0", "--reply-port", "0", "--allow", str(folder)]
    command += ["--threads", str(threads), *(["--bundle", str(bundle)] if bundle else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own program
        try:
            line = server.stdout.readline() if server.stdout else ""
            ready = json.loads(line or "{}")
            if "port" not in ready:
                raise SystemExit("the server did not start; the reason stands above")
            yield ready
        finally:
            server.terminate()
            try:
                server.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                server.kill()


def measure(client: Client, wanted: Wanted, n_runs: int) -> list[float]:
    """Seconds from request to result, one per run, after the warm-ups."""
    waits = []
    for run in range(WARM_UPS + n_runs):
        address, arguments, reply = wanted.message(run)
        start_s = time.perf_counter()
        client.send(address, arguments)
        client.wait_for(reply)
        waits.append(time.perf_counter() - start_s)
    return waits[WARM_UPS:]


def summary(waits: list[float], loop_s: float) -> dict[str, float | int | bool]:
    """Median and 95th percentile, in s and as shares of the loop, and whether the bar is met."""
    median_s, p95_s = float(np.median(waits)), float(np.percentile(waits, 95))
    return {
        "runs": len(waits),
        "loop_s": loop_s,
        "median_s": median_s,
        "p95_s": p95_s,
        "median_of_loop": median_s / loop_s,
        "p95_of_loop": p95_s / loop_s,
        "bar": BAR,
        "bar_met": median_s / loop_s <= BAR,
    }


def write_loop(path: Path, loop_s: float, loops: Path | None) -> None:
    """A loop of that length: the first one, repeated and cut."""
    audio = next(iter(read_loops(loops).values()))
    soundfile.write(path, np.resize(audio, round(loop_s * RATE)), RATE, subtype="PCM_24")


def main() -> None:
    """Read the command line, start the server, measure, print."""
    arguments = _parse()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        wanted = Wanted(folder / "loop.wav", arguments.passes, arguments.unloop)
        write_loop(wanted.path, arguments.loop_s, arguments.loops)
        with serving(folder, arguments.bundle, arguments.threads) as ready:
            client = Client(ready["port"])
            with contextlib.closing(client):
                client.send("/vamp/set/coarse_passes", [arguments.passes])
                waits = measure(client, wanted, arguments.runs)
    result = summary(waits, arguments.loop_s)
    words = "/process (two variations)" if arguments.unloop else "/vamp/file"
    print_table(f"{words}, {arguments.passes} coarse passes, bundle {ready['bundle']}", [result])
    kept = {"message": words, "passes": arguments.passes, "bundle": ready["bundle"], **result}
    print_json({**kept, "waits_s": waits, "machine": describe_machine()})


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the wait of a client of `vampbridge serve`.")
    parser.add_argument("--bundle", type=Path, help="a bundle's folder (default: the embedded one)")
    parser.add_argument("--loops", type=Path, help="a folder whose first loop is sent (default: the demo loops)")
    parser.add_argument("--loop-s", type=float, default=4.0, help="its length in s (default: %(default)s)")
    parser.add_argument("--passes", type=int, default=12, help="coarse passes (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=20, help=f"after {WARM_UPS} warm-ups (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=0, help="threads of the engine (default: it chooses)")
    parser.add_argument("--unloop", action="store_true", help="ask with unloop's /process, which makes two variations")
    arguments = parser.parse_args()
    if arguments.runs < 1 or arguments.loop_s <= 0:
        parser.error("--runs must be at least 1 and --loop-s above 0")
    return arguments


if __name__ == "__main__":
    main()
