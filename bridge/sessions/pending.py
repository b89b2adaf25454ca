"""What waits for the writer: a queue of limited size that makes nobody wait, and what it had no room for."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from ...engine.take import Audio
from ..errors import BusyError, SessionError
from .options import SessionOptions
from .records import Record, TakeRecord

Ticket = Future[Record]
"""Done when the record and its sound are durable: they survive a power cut from then on.

One that failed promises nothing: the sound may be there all the same."""


def new_ticket() -> Ticket:
    """A ticket that cannot be cancelled: what was handed in is kept."""
    ticket: Ticket = Future()
    ticket.set_running_or_notify_cancel()
    return ticket


@dataclass(frozen=True)
class SoundJob:
    """A layer or take to keep. `audio` is not copied: nobody may write to it any more."""

    record: Record
    audio: Audio
    sample_rate: int
    ticket: Ticket = field(default_factory=new_ticket)
    time: float = field(default_factory=lambda: round(time.time(), 3))


@dataclass(frozen=True)
class EntryJob:
    """A line of the journal."""

    entry: dict[str, Any]


@dataclass(frozen=True)
class FlushJob:
    """Everything before it is to be durable."""

    done: threading.Event = field(default_factory=threading.Event)


Job = SoundJob | EntryJob | FlushJob


class Waiting:
    """Jobs in order. Putting one in takes microseconds, from any thread; what finds no room is counted.

    Args:
        options: The limits.
    """

    def __init__(self, options: SessionOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._sounds: dict[str, SoundJob] = {}
        self._n_bytes = self._n_entries = 0
        self._n_lost, self._lost_keys = 0, list[str]()
        self._is_closed = False

    def put_sound(self, job: SoundJob) -> None:
        """Let a sound wait; where there is no room its ticket fails at once, as it does after `close`."""
        with self._lock:
            reason = self._why_not(self._n_bytes + job.audio.nbytes, self._options.max_waiting_mb * 1_000_000, "MB")
            if reason is None:
                self._n_bytes += job.audio.nbytes
                self._sounds[waiting_name(job.record)] = job
                self._queue.put(job)
                return
            if not self._is_closed:
                self._n_lost += 1
                self._lost_keys.append(job.record.key)
        job.ticket.set_exception(reason)

    def put_entry(self, entry: dict[str, Any]) -> bool:
        """Let a line wait; False where there is no room, or after `close`."""
        with self._lock:
            if self._why_not(self._n_entries + 1, self._options.max_waiting_entries, "entries") is not None:
                self._n_lost += not self._is_closed
                return False
            self._n_entries += 1
            self._queue.put(EntryJob({"time": round(time.time(), 3), **entry}))
            return True

    def put_flush(self) -> FlushJob | None:
        """Let somebody wait for all before; None after `close`."""
        with self._lock:
            if self._is_closed:
                return None
            job = FlushJob()
            self._queue.put(job)
            return job

    def close(self) -> bool:
        """Take in nothing more; False if it was closed before."""
        with self._lock:
            if self._is_closed:
                return False
            self._is_closed = True
            self._queue.put(None)
            return True

    def get(self, timeout_s: float | None) -> Job | None:
        """The next job; None when it is closed and empty.

        Raises:
            queue.Empty: Nothing came in time.
        """
        return self._queue.get(timeout=timeout_s)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return self._queue.empty()

    def sound(self, name: str) -> Audio | None:
        """A sound that is not on the disk yet, by `waiting_name`."""
        with self._lock:
            job = self._sounds.get(name)
            return None if job is None else job.audio

    def leave(self, job: SoundJob | EntryJob) -> None:
        """A job is done, for better or worse: make room."""
        with self._lock:
            if isinstance(job, EntryJob):
                self._n_entries -= 1
                return
            self._n_bytes -= job.audio.nbytes
            name = waiting_name(job.record)
            if self._sounds.get(name) is job:
                del self._sounds[name]

    def take_lost(self) -> tuple[int, list[str]]:
        """How many found no room since the last time, and the keys of the sounds among them."""
        with self._lock:
            lost = self._n_lost, self._lost_keys
            self._n_lost, self._lost_keys = 0, []
            return lost

    def _why_not(self, n_wanted: int, most: int, unit: str) -> SessionError | BusyError | None:
        if self._is_closed:
            return SessionError("the session is closed")
        if n_wanted <= most:
            return None
        limit = most // 1_000_000 if unit == "MB" else most
        return BusyError(f"the disk is too slow for the session: more than {limit} {unit} wait for it")


def waiting_name(record: Record) -> str:
    """What a sound is asked for by while it waits: a layer's key, a take's id."""
    return record.take_id if isinstance(record, TakeRecord) else record.key
