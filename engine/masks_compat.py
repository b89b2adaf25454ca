"""The published VampNet's masks where they differ from ours: for parity tests and for replaying published results.

Nothing on a performer's road calls this. Masks are bool (K, T), True = regenerate, always on the line. What is not here
agrees with `masks`.
"""

from collections.abc import Iterable

import numpy as np

from .masks import Mask, Shape, full, keep_around


def periodic(shape: Shape, period: int, *, width: int = 1) -> Mask:
    """Published periodic mask: width // 2 frames on both sides, so that widths 2 and 3 both keep 3 frames."""
    if period == 0:
        return full(shape)
    centres = np.arange(0, shape[1], period)
    return keep_around(shape, centres, before=width // 2, after=width // 2 + 1, wrap=False)


def onset(shape: Shape, onset_frames: Iterable[int], *, width: int) -> Mask:
    """Published onset mask: keeps [onset - width, onset + width); nothing for an onset closer to 0 than the width."""
    return _keep_slices(shape, onset_frames, before=width, after=width)


def beat(shape: Shape, beat_frames: Iterable[int], *, before: int, after: int) -> Mask:
    """Published beat mask for one kind of beat: [beat - before, beat + after), nothing where the start is negative."""
    return _keep_slices(shape, beat_frames, before=before, after=after)


def mask_upper_codebooks(mask: Mask, n_kept: int) -> Mask:
    """Published codebook mask: a negative count is counted from the top codebook instead of being refused."""
    upper: Mask = mask.copy()
    upper[n_kept:] = True
    return upper


def _keep_slices(shape: Shape, frame_indices: Iterable[int], *, before: int, after: int) -> Mask:
    mask = full(shape)
    for index in frame_indices:
        # A negative start counts from the end, so that the slice is empty or, on a short line, the wrong one.
        mask[:, index - before : index + after] = False
    return mask
