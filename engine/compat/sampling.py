"""Filters of the published sampler that ours does without."""

from __future__ import annotations

import numpy as np

from ..errors import SettingError
from ..sampling import Bools, Floats


def top_k_filter(logits: Floats, *, k: int) -> Bools:
    """Keep the `k` likeliest tokens, and those that tie with the last of them.

    The published interface never sets it; what it keeps of (..., V) float32 logits is checked all the same.

    Args:
        logits: (..., V) float32.
        k: in [1, V].

    Returns:
        (..., V) bool, True = stays.
    """
    if not 1 <= k <= logits.shape[-1]:
        raise SettingError(f"k must be in [1, {logits.shape[-1]}], got {k}")
    smallest_kept = np.sort(logits, axis=-1)[..., -k, None]
    return np.asarray(logits >= smallest_kept, dtype=np.bool_)
