"""Loads the engine while messages are answered: what is played and what is asked for does not wait for models."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from ..engine_port import Info


class LateEngine(Protocol):
    """An engine that can be loaded beside, see `vampbridge.engine.process.EngineClient`."""

    @property
    def info(self) -> Info:
        """The present state."""
        ...

    def launch(self) -> None:
        """Begin to load; what is submitted meanwhile waits."""
        ...

    def wait_until_ready(self) -> None:
        """Return when it is loaded. Raises VampbridgeError if it cannot be, and then what waits has failed."""
        ...

    def close(self) -> None:
        """End it, loaded or not."""
        ...


class EngineLoading:
    """An engine that is being loaded by a thread of its own, from `start` to `close`.

    Args:
        engine: Not started yet.
        on_ready: Called by that thread when the engine is loaded.
        on_failed: Called by that thread when it cannot be, or `on_ready` fails; `error` then says why.

    Attributes:
        error: Why there is no engine, or why that it is there could not be told; None as long as all may be well.
    """

    def __init__(self, engine: LateEngine, *, on_ready: Callable[[], None], on_failed: Callable[[], None]) -> None:
        self._engine, self._on_ready, self._on_failed = engine, on_ready, on_failed
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._wait, name="vampbridge-loading")

    def start(self) -> None:
        """Begin to load; returns at once."""
        self._engine.launch()
        self._thread.start()

    def close(self) -> None:
        """End the engine, loaded or not, and join the thread."""
        self._engine.close()
        if self._thread.ident is not None:
            self._thread.join()

    def _wait(self) -> None:
        try:
            self._engine.wait_until_ready()
            self._on_ready()
        # Whatever it is, as a standard output that nobody reads: the thread that owns all this must hear of it.
        except Exception as error:  # noqa: BLE001
            self.error = error
            self._on_failed()
