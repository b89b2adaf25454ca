"""What the tests of other programs' clients share: a real server as a program, and what any program says, by lines."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from vampbridge.engine.files import write_audio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT_S = 60.0  # never reached unless something is broken
LOOP_RATE = 44_100


class Program:
    """A running program: what it says is kept, and can be waited for."""

    def __init__(self, command: list[str], **options: Any) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._said:
                self.lines.append(line.rstrip("\n"))
                self._said.notify_all()
        with self._said:
            self._said.notify_all()

    def wait_for(self, start: str) -> str:
        """The first line that begins so, now or later."""
        end_s = time.monotonic() + WAIT_S
        with self._said:
            while True:
                for line in self.lines:
                    if line.startswith(start):
                        return line
                assert self._reader.is_alive(), ("it has ended without", start, self.lines)
                assert self._said.wait(end_s - time.monotonic()), ("it never said", start, self.lines)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def program(command: list[str], **options: Any) -> Iterator[Program]:
    started = Program(command, **options)
    try:
        yield started
    finally:
        started.close()


@contextmanager
def real_server(command: str, folder: Path, *options: str, **environment: str) -> Iterator[dict[str, Any]]:
    """`vampbridge serve` or `live` with the bundle that everybody has; what its ready line says."""
    program = [sys.executable, "-c", "from vampbridge.bridge.start import main; main()", command]
    options = ("--port", "0", "--threads", "1", "--json", "--allow", str(folder), *options)
    environment = {**os.environ, **environment}
    with subprocess.Popen([*program, *options], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def need(command: str, package: str, variable: str) -> str:
    """The path of a program; skips without it, but fails where it is required."""
    found = shutil.which(command)
    if found is None:
        text = f"{command} is not installed: apt-get install {package}"
        if os.environ.get(variable) == "1":
            pytest.fail(text)
        pytest.skip(text)
    return found


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_tones(path: Path, seconds: float = 1.0) -> np.ndarray:
    """A loop that is no silence, (1, N)."""
    times = np.arange(round(seconds * LOOP_RATE)) / LOOP_RATE
    beats = np.exp(-8 * (times % 0.25))
    audio = (0.4 * beats * np.sin(2 * np.pi * 220 * times)).astype(np.float32)[None]
    write_audio(path, audio, LOOP_RATE)
    return audio
