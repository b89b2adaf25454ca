"""Makes the audio process the one that others wait for, as far as the system allows. Never fails: it says what it got.

Python has one interpreter lock: the callback waits while the control thread holds it. So both threads are raised, or a
busy machine could stop the control thread at the wrong moment, and the callback with it. For the same reason nothing
but these two runs in the process, and the lock is asked for every 0.1 ms instead of every 5.

Whoever computes beside it should be nicer than normal (`os.nice(5)` in the engine process): where real-time priority is
not allowed, that is all that keeps a busy engine off the audio's core.
"""

from __future__ import annotations

import gc
import os
import sys

SWITCH_INTERVAL_S = 1e-4
CALLBACK_PRIORITY = 20
CONTROL_PRIORITY = 10
NICE = -11


def prepare_interpreter() -> None:
    """Once everything is loaded: no garbage collection, short turns.

    The collector would stop the callback for milliseconds, and finds nothing here: without cycles everything is freed
    by counting references, and neither thread makes cycles that grow. Frozen, what is loaded stays out of its way even
    if a library calls it.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def raise_thread(thread_id: int, priority: int) -> str:
    """Give a thread of this process real-time priority, or what comes next.

    Args:
        thread_id: `threading.get_native_id()` of it.
        priority: 1 to 99; the audio driver's own threads have 60 to 90.

    Returns:
        `driver` if it had real-time priority before, `fifo`, `nice`, or `normal` where nothing is allowed. Elsewhere
        than on Linux the driver raises its callback itself.
    """
    if sys.platform != "linux":
        return "driver"
    try:
        if os.sched_getscheduler(thread_id) != os.SCHED_OTHER:
            return "driver"
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK  # so that no thread inherits it by accident
        os.sched_setscheduler(thread_id, policy, os.sched_param(priority))
    except OSError:
        return _be_less_nice(thread_id)
    return "fifo"


def _be_less_nice(thread_id: int) -> str:
    try:
        os.setpriority(os.PRIO_PROCESS, thread_id, NICE)  # Linux takes the id of a thread
    except OSError:
        return "normal"
    return "nice"
