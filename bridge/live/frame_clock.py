"""When a frame of the looper is played, on the clock of `time.monotonic`: estimated from when its events arrive."""

from __future__ import annotations

from collections import deque

WINDOW_S = 10.0


class FrameClock:
    """Relates frames to seconds.

    An event arrives a little after its frame, by a delay that varies but is never negative: of the last ten seconds,
    the one that came soonest after its frame tells most. A sound card's clock that drifts is followed.

    Args:
        sample_rate: In Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._offsets: deque[tuple[float, float]] = deque()  # (arrival, start of frame 0): rising in both

    def observe(self, frame: int, arrival_s: float) -> None:
        """An event of `frame` has arrived."""
        start_s = arrival_s - frame / self._rate
        while self._offsets and self._offsets[-1][1] >= start_s:
            self._offsets.pop()
        self._offsets.append((arrival_s, start_s))
        while self._offsets[0][0] < arrival_s - WINDOW_S:
            self._offsets.popleft()

    def restart(self) -> None:
        """Frames count anew, or stood still."""
        self._offsets.clear()

    def time_of(self, frame: int) -> float | None:
        """When a frame is made, in seconds; None while nothing was observed."""
        return self._offsets[0][1] + frame / self._rate if self._offsets else None

    def anchor(self) -> tuple[float, float, int] | None:
        """One instant on both clocks: frame, seconds, and frames per second. None while nothing was observed."""
        if not self._offsets:
            return None
        arrival_s, _ = self._offsets[-1]
        return (arrival_s - self._offsets[0][1]) * self._rate, arrival_s, self._rate
