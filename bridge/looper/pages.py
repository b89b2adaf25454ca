"""Memory for what is played in: pages of a few hundred milliseconds, all of them there before the first note.

The audio callback takes pages and never asks the system for memory. What pages there are is counted by who holds them,
so that it follows from what was played alone: a page that nobody holds any more counts as free at once. Its memory goes
back a little later, when the last reader is gone, from whichever thread that happens in: appending to a deque needs no
lock. A few pages more than are counted bridge that time.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

PAGE_FRAMES = 16_384
_BYTES_PER_SAMPLE = 4


class Page:
    """PAGE_FRAMES frames: `data` (PAGE_FRAMES, C) float32, whatever was in it before. Whoever made it holds it."""

    __slots__ = ("_n_holders", "_pool", "data")

    def __init__(self, data: NDArray[np.float32], pool: PagePool) -> None:
        self.data, self._pool, self._n_holders = data, pool, 1

    def hold(self) -> None:
        """One more needs it."""
        self._n_holders += 1

    def let_go(self) -> None:
        """One fewer needs it."""
        self._n_holders -= 1
        if self._n_holders == 0:
            self._pool.n_free += 1

    def __del__(self) -> None:
        self._pool.give_back(self.data)


class PagePool:
    """All the pages there are.

    Args:
        memory_mb: Room for them, in MiB; at least one page is made.
        n_channels: C.
        n_spare: Pages beyond that, for the time until the memory of others is back.

    Attributes:
        n_pages: That there are; those to spare are not counted.
        n_free: Of them that nobody holds.
    """

    def __init__(self, memory_mb: int, n_channels: int, n_spare: int = 0) -> None:
        self.n_channels = n_channels
        self.n_pages = max(1, memory_mb * 2**20 // (PAGE_FRAMES * n_channels * _BYTES_PER_SAMPLE))
        self.n_free = self.n_pages
        self._free = self._make(self.n_pages + n_spare)

    def take(self) -> Page | None:
        """A page, its content undefined; None when there is none left."""
        if self.n_free == 0 or not self._free:
            return None
        self.n_free -= 1
        return Page(self._free.popleft(), self)

    def give_back(self, data: NDArray[np.float32]) -> None:
        """What a page held, for another one."""
        self._free.append(data)

    def _make(self, n_pages: int) -> deque[NDArray[np.float32]]:
        # np.full touches the memory: a page fault in the audio callback would be a click.
        return deque(np.full((n_pages, PAGE_FRAMES, self.n_channels), 0, dtype=np.float32))

    # A looper may be written down to go on in another process: free pages are counted, not written.

    def __getstate__(self) -> dict[str, int]:
        sizes = {"n_channels": self.n_channels, "n_pages": self.n_pages, "n_free": self.n_free}
        return sizes | {"n_there": len(self._free)}

    def __setstate__(self, state: dict[str, int]) -> None:
        self.n_channels, self.n_pages, self.n_free = state["n_channels"], state["n_pages"], state["n_free"]
        self._free = self._make(state["n_there"])
