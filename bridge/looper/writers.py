"""Writing what is played into a ring, with fades where it begins and ends, late by the latency that is made up for.

Where the new sound has the gain g, what lies beneath has √(1 - (1 - f²)·g²), f being the feedback: an equal-power
crossfade where the new replaces the old (f = 0), and no change of the old where it is added (f = 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fades import Glide, falling, rising
from .layers import Frames, MemoryFullError, PagedRing
from .pages import PAGE_FRAMES


@dataclass(frozen=True)
class WriteJob:
    """How something is played in.

    Attributes:
        start: First frame of the ring that is written.
        step: 1 forwards, -1 backwards.
        delay: Frames that arrive before the first one that belongs to it: the latency.
        fade: Frames of the fades; 0 is none.
        is_first: A first recording: there is nothing beneath.
    """

    start: int
    step: int
    delay: int
    fade: int
    is_first: bool = False


class Writer:
    """Plays what arrives into a ring until its end, which may become known late.

    Args:
        ring: Where to.
        job: How.
        feedback: How much of what lies beneath stays; may glide meanwhile.
        elapsed: Frames ago that it was asked for.
    """

    def __init__(self, ring: PagedRing, job: WriteJob, feedback: Glide, elapsed: int = 0) -> None:
        self.ring, self.job = ring, job
        self.feedback = feedback
        self.elapsed = elapsed  # frames since it was asked for
        self._written = 0
        self._fade_out_at: int | None = None
        self._total: int | None = None
        self.is_out_of_memory = False

    @property
    def has_begun(self) -> bool:
        """Whether the next frame that arrives belongs to it."""
        return self.elapsed >= self.job.delay

    @property
    def is_ending(self) -> bool:
        """Whether its end is known."""
        return self._total is not None

    @property
    def is_done(self) -> bool:
        """Whether all is written."""
        return self.is_out_of_memory or (self._total is not None and self._written >= self._total)

    def end(self) -> None:
        """What is played now is its end. A fade follows it, but for a first recording."""
        if self._total is None:
            self._fade_out_at = self.elapsed
            self._total = self.elapsed + (0 if self.job.is_first else self.job.fade)

    def end_at(self, n_frames: int) -> None:
        """It ends `n_frames` after its start, the fade within: at least `job.fade` frames from now."""
        self._fade_out_at, self._total = n_frames - self.job.fade, n_frames

    def go_on(self) -> bool:
        """Forget the end that `end_at` set; False if the fade before it has begun."""
        if self._fade_out_at is not None and self._written > self._fade_out_at:
            return False
        self._fade_out_at = self._total = None
        return True

    def frames_to_change(self) -> int | None:
        """Frames until it begins or is done; None if that is not known."""
        if not self.has_begun:
            return self.job.delay - self.elapsed
        return None if self._total is None or self.is_done else self._total - self._written

    def frames_to_end(self) -> int:
        """Frames that are still to be played, once the end is known."""
        return 0 if self._total is None else self._total - self.elapsed

    @property
    def _position(self) -> int:
        """Of the ring, where the next frame goes."""
        position = self.job.start + self.job.step * self._written
        return position if self.job.is_first else position % self.ring.n_frames

    @property
    def is_writing(self) -> bool:
        """Whether the next frame that arrives is written."""
        return self.has_begun and not self.is_done

    def frames_to_page(self) -> int:
        """Frames until it goes on in another page of the ring, at least 1."""
        position = self._position
        offset = position % PAGE_FRAMES
        if self.job.step < 0:
            return offset + 1
        to_page = PAGE_FRAMES - offset
        return to_page if self.job.is_first else min(to_page, self.ring.n_frames - position)

    def needs_page(self) -> bool:
        """Whether there is no page yet for the next frame."""
        return not self.ring.is_own(self._position, self._position + 1)

    def reserve(self) -> None:
        """Have a page for the next frame; if there is none left, this writer is done."""
        try:
            self.ring.reserve(self._position)
        except MemoryFullError:
            self.is_out_of_memory = True

    def write(self, block: Frames, scratch: Frames) -> None:
        """Take what arrives, (n, C), within `frames_to_change` and a page there is; `scratch` (≥ n, C) is used up."""
        n_frames = len(block)
        if self.is_writing:
            self._write_all(block, scratch)
        self.elapsed += n_frames

    def _write_all(self, block: Frames, scratch: Frames) -> None:
        done = 0
        while done < len(block):
            run = min(len(block) - done, self._frames_in_stretch())
            done += self._write_run(block[done : done + run], scratch)

    def _frames_in_stretch(self) -> int:
        """Frames until the gain follows another curve."""
        fade = 0 if self.job.is_first else self.job.fade
        ends = [end for end in (fade, self._fade_out_at, self._total) if end is not None and end > self._written]
        return min(ends, default=2 * self._written + 2**31) - self._written

    def _write_run(self, block: Frames, scratch: Frames) -> int:
        """One run within a stretch; how many frames of it were written."""
        ring, step, n_ring = self.ring, self.job.step, self.ring.n_frames
        position = self._position
        if step > 0:
            run = len(block) if self.job.is_first else min(len(block), n_ring - position)
            window = ring.window(position, run)
        else:
            run = min(len(block), position + 1)
            first = max(position - run + 1, position // PAGE_FRAMES * PAGE_FRAMES)  # a window lies in one page
            window = ring.window(first, position + 1 - first)[::-1]
        run = len(window)
        self._mix(window, block[:run], scratch[:run])
        self._written += run
        return run

    def _mix(self, window: Frames, block: Frames, scratch: Frames) -> None:
        if self.job.is_first:
            window[:] = block
            return
        gain = self._gain(len(block))
        scratch[:] = window
        self.feedback.apply(scratch)  # f · old
        if gain is None:
            np.add(scratch, block, out=window)
            return
        # √(1 - (1 - f²)g²) = √((1 - g²) + (f·g)²): both parts of the old sound are the same sound.
        scratch *= gain
        np.hypot(scratch, window * np.sqrt(np.float32(1) - gain * gain), out=scratch)
        np.copysign(scratch, window, out=scratch)
        np.multiply(block, gain, out=window)
        window += scratch

    def _gain(self, n_frames: int) -> Frames | None:
        """G of the next frames (n, 1); None where it is 1."""
        written, fade = self._written, self.job.fade
        if self._fade_out_at is not None and written >= self._fade_out_at:
            at = written - self._fade_out_at
            fading = falling(fade)[at : at + n_frames]
            if written < fade:  # ended before it had risen
                return fading * rising(fade)[written : written + n_frames]
            return fading
        return rising(fade)[written : written + n_frames] if written < fade else None
