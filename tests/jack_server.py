"""jackd with the dummy driver, and a way to play into whatever is connected to it and to record what it plays.

The fixture `make_jack` starts servers under names that no other test run uses at the moment. Tests that use it are
marked `jack`. Without jackd they are skipped, unless VAMPBRIDGE_REQUIRE_JACK=1.

JACK remembers at most 8 servers, and those that were killed for ever, unless one of the same name is started again. So
there are few names, each with a lock that goes with the process that holds it, and a server ends with its test run,
however that ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

START_TIMEOUT_S = 15.0
N_NAMES = 6  # two are left for others
_PR_SET_PDEATHSIG = 1
HOW = "apt-get install jackd2 libportaudio2 && pip install JACK-Client"


class JackServer:
    """A running jackd, 48 kHz, two inputs and two outputs, without real-time priority, until `stop`."""

    def __init__(self, period, name=None):
        import jack

        jack.set_error_function(lambda _text: None)
        jack.set_info_function(lambda _text: None)
        self.period, self._clients = period, []
        names = [f"vampbridge-test-{number}" for number in range(N_NAMES)] if name is None else [name]
        self.name = self._take_one_of(names)
        driver = ["-d", "dummy", "-r", "48000", "-p", str(period), "-C", "2", "-P", "2"]
        self._command = ["jackd", "-r", "--port-max", "64", "-n", self.name, *driver]
        self._process = self._start()
        try:
            self._await()
        except BaseException:
            self.stop()
            raise

    def _take_one_of(self, names):
        """A name that nobody else uses, for as long as this process lives and `stop` was not called."""
        import fcntl

        for name in names:
            self._lock = (Path(tempfile.gettempdir()) / f"{name}.lock").open("a")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._lock.close()
            else:
                return name
        raise AssertionError(f"{', '.join(names)}: JACK servers of these names run already")

    def _start(self):
        libc = ctypes.CDLL(None)
        return subprocess.Popen(
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Linux ends it when the thread that started it ends: a test run that is killed leaves nothing behind.
            preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - one call, no lock
        )

    def _await(self):
        end_s = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None:  # one of its name may be ending, and two that start disturb each other
                time.sleep(0.2)
                self._process = self._start()
            assert time.monotonic() < end_s, f"jackd was not ready within {START_TIMEOUT_S} s"
            time.sleep(0.05)

    def _answers(self):
        import jack

        try:
            self.client("ready").close()
        except jack.JackError:
            return False
        return True

    def client(self, name):
        """A JACK client of the test's own."""
        import jack

        client = jack.Client(name, no_start_server=True, servername=self.name)
        self._clients.append(client)
        return client

    def stop(self):
        """End it by its id, as somebody who pulls the card would have it; the test's own clients leave it first.

        One that outlives its server brings the whole process down when it is closed, or collected as garbage.
        """
        for client in self._clients:
            client.close()
        self._clients.clear()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        # Clients that went down with the server leave theirs behind.
        for semaphore in Path("/dev/shm").glob(f"jack_sem.*_{self.name}_*"):  # noqa: S108 - where JACK has them
            semaphore.unlink(missing_ok=True)
        self._lock.close()

    @contextlib.contextmanager
    def freewheeling(self):
        """As fast as the machine can, every sample in its place."""
        import jack

        client = self.client("wheel")
        client.activate()
        client.set_freewheel(True)
        try:
            yield
        finally:
            with contextlib.suppress(jack.JackError):  # the server may be gone; the test's own error is the one to see
                client.set_freewheel(False)
            client.close()


class Patchbay:
    """Plays into the inputs of `owner`'s ports and records its outputs: two clients, so that nothing runs in a circle.

    Args:
        server: Where.
        owner: Whose ports: a part of their names.
    """

    def __init__(self, server, owner="PortAudio"):
        self._source, self._sink = server.client("source"), server.client("sink")
        self._sound = np.zeros((2, 0), np.float32)
        self._record = np.zeros((2, 0), np.float32)
        self._start = None
        self._is_armed = self.is_done = False
        self.n_done = 0
        outs = [self._source.outports.register(f"out_{n}") for n in range(2)]
        ins = [self._sink.inports.register(f"in_{n}") for n in range(2)]
        self._source.set_process_callback(self._play)
        self._sink.set_process_callback(self._listen)
        self._source.activate()
        self._sink.activate()
        # JACK lists an owner's ports in the order in which they were registered.
        for out, port in zip(outs, self._source.get_ports(owner, is_audio=True, is_input=True), strict=False):
            out.connect(port)
        for port, into in zip(self._sink.get_ports(owner, is_audio=True, is_output=True), ins, strict=False):
            into.connect(port)

    def _play(self, n_frames):
        if self._is_armed and self._start is None:
            self._start = self._source.last_frame_time
        at = 0 if self._start is None else self._source.last_frame_time - self._start
        for port, channel in zip(self._source.outports, self._sound, strict=True):
            block = port.get_array()
            block.fill(0.0)
            if self._start is not None:
                part = channel[at : at + n_frames]
                block[: len(part)] = part

    def _listen(self, n_frames):
        if self._start is None or self.is_done:
            return
        at = self._sink.last_frame_time - self._start
        for port, channel in zip(self._sink.inports, self._record, strict=True):
            part = channel[at : at + n_frames]
            part[:] = port.get_array()[: len(part)]
        self.n_done = at + n_frames
        self.is_done = self.n_done >= self._record.shape[1]

    def play_and_record(self, sound, timeout_s=30.0):
        """Play (2, N); what came back at the same frames, (2, N)."""
        self._sound, self._record = sound, np.full_like(sound, np.nan)
        self._start, self.is_done, self.n_done, self._is_armed = None, False, 0, True
        end_s = time.monotonic() + timeout_s
        while not self.is_done:
            assert time.monotonic() < end_s, "the server stands still"
            time.sleep(0.005)
        self._is_armed = False
        return self._record

    def close(self):
        """Leave the server."""
        for client in (self._source, self._sink):
            client.close()


def missing():
    """What of JACK is not installed; empty if all is."""
    import importlib.util

    parts = {
        "jackd": shutil.which("jackd"),
        "libportaudio": find_library("portaudio"),
        "JACK-Client": importlib.util.find_spec("jack"),
    }
    return [name for name, found in parts.items() if not found]


@pytest.fixture
def make_jack(monkeypatch):
    """Starts a server: `make_jack(period)`. PortAudio in this process and its children attaches to the last one."""
    if gone := missing():
        text = f"{', '.join(gone)} not installed: {HOW}"
        if os.environ.get("VAMPBRIDGE_REQUIRE_JACK") == "1":
            pytest.fail(text)
        pytest.skip(text)
    servers = []

    def make(period, name=None):
        server = JackServer(period, name)
        servers.append(server)
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        return server

    yield make
    for server in servers:
        server.stop()
