"""MIDI clock: real-time messages and when they came in, tempo and beats out. Pure; the port is `midi_port`."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from .controls import MAX_TEMPO_BPM, MIN_TEMPO_BPM
from .grid import Grid
from .tick_line import LEAST_JITTER_S, TickLine

TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6  # the unit of a song position
CLOCK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2

_LONGEST = 16 * TICKS_PER_BEAT
_LEAST = TICKS_PER_BEAT // 2
_LONGEST_GAP_S = 60 / MIN_TEMPO_BPM / 2  # more than half of the slowest beat without a tick: the clock had stopped
_LEAST_TO_MISS = 6
_RECENT = 9
_AS_WELL = 1.3  # times as uneven: ticks that are lost in an even row are unlikely


@dataclass(frozen=True)
class _Tick:
    """A tick with the number it was given, how many were taken for lost before it, and the period until then."""

    number: int
    time_s: float
    missing: int
    period_s: float


class MidiClock:
    """Follows a MIDI clock: 24 ticks a beat, uneven by some milliseconds, some of them lost.

    The first tick after a start is the downbeat of the first bar, the first one after `continue` the place of the song
    position; until one of them comes the first tick of all is taken for a downbeat. Times rise.
    """

    def __init__(self) -> None:
        self._line = TickLine(_LONGEST)
        self._number = -1  # of the last tick, counted from the first of all
        self._song_start = 0  # number of the tick that is beat 0
        self._position = 0  # in the song, in ticks, while it stands still
        self._awaits_first = False
        self._recent: deque[_Tick] = deque(maxlen=_RECENT)
        self.is_running = False

    def feed(self, status: int, time_s: float, data: int = 0) -> None:
        """A message has arrived.

        Args:
            status: Its status byte; any but the five of the clock changes nothing.
            time_s: When it came in, in seconds.
            data: Of a song position: its 14 bits, in sixteenth notes.
        """
        if status == CLOCK:
            self._tick(time_s)
        elif status == START:
            self._begin(0)
        elif status == CONTINUE:
            self._begin(self._position)
        elif status == STOP:
            self._stop()
        elif status == SONG_POSITION and not self.is_running:
            self._position = data * TICKS_PER_SIXTEENTH

    @property
    def tempo_bpm(self) -> float | None:
        """The tempo; None until half a beat was heard, and where it is not 20 to 300 bpm."""
        if len(self._line) < _LEAST:
            return None
        tempo_bpm = 60 / (self._line.fit()[1] * TICKS_PER_BEAT)
        return tempo_bpm if MIN_TEMPO_BPM <= tempo_bpm <= MAX_TEMPO_BPM else None

    def grid(self, beats_per_bar: int) -> Grid | None:
        """Where the beats are; None while there is no tempo."""
        tempo_bpm = self.tempo_bpm
        if tempo_bpm is None:
            return None
        first_s, period_s = self._line.fit()
        return Grid(tempo_bpm, beats_per_bar, first_s + self._song_start * period_s)

    def song_beat(self) -> float:
        """Where the song is, in beats since its start, at the last tick."""
        ticks = self._number - self._song_start if self.is_running and not self._awaits_first else self._position
        return ticks / TICKS_PER_BEAT

    def is_alive(self, time_s: float) -> bool:
        """Whether ticks still come in."""
        return len(self._line) > 0 and time_s - self._line.last_s <= _LONGEST_GAP_S

    def _begin(self, position: int) -> None:
        self._position, self._awaits_first, self.is_running = position, True, True

    def _stop(self) -> None:
        if self.is_running and not self._awaits_first:
            # The song stands after the last tick: the next one will be the tick that follows.
            self._position = self._number + 1 - self._song_start
        self.is_running = self._awaits_first = False

    def _tick(self, time_s: float) -> None:
        if not self.is_alive(time_s):
            self._line.clear()
            self._recent.clear()
            self._number += 1
        else:
            missing = self._count_missing(time_s)  # which may take one back
            self._number += 1 + missing
        if self._awaits_first:
            self._song_start, self._awaits_first = self._number - self._position, False
        self._line.add(self._number, time_s)
        self._reconsider()

    def _count_missing(self, time_s: float) -> int:
        """How many ticks seem to be lost before this one."""
        if len(self._line) < _LEAST_TO_MISS:
            return 0
        start_s, period_s = self._line.fit()
        # From the last tick, or a clock that slows down would seem to lose some; and on the line, or two ticks that
        # both are uneven would.
        gap = (time_s - self._line.last_s) / period_s
        behind = (time_s - start_s) / period_s - self._line.last_number
        missing = max(0, min(round(gap), round(behind)) - 1)
        if round(behind) <= 0:
            self._take_one_back()
        self._recent.append(_Tick(self._number + 1 + missing, time_s, missing, period_s))
        return missing

    def _take_one_back(self) -> None:
        """This tick comes where the last one was thought to be: that was late, or one before it, and nothing lost."""
        with_missing = [index for index, tick in enumerate(self._recent) if tick.missing]
        if not with_missing:
            return
        first = with_missing[-1]
        self._recent[first] = replace(self._recent[first], missing=self._recent[first].missing - 1)
        for index in range(first, len(self._recent)):
            self._recent[index] = replace(self._recent[index], number=self._recent[index].number - 1)
        self._line.renumber_last(len(self._recent) - first, -1)
        self._number -= 1

    def _reconsider(self) -> None:
        """Take back what was taken for missing where an even, slower clock says it as well."""
        if len(self._recent) < _RECENT or not any(tick.missing for tick in islice(self._recent, 1, None)):
            return  # what is missing before the first of them is not between them
        times = np.array([tick.time_s for tick in self._recent])
        with_lost = times - self._recent[0].period_s * np.array([tick.number for tick in self._recent])
        singly = np.arange(_RECENT)
        slower = times - np.polyfit(singly, times - times[0], 1)[0] * singly
        if slower.std() <= _AS_WELL * max(float(with_lost.std()), LEAST_JITTER_S):
            self._line.count_singly(_RECENT)
            self._number = self._line.last_number
            self._song_start = min(self._song_start, self._number)
            self._recent.clear()
