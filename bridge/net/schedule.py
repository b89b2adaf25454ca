"""Messages that wait for their time. A heap and its limits; time is passed in, nothing here waits."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Generic, TypeVar

from ..errors import TimetagError
from .limits import MAX_AHEAD_S, MAX_SCHEDULED, MAX_SCHEDULED_EACH

_NTP_EPOCH_S = 2_208_988_800  # from 1900, where NTP's time begins, to 1970
IMMEDIATELY = 1

_Item = TypeVar("_Item")


def seconds_ahead(timetag: int, now_unix_s: float) -> float:
    """How far a time tag lies ahead, in s; 0 for one that is past, or that means immediately.

    Args:
        timetag: 64 bits as in NTP (RFC 5905): seconds since 1900, and their fraction in 2⁻³² s.
        now_unix_s: Seconds since 1970.
    """
    if timetag == IMMEDIATELY:
        return 0.0
    return max(0.0, timetag / 2**32 - _NTP_EPOCH_S - now_unix_s)


class Schedule(Generic[_Item]):
    """What is due later, in the order in which it is due; what is due at once together stays in its own order."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Hashable, _Item]] = []
        self._numbers = itertools.count()
        self._counts: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_s(self) -> float:
        """When the next one is due; infinity if there is none."""
        return self._heap[0][0] if self._heap else float("inf")

    def check(self, ahead_s: Sequence[float], owner: Hashable) -> None:
        """Whether so many more may wait, so far ahead.

        Raises:
            TimetagError: Too many, or too far.
        """
        furthest_s = max(ahead_s, default=0.0)
        if furthest_s > MAX_AHEAD_S:
            raise TimetagError(f"a time tag may lie at most {MAX_AHEAD_S:g} s ahead, got {furthest_s:.6g} s")
        if self._counts[owner] + len(ahead_s) > MAX_SCHEDULED_EACH:
            raise TimetagError(
                f"at most {MAX_SCHEDULED_EACH} messages of a client may wait for their time, got {len(ahead_s)} "
                f"more to {self._counts[owner]}"
            )
        if len(self._heap) + len(ahead_s) > MAX_SCHEDULED:
            raise TimetagError(f"at most {MAX_SCHEDULED} messages of all clients may wait for their time, and they do")

    def add(self, due_s: float, owner: Hashable, item: _Item) -> None:
        """Keep one until it is due; `check` has been asked before."""
        heapq.heappush(self._heap, (due_s, next(self._numbers), owner, item))
        self._counts[owner] += 1

    def due(self, now_s: float) -> Iterator[tuple[float, _Item]]:
        """Take out what is due by now, with when it was."""
        while self._heap and self._heap[0][0] <= now_s:
            due_s, _, owner, item = heapq.heappop(self._heap)
            self._discount(owner)
            yield due_s, item

    def forget(self, owner: Hashable) -> None:
        """Drop what is an owner's."""
        if self._counts[owner]:
            self._heap = [entry for entry in self._heap if entry[2] != owner]
            heapq.heapify(self._heap)
        del self._counts[owner]

    def _discount(self, owner: Hashable) -> None:
        self._counts[owner] -= 1
        if self._counts[owner] <= 0:
            del self._counts[owner]
