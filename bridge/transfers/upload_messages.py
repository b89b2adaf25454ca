"""Answers the messages of uploads, and vamps them."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ...engine.errors import VampbridgeError
from ...engine.settings import without_prompts
from ...engine.take import Take
from ..clients import Address, Client
from ..errors import clip
from ..ids import RequestId, checked_id
from ..message_spec import Values
from ..own_messages import Desk, OwnReplies, with_seed
from ..parts import BasePart, Handler
from ..vamps import Order
from .errands import Asked, Errands
from .errors import ChecksumError, TransferError
from .pacing import pace_of
from .shelf import Shelf
from .sound import SoundFacts
from .uploads import Quotas, Upload, Uploads

log = logging.getLogger(__name__)


class UploadMessages(BasePart):
    """Uploads, and vamps of them.

    Args:
        desk: See there.
        errands: For what takes longer.
        shelf: Where takes are kept.
        quotas: See there.
    """

    def __init__(self, desk: Desk, errands: Errands, shelf: Shelf, quotas: Quotas | None = None) -> None:
        self._desk, self._errands, self._shelf = desk, errands, shelf
        self._uploads = Uploads(quotas or Quotas())
        self.handlers: dict[str, Handler] = {
            "/vamp/upload": self._begin,
            "/vamp/upload/chunk": self._chunk,
            "/vamp/upload/cancel": self._cancel,
            "/vamp/upload/vamp": self._vamp,
        }

    def complete(self, client: Client, request_id: RequestId) -> Upload:
        """A client's upload that may be used.

        Raises:
            RequestError: It has none of that id, or not all of it is here.
        """
        return self._uploads.complete(client.address, request_id, time.monotonic())

    def tick(self, now_s: float) -> None:
        """See `parts.Part`."""
        for upload in self._uploads:
            if upload.owner is not None and upload.receiver.is_answer_due:
                self._answer(upload, upload.owner)
        for upload in self._uploads.expire(now_s):
            if upload.owner is not None:
                reason = f"the upload {upload.request_id!r} was left alone for too long, and is dropped"
                self._errands.tell(Asked(upload.owner, "/vamp/upload", upload.request_id), TransferError(reason))

    def forget(self, client: Address) -> None:
        """See `parts.Part`."""
        self._uploads.forget(client)

    def _begin(self, values: Values, client: Client, _: Address) -> None:
        request_id = checked_id(values["request_id"])
        names = ("n_frames", "n_channels", "sample_rate", "checksum", "format")
        facts = SoundFacts(*(values[name] for name in names))
        pace = pace_of(is_stream=client.is_stream)
        upload = self._uploads.begin(client.address, request_id, facts, pace, time.monotonic())
        receiver = upload.receiver
        told = (request_id, receiver.chunk_bytes, receiver.n_chunks, receiver.first_missing)
        self._desk.send(client.address, "/vamp/upload/ready", told)
        if upload.state == "here":
            self._desk.send(client.address, "/vamp/upload/done", (request_id,))
        elif upload.state == "arriving" and receiver.is_complete:
            self._have_checked(upload, client)
        elif receiver.n_here > receiver.first_missing:  # some are here behind the gap
            self._answer(upload, client.address)

    def _chunk(self, values: Values, client: Client, _: Address) -> None:
        upload = self._uploads.get(client.address, values["request_id"])
        if upload.state == "here":  # sent again, because the last answers were lost
            self._desk.send(client.address, "/vamp/upload/done", (upload.request_id,))
        if upload.state != "arriving":
            return
        n_before = upload.receiver.n_here
        try:
            is_answered = upload.receiver.accept(values["index"], values["crc32"], values["blob"])
        except ChecksumError:
            self._uploads.drop(upload)
            raise
        if upload.receiver.n_here > n_before:  # what brings it no further does not keep it here
            upload.heard_s = time.monotonic()
        if is_answered:
            self._answer(upload, client.address)
        if upload.receiver.is_complete:
            self._have_checked(upload, client)

    def _have_checked(self, upload: Upload, client: Client) -> None:
        upload.state = "checking"  # before the other thread says what it found
        try:
            self._errands.do(Asked(client.address, "/vamp/upload", upload.request_id), partial(self._check, upload))
        except BaseException:
            upload.state = "arriving"  # a chunk that comes again, or the announcement, has it tried again
            raise

    def _cancel(self, values: Values, client: Client, _: Address) -> None:
        self._uploads.drop(self._uploads.get(client.address, values["request_id"]))

    def _vamp(self, values: Values, client: Client, _: Address) -> None:
        desk, upload_id = self._desk, values["upload_id"]
        upload = self.complete(client, upload_id)
        request_id = upload_id if values["request_id"] is None else values["request_id"]
        settings = with_seed(client.settings, desk)
        if client.drawn_mask is not None and not client.prompts_set:
            settings = without_prompts(settings)
        read = partial(upload.facts.decode, upload.receiver.payload)
        order = Order(request_id, client.address, None, None, settings, client.drawn_mask, sound=read)
        desk.vamps.accept(order, UploadReplies(desk.send, client.address, request_id, client, shelf=self._shelf))
        client.drawn_mask = None

    def _answer(self, upload: Upload, to: Address) -> None:
        next_chunk, missing = upload.receiver.answer()
        self._desk.send(to, "/vamp/upload/ack", (upload.request_id, next_chunk, *missing))

    # In the thread that reads and writes files.

    def _check(self, upload: Upload) -> None:
        is_right = False
        try:
            is_right = upload.facts.fits(upload.receiver.payload)
        except Exception:
            if upload.owner is not None:
                raise
            log.exception("checking an upload that nobody waits for any more failed")
        finally:  # whatever stopped the check: what it was about is dropped, and takes up no room any more
            upload.state = "here" if is_right else "damaged"
        owner = upload.owner
        if owner is None:  # its client is gone, or has begun another of that id, and would take this for its answer
            return
        if is_right:
            self._desk.send(owner, "/vamp/upload/done", (upload.request_id,))
            return
        reason = (
            f"the upload {upload.request_id!r} does not have the checksum {upload.facts.checksum} that was "
            "announced: every chunk is as it was sent, so the announcement was of something else"
        )
        self._errands.tell(Asked(owner, "/vamp/upload", upload.request_id), ChecksumError(reason))


@dataclass(frozen=True)
class UploadReplies(OwnReplies):
    """Tells the client of a vamp that has no file; its takes go to the shelf."""

    shelf: Shelf = field(default_factory=Shelf)

    def done(self, paths: Sequence[Path], take: Take, seconds: float) -> None:
        """See `vamps.Replies`."""
        super().done(paths, take, seconds)
        for one in self.shelf.put(take):
            self.send(self.to, "/vamp/done", (self.request_id, "", one.seed, one.take_id, seconds))

    def failed(self, error: VampbridgeError) -> None:
        """See `vamps.Replies`."""
        reason = f"request {self.request_id}: {error}"
        self.send(self.to, "/vamp/error", (error.code, "/vamp/upload/vamp", clip(reason), self.request_id))
