"""How far a vamp has come, whether it was cancelled, and how long each stage took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import CancelledError
from .take import IsCancelled, OnProgress, Progress


class PassCounter:
    """Counts the passes of one vamp, reports after each, and stops it between two of them when it was cancelled.

    Variations may be drawn in threads of their own, which all call `advance`: one is let in at a time. The passes still
    to come may become more or fewer on the way; the fraction that is reported never goes back.
    """

    def __init__(self, on_progress: OnProgress | None, is_cancelled: IsCancelled | None) -> None:
        self.seconds: dict[str, float] = {}
        self._on_progress, self._is_cancelled = on_progress, is_cancelled
        self._stage, self._done, self._total, self._fraction = "", 0, 1, 0.0
        self._lock = threading.Lock()

    def expect(self, n_passes: int) -> None:
        """Say how many passes are still to come; encoding and decoding count as one more each."""
        with self._lock:
            self._total = max(1, self._done) + n_passes + 1

    def advance(self) -> None:
        """One pass is done.

        Raises:
            CancelledError: The vamp was cancelled meanwhile.
        """
        with self._lock:
            self._done += 1
            self._report()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; stages of the same name add up."""
        started = time.perf_counter()
        self._stage = name
        self._report()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def _report(self) -> None:
        if self._is_cancelled is not None and self._is_cancelled():
            raise CancelledError("cancelled")
        if self._on_progress is not None:
            self._fraction = max(self._fraction, min(1.0, self._done / self._total))
            self._on_progress(Progress(self._stage, self._fraction))
