"""The vamps of all clients: read the file, hand it to the engine, write the take, tell the client. No OSC here.

One worker thread does all reading and writing, so that neither holds up the thread that handles messages. It is owned
by `Vamps` and joined in `close()`.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..engine.errors import CancelledError, EngineError, PathError, VampbridgeError
from ..engine.files import AudioFile, check_target, output_format, read_audio
from ..engine.settings import VampSettings
from ..engine.take import Mask, Progress, Take, VampRequest
from ..engine.units import samples_for_seconds, seconds_for_samples
from .engine_port import NOT_YET, Engine, Pending
from .errors import BusyError
from .ids import RequestId, checked_id, one_spelling
from .paths import AllowedFolders, variation_paths
from .replies import Replies
from .take_files import TakeFiles

log = logging.getLogger(__name__)

Owner = tuple[str, int]

RESULT_SUFFIX = ".wav"
# A loop length in ms never divides into samples exactly; below this nobody hears that the file is shorter.
SHORT_BY_S = 0.002


@dataclass(frozen=True)
class Order:
    """One vamp as a client asked for it. Paths are checked and resolved.

    Attributes:
        request_id: The client's name for it.
        owner: Which client.
        path_in: File to read; None takes `sound`, and writes no file.
        path_out: File to write; None writes beside the input, named by the take.
        settings: All of them, the seed drawn.
        drawn_mask: (rows, columns) bool, True = regenerate.
        loop_ms: So much of the start of the file is the loop; 0 is all of it.
        sound: Makes the loop that is in no file; called once, where files are read.

    Raises:
        ArgumentError: The id is none, see `checked_id`.
    """

    request_id: RequestId
    owner: Owner
    path_in: Path | None
    path_out: Path | None
    settings: VampSettings
    drawn_mask: Mask | None = None
    loop_ms: float = 0.0
    sound: Callable[[], AudioFile] | None = None

    def __post_init__(self) -> None:
        checked_id(self.request_id)

    def read(self, note: Callable[[str], None]) -> AudioFile:
        """The loop.

        Raises:
            PathError, AudioError: See `read_audio`; also if its take could not be written as a file.
        """
        if self.path_in is None:
            if self.sound is None:
                raise EngineError("a vamp without a file and without a sound")
            return self.sound()
        loop = cut_to_loop(read_audio(self.path_in), self.loop_ms, note=note)
        check_target(self.path_out or self.path_in.with_suffix(RESULT_SUFFIX), loop)
        return loop


@dataclass(eq=False)
class _Job:
    order: Order
    replies: Replies
    lineage: tuple[str, ...] = ()
    pending: Pending | None = None
    is_cancelled: bool = False
    latest: Progress | None = None
    reported: Progress | None = None
    accepted_at_s: float = field(default_factory=time.monotonic)

    def set_progress(self, progress: Progress) -> None:
        self.latest = progress


class Vamps:
    """All unfinished vamps.

    Args:
        engine: Started; closed by its owner, before `close()` here.
        folders: What may be read and written.
        max_unfinished: More are refused.
    """

    def __init__(self, engine: Engine, folders: AllowedFolders, *, max_unfinished: int) -> None:
        self._engine = engine
        self._folders = folders
        self._max_unfinished = max_unfinished
        self._jobs: list[_Job] = []
        self._lock = threading.Lock()
        # Holds at most two entries for each job (read, then write), so max_unfinished bounds it too; what `do` adds is
        # counted by whoever calls it.
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._run, name="vampbridge-files")
        self._worker.start()

    @property
    def unfinished(self) -> int:
        """How many are accepted and not finished."""
        with self._lock:
            return len(self._jobs)

    def accept(self, order: Order, replies: Replies) -> None:
        """Start a vamp; its end is told to `replies`, exactly once.

        Raises:
            BusyError: Too many are unfinished.
            PathError: The take could not be written to where it is wanted.
        """
        self._check_outputs(order)
        job = _Job(order, replies)
        with self._lock:
            if len(self._jobs) >= self._max_unfinished:
                raise BusyError(f"at most {self._max_unfinished} vamps may be unfinished: wait for one, or cancel one")
            replies.queued()  # before it is one of the jobs: should this raise, nothing is left behind
            self._jobs.append(job)
        self._work.put(partial(self._guard, job, self._read))

    def cancel(self, owner: Owner, request_id: RequestId) -> int:
        """Cancel a client's unfinished vamps of an id; how many there were."""
        return self._cancel(lambda job: (job.order.owner, job.order.request_id) == (owner, request_id))

    def do(self, work: Callable[[], None]) -> None:
        """Have something done where files are read and written, behind what waits there. It must not raise."""
        self._work.put(work)

    def report_progress(self) -> None:
        """Tell every client how far its vamps are; to be called every 100 ms."""
        with self._lock:  # so that no progress follows the end
            for job in self._jobs:
                progress = job.latest
                job.replies.progress(progress, is_new=progress != job.reported)
                job.reported = progress

    def cancel_all(self) -> None:
        """Cancel every unfinished vamp; their clients are told."""
        self._cancel(lambda _: True)

    def close(self) -> None:
        """Finish what the engine has already ended, fail the rest, join the worker. Close the engine before this."""
        self._work.put(None)
        self._worker.join()
        with self._lock:
            rest = list(self._jobs)
        for job in rest:
            self._fail(job, EngineError("the server is stopping"))

    def _cancel(self, is_meant: Callable[[_Job], bool]) -> int:
        with self._lock:  # found and marked at once: what is counted as cancelled here is never told as done
            found = [job for job in self._jobs if is_meant(job)]
            for job in found:
                job.is_cancelled = True
            pendings = [job.pending for job in found]
        for pending in pendings:
            if pending is not None:
                pending.cancel()
        return len(found)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def _guard(self, job: _Job, step: Callable[[_Job], None]) -> None:
        try:
            step(job)
        except VampbridgeError as error:
            self._fail(job, error)
        except Exception as error:  # a bug, or a disk that fails: its client must hear of it, and the others go on
            log.exception("a vamp failed unexpectedly")
            self._fail(job, EngineError(f"unexpected {type(error).__name__}: {error}"))

    def _read(self, job: _Job) -> None:
        order = job.order
        if job.is_cancelled:
            raise CancelledError("cancelled before it began")
        loop = order.read(job.replies.note)
        job.lineage = () if order.path_in is None else self._folders.lineage(order.path_in)
        self._submit(job, VampRequest(loop.audio, loop.sample_rate, order.settings, order.drawn_mask, job.lineage))

    def _submit(self, job: _Job, request: VampRequest) -> None:
        host, port = job.order.owner
        slot = f"{host} {port} {one_spelling(job.order.request_id)!r}"
        if not self._engine.info.ready:
            job.replies.note(NOT_YET)
        pending = self._engine.submit(request, slot=slot, on_progress=job.set_progress)
        with self._lock:
            job.pending = pending
            was_cancelled = job.is_cancelled  # while the file was read
        if was_cancelled:
            pending.cancel()
        pending.add_done_callback(lambda *_: self._work.put(partial(self._guard, job, self._finish)))

    def _finish(self, job: _Job) -> None:
        if job.pending is None:
            raise EngineError("a vamp ended before it was submitted")
        take = job.pending.result()
        files = TakeFiles(self._folders)
        try:
            self._write(job, take, files)
            # The last moment at which it can be cancelled: only now an earlier take may give way.
            self._end_unless_cancelled(job)
            paths = files.put_in_place((*job.lineage, take.report.take_id))
        finally:
            files.discard()
        for warning in take.report.warnings:
            job.replies.note(warning)
        job.replies.done(paths, take, time.monotonic() - job.accepted_at_s)

    def _write(self, job: _Job, take: Take, files: TakeFiles) -> None:
        """Write every variation; none is in its place yet."""
        if job.order.path_in is None:
            return
        for audio, place in zip(take.audio, self._paths_of(job.order, job.order.path_in, take=take), strict=True):
            if job.is_cancelled:  # the engine had finished before it heard of it
                raise CancelledError("cancelled before it was written")
            n_clipped = files.write(place, audio, take.sample_rate)
            if n_clipped:
                job.replies.note(f"{n_clipped} samples of {place} were beyond full scale and are clipped.")

    def _end_unless_cancelled(self, job: _Job) -> None:
        with self._lock:
            if job.is_cancelled:
                raise CancelledError("cancelled while it was written")
            self._jobs.remove(job)

    def _fail(self, job: _Job, error: VampbridgeError) -> None:
        self._forget(job)
        job.replies.failed(error)

    def _forget(self, job: _Job) -> None:
        with self._lock:
            if job in self._jobs:
                self._jobs.remove(job)

    def _check_outputs(self, order: Order) -> None:
        if order.path_in is None:
            return
        if order.path_out is None:
            if not os.access(folder := order.path_in.parent, os.W_OK):
                raise PathError(f"cannot write beside {str(order.path_in)!r}: no permission in {str(folder)!r}")
            return
        for path in variation_paths(order.path_out, order.settings.variations):
            if path == order.path_in or (path.exists() and path.samefile(order.path_in)):
                raise PathError(f"the take may not replace the loop it comes from, got {str(path)!r} for both")
            self._folders.writable(str(path))
            output_format(path)

    def _paths_of(self, order: Order, path_in: Path, *, take: Take) -> list[Path]:
        n_variations = len(take.audio)
        if order.path_out is not None:
            return variation_paths(order.path_out, n_variations)
        beside = path_in.with_name(f"{path_in.stem}-{take.report.take_id}{RESULT_SUFFIX}")
        return [self._folders.unused(path) for path in variation_paths(beside, n_variations)]


def cut_to_loop(file: AudioFile, loop_ms: float, *, note: Callable[[str], None]) -> AudioFile:
    """The first `loop_ms` of a file, which may be a whole `buffer~`; all of it for 0. A shorter file is used whole."""
    # DIFFERS: the public server appends what it cut off to the result, and the whole file where it cut off nothing.
    if not loop_ms:
        return file
    n_samples = file.audio.shape[1]
    length_s = seconds_for_samples(n_samples, file.sample_rate)
    if length_s < loop_ms / 1000 - SHORT_BY_S:
        note(f"The file is {length_s:.3f} s long, shorter than the loop of {loop_ms / 1000:g} s: all of it is used.")
    n_loop = max(1, samples_for_seconds(loop_ms / 1000, file.sample_rate))
    return AudioFile(file.audio[:, :n_loop], file.sample_rate)
