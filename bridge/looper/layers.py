"""What a slot plays: layers, each a ring of frames. A layer that is closed never changes again.

Three kinds: a sound that came from elsewhere, pages that were played into, and a splice of two layers. What is played
into a loop makes a new layer that holds pages of its own only where it differs, so that undo costs little memory.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .pages import PAGE_FRAMES, Page, PagePool

Frames = NDArray[np.float32]  # (N, C)


class MemoryFullError(Exception):
    """There is no page left. Never leaves the looper."""


class Ring(Protocol):
    """Frames without end: the one after the last is the first."""

    @property
    def n_frames(self) -> int:
        """N, at least 1."""
        ...

    def read(self, start: int, out: Frames) -> None:
        """Fill `out` (n, C) with the frames from `start` on; any integer start, any n."""
        ...

    def hold(self) -> None:
        """One more needs it: a layer, or a ring that reads it."""
        ...

    def let_go(self) -> None:
        """One fewer needs it. When nobody does, its pages count as free; who still reads it may go on for a moment."""
        ...


class _Held:
    """Counts who needs a ring, and lets go of what it is made of when nobody does."""

    def __init__(self, *parts: Ring | Page) -> None:
        self._n_holders, self._parts = 0, parts
        for part in parts:
            part.hold()

    def hold(self) -> None:
        """See `Ring.hold`."""
        self._n_holders += 1

    def let_go(self) -> None:
        """See `Ring.let_go`."""
        self._n_holders -= 1
        if self._n_holders == 0:
            self._let_go_of_parts()

    def _let_go_of_parts(self) -> None:
        for part in self._parts:
            part.let_go()


class SoundRing(_Held):
    """A sound (C, N) that came from elsewhere; it is kept, not copied."""

    def __init__(self, audio: Frames) -> None:
        super().__init__()
        self._frames = audio.T  # (N, C)
        self.n_frames = audio.shape[1]

    def read(self, start: int, out: Frames) -> None:
        """See `Ring.read`. A mono sound is heard in both channels."""
        done, n_frames = 0, self.n_frames
        while done < len(out):
            position = (start + done) % n_frames
            run = min(len(out) - done, n_frames - position)
            out[done : done + run] = self._frames[position : position + run]
            done += run


class ShiftedRing(_Held):
    """Another ring, heard from its frame `offset` on."""

    def __init__(self, ring: Ring, offset: int) -> None:
        super().__init__(ring)
        self._ring, self._offset, self.n_frames = ring, offset, ring.n_frames

    def read(self, start: int, out: Frames) -> None:
        """See `Ring.read`."""
        self._ring.read(start + self._offset, out)


class SplicedRing(_Held):
    """`outer` with all of `inner` put in before its frame `at`."""

    def __init__(self, outer: Ring, inner: Ring, at: int) -> None:
        super().__init__(outer, inner)
        self._stretches = ((outer, 0, at), (inner, 0, inner.n_frames), (outer, at, outer.n_frames - at))
        self.n_frames = outer.n_frames + inner.n_frames

    def read(self, start: int, out: Frames) -> None:
        """See `Ring.read`."""
        done = 0
        while done < len(out):
            position = (start + done) % self.n_frames
            for ring, first, length in self._stretches:
                if position < length:
                    run = min(len(out) - done, length - position)
                    ring.read(first + position, out[done : done + run])
                    done += run
                    break
                position -= length


class PagedRing(_Held):
    """Pages that are played into, over what lies beneath.

    Where nothing was played in yet, `under` is heard, repeated if it is shorter; without it, silence. While it is being
    recorded a ring has no length of its own: `n_frames` is set when that is known, and again when a loop grows.

    Args:
        pool: Where pages come from.
        under: What lies beneath.
        shares_pages: Whether pages of `under` stand for it, so that layers do not pile up on each other. Not where the
            new ring is longer than the one beneath: its last page ends within the ring.
    """

    def __init__(self, pool: PagePool, under: Ring | None = None, *, shares_pages: bool = True) -> None:
        self._pool = pool
        self._under = under
        self._pages: list[Page | None] = []
        self.n_frames = 0 if under is None else under.n_frames
        if shares_pages and isinstance(under, PagedRing):
            self._under, self._pages = under._under, list(under._pages)  # noqa: SLF001 - another ring of this class
        super().__init__(*(part for part in (self._under, *self._pages) if part is not None))
        self._is_own = [False] * len(self._pages)

    def _let_go_of_parts(self) -> None:
        for part in (self._under, *self._pages):
            if part is not None:
                part.let_go()

    @property
    def n_channels(self) -> int:
        """C."""
        return self._pool.n_channels

    def is_own(self, start: int, end: int) -> bool:
        """Whether the frames from `start` to before `end`, at least one, are on pages of its own."""
        last = (end - 1) // PAGE_FRAMES
        return last < len(self._is_own) and all(self._is_own[start // PAGE_FRAMES : last + 1])

    def read(self, start: int, out: Frames) -> None:
        """See `Ring.read`."""
        done, n_frames = 0, self.n_frames
        while done < len(out):
            position = (start + done) % n_frames
            index, offset = divmod(position, PAGE_FRAMES)
            run = min(len(out) - done, n_frames - position, PAGE_FRAMES - offset)
            self._read_page(index, offset, out[done : done + run])
            done += run

    def window(self, start: int, n_frames: int) -> Frames:
        """The frames from `start` on, to be written to: (m, C), 1 ≤ m ≤ `n_frames`, shorter at the end of a page.

        Raises:
            MemoryFullError: There is no page left.
        """
        index, offset = divmod(start, PAGE_FRAMES)
        return self._own_page(index).data[offset : offset + n_frames]

    def reserve(self, position: int) -> None:
        """Make the page with a frame its own.

        Raises:
            MemoryFullError: There is no page left.
        """
        self._own_page(position // PAGE_FRAMES)

    def _own_page(self, index: int) -> Page:
        missing = index + 1 - len(self._pages)
        self._pages += [None] * missing
        self._is_own += [False] * missing
        page = self._pages[index]
        if page is not None and self._is_own[index]:
            return page
        fresh = self._pool.take()
        if fresh is None:
            raise MemoryFullError
        self._read_page(index, 0, fresh.data)
        if page is not None:
            page.let_go()
        self._pages[index], self._is_own[index] = fresh, True
        return fresh

    def _read_page(self, index: int, offset: int, out: Frames) -> None:
        page = self._pages[index] if index < len(self._pages) else None
        if page is not None:
            out[:] = page.data[offset : offset + len(out)]
        elif self._under is not None:
            self._under.read(index * PAGE_FRAMES + offset, out)
        else:
            out[:] = 0
