"""Answers the messages of downloads, and lists what may be fetched."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from functools import partial

from ...engine.errors import VampbridgeError
from ...engine.files import AudioFile
from ..clients import Address, Client
from ..errors import RequestError
from ..ids import checked_id
from ..live_protocol import SLOT
from ..message_spec import Values
from ..own_messages import Desk
from ..parts import BasePart, Handler
from .downloads import DOWNLOAD_QUOTAS, LEAST_BYTES_PER_S, Download, Downloads, Source, Wanted
from .errands import Asked, Errands
from .errors import TransferError
from .lists import Lists
from .pacing import Chunk, ChunkSender, pace_of
from .sender import chunk_message
from .shelf import Shelf
from .slots import SlotTransfers
from .sound import SoundFacts, encode, facts_of
from .uploads import Quotas


class DownloadMessages(BasePart):
    """Downloads, and the list of what may be fetched.

    Args:
        desk: See there.
        errands: For what takes longer.
        shelf: Where takes of uploads are.
        slots: Those of the stage; None if there is none.
        lists: For long answers.
        quotas: Of downloads.
    """

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        shelf: Shelf,
        slots: SlotTransfers | None,
        *,
        lists: Lists,
        quotas: Quotas = DOWNLOAD_QUOTAS,
    ) -> None:
        self._desk, self._errands, self._shelf, self._slots = desk, errands, shelf, slots
        self._lists, self._downloads = lists, Downloads(quotas)
        # Guards who wants what: the server's thread begins and ends downloads, the one that reads files fills them.
        # Held for moments only: sounds are read, windows made and sent without it, so that nobody waits for another's.
        self._lock = threading.Lock()
        self.handlers: dict[str, Handler] = {
            "/vamp/download": self._begin,
            "/vamp/download/ack": self._ack,
            "/vamp/download/cancel": self._cancel,
            "/vamp/takes": self._list,
        }
        if slots is not None:
            self.handlers[SLOT + "download"] = self._begin_slot

    def tick(self, now_s: float) -> None:
        """See `parts.Part`."""
        with self._lock:
            downloads, displaced = list(self._downloads), self._downloads.take_displaced()
        for download in displaced:
            reason = (
                f"it gave way to another one, for it went on at less than {LEAST_BYTES_PER_S // 1024} KiB/s: begin "
                "again with the same id to go on from there"
            )
            self._errands.tell(download.wanted.asked, TransferError(reason))
        for download in downloads:
            self._send_due(download, now_s)

    def forget(self, client: Address) -> None:
        """See `parts.Part`."""
        with self._lock:
            self._downloads.forget(client)

    def _begin(self, values: Values, client: Client, _: Address) -> None:
        self._want(values, client, values["take_id"])

    def _begin_slot(self, values: Values, client: Client, _: Address) -> None:
        if self._slots is None:
            raise RequestError("this server plays no loops")
        self._want(values, client, self._slots.one_slot(values))

    def _want(self, values: Values, client: Client, source: Source) -> None:
        request_id = checked_id(values["request_id"])
        pace = pace_of(is_stream=client.is_stream)
        wanted = Wanted(client.address, request_id, source, values["first_chunk"], pace)
        with self._lock:
            download, is_new = self._downloads.begin(wanted, time.monotonic())
            facts = download.facts
        if not is_new:
            if facts is not None:
                self._start(download, facts, is_again=True)
            return
        try:
            self._errands.do(wanted.asked, partial(self._read, download))
        except VampbridgeError:
            self._drop(download)
            raise

    def _ack(self, values: Values, client: Client, _: Address) -> None:
        with self._lock:
            download = self._downloads.get(client.address, values["request_id"])
        if download is None or download.sender is None:
            return  # an answer that was overtaken: the download is over, or has begun anew
        now_s = time.monotonic()
        download.sender.acknowledge(values["next"], values["missing"], now_s)
        self._send_due(download, now_s)
        if download.sender.is_finished:
            self._finish(download)

    def _cancel(self, values: Values, client: Client, _: Address) -> None:
        with self._lock:
            self._downloads.cancel(client.address, values["request_id"])

    def _list(self, values: Values, client: Client, _: Address) -> None:
        asked = Asked(client.address, "/vamp/takes")
        self._errands.do(asked, partial(self._tell_takes, client.address, values["limit"]))

    def _send_due(self, download: Download, now_s: float) -> None:
        if download.sender is None:
            return
        try:
            chunks = download.sender.due(now_s)
        except TransferError as error:
            self._drop(download)
            self._errands.tell(download.wanted.asked, error)
            return
        self._send(download.wanted, chunks)

    def _send(self, wanted: Wanted, chunks: Iterable[Chunk]) -> None:
        for chunk in chunks:
            self._desk.send(wanted.owner, *chunk_message("/vamp/download/chunk", wanted.request_id, chunk))

    def _start(self, download: Download, facts: SoundFacts, *, is_again: bool) -> None:
        """Say what comes, and send the first window. In either thread: nobody else has the sender yet."""
        wanted, now_s = download.wanted, time.monotonic()
        sender = ChunkSender(download.payload, wanted.pace, now_s, next_chunk=wanted.first_chunk)
        chunks = sender.due(now_s)
        with self._lock:
            if not self._downloads.attach(download, sender, is_again=is_again):
                return
        told = (facts.n_frames, facts.n_channels, facts.sample_rate, facts.checksum)
        ready = (wanted.request_id, *told, sender.chunk_bytes, sender.n_chunks)
        self._desk.send(wanted.owner, "/vamp/download/ready", ready)
        self._send(wanted, chunks)
        if not chunks:  # the client has them all
            self._finish(download)

    def _finish(self, download: Download) -> None:
        self._drop(download)
        self._desk.send(download.wanted.owner, "/vamp/download/done", (download.wanted.request_id,))

    def _drop(self, download: Download) -> None:
        with self._lock:
            self._downloads.drop(download)

    # In the thread that reads and writes files.

    def _read(self, download: Download) -> None:
        try:
            sound = self._sound(download.wanted.source)
            payload = encode(sound.audio)
            facts = facts_of(payload, sound.audio.shape[0], sound.sample_rate)
            with self._lock:
                is_wanted = self._downloads.fill(download, payload, facts, time.monotonic())
            if is_wanted:
                self._start(download, facts, is_again=False)
        except BaseException:
            self._drop(download)
            raise

    def _sound(self, source: Source) -> AudioFile:
        shelved = self._shelf.get(source) if isinstance(source, str) else None
        if shelved is not None:
            return AudioFile(shelved.audio, shelved.sample_rate)
        if self._slots is None:
            raise RequestError(f"there is no take {str(source)[:64]!r} here: /vamp/takes lists those there are")
        return self._slots.kept(source) if isinstance(source, str) else self._slots.playing(source)[0]

    def _tell_takes(self, to: Address, limit: int) -> None:
        kept = [] if self._slots is None else list(self._slots.takes(None, limit))
        told = [(*of_take, slot + 1) for slot, of_take in kept]
        told += [
            (one.take_id, one.seed, one.audio.shape[1] / one.sample_rate, one.parent, 0)
            for one in self._shelf.newest(limit - len(told))
        ]
        self._lists.tell(to, [*(("/vamp/take", arguments) for arguments in told), ("/vamp/takes", (len(told),))])
