"""What happens on stage, for whoever shows it: the looper's own events, and these. Small plain values."""

from __future__ import annotations

from dataclasses import dataclass

from ..audio.reports import AudioEvent


@dataclass(frozen=True)
class VampPlanned:
    """A variation is on its way.

    Attributes:
        slot: From 0.
        coarse_passes: Planned, in each window.
        fine_passes: The same.
        expected_s: Seconds until it is there, as expected.
        promised_frame: The seam it is promised for.
        cycles_late: By how many cycles that is later than was asked for.
    """

    slot: int
    coarse_passes: int
    fine_passes: int
    expected_s: float
    promised_frame: int
    cycles_late: int


@dataclass(frozen=True)
class VampProgress:
    """How far the variation of a slot is: `stage` of the engine, `fraction` 0 … 1."""

    slot: int
    stage: str
    fraction: float


@dataclass(frozen=True)
class TakeMade:
    """A take is there and waits for its seam.

    Attributes:
        slot: From 0.
        take_id: Its name.
        seed: That made it.
        coarse_passes: Made in all windows together.
        fine_passes: The same.
        left_s: Seconds that were left until it was promised; negative = late.
        is_rough: Whether it had fewer passes than its settings ask for.
        warnings: In full sentences.
    """

    slot: int
    take_id: str
    seed: int
    coarse_passes: int
    fine_passes: int
    left_s: float
    is_rough: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TakeHeard:
    """A take has taken over at a seam. `promised_frame` is -1 where nothing was promised, as of a recalled take."""

    slot: int
    take_id: str
    frame: int
    promised_frame: int

    @property
    def is_late(self) -> bool:
        """Whether that was later than promised."""
        return 0 <= self.promised_frame < self.frame


@dataclass(frozen=True)
class VampFailed:
    """A variation will not come. `code` is a short word for programs."""

    slot: int
    code: str
    reason: str


@dataclass(frozen=True)
class Note:
    """Something the performer should know. `slot` is -1 if it is of none."""

    slot: int
    text: str


StageEvent = AudioEvent | VampPlanned | VampProgress | TakeMade | TakeHeard | VampFailed | Note
