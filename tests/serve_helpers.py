"""What the tests of the OSC server share: an engine without a model, a server, and a client on a real UDP socket."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.server import Server
from vampbridge.engine.deadlines.plan import Plan
from vampbridge.engine.errors import CancelledError
from vampbridge.engine.files import write_audio
from vampbridge.engine.take import Progress, Take, TakeReport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vampbridge.engine.take import VampRequest

WAIT_S = 60.0  # never reached unless something is broken; nothing here measures time
RATE = 16_000


def fake_take(request: VampRequest, name: str = "") -> Take:
    """The loop backwards; one variation louder than the next."""
    gains = np.linspace(0.5, 0.25, request.settings.variations, dtype=np.float32)
    audio = np.stack([request.audio[:, ::-1] * gain for gain in gains])  # (V, C, N)
    report = TakeReport(
        take_id=name or f"{request.settings.seed or 0:012x}"[-12:],
        seed=request.settings.seed or 0,
        settings=request.settings,
        bundle="fake",
        bundle_sha256="0" * 64,
        lineage=request.lineage,
        n_frames=1,
        share_regenerated=1.0,
        warnings=("This take is fake.",),
    )
    return Take(audio, request.sample_rate, np.ones((1, 1), dtype=np.bool_), report)


class FakePending:
    """A vamp of the fake engine."""

    def __init__(self) -> None:
        self._callbacks: list[Any] = []
        self._done = False
        self._take: Take | None = None
        self._error: Exception | None = None
        self._lock = threading.Lock()

    def finish(self, take: Take | None, error: Exception | None = None) -> None:
        with self._lock:
            if self._done:
                return
            self._take, self._error, self._done = take, error, True
            callbacks = self._callbacks
        for callback in callbacks:
            callback(self)

    def result(self, timeout_s: float | None = None) -> Take:
        assert self._done
        if self._error is not None:
            raise self._error
        assert self._take is not None
        return self._take

    def done(self) -> bool:
        return self._done

    def cancel(self) -> None:
        self.finish(None, CancelledError("cancelled"))

    def add_done_callback(self, fn: Any) -> None:
        with self._lock:
            if not self._done:
                self._callbacks.append(fn)
                return
        fn(self)


@dataclass
class FakeInfo:
    bundle: str = "fake"
    n_codebooks: int = 14
    device: str = "cpu"
    ready: bool = True


class FakeEngine:
    """Answers at once, or when told to if `holds`; or fails with `error`."""

    def __init__(self, _options: object = None) -> None:
        self.info = FakeInfo()
        self.requests: list[VampRequest] = []
        self.slots: list[str] = []
        self.held: list[tuple[FakePending, VampRequest]] = []
        self.holds = False
        self.plan: Plan | None = None  # told of every vamp
        self.is_hurried = False  # delivers a rough take first, to who wants it
        self.error: Exception | None = None
        self.submitted = threading.Semaphore(0)

    def start(self) -> None:
        """Nothing to start."""

    launch = wait_until_ready = start

    def close(self) -> None:
        for pending, _ in self.held:
            pending.finish(None, CancelledError("the engine was closed"))

    def submit(
        self,
        request: VampRequest,
        *,
        slot: str = "",
        on_progress: Any = None,
        on_plan: Any = None,
        on_rough: Any = None,
        replace_running: bool = False,
    ) -> FakePending:
        self.requests.append(request)
        self.slots.append(slot)
        pending = FakePending()
        for (held, _), held_slot in zip(self.held, self.slots, strict=False):
            if replace_running and held_slot == slot:
                held.cancel()
        if on_plan is not None and self.plan is not None:
            cycle_s = (request.cycle_s or 0.0) * self.plan.cycles_late
            on_plan(replace(self.plan, due_s=(request.deadline_s or 0.0) + cycle_s))
        if on_rough is not None and self.is_hurried:
            on_rough(fake_take(request, "rough"))
        if on_progress is not None:
            on_progress(Progress("coarse", 0.5))
        if self.holds:
            self.held.append((pending, request))
        else:
            pending.finish(None if self.error else fake_take(request), self.error)
        self.submitted.release()
        return pending

    def await_submit(self) -> None:
        assert self.submitted.acquire(timeout=WAIT_S)

    def release(self) -> None:
        """Finish everything that is held."""
        for pending, request in self.held:
            pending.finish(fake_take(request))


class UdpClient:
    """An OSC client that hears the replies on the port it sends from."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def send(self, address: str, *arguments: Any) -> None:
        self.send_bytes(build_msg(address, list(arguments)).dgram)

    def send_bytes(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, self._server)

    def receive_any(self) -> tuple[str, list[Any]]:
        self.socket.settimeout(WAIT_S)
        message = OscMessage(self.socket.recv(65_535))
        return message.address, message.params

    def receive(self, address: str) -> list[Any]:
        """Arguments of the next message to `address`; others are dropped, but an error fails the test."""
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            got, arguments = self.receive_any()
            if got == address:
                return arguments
            assert "error" not in got, (got, arguments)
        raise TimeoutError(address)

    def received_before_pong(self) -> list[tuple[str, list[Any]]]:
        """Everything that the server has sent to this client until now."""
        self.send("/vamp/ping")
        got: list[tuple[str, list[Any]]] = []
        while True:
            message = self.receive_any()
            if message == ("/vamp/pong", []):
                return got
            got.append(message)

    def ask(self, address: str, *arguments: Any) -> list[tuple[str, list[Any]]]:
        """Everything that a message is answered with at once."""
        self.send(address, *arguments)
        return self.received_before_pong()


@contextmanager
def serving(engine: Any, folder: Path, *, stage: Any = None, **options: Any) -> Iterator[Server]:
    """A running server on a free port, which answers to the port a message came from."""
    options = {"port": 0, "reply_port": 0, "folders": (folder,), **options}
    server = Server(ServeOptions(**options), engine, stage=stage)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(WAIT_S)
        engine.close()
        server.close()
        assert not thread.is_alive()


@contextmanager
def client_of(server: Server) -> Iterator[UdpClient]:
    client = UdpClient(server.address)
    try:
        yield client
    finally:
        client.socket.close()


def write_loop(path: Path, n_samples: int = 4000, n_channels: int = 1) -> np.ndarray:
    """A ramp, so that every sample of the loop is known; (C, N)."""
    audio = np.tile(np.linspace(-0.5, 0.5, n_samples, dtype=np.float32), (n_channels, 1))
    write_audio(path, audio, RATE)
    return audio
