"""The client's half of an upload and of a download: messages out, messages in, times passed in. No sockets here.

Whoever owns the socket calls `poll` and sends what it returns, gives every message that comes to `hear`, polls again
after it, and at `next_s` at the latest; until `is_over`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import Any, Final

from .errors import TransferError
from .pacing import GIVE_UP_S, Chunk, ChunkSender, pace_of
from .receiving import ChunkReceiver
from .sound import Buffer, SoundFacts

ASK_AGAIN_S: Final = 0.5
_ANSWER_WITHIN_S: Final = 0.02

OutMessage = tuple[str, tuple[Any, ...]]
"""Address and arguments."""


def chunk_message(address: str, request_id: object, chunk: Chunk) -> OutMessage:
    """A chunk as it is sent in either direction."""
    return address, (request_id, chunk.index, chunk.crc32, chunk.blob)


class _Asking(ABC):
    """What both halves do: ask until they are answered, and give up when nobody is there.

    Attributes:
        request_id: The client's name for the transfer.
        is_done: It has arrived, and is what it should be.
        failure: Code and reason, if the server refused it; None if not.
    """

    _OURS: str

    def __init__(self, request_id: str, *, is_stream: bool) -> None:
        self.request_id, self._pace = request_id, pace_of(is_stream=is_stream)
        self.is_done, self.failure = False, (None if request_id else ("argument", "an id must not be empty"))
        self._ask_s, self._heard_s = -inf, inf

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to do: it is done, or was refused."""
        return self.is_done or self.failure is not None

    def hear(self, address: str, arguments: Sequence[Any], now_s: float) -> bool:
        """A message of the server; whether it was for this transfer."""
        if address == "/vamp/error":
            is_ours = len(arguments) > 3 and arguments[3] == self.request_id and self._is_of(str(arguments[1]))
            if is_ours and not self.is_over:
                self.failure = (str(arguments[0]), str(arguments[2]))
            return is_ours
        if not address.startswith(self._OURS) or not arguments or arguments[0] != self.request_id:
            return False
        self._heard_s = now_s
        self._take_in(address.removeprefix(self._OURS), tuple(arguments[1:]), now_s)
        return True

    def _is_of(self, address: str) -> bool:
        return address.startswith(self._OURS)

    @abstractmethod
    def _take_in(self, word: str, arguments: tuple[Any, ...], now_s: float) -> None:
        """A message of the server for this transfer: the end of its address, and what follows the id."""

    def _may_ask(self, now_s: float) -> bool:
        """Whether to ask (again) now.

        Raises:
            TransferError: Nobody answers.
        """
        if self._heard_s == inf:
            self._heard_s = now_s
        if now_s - self._heard_s >= GIVE_UP_S:
            raise TransferError(f"the server has said nothing for {GIVE_UP_S:g} s")
        if now_s < self._ask_s:
            return False
        self._ask_s = now_s + ASK_AGAIN_S
        return True


class Uploader(_Asking):
    """Brings a sound to the server.

    Args:
        request_id: Your name for it, 1 to 64 bytes.
        payload: Its bytes; not copied.
        facts: Of them.
        is_stream: Over TCP; else UDP.
    """

    _OURS = "/vamp/upload/"

    def __init__(self, request_id: str, payload: Buffer, facts: SoundFacts, *, is_stream: bool) -> None:
        super().__init__(request_id, is_stream=is_stream)
        self._payload, self._facts = payload, facts
        self._sender: ChunkSender | None = None

    @property
    def fraction(self) -> float:
        """How much has arrived, 0 to 1."""
        return self._sender.n_arrived / self._sender.n_chunks if self._sender else 0.0

    @property
    def next_s(self) -> float:
        """When to poll, if nothing is heard until then."""
        if self.is_over:
            return inf
        return self._ask_s if self._sender is None or self._sender.is_finished else self._sender.next_s

    def poll(self, now_s: float) -> list[OutMessage]:
        """What to send now.

        Raises:
            TransferError: Nobody answers.
        """
        if self.is_over:
            return []
        if self._sender is not None and not self._sender.is_finished:
            return [chunk_message("/vamp/upload/chunk", self.request_id, chunk) for chunk in self._sender.due(now_s)]
        # Asked again behind the last chunk, too: the answer says whether it has all arrived.
        return [self._opening()] if self._may_ask(now_s) else []

    def reconnect(self, *, is_stream: bool) -> None:
        """Go on over another connection, where the server says it stands."""
        self._pace, self._sender = pace_of(is_stream=is_stream), None
        self._ask_s, self._heard_s = -inf, inf

    def _is_of(self, address: str) -> bool:
        return address == "/vamp/upload" or super()._is_of(address)

    def _opening(self) -> OutMessage:
        facts = self._facts
        told = (facts.n_frames, facts.n_channels, facts.sample_rate, facts.checksum, facts.format)
        return "/vamp/upload", (self.request_id, *told)

    def _take_in(self, word: str, arguments: tuple[Any, ...], now_s: float) -> None:
        if word == "ready" and self._sender is None:
            chunk_bytes, _, next_chunk = arguments[:3]
            self._sender = ChunkSender(self._payload, self._pace, now_s, next_chunk=next_chunk, chunk_bytes=chunk_bytes)
            self._ask_s = now_s + ASK_AGAIN_S
        elif word == "ack" and self._sender is not None:
            self._sender.acknowledge(arguments[0], arguments[1:], now_s)
            self._ask_s = now_s + ASK_AGAIN_S
        elif word == "done":
            self.is_done = True


class Downloader(_Asking):
    """Fetches a sound from the server.

    Args:
        request_id: Your name for it, 1 to 64 bytes.
        source: A take's id, as text, or a slot, as its number from 1.
        is_stream: Over TCP; else UDP.

    Attributes:
        facts: Of the sound, once they are known.
    """

    _OURS = "/vamp/download/"

    def __init__(self, request_id: str, source: str | int, *, is_stream: bool) -> None:
        super().__init__(request_id, is_stream=is_stream)
        self._source = source
        self.facts: SoundFacts | None = None
        self._receiver: ChunkReceiver | None = None
        self._is_answering, self._answer_s = False, inf

    @property
    def payload(self) -> Buffer:
        """The bytes: float32, little-endian, interleaved; whole when `is_done`. `facts.decode` makes sound of them."""
        return b"" if self._receiver is None else self._receiver.payload

    @property
    def fraction(self) -> float:
        """How much has arrived, 0 to 1."""
        return self._receiver.n_here / self._receiver.n_chunks if self._receiver else 0.0

    @property
    def next_s(self) -> float:
        """When to poll, if nothing is heard until then."""
        if self._is_answering:
            return -inf
        return inf if self.is_over else min(self._ask_s, self._answer_s)

    def poll(self, now_s: float) -> list[OutMessage]:
        """What to send now; also once more when it is over, so that the server knows.

        Raises:
            TransferError: Nobody answers.
        """
        receiver = self._receiver
        if receiver is not None and (self._is_answering or (receiver.is_answer_due and now_s >= self._answer_s)):
            self._is_answering, self._answer_s = False, inf
            next_chunk, missing = receiver.answer()
            return [("/vamp/download/ack", (self.request_id, next_chunk, *missing))]
        return [self._opening()] if not self.is_over and self._may_ask(now_s) else []

    def reconnect(self, *, is_stream: bool) -> None:
        """Go on over another connection, with what is missing."""
        self._pace = pace_of(is_stream=is_stream)
        self._ask_s, self._heard_s = -inf, inf

    def _is_of(self, address: str) -> bool:
        return address == self._opening()[0] or super()._is_of(address)

    def _opening(self) -> OutMessage:
        first = 0 if self._receiver is None else self._receiver.first_missing
        if isinstance(self._source, int):
            return f"/vamp/slot/{self._source}/download", (self.request_id, first)
        return "/vamp/download", (self.request_id, self._source, first)

    def _take_in(self, word: str, arguments: tuple[Any, ...], now_s: float) -> None:
        if self.is_done:
            self._is_answering = word == "chunk"  # the last answer was lost
            return
        self._ask_s = now_s + ASK_AGAIN_S
        if word == "ready":
            self._note_ready(arguments, now_s)
        elif word == "chunk" and self._receiver is not None:
            index, crc32, blob = arguments[:3]
            self._is_answering |= self._receiver.accept(index, crc32, blob)
            self._answer_s = min(self._answer_s, now_s + _ANSWER_WITHIN_S)
            if self._receiver.is_complete:
                self._check()

    def _note_ready(self, arguments: tuple[Any, ...], now_s: float) -> None:
        n_frames, n_channels, sample_rate, checksum, chunk_bytes = arguments[:5]
        facts = SoundFacts(n_frames, n_channels, sample_rate, checksum)
        if self._receiver is None or facts != self.facts:
            is_first = self._receiver is None
            self.facts = facts
            self._receiver = ChunkReceiver(facts.n_bytes, chunk_bytes, ack_every=self._pace.ack_every)
        else:
            is_first = chunk_bytes == self._receiver.chunk_bytes
            self._receiver.cut_anew(chunk_bytes)
        if not is_first:  # it was begun in the middle of something else
            self._ask_s = now_s

    def _check(self) -> None:
        if self.facts is None or self._receiver is None:
            return
        self.is_done = self.facts.fits(self._receiver.payload)
        if not self.is_done:
            self.failure = ("checksum", "what arrived is not what was announced: begin again with another id")
