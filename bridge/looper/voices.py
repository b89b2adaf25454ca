"""Reading a ring aloud: forwards, backwards, at half, normal and double speed, with a fade in and a fade out.

A position counts half frames, so that every speed is a whole number of them: nothing is rounded, and a loop stays in
time for ever. At half and double speed the sound passes a half-band filter: what half speed would fill with images and
double speed would fold back stays out.
"""

from __future__ import annotations

import numpy as np

from .fades import falling, rising
from .layers import Frames, Ring

NORMAL, HALF, DOUBLE = 2, 1, 4
"""Half frames for each frame that goes out; negative is backwards."""

_REACH = 15  # taps on either side of the middle


def _half_band() -> list[tuple[int, np.float32]]:
    """Offset and weight of the odd taps: a windowed sinc (Kaiser, β 6) cut at a quarter of the rate. Sum: ½."""
    offsets = np.arange(-_REACH, _REACH + 1, 2)
    weights = np.sinc(offsets / 2) * np.kaiser(2 * _REACH + 1, 6.0)[::2]
    weights /= 2 * weights.sum()
    return [(int(offset), np.float32(weight)) for offset, weight in zip(offsets, weights, strict=True)]


_ODD_TAPS = _half_band()  # every even one is 0, but for the middle, which is ½
SCRATCH_FRAMES = 2 * _REACH + 4


class Voice:
    """One ring being read.

    Args:
        ring: What is read.
        phase: Where, in half frames.
        rate: NORMAL, HALF or DOUBLE, negative for backwards.
        fade_in: Frames until it is at full level.
    """

    __slots__ = ("_fade_in", "_fade_in_done", "_fade_out", "_fade_out_done", "phase", "rate", "ring")

    def __init__(self, ring: Ring, phase: int, rate: int, fade_in: int = 0) -> None:
        self.ring, self.rate = ring, rate
        self.phase = phase % (2 * ring.n_frames)
        if abs(rate) != HALF:
            self.phase -= self.phase % 2
        self._fade_in, self._fade_in_done = fade_in, 0
        self._fade_out, self._fade_out_done = 0, 0

    @property
    def position(self) -> int:
        """The frame it reads next."""
        return self.phase // 2

    @property
    def is_over(self) -> bool:
        """Whether it has faded out."""
        return 0 < self._fade_out <= self._fade_out_done

    def fade_out(self, n_frames: int) -> None:
        """Begin to fall silent."""
        self._fade_out = max(1, n_frames)

    def frames_to_seam(self) -> int:
        """Frames that go out before the next one is beyond the end of the ring, or, backwards, before its start."""
        if self.rate > 0:
            return -(-(2 * self.ring.n_frames - self.phase) // self.rate)
        return self.phase // -self.rate + 1

    def skip(self, n_frames: int) -> None:
        """Go on without being heard."""
        self.phase = (self.phase + n_frames * self.rate) % (2 * self.ring.n_frames)

    def add_to(self, out: Frames, sound: Frames, scratch: Frames) -> None:
        """Add the next frames to `out` (n, C). `sound` (n, C) and `scratch` (≥ 2n + SCRATCH_FRAMES, C) are used up."""
        self._read(sound, scratch)
        self.skip(len(out))
        self._shape(sound)
        out += sound

    def _shape(self, sound: Frames) -> None:
        """Both fades: a voice that is told to fall silent while it rises does both."""
        n_in = min(len(sound), self._fade_in - self._fade_in_done)
        if n_in > 0:
            sound[:n_in] *= rising(self._fade_in)[self._fade_in_done : self._fade_in_done + n_in]
            self._fade_in_done += n_in
        if self._fade_out:
            n_out = max(0, min(len(sound), self._fade_out - self._fade_out_done))
            sound[:n_out] *= falling(self._fade_out)[self._fade_out_done : self._fade_out_done + n_out]
            sound[n_out:] = 0
            self._fade_out_done += len(sound)

    def _read(self, out: Frames, scratch: Frames) -> None:
        n_frames, position = len(out), self.position
        if self.rate == NORMAL:
            self.ring.read(position, out)
        elif self.rate == -NORMAL:
            self.ring.read(position - n_frames + 1, scratch[:n_frames])
            out[:] = scratch[:n_frames][::-1]
        elif abs(self.rate) == DOUBLE:
            self._read_double(out, scratch)
        else:
            self._read_half(out, scratch)

    def _read_double(self, out: Frames, scratch: Frames) -> None:
        span = 2 * len(out) - 1 + 2 * _REACH
        first = self.position - _REACH if self.rate > 0 else self.position - 2 * (len(out) - 1) - _REACH
        frames = scratch[:span]
        self.ring.read(first, frames)
        if self.rate < 0:
            frames = frames[::-1]
        out[:] = frames[_REACH : _REACH + 2 * len(out) - 1 : 2] * np.float32(0.5)
        for offset, weight in _ODD_TAPS:  # one order of sums, whatever the block: bit for bit the same
            at = _REACH + offset
            out += frames[at : at + 2 * len(out) - 1 : 2] * weight

    def _read_half(self, out: Frames, scratch: Frames) -> None:
        n_frames, step = len(out), 1 if self.rate > 0 else -1
        last = (self.phase + step * (n_frames - 1)) // 2
        low, high = min(self.position, last) - _REACH, max(self.position, last) + _REACH + 1
        frames = scratch[: high - low + 1]
        self.ring.read(low, frames)
        is_between = (self.phase + step * np.arange(2)) % 2  # of the first two frames; they alternate
        for first in range(min(2, n_frames)):
            target = out[first::2]
            at = (self.phase + step * first) // 2 - low
            if is_between[first]:
                target[:] = 0
                for offset, weight in _ODD_TAPS:
                    # A frame between two: the tap k of the half-band filter meets the frame (k + 1) / 2 further on.
                    target += _strided(frames, at + (offset + 1) // 2, len(target), step) * (2 * weight)
            else:
                target[:] = _strided(frames, at, len(target), step)


def _strided(frames: Frames, at: int, n_frames: int, step: int) -> Frames:
    """`n_frames` frames from `at` on, in steps of 1 or -1."""
    if step > 0:
        return frames[at : at + n_frames]
    return frames[at - n_frames + 1 : at + 1][::-1]
