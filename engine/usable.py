"""Whether a loop can be varied, and what its player should know of it. Audio and settings; no tokens, no models."""

from __future__ import annotations

import numpy as np

from .audio import MAX_INPUT_S, Audio, check_audio, minutes, to_mono
from .errors import AudioError
from .loudness import SILENCE_LUFS, integrated_lufs
from .settings import PROMPTS
from .take import VampRequest

MIN_INPUT_S = 0.1
CLIPPED_SHARE = 0.001
CLIPPED_PEAK = 0.98
MOST_CANCELLED_LU = 25.0
LEAST_ANEW = 0.01  # a smaller share of new tokens is worth a warning


def check_request(request: VampRequest) -> tuple[float, tuple[str, ...]]:
    """Loudness of a usable loop in LUFS, and what the user should know of it, in full sentences.

    Raises:
        AudioError: Audio that cannot be used, or that would be too long once it is stretched; says why.
    """
    check_audio(request.audio, request.sample_rate)
    length_s = request.audio.shape[1] / request.sample_rate
    if length_s < MIN_INPUT_S:
        raise AudioError(
            f"audio is {request.audio.shape[1]} samples ({length_s * 1000:.3g} ms) long; "
            f"a loop must be at least {MIN_INPUT_S * 1000:g} ms"
        )
    stretched_s = length_s * request.settings.stretch
    if stretched_s > MAX_INPUT_S:
        raise AudioError(
            f"stretched {request.settings.stretch} times the loop is {minutes(stretched_s)} min long, the limit is "
            f"{minutes(MAX_INPUT_S)} min: stretch it less"
        )
    lufs = integrated_lufs(request.audio, request.sample_rate)
    if lufs <= SILENCE_LUFS:
        raise AudioError(f"audio is silent (below {SILENCE_LUFS:g} LUFS): there is nothing to vary; check the input")
    below = lufs - integrated_lufs(to_mono(request.audio), request.sample_rate)
    if below > MOST_CANCELLED_LU:
        raise AudioError(
            f"the channels cancel each other: their mean is {below:.0f} LU softer than the loop; invert one of them"
        )
    share = _clipped_share(request.audio)
    if share > CLIPPED_SHARE:
        return lufs, (f"The input is clipped: {share:.1%} of its samples stand at full scale. Record it softer.",)
    return lufs, ()


def nothing_new(request: VampRequest, share: float) -> str:
    """The warning for a take of which only a small `share` of the tokens was drawn anew; says why and what to do."""
    start = "Nothing of the loop is" if share == 0 else f"Only {share:.1%} of the loop is"
    drawn = request.drawn_mask
    has_prompts = any(getattr(request.settings, name) for name in PROMPTS)
    if drawn is not None and (not has_prompts or float(drawn.mean()) < LEAST_ANEW):
        return f"{start} drawn anew, because the drawn mask keeps the rest: draw more of it as 1."
    beside = "" if drawn is None else " beside the drawn mask"
    return (
        f"{start} drawn anew, because the prompts{beside} keep the rest: try period 0, a smaller period_width, or keep "
        "less with the other prompts. A sound shorter than the period is kept whole."
    )


def _clipped_share(audio: Audio) -> float:
    """Share of samples in the middle of three or more that stand at the peak, where the peak is full scale."""
    peak = float(np.abs(audio).max())
    if peak < CLIPPED_PEAK:
        return 0.0
    top = np.abs(audio) >= peak * 0.9999
    return float((top[:, :-2] & top[:, 1:-1] & top[:, 2:]).mean())
