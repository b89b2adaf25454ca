"""Bends peaks below full scale. Audio in, audio out; loudness is measured elsewhere."""

import math

import numpy as np
from numpy.typing import NDArray

from .errors import SettingError

Audio = NDArray[np.float32]

KNEE = 0.9
CEILING = 0.9885  # -0.1 dBFS: room for what rounding, a resampler or an encoder adds


def soft_clip(audio: Audio, *, knee: float = KNEE, ceiling: float = 1.0) -> Audio:
    """Leave samples up to the knee as they are, and bend what is above it smoothly towards the ceiling.

    y = sign(x) · (k + (c - k) · tanh((|x| - k) / (c - k))) for |x| > k: odd, never falling, of slope 1 at the knee,
    so that only peaks change and no corner is heard.

    Args:
        audio: any shape, full scale ±1; not changed.
        knee: level k below which nothing happens, in (0, ceiling).
        ceiling: level c that nothing exceeds, in (knee, 1].

    Returns:
        The same shape, float32, within ± ceiling.

    Raises:
        SettingError: a knee or ceiling out of range.
    """
    if not 0.0 < knee < 1.0:
        raise SettingError(f"knee must be in (0, 1), got {knee!r}")
    if not knee < ceiling <= 1.0:
        raise SettingError(f"ceiling must be in ({knee:g}, 1], got {ceiling!r}")
    level, room = np.abs(audio), ceiling - knee
    bent = knee + room * np.tanh((level - knee) / room)
    # The minimum is for rounding: float32 could otherwise end one step above the ceiling.
    return np.where(level > knee, np.copysign(np.minimum(bent, ceiling), audio), audio).astype(np.float32)


def ceiling_for(audio: Audio) -> float:
    """The level that a variation of `audio` (C, N) stays below: -0.1 dBFS, or the audio's own peak if that is higher.

    Infinite where the audio goes over full scale: who sends such audio wants it so.
    """
    peak = float(np.abs(audio).max(initial=0.0))
    return math.inf if peak > 1.0 else max(CEILING, peak)
