"""Answers the messages of downloads, and lists what may be fetched."""

from __future__ import annotations

import threading
import time
from functools import partial

from ...engine.errors import VampbridgeError
from ...engine.files import AudioFile
from ..clients import Address, Client
from ..errors import RequestError
from ..live_protocol import SLOT
from ..message_spec import Values
from ..own_messages import Desk
from ..parts import BasePart, Handler
from .downloads import Download, Downloads, Source, Wanted
from .errands import Asked, Errands
from .errors import TransferError
from .ids import checked_id
from .pacing import pace_of
from .sender import chunk_message
from .shelf import Shelf
from .slots import SlotTransfers
from .sound import SoundFacts, encode, facts_of


class DownloadMessages(BasePart):
    """Downloads, and the list of what may be fetched.

    Args:
        desk: See there.
        errands: For what takes longer.
        shelf: Where takes of uploads are.
        slots: Those of the stage; None if there is none.
    """

    def __init__(self, desk: Desk, errands: Errands, shelf: Shelf, slots: SlotTransfers | None) -> None:
        self._desk, self._errands, self._shelf, self._slots = desk, errands, shelf, slots
        self._downloads = Downloads()
        # The server's thread sends and hears; the one that reads files begins. Both hold it for one window at most.
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
            for download in self._downloads:
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
            download, is_new = self._downloads.begin(wanted)
            if not is_new:
                if download.facts is not None:
                    self._start(download, download.facts)
                return
        try:
            self._errands.do(wanted.asked, partial(self._read, download))
        except VampbridgeError:
            with self._lock:
                self._downloads.drop(download)
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
                self._downloads.drop(download)
                self._desk.send(client.address, "/vamp/download/done", (download.wanted.request_id,))

    def _cancel(self, values: Values, client: Client, _: Address) -> None:
        with self._lock:
            self._downloads.cancel(client.address, values["request_id"])

    def _list(self, values: Values, client: Client, _: Address) -> None:
        asked = Asked(client.address, "/vamp/takes")
        self._errands.do(asked, partial(self._tell_takes, client.address, values["limit"]))

    def _send_due(self, download: Download, now_s: float) -> None:
        wanted = download.wanted
        if download.sender is None:
            return
        try:
            chunks = download.sender.due(now_s)
        except TransferError as error:
            self._downloads.drop(download)
            self._errands.tell(wanted.asked, error)
            return
        for chunk in chunks:
            self._desk.send(wanted.owner, *chunk_message("/vamp/download/chunk", wanted.request_id, chunk))

    def _start(self, download: Download, facts: SoundFacts) -> None:
        wanted, now_s = download.wanted, time.monotonic()
        sender = download.start(now_s)
        told = (facts.n_frames, facts.n_channels, facts.sample_rate, facts.checksum)
        ready = (wanted.request_id, *told, sender.chunk_bytes, sender.n_chunks)
        self._desk.send(wanted.owner, "/vamp/download/ready", ready)
        self._send_due(download, now_s)

    # In the thread that reads and writes files.

    def _read(self, download: Download) -> None:
        try:
            sound = self._sound(download.wanted.source)
            payload = encode(sound.audio)
            facts = facts_of(payload, sound.audio.shape[0], sound.sample_rate)
            with self._lock:
                if self._downloads.fill(download, payload, facts):
                    self._start(download, facts)
        except BaseException:
            with self._lock:
                self._downloads.drop(download)
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
        for arguments in told:
            self._desk.send(to, "/vamp/take", arguments)
        self._desk.send(to, "/vamp/takes", (len(told),))
