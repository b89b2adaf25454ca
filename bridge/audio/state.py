"""A looper, written down by one audio process for the next. A file: shared memory may be small, and loops long."""

from __future__ import annotations

import os
import pickle
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..looper.messages import Command
from .host import Counts, Looper


@dataclass
class SavedState:
    """What goes on.

    Attributes:
        looper: With all its layers.
        counts: So far.
        waiting: Commands that no block has seen yet.
        sample_rate: The looper's, Hz: the device must come back with it.
        channels: How many the looper has, in and out.
    """

    looper: Looper
    counts: Counts
    waiting: tuple[Command, ...]
    sample_rate: int
    channels: tuple[int, int]


def write_state(state: SavedState) -> str:
    """Write it to a new file that only this user can read. Its path.

    Raises:
        OSError: The disk is full, for one.
        pickle.PicklingError: A looper that cannot be written down.
    """
    descriptor, path = tempfile.mkstemp(prefix="vampbridge-", suffix=".looper")
    try:
        with os.fdopen(descriptor, "wb") as file:
            pickle.dump(state, file, protocol=pickle.HIGHEST_PROTOCOL)
    except BaseException:
        Path(path).unlink()
        raise
    return path


def read_state(path: str) -> SavedState:
    """Read it. Only for a path that `write_state` of our own process gave: a pickle is a program.

    Raises:
        OSError: It cannot be read.
    """
    with Path(path).open("rb") as file:
        state = pickle.load(file)  # noqa: S301 - written by our own process, readable by nobody else
    if not isinstance(state, SavedState):
        message = f"{path} holds no looper"
        raise TypeError(message)
    return state


def drop_state(path: str | None) -> None:
    """Remove the file: the looper plays, or nobody wants it any more. None is fine."""
    if path is not None:
        Path(path).unlink(missing_ok=True)
