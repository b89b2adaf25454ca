"""Memory for what is played in: pages of a few hundred milliseconds, all of them there before the first note.

The audio callback takes pages and never asks the system for memory. A page goes back by itself when the last layer that
holds it is gone, from whichever thread that happens in: appending to a deque needs no lock.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

PAGE_FRAMES = 16_384
_BYTES_PER_SAMPLE = 4


class Page:
    """PAGE_FRAMES frames: `data` (PAGE_FRAMES, C) float32, whatever was in it before."""

    __slots__ = ("_pool", "data")

    def __init__(self, data: NDArray[np.float32], pool: deque[NDArray[np.float32]]) -> None:
        self.data, self._pool = data, pool

    def __del__(self) -> None:
        self._pool.append(self.data)


class PagePool:
    """All the pages there are.

    Args:
        memory_mb: Room for them, in MiB; at least one page is made.
        n_channels: C.
    """

    def __init__(self, memory_mb: int, n_channels: int) -> None:
        page_bytes = PAGE_FRAMES * n_channels * _BYTES_PER_SAMPLE
        self.n_pages = max(1, memory_mb * 2**20 // page_bytes)
        # np.full touches the memory: a page fault in the audio callback would be a click.
        store = np.full((self.n_pages, PAGE_FRAMES, n_channels), 0, dtype=np.float32)
        self._free: deque[NDArray[np.float32]] = deque(store)

    @property
    def n_free(self) -> int:
        """Pages that nothing holds."""
        return len(self._free)

    def take(self) -> Page | None:
        """A page, its content undefined; None when there is none left."""
        try:
            return Page(self._free.popleft(), self._free)
        except IndexError:
            return None
