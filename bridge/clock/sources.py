"""Opens what a clock listens to, a MIDI port or Link, when its source changes, and closes what it no longer does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .clock import Clock
from .controls import ClockControls
from .link import LinkPort
from .midi_port import MidiPort


class Source(Protocol):
    """Something that feeds a clock until it is closed."""

    def close(self) -> None:
        """Stop feeding."""


Opener = Callable[[Clock], Source]


class ClockSources:
    """Owns the port that a clock listens to. One owner, who closes it; not for several threads at once.

    Args:
        clock: Which.
        midi_port: Name of the MIDI input or a part of it; empty is the only one there is.
        openers: For tests; source → what opens it.
    """

    def __init__(self, clock: Clock, midi_port: str = "", openers: dict[str, Opener] | None = None) -> None:
        self.clock = clock
        self._openers: dict[str, Opener] = openers or {
            "midi": lambda clock: MidiPort(midi_port, clock.feed_midi),
            "link": LinkPort,
        }
        self._open: Source | None = None
        self._name = "internal"

    def set(self, time_s: float, **values: object) -> None:
        """Turn dials, as `Clock.set` does; a source that cannot be opened changes nothing.

        Raises:
            SettingError: A name that does not exist, or a value out of range.
            DeviceError: No such MIDI port.
            MissingDependencyError: The extra `midi` or `link` is not installed; says how to install it.
        """
        wanted: ClockControls = self.clock.state.controls.changed(**values)
        if wanted.source == self._name:
            self.clock.set(time_s, **values)
            return
        opener = self._openers.get(wanted.source)
        opened = None if opener is None else opener(self.clock)
        try:
            self.clock.set(time_s, **values)
        except BaseException:
            if opened is not None:
                opened.close()
            raise
        self.close()
        self._open, self._name = opened, wanted.source

    def close(self) -> None:
        """Listen to nothing any more; the beat goes on as it was."""
        opened, self._open, self._name = self._open, None, "internal"
        if opened is not None:
            opened.close()
