"""How much there is to do in one vamp, in the terms that costs are counted in. Plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

COARSE, FINE, DECODE = range(3)
"""The stages after encoding, in order."""


@dataclass(frozen=True)
class ModelFacts:
    """Sizes of a bundle, as its manifest gives them; the contexts are in token frames."""

    sample_rate: int
    hop: int
    n_codebooks: int
    n_coarse: int
    coarse_context: int
    fine_context: int


@dataclass(frozen=True)
class StageWork:
    """One stage of one round, for one variation.

    Attributes:
        n_windows: Windows that are filled one after the other, at least 1.
        window_frames: Token frames of each.
        n_rows: Tokens that are drawn anew, over all windows.
        n_passes: Passes asked for in each window.
    """

    n_windows: int
    window_frames: int
    n_rows: int
    n_passes: int


@dataclass(frozen=True)
class Work:
    """One vamp.

    Attributes:
        n_frames: Token frames of the loop that is encoded, T.
        n_frames_out: Token frames that are decoded, T·stretch.
        coarse: The coarse stage.
        fine: The fine stage.
        feedback: Rounds asked for.
        variations: Takes made side by side.
        filtered: Whether tokens are drawn through a filter (typical sampling or top-p), which costs more for each.
    """

    n_frames: int
    n_frames_out: int
    coarse: StageWork
    fine: StageWork
    feedback: int = 1
    variations: int = 1
    filtered: bool = False

    def stage(self, stage: int) -> StageWork:
        """The work of COARSE or FINE."""
        return self.coarse if stage == COARSE else self.fine
