"""Keeps the looper on the beat: asks the clock again and again what the looper must be told, in its own thread."""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

from ...engine.errors import VampbridgeError
from ..clock.clock import Clock
from ..clock.grid import Anchor, Grid
from ..clock.sources import ClockSources
from ..looper.messages import SetGrid
from .frame_clock import FrameClock
from .ports import AudioPort

log = logging.getLogger(__name__)

PERIOD_S = 0.02


class Around(Protocol):
    """What it needs of the stage."""

    @property
    def clock(self) -> FrameClock | None:
        """When frames are played; None while nothing is."""
        ...

    @property
    def audio(self) -> AudioPort:
        """The sound card."""
        ...

    def send(self, command: SetGrid) -> None:
        """Give the looper a command."""
        ...


class Timekeeper:
    """The clock of a set, and the thread that passes it on.

    Args:
        around: The stage.
        sources: Of the clock; closed by `close` here. None counts by itself alone.
    """

    def __init__(self, around: Around, sources: ClockSources | None = None) -> None:
        self._around = around
        self.sources = sources or ClockSources(Clock())
        self._known: FrameClock | None = None
        self._last_frame = 0
        self._over = threading.Event()
        self._changed = threading.Event()
        self._lock = threading.Lock()  # guards the sources, which are not for several threads
        self._thread = threading.Thread(target=self._run, name="vampbridge-clock")

    @property
    def clock(self) -> Clock:
        """To tap, start, stop and ask."""
        return self.sources.clock

    @property
    def grid(self) -> Grid | None:
        """The beat, None if there is none."""
        return self.clock.state.grid

    def start(self) -> None:
        """Begin to tell the looper."""
        self._thread.start()

    def set(self, **values: object) -> None:
        """Turn dials of the clock.

        Raises:
            VampbridgeError: See `ClockSources.set`.
        """
        with self._lock:
            self.sources.set(time.monotonic(), **values)
        self.hurry()

    def hurry(self) -> None:
        """Something was changed: tell the looper at once."""
        self._changed.set()

    def close(self) -> None:
        """Stop listening and join the thread."""
        self._over.set()
        self._changed.set()
        if self._thread.ident is not None:
            self._thread.join()
        with self._lock:
            self.sources.close()

    def _run(self) -> None:
        while not self._over.is_set():
            self._changed.wait(PERIOD_S)
            self._changed.clear()
            try:
                self._pass_on()
            except VampbridgeError as error:  # the sound is gone for good; the set's owner is told by others
                log.info("the looper was not told the beat: %s", error)

    def _pass_on(self) -> None:
        frames = self._around.clock
        if frames is not self._known:
            self._known = frames
            self.clock.forget_frames()
        frame = self._around.audio.counters.frame
        if frames is not None and frame > self._last_frame:
            # A looper with nothing to do tells nothing; its counter still says how far it is.
            frames.observe(frame, time.monotonic())
        self._last_frame = frame
        anchor = None if frames is None else frames.anchor()
        if anchor is not None:
            command = self.clock.command(Anchor(*anchor))
            if command is not None:
                self._around.send(command)
