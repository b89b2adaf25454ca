"""A session on the disk: made, opened, added to, read back to the bit.

Reading is safe from any thread, also while another adds. Adding waits for the disk and is for one thread: the writer's.
"""

from __future__ import annotations

import importlib.metadata
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...engine.take import Audio
from ..errors import SessionError
from ..looper.messages import Command, LoadTake
from .contents import Contents
from .durable import place_file, sync_folder
from .journal import Journal
from .locking import FolderLock
from .plain import plain
from .records import AudioFacts, LayerRecord, Record, RunInfo, TakeRecord, record_to_entry, run_to_entry
from .recover import AUDIO, FORMAT, HEADER, JOURNAL, VERSION, Recovery, Scan, scan
from .tree import TakeTree
from .wav import WavError, as_bytes, read_wav, sha256_of, write_wav


class SessionIndex:
    """A session to be read.

    Args:
        folder: Of the session.
        found: What `scan` found in it.

    Attributes:
        contents: Records, commands, events, notes.
        recovery: What was wrong when it was opened.
        header: What session.json says.
    """

    def __init__(self, folder: Path, found: Scan) -> None:
        self.folder = folder
        self.header: Mapping[str, Any] = found.header
        self.contents: Contents = found.contents
        self.recovery: Recovery = found.recovery

    def tree(self) -> TakeTree:
        """Who comes from whom, as of now."""
        return TakeTree(self.contents)

    def read(self, key: str) -> Audio:
        """The sound of a layer or take, (C, N) float32, bit for bit as it was kept.

        Args:
            key: See `LayerRecord.key`; a take's bare id means its newest copy.

        Raises:
            SessionError: There is no such record, its sound was not kept, or it is damaged.
        """
        record = self.contents.get(key)
        if record is None:
            raise SessionError(f"there is no layer or take {key!r} in {self.folder}")
        return self._read(record)

    def read_take(self, take_id: str) -> Audio:
        """The sound of a take, (C, N) float32, bit for bit as it was made.

        Raises:
            SessionError: See `read`.
        """
        record = self.contents.get(take_id)
        if not isinstance(record, TakeRecord):
            raise SessionError(f"there is no take {take_id!r} in {self.folder}")
        return self._read(record)

    def layer_audio(self, layer_id: int, run: int | None = None) -> Audio:
        """What a looper called layer `layer_id`, (C, N) float32, for layers it has forgotten.

        Args:
            layer_id: Of something played in, or of a take that played.
            run: Which looper; None for the newest.

        Raises:
            SessionError: See `read`.
        """
        run = self.contents.last_run if run is None else run
        record = self.contents.of_layer(layer_id, run)
        if record is None:
            raise SessionError(f"there is no layer {layer_id} of run {run} in {self.folder}")
        return self._read(record)

    def replay(self, run: int) -> list[Command]:
        """The commands of a run with the sounds of the takes in place; see `Contents.commands`.

        Raises:
            SessionError: A take that was loaded cannot be read.
        """
        return [
            replace(command, audio=self.read_take(command.take_id)) if isinstance(command, LoadTake) else command
            for command in self.contents.commands(run)
        ]

    def _read(self, record: Record) -> Audio:
        path, facts = self.folder / AUDIO / record.file_name, record.audio
        if facts is None:
            raise SessionError(f"the sound of {record.key} was not kept, or is lost; how it was made is known")
        try:
            _, audio = read_wav(path)
        except (OSError, WavError) as error:
            raise SessionError(f"the sound of {record.key} cannot be read: {error}") from error
        if sha256_of(as_bytes(audio)) != facts.sha256:
            raise SessionError(f"the sound of {record.key} has changed since it was kept: {path} is damaged")
        return audio


class Session(SessionIndex):
    """A session to be added to; made by `create_session` and `open_session`.

    Args:
        folder: Of the session.
        found: What `scan` found in it.
        lock: Held; let go in `close`.
    """

    def __init__(self, folder: Path, found: Scan, lock: FolderLock) -> None:
        super().__init__(folder, found)
        self._lock_file = lock
        parsed = found.parsed
        self._journal = Journal(folder / JOURNAL, parsed.next_number, is_torn=parsed.is_torn)

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add an entry to the journal; durable after `sync`. It is given the time unless it has one.

        Raises:
            OSError: The disk refuses; it may be tried again.
        """
        self.contents.add(self._journal.append({"time": round(time.time(), 3), **entry}))

    def sync(self) -> None:
        """Wait until everything that was appended is on the disk.

        Raises:
            OSError: The disk refuses.
        """
        self._journal.sync()

    def store_sound(self, record: Record, audio: Audio, sample_rate: int) -> Record:
        """Write a sound, durably; its record is not in the journal before it is appended.

        Args:
            record: What it is.
            audio: (C, N) float32.
            sample_rate: In Hz.

        Returns:
            The record with what is known of the sound. A take of a known id that sounds otherwise gets another `copy`;
            one that sounds the same is returned as it is known, and nothing is written.

        Raises:
            AudioError: Not (C, N) float32, or too long.
            SessionError: The layer is kept already.
            OSError: The disk refuses; nothing is left behind.
        """
        frames = as_bytes(audio)
        facts = AudioFacts(frames.shape[0], frames.shape[1], sample_rate, sha256_of(frames))
        record = replace(self._free(record, facts), audio=facts)
        if record == self.contents.get(record.key):
            return record
        note = json.dumps(record_to_entry(record), allow_nan=False).encode("ascii")
        place_file(self.folder / AUDIO / record.file_name, lambda file: write_wav(file, frames, sample_rate, note))
        return record

    def _free(self, record: Record, facts: AudioFacts) -> Record:
        """The record under a key that no other sound has, or the one that this sound is known by."""
        if isinstance(record, LayerRecord):
            if (self.folder / AUDIO / record.file_name).exists():
                raise SessionError(f"layer {record.layer_id} of run {record.run} is kept already")
            return record
        copies = self.contents.copies_of(record.take_id)
        same = [known for known in copies if known.audio == facts]
        if same:
            return same[0]
        for known in copies:
            if known.audio is None and not (self.folder / AUDIO / known.file_name).exists():
                return replace(record, copy=known.copy)
        return replace(record, copy=max((known.copy for known in copies), default=0) + 1)

    def close(self) -> None:
        """Close the journal and let go of the lock; an orderly end is the writer's to note."""
        self._journal.close()
        self._lock_file.close()


def create_session(folder: Path, info: RunInfo) -> Session:
    """Make a session and begin its first run.

    Args:
        folder: Not there yet, or empty.
        info: What the looper runs with.

    Raises:
        SessionError: The folder is not empty, or the disk refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise SessionError(f"{folder} is not empty: choose a folder that does not exist yet")
        header = json.dumps(_header(info), indent=1).encode()
        with _locked(folder) as lock:
            place_file(folder / HEADER, lambda file: file.write(header))
            return _begin(folder, info, lock)
    except OSError as error:
        raise SessionError(f"cannot make a session in {folder}: {error.strerror or error}") from error


def open_session(folder: Path, info: RunInfo) -> Session:
    """Open a session that is there, put right what a power cut left, and begin another run.

    Args:
        folder: Of the session.
        info: What the looper runs with now.

    Raises:
        SessionError: No session, one that somebody else is adding to, a newer version, or the disk refuses.
    """
    if not folder.is_dir():
        raise SessionError(f"there is no session {folder}")
    try:
        with _locked(folder) as lock:
            return _begin(folder, info, lock)
    except OSError as error:
        raise SessionError(f"cannot open the session {folder}: {error.strerror or error}") from error


def read_session(folder: Path) -> SessionIndex:
    """Read a session as it is; nothing is changed on the disk, and somebody may be adding to it.

    Raises:
        SessionError: No session, a newer version, or it cannot be read.
    """
    try:
        return SessionIndex(folder, scan(folder))
    except OSError as error:
        raise SessionError(f"cannot read the session {folder}: {error.strerror or error}") from error


def _header(info: RunInfo) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "vampbridge": importlib.metadata.version("vampbridge"),
        "sample_rate": info.sample_rate,
        **asdict(info),
    }


@contextmanager
def _locked(folder: Path) -> Iterator[FolderLock]:
    """The lock, held on beyond the block unless the block fails."""
    lock = FolderLock(folder)
    try:
        yield lock
    except BaseException:
        lock.close()
        raise


def _begin(folder: Path, info: RunInfo, lock: FolderLock) -> Session:
    (folder / AUDIO).mkdir(exist_ok=True)
    found = scan(folder)
    session = Session(folder, found, lock)
    recovery = found.recovery
    for name in recovery.parts:
        (folder / AUDIO / name).unlink(missing_ok=True)
    for record in found.found:
        session.append(record_to_entry(record))
    if found.parsed.entries and _is_news(recovery, session.contents):
        text = " ".join(["The session had not ended in an orderly way.", *recovery.sentences()])
        session.append({"kind": "note", "text": text, "details": {"recovery": plain(asdict(recovery))}})
    session.append(run_to_entry(session.contents.last_run + 1, info))
    session.sync()
    for place in (folder / AUDIO, folder, folder.parent):
        sync_folder(place)
    return session


def _is_news(recovery: Recovery, contents: Contents) -> bool:
    """Whether something is wrong that was not noted before: what is torn once is found torn every time."""
    if not recovery.was_closed:
        return True
    noted = [note.details["recovery"] for note in contents.notes if "recovery" in note.details]
    before = noted[-1] if noted else plain(asdict(Recovery()))
    return {**plain(asdict(recovery)), "was_closed": None} != {**before, "was_closed": None}
