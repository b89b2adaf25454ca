"""Takes that have no file: kept until their clients have fetched them, or memory is wanted for newer ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from ...engine.take import Audio, Take
from ..sessions.writer import variation_id

SHELF_BYTES: Final = 256 * 2**20


@dataclass(frozen=True)
class ShelvedTake:
    """A take in memory.

    Attributes:
        take_id: Its name; of several variations each has its own.
        seed: That made it.
        audio: (C, N) float32.
        sample_rate: In Hz.
        parent: The take that it was made from; empty for none.
    """

    take_id: str
    seed: int
    audio: Audio
    sample_rate: int
    parent: str = ""


class Shelf:
    """The newest takes, as many as there is room for; the newest one always. Any thread.

    Args:
        max_bytes: Of all of them.
    """

    def __init__(self, max_bytes: int = SHELF_BYTES) -> None:
        self._max_bytes = max_bytes
        self._takes: OrderedDict[str, ShelvedTake] = OrderedDict()  # the newest at the end
        self._lock = threading.Lock()

    def put(self, take: Take) -> list[ShelvedTake]:
        """Keep every variation of a take."""
        report = take.report
        parent = report.lineage[-1] if report.lineage else ""
        made = [
            ShelvedTake(variation_id(take, index), report.seed, audio, take.sample_rate, parent)
            for index, audio in enumerate(take.audio)
        ]
        with self._lock:
            for one in made:
                self._takes[one.take_id] = one
                self._takes.move_to_end(one.take_id)
            while len(self._takes) > 1 and sum(one.audio.nbytes for one in self._takes.values()) > self._max_bytes:
                self._takes.popitem(last=False)
        return made

    def get(self, take_id: str) -> ShelvedTake | None:
        """A take; None if it was not made here, or had to give way."""
        with self._lock:
            return self._takes.get(take_id)

    def newest(self, limit: int) -> list[ShelvedTake]:
        """At most so many, the newest first."""
        with self._lock:
            return list(reversed(self._takes.values()))[:limit]
