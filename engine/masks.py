"""Prompts as masks: which tokens of a loop are regenerated and which are kept.

A mask is bool (K, T): True = regenerate, False = keep. K is the number of codebooks, T the number of frames. Nothing
here knows audio, seconds or models; onsets and beats arrive as frame indices.

`wrap=True` says that the loop is a ring: a width that reaches past the last frame goes on at frame 0. `wrap=False` is
the line of a one-shot sound: what reaches past an end is cut off there. The published behaviour, where it differs, is
in `compat.masks`.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import SettingError

Mask = NDArray[np.bool_]
Shape = tuple[int, int]


def full(shape: Shape) -> Mask:
    """Regenerate everything: (K, T), all True."""
    return np.ones(_check_shape(shape), dtype=np.bool_)


def empty(shape: Shape) -> Mask:
    """Keep everything: (K, T), all False."""
    return np.zeros(_check_shape(shape), dtype=np.bool_)


def keep_around(shape: Shape, frame_indices: Iterable[int], *, before: int, after: int, wrap: bool) -> Mask:
    """Keep the frames [i - before, i + after) of every codebook round each frame index i.

    DIFFERS: in the published masks an index closer to the start than `before` keeps nothing (a slice with a negative
    start is empty); here it keeps what there is.

    Args:
        shape: (K, T).
        frame_indices: any integers; on the ring they count modulo T, on the line those outside still keep what of
            their neighbourhood lies inside.
        before: frames kept before the index, at least 0.
        after: frames kept from the index on, at least 0 (1 = the frame itself).
        wrap: True for a ring, False for a line.

    Returns:
        (K, T) bool.
    """
    mask = full(shape)
    n_frames = shape[1]
    width = _check_at_least("before", before, 0) + _check_at_least("after", after, 0)
    centres = np.fromiter(frame_indices, dtype=np.int64)  # (M,)
    kept = (centres[:, None] + np.arange(-before, width - before)).ravel()  # (M * width,)
    kept = kept % n_frames if wrap else kept[(kept >= 0) & (kept < n_frames)]
    mask[:, kept] = False
    return mask


def keep_centred(shape: Shape, frame_indices: Iterable[int], *, width: int, wrap: bool) -> Mask:
    """Keep exactly `width` frames centred on each frame index; an even width leans one frame early.

    DIFFERS: published widths are not what they say (periodic: 2 and 3 both keep 3 frames; onset: w keeps 2·w). Here
    width 3 is 3 frames. Leaning early makes an onset of width 2·w the published onset of width w.

    Args:
        shape: (K, T).
        frame_indices: centres, as in `keep_around`.
        width: frames kept, at least 0 (0 keeps nothing).
        wrap: True for a ring, False for a line.
    """
    before = _check_at_least("width", width, 0) // 2
    return keep_around(shape, frame_indices, before=before, after=width - before, wrap=wrap)


def periodic(shape: Shape, period: int, *, width: int = 1, offset: int = 0, wrap: bool) -> Mask:
    """Periodic prompt (arXiv 2307.04686 §3.4): keep `width` frames round every `period`-th frame, "vamping".

    On a ring whose length is not a multiple of the period, the last gap (before frame `offset`) is the shorter one.

    Args:
        shape: (K, T).
        period: frames from one kept frame to the next; 0 keeps nothing, 1 keeps everything (if width is at least 1).
        width: frames kept at each, at least 0, exact as in `keep_centred`.
        offset: frame of the first kept centre. The ring turns by it; on the line it counts modulo the period.
        wrap: True for a ring, False for a line.

    Returns:
        (K, T) bool.
    """
    if _check_at_least("period", period, 0) == 0:
        return full(shape)
    n_frames = _check_shape(shape)[1]
    centres = np.arange(0, n_frames, period) + offset if wrap else np.arange(offset % period, n_frames, period)
    return keep_centred(shape, centres, width=width, wrap=wrap)


def onset(shape: Shape, onset_frames: Iterable[int], *, width: int, wrap: bool) -> Mask:
    """Onset prompt: keep `width` frames centred on each onset, so that attacks stay where they were played.

    Args:
        shape: (K, T).
        onset_frames: frame indices of the onsets (`onsets.onset_frames`).
        width: frames kept at each, at least 0, exact as in `keep_centred`.
        wrap: True for a ring, False for a line.
    """
    return keep_centred(shape, onset_frames, width=width, wrap=wrap)


def beat(shape: Shape, beat_frames: Iterable[int], *, before: int, after: int, wrap: bool) -> Mask:
    """Beat-driven prompt (arXiv 2307.04686 §3.4): keep `before` frames ahead of each beat and `after` from it on.

    Downbeats are beats given alone, or a second mask joined by `mask_and`.
    """
    return keep_around(shape, beat_frames, before=before, after=after, wrap=wrap)


def compression(shape: Shape, n_kept: int) -> Mask:
    """Compression prompt (arXiv 2307.04686 §3.4): keep the lowest `n_kept` codebooks, regenerate the rest."""
    return mask_upper_codebooks(empty(shape), n_kept)


def prefix_suffix(shape: Shape, *, n_prefix: int, n_suffix: int) -> Mask:
    """Inpainting prompt: keep the first `n_prefix` and the last `n_suffix` frames.

    Both = inpainting, one = continuation or outpainting. More frames than there are keep everything.

    Args:
        shape: (K, T).
        n_prefix: frames kept at the start, at least 0.
        n_suffix: frames kept at the end, at least 0.
    """
    mask = full(shape)
    mask[:, : _check_at_least("n_prefix", n_prefix, 0)] = False
    # Counted from the front: a slice from -0 would keep everything.
    mask[:, max(0, shape[1] - _check_at_least("n_suffix", n_suffix, 0)) :] = False
    return mask


def random(shape: Shape, ratio: float, *, rng: np.random.Generator) -> Mask:
    """Random prompt: regenerate exactly round(ratio · K · T) tokens, chosen without replacement.

    DIFFERS: the published mask tosses a coin per token, so that the number wanders from seed to seed.

    Args:
        shape: (K, T).
        ratio: share regenerated, in [0, 1].
        rng: source of the choice.
    """
    return dropout(empty(shape), ratio, rng=rng)


def dropout(mask: Mask, p: float, *, rng: np.random.Generator) -> Mask:
    """Regenerate exactly round(p · kept) of the kept tokens as well, chosen without replacement.

    DIFFERS: the published dropout draws with replacement, so that p = 0.5 drops 0.395 of the tokens.

    Args:
        mask: (K, T) bool; not changed.
        p: share of the kept tokens that is dropped, in [0, 1].
        rng: source of the choice; not used when nothing is dropped.
    """
    if not 0 <= p <= 1:
        raise SettingError(f"dropout and mask ratio must be in [0, 1], got {p}")
    kept = np.flatnonzero(~mask)
    n_dropped = round(p * kept.size)
    dropped: Mask = mask.copy()
    if n_dropped:
        dropped.reshape(-1)[rng.choice(kept, size=n_dropped, replace=False)] = True
    return dropped


def explicit(shape: Shape, drawn: ArrayLike) -> Mask:
    """A mask drawn by the user, brought to (K, T).

    Args:
        shape: (K, T).
        drawn: (M,) or (R, M), values 0/1 or bool, 1 = regenerate; R in [1, K], M at least 1. It is stretched: each
            frame takes the drawn column at its own place (nearest in time), each codebook the row at its own.

    Raises:
        SettingError: another shape, no columns, or a value that is neither 0 nor 1.
    """
    n_codebooks, n_frames = _check_shape(shape)
    rows = check_drawn(drawn)
    if rows.shape[0] > n_codebooks:
        raise SettingError(
            f"a drawn mask must have 1 to {n_codebooks} rows (codebooks, coarse first), got {rows.shape[0]}"
        )
    columns = (2 * np.arange(n_frames) + 1) * rows.shape[1] // (2 * n_frames)  # (T,), floor((t + 1/2) · M / T)
    codebooks = (2 * np.arange(n_codebooks) + 1) * rows.shape[0] // (2 * n_codebooks)  # (K,)
    return rows[np.ix_(codebooks, columns)]


def check_drawn(drawn: ArrayLike) -> Mask:
    """A drawn mask as (R, M) bool; one axis is one row.

    Raises:
        SettingError: another shape, no cells, or a value that is neither 0 nor 1; says where.
    """
    rows = np.atleast_2d(np.asarray(drawn))
    if rows.ndim != 2 or rows.size == 0:
        raise SettingError(
            "a drawn mask must have rows (codebooks, coarse first) and columns (time), got the shape "
            f"{' x '.join(map(str, np.shape(drawn)))}"
        )
    wrong = np.argwhere((rows != 0) & (rows != 1))
    if len(wrong):
        row, column = wrong[0]
        raise SettingError(
            f"a drawn mask must hold 0 (keep) and 1 (draw anew) only, got {rows[row, column]} in row {row + 1}, "
            f"column {column + 1}"
        )
    return np.asarray(rows == 1)


def mask_upper_codebooks(mask: Mask, n_kept: int) -> Mask:
    """Also regenerate all codebooks from `n_kept` up; the lower ones stay as they are.

    Args:
        mask: (K, T) bool; not changed.
        n_kept: at least 0; K or more changes nothing, because a model may have fewer codebooks than a control.
    """
    upper: Mask = mask.copy()
    upper[_check_at_least("n_kept", n_kept, 0) :] = True
    return upper


def keep_lower_codebooks(mask: Mask, n_conditioning: int) -> Mask:
    """Keep the lowest `n_conditioning` codebooks whatever the mask says: a model that conditions on them needs them.

    Args:
        mask: (K, T) bool; not changed.
        n_conditioning: at least 0.
    """
    lower: Mask = mask.copy()
    lower[: _check_at_least("n_conditioning", n_conditioning, 0)] = False
    return lower


def mask_and(first: Mask, second: Mask) -> Mask:
    """Regenerate what both regenerate: what either prompt keeps is kept."""
    return np.logical_and(first, _check_same_shape(first, second))


def mask_or(first: Mask, second: Mask) -> Mask:
    """Regenerate what either regenerates: only what both prompts keep is kept."""
    return np.logical_or(first, _check_same_shape(first, second))


def apply_mask(codes: NDArray[np.int64], mask: Mask, *, mask_token: int) -> NDArray[np.int64]:
    """Codes (K, T) with `mask_token` at every place that is regenerated; the input is not changed."""
    return np.where(_check_same_shape(codes, mask), np.int64(mask_token), codes)


def time_stretch(
    codes: NDArray[np.int64], factor: int, *, n_frames: int | None = None
) -> tuple[NDArray[np.int64], Mask]:
    """Stretch in time by a whole factor: repeat each frame and regenerate all but the first of each group.

    DIFFERS: the published stretch always cuts to the old length and loses the rest of the loop; here that is asked
    for with `n_frames`.

    Args:
        codes: (K, T) int64.
        factor: at least 1.
        n_frames: length to cut to, in [1, T · factor]; None keeps all.

    Returns:
        The repeated codes and their mask, both (K, T · factor) or (K, n_frames).
    """
    stretched = np.repeat(codes, _check_at_least("factor", factor, 1), axis=1)
    if n_frames is not None:
        if not 1 <= n_frames <= stretched.shape[1]:
            raise SettingError(f"n_frames must be in [1, {stretched.shape[1]}], got {n_frames}")
        stretched = stretched[:, :n_frames]
    n_codebooks, length = stretched.shape
    return stretched, periodic((n_codebooks, length), factor, wrap=False)


def _check_shape(shape: Shape) -> Shape:
    if min(shape) < 1:
        raise SettingError(f"a mask must be (codebooks, frames), each at least 1, got {shape}")
    return shape


def _check_at_least(name: str, value: int, lowest: int) -> int:
    if value < lowest:
        raise SettingError(f"{name} must be at least {lowest}, got {value}")
    return value


def _check_same_shape(first: NDArray[np.int64] | Mask, second: Mask) -> Mask:
    if first.shape != second.shape:
        raise SettingError(f"masks must have the same shape, got {first.shape} and {second.shape}")
    return second
