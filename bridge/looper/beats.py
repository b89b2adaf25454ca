"""Where beats and bars fall, in frames, and the click that marks them. Tempo itself is the clock's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .layers import Frames

CLICK_S = 0.03
_BEAT_HZ, _BAR_HZ = 1000.0, 1500.0


@dataclass(frozen=True)
class Beats:
    """A grid without end in both directions. Beat 0 is a downbeat; `frames_per_beat` 0 is no grid."""

    origin_frame: float = 0.0
    frames_per_beat: float = 0.0
    beats_per_bar: int = 4

    @property
    def is_there(self) -> bool:
        """Whether there is a tempo."""
        return self.frames_per_beat > 0

    def frame_of(self, beat: int) -> int:
        """The frame nearest to a beat."""
        return round(self.origin_frame + beat * self.frames_per_beat)

    def next_beat(self, frame: int, every: int = 1) -> int:
        """The first beat at or after a frame whose number is a multiple of `every`."""
        beat = math.floor((frame - self.origin_frame) / self.frames_per_beat / every) * every
        while self.frame_of(beat) < frame:
            beat += every
        return beat

    def next_frame(self, frame: int, quantise: str) -> int:
        """The frame of the first `beat` or `bar` at or after a frame."""
        return self.frame_of(self.next_beat(frame, self.beats_per_bar if quantise == "bar" else 1))


class Click:
    """A short tone on every beat, a higher one on downbeats. What it sounds like follows from the frame alone.

    Args:
        sample_rate: In Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        time_s = np.arange(round(CLICK_S * sample_rate)) / sample_rate
        swell = np.minimum(1, time_s / 0.001) * np.exp(-time_s / 0.006)
        swell[-1] = 0
        self._beat, self._bar = (
            (0.5 * swell * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)[:, None] for hz in (_BEAT_HZ, _BAR_HZ)
        )

    def add_to(self, out: Frames, frame: int, beats: Beats, gain_at: Callable[[int], float]) -> None:
        """Add the clicks of `out` (n, C), whose first frame is `frame`; `gain_at` says how loud a beat's frame is."""
        length = len(self._beat)
        beat = beats.next_beat(frame - length + 1)
        while (start := beats.frame_of(beat) - frame) < len(out):
            tone = self._bar if beat % beats.beats_per_bar == 0 else self._beat
            first, last = max(0, start), min(len(out), start + length)
            gain = gain_at(start + frame)
            if first < last and gain > 0:
                out[first:last] += tone[first - start : last - start] * np.float32(gain)
            beat += 1
