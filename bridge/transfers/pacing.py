"""Which chunk is sent when: a window that follows what the way can carry. Bytes and times in, chunks out.

The window grows by what is acknowledged and shrinks by what is lost, as TCP's does (additive increase, multiplicative
decrease: Jacobson 1988), between two ends, so that single losses on a radio do not stop the flow. Over a stream nothing
is lost, and the window only bounds what is on its way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Final

from .errors import TransferError
from .sound import Buffer, crc32_of

GIVE_UP_S: Final = 10.0  # without anything new from the other side
# The most is short: a wire that loses half of everything must be tried some twenty times before it is given up.
_FIRST_TIMEOUT_S, _LEAST_TIMEOUT_S, _MOST_TIMEOUT_S = 0.25, 0.03, 0.5
_LEAST_ROUND_TRIP_S: Final = 0.001
_SMOOTHING: Final = 1 / 8
_SHRINK: Final = 0.7
_MIN_TRIPS: Final = 1.25  # round trips after which a chunk that is called missing was lost, and not overtaken


@dataclass(frozen=True)
class Pace:
    """How a kind of connection is sent over.

    Attributes:
        chunk_bytes: Of a chunk.
        least: Chunks that may always be on their way.
        most: Chunks that may at most be.
        ack_every: Chunks in order that are answered together.
        is_stream: Nothing is lost on the way.
    """

    chunk_bytes: int
    least: int
    most: int
    ack_every: int
    is_stream: bool


# 8,000 and some for the message fit the 8,192 bytes that many OSC programs read at most.
DATAGRAMS: Final = Pace(chunk_bytes=8_000, least=8, most=48, ack_every=4, is_stream=False)
STREAM: Final = Pace(chunk_bytes=131_072, least=16, most=16, ack_every=4, is_stream=True)


def pace_of(*, is_stream: bool) -> Pace:
    """The pace of a TCP connection, or of UDP."""
    return STREAM if is_stream else DATAGRAMS


@dataclass(frozen=True)
class Chunk:
    """A piece of a sound as it travels. `blob` is its bytes, `crc32` theirs, signed."""

    index: int
    crc32: int
    blob: bytes


@dataclass(slots=True)
class _Sent:
    at_s: float
    is_again: bool


class ChunkSender:
    """Sends what is not acknowledged, no more at once than the way can carry.

    Args:
        payload: The whole; not copied.
        pace: Of the connection.
        now_s: On any clock that only goes forwards, as everywhere here.
        next_chunk: All before it have arrived already.
        chunk_bytes: Of a chunk; None is that of the pace.
    """

    def __init__(
        self, payload: Buffer, pace: Pace, now_s: float, *, next_chunk: int = 0, chunk_bytes: int | None = None
    ) -> None:
        self._payload, self._pace = memoryview(payload), pace
        self.chunk_bytes = chunk_bytes or pace.chunk_bytes
        self.n_chunks = -(-len(payload) // self.chunk_bytes)
        self.first_chunk = self._next = min(next_chunk, self.n_chunks)
        self._on_way: dict[int, _Sent] = {}  # the one sent last at the end; at most `most`
        self._lost: dict[int, None] = {}  # to be sent again, in order
        self._window = float(pace.least)
        self._is_starting, self._shrunk_s = True, -inf
        self._round_trip_s, self._timeout_s = 0.0, _FIRST_TIMEOUT_S
        self._heard_s = now_s

    @property
    def is_finished(self) -> bool:
        """Whether everything has arrived."""
        return self._next >= self.n_chunks and not self._on_way and not self._lost

    @property
    def n_arrived(self) -> int:
        """Chunks that have arrived, as far as is known."""
        return self._next - len(self._on_way) - len(self._lost)

    @property
    def next_s(self) -> float:
        """When `due` has something to do, if nothing is heard until then."""
        if len(self._on_way) < int(self._window) and (self._lost or self._next < self.n_chunks):
            return -inf
        give_up_s = self._heard_s + GIVE_UP_S
        return min(give_up_s, self._times_out_s()) if self._on_way else give_up_s

    def due(self, now_s: float) -> list[Chunk]:
        """What to send now.

        Raises:
            TransferError: The other side has been silent for too long.
        """
        if self.is_finished:
            return []
        if now_s - self._heard_s >= GIVE_UP_S:
            raise TransferError(
                f"nothing was heard for {GIVE_UP_S:g} s, at chunk {self.n_arrived} of {self.n_chunks}; "
                "begin again with the same id to go on from there"
            )
        if now_s >= self._times_out_s():
            self._time_out(now_s)
        chunks = []
        while len(self._on_way) < int(self._window):
            if self._lost:
                index = next(iter(self._lost))
                del self._lost[index]
                chunks.append(self._send(index, now_s, is_again=True))
            elif self._next < self.n_chunks:
                chunks.append(self._send(self._next, now_s, is_again=False))
                self._next += 1
            else:
                break
        return chunks

    def acknowledge(self, next_chunk: int, missing: Iterable[int], now_s: float) -> None:
        """What the receiver says has arrived, see `ChunkReceiver.answer`. What it cannot know is not believed."""
        gaps = set(missing)
        arrived = [index for index in self._on_way if index < next_chunk and index not in gaps]
        for index in arrived:
            sent = self._on_way.pop(index)
            if not sent.is_again:  # of one sent twice nobody knows which was answered (Karn's rule)
                self._measure(now_s - sent.at_s)
        late = [index for index in self._lost if index < next_chunk and index not in gaps]
        for index in late:
            del self._lost[index]
        n_arrived = len(arrived) + len(late)
        if n_arrived:
            self._heard_s = now_s
            self._grow(n_arrived)
        least_s = max(_LEAST_ROUND_TRIP_S, _MIN_TRIPS * self._round_trip_s)
        self._lose([index for index in self._on_way if index in gaps and now_s - self._on_way[index].at_s >= least_s])

    def _send(self, index: int, now_s: float, *, is_again: bool) -> Chunk:
        self._on_way[index] = _Sent(now_s, is_again)
        start = index * self.chunk_bytes
        blob = bytes(self._payload[start : start + self.chunk_bytes])
        return Chunk(index, crc32_of(blob), blob)

    def _times_out_s(self) -> float:
        oldest = next(iter(self._on_way.values()), None)  # they are in the order of sending
        return inf if oldest is None or self._pace.is_stream else oldest.at_s + self._timeout_s

    def _time_out(self, now_s: float) -> None:
        self._lose([index for index, sent in self._on_way.items() if now_s - sent.at_s >= self._timeout_s])
        self._timeout_s = min(_MOST_TIMEOUT_S, 2 * self._timeout_s)

    def _lose(self, indexes: list[int]) -> None:
        """Have chunks sent again. Those that were on their way together make the window smaller once."""
        if not indexes:
            return
        newest_s = max(self._on_way[index].at_s for index in indexes)
        for index in indexes:
            del self._on_way[index]
        self._lost = dict.fromkeys(sorted([*self._lost, *indexes]))
        if newest_s > self._shrunk_s:
            self._shrunk_s = newest_s
            self._is_starting = False
            self._window = max(float(self._pace.least), self._window * _SHRINK)

    def _grow(self, n_arrived: int) -> None:
        added = n_arrived if self._is_starting else n_arrived / self._window
        self._window = min(float(self._pace.most), self._window + added)

    def _measure(self, trip_s: float) -> None:
        known = self._round_trip_s
        self._round_trip_s = trip_s if not known else known + _SMOOTHING * (trip_s - known)
        self._timeout_s = min(_MOST_TIMEOUT_S, max(_LEAST_TIMEOUT_S, 3 * self._round_trip_s))
