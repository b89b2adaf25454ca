"""The published VampNet's prompts where they differ from ours.

Masks are bool (K, T), True = regenerate, always on the line. What is not here agrees with `engine.masks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import SettingError
from ..masks import Mask, Shape, full, keep_around, keep_lower_codebooks, mask_and, prefix_suffix


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


def random(shape: Shape, ratio: float, *, rng: np.random.Generator) -> Mask:
    """Published random mask: a coin per token, so that the number regenerated wanders round ratio · K · T.

    Args:
        shape: (K, T).
        ratio: chance of each token to be regenerated, in [0, 1].
        rng: source of the coins.
    """
    _check_share("mask ratio", ratio)
    return np.asarray(rng.random(shape) < ratio, dtype=np.bool_)


def dropout(mask: Mask, p: float, *, rng: np.random.Generator) -> Mask:
    """Published dropout: p · n draws *with* replacement among the n kept tokens, so that p = 0.5 drops 0.39 of them.

    Args:
        mask: (K, T) bool; not changed.
        p: draws per kept token, in [0, 1].
        rng: source of the draws; not used when nothing is dropped.
    """
    _check_share("dropout", p)
    kept = np.flatnonzero(~mask)
    dropped: Mask = mask.copy()
    n_draws = int(p * kept.size)
    if n_draws:
        dropped.reshape(-1)[rng.choice(kept, size=n_draws, replace=True)] = True
    return dropped


@dataclass(frozen=True)
class BeatPrompt:
    """The published beat mask's arguments, in frames.

    Attributes:
        beats: Frames of all beats; those that are downbeats too count as downbeats only.
        downbeats: Frames of the first beats of the bars.
        before: Frames kept ahead of each beat.
        after: Frames kept from each beat on.
        use_upbeats: Whether the other beats are kept.
        use_downbeats: Whether the downbeats are kept.
        upbeat_step: Keep every n-th upbeat, at least 1.
        downbeat_step: Keep every n-th downbeat, at least 1.
        invert: True keeps the beats, False keeps everything but them.
    """

    beats: Sequence[int]
    downbeats: Sequence[int]
    before: int
    after: int
    use_upbeats: bool = True
    use_downbeats: bool = True
    upbeat_step: int = 1
    downbeat_step: int = 1
    invert: bool = True


def beats(shape: Shape, prompt: BeatPrompt) -> Mask:
    """The published beat mask, upbeats and downbeats joined: (K, T)."""
    mask = full(shape)
    upbeats = [frame for frame in prompt.beats if frame not in set(prompt.downbeats)]
    if prompt.use_upbeats:
        kept = beat(shape, upbeats[:: prompt.upbeat_step], before=prompt.before, after=prompt.after)
        mask = mask_and(mask, kept)
    if prompt.use_downbeats:
        kept = beat(shape, prompt.downbeats[:: prompt.downbeat_step], before=prompt.before, after=prompt.after)
        mask = mask_and(mask, kept)
    return mask if prompt.invert else ~mask


@dataclass(frozen=True)
class BuiltPrompt:
    """The published mask builder's arguments, in frames; each default switches its part off.

    Attributes:
        random_ratio: Chance of each token to be regenerated at all.
        n_prefix: Frames kept at the start.
        n_suffix: Frames kept at the end.
        period: Frames from one kept frame to the next, 0 = none kept.
        period_width: As in `periodic`.
        roll: Frames that the periodic part is rolled to the right, round the end; the published builder draws it in
            [0, period).
        onset_frames: Frames of the onsets.
        onset_width: As in `onset`, 0 = off.
        dropout: As in `dropout`.
        n_conditioning: The lowest codebooks that are always kept, up to `codebooks_kept`.
        codebooks_kept: Codebooks from here up are always regenerated; this comes last.
    """

    random_ratio: float = 1.0
    n_prefix: int = 0
    n_suffix: int = 0
    period: int = 0
    period_width: int = 1
    roll: int = 0
    onset_frames: Sequence[int] = ()
    onset_width: int = 0
    dropout: float = 0.0
    n_conditioning: int = 0
    codebooks_kept: int = 3


def build(shape: Shape, prompt: BuiltPrompt, *, rng: np.random.Generator) -> Mask:
    """The published mask builder: every part keeps what it keeps, then dropout, then the codebooks: (K, T)."""
    mask = random(shape, prompt.random_ratio, rng=rng)
    n_frames = shape[1]
    ends = prefix_suffix(shape, n_prefix=min(prompt.n_prefix, n_frames), n_suffix=min(prompt.n_suffix, n_frames))
    mask = mask_and(mask, ends)
    rolled = np.roll(periodic(shape, prompt.period, width=prompt.period_width), prompt.roll, axis=1)
    mask = mask_and(mask, rolled)
    if prompt.onset_width:
        mask = mask_and(mask, onset(shape, prompt.onset_frames, width=prompt.onset_width))
    mask = dropout(mask, prompt.dropout, rng=rng)
    return mask_upper_codebooks(keep_lower_codebooks(mask, prompt.n_conditioning), prompt.codebooks_kept)


def _keep_slices(shape: Shape, frame_indices: Iterable[int], *, before: int, after: int) -> Mask:
    mask = full(shape)
    for index in frame_indices:
        # A negative start counts from the end, so that the slice is empty or, on a short line, the wrong one.
        mask[:, index - before : index + after] = False
    return mask


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise SettingError(f"{name} must be in [0, 1], got {value}")
