"""What is in a session, as its journal tells it: entries in, records out. No files here; any thread may read."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from ..looper.messages import Command, Event, Swapped
from .plain import RecordError, message_from_dict
from .records import LayerRecord, Record, RunInfo, TakeRecord, layer_key, record_from_entry, run_from_entry, take_key


@dataclass(frozen=True)
class CommandEntry:
    """A command, with the frame at which it acted."""

    run: int
    command: Command


@dataclass(frozen=True)
class EventEntry:
    """Something that happened in the looper."""

    run: int
    event: Event


@dataclass(frozen=True)
class NoteEntry:
    """Something worth knowing later, in a full sentence; `details` for programs."""

    time: float
    text: str
    details: dict[str, Any]


class Contents:
    """Records by key, and the rest in the order in which it happened.

    Args:
        entries: Of the journal.

    Attributes:
        n_unreadable: Entries that are whole and yet say something impossible.
        is_closed: Whether the last thing that happened was an orderly end.
        n_lost: Entries that were never written, because the writer could not keep up.
        first_s, last_s: When the first and the last entry was made, in s since 1970; 0 for none.
    """

    def __init__(self, entries: Iterable[Mapping[str, Any]] = ()) -> None:
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        self._copies: dict[str, int] = {}  # take id → how many
        self._played: dict[tuple[int, int], str] = {}  # (run, layer id) → take id
        self._runs: dict[int, RunInfo] = {}
        self._commands: list[CommandEntry] = []
        self._events: list[EventEntry] = []
        self._notes: list[NoteEntry] = []
        self.n_unreadable = self.n_lost = 0
        self.is_closed = False
        self.first_s = self.last_s = 0.0
        for entry in entries:
            self.add(entry)

    def add(self, entry: Mapping[str, Any]) -> None:
        """One more thing that happened. What cannot be understood is counted, never raised."""
        with self._lock:
            time_s = entry.get("time")
            if isinstance(time_s, int | float):
                self.first_s, self.last_s = self.first_s or float(time_s), float(time_s)
            self.is_closed = entry.get("kind") == "closed"
            try:
                self._add(entry)
            except RecordError:
                self.n_unreadable += 1

    def _add(self, entry: Mapping[str, Any]) -> None:
        kind = entry.get("kind")
        if kind in ("layer", "take"):
            self._add_record(record_from_entry(entry))
        elif kind == "run":
            run, info = run_from_entry(entry)
            self._runs[run] = info
        elif kind in ("command", "event"):
            self._add_message(entry)
        elif kind == "note":
            details = entry.get("details")
            found = NoteEntry(self.last_s, str(entry.get("text")), details if isinstance(details, dict) else {})
            self._notes.append(found)
        elif kind == "gap" and isinstance(entry.get("n_lost"), int):
            self.n_lost += entry["n_lost"]
        elif kind != "closed":
            raise RecordError(f"unknown entry {kind!r:.100}")

    def _add_record(self, record: Record) -> None:
        known = self._records.get(record.key)
        if known is None or known.audio is None or record.audio is not None:
            self._records[record.key] = record
        if isinstance(record, TakeRecord):
            self._copies[record.take_id] = max(record.copy, self._copies.get(record.take_id, 0))

    def _add_message(self, entry: Mapping[str, Any]) -> None:
        run, message = entry.get("run"), message_from_dict(entry.get("message"))
        if not isinstance(run, int):
            raise RecordError(f"no run: {run!r:.100}")
        if entry["kind"] == "command":
            self._commands.append(CommandEntry(run, cast("Command", message)))
            return
        self._events.append(EventEntry(run, cast("Event", message)))
        if isinstance(message, Swapped):
            self._played[run, message.layer_id] = message.take_id

    # Reading.

    @property
    def runs(self) -> dict[int, RunInfo]:
        """Run → what it ran with."""
        with self._lock:
            return dict(self._runs)

    @property
    def last_run(self) -> int:
        """The newest run, 0 if there was none."""
        with self._lock:
            known = [*self._runs, *(record.run for record in self._records.values())]
            return max(known, default=0)

    @property
    def records(self) -> dict[str, Record]:
        """Key → layer or take, in the order in which they were made."""
        with self._lock:
            return dict(self._records)

    @property
    def layers(self) -> list[LayerRecord]:
        """What was played in."""
        return [record for record in self.records.values() if isinstance(record, LayerRecord)]

    @property
    def takes(self) -> list[TakeRecord]:
        """The variations."""
        return [record for record in self.records.values() if isinstance(record, TakeRecord)]

    @property
    def events(self) -> list[EventEntry]:
        """Swaps, changes of state, what was forgotten."""
        with self._lock:
            return list(self._events)

    @property
    def notes(self) -> list[NoteEntry]:
        """What is worth knowing."""
        with self._lock:
            return list(self._notes)

    def commands(self, run: int) -> list[Command]:
        """What was pressed and turned in a run, in order, each with the frame at which it acted.

        The same looper with the same input and these commands plays the same samples again. A `LoadTake` comes without
        its sound: `SessionIndex.replay` fills it in.
        """
        with self._lock:
            return [entry.command for entry in self._commands if entry.run == run]

    def get(self, key: str) -> Record | None:
        """A layer or take by its key; a take's bare id means its newest copy."""
        with self._lock:
            copies = self._copies.get(key, 1)
            return self._records.get(take_key(key, copies)) or self._records.get(key)

    def of_layer(self, layer_id: int, run: int) -> Record | None:
        """What a looper called layer `layer_id`: something played in, or the take that played under that number."""
        with self._lock:
            played = self._played.get((run, layer_id))
        return self.get(layer_key(run, layer_id)) or (None if played is None else self.get(played))

    def copies_of(self, take_id: str) -> list[TakeRecord]:
        """All takes of one id."""
        return [record for record in self.takes if record.take_id == take_id]

    def without_sound(self, key: str) -> None:
        """The sound of a record turned out to be lost."""
        with self._lock:
            record = self._records[key]
            self._records[key] = replace(record, audio=None)
