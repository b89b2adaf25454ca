"""The relative position bias of a token model, computed once per length: on the line, or on the ring of a loop.

T5's buckets (arXiv 1910.10683 §2.1; 32 buckets, maximum distance 128, bidirectional). Weights in, bias out; numpy only.
"""

import math

import numpy as np
from numpy.typing import NDArray

from .errors import SettingError

N_BUCKETS = 32
MAX_DISTANCE = 128


def relative_distance(n_frames: int, *, ring: bool) -> NDArray[np.int64]:
    """Frame of the key minus frame of the query, (T, T) int64: rows are queries, columns keys.

    Args:
        n_frames: T, at least 1.
        ring: True measures the shorter way round the ring, in [-(T // 2), T - T // 2); False measures along the line.
            Both agree wherever the line's distance is less than half the ring.
    """
    if n_frames < 1:
        raise SettingError(f"n_frames must be at least 1, got {n_frames}")
    frames = np.arange(n_frames)
    distance = frames[None, :] - frames[:, None]  # (T, T)
    half = n_frames // 2
    return (distance + half) % n_frames - half if ring else distance


def bucket(
    distance: NDArray[np.int64], *, n_buckets: int = N_BUCKETS, max_distance: int = MAX_DISTANCE
) -> NDArray[np.int64]:
    """T5 bucket of a signed distance: half of the buckets per sign, of which half are exact and half logarithmic.

    The logarithm is rounded to float32 and the rest is float32, as the published model computes it: where a distance
    falls on the border of two buckets, rounding decides.

    Args:
        distance: any shape, int64; positive = the key comes later.
        n_buckets: a multiple of 4, at least 4.
        max_distance: everything at least this far shares the last bucket; more than n_buckets / 4.

    Returns:
        Same shape, int64 in [0, n_buckets).
    """
    per_sign = n_buckets // 2
    n_exact = per_sign // 2
    magnitude = np.abs(distance)
    ratio = (np.maximum(magnitude, 1) / n_exact).astype(np.float32)  # below n_exact the result is not used
    scale = np.float32(math.log(max_distance / n_exact))
    logarithm = np.log(ratio.astype(np.float64)).astype(np.float32)
    far = n_exact + (logarithm / scale * np.float32(per_sign - n_exact)).astype(np.int64)
    within = np.where(magnitude < n_exact, magnitude, np.minimum(far, per_sign - 1))
    return np.where(distance > 0, within + per_sign, within)


def position_bias(weights: NDArray[np.float32], n_frames: int, *, ring: bool) -> NDArray[np.float32]:
    """The bias added to every layer's attention scores.

    Args:
        weights: (buckets, H) float32, the model's `relative_attention_bias`; 32 buckets in the published model.
        n_frames: T, at least 1.
        ring: True for a loop, False for a one-shot sound and for parity with the published model.

    Returns:
        (1, H, T, T) float32, C-contiguous.
    """
    buckets = bucket(relative_distance(n_frames, ring=ring), n_buckets=weights.shape[0])  # (T, T)
    return np.ascontiguousarray(weights.astype(np.float32).T[None, :, buckets])
