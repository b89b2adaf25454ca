"""When ticks that arrive late and uneven were really meant: a straight line through the last of them. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST_JITTER_S = 5e-5
FIRST_JITTER_S = 1e-3  # taken for the ticks' until there are enough to measure it

_LOOK_BACK = (6, 12, 24)  # ticks; the more, the smaller the change that is noticed
_SURE = 6.0  # standard errors


class TickLine:
    """Least squares through the last `longest` ticks, or through those since the tempo changed.

    The longer the line the steadier the tempo: of n ticks that are uneven by σ the period is known to σ·√(12/n³). So
    the line is as long as it may be, and is cut where the last 6, 12 or 24 ticks lie off what came before by more than
    chance. Their median is looked at, so that a single tick that comes much too late cuts nothing.

    Args:
        longest: Ticks, more than 24.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._numbers: list[int] = []
        self._times: list[float] = []  # in seconds
        self._fit: tuple[float, float] | None = None

    def __len__(self) -> int:
        return len(self._times)

    @property
    def last_number(self) -> int:
        """Of the newest tick."""
        return self._numbers[-1]

    @property
    def last_s(self) -> float:
        """When the newest tick arrived."""
        return self._times[-1]

    def clear(self) -> None:
        """Forget all ticks."""
        self.keep_last(0)

    def add(self, number: int, time_s: float) -> None:
        """A tick has arrived; numbers and times rise."""
        self._numbers.append(number)
        self._times.append(time_s)
        self.keep_last(self._longest)
        numbers, times = np.array(self._numbers, dtype=np.float64), np.array(self._times)
        for n_new in _LOOK_BACK:
            if len(times) >= n_new + _LOOK_BACK[0] and _is_off(numbers, times, n_new):
                self.keep_last(n_new)
                return

    def keep_last(self, n_ticks: int) -> None:
        """Forget all but the newest."""
        n_old = max(0, len(self._times) - n_ticks)
        del self._numbers[:n_old], self._times[:n_old]
        self._fit = None

    def renumber_last(self, n_ticks: int, by: int) -> None:
        """Give the newest ticks other numbers, still above those before them."""
        n_kept = max(0, len(self._numbers) - n_ticks)
        self._numbers[n_kept:] = [number + by for number in self._numbers[n_kept:]]
        self._fit = None

    def count_singly(self, n_ticks: int) -> None:
        """Number the newest ticks as if none had been missing between them, and forget the others."""
        self.keep_last(n_ticks)
        first = self._numbers[0]
        self._numbers = list(range(first, first + len(self._times)))

    def fit(self) -> tuple[float, float]:
        """Time of tick 0 and the period, in seconds; there must be two ticks."""
        if self._fit is None:
            numbers, times = np.array(self._numbers, dtype=np.float64), np.array(self._times)
            period_s = _slope(numbers, times)
            self._fit = float(times.mean() - period_s * numbers.mean()), period_s
        return self._fit


def _slope(numbers: NDArray[np.float64], times: NDArray[np.float64]) -> float:
    away = numbers - numbers.mean()
    return float((away * (times - times.mean())).sum() / (away**2).sum())


def _is_off(numbers: NDArray[np.float64], times: NDArray[np.float64], n_new: int) -> bool:
    """Whether the last `n_new` ticks lie off the line through the others by more than chance."""
    old, old_times = numbers[:-n_new], times[:-n_new]
    period_s, mean, mean_s = _slope(old, old_times), old.mean(), old_times.mean()
    left_s = old_times - mean_s - period_s * (old - mean)
    jitter_s = max(LEAST_JITTER_S, float(np.sqrt((left_s**2).sum() / (old.size - 2))))
    if old.size < 2 * _LOOK_BACK[0]:
        jitter_s = max(jitter_s, FIRST_JITTER_S)
    off_s = np.median(times[-n_new:] - mean_s - period_s * (numbers[-n_new:] - mean))
    ahead = numbers[-n_new:].mean() - mean
    error_s = jitter_s * np.sqrt(1 / n_new + 1 / old.size + ahead**2 / ((old - mean) ** 2).sum())
    return bool(abs(off_s) > _SURE * error_s)
