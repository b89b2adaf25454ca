"""The audio process's end of the pipe. It never lets a client that does not listen hold up the process."""

from __future__ import annotations

import select
import sys
import time
from multiprocessing.connection import Connection
from typing import cast

from .messages import FromAudio, ToAudio


class Line:
    """One pipe; `is_cut` once the client has died.

    Args:
        connection: Ours.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_cut = False

    def hear(self, timeout_s: float) -> ToAudio | None:
        """The next message; None if none comes in that time."""
        if self.is_cut:
            time.sleep(timeout_s)
            return None
        try:
            return cast("ToAudio", self._connection.recv()) if self._connection.poll(timeout_s) else None
        except (EOFError, OSError):
            self.is_cut = True
            return None

    def has_room(self) -> bool:
        """Whether a message of up to 64 KB can be sent without waiting. A pipe that is cut takes everything.

        A Unix socket is writable while three quarters of its buffer, 208 KB on Linux, are free. Windows has no such
        question: there a client that does not listen holds up the control thread, but never the sound.
        """
        if self.is_cut or sys.platform == "win32":
            return True
        return bool(select.select([], [self._connection], [], 0.0)[1])

    def send(self, message: FromAudio) -> None:
        """Send, and wait while there is no room; nothing happens where nobody is left to hear it."""
        try:
            if not self.is_cut:
                self._connection.send(message)
        except OSError:
            self.is_cut = True
