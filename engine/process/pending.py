"""One vamp from `submit` to its end: `PendingVamp` is what the caller holds, `Job` what the client works with."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from ..deadlines.estimate import sound_of
from ..deadlines.plan import Plan, Terms
from ..deadlines.work import Work
from ..errors import AudioError, CancelledError, SettingError, VampbridgeError
from ..take import OnPlan, OnProgress, Progress, Take, VampRequest
from .messages import Done, Order
from .shared_array import SharedArray

log = logging.getLogger(__name__)

PATIENCE_S = 30.0
"""Whoever has waited so long goes before those whose deadlines come later, so that nobody waits for ever."""

OnTake = Callable[[Take], None]
_Told = TypeVar("_Told")


@dataclass(frozen=True)
class Callbacks:
    """Whom a vamp tells on its way, from the client's reader thread; see `EngineClient.submit`."""

    on_progress: OnProgress | None = None
    on_plan: OnPlan | None = None
    on_rough: OnTake | None = None


class Job:
    """A vamp that is not over: its place in the line, its shared memory, and who waits for it.

    Whoever holds the desk's lock may set `cancel_reason` and `is_over`; the rest belongs to the supervisor's thread.

    Args:
        job_id: Unique in a client.
        request: What to make. The audio and the mask are copied here; nothing of the caller's is kept.
        slot: See `EngineClient.submit`.
        callbacks: Likewise.

    Attributes:
        queued_s: Since when its slot has waited, on the clock of `time.monotonic`.
        begun_s: Since when the engine works on it; None while it waits.
        terms: When it is needed; None without a deadline.
        cycles_late: By how many cycles it was promised later than that; None before any promise.
        is_refinement: Whether a rough take was delivered already, and this is the better one.

    Raises:
        AudioError: Audio that is not (C, N) float32.
        SettingError: A drawn mask that is not (rows, columns) bool, or a rough take without a deadline.
        EngineError: Not enough shared memory.
    """

    def __init__(self, job_id: int, request: VampRequest, *, slot: str, callbacks: Callbacks) -> None:
        _check_arrays(request)
        if callbacks.on_rough is not None and request.deadline_s is None:
            raise SettingError("on_rough hears a rough take by the deadline: give the request a deadline_s")
        self.id, self.slot, self.future = job_id, slot, Future[Take]()
        self.cancel_reason, self.is_over = "", False
        self.has_begun = self.was_put_back = self.knows_of_cancel = self.is_refinement = False
        self.queued_s = time.monotonic()
        self.begun_s: float | None = None
        self.cycles_late: int | None = None
        self.terms = _terms(request)
        self.settings, self.sound = request.settings, sound_of(request)
        self._callbacks = callbacks
        self._work: Work | None = None
        self._lineage, self._passes = request.lineage, request.passes
        self._take: SharedArray | None = None
        self._drawn: SharedArray | None = None
        self._loop = SharedArray.holding(request.audio)
        try:
            if request.drawn_mask is not None:
                self._drawn = SharedArray.holding(request.drawn_mask)
                self.sound = replace(self.sound, drawn_mask=request.drawn_mask.copy())
        except VampbridgeError:
            self.release()
            raise

    @property
    def is_cancelled(self) -> bool:
        """Whether it was given up."""
        return bool(self.cancel_reason)

    @property
    def rank_s(self) -> float:
        """Its place in the line: the deadline it is promised, but whoever has waited PATIENCE_S stands before it."""
        patience_s = self.queued_s + PATIENCE_S
        if self.terms is None:
            return patience_s
        return min(patience_s, self.terms.deadline_s + (self.cycles_late or 0) * self.terms.cycle_s)

    def order(self, share_until_s: float | None = None) -> Order:
        """What the engine process is sent. Makes room for the take, once.

        Raises:
            EngineError: Not enough shared memory.
        """
        if self._take is None:
            n_channels, n_samples = self._loop.place.shape
            shape = (self.settings.variations, n_channels, n_samples * self.settings.stretch)  # (V, C, N·stretch)
            self._take = SharedArray(shape, np.dtype(np.float32).str)
        return Order(
            self.id,
            self._loop.place,
            None if self._drawn is None else self._drawn.place,
            self._take.place,
            self.sound.sample_rate,
            self.settings,
            self._lineage,
            self.terms,
            self._passes,
            share_until_s,
        )

    def work_once(self, estimate: Callable[[], Work]) -> Work:
        """What there is to do, estimated the first time."""
        self._work = self._work or estimate()
        return self._work

    def wants_better(self, done: Done) -> bool:
        """Whether a take is the rough one, after which the caller wants another."""
        timing = done.report.timing
        return self._callbacks.on_rough is not None and not self.is_refinement and bool(timing and timing.rough)

    def refine(self, done: Done) -> None:
        """After its rough take it waits again: for all passes, from the same seed, a cycle after the rough one's."""
        if self.terms is None or done.report.timing is None:
            message = "a rough take came without a deadline"
            raise AssertionError(message)
        deadline_s = self.terms.deadline_s + (done.report.timing.cycles_late + 1) * self.terms.cycle_s
        self.terms = Terms(deadline_s, self.terms.cycle_s)
        self.settings = self.settings.changed(seed=done.report.seed)
        self.is_refinement, self.cycles_late, self.begun_s = True, None, None
        self.has_begun = self.was_put_back = self.knows_of_cancel = False
        self.queued_s = time.monotonic()

    def read_take(self, done: Done) -> Take:
        """The take that the engine process has written."""
        if self._take is None:
            message = "a take came without an order"
            raise AssertionError(message)
        return Take(self._take.read(), self.sound.sample_rate, done.mask, done.report)

    def report(self, progress: Progress) -> None:
        """Tell the caller how far it is."""
        self._tell(self._callbacks.on_progress, progress)

    def promise(self, plan: Plan) -> None:
        """Tell the caller when the take will be there."""
        self.cycles_late = plan.cycles_late
        self._tell(self._callbacks.on_plan, plan)

    def deliver_rough(self, take: Take) -> None:
        """Hand over the take that will be followed by a better one."""
        self._tell(self._callbacks.on_rough, take)

    def _tell(self, callback: Callable[[_Told], None] | None, what: _Told) -> None:
        if callback is None or self.is_cancelled:
            return
        try:
            callback(what)
        except Exception:  # the caller's bug must not stop the vamps of others
            log.exception("a callback failed")

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


def cancelled_or(outcome: Take | VampbridgeError, reason: str) -> Take | VampbridgeError:
    """What a vamp ends with: one that was given up, for a reason, ends so, whatever came of it."""
    return CancelledError(reason) if reason else outcome


def _terms(request: VampRequest) -> Terms | None:
    if request.deadline_s is None:
        return None
    return Terms(request.deadline_s, request.cycle_s or request.audio.shape[1] / max(1, request.sample_rate))


def _check_arrays(request: VampRequest) -> None:
    audio, mask = request.audio, request.drawn_mask
    if audio.ndim != 2 or audio.dtype != np.float32:
        raise AudioError(f"audio must be (C, N) float32, got {audio.shape} {audio.dtype}")
    if mask is not None and (mask.ndim != 2 or mask.dtype != np.bool_):
        raise SettingError(f"a drawn mask must be (rows, columns) bool, got {mask.shape} {mask.dtype}")
