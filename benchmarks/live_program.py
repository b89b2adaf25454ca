"""`vampbridge live` as a benchmark runs it: a process of its own, and an OSC client that speaks with it."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

START = "from vampbridge.bridge.start import main; main()"


class Osc:
    """Speaks with `vampbridge live`, and is told what happens."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self.send("/vamp/subscribe")

    def send(self, address: str, *arguments: object) -> None:
        """One message."""
        self._socket.send(build_msg(address, list(arguments)).dgram)

    def heard(self) -> list[OscMessage]:
        """What has come until now."""
        messages = []
        self._socket.settimeout(0.0)
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(OscMessage(self._socket.recv(65_535)))
        return messages

    def wait_for(self, address: str, *, first: object = None) -> list[Any]:
        """Arguments of the next message to an address, whose first one is `first` if that is given."""
        self._socket.settimeout(60.0)
        while True:
            message = OscMessage(self._socket.recv(65_535))
            if message.address == address and first in (None, message.params[0]):
                return list(message.params)

    def close(self) -> None:
        """Free the port."""
        self._socket.close()


@contextlib.contextmanager
def playing_live(folder: Path, threads: int = 0) -> Iterator[Osc]:
    """`vampbridge live` on the server that JACK_DEFAULT_SERVER names, with so many threads of its engine.

    Raises:
        SystemExit: it does not start.
    """
    # The client listens for minutes without a word: its lease may not end.
    network = ["--port", "0", "--reply-port", "0", "--lease-s", "0", "--allow", str(folder)]
    options = ["--host-api", "JACK", "--json", "--threads", str(threads), *network]
    command = [sys.executable, "-c", START, "live", *options, "--session", str(folder / f"set-{time.time_ns()}")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own program
        try:
            ready = json.loads((program.stdout.readline() if program.stdout else "") or "{}")
            if "port" not in ready:
                raise SystemExit("vampbridge live did not start; the reason stands above")
            with contextlib.closing(Osc(ready["port"])) as osc:
                yield osc
        finally:
            program.send_signal(signal.SIGINT)
            try:
                program.wait(20.0)
            except subprocess.TimeoutExpired:
                program.kill()
