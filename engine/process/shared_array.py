"""Arrays in shared memory. The client owns every one; the engine process only reads and writes what it is shown.

So whatever happens to the engine process, no segment outlives the client's `release()`. Should the client itself be
killed, Python's resource tracker, a process of its own, removes what is left.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError


@dataclass(frozen=True)
class ArrayPlace:
    """Where an array lies; this is what crosses the pipe."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    def read(self) -> NDArray[Any]:
        """A copy of the array, for the engine process."""
        with self._opened() as memory:
            copy: NDArray[Any] = _view(memory, self).copy()
        return copy

    def write(self, array: NDArray[Any]) -> None:
        """Fill the array, in the engine process.

        Raises:
            EngineError: Not the shape or type that the client made room for.
        """
        if array.shape != self.shape or array.dtype != self.dtype:
            raise EngineError(f"the take is {array.shape} {array.dtype}, the engine expected {self.shape} {self.dtype}")
        with self._opened() as memory:
            _view(memory, self)[...] = array

    @contextmanager
    def _opened(self) -> Iterator[SharedMemory]:
        memory = SharedMemory(self.name)
        try:
            yield memory
        finally:
            memory.close()


class SharedArray:
    """One array in shared memory, from its making until `release()`.

    Raises:
        EngineError: There is not enough shared memory; says how much was needed.
    """

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        n_bytes = max(1, prod(shape) * np.dtype(dtype).itemsize)
        # With the process id, so that what is found in /dev/shm can be told apart. macOS allows 30 characters.
        name = f"vampb{os.getpid()}-{secrets.token_hex(6)}"
        try:
            self._memory = SharedMemory(name, create=True, size=n_bytes)
        except OSError as error:
            raise _no_room(n_bytes, error) from error
        self.place = ArrayPlace(name, shape, dtype)
        self._is_released = False
        try:
            _reserve(name, n_bytes)
        except OSError as error:
            self.release()
            raise _no_room(n_bytes, error) from error

    @classmethod
    def holding(cls, array: NDArray[Any]) -> SharedArray:
        """A copy of `array`."""
        shared = cls(array.shape, array.dtype.str)
        _view(shared._memory, shared.place)[...] = array
        return shared

    def read(self) -> NDArray[Any]:
        """A copy of the array."""
        copy: NDArray[Any] = _view(self._memory, self.place).copy()
        return copy

    def release(self) -> None:
        """Give the memory back. Only after the engine process is done with it, or dead; more than once is fine."""
        if not self._is_released:
            self._is_released = True
            self._memory.close()
            self._memory.unlink()


def _view(memory: SharedMemory, place: ArrayPlace) -> NDArray[Any]:
    # Never kept: shared memory cannot be closed while an array looks at it.
    view: NDArray[Any] = np.ndarray(place.shape, dtype=place.dtype, buffer=memory.buf)
    return view


def _reserve(name: str, n_bytes: int) -> None:
    """Take the pages now: writing to a full /dev/shm (64 MB in many containers) would kill the process (SIGBUS)."""
    if sys.platform == "linux":
        descriptor = os.open(f"/dev/shm/{name}", os.O_RDWR)  # noqa: S108 - where shared memory lies, nothing temporary
        try:
            os.posix_fallocate(descriptor, 0, n_bytes)
        finally:
            os.close(descriptor)


def _no_room(n_bytes: int, error: OSError) -> EngineError:
    return EngineError(
        f"there is no room for {n_bytes / 1e6:.1f} MB of audio in shared memory ({error.strerror}): "
        "use a shorter loop or fewer variations, or enlarge /dev/shm"
    )
