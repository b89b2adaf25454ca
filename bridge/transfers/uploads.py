"""The uploads of all clients: whose, how far, how much they may be. Times are passed in; no messages here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from ..errors import RequestError
from ..ids import RequestId, one_spelling
from ..serve_options import ServeOptions
from ..vamps import Owner
from .errors import QuotaError
from .pacing import Pace
from .receiving import ChunkReceiver
from .sound import SoundFacts

MIB: Final = 2**20
_DEFAULTS: Final = ServeOptions()

UploadState = Literal["arriving", "checking", "here", "damaged"]


@dataclass(frozen=True)
class Quotas:
    """How much may be here at once. A loop of a minute in stereo has 22 MiB.

    Attributes:
        client_bytes: Of one client.
        all_bytes: Of all clients.
        client_count: Uploads, or downloads, of one client.
        all_count: Of all clients.
        idle_s: An upload that gets no further is dropped after so many seconds ...
        kept_s: ... and one that is complete after so many without being used.
        silent_s: One that is incomplete and gets no further for so many may be gone on with by another client that
            knows its id and its checksum.
        client_option: The option of the command line that sets `client_bytes`; empty if none does.
        all_option: That of `all_bytes`.
    """

    client_bytes: int = _DEFAULTS.upload_mb * MIB
    all_bytes: int = _DEFAULTS.all_uploads_mb * MIB
    client_count: int = 8
    all_count: int = 64
    idle_s: float = 60.0
    kept_s: float = 600.0
    silent_s: float = 2.0
    client_option: str = ""
    all_option: str = ""


def upload_quotas(options: ServeOptions) -> Quotas:
    """Those of uploads, as the server was told."""
    return Quotas(
        client_bytes=options.upload_mb * MIB,
        all_bytes=options.all_uploads_mb * MIB,
        client_option="--upload-mb",
        all_option="--upload-all-mb",
    )


@dataclass(eq=False)
class Upload:
    """One upload.

    Attributes:
        owner: Its client; None if that is gone, or wants it no more: then nobody is told anything of it.
        request_id: The client's name for it.
        facts: What was said of it.
        receiver: Its bytes.
        heard_s: When it last got further, changed hands or was used.
        state: arriving → checking → here, or damaged; the last two are set by another thread.
    """

    owner: Owner | None
    request_id: RequestId
    facts: SoundFacts
    receiver: ChunkReceiver
    heard_s: float
    state: UploadState = "arriving"


@dataclass
class Uploads:
    """All of them. Used by one thread."""

    quotas: Quotas = field(default_factory=Quotas)
    _uploads: list[Upload] = field(default_factory=list)

    def __iter__(self) -> Iterator[Upload]:
        return iter(self._uploads)

    def begin(self, owner: Owner, request_id: RequestId, facts: SoundFacts, pace: Pace, now_s: float) -> Upload:
        """A new upload, or the one of that id and checksum, to be gone on with. Another sound takes its place.

        Raises:
            QuotaError: Too many, or too much; or this server takes none.
        """
        own = self._find(owner, request_id)
        known = own or self._left_by_others(request_id, facts, now_s)
        if known is not None and known.facts == facts and known.state != "damaged":
            if known.owner != owner or known.state != "arriving":  # announcing it again brings it no further
                known.owner, known.heard_s = owner, now_s
            if known.state == "arriving":
                known.receiver.cut_anew(pace.chunk_bytes)
            return known
        staying = self._room_for(owner, facts.n_bytes, own)
        for upload in self._uploads:
            if upload not in staying:
                upload.owner = None
        receiver = ChunkReceiver(facts.n_bytes, pace.chunk_bytes, ack_every=pace.ack_every)
        upload = Upload(owner, request_id, facts, receiver, now_s)
        self._uploads = [*staying, upload]
        return upload

    def get(self, owner: Owner, request_id: RequestId) -> Upload:
        """A client's upload.

        Raises:
            RequestError: It has none of that id.
        """
        found = self._find(owner, request_id)
        if found is None:
            raise RequestError(f"you have no upload with the id {request_id!r}: begin it with /vamp/upload")
        return found

    def complete(self, owner: Owner, request_id: RequestId, now_s: float) -> Upload:
        """A client's upload that may be used.

        Raises:
            RequestError: It has none of that id, or not all of it is here.
        """
        found = self.get(owner, request_id)
        if found.state != "here":
            receiver = found.receiver
            raise RequestError(
                f"the upload {request_id!r} is not complete, {receiver.n_here} of {receiver.n_chunks} chunks have "
                "arrived: wait for /vamp/upload/done"
            )
        found.heard_s = now_s
        return found

    def drop(self, upload: Upload) -> None:
        """Forget one. What is still found out about it is told to nobody: it would be taken for another of that id."""
        upload.owner = None
        if upload in self._uploads:
            self._uploads.remove(upload)

    def forget(self, owner: Owner) -> None:
        """A client is gone: what it left is there for whoever goes on with it, for a while."""
        for upload in self._uploads:
            if upload.owner == owner:
                upload.owner = None

    def expire(self, now_s: float) -> list[Upload]:
        """Drop and return those that have been left alone for too long; drop damaged ones, which are told already."""
        over = [upload for upload in self._uploads if self._is_over(upload, now_s)]
        self._uploads = [upload for upload in self._uploads if upload not in over]
        return [upload for upload in over if upload.state != "damaged"]

    def _is_over(self, upload: Upload, now_s: float) -> bool:
        limit_s = self.quotas.kept_s if upload.state == "here" else self.quotas.idle_s
        return upload.state == "damaged" or (upload.state != "checking" and now_s - upload.heard_s > limit_s)

    def _find(self, owner: Owner, request_id: RequestId) -> Upload | None:
        same = (upload for upload in self._uploads if upload.owner == owner)
        return next((upload for upload in same if _is_same(upload.request_id, request_id)), None)

    def _left_by_others(self, request_id: RequestId, facts: SoundFacts, now_s: float) -> Upload | None:
        """An upload whose client is gone, or has stopped in the middle of it: nobody else has a use for it."""
        for upload in self._uploads:
            is_silent = upload.state == "arriving" and now_s - upload.heard_s > self.quotas.silent_s
            is_left = upload.owner is None or is_silent
            if is_left and upload.facts == facts and _is_same(upload.request_id, request_id):
                return upload
        return None

    def _room_for(self, owner: Owner, n_bytes: int, replaced: Upload | None) -> list[Upload]:
        """Which may stay beside a new one: those that nobody owns give way, the one that was left first at first.

        Raises:
            QuotaError: Even without those there is no room.
        """
        staying = [upload for upload in self._uploads if upload is not replaced]
        check_quota(n_bytes, [u.facts.n_bytes for u in staying if u.owner == owner], self.quotas, is_of_one=True)
        left = sorted(
            (u for u in staying if u.owner is None and u.state == "here"), key=lambda u: u.heard_s, reverse=True
        )
        while left and not may_come(n_bytes, [u.facts.n_bytes for u in staying], self.quotas):
            staying.remove(left.pop())
        check_quota(n_bytes, [u.facts.n_bytes for u in staying], self.quotas, is_of_one=False)
        return staying


def check_quota(n_bytes: int, others: list[int], quotas: Quotas, *, is_of_one: bool) -> None:
    """Whether so many bytes more may be here.

    Args:
        n_bytes: Of the one that is asked for.
        others: Bytes of each that is here.
        quotas: See there.
        is_of_one: Whether the others are of one client, or of all.

    Raises:
        QuotaError: Too many, or too much.
    """
    if not quotas.client_bytes:
        reason = f": it was started with {quotas.client_option} 0" if quotas.client_option else ""
        raise QuotaError(f"this server takes no uploads{reason}")
    whose = "one client" if is_of_one else "all clients together"
    most_bytes, most = (quotas.client_bytes, quotas.client_count) if is_of_one else (quotas.all_bytes, quotas.all_count)
    if len(others) >= most:
        raise QuotaError(f"{whose} may have {most} transfers, and so many there are: cancel one, or let it end")
    if sum(others) + n_bytes > most_bytes:
        option = quotas.client_option if is_of_one else quotas.all_option
        named = f" ({option})" if option else ""
        raise QuotaError(
            f"{whose} may have {most_bytes // MIB} MiB of transfers{named}; {sum(others) / MIB:.1f} MiB are there, "
            f"and this one has {n_bytes / MIB:.1f}"
        )


def may_come(n_bytes: int, others: list[int], quotas: Quotas) -> bool:
    """Whether there is room for so many bytes more beside those of all clients; see `check_quota`."""
    return len(others) < quotas.all_count and sum(others) + n_bytes <= quotas.all_bytes


def _is_same(one: RequestId, other: RequestId) -> bool:
    return one_spelling(one) == one_spelling(other) and isinstance(one, str) == isinstance(other, str)
