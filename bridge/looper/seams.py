"""Where the end of a layer meets its start: closed when the layer is complete, before its seam is heard.

Two things: the end of a recording is crossfaded into what was played just before it began; and where the step from the
last frame to the first is steeper than the loop itself is, both ends are bent towards each other. Takes need neither:
the engine closes them.
"""

from __future__ import annotations

import numpy as np

from .fades import falling, rising
from .layers import Frames, PagedRing
from .voices import SCRATCH_FRAMES, Voice

BEND_S = 0.0015
# A percentile of all frames would take too long in the audio callback. The 95th of 4,096 of them, in stretches that lie
# evenly, is practically never above the 99th of all, which is what no seam should exceed.
_N_STRETCHES, _STRETCH = 64, 65
_QUANTILE = 0.95


def blend_lead_in(ring: PagedRing, lead_in: Frames, longest: int) -> None:
    """Crossfade the end of a recording into what came in just before its start: the loop is closed.

    Args:
        ring: The recording, complete, all pages its own.
        lead_in: (n, C) of the time before it; the last frames of it are used, and used up.
        longest: Frames that the crossfade may have at most.
    """
    n_frames = ring.n_frames
    length = max(0, min(len(lead_in), n_frames // 2, longest))
    last = lead_in[len(lead_in) - length :]
    last *= rising(length)
    _change(ring, n_frames - length, falling(length), last)


class Steepness:
    """How steep a loop is inside. Its room is taken once: it is asked for in the audio callback.

    Args:
        n_channels: Of the loops.
    """

    def __init__(self, n_channels: int) -> None:
        self._frames = np.full((_N_STRETCHES, _STRETCH, n_channels), 0, np.float32)
        self._steps = np.full(n_channels * _N_STRETCHES * (_STRETCH - 1), 0, np.float32)

    def usual_step(self, ring: PagedRing) -> Frames:
        """A step that few in the ring, of 2 frames or more, are larger than, (C,)."""
        n_inside = max(0, ring.n_frames - _STRETCH)
        for number, stretch in enumerate(self._frames):
            ring.read(number * n_inside // (_N_STRETCHES - 1), stretch)
        n_steps = min(_STRETCH, ring.n_frames) - 1
        frames = self._frames[:, : n_steps + 1].transpose(2, 0, 1)
        shape = (ring.n_channels, _N_STRETCHES, n_steps)
        steps = self._steps[: ring.n_channels * _N_STRETCHES * n_steps].reshape(shape)
        np.subtract(frames[..., 1:], frames[..., :-1], out=steps)
        np.abs(steps, out=steps)
        by_channel = steps.reshape(ring.n_channels, -1)
        at = int(_QUANTILE * (by_channel.shape[1] - 1))
        by_channel.partition(at, axis=1)
        usual: Frames = by_channel[:, at].copy()
        return usual


def ease_seam(ring: PagedRing, bend: int, voice: Voice | None, steepness: Steepness) -> None:
    """Make the step at the seam no larger than the steps inside, per channel.

    A loop may begin with a stroke, and by chance one seam in a hundred falls on a steep place. Then what is too much is
    bent away along a raised cosine, one half on either side. An end that belongs to the layer beneath, or that is being
    heard just now, is left as it is, and the other takes all of it.

    Args:
        ring: Of a layer that is complete.
        bend: Frames of a bend, at least 1.
        voice: What reads the ring.
        steepness: Room to work in.
    """
    n_frames = ring.n_frames
    bend = min(bend, n_frames // 2)
    position = 0 if voice is None else voice.position
    at_start = ring.is_own(0, bend) and not 0 < position < bend + SCRATCH_FRAMES
    at_end = ring.is_own(n_frames - bend, n_frames) and position <= n_frames - bend - SCRATCH_FRAMES
    if not bend or not (at_start or at_end):
        return
    ends = np.empty((2, ring.n_channels), np.float32)
    ring.read(n_frames - 1, ends)
    step = ends[1] - ends[0]
    excess = np.sign(step) * np.maximum(np.abs(step) - steepness.usual_step(ring), 0)  # (C,)
    if not excess.any():
        return
    excess *= np.float32(0.5 if at_start and at_end else 1.0)
    ramp = (0.5 + 0.5 * np.cos(np.pi * np.arange(bend) / bend)).astype(np.float32)[:, None]  # (bend, 1), 1 at the seam
    stays = np.ones_like(ramp)
    if at_start:
        _change(ring, 0, stays, ramp * -excess)
    if at_end:
        _change(ring, n_frames - bend, stays, ramp[::-1] * excess)


def _change(ring: PagedRing, start: int, gain: Frames, added: Frames) -> None:
    """Scale frames of a ring by `gain` (n, 1) and add `added` (n, C)."""
    done = 0
    while done < len(added):
        window = ring.window(start + done, len(added) - done)
        part = slice(done, done + len(window))
        window *= gain[part]
        window += added[part]
        done += len(window)
