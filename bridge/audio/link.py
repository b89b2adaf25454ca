"""The audio process as its parent sees it: started, spoken to, stopped."""

from __future__ import annotations

import multiprocessing
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import cast

from ..errors import DeviceError
from .messages import AudioJob, FromAudio, ToAudio
from .process import run_audio


class ProcessGoneError(Exception):
    """The audio process has died."""


class AudioLink:
    """A running audio process. Spawned, never forked: a fork would copy locks that other threads hold.

    A daemon, so that an interpreter that ends in good order takes it along; one that is killed does not, and then the
    sound goes on for a while (`process`).

    Raises:
        DeviceError: The system does not start the process.
    """

    def __init__(self, job: AudioJob) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=run_audio, args=(theirs, job), name="vampbridge-audio", daemon=True)
        try:
            self._process.start()
        except OSError as error:
            self._connection.close()
            raise DeviceError(f"cannot start the audio process: {error}") from error
        finally:
            theirs.close()  # or the end of the pipe would never be seen
        self.pid = self._process.pid or 0

    @property
    def connection(self) -> Connection:
        """Becomes readable when there is a message, or when the process has died."""
        return self._connection

    def send(self, message: ToAudio) -> None:
        """Send a message; one thread at a time.

        Raises:
            ProcessGoneError: Nobody is there to take it.
        """
        try:
            self._connection.send(message)
        except OSError as error:
            raise ProcessGoneError from error

    def receive(self, timeout_s: float) -> FromAudio | None:
        """The next message; None if there is none in that time.

        Raises:
            ProcessGoneError: There will be no more.
        """
        was_alive = self._process.is_alive()  # asked first: what it said before it died is heard
        try:
            connection.wait([self._connection, self._process.sentinel], timeout_s if was_alive else 0.0)
            if self._connection.poll():
                return cast("FromAudio", self._connection.recv())
        except (EOFError, OSError) as error:
            raise ProcessGoneError from error
        if not was_alive:
            raise ProcessGoneError
        return None

    def end(self, timeout_s: float) -> int:
        """Wait so long for it to end, then kill it. Its exit code; negative is the signal it died of."""
        self._process.join(timeout_s)
        self._process.kill()
        self._process.join()
        self._connection.close()
        return self._process.exitcode or 0

    def kill(self) -> None:
        """End it now, from any thread."""
        self._process.kill()
