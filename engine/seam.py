"""The last look at where a sound meets itself or silence: a loop's seam, a one-shot's two ends. Audio in, audio out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

BEND_MS = 1.5
LARGEST_JUMP_QUANTILE = 0.99

RISE_MS = 1.0
"""Long enough that a step from silence does not click, too short to dull the attack of a stroke."""
FALL_MS = 5.0
"""Longer: at the end only the last moment of a tail is lost, and a low note that breaks off needs more than 1 ms."""
NEAR_SILENCE = 0.001
"""-60 dB below full scale: a step of that size is not heard beside the sound that it ends."""


def ease_seam(audio: Audio, rate: int) -> Audio:
    """Make the jump at the loop point no larger than the 99th percentile of the jumps inside, per channel.

    The ring closes the seam by construction, but a loop may begin with a stroke, and by chance one seam in a hundred
    falls on a steep place. Then both ends are bent towards each other by half of what is too much, over 1.5 ms along a
    raised cosine; everything else stays as it is.

    Args:
        audio: (C, N) float32, N at least 2.
        rate: Sample rate in Hz.

    Returns:
        (C, N) float32; the same array where nothing was too much.
    """
    limits = np.quantile(np.abs(np.diff(audio, axis=1)), LARGEST_JUMP_QUANTILE, axis=1)  # (C,)
    jumps = audio[:, 0] - audio[:, -1]
    # A hair below the limit, so that rounding cannot lift it over.
    excess = np.sign(jumps) * np.maximum(np.abs(jumps) - limits * 0.999, 0)
    if not (np.abs(jumps) > limits).any():
        return audio
    n_bend = max(1, min(round(BEND_MS / 1000 * rate), audio.shape[1] // 2))
    ramp = 0.5 + 0.5 * np.cos(np.pi * np.arange(n_bend) / n_bend)  # (n_bend,), 1 at the seam
    eased: Audio = audio.copy()
    eased[:, :n_bend] -= (excess[:, None] / 2 * ramp).astype(np.float32)
    eased[:, -n_bend:] += (excess[:, None] / 2 * ramp[::-1]).astype(np.float32)
    return eased


def fade_ends(audio: Audio, rate: int) -> Audio:
    """Have a sound that is played once begin and end in silence, where it would begin or end on a step.

    A one-shot that was cut out of something longer, or whose last token frame is not over at its last sample, breaks
    off in the middle of a wave, and that is a click. An end whose outermost sample is beyond NEAR_SILENCE in any
    channel is faded in all of them, so that the stereo image does not move: the start over RISE_MS, the end over
    FALL_MS, along a raised cosine that is 0 at the outermost sample. An end that is near silence stays as it is.

    Args:
        audio: (C, N) float32, N at least 1.
        rate: Sample rate in Hz.

    Returns:
        (C, N) float32; the same array where neither end is faded.
    """
    starts, ends = (bool((np.abs(audio[:, at]) > NEAR_SILENCE).any()) for at in (0, -1))
    if not (starts or ends):
        return audio
    faded: Audio = audio.copy()
    if starts:
        rise = _rise(RISE_MS, rate, audio.shape[1])
        faded[:, : len(rise)] *= rise
    if ends:
        rise = _rise(FALL_MS, rate, audio.shape[1])
        faded[:, audio.shape[1] - len(rise) :] *= rise[::-1]
    return faded


def _rise(length_ms: float, rate: int, n_samples: int) -> NDArray[np.float32]:
    """0 … 1 along a raised cosine, (n,): at least one sample, at most half of the sound."""
    n_rise = max(1, min(round(length_ms / 1000 * rate), n_samples // 2))
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.arange(n_rise) / n_rise), dtype=np.float32)
