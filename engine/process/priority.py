"""The engine's place behind the audio: the system gives it what is left. Knows processes; nothing of vamps."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path

log = logging.getLogger(__name__)

IDLE_FROM = 10
"""On Windows, which has classes instead of numbers, from here on the process is one that runs when all others rest."""
_BELOW_NORMAL, _IDLE = 0x4000, 0x40


def lower_priority(nice: int) -> None:
    """Lower the priority of this process by `nice` steps, 0 (not at all) … 19 (all the way). Never fails: it logs.

    All of its threads, those of libraries, too; on Linux a thread's priority is its own.
    """
    if nice == 0:
        return
    try:
        if sys.platform == "win32":
            _lower_on_windows(nice)
        elif sys.platform == "linux":
            _lower_on_linux(nice)
        else:
            os.nice(nice)
    except OSError as error:
        log.info("the engine runs at the priority of its parent: %s", error)


def _lower_on_linux(nice: int) -> None:
    """Raises OSError where the system refuses."""
    for task in Path("/proc/self/task").iterdir():
        thread_id = int(task.name)
        with contextlib.suppress(ProcessLookupError):  # a thread that has ended meanwhile
            os.setpriority(os.PRIO_PROCESS, thread_id, os.getpriority(os.PRIO_PROCESS, thread_id) + nice)


def _lower_on_windows(nice: int) -> None:
    """Raises OSError where the system refuses."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        if not kernel.SetPriorityClass(kernel.GetCurrentProcess(), _IDLE if nice >= IDLE_FROM else _BELOW_NORMAL):
            raise ctypes.WinError(ctypes.get_last_error())
