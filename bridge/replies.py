"""How the client of one vamp is told of it. A small interface, so that `vamps` needs to know of no messages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..engine.errors import VampbridgeError
from ..engine.take import Progress, Take


class Replies(Protocol):
    """How the client of one vamp wants to be told. Called from several threads; nothing follows `done` or `failed`."""

    def queued(self) -> None:
        """It was accepted."""
        ...

    def progress(self, progress: Progress | None, *, is_new: bool) -> None:
        """Every 100 ms until it ends; None while it waits."""
        ...

    def note(self, text: str) -> None:
        """Something the user should know."""
        ...

    def done(self, paths: Sequence[Path], take: Take, seconds: float) -> None:
        """The takes are written."""
        ...

    def failed(self, error: VampbridgeError) -> None:
        """It ended without a take."""
        ...
