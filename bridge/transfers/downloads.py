"""The downloads of all clients: whose, how far. Times are passed in; no messages here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from ..errors import RequestError
from ..ids import RequestId, one_spelling
from ..live_protocol import SLOT, slot_address
from ..vamps import Owner
from .errands import Asked
from .pacing import ChunkSender, Pace
from .sound import SoundFacts
from .uploads import Quotas, check_quota, may_come

Source = str | int
"""A take's id, or a slot from 0."""


@dataclass(frozen=True)
class Wanted:
    """What a client asks for.

    Attributes:
        owner: The client.
        request_id: Its name for it.
        source: See there.
        first_chunk: All before it, it has.
        pace: Of its connection.
    """

    owner: Owner
    request_id: RequestId
    source: Source
    first_chunk: int
    pace: Pace

    @property
    def key(self) -> tuple[Owner, str]:
        """Names the download."""
        return self.owner, repr(one_spelling(self.request_id))

    @property
    def asked(self) -> Asked:
        """Where what goes wrong is told: at the address that it was asked for by."""
        source = self.source
        address = "/vamp/download" if isinstance(source, str) else slot_address(SLOT + "download", source)
        return Asked(self.owner, address, self.request_id)


@dataclass(eq=False)
class Download:
    """One download.

    Attributes:
        wanted: See there.
        payload: The bytes; empty until they are read.
        facts: What is said of them, and None until then.
        sender: Sends them, and None until then. Once it is here, the server's thread alone has it send.
        begun_s: When it was asked for first.
        first_chunk: That it was asked for from then.
    """

    wanted: Wanted
    begun_s: float
    first_chunk: int
    payload: bytes = b""
    facts: SoundFacts | None = None
    sender: ChunkSender | None = None

    def bytes_per_s(self, now_s: float) -> float:
        """How fast it goes on; infinite as long as that cannot be said."""
        age_s = now_s - self.begun_s
        if self.sender is None or age_s < PATIENCE_S:
            return inf
        return (self.sender.n_arrived - self.first_chunk) * self.sender.chunk_bytes / age_s


# Of a download that is slower, its place is for others, if there is none left: who acknowledges a chunk now and then
# would else keep it for hours. A window of datagrams that come through once in 2 s is twice as fast.
LEAST_BYTES_PER_S: Final = 16 * 1024
PATIENCE_S: Final = 10.0

# Two windows of a stream are well below what may wait for a client that reads slowly.
DOWNLOAD_QUOTAS: Final = Quotas(client_count=2, all_count=16)


def download_quotas(uploads: Quotas) -> Quotas:
    """The quotas of downloads: what may come, may also go."""
    own = DOWNLOAD_QUOTAS
    return replace(
        own,
        client_bytes=max(own.client_bytes, uploads.client_bytes),
        all_bytes=max(own.all_bytes, uploads.all_bytes),
    )


@dataclass
class Downloads:
    """All of them; their owner sees to it that one thread at a time is here. Nothing here takes long."""

    quotas: Quotas = DOWNLOAD_QUOTAS
    _downloads: dict[tuple[Owner, str], Download] = field(default_factory=dict)
    _displaced: list[Download] = field(default_factory=list)

    def __iter__(self) -> Iterator[Download]:
        return iter(list(self._downloads.values()))

    def begin(self, wanted: Wanted, now_s: float) -> tuple[Download, bool]:
        """The download, and whether its sound has to be read first. Very slow ones of others may give way to it.

        Raises:
            QuotaError: Too many.
        """
        known = self._downloads.get(wanted.key)
        if known is not None and known.wanted.source == wanted.source:
            known.wanted = wanted
            return known, False
        others = [download for key, download in self._downloads.items() if key != wanted.key]
        self._make_room(0, others, wanted.owner, now_s)
        made = self._downloads[wanted.key] = Download(wanted, now_s, wanted.first_chunk)
        return made, True

    def fill(self, download: Download, payload: bytes, facts: SoundFacts, now_s: float) -> bool:
        """The sound has been read; False if nobody wants it any more. Very slow ones of others may give way to it.

        Raises:
            QuotaError: Too much.
        """
        if not self.holds(download):
            return False
        others = [other for other in self if other is not download]
        self._make_room(len(payload), others, download.wanted.owner, now_s)
        download.payload, download.facts = payload, facts
        return True

    def attach(self, download: Download, sender: ChunkSender, *, is_again: bool) -> bool:
        """Have a download sent; False if nobody wants it any more.

        Args:
            download: Filled.
            sender: Of it.
            is_again: It was asked for again: this sender takes the place of the one there is. Else that one goes on.
        """
        if not self.holds(download) or (download.sender is not None and not is_again):
            return False
        download.sender = sender
        return True

    def holds(self, download: Download) -> bool:
        """Whether it is still wanted."""
        return self._downloads.get(download.wanted.key) is download

    def get(self, owner: Owner, request_id: RequestId) -> Download | None:
        """A client's download; None if it has none of that id."""
        return self._downloads.get((owner, repr(one_spelling(request_id))))

    def take_displaced(self) -> list[Download]:
        """Those that gave way since this was asked last, and were not begun again: their clients are to be told."""
        displaced, self._displaced = self._displaced, []
        return [download for download in displaced if download.wanted.key not in self._downloads]

    def cancel(self, owner: Owner, request_id: RequestId) -> None:
        """Drop a client's download.

        Raises:
            RequestError: It has none of that id.
        """
        if self._downloads.pop((owner, repr(one_spelling(request_id))), None) is None:
            raise RequestError(f"you have no unfinished download with the id {request_id!r}")

    def drop(self, download: Download) -> None:
        """Forget one."""
        if self.holds(download):
            del self._downloads[download.wanted.key]

    def forget(self, owner: Owner) -> None:
        """A client is gone, and its downloads with it."""
        for download in self:
            if download.wanted.owner == owner:
                self.drop(download)

    def _make_room(self, n_bytes: int, others: list[Download], owner: Owner, now_s: float) -> None:
        """Have as many very slow ones give way as must, the slowest first; none if even that would not be enough.

        Raises:
            QuotaError: Too many, or too much.
        """
        check_quota(n_bytes, [len(d.payload) for d in others if d.wanted.owner == owner], self.quotas, is_of_one=True)
        speeds = [(download.bytes_per_s(now_s), download) for download in others]
        slow = [(speed, download) for speed, download in speeds if speed < LEAST_BYTES_PER_S]
        slow.sort(key=lambda entry: entry[0], reverse=True)
        staying, displaced = list(others), list[Download]()
        while slow and not may_come(n_bytes, [len(d.payload) for d in staying], self.quotas):
            displaced.append(slow.pop()[1])
            staying.remove(displaced[-1])
        check_quota(n_bytes, [len(d.payload) for d in staying], self.quotas, is_of_one=False)
        for download in displaced:
            self.drop(download)
        self._displaced += displaced
