"""The one thread that writes a session. Whoever plays hands in layers, takes and commands, and never waits.

What is durable when: a layer or take when its ticket is done; commands, events and notes a second after they came, or
with the next layer or take. The disk is flushed by this thread alone. A take is flushed before its journal line.
What the disk refuses: sound is left out and said to be (its line in the journal tells how it was made); lines are kept
here and tried again every second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...engine.take import Audio, Mask, Take
from ..looper.messages import Command, Event, LayerClosed, Swapped
from .desk import Desk
from .disk import DiskGuard
from .options import SessionOptions
from .pending import SoundJob, Ticket, Waiting
from .plain import message_to_dict, plain
from .records import LayerRecord, Record, RunInfo, TakeRecord, layer_key, run_to_entry
from .store import Session
from .troubles import Trouble


class SessionWriter:
    """Keeps what it is handed, in order. All methods may be called from any thread but the audio callback.

    Args:
        session: Made or opened; closed by `close` here.
        on_trouble: Called from the writer's thread; must not take long, nor wait for a ticket or `flush`.
        options: Limits.
    """

    def __init__(
        self, session: Session, on_trouble: Callable[[Trouble], None], options: SessionOptions | None = None
    ) -> None:
        self._session = session
        options = options or SessionOptions()
        self._waiting = Waiting(options)
        last_run = session.contents.last_run
        self._now = (last_run, session.contents.runs[last_run].sample_rate)  # replaced as one, so any thread may read
        self._played: dict[tuple[int, int], str] = {}  # (run, layer id) → take id, before the journal has it
        desk = Desk(session, self._waiting, DiskGuard(options.disk), on_trouble)
        self._thread = threading.Thread(target=desk.run, name="vampbridge-session")
        self._thread.start()

    # Handing in.

    @property
    def run(self) -> int:
        """The run that goes on; layer ids belong to it."""
        return self._now[0]

    def begin_run(self, info: RunInfo) -> int:
        """A new looper: frames and layer ids count anew. Returns its number. Only ever called by one thread."""
        run = self.run + 1
        self._now = (run, info.sample_rate)
        self._waiting.put_entry(run_to_entry(run, info))
        return run

    def record_layer(self, closed: LayerClosed, audio: Audio) -> Ticket:
        """Keep what was played in; `audio` (C, N) is not copied and must not change any more."""
        run, sample_rate = self._now
        record = LayerRecord(run, closed.layer_id, closed.slot, closed.kind, closed.parent_id, closed.frame)
        return self.record(record, audio, sample_rate)

    def record_take(
        self, take: Take, *, slot: int, layer_id: int = 0, variation: int = 0, drawn_mask: Mask | None = None
    ) -> Ticket:
        """Keep one variation of a take, under the name that `variation_id` gives it.

        Args:
            take: Of the engine.
            slot: It was made for.
            layer_id: The layer it was made from, 0 if it came from elsewhere.
            variation: Which one of `take.audio`, from 0.
            drawn_mask: As the user drew it, if one was part of the request.
        """
        take_id = variation_id(take, variation)
        record = TakeRecord(self.run, take_id, slot, layer_id, take.report.to_dict(), take.mask, drawn_mask)
        return self.record(record, take.audio[variation], take.sample_rate)

    def record(self, record: Record, audio: Audio, sample_rate: int) -> Ticket:
        """Keep any sound, (C, N) float32; see `record_layer`.

        Returns:
            A ticket whose result is the record as it was kept, or whose error is BusyError (the disk is too slow),
            DiskFullError, SessionError or AudioError.
        """
        job = SoundJob(record, audio, sample_rate)
        self._waiting.put_sound(job)
        return job.ticket

    def record_command(self, command: Command, frame: int) -> bool:
        """Keep a command with the frame at which it acted, as its `Applied` told. False if there was no room."""
        message = message_to_dict(replace(command, at_frame=frame))
        return self._waiting.put_entry({"kind": "command", "run": self.run, "message": message})

    def record_event(self, event: Event) -> bool:
        """Keep an event; meant for Swapped, StateChanged and Forgotten. False if there was no room."""
        if isinstance(event, Swapped):
            self._played[self.run, event.layer_id] = event.take_id
        return self._waiting.put_entry({"kind": "event", "run": self.run, "message": message_to_dict(event)})

    def note(self, text: str, details: dict[str, Any] | None = None) -> bool:
        """Keep a full sentence worth knowing later; `details` of plain values. False if there was no room."""
        return self._waiting.put_entry({"kind": "note", "text": text, "details": plain(details or {})})

    # Reading back.

    @property
    def session(self) -> Session:
        """To be read; what was handed in a moment ago may not be in it yet."""
        return self._session

    def read_take(self, take_id: str) -> Audio:
        """The sound of a take, (C, N), bit for bit; also while it still waits for the disk.

        Raises:
            SessionError: See `SessionIndex.read`.
        """
        waiting = self._waiting.sound(take_id)
        return self._session.read_take(take_id) if waiting is None else waiting.copy()

    def layer_audio(self, layer_id: int, run: int | None = None) -> Audio:
        """See `SessionIndex.layer_audio`; also while it still waits for the disk. `run` None is the one that goes on.

        Raises:
            SessionError: See `SessionIndex.read`.
        """
        run = self.run if run is None else run
        take_id = self._played.get((run, layer_id))
        if take_id is not None:
            return self.read_take(take_id)
        waiting = self._waiting.sound(layer_key(run, layer_id))
        return self._session.layer_audio(layer_id, run) if waiting is None else waiting.copy()

    # The end.

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was handed in is durable; False if that took too long, or the disk refuses."""
        job = self._waiting.put_flush()
        return job is not None and job.done.wait(timeout_s)

    def close(self) -> None:
        """Write what waits, note an orderly end, close the session, join the thread. May be called twice."""
        if self._waiting.close():
            self._thread.join()
            self._session.close()


def variation_id(take: Take, variation: int) -> str:
    """The name of one variation of a take: the take's id, and -1, -2 … where there are several."""
    return take.report.take_id if len(take.audio) == 1 else f"{take.report.take_id}-{variation + 1}"
