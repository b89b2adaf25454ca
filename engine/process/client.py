"""The engine as callers see it: loops in, takes out, from any thread. What goes on behind it is the supervisor's."""

from __future__ import annotations

import atexit
import itertools
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from ..errors import EngineError, VampbridgeError
from ..take import OnPlan, OnProgress, VampRequest
from .desk import Desk
from .options import EngineInfo, EngineOptions
from .pending import Callbacks, Job, OnTake, PendingVamp
from .supervisor import Supervisor

if TYPE_CHECKING:
    from typing_extensions import Self


class EngineClient:
    """An engine in its own process; one vamp runs at a time, the others wait in line.

    Progress and ends are told from one thread, the client's reader thread, under no lock. A callback may submit and
    cancel; it must return soon, must not wait for another vamp, and must not close the client.

    A process that dies is started again: the vamp it was making fails, those that wait are then served. After three
    failed starts in a row, everything that waits fails, and so does every `submit`.

    The process is spawned: a script that starts a client at its top level needs `if __name__ == "__main__":`.

    Args:
        options: What to start.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._desk = Desk(options.max_waiting)
        self._supervisor = Supervisor(options, self._desk)
        self._ids = itertools.count(1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def info(self) -> EngineInfo:
        """What the engine is at this moment."""
        return self._supervisor.info

    def start(self) -> None:
        """Start the process; returns when it has loaded its bundle and is warm. Once in a client's life.

        Raises:
            BundleError: The bundle cannot be loaded.
            EngineError: The process died, or was not ready in time. A client that did not start is closed.
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start the process; returns at once. Once in a client's life, and `start` does it, too.

        What is submitted before the engine is ready waits, and is planned when it is; if it never is, all of it ends
        with the error that `wait_until_ready` raises.

        Raises:
            EngineError: It was started before.
        """
        if self._supervisor.thread.ident is not None:
            raise EngineError("an engine client is started once: make a new one")
        atexit.register(self.close)
        self._desk.open()
        self._supervisor.thread.start()

    def wait_until_ready(self) -> None:
        """Return when a launched engine has loaded its bundle and is warm.

        Raises:
            BundleError, EngineError: See `start`.
        """
        try:
            self._supervisor.wait_until_ready()
        except VampbridgeError:
            self.close()
            raise

    def submit(
        self,
        request: VampRequest,
        *,
        slot: str = "default",
        on_progress: OnProgress | None = None,
        on_plan: OnPlan | None = None,
        on_rough: OnTake | None = None,
        replace_running: bool = False,
    ) -> PendingVamp:
        """Put a vamp in line; returns at once. All callbacks come from the client's reader thread.

        Args:
            request: What to make. Its arrays are copied before this returns.
            slot: A newer request takes the place of one of the same slot that still waits, which ends with
                CancelledError. One that runs is left alone, unless its rough take was delivered already.
            on_progress: Called after every pass.
            on_plan: Called if the request has a deadline, as soon as it is known when the take will be there: at its
                deadline, or `cycles_late` cycles after it. Called again when the vamp begins, and whenever the promise
                has to be made anew, before it is broken.
            on_rough: Called with a rough take, if there is no time for everything by the deadline; the vamp then goes
                on, and ends with the better take, which has the same seed, a cycle later. Needs a deadline.
            replace_running: Whether one of the same slot that runs is cancelled, too.

        Raises:
            AudioError: Audio that is not (C, N) float32. Whatever else may be wrong with it, the vamp ends with.
            SettingError: A drawn mask that is not (rows, columns) bool, or a rough take without a deadline.
            EngineError: Too many wait, there is not enough shared memory, or the engine is not there.
        """
        callbacks = Callbacks(on_progress, on_plan, on_rough)
        job = Job(next(self._ids), request, slot=slot, callbacks=callbacks)
        try:
            self._desk.add(job, replace_running=replace_running)
        except VampbridgeError:
            job.release()
            raise
        return PendingVamp(job, self._desk.cancel)

    def close(self) -> None:
        """End the process and join the thread. What is unfinished ends with EngineError. More than once is fine."""
        if threading.current_thread() is self._supervisor.thread:
            message = "a callback must not close the engine client: it would wait for itself"
            raise RuntimeError(message)
        self._desk.close()
        if self._supervisor.thread.ident is not None:
            self._supervisor.thread.join()
        self._desk.dispose()
        atexit.unregister(self.close)
