"""What the bridge needs of the engine. `vampbridge.engine.process.EngineClient` has it, and so do the fakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..engine.take import OnProgress, Take, VampRequest

NOT_YET = "the engine is still being started: the variation comes as soon as it can"
"""What is told of a vamp that waits for an engine which is being loaded, or started again."""


class Pending(Protocol):
    """A vamp that was submitted."""

    def result(self, timeout_s: float | None = None) -> Take:
        """The take, or raises what went wrong."""
        ...

    def cancel(self) -> object:
        """Give up on it, between two passes at the latest."""
        ...

    def done(self) -> bool:
        """Whether it is over, however it ended."""
        ...

    def add_done_callback(self, fn: Callable[[Any], None], /) -> None:
        """Call `fn` once when it is done, however it ended; from any thread."""
        ...


class Info(Protocol):
    """What the engine says of itself."""

    @property
    def bundle(self) -> str:
        """Name of the loaded bundle."""
        ...

    @property
    def n_codebooks(self) -> int:
        """Codebooks of the loaded bundle; 0 before it is loaded."""
        ...

    @property
    def ready(self) -> bool:
        """Whether the engine process runs."""
        ...


class Engine(Protocol):
    """Makes takes, in its own process."""

    @property
    def info(self) -> Info:
        """The present state."""
        ...

    def submit(self, request: VampRequest, *, slot: str = ..., on_progress: OnProgress | None = ...) -> Pending:
        """Queue a vamp; a newer one of the same slot replaces one that still waits."""
        ...
