"""What goes into the looper and what comes out of it. Small plain values, sent between processes as they are.

Frames count from the start of the looper at the device's rate. A command without a frame acts at the start of the next
block; the `Applied` event that answers it says which frame that was, so that a log of commands with their frames plays
the same set again, sample for sample.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.take import Audio

ALL_SLOTS = -1


@dataclass(frozen=True)
class Verb:
    """Press a pedal. `slot` counts from 0, or is ALL_SLOTS; `verb` is one of `verbs.VERBS`."""

    slot: int
    verb: str
    number: int = 0
    at_frame: int | None = None


@dataclass(frozen=True)
class SetSlot:
    """Turn a dial of a slot, see `controls.SlotControls`."""

    slot: int
    name: str
    value: float | str | bool
    number: int = 0
    at_frame: int | None = None


@dataclass(frozen=True)
class SetLooper:
    """Turn a dial of the looper, see `controls.LooperControls`."""

    name: str
    value: float | str | bool
    number: int = 0
    at_frame: int | None = None


@dataclass(frozen=True)
class SetGrid:
    """The beat, as the clock sees it; quantised verbs, count-in and click follow it.

    Attributes:
        origin_frame: A downbeat, anywhere in time.
        frames_per_beat: > 0; 0 is no grid: quantised verbs then wait for seams, or act at once.
        beats_per_bar: At least 1.
    """

    origin_frame: float
    frames_per_beat: float
    beats_per_bar: int = 4
    number: int = 0
    at_frame: int | None = None


@dataclass(frozen=True)
class LoadTake:
    """Something to play instead: takes over at the next seam, or at once where nothing plays.

    Attributes:
        slot: Counts from 0.
        take_id: Its name.
        audio: (C, N) float32 at the device's rate; kept, not copied, so nobody may write to it any more. None in a log
            that keeps the sound elsewhere.
        layer_id: The layer it was made from; 0 if it does not matter. A variation of a loop that has been cleared or
            replaced since is refused.
    """

    slot: int
    take_id: str
    audio: Audio | None
    layer_id: int = 0
    number: int = 0
    at_frame: int | None = None


Command = Verb | SetSlot | SetLooper | SetGrid | LoadTake


@dataclass(frozen=True)
class Applied:
    """A command acted at a frame. `number` is the command's."""

    frame: int
    number: int


@dataclass(frozen=True)
class Refused:
    """A command that changed nothing, and why in a full sentence."""

    frame: int
    number: int
    slot: int
    reason: str


@dataclass(frozen=True)
class StateChanged:
    """What a slot is doing from this frame on, and what it will be doing next (the same if nothing waits)."""

    frame: int
    slot: int
    state: str
    next_state: str
    n_frames: int  # of the loop, 0 if there is none
    layer_id: int  # of what plays, 0 if nothing does
    take_id: str  # of what plays, "" if it was played by hand
    n_undo: int
    n_redo: int
    is_auto: bool = False  # a new variation is asked for every few cycles
    is_held: bool = False  # variations that arrive wait


@dataclass(frozen=True)
class LayerClosed:
    """What was played in is complete: a layer to keep, and to vary. `kind` is the state that made it."""

    frame: int
    slot: int
    layer_id: int
    parent_id: int  # the layer it was played into, 0 for a first recording
    kind: str
    n_frames: int


@dataclass(frozen=True)
class VampWanted:
    """A variation is asked for.

    Attributes:
        layer_id: What to vary.
        seam_frame: The next seam: the take is wanted a block before.
        cycle_frames: From one seam to the next, at the speed it plays.
        by_hand: Whether somebody pressed for it just now; `auto` asks by itself.
    """

    frame: int
    slot: int
    layer_id: int
    seam_frame: int
    cycle_frames: int
    by_hand: bool = True


@dataclass(frozen=True)
class Swapped:
    """A take has taken over at a seam."""

    frame: int
    slot: int
    take_id: str
    layer_id: int


@dataclass(frozen=True)
class Seam:
    """A loop begins again."""

    frame: int
    slot: int
    cycle: int


@dataclass(frozen=True)
class Forgotten:
    """A layer that memory had no room for, or that was cleared: it can come back as a `LoadTake` only."""

    frame: int
    slot: int
    layer_id: int


Event = Applied | Refused | StateChanged | LayerClosed | VampWanted | Swapped | Seam | Forgotten
