"""What the tests of decoding share: filling a loop with the same number of passes in every window."""

from __future__ import annotations

from vampbridge.engine.decoding import Draw, Filling
from vampbridge.engine.settings import VampSettings


def fill(model, codes, mask, *, n_passes=4, ring=True, seed=(1,), count=None):
    """Codes (K, T) with what the mask names drawn anew; `count` gets an entry for every pass."""
    filling = Filling(model, codes, mask, Draw(VampSettings(), ring, seed))
    while not filling.is_done:
        for n_left in range(n_passes, 0, -1):
            filling.step(n_left)
            if count is not None:
                count.append(1)
    return filling.codes
