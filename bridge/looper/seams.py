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


class Easing:
    """Makes the step at a seam no larger than the steps inside, per channel.

    A loop may begin with a stroke, and by chance one seam in a hundred falls on a steep place. Then what is too much is
    bent away along a raised cosine, one half on either side. The room that it works in is taken once: seams are closed
    in the audio callback.

    Args:
        n_channels: Of the loops.
        bend: Frames of a bend, at least 1.
    """

    def __init__(self, n_channels: int, bend: int) -> None:
        self._longest = bend
        self._frames = np.full((_N_STRETCHES, _STRETCH, n_channels), 0, np.float32)
        self._steps = np.full(n_channels * _N_STRETCHES * (_STRETCH - 1), 0, np.float32)
        self._ends = np.full((2, n_channels), 0, np.float32)  # the last frame and the first
        self._step, self._excess = (np.full(n_channels, 0, np.float32) for _ in range(2))
        self._numbers = np.arange(bend, dtype=np.float64)
        self._cosine = np.full(bend, 0, np.float64)
        self._ramp = np.full((bend, 1), 0, np.float32)  # 1 at the seam
        self._added = np.full((bend, n_channels), 0, np.float32)

    def ease(self, ring: PagedRing, voice: Voice | None) -> None:
        """Bend the ends of a ring. One on a page of the layer beneath, or one that is being heard, stays as it is.

        Args:
            ring: Of a layer that is complete.
            voice: What reads the ring.
        """
        n_frames = ring.n_frames
        bend = min(self._longest, n_frames // 2)
        position = 0 if voice is None else voice.position
        at_start = ring.is_own(0, bend) and not 0 < position < bend + SCRATCH_FRAMES
        at_end = ring.is_own(n_frames - bend, n_frames) and position <= n_frames - bend - SCRATCH_FRAMES
        if not bend or not (at_start or at_end):
            return
        excess = self._excess_step(ring)  # (C,)
        if not excess.any():
            return
        excess *= np.float32(0.5 if at_start and at_end else 1.0)
        ramp, added = self._ramp_of(bend), self._added[:bend]
        if at_end:
            _change(ring, n_frames - bend, None, np.multiply(ramp[::-1], excess, out=added))
        if at_start:
            np.negative(excess, out=excess)
            _change(ring, 0, None, np.multiply(ramp, excess, out=added))

    def _excess_step(self, ring: PagedRing) -> Frames:
        """How much larger the step at the seam is than a usual one, with its sign, (C,); 0 where it is not larger."""
        ends, step, excess = self._ends, self._step, self._excess
        ring.read(ring.n_frames - 1, ends)
        np.subtract(ends[1], ends[0], out=step)
        np.abs(step, out=excess)
        excess -= self._usual_step(ring)
        np.maximum(excess, 0, out=excess)
        excess *= np.sign(step, out=step)
        return excess

    def _usual_step(self, ring: PagedRing) -> Frames:
        """A step that few in the ring, of 2 frames or more, are larger than, (C,), valid until the next call."""
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
        usual: Frames = by_channel[:, at]
        return usual

    def _ramp_of(self, bend: int) -> Frames:
        """½ + ½ cos(π i / bend), (bend, 1), valid until the next call."""
        cosine, ramp = self._cosine[:bend], self._ramp[:bend]
        np.multiply(self._numbers[:bend], np.pi, out=cosine)
        cosine /= bend
        np.cos(cosine, out=cosine)
        cosine *= 0.5
        cosine += 0.5
        ramp[:, 0] = cosine
        return ramp


def _change(ring: PagedRing, start: int, gain: Frames | None, added: Frames) -> None:
    """Scale frames of a ring by `gain` (n, 1), where there is one, and add `added` (n, C)."""
    done = 0
    while done < len(added):
        window = ring.window(start + done, len(added) - done)
        part = slice(done, done + len(window))
        if gain is not None:
            window *= gain[part]
        window += added[part]
        done += len(window)
