"""Where callers leave their vamps and the supervisor takes them: the only state that threads share, behind one lock.

Nothing here ends a vamp: ends are left for the supervisor, so that callbacks come from one thread and under no lock.
"""

from __future__ import annotations

import multiprocessing
import threading

from ..errors import CancelledError, EngineError, VampbridgeError
from ..take import Take
from .messages import Done
from .pending import Job, cancelled_or

CANCELLED, REPLACED = "cancelled", "replaced by a newer request"

End = tuple[Job, VampbridgeError]


class Desk:
    """The waiting line, at most one vamp for each slot, and the vamp that runs.

    Served first is who is promised first; who has no deadline comes after those who have, in the order of arrival, but
    nobody waits longer than PATIENCE_S behind deadlines later than that. What runs is not interrupted by what is more
    urgent: work would be thrown away, and what was promised with it. It makes fewer passes instead, see `forecast`.

    Args:
        max_waiting: Beside the one that runs, or is the next to.
    """

    def __init__(self, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._lock = threading.Lock()
        self._waiting: dict[str, Job] = {}  # by slot, in the order of service
        self._running: Job | None = None
        self._ends: list[End] = []
        self._refusal: VampbridgeError | None = EngineError("the engine is not started")
        self._is_closing = False
        self._is_woken = False
        # Readable while there is something to look at; holds one message at most, so that waking never blocks.
        self.bell, self._button = multiprocessing.Pipe(duplex=False)

    # For callers, from any thread.

    def add(self, job: Job, *, replace_running: bool = False) -> None:
        """Put a vamp in line, in the place of one of the same slot that waits.

        The one of its slot that runs goes on, unless `replace_running`, or unless it only refines a take that was
        delivered.

        Raises:
            EngineError: The line is full, or the engine is not there: not started, given up, closed.
        """
        with self._lock:
            if self._refusal is not None:
                raise type(self._refusal)(str(self._refusal))  # a new one: each caller adds its own traceback
            replaced = self._waiting.get(job.slot)
            if replaced is None and len(self._waiting) + (self._running is not None) > self._max_waiting:
                raise EngineError(
                    f"at most {self._max_waiting} vamps may wait, and so many do: wait for one, or cancel one"
                )
            if replaced is not None:
                self._leave(replaced, REPLACED)
                job.queued_s = replaced.queued_s
            running = self._running
            if running is not None and running.slot == job.slot and (replace_running or running.is_refinement):
                running.cancel_reason = running.cancel_reason or REPLACED
            self._waiting[job.slot] = job
            self._ring()

    def cancel(self, job: Job) -> bool:
        """Take a vamp out of the line, or mark the running one; False if it is over."""
        with self._lock:
            if job.is_over:
                return False
            job.cancel_reason = job.cancel_reason or CANCELLED
            if self._waiting.get(job.slot) is job:
                del self._waiting[job.slot]
                self._leave(job, CANCELLED)
            self._ring()
            return True

    def open(self) -> None:
        """Accept vamps, unless it was closed already."""
        with self._lock:
            if not self._is_closing:
                self._refusal = None

    def close(self) -> None:
        """Refuse from now on, and have the supervisor end."""
        with self._lock:
            self._is_closing = True
            self._refusal = EngineError("the engine is closed")
            self._ring()

    @property
    def is_closing(self) -> bool:
        """Whether `close` was called."""
        with self._lock:
            return self._is_closing

    # For the supervisor, from its thread.

    @property
    def running(self) -> Job | None:
        """The vamp that was taken and is not finished."""
        return self._running

    def silence(self) -> bool:
        """Make the bell ring again; whether it had."""
        with self._lock:
            if not self._is_woken:
                return False
            self.bell.recv_bytes()
            self._is_woken = False
            return True

    def line(self) -> list[Job]:
        """Who waits, in the order of service."""
        with self._lock:
            return sorted(self._waiting.values(), key=lambda job: job.rank_s)  # stable: equals in order of arrival

    def take_next(self) -> Job | None:
        """The first in line, which now runs; None if nobody waits."""
        with self._lock:
            if not self._waiting:
                return None
            first = min(self._waiting.values(), key=lambda job: job.rank_s)
            self._running = self._waiting.pop(first.slot)
            return self._running

    def put_back(self, job: Job) -> None:
        """The running vamp was never begun: it is first in line again, unless a newer one has come for its slot."""
        with self._lock:
            self._running = None
            self._wait_again(job)

    def refine(self, job: Job, done: Done) -> None:
        """The running vamp has made its rough take: it waits for its better one, unless a newer one has come."""
        with self._lock:
            self._running = None
            job.refine(done)
            self._wait_again(job)

    def finish(self, job: Job, outcome: Take | VampbridgeError) -> Take | VampbridgeError:
        """The running vamp is over: what it ends with. After this, `cancel` comes too late."""
        with self._lock:
            self._running = None
            job.is_over = True
            return cancelled_or(outcome, job.cancel_reason)

    def take_ends(self) -> list[End]:
        """Vamps that ended without running, each once."""
        with self._lock:
            ends, self._ends = self._ends, []
            return ends

    def shut(self, error: VampbridgeError) -> list[End]:
        """Refuse everything from now on; the ends of all that is unfinished."""
        with self._lock:
            if not self._is_closing:
                self._refusal = error
            rest = [*([] if self._running is None else [self._running]), *self._waiting.values()]
            self._running, self._waiting = None, {}
            for job in rest:
                job.is_over = True
                outcome = CancelledError(job.cancel_reason) if job.is_cancelled else error
                self._ends.append((job, outcome))
            ends, self._ends = self._ends, []
            return ends

    def dispose(self) -> None:
        """Close the bell; after `shut`."""
        with self._lock:
            self.bell.close()
            self._button.close()

    def _wait_again(self, job: Job) -> None:
        if job.is_cancelled:
            self._leave(job, job.cancel_reason)
        elif job.slot in self._waiting:
            self._leave(job, REPLACED)
        else:
            self._waiting = {job.slot: job, **self._waiting}

    def _leave(self, job: Job, why: str) -> None:
        job.is_over = True
        self._ends.append((job, CancelledError(why)))

    def _ring(self) -> None:
        if not self._is_woken and not self._button.closed:
            self._is_woken = True
            self._button.send_bytes(b"!")
