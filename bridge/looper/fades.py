"""Curves of equal power, and dials that glide. Everything is a function of the frame alone, never of the block."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float32]  # (n, 1)

GLIDE_S = 0.01


@lru_cache(maxsize=64)
def rising(n_frames: int) -> Curve:
    """sin(π/2 · (i + ½)/n) for i = 0 … n - 1, (n, 1): with `falling` the powers add up to 1."""
    curve = np.sin(np.pi / 2 * (np.arange(n_frames) + 0.5) / max(1, n_frames))
    return curve.astype(np.float32)[:, None]


@lru_cache(maxsize=64)
def falling(n_frames: int) -> Curve:
    """cos(π/2 · (i + ½)/n), (n, 1)."""
    return np.ascontiguousarray(rising(n_frames)[::-1])


class Glide:
    """A gain that glides to where its dial was turned, in 10 ms.

    Args:
        value: Where it stands.
        sample_rate: In Hz.
    """

    def __init__(self, value: float, sample_rate: int) -> None:
        self._n_frames = max(1, round(GLIDE_S * sample_rate))
        # Rises from 1/n to 1: the first frame after a turn has already moved.
        self._curve = (np.arange(1, self._n_frames + 1, dtype=np.float32) / np.float32(self._n_frames))[:, None]
        self._from = self._to = np.float32(value)
        self._done = self._n_frames

    def turn(self, value: float) -> None:
        """Glide to `value` from where it stands."""
        share = 1.0 if self._done >= self._n_frames else self._done / self._n_frames
        self._from = np.float32(self._from + (self._to - self._from) * np.float32(share))
        self._to, self._done = np.float32(value), 0

    @property
    def is_silent(self) -> bool:
        """Whether it stands at 0."""
        return bool(self._to == 0) and self._done >= self._n_frames

    def apply(self, block: NDArray[np.float32]) -> None:
        """Scale `block` (n, C) in place, and go on by its length."""
        n_gliding = min(len(block), self._n_frames - self._done)
        if n_gliding > 0:
            curve = self._curve[self._done : self._done + n_gliding]
            block[:n_gliding] *= self._from + (self._to - self._from) * curve
            self._done += n_gliding
        if self._to != 1:
            block[max(0, n_gliding) :] *= self._to

    def skip(self, n_frames: int) -> None:
        """Go on without a block to scale."""
        self._done = min(self._n_frames, self._done + n_frames)
