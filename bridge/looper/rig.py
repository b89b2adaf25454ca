"""What the slots of one looper share: memory, time, the beat, and where they leave their events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from .beats import Beats
from .config import LooperConfig
from .controls import SLOT_RANGES, LooperControls
from .history import HISTORY_S, History
from .layers import Frames
from .messages import Event
from .pages import PagePool
from .seams import BEND_S, Easing
from .voices import SCRATCH_FRAMES

MAX_EVENTS = 10_000
SPARE_PAGES_PER_SLOT = 4  # a second at 48 kHz: what was forgotten is freed sooner


class Rig:
    """One for each looper. `frame` is the first frame of the block that is being processed, `now` where in it.

    Args:
        config: Sizes.
    """

    def __init__(self, config: LooperConfig) -> None:
        self.config = config
        self.controls = LooperControls()
        self.pool = PagePool(config.memory_mb, config.n_inputs, SPARE_PAGES_PER_SLOT * config.n_slots)
        self.history = History(round(HISTORY_S * config.sample_rate) + config.max_block, config.n_inputs)
        self.beats = Beats()
        self.frame = self.now = 0
        self.events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self.n_events_lost = 0
        # What was forgotten or refused, and voices, which may be the last to hold it, are dropped by another thread: to
        # free a large sound in the callback could take too long.
        self.rubbish: deque[object] = deque()
        self.count_in = (0, 0)  # frames between which the click counts in
        self.master_seam: Callable[[int], int | None] = lambda _slot: None
        self.keep_room: Callable[[], None] = lambda: None
        # Used by one slot after the other, within one call.
        self._n_lead_in = self.frames(SLOT_RANGES["pre_roll_ms"].high or 0) + 1
        longest = max(config.max_block, self._n_lead_in)
        self.sound = self._buffer(longest)
        self.scratch = self._buffer(2 * longest + SCRATCH_FRAMES)
        self._own = self._buffer(config.max_block)
        self.easing = Easing(config.n_inputs, max(1, round(BEND_S * config.sample_rate)))

    def _buffer(self, n_frames: int) -> Frames:
        # np.full and not np.zeros: the memory must be there before the callback touches it.
        return np.full((n_frames, self.config.n_inputs), 0, dtype=np.float32)

    def new_lead_in(self) -> Frames:
        """Room for what a slot keeps of the time before a recording."""
        return self._buffer(self._n_lead_in)

    def silence(self, n_frames: int) -> Frames:
        """A silent buffer (n, C), valid until the next call."""
        own = self._own[:n_frames]
        own[:] = 0
        return own

    def emit(self, event: Event) -> None:
        """Leave an event for whoever reads them; if nobody does, the oldest are lost, and counted."""
        self.n_events_lost += len(self.events) == MAX_EVENTS
        self.events.append(event)

    def frames(self, milliseconds: float) -> int:
        """Milliseconds as whole frames."""
        return round(milliseconds * self.config.sample_rate / 1000)

    def latency_frames(self, *, plays_along: bool) -> int:
        """How late what is played arrives: by both latencies where it is played to what is heard."""
        controls = self.controls
        return self.frames(controls.input_latency_ms + (controls.output_latency_ms if plays_along else 0.0))
