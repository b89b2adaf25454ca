"""From settings to a mask: builds the prompts that are switched on and combines them. Frames only; no audio here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import masks
from .beats import NO_BEATS, Beats
from .settings import VampSettings
from .take import Mask
from .units import frames_for_seconds


@dataclass(frozen=True)
class Surroundings:
    """What a prompt needs to know of its loop.

    Attributes:
        sample_rate: Of the codec, Hz.
        hop_samples: Samples per token frame.
        ring: Whether widths wrap past the seam.
        onset_frames: Frames of the attacks, empty where the onset prompt is off.
        drawn: A mask drawn by hand, (rows, columns) bool, or None.
        beats: Where the beats lie; none where the beat prompt is off.
    """

    sample_rate: int
    hop_samples: int
    ring: bool
    onset_frames: NDArray[np.int64]
    drawn: Mask | None = None
    beats: Beats = NO_BEATS

    def stretched(self, factor: int) -> Surroundings:
        """The same for a loop that is `factor` times as long."""
        return replace(self, onset_frames=self.onset_frames * factor, beats=self.beats.stretched(factor))


def build_mask(
    settings: VampSettings,
    shape: tuple[int, int],
    around: Surroundings,
    *,
    rng: np.random.Generator,
    round_index: int = 0,
) -> Mask:
    """Mask (K, T) bool, True = regenerate.

    Args:
        settings: Which prompts are on, and how they are combined.
        shape: (K, T).
        around: See `Surroundings`.
        rng: For the random prompt and dropout.
        round_index: Which feedback round; the periodic prompt moves on with it, so that every round keeps other frames.
            DIFFERS: the published feedback keeps the same frames in every round.
    """
    prompts = _prompts(settings, shape, around, rng=rng, round_index=round_index)
    mask = masks.full(shape) if not prompts else prompts[0]
    for prompt in prompts[1:]:
        mask = masks.mask_and(mask, prompt) if settings.combine == "any" else masks.mask_or(mask, prompt)
    mask = masks.mask_upper_codebooks(mask, min(settings.codebooks_kept, shape[0]))
    return masks.dropout(mask, settings.dropout, rng=rng) if settings.dropout > 0 else mask


def idle_notes(settings: VampSettings, around: Surroundings, n_frames: int) -> tuple[str, ...]:
    """What was asked for and changes nothing with these prompts, in full sentences.

    Args:
        settings: Of the vamp.
        around: See `Surroundings`.
        n_frames: T of the loop, before any stretch.
    """
    notes = []
    borders = settings.prefix_s > 0 or settings.suffix_s > 0
    heard = (settings.onset_width > 0, settings.follows_beats)
    n_prompts = sum((borders, settings.period > 0, settings.random_keep > 0, *heard, around.drawn is not None))
    if settings.combine == "all" and n_prompts < 2:
        on = "one is" if n_prompts else "none is"
        notes.append(f"combine all joins two prompts or more; it changes nothing here, where {on} on.")
    # On a ring that is no multiple of the period the last gap is shorter, and whole periods move that one.
    turns = settings.period > 0 and settings.period_offset > 0 and settings.period_offset % settings.period == 0
    if turns and not (around.ring and n_frames % settings.period):
        notes.append(
            f"period_offset {settings.period_offset} changes nothing: {settings.period} frames on, the periodic frames "
            "meet themselves."
        )
    if settings.follows_beats and not around.beats.frames.size:
        notes.append("No beats are heard in the sound, so the beat prompt keeps nothing: set tempo_bpm.")
    return tuple(notes)


def _prompts(
    settings: VampSettings, shape: tuple[int, int], around: Surroundings, *, rng: np.random.Generator, round_index: int
) -> list[Mask]:
    n_frames = shape[1]
    prompts: list[Mask] = []
    if settings.period > 0:
        offset = settings.period_offset + settings.period * round_index // settings.feedback
        prompts.append(
            masks.periodic(shape, settings.period, width=settings.period_width, offset=offset, wrap=around.ring)
        )
    if settings.prefix_s > 0 or settings.suffix_s > 0:
        n_prefix, n_suffix = (
            min(n_frames, frames_for_seconds(seconds, around.sample_rate, hop_samples=around.hop_samples))
            for seconds in (settings.prefix_s, settings.suffix_s)
        )
        prompts.append(masks.prefix_suffix(shape, n_prefix=n_prefix, n_suffix=n_suffix))
    if settings.random_keep > 0:
        prompts.append(masks.random(shape, 1 - settings.random_keep, rng=rng))
    if settings.onset_width > 0:
        prompts.append(masks.onset(shape, around.onset_frames, width=settings.onset_width, wrap=around.ring))
    if settings.follows_beats:
        prompts.append(_beat_prompt(settings, shape, around, rng=rng))
    if around.drawn is not None:
        prompts.append(masks.explicit(shape, around.drawn))
    return prompts


def _beat_prompt(
    settings: VampSettings, shape: tuple[int, int], around: Surroundings, *, rng: np.random.Generator
) -> Mask:
    """What the beat prompt keeps; nothing where there are no beats, whatever is inverted.

    DIFFERS: the published prompt forgets single frames by coin; here `beat_dropout` forgets its exact share of the
    beats, each as a whole.
    """
    if not around.beats.frames.size:
        return masks.full(shape)
    frames = around.beats.chosen(settings.beat_kind, every=settings.beat_downsample)
    n_dropped = round(settings.beat_dropout * frames.size)
    if n_dropped:
        frames = np.delete(frames, rng.choice(frames.size, size=n_dropped, replace=False))
    before, after = (
        frames_for_seconds(length_ms / 1000, around.sample_rate, hop_samples=around.hop_samples)
        for length_ms in (settings.beat_before_ms, settings.beat_after_ms)
    )
    mask = masks.beat(shape, frames, before=before, after=after, wrap=around.ring)
    return ~mask if settings.beat_invert else mask
