"""Loops into the slots of a stage and out of them: by path, from an upload, and as a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from ...engine.audio import resample_ring, to_mono
from ...engine.errors import PathError
from ...engine.files import AudioFile, read_audio
from ...engine.take import Audio
from ..clients import Address, Client
from ..errors import RequestError, SessionError
from ..ids import RequestId
from ..live.stage import Stage
from ..live_protocol import SLOT, slot_address
from ..looper.messages import LoadTake
from ..message_spec import Values
from ..own_messages import Desk
from ..parts import Handler
from ..sessions.records import Record, TakeRecord, layer_key
from ..sessions.writer import SessionWriter
from ..take_files import TakeFiles
from .errands import Asked, Errands
from .lists import Lists, Told
from .sound import encode, sha256_of
from .uploads import Upload

FLUSH_S: Final = 1.0
NO_SEED: Final = -1
SAVED_SUFFIX: Final = ".wav"


class SlotTransfers:
    """Answers the transfer messages of slots.

    Args:
        desk: See there.
        stage: Plays.
        errands: For what takes longer.
        lists: For long answers.
        complete_upload: A client's upload, by its id; raises RequestError.
    """

    def __init__(
        self,
        desk: Desk,
        stage: Stage,
        *,
        errands: Errands,
        lists: Lists,
        complete_upload: Callable[[Client, RequestId], Upload],
    ) -> None:
        self._desk, self._stage, self._complete_upload = desk, stage, complete_upload
        self._errands, self._lists = errands, lists
        self.handlers: dict[str, Handler] = {
            SLOT + "load": self._load,
            SLOT + "load_upload": self._load_upload,
            SLOT + "save": self._save,
            SLOT + "takes": self._list,
        }

    def one_slot(self, values: Values) -> int:
        """The one slot that an address means, from 0.

        Raises:
            RequestError: It means all, or one that is not there.
        """
        if values["slot"] < 0:
            raise RequestError("this is of one slot at a time: name it by its number")
        return self._slots(values)[0]

    def playing(self, slot: int) -> tuple[AudioFile, str]:
        """What plays in a slot, without its dials, and the id of the take that it is; empty if it was played in.

        Raises:
            RequestError: Nothing plays.
        """
        state = self._stage.states[slot]
        if state is None or not state.layer_id:
            raise RequestError(f"nothing plays in slot {slot + 1}")
        try:
            audio = self._stage.audio.read_layer(state.layer_id)
        except KeyError as error:
            raise RequestError(f"what played in slot {slot + 1} is gone: ask again") from error
        return AudioFile(audio, self._rate), state.take_id

    def kept(self, take_id: str) -> AudioFile:
        """A take of the session; `L` and a number is a layer of this run.

        Raises:
            SessionError: There is none.
        """
        recorder = self._stage.recorder
        if recorder is None:
            raise SessionError(f"there is no take {take_id!r}: no session is being kept")
        number = take_id.removeprefix("L")
        is_layer = take_id.startswith("L") and number.isascii() and number.isdecimal() and len(number) <= 12
        audio = recorder.layer_audio(int(number)) if is_layer else recorder.read_take(take_id)
        writer = self._writer
        record = None if writer is None or is_layer else writer.session.contents.get(take_id)
        facts = None if record is None else record.audio
        return AudioFile(audio, self._rate if facts is None else facts.sample_rate)

    def takes(self, slot: int | None, limit: int) -> Iterator[tuple[int, tuple[str, int, float, str]]]:
        """What the session has, the newest first: the slot from 0, and what is told of it.

        Args:
            slot: From 0; None is every one.
            limit: At most so many.
        """
        writer = self._writer
        if writer is None:
            return
        writer.flush(FLUSH_S)  # what was made a moment ago is to be in it, unless the disk is slow
        contents = writer.session.contents
        found = [record for record in contents.records.values() if _is_listed(record, slot, writer.run)]
        for record in found[: -limit - 1 : -1]:
            parent_id = record.layer_id if isinstance(record, TakeRecord) else record.parent_id
            parent = contents.of_layer(parent_id, record.run) if parent_id else None
            yield record.slot, _told(record, "" if parent is None else parent.key)

    # Messages.

    def _load(self, values: Values, client: Client, _: Address) -> None:
        slots, path = self._slots(values), self._desk.folders.readable(values["path"])
        asked = Asked(client.address, _address(SLOT + "load", values))
        self._errands.do(asked, partial(self._place, asked, slots, source=str(path), read=partial(read_audio, path)))

    def _load_upload(self, values: Values, client: Client, _: Address) -> None:
        slots, request_id = self._slots(values), values["request_id"]
        upload = self._complete_upload(client, request_id)
        read = partial(upload.facts.decode, upload.receiver.payload)
        asked = Asked(client.address, _address(SLOT + "load_upload", values), request_id)
        self._errands.do(asked, partial(self._place, asked, slots, source=request_id, read=read))

    def _save(self, values: Values, client: Client, _: Address) -> None:
        slot, path = self.one_slot(values), self._desk.folders.writable(values["path"])
        if path.suffix.lower() != SAVED_SUFFIX:
            raise PathError(f"a loop is saved as a {SAVED_SUFFIX} file of 32-bit floats, got {str(path)!r}")
        asked = Asked(client.address, _address(SLOT + "save", values))
        take_id = values["take_id"]
        read = (lambda: (self.kept(take_id), take_id)) if take_id else partial(self.playing, slot)
        self._errands.do(asked, partial(self._write, asked, slot, path=path, read=read))

    def _list(self, values: Values, client: Client, _: Address) -> None:
        slots, limit = self._slots(values), values["limit"]
        if self._writer is None:
            raise SessionError("takes are kept in a session, and none is being kept")
        asked = Asked(client.address, _address(SLOT + "takes", values))
        self._errands.do(asked, partial(self._tell_takes, client.address, slots, limit=limit))

    # In the thread that reads and writes files.

    def _place(self, asked: Asked, slots: Sequence[int], *, source: RequestId, read: Callable[[], AudioFile]) -> None:
        info = self._stage.audio.info
        audio = fitted(read(), info.sample_rate, n_channels=len(info.channels_in))
        take_id = sha256_of(encode(audio))[:12]
        for slot in slots:
            writer = self._writer
            if writer is not None:
                record = TakeRecord(writer.run, take_id, slot, report={"loaded_from": source})
                writer.record(record, audio, info.sample_rate)
            self._stage.send(LoadTake(slot, take_id, audio), partial(self._errands.refuse, asked, "looper"))
            told = (take_id, audio.shape[1] / info.sample_rate, source)
            self._desk.send(asked.client, slot_address(SLOT + "loaded", slot), told)

    def _write(self, asked: Asked, slot: int, *, path: Path, read: Callable[[], tuple[AudioFile, str]]) -> None:
        sound, take_id = read()
        files = TakeFiles(self._desk.folders)
        try:
            files.write(path, sound.audio, sound.sample_rate, subtype="FLOAT")
            files.put_in_place((take_id,) if take_id else ())
        finally:
            files.discard()
        self._desk.send(asked.client, slot_address(SLOT + "saved", slot), (str(path), take_id))

    def _tell_takes(self, to: Address, slots: Sequence[int], *, limit: int) -> None:
        messages: list[Told] = []
        for slot in slots:
            found = [told for _, told in self.takes(slot, limit)]
            messages += [(slot_address(SLOT + "take", slot), told) for told in found]
            messages.append((slot_address(SLOT + "takes", slot), (len(found),)))
        self._lists.tell(to, messages)

    # What it leans on.

    @property
    def _rate(self) -> int:
        return self._stage.audio.info.sample_rate

    @property
    def _writer(self) -> SessionWriter | None:
        recorder = self._stage.recorder
        return recorder if isinstance(recorder, SessionWriter) else None

    def _slots(self, values: Values) -> Sequence[int]:
        slot, n_slots = values["slot"], len(self._stage.states)
        if slot >= n_slots:
            raise RequestError(f"there are {n_slots} slots, 1 to {n_slots}, got slot {slot + 1}")
        return range(n_slots) if slot < 0 else (slot,)


def fitted(sound: AudioFile, sample_rate: int, *, n_channels: int) -> Audio:
    """A loop (C, N) at the device's rate, with as many channels as the looper has, or one.

    Resampled as the ring that it is, so that its seam closes as before.
    """
    audio = sound.audio
    if audio.shape[0] not in (1, n_channels):
        audio = to_mono(audio).reshape(1, -1)
    n_out = max(1, round(audio.shape[1] * sample_rate / sound.sample_rate))
    return np.ascontiguousarray(resample_ring(audio, n_out))


def _is_listed(record: Record, slot: int | None, run: int) -> bool:
    """Whether it is of the slot, and can be called up: a layer only in its own run."""
    is_reachable = isinstance(record, TakeRecord) or record.run == run
    return is_reachable and record.audio is not None and (slot is None or record.slot == slot)


def _told(record: Record, parent: str) -> tuple[str, int, float, str]:
    facts = record.audio
    length_s = 0.0 if facts is None else facts.n_frames / facts.sample_rate
    if not isinstance(record, TakeRecord):
        return layer_key(1, record.layer_id), NO_SEED, length_s, parent
    seed = record.report.get("seed")
    return record.key, seed if isinstance(seed, int) else NO_SEED, length_s, parent


def _address(template: str, values: Values) -> str:
    return template.replace("<slot>", "*" if values["slot"] < 0 else str(values["slot"] + 1))
