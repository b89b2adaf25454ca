"""What the live benchmarks share: a JACK server without hardware, and a tape that plays into it and records.

Needs `apt-get install jackd2 libportaudio2` and `pip install JACK-Client`. A server that freewheels calls everybody as
fast as they can, or as `Tape` allows, and loses no block: what comes out can be compared with what should, sample for
sample. In real time it is a sound card's clock without the card.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jack
import numpy as np
import soxr
from loops import RATE as LOOPS_RATE
from loops import read_loops
from numpy.typing import NDArray

RATE = 48_000
START_TIMEOUT_S = 60.0
NAMES = ("vampbridge-bench", "vampbridge-bench-2", "vampbridge-bench-3")
Frames = NDArray[np.float32]  # (N, 2)


def wait_until(is_so: Callable[[], object], timeout_s: float = 60.0, *, every_s: float = 0.002) -> None:
    """Poll until something is so.

    Raises:
        SystemExit: It never is.
    """
    end_s = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end_s:
            raise SystemExit(f"nothing happened within {timeout_s:g} s")
        time.sleep(every_s)


class JackServer:
    """A jackd with the dummy driver, 48 kHz, two channels, until `close`; PortAudio attaches to it.

    Args:
        period: Frames.
        realtime: Ask for real-time scheduling.
    """

    def __init__(self, period: int, *, realtime: bool = False) -> None:
        jack.set_error_function(lambda _text: None)
        jack.set_info_function(lambda _text: None)
        # JACK remembers at most 8 servers, also those that were killed, but for one that is started again by its name.
        self.name = next(name for name in NAMES if not self._answers(name))
        os.environ["JACK_DEFAULT_SERVER"] = self.name
        schedule = ["-R", "-P", "60"] if realtime else ["-r"]
        driver = ["-d", "dummy", "-r", str(RATE), "-p", str(period), "-C", "2", "-P", "2"]
        self._command = ["jackd", *schedule, "--port-max", "64", "-n", self.name, *driver]
        self._process = self._start()
        end_s = time.monotonic() + START_TIMEOUT_S
        while not self._answers(self.name):
            if self._process.poll() is not None:  # two servers that start at the same moment disturb each other
                time.sleep(random.uniform(0.1, 0.5))
                self._process = self._start()
            if time.monotonic() > end_s:
                raise SystemExit(f"jackd was not ready within {START_TIMEOUT_S:g} s")
            time.sleep(0.05)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603

    def _answers(self, name: str) -> bool:
        try:
            jack.Client("ready", no_start_server=True, servername=name).close()
        except jack.JackError:
            return False
        return True

    def client(self, name: str) -> Any:  # noqa: ANN401 - a module without types
        """A client of the benchmark's own."""
        return jack.Client(name, no_start_server=True, servername=self.name)

    @contextlib.contextmanager
    def freewheeling(self) -> Iterator[None]:
        """While open, time goes as fast as its clients can."""
        with self.client("wheel") as client:
            client.set_freewheel(True)
            try:
                yield
            finally:
                client.set_freewheel(False)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for semaphore in Path("/dev/shm").glob(f"jack_sem.*_{self.name}_*"):  # noqa: S108 - where JACK has them
            semaphore.unlink(missing_ok=True)


class Tape:
    """Plays a sound round and round into PortAudio's inputs and records its outputs, from `roll` on.

    Two clients, so that nothing runs in a circle.

    Args:
        server: Where.
        sound: (P, 2).
        record: (N, 2), to be filled.
        pace: At most so many times real time while the server freewheels; 0 is as fast as it goes.
    """

    def __init__(self, server: JackServer, sound: Frames, record: Frames, *, pace: float = 0.0) -> None:
        self.sound, self.record, self._pace = sound, record, pace
        self.start: int | None = None  # JACK's frame of the first one
        self.n_done = 0
        self._is_rolling = False
        self._began_s = 0.0
        self._source, self._sink = server.client("source"), server.client("sink")
        outs = [self._source.outports.register(f"out_{n}") for n in range(2)]
        ins = [self._sink.inports.register(f"in_{n}") for n in range(2)]
        self._source.set_process_callback(self._play)
        self._sink.set_process_callback(self._listen)
        self._source.activate()
        self._sink.activate()
        for out, port in zip(outs, self._source.get_ports("PortAudio", is_audio=True, is_input=True), strict=True):
            out.connect(port)
        for port, into in zip(self._sink.get_ports("PortAudio", is_audio=True, is_output=True), ins, strict=True):
            into.connect(port)

    @property
    def is_full(self) -> bool:
        """Whether all is recorded."""
        return self.n_done >= len(self.record)

    @property
    def now(self) -> int:
        """JACK's estimate of the present, in frames."""
        return int(self._sink.frame_time)

    def roll(self) -> None:
        """Begin with the next block."""
        self._is_rolling = True

    def close(self) -> None:
        """Leave the server."""
        for client in (self._source, self._sink):
            client.deactivate()
            client.close()

    def _play(self, n_frames: int) -> None:
        frame = self._source.last_frame_time
        if self._is_rolling and self.start is None:
            self._began_s, self.start = time.monotonic(), frame
        for number, port in enumerate(self._source.outports):
            block = port.get_array()
            if self.start is None:
                block.fill(0.0)
            else:
                block[:] = played_at(self.sound, frame - self.start, n_frames)[:, number]
        if self._pace and self.start is not None:
            ahead_s = (frame - self.start) / RATE / self._pace - (time.monotonic() - self._began_s)
            if ahead_s > 0:
                time.sleep(ahead_s)

    def _listen(self, n_frames: int) -> None:
        if self.start is None or self.is_full:
            return
        at = self._sink.last_frame_time - self.start
        part = self.record[at : at + n_frames]
        for number, port in enumerate(self._sink.inports):
            part[:, number] = port.get_array()[: len(part)]
        self.n_done = at + n_frames


def played_at(sound: Frames, frame: int, n_frames: int) -> Frames:
    """What a tape plays from a frame on, (n, 2)."""
    first = frame % len(sound)
    if first + n_frames <= len(sound):
        return sound[first : first + n_frames]
    return sound[np.arange(first, first + n_frames) % len(sound)]


def demo_sound() -> Frames:
    """The demo loops one after the other, (P, 2) at 48 kHz; the right channel is half as loud."""
    mono = np.concatenate([soxr.resample(loop, LOOPS_RATE, RATE) for loop in read_loops(None).values()])
    mono[np.abs(mono) < 1e-6] = 1e-6  # never quite silent, so that every frame shows whether it is heard
    return np.stack([0.5 * mono, 0.25 * mono], axis=1).astype(np.float32)
