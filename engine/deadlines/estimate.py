"""How much there is to do for a request, before any of its sound was looked at. Shapes and settings only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..decoding import n_windows
from ..prompt import Surroundings, build_mask
from ..settings import VampSettings
from ..take import Mask, VampRequest
from ..units import frames_for_samples
from .work import ModelFacts, StageWork, Work


@dataclass(frozen=True)
class Sound:
    """Of a loop: its length N in samples, its sample rate in Hz, and the mask that was drawn for it, if any."""

    n_samples: int
    sample_rate: int
    drawn_mask: Mask | None = None


def sound_of(request: VampRequest) -> Sound:
    """What an estimate needs of a request."""
    return Sound(request.audio.shape[1], request.sample_rate, request.drawn_mask)


def token_frames(facts: ModelFacts, sound: Sound, *, ring: bool) -> int:
    """Token frames of a loop, T: the nearest whole number on the ring, all that it takes on the line."""
    n_samples: int = -(-sound.n_samples * facts.sample_rate // sound.sample_rate)
    if not ring:
        return frames_for_samples(n_samples, facts.hop)
    return max(2, round(n_samples / facts.hop))


def estimate_work(facts: ModelFacts, settings: VampSettings, sound: Sound) -> Work:
    """What there is to do, on the high side: prompts that listen to the sound are taken to keep nothing.

    Raises:
        SettingError: A drawn mask of the wrong shape.
    """
    n_frames = token_frames(facts, sound, ring=settings.loop)
    n_out = n_frames * settings.stretch
    coarse_rows, fine_rows = _rows(facts, settings, sound, n_frames)

    def stage(context: int, n_rows: int, n_passes: int) -> StageWork:
        return StageWork(n_windows(n_out, context, ring=settings.loop), min(n_out, context), n_rows, n_passes)

    return Work(
        n_frames,
        n_out,
        stage(facts.coarse_context, coarse_rows, settings.coarse_passes),
        stage(facts.fine_context, fine_rows, settings.fine_passes),
        feedback=settings.feedback,
        variations=settings.variations,
        filtered=settings.typical or settings.top_p < 1,
    )


def _rows(facts: ModelFacts, settings: VampSettings, sound: Sound, n_frames: int) -> tuple[int, int]:
    """Tokens to draw in the coarse and in the fine stage, of one variation."""
    nothing = np.zeros(0, dtype=np.int64)
    around = Surroundings(facts.sample_rate, facts.hop, settings.loop, nothing, sound.drawn_mask)
    rng = np.random.default_rng(settings.seed or 0)
    mask = build_mask(settings, (facts.n_codebooks, n_frames), around, rng=rng)
    # Frames that stretching puts in between are drawn anew, whatever is kept.
    between = n_frames * (settings.stretch - 1)
    coarse, fine = (int(part.sum()) for part in (mask[: facts.n_coarse], mask[facts.n_coarse :]))
    return coarse + between * facts.n_coarse, fine + between * (facts.n_codebooks - facts.n_coarse)
