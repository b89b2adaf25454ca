"""How many tokens stay masked after each pass of iterative parallel decoding. Counts in, counts out.

The cosine schedule of arXiv 2307.04686 §3.3 (after MaskGIT, arXiv 2202.04200), counted per item.
"""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import SettingError

LOWEST_GAMMA = 1e-10
"""The published clamp: the schedule never reaches 0 exactly."""


def gamma(progress: ArrayLike) -> NDArray[np.float32]:
    """Share of tokens still masked: cos(π/2 · progress), clamped to [1e-10, 1].

    Every operation is rounded to float32, because float64 changes the floor in 18 of 1524 published table entries. Only
    the cosine itself is taken in float64 and then rounded, so that every processor gives the same number.

    Args:
        progress: share of the passes done, in [0, 1], any shape.

    Returns:
        float32, same shape.
    """
    angle = np.asarray(progress, dtype=np.float32) * np.float32(math.pi) / np.float32(2)
    return np.asarray(np.clip(np.cos(angle.astype(np.float64)), LOWEST_GAMMA, 1), dtype=np.float32)


def inverse_gamma(share: ArrayLike) -> NDArray[np.float32]:
    """Progress at which `share` of the tokens is still masked: 2/π · arccos(share), float32, share in [0, 1]."""
    angle = np.arccos(np.asarray(share, dtype=np.float32).astype(np.float64)).astype(np.float32)
    return np.asarray(np.float32(2) * angle / np.float32(math.pi), dtype=np.float32)


def next_progress(progress: Fraction, n_left: int) -> Fraction:
    """Progress after the first of `n_left` passes that share evenly what is left of the schedule.

    With s passes from the start the steps are exactly 1/s, 2/s … 1; the number may change between any two passes.

    Args:
        progress: before the pass, in [0, 1).
        n_left: passes left, this one included, at least 1.
    """
    if n_left < 1:
        raise SettingError(f"n_left must be at least 1, got {n_left}")
    return progress + (1 - progress) / n_left


def n_to_mask(progress: Fraction, *, n_initial: int, n_masked_now: int) -> int:
    """Tokens of one item left masked after a pass: floor(gamma(progress) · n_initial), limited.

    Before the last pass at least one and at most all but one of the tokens masked now stay masked, so that every pass
    decides something and the last one has something to do. After the last pass none do.

    DIFFERS: the published code counts `n_initial` over the whole batch, and keeps one token masked even when none is.

    Args:
        progress: share of the schedule done with this pass, in (0, 1]; 1 is the last pass.
        n_initial: tokens masked before the first pass.
        n_masked_now: tokens masked before this pass.

    Returns:
        Tokens to mask again, in [0, n_masked_now].
    """
    if not 0 < progress <= 1:
        raise SettingError(f"progress must be in (0, 1], got {progress}")
    if not 0 <= n_masked_now <= n_initial:
        raise SettingError(f"n_masked_now must be in [0, {n_initial}], got {n_masked_now}")
    if progress == 1 or n_masked_now == 0:
        return 0
    wanted: int = math.floor(gamma(float(progress)) * np.float32(n_initial))
    return max(1, min(n_masked_now - 1, wanted))
