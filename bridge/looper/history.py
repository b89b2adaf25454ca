"""The last seconds of what came in, so that what was played a little early is not lost."""

from __future__ import annotations

import numpy as np

from .layers import Frames

HISTORY_S = 1.0


class History:
    """A ring of input. Frames are numbered as the looper numbers them.

    Args:
        n_frames: How many are kept, beside the block that was written last.
        n_channels: C.
    """

    def __init__(self, n_frames: int, n_channels: int) -> None:
        # np.full and not np.zeros: the memory must be there before the callback touches it.
        self._frames: Frames = np.full((n_frames, n_channels), 0, dtype=np.float32)

    def write(self, frame: int, block: Frames) -> None:
        """Keep `block` (n, C), whose first frame is `frame`; n is at most what is kept."""
        n_kept, at = len(self._frames), frame % len(self._frames)
        first = min(len(block), n_kept - at)
        self._frames[at : at + first] = block[:first]
        self._frames[: len(block) - first] = block[first:]

    def read(self, end_frame: int, out: Frames) -> None:
        """Fill `out` (n, C) with the frames that end just before `end_frame`; silence before the first."""
        n_kept, start = len(self._frames), end_frame - len(out)
        at = start % n_kept
        first = min(len(out), n_kept - at)
        out[:first] = self._frames[at : at + first]
        out[first:] = self._frames[: len(out) - first]
        if start < 0:
            out[: min(len(out), -start)] = 0
