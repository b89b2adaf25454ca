"""What the writer's thread does with each job. What it promises stands in `writer`."""

from __future__ import annotations

import errno
import logging
import queue
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...engine.errors import VampbridgeError
from ..errors import DiskFullError, SessionError
from .disk import FULL, LOW, DiskGuard, free_bytes
from .pending import EntryJob, FlushJob, Job, SoundJob, Waiting
from .records import Record, record_to_entry
from .store import Session
from .troubles import Trouble, Troubles

log = logging.getLogger(__name__)

SYNC_S = 1.0
RETRY_S = 1.0
_MOST_UNSYNCED = 64
# Windows does not know quotas.
_FULL_ERRORS = {getattr(errno, name, errno.ENOSPC) for name in ("ENOSPC", "EDQUOT", "EFBIG")}

_Line = tuple[dict[str, Any], EntryJob | None]


class Desk:
    """Takes jobs out and writes them. Belongs to one thread, but for being made.

    Args:
        session: Is added to.
        waiting: Where jobs come from.
        guard: Of the disk's room.
        on_trouble: See `SessionWriter`.
    """

    def __init__(
        self, session: Session, waiting: Waiting, guard: DiskGuard, on_trouble: Callable[[Trouble], None]
    ) -> None:
        self._session, self._waiting, self._guard = session, waiting, guard
        self._troubles = Troubles(on_trouble)
        self._lines: deque[_Line] = deque()  # longer than a moment only while the disk refuses
        self._kept: list[tuple[SoundJob, Record]] = []
        self._flushes: list[FlushJob] = []
        self._is_dirty = False
        self._synced_s = time.monotonic()

    def run(self) -> None:
        """Until the queue is closed and everything in it is written."""
        while True:
            try:
                job = self._waiting.get(self._patience_s())
                if job is None:
                    break
                self._do(job)
            except queue.Empty:
                self._write_lines()
            self._note_lost()
            if self._is_time_to_sync():
                self._sync()
        self._finish()

    def _patience_s(self) -> float | None:
        if self._lines:
            return RETRY_S
        if self._is_dirty or self._kept or self._flushes:
            return max(0.0, self._synced_s + SYNC_S - time.monotonic())
        return None

    def _do(self, job: Job) -> None:
        try:
            if isinstance(job, SoundJob):
                self._keep(job)
            elif isinstance(job, EntryJob):
                self._lines.append((job.entry, job))
                self._write_lines()
            else:
                self._flushes.append(job)
        except Exception as error:  # a bug: the others are written all the same
            log.exception("a session could not keep something")
            self._troubles.begin("bug", "disk-error", f"unexpected {type(error).__name__}: {error}")
            if isinstance(job, SoundJob) and not job.ticket.done():
                self._fail(job, SessionError(f"unexpected {type(error).__name__}: {error}"))

    # Sounds.

    def _keep(self, job: SoundJob) -> None:
        try:
            self._check_room(job)
            record = self._session.store_sound(job.record, job.audio, job.sample_rate)
        except OSError as error:
            self._leave_out(job, self._disk_error(error))
        except DiskFullError as error:
            self._leave_out(job, error)
        except VampbridgeError as error:
            self._fail(job, error)
        else:
            self._troubles.end("write", "The sounds of the session are being kept again.")
            if self._session.contents.get(record.key) != record:
                self._lines.append(({"time": job.time, **record_to_entry(record)}, None))
            if self._write_lines():
                self._kept.append((job, record))
            else:  # the sound is there, its line is tried again; who waits for the ticket must not wait that long
                self._fail(job, DiskFullError("the disk took the sound, but not yet its line in the journal"))

    def _check_room(self, job: SoundJob) -> None:
        """Warn, or refuse, where the disk is nearly full.

        Raises:
            DiskFullError: It is.
            OSError: It is gone.
        """
        if not self._write_lines():
            raise DiskFullError("the disk does not take the session's journal")
        folder = self._session.folder
        n_free = free_bytes(folder)
        level, limits = self._guard.judge(n_free, job.audio.nbytes), self._guard.limits
        left = f"{n_free // 1_000_000} MB are left on the disk of {folder}"
        if level == FULL:
            text = f"{left}, less than {limits.stop_mb}: no more sound is kept until there is room; playing goes on."
            self._troubles.begin("room", "disk-full", text)
            raise DiskFullError(text)
        if level == LOW:
            self._troubles.begin("room", "disk-low", f"{left}, {self._how_long(n_free, job)}: make room on it.")
        else:
            self._troubles.end("room", f"{left}: sound is being kept.")

    def _how_long(self, n_free: int, job: SoundJob) -> str:
        n_bytes_a_s = job.sample_rate * job.audio.shape[0] * 4
        minutes = max(0, n_free - self._guard.limits.stop_mb * 1_000_000) / n_bytes_a_s / 60
        return f"enough for {minutes:.0f} min of loops and takes"

    def _disk_error(self, error: OSError) -> SessionError:
        folder, reason = self._session.folder, error.strerror or str(error)
        if error.errno in _FULL_ERRORS:
            text = f"The disk of {folder} is full ({reason}): sound is not kept until there is room; playing goes on."
            self._troubles.begin("write", "disk-full", text)
            return DiskFullError(text)
        text = f"The disk refuses the session {folder} ({reason}): is it still there? Playing goes on."
        self._troubles.begin("write", "disk-error", text)
        return SessionError(text)

    def _leave_out(self, job: SoundJob, error: SessionError) -> None:
        """Keep how it was made, at least."""
        if self._session.contents.get(job.record.key) is None:
            self._lines.append(({"time": job.time, **record_to_entry(replace(job.record, audio=None))}, None))
            self._write_lines()
        self._fail(job, error)

    def _fail(self, job: SoundJob, error: VampbridgeError) -> None:
        self._waiting.leave(job)
        job.ticket.set_exception(error)

    # Lines.

    def _write_lines(self) -> bool:
        """Write the lines there are, oldest first; False if the disk refuses, and they wait."""
        while self._lines:
            entry, job = self._lines[0]
            try:
                self._session.append(entry)
            except OSError as error:
                self._disk_error(error)
                return False
            except (TypeError, ValueError):  # nothing that can be written down: a bug
                log.exception("the journal cannot hold %.200r", entry)
            self._lines.popleft()
            self._is_dirty = True
            if job is not None:
                self._waiting.leave(job)
        return True

    def _note_lost(self) -> None:
        n_lost, keys = self._waiting.take_lost()
        if n_lost:
            text = f"The disk of {self._session.folder} is too slow: {n_lost} parts of the session are not kept."
            self._troubles.begin("queue", "disk-slow", text)
            self._lines.append(({"time": round(time.time(), 3), "kind": "gap", "n_lost": n_lost, "keys": keys}, None))
            self._write_lines()
        elif self._waiting.is_empty:
            self._troubles.end("queue", "The disk has caught up: all of the session is kept again.")

    def _is_time_to_sync(self) -> bool:
        is_wanted = bool(self._kept or self._flushes)
        is_due = time.monotonic() >= self._synced_s + SYNC_S
        return not self._lines and (
            (is_wanted and self._waiting.is_empty) or len(self._kept) >= _MOST_UNSYNCED or (self._is_dirty and is_due)
        )

    def _sync(self) -> None:
        """Make durable what is written, and say so."""
        kept, self._kept = self._kept, []
        flushes, self._flushes = self._flushes, []
        self._synced_s = time.monotonic()
        try:
            self._session.sync()
        except OSError as error:
            # A disk that refused to flush may have forgotten what it was given: trying again proves nothing.
            reason = self._disk_error(error)
            for job, _ in kept:
                self._fail(job, reason)
            return
        self._is_dirty = False
        for job, record in kept:
            self._waiting.leave(job)
            job.ticket.set_result(record)
        for flush in flushes:
            flush.done.set()

    def _finish(self) -> None:
        self._note_lost()
        self._lines.append(({"time": round(time.time(), 3), "kind": "closed"}, None))
        if self._write_lines():
            self._sync()
        for job, _ in self._kept:
            self._fail(job, SessionError("the session was closed before this was on the disk"))
