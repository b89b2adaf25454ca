"""The last look at a loop's seam: the step from its last sample to its first. Audio in, audio out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

BEND_MS = 1.5
LARGEST_JUMP_QUANTILE = 0.99


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
