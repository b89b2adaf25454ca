"""The thread that owns the engine process: starts it, hands over one vamp at a time, starts it again when it dies.

Everything a caller hears (progress, ends) comes from this thread.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from dataclasses import replace
from multiprocessing import connection, resource_tracker

from ..deadlines.plan import Plan
from ..errors import EngineError, VampbridgeError
from ..take import Progress, Take
from .desk import Desk
from .forecast import look_ahead, time_to_share
from .handle import WorkerGoneError, WorkerHandle
from .messages import Began, Cancel, Done, Failed, FromWorker, Ready, Share
from .options import EngineInfo, EngineOptions
from .pending import Job

log = logging.getLogger(__name__)

MAX_FAILED_STARTS = 3
# Before the first, second … restart since a vamp was last answered; the last one is kept.
RESTART_DELAYS_S = (0.0, 0.5, 2.0, 5.0)
SHARE_STEP_S = 0.02
"""What is worth telling the vamp that runs."""
LOOK_EVERY_S = 0.1
"""So often those who wait for a deadline are looked after, should nothing else happen."""


class Supervisor:
    """Runs, once its thread is started, until the desk is closed, or until the engine cannot be started again.

    Args:
        options: What to start.
        desk: Where the vamps come from.
    """

    def __init__(self, options: EngineOptions, desk: Desk) -> None:
        self._options, self._desk = options, desk
        self.info = EngineInfo()  # replaced, never changed: safe to read from any thread
        self._has_started = threading.Event()
        self._start_error: VampbridgeError | None = None
        self._n_setbacks = 0
        self._share_until_s: float | None = None  # as the vamp that runs was told
        # A daemon only so that a program that forgets `close` can end; its exit handler joins it all the same.
        self.thread = threading.Thread(target=self._run, name="vampbridge-engine-client", daemon=True)

    def wait_until_ready(self) -> None:
        """Return when the thread, which is started by its owner, has an engine that is ready.

        Raises:
            VampbridgeError: It could not be started; in the class and words of the engine process.
        """
        while not self._has_started.wait(0.2):
            pass  # in slices, because Windows lets Ctrl-C through only between them
        if self._start_error is not None:
            raise self._start_error

    def _run(self) -> None:
        reason: VampbridgeError = EngineError("the engine client failed unexpectedly; the log says why")
        try:
            _block_interrupts()
            reason = self._keep_running()
        except Exception:  # our bug: nobody may be left waiting
            log.exception("the engine client failed")
        finally:
            self.info = replace(self.info, pid=0, ready=False)
            for job, error in self._desk.shut(reason):
                job.end(error)
            if not self._has_started.is_set():
                self._start_error = reason
            self._has_started.set()

    def _keep_running(self) -> VampbridgeError:
        """Serve until there is a reason to end; returns it."""
        n_failed = 0
        while not self._desk.is_closing:
            try:
                worker = self._start_worker()
            except VampbridgeError as error:
                n_failed += 1
                if not self._has_started.is_set():
                    return error
                log.warning("the engine process did not start again: %s", error)
                if n_failed == MAX_FAILED_STARTS:
                    return EngineError(f"the engine process did not start again, {n_failed} times in a row: {error}")
            else:
                n_failed = 0
                self._serve(worker)
            self._pause()
        return EngineError("the engine was closed")

    def _start_worker(self) -> WorkerHandle:
        # One that died must be back soon: what was learned of costs need not be measured again.
        known = self.info.costs if self.info.costs.is_measured else self._options.costs
        worker = WorkerHandle(replace(self._options, costs=known))
        try:
            ready = self._await_ready(worker)
        except WorkerGoneError as error:
            raise EngineError(f"the engine process died (exit code {worker.kill()}) while it started") from error
        except BaseException:
            worker.kill()
            raise
        restarts = self.info.restarts + self._has_started.is_set()
        self.info = EngineInfo(
            ready.bundle,
            ready.sample_rate,
            ready.hop,
            ready.n_codebooks,
            worker.pid,
            restarts,
            ready=True,
            device=ready.device,
            costs=ready.costs,
        )
        self._has_started.set()
        return worker

    def _await_ready(self, worker: WorkerHandle) -> Ready:
        end_s = time.monotonic() + self._options.start_timeout_s
        while True:
            message = self._wait(worker, end_s)
            if isinstance(message, Ready):
                return message
            if isinstance(message, Failed):
                _log_trace(message)
                raise message.as_error()
            if self._desk.is_closing:
                raise EngineError("the engine was closed while it started")
            if time.monotonic() >= end_s:
                raise EngineError(f"the engine process was not ready within {self._options.start_timeout_s:g} s")

    def _serve(self, worker: WorkerHandle) -> None:
        """Until the process dies or the client is closed."""
        try:
            while not self._desk.is_closing:
                self._hand_over(worker)
                self._handle(self._wait(worker, self._next_look_s()))
        except WorkerGoneError:
            self._bury(worker.stop())
        finally:
            worker.stop()

    def _hand_over(self, worker: WorkerHandle) -> None:
        """Send the first in line if nothing runs, and tell the one that runs if it was cancelled or must share."""
        self._look_ahead()
        job = self._desk.running
        while job is None:
            job = self._desk.take_next()
            if job is None:
                return
            self._share_until_s = time_to_share(self.info.costs, job, self._desk.line(), time.monotonic())
            try:
                order = job.order(self._share_until_s)
            except EngineError as error:  # no room for the take
                self._end(job, error)
                job = None
            else:
                worker.send(order)
        if job.is_cancelled and not job.knows_of_cancel:
            job.knows_of_cancel = True
            worker.send(Cancel(job.id))
        self._share(worker, job)

    def _next_look_s(self) -> float | None:
        waits = any(job.terms for job in self._desk.line())
        return time.monotonic() + LOOK_EVERY_S if waits else None

    def _look_ahead(self) -> None:
        look_ahead(self.info.costs, self._desk.running, self._desk.line(), time.monotonic())

    def _share(self, worker: WorkerHandle, job: Job) -> None:
        until_s = time_to_share(self.info.costs, job, self._desk.line(), time.monotonic())
        if _is_news(until_s, self._share_until_s):
            self._share_until_s = until_s
            worker.send(Share(job.id, until_s))

    def _handle(self, message: FromWorker | None) -> None:
        job = self._desk.running
        if message is None or job is None:
            return
        if isinstance(message, Began):
            job.has_begun, job.begun_s = True, time.monotonic()
        elif isinstance(message, Progress):
            job.report(message)
        elif isinstance(message, Plan):
            job.promise(message)
        elif isinstance(message, Failed):
            _log_trace(message)
            self._end(job, message.as_error())
            self._n_setbacks = 0
        elif isinstance(message, Done):
            self.info = replace(self.info, costs=message.costs)
            self._take_over(job, message)
            self._n_setbacks = 0

    def _take_over(self, job: Job, done: Done) -> None:
        """A take is there: the end of its vamp, unless it was the rough one and the better one is wanted."""
        take = job.read_take(done)
        if job.wants_better(done):
            job.deliver_rough(take)
            self._desk.refine(job, done)
        else:
            self._end(job, take)

    def _bury(self, exit_code: int) -> None:
        """The process has died: end the vamp that it was making. One that it never saw can be sent again, once."""
        log.warning("the engine process died (exit code %d); it is started again", exit_code)
        self.info = replace(self.info, pid=0, ready=False)
        job = self._desk.running
        if job is None:
            return
        if job.has_begun or job.was_put_back:
            text = f"the engine process died (exit code {exit_code}) while it made this take; it is started again"
            self._end(job, EngineError(text, advice="send the loop again"))
        else:
            job.was_put_back = True
            self._desk.put_back(job)

    def _end(self, job: Job, outcome: Take | VampbridgeError) -> None:
        job.end(self._desk.finish(job, outcome))

    def _pause(self) -> None:
        """Wait before the next start, longer each time, but listen to callers."""
        delay_s = RESTART_DELAYS_S[min(self._n_setbacks, len(RESTART_DELAYS_S) - 1)]
        self._n_setbacks += 1
        end_s = time.monotonic() + delay_s
        while not self._desk.is_closing and time.monotonic() < end_s:
            self._wait(None, end_s)

    def _wait(self, worker: WorkerHandle | None, end_s: float | None) -> FromWorker | None:
        """The next message; None when a caller wants something, or at `end_s`. Ends what ended without running."""
        self._end_the_ended()  # left by put_back
        timeout_s = None if end_s is None else max(0.0, end_s - time.monotonic())
        connection.wait([self._desk.bell, *(worker.waitables if worker else [])], timeout_s)
        self._desk.silence()
        self._end_the_ended()
        return worker.receive() if worker else None

    def _end_the_ended(self) -> None:
        for job, error in self._desk.take_ends():
            job.end(error)


def _block_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; a process starts with what this thread blocks blocked."""
    if sys.platform != "win32":
        # Before, because starting the tracker unblocks the signal again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _is_news(until_s: float | None, told_s: float | None) -> bool:
    if until_s is None or told_s is None:
        return until_s is not told_s
    return abs(until_s - told_s) > SHARE_STEP_S


def _log_trace(failed: Failed) -> None:
    if failed.trace:
        log.error("unexpected error in the engine process:\n%s", failed.trace)
