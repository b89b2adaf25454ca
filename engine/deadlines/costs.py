"""What the stages of a vamp cost on this machine: measured at warm-up, refined by every stage that runs. Pure data.

    encode, decode: seconds for a loop of T frames, with everything beside the model that happens there
    a pass: seconds for a window of T frames, and for each token drawn in it

A *level* for each stage, 1 at first, says how much slower or faster it runs now than it was measured: a geometric
moving average of measured / predicted. How far whole takes stray from what was predicted for them is kept as a list of
ratios; its 99th percentile is what makes a prediction safe.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from .work import COARSE, ModelFacts

ENCODE_STAGE, DECODE_STAGE = "encode", "decode"
STAGES = (ENCODE_STAGE, "coarse", "fine", DECODE_STAGE)

MARGIN_S = 0.02
"""For what no stage contains: waking up, shared memory, the way back to the caller."""
LEARNING = 0.3
"""How far a level moves towards what a stage has just shown; after four passes it has moved three quarters."""
LEARNING_OF_OTHERS = 0.1
"""How far the levels of the other stages move with it: a machine that is busy is slow at everything."""
LEAST_RATIO, MOST_RATIO = 0.05, 20.0
QUANTILE = 0.99
N_RATIOS = 256
N_ASSUMED = 100
"""So many takes are assumed to have been made at ASSUMED_RATIO, so that the first outlier does not rule for long."""
ASSUMED_RATIO = 1.25
LEAST_SAFETY, MOST_SAFETY = 1.1, 4.0


@dataclass(frozen=True)
class Curve:
    """Seconds for T frames: straight lines through measured points (T, s), sorted by T, at least one.

    Below the first point its seconds, because something is always spent; beyond the last the last slope goes on.
    """

    points: tuple[tuple[int, float], ...]

    def at(self, n_frames: int) -> float:
        """Seconds, never less than those of the first point."""
        first = self.points[0]
        if n_frames <= first[0]:
            return first[1]
        if len(self.points) == 1:
            return first[1] * n_frames / first[0]
        index = next((i for i, point in enumerate(self.points) if n_frames <= point[0]), -1)
        left, right = self.points[index - 1], self.points[index]
        slope = (right[1] - left[1]) / (right[0] - left[0])
        return max(first[1], left[1] + slope * (n_frames - left[0]))


@dataclass
class CostModel:
    """What the stages cost. Owned and changed by one thread; a copy of it may be sent anywhere.

    Attributes:
        facts: Sizes of the bundle that was measured; None as long as nothing was.
        curves: Seconds at level 1, by the names in STAGES; of a single pass where the stage has passes.
        row_s: Seconds for each token drawn in a pass, by (stage name, whether it is filtered).
        levels: By (stage name, whether variations run side by side); what is missing is 1.
        ratios: Measured / predicted seconds of the latest takes, oldest first.
    """

    facts: ModelFacts | None = None
    curves: dict[str, Curve] = field(default_factory=dict)
    row_s: dict[tuple[str, bool], float] = field(default_factory=dict)
    levels: dict[tuple[str, bool], float] = field(default_factory=dict)
    ratios: list[float] = field(default_factory=lambda: [ASSUMED_RATIO] * N_ASSUMED)

    @property
    def is_measured(self) -> bool:
        """Whether there is anything to predict from."""
        return self.facts is not None and all(name in self.curves for name in STAGES)

    @property
    def safety(self) -> float:
        """Predictions times this were long enough for 99 of 100 takes."""
        ratios = sorted(self.ratios)
        ratio = ratios[math.ceil(QUANTILE * len(ratios)) - 1] if ratios else ASSUMED_RATIO
        return min(MOST_SAFETY, max(LEAST_SAFETY, ratio))

    def safe_s(self, expected_s: float) -> float:
        """Seconds within which 99 of 100 takes are delivered of which `expected_s` is expected."""
        return expected_s * self.safety + MARGIN_S

    def encode_s(self, n_frames: int) -> float:
        """Seconds expected until a loop of T frames is tokens."""
        return self.curves[ENCODE_STAGE].at(n_frames) * self._level(ENCODE_STAGE, 1)

    def decode_s(self, n_frames: int, *, variations: int = 1) -> float:
        """Seconds expected until T frames of each variation are finished audio."""
        return variations * self.curves[DECODE_STAGE].at(n_frames) * self._level(DECODE_STAGE, variations)

    def passes_s(self, stage: int, counts: PassCounts, *, variations: int = 1, filtered: bool = False) -> float:
        """Seconds expected for passes of the COARSE or the FINE model, over all variations."""
        name = stage_name(stage)
        one = counts.n_passes * self.curves[name].at(counts.n_frames) + counts.n_rows * self.row_s[name, filtered]
        return variations * one * self._level(name, variations)

    def observe(self, name: str, predicted_s: float, measured_s: float, *, variations: int = 1) -> None:
        """A stage, or a pass of it, took `measured_s`, where this model had said `predicted_s`."""
        if predicted_s <= 0:
            return
        ratio = _limited(measured_s / predicted_s)
        beside = variations > 1
        for stage in STAGES:
            for key in ((stage, False), (stage, True)):
                share = LEARNING if key == (name, beside) else LEARNING_OF_OTHERS
                self.levels[key] = _limited(self.levels.get(key, 1.0) * ratio**share)

    def observe_take(self, predicted_s: float, measured_s: float) -> None:
        """A whole take took `measured_s`, where `predicted_s` was said for the passes that it made."""
        if predicted_s > 0:
            self.ratios = [*self.ratios[1 - N_RATIOS :], _limited(measured_s / predicted_s)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "facts": None if self.facts is None else asdict(self.facts),
            "curves": {name: [list(point) for point in curve.points] for name, curve in self.curves.items()},
            "row_s": {_words(key, "filtered"): seconds for key, seconds in self.row_s.items()},
            "levels": {_words(key, "side by side"): level for key, level in self.levels.items()},
            "safety": self.safety,
            "margin_s": MARGIN_S,
        }

    def _level(self, name: str, variations: int) -> float:
        return self.levels.get((name, variations > 1), 1.0)


@dataclass(frozen=True)
class PassCounts:
    """Some passes over windows of `n_frames` frames, in which `n_rows` tokens are drawn altogether."""

    n_frames: int
    n_passes: int
    n_rows: float


def stage_name(stage: int) -> str:
    """`coarse` or `fine`."""
    return "coarse" if stage == COARSE else "fine"


def _limited(ratio: float) -> float:
    return min(MOST_RATIO, max(LEAST_RATIO, ratio))


def _words(key: tuple[str, bool], what: str) -> str:
    return f"{key[0]}, {what}" if key[1] else key[0]
