"""The offline side of the live benchmarks: the log of a set, and the record of it beside what the log gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from live_jack import RATE, Frames, Tape, played_at
from numpy.typing import NDArray
from vampbridge.bridge.errors import SessionError
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import (
    Command,
    Event,
    LayerClosed,
    LoadTake,
    Seam,
    SetLooper,
    Swapped,
)
from vampbridge.bridge.looper.slot import Slot
from vampbridge.engine.take import Audio, Mask, Take

OFFLINE_BLOCK = 4_096
_BINS, _PER_UNIT = 200_000, 1e5


class Log:
    """A recorder that keeps what is needed to play the set again: commands here, takes in a folder.

    Args:
        folder: That is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.commands: list[Command] = []
        self.n_takes = 0

    @property
    def marker(self) -> Command | None:
        """The command that turned `dry` up for the first time, once it has acted."""
        return next((one for one in self.commands if isinstance(one, SetLooper) and one.name == "dry"), None)

    def record_layer(self, _closed: LayerClosed, _audio: Audio) -> None:
        """Layers come of the commands."""

    def record_take(self, take: Take, *, slot: int, layer_id: int = 0, drawn_mask: Mask | None = None) -> None:
        """Keep its sound."""
        del slot, layer_id, drawn_mask
        np.save(self._folder / f"{take.report.take_id}.npy", take.audio[0])
        self.n_takes += 1

    def record_command(self, command: Command, frame: int) -> None:
        """Keep it with the frame at which it acted."""
        self.commands.append(replace(command, at_frame=frame))

    def record_event(self, _event: Event) -> None:
        """Events come of the commands."""

    def read_take(self, take_id: str) -> Audio:
        """A take, (C, N).

        Raises:
            SessionError: There is none.
        """
        try:
            return np.asarray(np.load(self._folder / f"{take_id}.npy"), np.float32)
        except OSError:
            raise SessionError(f"there is no take {take_id}") from None

    def with_sound(self, command: Command) -> Command:
        """The command as it was sent: a take with its sound."""
        return replace(command, audio=self.read_take(command.take_id)) if isinstance(command, LoadTake) else command

    def layer_audio(self, layer_id: int) -> Audio:
        """Layers are not kept.

        Raises:
            SessionError: Always.
        """
        raise SessionError(f"layer {layer_id} is not kept")


@dataclass(frozen=True)
class Comparison:
    """A record beside the offline set.

    Attributes:
        n_samples: Compared.
        n_different: Of them.
        n_swaps: Takes that took over.
        mix: Jumps of the record at seams of its loops, over the 99th percentile of all its jumps.
        slots: For each slot the jumps of its own output at its seams, see `SlotSeams`.
    """

    n_samples: int
    n_different: int
    n_swaps: int
    mix: NDArray[np.float32]
    slots: tuple[NDArray[np.float32], ...]


class SlotSeams:
    """What one slot plays, lap by lap, and how much it jumps where a lap ends.

    A jump is |x[n] - x[n - 1]|, larger channel. That at a seam is told over the 99th percentile of the lap before or of
    the lap after, whichever is larger: where a take takes over, only the lap after is its own. Frames in which the slot
    is silent count for nothing, and neither do laps that were silent or cut short to less than 50 ms.

    Args:
        slot: Of a looper that is about to play; what it adds to the mix is overheard from now on.
    """

    def __init__(self, slot: Slot) -> None:
        self.ratios: list[float] = []
        self._index, self._heard, self._run = slot.index, [np.zeros((1, 2), np.float32)], slot.run
        self._lap: list[NDArray[np.float32]] = []
        self._before: tuple[float, float] | None = None  # of the lap before: jump at its end, and its percentile
        vars(slot)["run"] = self._overhear

    def _overhear(self, block: Frames, mix: Frames) -> None:
        own = np.zeros_like(mix)
        self._run(block, own)
        mix += own
        self._heard.append(own.copy())

    def add(self, seams: Sequence[int]) -> None:
        """What was overheard since the last call is complete; at these frames of it the loop began again."""
        frames = np.concatenate(self._heard)
        self._heard = [frames[-1:]]
        jumps, last = np.abs(np.diff(frames, axis=0)).max(axis=1), 0
        for seam in seams:
            self._lap.append(jumps[last:seam])
            self._end_lap(float(jumps[seam]) if seam < len(jumps) else 0.0)
            last = seam + 1
        self._lap.append(jumps[last:])

    def _end_lap(self, jump: float) -> None:
        lap = np.concatenate(self._lap)
        heard = lap[lap > 0]
        p99 = float(np.percentile(heard, 99)) if len(heard) > RATE / 20 else None
        if self._before is not None and p99 is not None:
            earlier_jump, earlier_p99 = self._before
            self.ratios.append(earlier_jump / max(p99, earlier_p99))
        self._lap, self._before = [], None if p99 is None else (jump, p99)


class _Jumps:
    """Jumps from frame to frame, counted, and those at seams."""

    def __init__(self) -> None:
        self.seams: list[float] = []
        self._counts = np.zeros(_BINS, np.int64)
        self._last: Frames = np.zeros((1, 2), np.float32)

    def add(self, heard: Frames, seams: list[int]) -> None:
        """The next frames (n, 2), and at which of them loops begin again."""
        jumps = np.abs(np.diff(np.concatenate([self._last, heard]), axis=0)).max(axis=1)
        self._last = heard[-1:].copy()
        self._counts += np.bincount(np.minimum(jumps * _PER_UNIT, _BINS - 1).astype(int), minlength=_BINS)
        self.seams += [float(jumps[seam]) for seam in seams if seam < len(jumps)]

    def p99(self) -> float:
        """99 % are at most as large."""
        share = np.cumsum(self._counts) / max(1, self._counts.sum())
        return float(np.searchsorted(share, 0.99) + 1) / _PER_UNIT


def compare(tape: Tape, log: Log, config: LooperConfig, first: int) -> Comparison:
    """Play the log into a new looper, offline, and compare what comes out with the record.

    Args:
        tape: That is full.
        log: Of the same set.
        config: Of the looper.
        first: The looper's frame of the record's first one; until then silence came in.
    """
    looper, jumps = Looper(config), _Jumps()
    slots = [SlotSeams(slot) for slot in looper.slots]
    todo = sorted(log.commands, key=lambda command: command.at_frame or 0, reverse=True)
    n_different = n_swaps = 0
    end = first + len(tape.record)
    while (start := looper.frame) < end:
        n_frames = min(OFFLINE_BLOCK, (first if start < first else end) - start)
        due = []
        while todo and (todo[-1].at_frame or 0) < start + n_frames:
            due.append(log.with_sound(todo.pop()))
        block_in = np.zeros((n_frames, 2), np.float32)
        if start >= first:
            block_in = played_at(tape.sound, start - first, n_frames)
        expected = np.empty((n_frames, 2), np.float32)
        looper.process(block_in, expected, due)
        looper.rubbish.clear()
        events = list(looper.events)
        looper.events.clear()
        n_swaps += sum(isinstance(event, Swapped) for event in events)
        seams = [event for event in events if isinstance(event, Seam)]
        for number, slot in enumerate(slots):
            slot.add([event.frame - start for event in seams if event.slot == number])
        if start >= first:
            heard = np.asarray(tape.record[start - first : start - first + n_frames])
            n_different += int((heard != expected).sum())
            jumps.add(heard, [event.frame - start for event in seams])
    mix = np.array(jumps.seams, np.float32) / np.float32(jumps.p99())
    ratios = tuple(np.array(slot.ratios, np.float32) for slot in slots)
    return Comparison(2 * len(tape.record), n_different, n_swaps, mix, ratios)


def marker_frame(tape: Tape, log: Log) -> int:
    """The looper's frame of the record's first one: until `dry` is turned up, all is silent."""
    sounding = np.flatnonzero(np.asarray(tape.record[: 60 * RATE]).any(axis=1))
    if not len(sounding) or log.marker is None:
        raise SystemExit("nothing was heard within a minute")
    return (log.marker.at_frame or 0) - int(sounding[0])
