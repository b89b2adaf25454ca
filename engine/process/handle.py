"""The engine process as its parent sees it: started, spoken to, stopped. Owned by one thread, the supervisor's."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import cast

from ..errors import EngineError
from .messages import FromWorker, Stop, ToWorker
from .options import EngineOptions
from .worker import run_worker

STOP_TIMEOUT_S = 5.0


class WorkerGoneError(Exception):
    """The engine process has died."""


class WorkerHandle:
    """A running engine process.

    Spawned, never forked: a fork would copy locks that other threads hold. A daemon, so that the interpreter ends it
    where nobody called `stop`.

    Raises:
        EngineError: The system does not start the process.
    """

    def __init__(self, options: EngineOptions) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=run_worker, args=(theirs, options), name="vampbridge-engine", daemon=True
        )
        try:
            self._process.start()
        except OSError as error:
            self._connection.close()
            raise EngineError(f"cannot start the engine process: {error}") from error
        finally:
            theirs.close()  # or the end of the pipe would never be seen
        self.pid = self._process.pid or 0

    @property
    def waitables(self) -> list[Connection | int]:
        """What becomes readable when there is a message, or when the process has died."""
        return [self._connection, self._process.sentinel]

    def send(self, message: ToWorker) -> None:
        """Send a message.

        Raises:
            WorkerGoneError: Nobody is there to take it.
        """
        try:
            self._connection.send(message)
        except OSError as error:
            raise WorkerGoneError from error

    def receive(self) -> FromWorker | None:
        """The next message, None if there is none now.

        Raises:
            WorkerGoneError: There is none, and there will be no more.
        """
        was_alive = self._process.is_alive()  # asked first: what it said before it died is heard
        try:
            if self._connection.poll():
                return cast("FromWorker", self._connection.recv())
        except (EOFError, OSError) as error:
            raise WorkerGoneError from error
        if not was_alive:
            raise WorkerGoneError
        return None

    def stop(self) -> int:
        """Ask it to stop, and kill it if it does not within 5 s. Its exit code; may be called again.

        Afterwards the process is dead: nothing reads or writes shared memory any more.
        """
        if not self._connection.closed:
            self._dismiss(time.monotonic() + STOP_TIMEOUT_S)
        return self.kill()

    def kill(self) -> int:
        """End it now. Its exit code; negative is the signal it died of."""
        self._process.kill()
        self._process.join()
        self._connection.close()
        return self._process.exitcode or 0

    def _dismiss(self, end_s: float) -> None:
        try:
            self.send(Stop())
            # Read on until it closes its end: it cannot stop while it waits to be heard.
            while self._connection.poll(max(0.0, end_s - time.monotonic())):
                self._connection.recv()
        except (WorkerGoneError, EOFError, OSError):
            pass  # it has stopped, which is what was asked
        self._process.join(max(0.0, end_s - time.monotonic()))
