"""Puts chunks together that may come in any order, more than once or damaged, and says what is missing. Bytes only."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..errors import ArgumentError
from .errors import ChecksumError
from .sound import crc32_of, signed

MAX_MISSING: Final = 64  # named in one answer, so that it fits any datagram
MAX_BAD: Final = 64

Answer = tuple[int, list[int]]


class ChunkReceiver:
    """What has arrived of so many bytes, cut into chunks of the same size but for the last.

    Args:
        n_bytes: Of the whole, at least 1.
        chunk_bytes: Of a chunk.
        ack_every: So many chunks in order are answered together.

    Attributes:
        payload: The bytes; those of missing chunks are 0.
        n_chunks: Of the whole.
        is_answer_due: Whether something has come that was not answered yet.
    """

    def __init__(self, n_bytes: int, chunk_bytes: int, *, ack_every: int) -> None:
        # Not a bytearray: memory is taken as chunks arrive, so that announcing much costs nothing.
        self.payload = np.zeros(n_bytes, np.uint8).data
        self.chunk_bytes, self._ack_every = chunk_bytes, ack_every
        self.n_chunks = -(-n_bytes // chunk_bytes)
        self._is_here = bytearray(self.n_chunks)  # 1 = it is
        self._first_missing = self._end = 0  # no gap before the one, nothing from the other on
        self._n_missing, self._n_unanswered, self._n_bad = self.n_chunks, 0, 0
        self.is_answer_due = False

    @property
    def is_complete(self) -> bool:
        """Whether every chunk is here."""
        return not self._n_missing

    @property
    def n_here(self) -> int:
        """How many chunks are here."""
        return self.n_chunks - self._n_missing

    @property
    def first_missing(self) -> int:
        """The first chunk that is missing; n_chunks if none is."""
        found = self._is_here.find(0, self._first_missing)
        self._first_missing = self.n_chunks if found < 0 else found
        return self._first_missing

    def accept(self, index: int, crc32: int, blob: bytes) -> bool:
        """One chunk. Whether to answer now: what comes out of order is answered at once, the rest now and then.

        Args:
            index: From 0.
            crc32: Of the blob, signed or not.
            blob: Its bytes.

        Raises:
            ArgumentError: There is no such chunk, or it is of another size.
            ChecksumError: Too many were damaged: the other side reckons otherwise.
        """
        start, size = index * self.chunk_bytes, self._size_of(index)
        if len(blob) != size:
            raise ArgumentError(f"chunk {index} must have {size} bytes, got {len(blob)}")
        is_in_order = index == self._end
        self._end = max(self._end, index + 1)
        self.is_answer_due = True
        if crc32_of(blob) != signed(crc32):
            self._note_bad(index, crc32, blob)
            return True
        if self._is_here[index]:
            return True
        self.payload[start : start + size] = blob
        self._is_here[index] = 1
        self._n_missing -= 1
        self._n_unanswered += 1
        return not is_in_order or self.is_complete or self._n_unanswered >= self._ack_every

    def answer(self) -> Answer:
        """What to tell the sender: of the chunks before `next`, all are here but those listed."""
        self._n_unanswered, self.is_answer_due = 0, False
        missing: list[int] = []
        found = self._is_here.find(0, self.first_missing, self._end)
        while found >= 0:
            if len(missing) == MAX_MISSING:
                return found, missing
            missing.append(found)
            found = self._is_here.find(0, found + 1, self._end)
        return self._end, missing

    def cut_anew(self, chunk_bytes: int) -> None:
        """Go on with chunks of another size; what had come behind the first gap is forgotten."""
        if chunk_bytes == self.chunk_bytes:
            return
        n_bytes = min(len(self.payload), self.first_missing * self.chunk_bytes)
        is_whole = n_bytes == len(self.payload)
        self.chunk_bytes = chunk_bytes
        self.n_chunks = -(-len(self.payload) // chunk_bytes)
        n_here = self.n_chunks if is_whole else n_bytes // chunk_bytes
        self._is_here = bytearray(b"\1" * n_here) + bytearray(self.n_chunks - n_here)
        self._first_missing = self._end = n_here
        self._n_missing = self.n_chunks - n_here

    def _size_of(self, index: int) -> int:
        if not 0 <= index < self.n_chunks:
            raise ArgumentError(f"index must be a whole number from 0 to {self.n_chunks - 1}, got {index}")
        return min(self.chunk_bytes, len(self.payload) - index * self.chunk_bytes)

    def _note_bad(self, index: int, crc32: int, blob: bytes) -> None:
        self._n_bad += 1
        if self._n_bad > MAX_BAD:
            raise ChecksumError(
                f"{self._n_bad} chunks did not have the CRC-32 that was sent with them; the last one was chunk {index} "
                f"with {crc32}, its bytes have {crc32_of(blob)}"
            )
