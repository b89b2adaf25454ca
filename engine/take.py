"""What goes into a vamp and what comes out of it: plain data, shared by everyone on either side of the engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .deadlines.passes import Passes, check_passes
from .deadlines.plan import Plan, Timing
from .errors import SettingError
from .settings import VampSettings

Audio = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class VampRequest:
    """One loop to vary.

    Attributes:
        audio: (C, N) float32 at `sample_rate` Hz, full scale ±1.
        sample_rate: 8,000 to 192,000 Hz.
        settings: What to keep and how to draw the rest.
        drawn_mask: A mask drawn by hand, (rows, columns), True = regenerate: 1 to K rows, stretched over the codebooks
            from the coarsest, and any number of columns, stretched over the loop. Combined with the prompts of
            `settings` like one more prompt; `settings.without_prompts` lets it decide alone.
        lineage: Identifiers of the takes this loop came from, oldest first.
        deadline_s: When the take is needed, on the clock of `time.monotonic`, which all processes of a machine share;
            as many passes are made as fit, at most those that the settings ask for. None: all of them.
        cycle_s: If not even the least fits, the take is promised for a later deadline, so many seconds after the first
            one, or twice as many …; None is the length of the loop. Only with a deadline.
        passes: The passes of an earlier take, to make it again, as its report gives them; lists will do. None: those
            that the settings ask for. Not with a deadline.

    Raises:
        SettingError: A deadline or passes that cannot be; says why.
    """

    audio: Audio
    sample_rate: int
    settings: VampSettings
    drawn_mask: Mask | None = None
    lineage: tuple[str, ...] = ()
    deadline_s: float | None = None
    cycle_s: float | None = None
    passes: Passes | None = None

    def __post_init__(self) -> None:
        if self.deadline_s is not None and not math.isfinite(self.deadline_s):
            raise SettingError(f"deadline_s must be finite, got {self.deadline_s}")
        if self.cycle_s is not None and not 0 < self.cycle_s < math.inf:
            raise SettingError(f"cycle_s must be above 0 s, got {self.cycle_s}")
        if self.cycle_s is not None and self.deadline_s is None:
            raise SettingError("cycle_s says when after the deadline: give deadline_s too")
        if self.passes is not None:
            if self.deadline_s is not None:
                raise SettingError("passes are given, so that there is nothing to plan: leave out deadline_s")
            object.__setattr__(self, "passes", check_passes(self.passes))


@dataclass(frozen=True)
class Progress:
    """Where a running vamp is: `stage` is one of STAGES, `fraction` of the whole vamp, 0 … 1."""

    stage: str
    fraction: float


STAGES = ("encode", "coarse", "fine", "decode")

OnProgress = Callable[[Progress], None]
IsCancelled = Callable[[], bool]
OnPlan = Callable[[Plan], None]


@dataclass(frozen=True)
class TakeReport:
    """How a take was made; enough to make it again.

    Attributes:
        take_id: 12 hexadecimal digits, derived from what made the take: bundle, settings, seed, input and passes. Not
            from the time it took: a take that had a deadline and time for everything has the name it has without one.
        seed: The seed that was used, also when none was asked for.
        settings: All settings of the take.
        bundle: Name of the model bundle.
        bundle_sha256: Fingerprint of its manifest.
        lineage: Takes this one descends from, oldest first.
        n_frames: Token frames of the take, T·stretch.
        share_regenerated: Share of all tokens that were drawn anew, 0 … 1.
        stage_s: Seconds spent in each stage.
        warnings: What the user should know, in full sentences.
        device: Where the models ran, `cpu` or `cuda`; takes of the same seed differ between them in rounding.
        passes: The passes that were made, where they are not those that the settings ask for; with them in a request,
            the same take is made again. None: all that was asked for.
        timing: What was planned, done and left; None without a deadline.
    """

    take_id: str
    seed: int
    settings: VampSettings
    bundle: str
    bundle_sha256: str
    lineage: tuple[str, ...]
    n_frames: int
    share_regenerated: float
    stage_s: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    device: str = "cpu"
    passes: Passes | None = None
    timing: Timing | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Take:
    """The result of one vamp.

    Attributes:
        audio: (V, C, N·stretch) float32, one entry per variation, at the request's rate and channel count.
        mask: (K, T·stretch) bool, True = regenerated in any round; of the first variation.
        report: How it was made.
    """

    audio: Audio
    sample_rate: int
    mask: Mask
    report: TakeReport
