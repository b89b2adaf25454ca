"""Where messages for the audio process are handed over, from any thread, while processes come and go."""

from __future__ import annotations

import threading

from ..errors import DeviceError
from .link import AudioLink, ProcessGoneError
from .messages import Farewell, Stop, ToAudio

MAX_HELD = 4_096
LOCK_TIMEOUT_S = 2.0


class Outbox:
    """Sends to the process there is; between two processes it holds what is sent, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._link: AudioLink | None = None
        self._held: list[ToAudio] | None = None  # None while there is nobody to hold anything for
        self._refusal = "the audio client is not started"
        self._is_closed = False

    def send(self, message: ToAudio) -> None:
        """Send, or hold for the next process.

        Raises:
            DeviceError: There is no process and there will be none, or too much waits for it.
        """
        with self._lock:
            if self._link is not None:
                try:
                    self._link.send(message)
                except ProcessGoneError:
                    self._link, self._held = None, []  # the watchman will see it too
                else:
                    return
            if self._held is None:
                raise DeviceError(self._refusal)
            if len(self._held) >= MAX_HELD:
                raise DeviceError(f"at most {MAX_HELD} messages may wait for the audio process, and so many do")
            self._held.append(message)

    def connect(self, link: AudioLink) -> None:
        """There is a process: it gets what was held, and everything from now on."""
        with self._lock:
            held, self._held = self._held or [], None
            self._link = link
            try:
                for message in held:
                    link.send(message)
                if self._is_closed:  # while this process was being started
                    link.send(Stop())
            except ProcessGoneError:
                self._link, self._held = None, []  # the watchman will see it too

    def hold(self, *, say_farewell: bool = False) -> None:
        """The process is going or gone: hold everything for the next one."""
        with self._lock:
            link, self._link = self._link, None
            self._held = [] if self._held is None else self._held
            if link is not None and say_farewell:
                try:
                    link.send(Farewell())
                except ProcessGoneError:
                    return  # the watchman will see it too

    def close(self, refusal: str) -> None:
        """Tell the process to stop, and refuse everything from now on."""
        self._is_closed = True
        # A process that hangs with a full pipe holds up whoever sends, and that one the lock: whoever closes kills it.
        if not self._lock.acquire(timeout=LOCK_TIMEOUT_S):
            return
        try:
            link, self._link, self._held, self._refusal = self._link, None, None, refusal
            if link is not None:
                link.send(Stop())
        except ProcessGoneError:
            return  # it has stopped, which is what was asked
        finally:
            self._lock.release()
