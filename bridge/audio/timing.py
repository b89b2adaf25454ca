"""How long callbacks take and how regularly they come: written by the callback, read by somebody else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RING = 16_384
"""Callbacks remembered: 1.5 minutes at 48 kHz and 256 frames."""


@dataclass(frozen=True)
class Spread:
    """Of many durations, in ms; zeros of none."""

    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0


class DurationRing:
    """The last RING durations. One thread writes, another reads; a duration that is being written may be missed."""

    def __init__(self) -> None:
        # np.full and not np.zeros: the memory must be there before the callback touches it.
        self._durations_ns: NDArray[np.int64] = np.full(RING, 0, np.int64)
        self.n_written = 0

    def add(self, duration_ns: int) -> None:
        """Remember one. For the callback: allocates nothing that lasts."""
        self._durations_ns[self.n_written % RING] = duration_ns
        self.n_written += 1

    def spread(self) -> Spread:
        """Median, 99th percentile and maximum of what is remembered."""
        n = min(self.n_written, RING)
        if n == 0:
            return Spread()
        ordered = np.sort(self._durations_ns[:n])
        ranks = (n // 2, min(n - 1, (99 * n) // 100), n - 1)
        p50, p99, longest = (float(ordered[rank]) / 1e6 for rank in ranks)
        return Spread(p50, p99, longest)
