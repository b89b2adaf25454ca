"""The engine process itself: makes a vamper, then one take after the other. No queue here: the client keeps it.

Two threads. The main one runs the model; the listener takes messages meanwhile, so that a cancellation is seen between
passes and the process ends with its parent, even in the middle of a pass.
"""

from __future__ import annotations

import importlib
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NoReturn, Protocol, cast

from ..deadlines.costs import CostModel
from ..deadlines.pacer import Hearers
from ..errors import EngineError, VampbridgeError
from ..take import IsCancelled, OnProgress, Take, VampRequest
from .messages import Began, Cancel, Done, Failed, FromWorker, Order, Ready, Share, ToWorker
from .options import EngineOptions
from .priority import lower_priority


class _Manifest(Protocol):
    """The part of a bundle's manifest that the client is told."""

    @property
    def name(self) -> str: ...
    @property
    def sample_rate(self) -> int: ...
    @property
    def hop(self) -> int: ...
    @property
    def n_codebooks(self) -> int: ...


class _Bundle(Protocol):
    @property
    def manifest(self) -> _Manifest: ...


class AnyVamper(Protocol):
    """What a factory makes: `vampbridge.engine.vamper.Vamper`, or a fake."""

    @property
    def bundle(self) -> _Bundle:
        """Whose manifest the client is told."""
        ...

    @property
    def device(self) -> str:
        """Where it runs, `cpu` or `cuda`."""
        ...

    @property
    def costs(self) -> CostModel:
        """What vamps cost."""
        ...

    def vamp(
        self,
        request: VampRequest,
        *,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        hearers: Hearers | None = None,
    ) -> Take:
        """See `Vamper.vamp`."""
        ...

    def warm_up(self, loop_s: float = 4.0, *, costs: CostModel | None = None) -> None:
        """See `Vamper.warm_up`."""
        ...


def run_worker(connection: Connection, options: EngineOptions) -> None:
    """Serve until told to stop. The target of the process; `connection` leads to the client."""
    # Ctrl-C reaches every process of the terminal: the client decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Worker(connection).serve(options)


class _Worker:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Bounded by the client, which sends an order when the one before has been answered. None = stop.
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._cancelled_id: int | None = None
        self._share = Share(0, None)
        self._is_stopping = False
        # Joined in `serve`. A daemon all the same: should a library end the main thread (SystemExit), the process ends.
        self._listener = threading.Thread(target=self._listen, name="vampbridge-listener", daemon=True)

    def serve(self, options: EngineOptions) -> None:
        self._listener.start()
        try:
            vamper = _make_vamper(options)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client hears of it
            self._send(_failure(error))
        else:
            manifest = vamper.bundle.manifest
            sizes = (manifest.sample_rate, manifest.hop, manifest.n_codebooks)
            self._send(Ready(manifest.name, *sizes, vamper.device, vamper.costs))
            while (order := self._orders.get()) is not None:
                self._send(Began())
                self._send(self._answer(vamper, order))
        self._listener.join()  # until told to stop

    def _answer(self, vamper: AnyVamper, order: Order) -> Done | Failed:
        def share_until() -> float | None:
            share = self._share  # replaced by the listener, never changed
            return share.until_s if share.id == order.id else order.share_until_s

        try:
            take = vamper.vamp(
                order.read_request(),
                on_progress=self._send,
                is_cancelled=lambda: self._is_stopping or self._cancelled_id == order.id,
                hearers=Hearers(self._send, share_until),
            )
            order.take.write(take.audio)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client hears of it
            return _failure(error)
        return Done(take.mask, take.report, vamper.costs)

    def _listen(self) -> None:
        while True:
            try:
                message = cast("ToWorker", self._connection.recv())
            except (EOFError, OSError):
                _exit_with_parent()
            if isinstance(message, Order):
                self._orders.put(message)
            elif isinstance(message, Share):
                self._share = message
            elif isinstance(message, Cancel):
                self._cancelled_id = message.id
            else:
                self._is_stopping = True
                self._orders.put(None)
                return

    def _send(self, message: FromWorker) -> None:
        """Waits while the pipe is full: the client always reads on."""
        try:
            self._connection.send(message)
        except OSError:
            _exit_with_parent()


def _exit_with_parent() -> NoReturn:
    # Nobody is left to tell, and the main thread may be inside ONNX Runtime, where a normal exit would wait or abort.
    os._exit(1)


def _make_vamper(options: EngineOptions) -> AnyVamper:
    module, _, function = options.factory.partition(":")
    factory = cast("Callable[..., AnyVamper]", getattr(importlib.import_module(module), function))
    vamper = factory(options.bundle_path, options.threads, options.device)
    # Only now: after a crash a set waits for it, and a busy machine would let it load for seconds. What vamps cost is
    # measured at the priority at which they are made.
    lower_priority(options.nice)
    if options.warm_up_s:
        vamper.warm_up(options.warm_up_s, costs=options.costs)
    return vamper


def _failure(error: Exception) -> Failed:
    if isinstance(error, VampbridgeError):
        return Failed(error.code, str(error))
    trace = "".join(traceback.format_exception(error))
    return Failed(EngineError.code, f"unexpected {type(error).__name__} in the engine process: {error}", trace)
