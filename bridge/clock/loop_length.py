"""Length of a loop, bars and tempo: each from the others. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...engine.errors import SettingError
from .controls import CLOCK_RANGES, MAX_TEMPO_BPM, MIN_TEMPO_BPM

LIKELY_BPM = (70.0, 160.0)
"""Where a first loop's tempo is looked for: more than an octave wide, so that doubling the beats always gets there."""

PREFERRED_BPM = 120.0
"""Of 75 and 150 the one nearer to this, as a ratio, is taken: people tap along to music nearest to two beats a second
(van Noorden and Moelants 1999, "Resonance in the perception of musical pulse")."""


@dataclass(frozen=True)
class LoopBeats:
    """A loop as beats.

    Attributes:
        n_beats: A whole number, at least 1.
        beats_per_bar: As it was counted.
        tempo_bpm: At which the loop is exactly `n_beats` long.
        off_s: How much longer the loop is than so many beats of the tempo it was held against; 0 if there was none.
    """

    n_beats: int
    beats_per_bar: int
    tempo_bpm: float
    off_s: float = 0.0

    @property
    def n_bars(self) -> float:
        """Bars; not always whole ones."""
        return self.n_beats / self.beats_per_bar


def tempo_for_loop(length_s: float, beats_per_bar: int = 4) -> LoopBeats | None:
    """The tempo that a first loop sets: 1, 2, 4 … bars, or a bar halved, such that it lies in LIKELY_BPM.

    Players play powers of two of bars; so do machines, which is why the number of beats, not the tempo, is guessed.
    Where two numbers of bars do, the tempo nearer to PREFERRED_BPM is taken.

    Args:
        length_s: Of the loop in seconds, above 0.
        beats_per_bar: 1 to 16.

    Returns:
        The beats, or None: the loop is shorter than the shortest likely beat.
    """
    beats_per_bar = _beats_per_bar(beats_per_bar)
    counts = _divisions(beats_per_bar)
    while counts[-1] / _positive(length_s) * 60 < LIKELY_BPM[1]:
        counts.append(counts[-1] * 2)
    found = [count for count in counts if LIKELY_BPM[0] <= count * 60 / length_s <= LIKELY_BPM[1]]
    if not found:
        return None
    best = min(found, key=lambda count: abs(math.log2(count * 60 / length_s / PREFERRED_BPM)))
    return LoopBeats(best, beats_per_bar, best * 60 / length_s)


def _divisions(beats_per_bar: int) -> list[int]:
    """Beats of the halves of a bar that are whole, of a single beat, and of a bar; rising."""
    counts = {1, beats_per_bar}
    while beats_per_bar % 2 == 0:
        beats_per_bar //= 2
        counts.add(beats_per_bar)
    return sorted(counts)


def beats_of_loop(length_s: float, tempo_bpm: float, beats_per_bar: int = 4) -> LoopBeats:
    """How many beats of a known tempo a loop is, and how far off.

    Args:
        length_s: Of the loop in seconds, above 0.
        tempo_bpm: 20 to 300.
        beats_per_bar: 1 to 16.
    """
    beat_s = 60 / _tempo(tempo_bpm)
    n_beats = max(1, round(_positive(length_s) / beat_s))
    return LoopBeats(n_beats, _beats_per_bar(beats_per_bar), n_beats * 60 / length_s, length_s - n_beats * beat_s)


def tempo_of_beats(length_s: float, n_beats: int) -> float:
    """The tempo in bpm at which a loop is exactly so many beats long.

    Raises:
        SettingError: It is not within 20 to 300 bpm; says how many beats would be.
    """
    if n_beats < 1:
        raise SettingError(f"n_beats must be at least 1, got {n_beats}")
    tempo_bpm = n_beats * 60 / _positive(length_s)
    if not MIN_TEMPO_BPM <= tempo_bpm <= MAX_TEMPO_BPM:
        fewest, most = math.ceil(MIN_TEMPO_BPM * length_s / 60), math.floor(MAX_TEMPO_BPM * length_s / 60)
        can = f"{max(1, fewest)} to {most} beats" if most >= 1 else "no beats at all"
        raise SettingError(
            f"a loop of {length_s:.4g} s can be {can} at {MIN_TEMPO_BPM:g} to {MAX_TEMPO_BPM:g} bpm, got {n_beats}"
        )
    return tempo_bpm


def length_of_beats(n_beats: float, tempo_bpm: float) -> float:
    """How long so many beats are, in seconds."""
    return n_beats * 60 / _tempo(tempo_bpm)


def _positive(length_s: float) -> float:
    if not 0 < length_s < math.inf:
        raise SettingError(f"length_s must be above 0, got {length_s}")
    return length_s


def _tempo(tempo_bpm: float) -> float:
    return float(CLOCK_RANGES["tempo_bpm"].check("tempo_bpm", tempo_bpm) or 0)


def _beats_per_bar(beats_per_bar: int) -> int:
    return int(CLOCK_RANGES["beats_per_bar"].check("beats_per_bar", beats_per_bar) or 0)
