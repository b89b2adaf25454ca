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

    def __init__(self, data: NDArray[np.float32], pool: PagePool) -> None:
        self.data, self._pool = data, pool

    def __del__(self) -> None:
        self._pool.give_back(self.data)


class PagePool:
    """All the pages there are.

    Args:
        memory_mb: Room for them, in MiB; at least one page is made.
        n_channels: C.
    """

    def __init__(self, memory_mb: int, n_channels: int) -> None:
        self._n_channels = n_channels
        self.n_pages = max(1, memory_mb * 2**20 // (PAGE_FRAMES * n_channels * _BYTES_PER_SAMPLE))
        self._free = self._make(self.n_pages)

    @property
    def n_free(self) -> int:
        """Pages that nothing holds."""
        return len(self._free)

    def take(self) -> Page | None:
        """A page, its content undefined; None when there is none left."""
        try:
            return Page(self._free.popleft(), self)
        except IndexError:
            return None

    def give_back(self, data: NDArray[np.float32]) -> None:
        """What a page held, for another one."""
        self._free.append(data)

    def _make(self, n_pages: int) -> deque[NDArray[np.float32]]:
        # np.full touches the memory: a page fault in the audio callback would be a click.
        return deque(np.full((n_pages, PAGE_FRAMES, self._n_channels), 0, dtype=np.float32))

    # A looper may be written down to go on in another process: free pages are counted, not written.

    def __getstate__(self) -> dict[str, int]:
        return {"n_channels": self._n_channels, "n_pages": self.n_pages, "n_free": self.n_free}

    def __setstate__(self, state: dict[str, int]) -> None:
        self._n_channels, self.n_pages = state["n_channels"], state["n_pages"]
        self._free = self._make(state["n_free"])
