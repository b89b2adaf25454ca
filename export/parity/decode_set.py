"""What the family `decode` knows of its cases: from decode.json, or where that is silent, from the README's tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engine.compat.decoding import Passes, RuntimeSource, Source, generate
from ...engine.compat.windows import Stage
from ...engine.settings import VampSettings
from .book import Array
from .fixture_set import FixtureSet
from .sides import TokenSide

FAMILY = "decode"
GREEDY = VampSettings(temperature=0.0, typical=False)


@dataclass(frozen=True)
class DecodeSet:
    """The arrays of the family and what is said of them."""

    fixtures: FixtureSet

    @property
    def arrays(self) -> dict[str, Array]:
        """By name."""
        return self.fixtures.arrays[FAMILY]

    def entry(self, case: str) -> dict[str, Any]:
        """What decode.json says of a case; empty if nothing."""
        entries = self.fixtures.cases.get(FAMILY, [])
        return next((entry for entry in entries if entry.get("name") == case), {})

    def note(self, name: str) -> str:
        """What the README says of an array; empty if nothing."""
        return self.fixtures.notes.get((FAMILY, name), "")

    def number(self, case: str, key: str, *, said: tuple[str, str], default: int) -> int:
        """A number of a case.

        Args:
            case: name of the case in decode.json.
            key: name of the number there.
            said: array whose note is searched where decode.json is silent, and the pattern to search for.
            default: where the note is silent, too.
        """
        if key in (entry := self.entry(case)):
            return int(entry[key])
        match = re.search(said[1], self.note(said[0]))
        return int(match[1]) if match else default

    def windows(self, case: str) -> tuple[int, int]:
        """Frames of the coarse and of the fine windows."""
        entry, lengths = self.entry(case), self.arrays.get("iface_chunk_lengths", np.zeros(2))
        return int(entry.get("coarse_chunk", lengths[0])), int(entry.get("fine_chunk", lengths[1]))


def greedy_source(side: TokenSide) -> Source:
    """Always the likeliest token; the noise is not looked at."""
    return RuntimeSource(side, GREEDY, np.random.Generator(np.random.PCG64(0)))


def greedy_stage(side: TokenSide, *, window_frames: int, n_passes: int) -> Stage:
    """One of the two models, filling its windows greedily."""
    source, passes = greedy_source(side), Passes(n_passes, mask_temperature=0.0)
    return Stage(side.shape, window_frames, lambda codes, mask: generate(source, codes, mask, passes))
