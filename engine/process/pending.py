"""One vamp from `submit` to its end: `PendingVamp` is what the caller holds, `Job` what the client works with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

import numpy as np

from ..errors import AudioError, CancelledError, SettingError, VampbridgeError
from ..take import OnProgress, Progress, Take, VampRequest
from .messages import Done, Order
from .shared_array import SharedArray

log = logging.getLogger(__name__)


class Job:
    """A vamp that is not over: its place in the line, its shared memory, and who waits for it.

    Whoever holds the desk's lock may set `is_cancelled` and `is_over`; all the rest belongs to the supervisor's thread.

    Args:
        job_id: Unique in a client.
        request: What to make. The audio and the mask are copied here; nothing of the caller's is kept.
        slot: See `EngineClient.submit`.
        on_progress: Called after every pass.

    Raises:
        AudioError: Audio that is not (C, N) float32.
        SettingError: A drawn mask that is not (rows, columns) bool.
        EngineError: Not enough shared memory.
    """

    def __init__(self, job_id: int, request: VampRequest, *, slot: str, on_progress: OnProgress | None) -> None:
        _check_arrays(request)
        self.id, self.slot, self.future = job_id, slot, Future[Take]()
        self.is_cancelled = self.is_over = False
        self.has_begun = self.was_put_back = self.knows_of_cancel = False
        self._on_progress = on_progress
        self._sample_rate, self._settings, self._lineage = request.sample_rate, request.settings, request.lineage
        self._take: SharedArray | None = None
        self._drawn: SharedArray | None = None
        self._loop = SharedArray.holding(request.audio)
        try:
            if request.drawn_mask is not None:
                self._drawn = SharedArray.holding(request.drawn_mask)
        except VampbridgeError:
            self.release()
            raise

    def order(self) -> Order:
        """What the engine process is sent. Makes room for the take, once.

        Raises:
            EngineError: Not enough shared memory.
        """
        if self._take is None:
            n_channels, n_samples = self._loop.place.shape
            shape = (self._settings.variations, n_channels, n_samples * self._settings.stretch)  # (V, C, N·stretch)
            self._take = SharedArray(shape, np.dtype(np.float32).str)
        return Order(
            self.id,
            self._loop.place,
            None if self._drawn is None else self._drawn.place,
            self._take.place,
            self._sample_rate,
            self._settings,
            self._lineage,
        )

    def read_take(self, done: Done) -> Take:
        """The take that the engine process has written."""
        if self._take is None:
            message = "a take came without an order"
            raise AssertionError(message)
        return Take(self._take.read(), self._sample_rate, done.mask, done.report)

    def report(self, progress: Progress) -> None:
        """Tell the caller how far it is."""
        if self._on_progress is None or self.is_cancelled:
            return
        try:
            self._on_progress(progress)
        except Exception:  # the caller's bug must not stop the vamps of others
            log.exception("a progress callback failed")

    def end(self, outcome: Take | VampbridgeError) -> None:
        """Give the memory back, then tell everyone who waits."""
        self.release()
        if isinstance(outcome, VampbridgeError):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)

    def release(self) -> None:
        """Give the shared memory back."""
        for shared in (self._loop, self._drawn, self._take):
            if shared is not None:
                shared.release()


class PendingVamp:
    """A vamp that was submitted; made by `EngineClient.submit` only."""

    def __init__(self, job: Job, cancel: Callable[[Job], bool]) -> None:
        self._job, self._cancel = job, cancel

    @property
    def id(self) -> int:
        """Its number, unique in the client; they rise in the order of submission."""
        return self._job.id

    def result(self, timeout_s: float | None = None) -> Take:
        """Wait for the take. Not from a callback: those run in the thread that this waits for.

        Raises:
            TimeoutError: It was not done within `timeout_s`; it still goes on.
            CancelledError: It was cancelled, or replaced by a newer request.
            VampbridgeError: What went wrong, in the class in which the engine raised it.
        """
        try:
            return self._job.future.result(timeout_s)
        except FutureTimeoutError as error:  # another class than the built-in one until Python 3.11
            raise TimeoutError(f"the vamp was not done within {timeout_s} s") from error

    def cancel(self) -> bool:
        """Give up on it: at once if it waits, at the next pass if it runs.

        Returns:
            Whether it was in time: if so, it ends with CancelledError, even if the engine had just finished it.
        """
        return self._cancel(self._job)

    def done(self) -> bool:
        """Whether it is over, however it ended."""
        return self._job.future.done()

    def add_done_callback(self, fn: Callable[[PendingVamp], None]) -> None:
        """Call `fn(self)` once when it is over: from the client's reader thread, or at once if it is over already."""
        self._job.future.add_done_callback(lambda _: fn(self))


def cancelled_or(outcome: Take | VampbridgeError, *, is_cancelled: bool) -> Take | VampbridgeError:
    """What a vamp ends with: one that was cancelled ends so, whatever came of it."""
    if is_cancelled and not isinstance(outcome, CancelledError):
        return CancelledError("cancelled")
    return outcome


def _check_arrays(request: VampRequest) -> None:
    audio, mask = request.audio, request.drawn_mask
    if audio.ndim != 2 or audio.dtype != np.float32:
        raise AudioError(f"audio must be (C, N) float32, got {audio.shape} {audio.dtype}")
    if mask is not None and (mask.ndim != 2 or mask.dtype != np.bool_):
        raise SettingError(f"a drawn mask must be (rows, columns) bool, got {mask.shape} {mask.dtype}")
