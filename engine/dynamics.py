"""Bends peaks below full scale. Audio in, audio out; loudness is measured elsewhere."""

import numpy as np
from numpy.typing import NDArray

from .errors import SettingError

Audio = NDArray[np.float32]

KNEE = 0.9


def soft_clip(audio: Audio, *, knee: float = KNEE) -> Audio:
    """Leave samples up to the knee as they are, and bend what is above it smoothly towards ±1.

    y = sign(x) · (k + (1 - k) · tanh((|x| - k) / (1 - k))) for |x| > k: odd, never falling, of slope 1 at the knee,
    so that only peaks change and no corner is heard.

    Args:
        audio: any shape, full scale ±1; not changed.
        knee: level below which nothing happens, in (0, 1).

    Returns:
        The same shape, float32, within [-1, 1].

    Raises:
        SettingError: a knee out of range.
    """
    if not 0.0 < knee < 1.0:
        raise SettingError(f"knee must be in (0, 1), got {knee!r}")
    level = np.abs(audio)
    bent = knee + (1.0 - knee) * np.tanh((level - knee) / (1.0 - knee))
    # The minimum is for rounding: float32 could otherwise end one step above 1.
    return np.where(level > knee, np.copysign(np.minimum(bent, 1.0), audio), audio).astype(np.float32)
