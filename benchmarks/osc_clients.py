"""OSC clients for the network's benchmarks, without an OSC library: packets built once, over UDP or TCP."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 20.0


def text(value: str) -> bytes:
    """OSC's text: ended by a zero byte, filled up to four."""
    coded = value.encode() + b"\0"
    return coded + bytes(-len(coded) % 4)


def message(address: str, *arguments: float | str | bytes) -> bytes:
    """One packet, of ints, floats, text and blobs."""
    tags, data = ",", b""
    for value in arguments:
        if isinstance(value, bytes):
            tags += "b"
            data += struct.pack(">i", len(value)) + value + bytes(-len(value) % 4)
        elif isinstance(value, str):
            tags += "s"
            data += text(value)
        else:
            tags += "i" if isinstance(value, int) else "f"
            data += struct.pack(">i" if isinstance(value, int) else ">f", value)
    return text(address) + text(tags) + data


def slip(packet: bytes) -> bytes:
    """As it travels over TCP."""
    return b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


class Wire:
    """One client's socket. Sends packets; gives back those that have come."""

    def __init__(self, address: tuple[str, int], *, tcp: bool) -> None:
        self.tcp = tcp
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self.socket.connect(address)
        if tcp:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
        self._rest = b""

    def send(self, packet: bytes) -> None:
        """One packet."""
        self.socket.sendall(slip(packet) if self.tcp else packet)

    def receive(self) -> list[bytes]:
        """Packets that have come; over TCP there may be none yet.

        Raises:
            TimeoutError: None came in time.
            ConnectionError: The server closed.
        """
        if not self.tcp:
            return [self.socket.recv(65_535)]
        received = self.socket.recv(2**18)
        if not received:
            raise ConnectionError("the server closed the connection")
        *packets, self._rest = (self._rest + received).split(b"\xc0")
        return [packet.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb") for packet in packets if packet]

    def close(self) -> None:
        """Free the socket."""
        self.socket.close()


@contextlib.contextmanager
def served(arguments: Sequence[str] = ()) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str], Path]]:
    """`vampbridge serve` on a free port; its ready line, its process, and the file that its errors go to.

    Raises:
        SystemExit: It does not start.
    """
    program = shutil.which("vampbridge", path=str(Path(sys.executable).parent)) or shutil.which("vampbridge")
    if program is None:
        raise SystemExit("there is no vampbridge command beside this Python: pip install vampbridge")
    with tempfile.TemporaryDirectory() as name:
        errors = Path(name) / "errors.txt"
        command = [program, "serve", "--json", "--port", "0", "--reply-port", "0", "--allow", name, *arguments]
        with (
            errors.open("w") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server,  # noqa: S603 - our own
        ):
            try:
                ready = json.loads((server.stdout.readline() if server.stdout else "") or "{}")
                if "port" not in ready:
                    raise SystemExit(f"the server did not start: {errors.read_text()}")
                yield ready, server, errors
            finally:
                server.terminate()
                try:
                    server.wait(STOP_TIMEOUT_S)
                except subprocess.TimeoutExpired:
                    server.kill()


def memory_mb(process_id: int) -> float:
    """Resident memory of a process; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0
