"""Reading a session in whatever state a power cut, a full disk or another program left it. Changes nothing.

Nothing that is wrong with one thing keeps the others from being read: it is counted, named, and told in a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SessionError
from .contents import Contents
from .durable import PART
from .journal import Parsed, parse
from .plain import RecordError
from .records import AudioFacts, Record, record_from_entry, record_of_file, record_to_entry
from .wav import WavError, WavHeader, as_bytes, read_header, read_wav, sha256_of

FORMAT = "vampbridge-session"
VERSION = 1
HEADER, JOURNAL, AUDIO = "session.json", "journal.jsonl", "audio"


@dataclass(frozen=True)
class Recovery:
    """What was found to be wrong with a session.

    Attributes:
        n_damaged: Journal lines that were torn or changed, and do not count.
        n_missing: Journal entries that are not there.
        n_unreadable: Entries that say something impossible.
        n_lost: Entries that were never written because the disk was too slow.
        was_closed: Whether it ended in an orderly way.
        header: What is wrong with session.json, "" if nothing is.
        parts: Files that were being written.
        found: Keys of sounds that the journal did not know; they are known now.
        lost: Keys of which the sound is gone or damaged.
        strangers: Files beside the sounds that are none of ours, or damaged; left alone.
    """

    n_damaged: int = 0
    n_missing: int = 0
    n_unreadable: int = 0
    n_lost: int = 0
    was_closed: bool = True
    header: str = ""
    parts: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """What the user should know, in full sentences; none if all is well."""
        told = [
            (self.header, self.header),
            (self.n_damaged, f"Lines of the journal that were torn, and do not count: {self.n_damaged}."),
            (self.n_missing, f"Entries of the journal that are gone: {self.n_missing}."),
            (self.n_unreadable, f"Entries of the journal that this version does not understand: {self.n_unreadable}."),
            (self.n_lost, f"Entries that were not written, because the disk was too slow: {self.n_lost}."),
            (self.parts, f"Sounds that were being written when it ended, and are not whole: {len(self.parts)}."),
            (self.found, f"The journal did not know these sounds, now it does: {', '.join(self.found)}."),
            (self.lost, f"The sound of these is gone or damaged: {', '.join(self.lost)}."),
            (self.strangers, f"These files are not ours or damaged, and were left alone: {', '.join(self.strangers)}."),
        ]
        return [text for is_so, text in told if is_so]


@dataclass(frozen=True)
class Scan:
    """A session as it was found. `header` is what session.json says, empty if that is damaged."""

    header: dict[str, Any]
    parsed: Parsed
    contents: Contents
    found: tuple[Record, ...]
    recovery: Recovery


def scan(folder: Path) -> Scan:
    """Read a session's journal and look at each of its sounds.

    Raises:
        SessionError: It is no session, or one of a newer version.
        OSError: It cannot be read.
    """
    header, header_problem = _read_header_file(folder)
    journal = folder / JOURNAL
    parsed = parse(journal.read_bytes() if journal.exists() else b"")
    contents = Contents(parsed.entries)
    lost = [key for key, record in contents.records.items() if not _is_there(folder, record)]
    for key in lost:
        contents.without_sound(key)
    known = {record.file_name for record in contents.records.values() if record.audio is not None}
    found, parts, strangers = _unknown_sounds(folder, known | {contents.records[key].file_name for key in lost})
    was_closed = contents.is_closed
    for record in found:
        contents.add(record_to_entry(record))
    recovery = Recovery(
        n_damaged=parsed.n_damaged,
        n_missing=parsed.n_missing,
        n_unreadable=contents.n_unreadable,
        n_lost=contents.n_lost,
        was_closed=was_closed,
        header=header_problem,
        parts=tuple(parts),
        found=tuple(record.key for record in found),
        lost=tuple(lost),
        strangers=tuple(strangers),
    )
    return Scan(header, parsed, contents, tuple(found), recovery)


def is_session(folder: Path) -> bool:
    """Whether a folder looks like a session, damaged or not."""
    return (folder / HEADER).is_file() or (folder / JOURNAL).is_file()


def _read_header_file(folder: Path) -> tuple[dict[str, Any], str]:
    if not is_session(folder):
        raise SessionError(f"{folder} is no session: it has neither {HEADER} nor {JOURNAL}")
    try:
        header = json.loads((folder / HEADER).read_bytes())
    except FileNotFoundError:
        return {}, f"{HEADER} is gone; the journal tells what is needed."
    except (ValueError, RecursionError):
        return {}, f"{HEADER} is damaged; the journal tells what is needed."
    if not isinstance(header, Mapping) or header.get("format") != FORMAT:
        return {}, f"{HEADER} is not that of a session; the journal tells what is needed."
    version = header.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise SessionError(f"{folder} is of format {version!r}, this version reads up to {VERSION}: update Vampbridge")
    return dict(header), ""


def _is_there(folder: Path, record: Record) -> bool:
    """Whether the sound of a record, if it has one, is there in its full length; its samples are not looked at."""
    facts = record.audio
    if facts is None:
        return True
    try:
        header = read_header(folder / AUDIO / record.file_name)
    except (OSError, WavError):
        return False
    return _agree(header, facts)


def _agree(header: WavHeader, facts: AudioFacts) -> bool:
    shape = (header.n_frames, header.n_channels, header.sample_rate)
    return shape == (facts.n_frames, facts.n_channels, facts.sample_rate)


def _unknown_sounds(folder: Path, known: set[str]) -> tuple[list[Record], list[str], list[str]]:
    """Records of files that the journal does not know, then names of unfinished files, then of strangers."""
    found: list[Record] = []
    parts: list[str] = []
    strangers: list[str] = []
    for path in sorted((folder / AUDIO).glob("*"), key=lambda path: path.name):
        if path.name in known:
            continue
        if PART.fullmatch(path.name):
            parts.append(path.name)
            continue
        record = _record_in(path)
        if record is None:
            strangers.append(path.name)
        else:
            found.append(record)
    return found, parts, strangers


def _record_in(path: Path) -> Record | None:
    """What a sound file tells about itself; None if it is not whole or none of ours."""
    named = record_of_file(path.name)
    if named is None or not path.is_file():
        return None
    try:
        header, audio = read_wav(path)
        facts = AudioFacts(header.n_frames, header.n_channels, header.sample_rate, sha256_of(as_bytes(audio)))
        record = record_from_entry(json.loads(header.note))
    except (OSError, WavError, RecordError, ValueError, RecursionError, AttributeError):
        return None
    return record if record.key == named.key and record.audio == facts else None
