"""Beats and bars in time: which beat it is, when the next one falls, and the same in frames of the looper. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ...engine.settings import VampSettings
from ..looper.messages import SetGrid
from .controls import CLOCK_RANGES

NO_GRID = SetGrid(0.0, 0.0)
"""For the looper: there is no beat."""

AUDIBLE_S = 0.003
"""A beat that is moved by less is left where it is: half of the 6 ms that listeners notice in an even pulse (Friberg
and Sundberg 1995, "Time discrimination in a monotonic, isochronous sequence")."""

_BARS_AHEAD = 4  # a tempo is another one if its beats are audibly elsewhere after so many bars


@dataclass(frozen=True)
class Anchor:
    """One instant on two clocks.

    Attributes:
        frame: Of the looper.
        time_s: When that frame is heard, in seconds of `time.monotonic`.
        sample_rate: Frames per second, in Hz.
    """

    frame: float
    time_s: float
    sample_rate: int


@dataclass(frozen=True)
class Grid:
    """A pulse without end in both directions.

    Beats are multiples of one period counted from one origin, never summed up, so that nothing drifts.

    Attributes:
        tempo_bpm: 20 to 300.
        beats_per_bar: 1 to 16.
        origin_s: When beat 0 falls, which is a downbeat.

    Raises:
        SettingError: Out of range.
    """

    tempo_bpm: float
    beats_per_bar: int = 4
    origin_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("tempo_bpm", "beats_per_bar"):
            object.__setattr__(self, name, CLOCK_RANGES[name].check(name, getattr(self, name)))

    @property
    def beat_s(self) -> float:
        """Seconds from one beat to the next."""
        return 60 / self.tempo_bpm

    @property
    def bar_s(self) -> float:
        """Seconds from one downbeat to the next."""
        return self.beat_s * self.beats_per_bar

    def beat_at(self, time_s: float) -> float:
        """The beat that it is then; 1.5 is halfway from beat 1 to beat 2."""
        return (time_s - self.origin_s) / self.beat_s

    def time_of(self, beat: float) -> float:
        """When a beat falls, in seconds."""
        return self.origin_s + beat * self.beat_s

    def next_beat(self, time_s: float, *, every: int = 1) -> float:
        """When the first beat at or after a time falls whose number is a multiple of `every`."""
        # A beat that falls at that very time is that beat, whatever the division rounds to.
        return self.time_of(math.ceil(self.beat_at(time_s) / every - 1e-9) * every)

    def next_bar(self, time_s: float) -> float:
        """When the first downbeat at or after a time falls."""
        return self.next_beat(time_s, every=self.beats_per_bar)

    def phase(self, time_s: float) -> float:
        """How much of the current beat is over, in [0, 1)."""
        return self.beat_at(time_s) % 1.0 % 1.0  # twice: just below 0 the first makes it 1.0

    def bar_phase(self, time_s: float) -> float:
        """How many beats of the current bar are over, in [0, beats_per_bar)."""
        return self.beat_at(time_s) % self.beats_per_bar % self.beats_per_bar

    def with_tempo(self, tempo_bpm: float, *, at_s: float) -> Grid:
        """Another tempo from then on, without a jump: the beat at that time stays the beat that it is."""
        faster = replace(self, tempo_bpm=tempo_bpm)
        return replace(faster, origin_s=at_s - self.beat_at(at_s) * faster.beat_s)

    def moved(self, seconds: float) -> Grid:
        """Every beat so much later."""
        return replace(self, origin_s=self.origin_s + seconds)

    def to_frames(self, anchor: Anchor) -> SetGrid:
        """The same for the looper.

        The origin is the downbeat nearest to the anchor, so that neither the rate of the sound card, which is never
        quite what it says, nor rounding has room to add up.
        """
        bars = round(self.beat_at(anchor.time_s) / self.beats_per_bar)
        after_s = self.time_of(bars * self.beats_per_bar) - anchor.time_s
        origin = anchor.frame + after_s * anchor.sample_rate
        return SetGrid(origin, self.beat_s * anchor.sample_rate, self.beats_per_bar)


def from_frames(frames: SetGrid, anchor: Anchor) -> Grid:
    """The grid in seconds that the looper's is; the inverse of `to_frames` but for the choice of the origin."""
    tempo_bpm = 60 * anchor.sample_rate / frames.frames_per_beat
    origin_s = anchor.time_s + (frames.origin_frame - anchor.frame) / anchor.sample_rate
    return Grid(tempo_bpm, frames.beats_per_bar, origin_s)


def on_grid(settings: VampSettings, grid: Grid, start_s: float) -> VampSettings:
    """Settings of a vamp with the beat of the clock, for a loop that began at `start_s`.

    A tempo that somebody has set stays; so does everything while the beat prompt is off.
    """
    if settings.tempo_bpm > 0 or not settings.follows_beats:
        return settings
    offset_ms = (grid.next_bar(start_s) - start_s) * 1000
    return settings.changed(
        tempo_bpm=grid.tempo_bpm, beats_per_bar=grid.beats_per_bar, beat_offset_ms=min(max(0.0, offset_ms), 60_000.0)
    )


def is_elsewhere(new: SetGrid, told: SetGrid, anchor: Anchor) -> bool:
    """Whether the looper's beats or bars are audibly not where they should be, now or some bars ahead."""
    if (new.frames_per_beat > 0) != (told.frames_per_beat > 0) or new.beats_per_bar != told.beats_per_bar:
        return True
    if new.frames_per_beat <= 0:
        return False
    bar = told.frames_per_beat * told.beats_per_bar
    apart = (new.origin_frame - told.origin_frame + bar / 2) % bar - bar / 2
    later = apart + (new.frames_per_beat - told.frames_per_beat) * new.beats_per_bar * _BARS_AHEAD
    return max(abs(apart), abs(later)) > AUDIBLE_S * anchor.sample_rate
