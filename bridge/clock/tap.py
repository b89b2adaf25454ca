"""Tap tempo: the times of taps in, a tempo out. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median

import numpy as np

from .controls import MAX_TEMPO_BPM, MIN_TEMPO_BPM

PAUSE_S = 2.0
BOUNCE_S = 30 / MAX_TEMPO_BPM  # half of the shortest beat: a foot is not as fast as a switch that bounces
MOST_TAPS = 9
_STRAY_SHARE = 0.25  # of a beat
_SHORTEST_S, _LONGEST_S = 60 / MAX_TEMPO_BPM, 60 / MIN_TEMPO_BPM


@dataclass(frozen=True)
class Tapped:
    """What the taps say so far: the tempo, and when the last of them was, which is a beat."""

    tempo_bpm: float
    beat_s: float


class TapTempo:
    """Reads the tempo from the last taps, up to nine.

    The median of the intervals says how long a beat is, roughly. Taps that do not fall near a beat of it are left out,
    a tap that is missing counts as a beat all the same, and the tempo is the slope of the line through the rest: on
    uneven taps that is several times as steady as the median itself. Two intervals that agree with each other and not
    with those before are a new tempo. A pause of more than two seconds starts anew, so that 30 bpm is the slowest tempo
    that can be tapped.
    """

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MOST_TAPS)

    def tap(self, time_s: float) -> Tapped | None:
        """A tap.

        Args:
            time_s: When, in seconds; rising.

        Returns:
            The tempo, or None after a first tap.
        """
        if self._times:
            since_s = time_s - self._times[-1]
            if since_s < BOUNCE_S:
                return self._read()
            if since_s > PAUSE_S:
                self._times.clear()
        self._times.append(time_s)
        self._forget_old_tempo()
        return self._read()

    def _forget_old_tempo(self) -> None:
        times = list(self._times)
        if len(times) < 5:
            return
        *before, second, last = np.diff(times)
        usual = median(before)
        agree = abs(second - last) <= _STRAY_SHARE * min(second, last)
        other = all(abs(interval - usual) > _STRAY_SHARE * usual for interval in (second, last))
        if agree and other:
            self._times = deque(times[-3:], maxlen=MOST_TAPS)

    def _read(self) -> Tapped | None:
        times = np.array(self._times)
        if len(times) < 2:
            return None
        beat_s = self._slope(times, float(median(np.diff(times))))
        return Tapped(60 / min(max(beat_s, _SHORTEST_S), _LONGEST_S), float(times[-1]))

    @staticmethod
    def _slope(times: np.ndarray[tuple[int], np.dtype[np.float64]], rough_s: float) -> float:
        """Seconds per beat through the taps that lie near a beat of `rough_s`, counted from the first that does."""
        beats = np.maximum(1, np.round(np.diff(times) / rough_s)).cumsum()
        beats = np.concatenate([[0.0], beats])
        away = times - beats * rough_s
        is_near = np.abs(away - np.median(away)) <= _STRAY_SHARE * rough_s
        if np.unique(beats[is_near]).size < 2:
            return rough_s
        return float(np.polyfit(beats[is_near], times[is_near] - times[0], 1)[0])
