"""The token part of one variation: its prompts, its coarse and its fine passes. Tokens in, tokens out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .decoding import Codes, Job, fill
from .masks import mask_or, time_stretch
from .progress import PassCounter
from .prompt import Surroundings, build_mask
from .runtime import Runtime
from .settings import VampSettings
from .take import Mask

COARSE, FINE, PROMPT = range(3)
"""Branches of the seed; the first two are stages."""
STAGE_NAMES = {COARSE: "coarse", FINE: "fine"}


@dataclass
class Variation:
    """The token part of one variation: `codes` (K, T·stretch) as they stand, and what was `drawn` anew in any round.

    Every stage of every feedback round draws from a branch of the seed of its own, so that variation 2 of three is the
    same as variation 2 of five.
    """

    runtime: Runtime
    settings: VampSettings
    around: Surroundings
    counter: PassCounter
    branch: tuple[int, int]
    codes: Codes  # (K, T) of the loop at first

    def __post_init__(self) -> None:
        stretch = self.settings.stretch
        # The prompts of the first round speak of the loop as it was played; the frames that stretching puts between
        # its own only repeat their neighbour and are drawn anew, whatever is kept.
        mask = np.repeat(self._mask(self.codes.shape, 0, self.around), stretch, axis=1)
        self.codes, repeated = time_stretch(self.codes, stretch)
        self.mask: Mask = mask_or(mask, repeated)
        self.drawn: Mask = self.mask
        self.longer = replace(self.around, onset_frames=self.around.onset_frames * stretch)

    def fill(self, stage: int, index: int) -> None:
        """One stage of one round: COARSE, then FINE.

        DIFFERS: the public fine stage knows two passes only, and neither temperature nor top-p; and it runs once, after
        the last round of feedback. Here the settings reach both stages, and every round hears a whole take.
        """
        settings, coarse = self.settings, stage == COARSE
        if coarse and index > 0:
            self.mask = self._mask(self.codes.shape, index, self.longer)
            self.drawn = mask_or(self.drawn, self.mask)
        job = Job(
            n_passes=settings.coarse_passes if coarse else settings.fine_passes,
            settings=settings,
            ring=settings.loop,
            seed=(*self.branch, index, stage),
            after_pass=self.counter.advance,
        )
        self.codes = fill(self.runtime.coarse if coarse else self.runtime.fine, self.codes, self.mask, job)

    def _mask(self, shape: tuple[int, ...], index: int, around: Surroundings) -> Mask:
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*self.branch, index, PROMPT))))
        return build_mask(self.settings, (shape[0], shape[1]), around, rng=rng, round_index=index)
