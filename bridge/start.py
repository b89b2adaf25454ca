"""Where the program `vampbridge` begins: Ctrl-C while it is still loading ends it as quietly as it does later."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

EXIT_INTERRUPTED = 130


def main() -> int:
    """Load the command line and run it; see `cli.main`."""
    # An exception in the middle of somebody else's import may be swallowed there, or come out as another one.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    from .cli import main as run

    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run()
    except KeyboardInterrupt:  # before the command line's own answer to it is in place
        _leave(signal.SIGINT, None)
        return EXIT_INTERRUPTED


def _leave(_number: int, _frame: FrameType | None) -> None:
    os.write(sys.stderr.fileno(), b"interrupted\n")
    os._exit(EXIT_INTERRUPTED)  # nothing has been opened yet that would need closing
