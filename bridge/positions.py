"""Where each slot is in its loop, worked out from its last seam. Time is passed in; no sockets here."""

from __future__ import annotations

from collections.abc import Iterator

from .live.stage import Stage
from .looper.messages import Seam

# No loop is running, or not from its last seam on.
_ELSEWHERE = frozenset({"off", "wait_start", "recording", "inserting", "paused"})


class Positions:
    """Follows the seams.

    Args:
        stage: Has the slots and knows which frame is played when.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seams: dict[int, tuple[int, int]] = {}  # slot → frame of its last seam, frames of a cycle or 0

    def note(self, seam: Seam) -> None:
        """A loop begins again."""
        before = self._seams.get(seam.slot)
        state = self._stage.states[seam.slot]
        n_frames = 0 if state is None else state.n_frames
        passed = 0 if before is None else seam.frame - before[0]
        # At half or double speed a cycle is so much longer or shorter; anything else was a jump.
        cycle = passed if n_frames and passed in {n_frames // 2, n_frames, 2 * n_frames} else n_frames
        self._seams[seam.slot] = (seam.frame, cycle)

    def at(self, now_s: float) -> Iterator[tuple[int, float]]:
        """Slots that play, and where they are, 0 … 1."""
        clock = self._stage.clock
        anchor = None if clock is None else clock.anchor()
        if anchor is None:
            return
        frame, at_s, rate = anchor
        frame_now = frame + (now_s - at_s) * rate
        for slot, (seam_frame, cycle) in sorted(self._seams.copy().items()):  # seams are noted by another thread
            state = self._stage.states[slot]
            if state is not None and state.n_frames and cycle and state.state not in _ELSEWHERE:
                yield slot, (frame_now - seam_frame) / cycle % 1.0
