"""One session, one writer: a lock that the system gives back when its process dies, however it dies."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from pathlib import Path

from ..errors import SessionError

if sys.platform == "win32":
    import msvcrt
else:
    import errno
    import fcntl

LOCK = "lock"
PATIENCE_S = 1.0
"""Somebody who only looks whether a session is live holds the lock for a moment."""

log = logging.getLogger(__name__)


class FolderLock:
    """Held until `close` or the end of the process.

    Args:
        folder: Of the session; may be written to.
        patience_s: So long another holder is waited for.

    Raises:
        SessionError: Another process holds it.
        OSError: The folder cannot be written to.
    """

    def __init__(self, folder: Path, patience_s: float = PATIENCE_S) -> None:
        self._descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        until_s = time.monotonic() + patience_s
        while not _try_lock(self._descriptor):
            if time.monotonic() >= until_s:
                os.close(self._descriptor)
                raise SessionError(f"{folder} is being written by another Vampbridge: stop that one first")
            time.sleep(0.01)

    def close(self) -> None:
        """Let go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def is_locked(folder: Path) -> bool:
    """Whether somebody adds to a session right now. Makes nothing on the disk."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except OSError:  # no lock file, or a medium that nobody can write to
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        log.warning("this file system has no locks (%s): two programs could write to one session", error.strerror)
    return True
