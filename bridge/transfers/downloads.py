"""The downloads of all clients: whose, how far. Times are passed in; no messages here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import RequestError
from ..live_protocol import SLOT, slot_address
from ..vamps import Owner, RequestId, one_spelling
from .errands import Asked
from .pacing import ChunkSender, Pace
from .sound import SoundFacts
from .uploads import Quotas, check_quota

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
        sender: Sends them, and None until then. Once it is here, the server's thread alone uses it.
    """

    wanted: Wanted
    payload: bytes = b""
    facts: SoundFacts | None = None
    sender: ChunkSender | None = None


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

    def __iter__(self) -> Iterator[Download]:
        return iter(list(self._downloads.values()))

    def begin(self, wanted: Wanted) -> tuple[Download, bool]:
        """The download, and whether its sound has to be read first.

        Raises:
            QuotaError: Too many.
        """
        known = self._downloads.get(wanted.key)
        if known is not None and known.wanted.source == wanted.source:
            known.wanted = wanted
            return known, False
        others = [download for key, download in self._downloads.items() if key != wanted.key]
        check_quota(0, [len(d.payload) for d in others if d.wanted.owner == wanted.owner], self.quotas, is_of_one=True)
        check_quota(0, [len(d.payload) for d in others], self.quotas, is_of_one=False)
        made = self._downloads[wanted.key] = Download(wanted)
        return made, True

    def fill(self, download: Download, payload: bytes, facts: SoundFacts) -> bool:
        """The sound has been read; False if nobody wants it any more.

        Raises:
            QuotaError: Too much.
        """
        if not self.holds(download):
            return False
        others = [other for other in self if other is not download]
        owner = download.wanted.owner
        check_quota(
            len(payload), [len(d.payload) for d in others if d.wanted.owner == owner], self.quotas, is_of_one=True
        )
        check_quota(len(payload), [len(d.payload) for d in others], self.quotas, is_of_one=False)
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
