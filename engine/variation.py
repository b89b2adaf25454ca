"""The token part of one variation: its prompts, its coarse and its fine passes. Tokens in, tokens out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from .deadlines.pacer import Pacer
from .deadlines.work import COARSE
from .decoding import Codes, Draw, Filling
from .masks import mask_or, time_stretch
from .progress import PassCounter
from .prompt import Surroundings, build_mask
from .runtime import Runtime
from .settings import VampSettings
from .take import Mask

PROMPT = 2
"""Branches of the seed are the two stages, COARSE and FINE, and this one."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Each(Protocol):
    """A `map` that may work on several items at once."""

    def __call__(self, call: Callable[[_Item], _Result], items: Sequence[_Item], /) -> list[_Result]:
        """The results of calling a function with each item, in order."""


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
        self.filling: Filling
        self.longer = self.around.stretched(stretch)

    def begin(self, stage: int, index: int) -> int:
        """Begin a stage of a round: COARSE, then FINE.

        DIFFERS: the public fine stage knows two passes only, and neither temperature nor top-p; and it runs once, after
        the last round of feedback. Here the settings reach both stages, and every round hears a whole take.

        Returns:
            Tokens that will be drawn.
        """
        settings, coarse = self.settings, stage == COARSE
        if coarse and index > 0:
            self.mask = self._mask(self.codes.shape, index, self.longer)
            self.drawn = mask_or(self.drawn, self.mask)
        model = self.runtime.coarse if coarse else self.runtime.fine
        draw = Draw(settings, settings.loop, (*self.branch, index, stage))
        self.filling = Filling(model, self.codes, self.mask, draw)
        return self.filling.n_open

    def step(self, n_left: int) -> int:
        """One pass of the stage, the first of `n_left` that are left in its window; the number of tokens drawn."""
        n_drawn = self.filling.step(n_left)
        self.codes = self.filling.codes
        self.counter.advance()
        return n_drawn

    def _mask(self, shape: tuple[int, ...], index: int, around: Surroundings) -> Mask:
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*self.branch, index, PROMPT))))
        return build_mask(self.settings, (shape[0], shape[1]), around, rng=rng, round_index=index)


def fill_stage(variations: Sequence[Variation], place: tuple[int, int], pacer: Pacer, each: Each) -> None:
    """A stage of a round, (round, stage): all variations side by side, pass by pass, as the pacer says."""
    (index, stage), n = place, len(variations)
    n_rows = sum(each(lambda variation: variation.begin(stage, index), variations))
    pacer.begin_stage(index, stage, n_rows // n)
    while not variations[0].filling.is_done:
        n_left = pacer.n_left()
        variations[0].counter.expect(pacer.n_passes_left * n)
        pacer.passed(sum(each(lambda variation: variation.step(n_left), variations)) / n)  # noqa: B023 - called at once
