"""What a server that plays loops tells of slots, looper, clock and sound card, as typed values. See `events`."""

from __future__ import annotations

from dataclasses import dataclass

from .server_events import Event


@dataclass(frozen=True, kw_only=True)
class SlotEvent(Event):
    """Something of a slot, which is counted from 1."""

    slot: int


@dataclass(frozen=True, kw_only=True)
class SlotState(SlotEvent):
    """What a slot does."""

    state: str
    next_state: str
    loop_s: float
    take_id: str
    undo: int
    redo: int
    auto: int
    held: int


@dataclass(frozen=True, kw_only=True)
class Seam(SlotEvent):
    """The loop begins again."""

    cycle: int


@dataclass(frozen=True, kw_only=True)
class Position(SlotEvent):
    """Where in its loop a slot is, 0 to 1."""

    fraction: float


@dataclass(frozen=True, kw_only=True)
class Planned(SlotEvent):
    """A variation is on its way."""

    coarse_passes: int
    fine_passes: int
    expected_s: float
    cycles_late: int


@dataclass(frozen=True, kw_only=True)
class SlotProgress(SlotEvent):
    """How far a variation is."""

    stage: str
    fraction: float


@dataclass(frozen=True, kw_only=True)
class Made(SlotEvent):
    """A variation is made and waits for its seam."""

    take_id: str
    seed: int
    coarse_passes: int
    fine_passes: int
    left_s: float
    rough: int


@dataclass(frozen=True, kw_only=True)
class Heard(SlotEvent):
    """A take has taken over at a seam."""

    take_id: str
    late: int


@dataclass(frozen=True, kw_only=True)
class Loaded(SlotEvent):
    """A sound waits for its seam: of the file, or the upload, that `source` names."""

    take_id: str
    loop_s: float
    source: str | float


@dataclass(frozen=True, kw_only=True)
class Saved(SlotEvent):
    """A take is written; `take_id` is empty if it was played in."""

    path: str
    take_id: str


@dataclass(frozen=True, kw_only=True)
class SlotTakeTold(SlotEvent):
    """A take of the slot. `seed` is -1 if it was not made here."""

    take_id: str
    seed: int
    length_s: float
    parent: str


@dataclass(frozen=True, kw_only=True)
class SlotTakesTold(SlotEvent):
    """All takes of the slot have been told, so many."""

    count: int


@dataclass(frozen=True, kw_only=True)
class SlotControlTold(SlotEvent):
    """The value of a slot's control."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class SlotSettingTold(SlotEvent):
    """The value of a setting of a slot's variations."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class LooperControlTold(Event):
    """The value of a control of the looper."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class ClockControlTold(Event):
    """The value of a control of the clock."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class Clock(Event):
    """The beat."""

    running: int
    tempo_bpm: float
    beats_per_bar: int
    source: str
    peers: int


@dataclass(frozen=True, kw_only=True)
class Audio(Event):
    """The sound card."""

    device: str
    is_open: int
    sample_rate: int
    block: int
    xruns_in: int
    xruns_out: int
    late_blocks: int
    p99_ms: float


@dataclass(frozen=True, kw_only=True)
class SlotMaskRow(SlotEvent):
    """A row of what the last variation of a slot varied, see `MaskRow`."""

    row: int
    cells: list[int]
