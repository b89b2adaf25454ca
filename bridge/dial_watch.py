"""Notices which dials have been turned, by whomever: OSC, keys, a preset, the first loop's tempo. No sockets here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..engine.settings import RANGES
from .clients import Address
from .clock.controls import CLOCK_RANGES
from .live.stage import Stage
from .live_protocol import CLOCK_SET, LOOPER_SET, SLOT_SET, SLOT_VAMP, slot_address
from .looper.controls import LOOPER_RANGES, SLOT_RANGES
from .own_messages import sendable

Publish = Callable[[str, str, tuple[Any, ...], Address | None], None]

_SLOT_SETTINGS = tuple(name for name in RANGES if name != "variations")  # a slot plays one take at a time


class DialWatch:
    """Compares the dials with what they were.

    Args:
        stage: Has them.
        publish: Called with topic, address, arguments and the client that turned it, None if that was nobody of OSC.
    """

    def __init__(self, stage: Stage, publish: Publish) -> None:
        self._stage, self._publish = stage, publish
        self._lock = threading.Lock()
        self._known = self._groups()

    def look(self, sender: Address | None = None) -> None:
        """Publish every dial that stands elsewhere than when this was called last."""
        with self._lock:
            for prefix, (now, names) in self._groups().items():
                before, self._known[prefix] = self._known[prefix][0], (now, names)
                # Dials are frozen dataclasses: what is the same object has not changed.
                if now is not before:
                    self._compare(prefix, before, now, sender)

    def _compare(self, prefix: str, before: object, now: object, sender: Address | None) -> None:
        topic = "clock" if prefix == CLOCK_SET else "dials"
        for name in self._known[prefix][1]:
            value = getattr(now, name)
            if value != getattr(before, name):
                self._publish(topic, prefix + name, (sendable(value),), sender)

    def _groups(self) -> dict[str, tuple[object, tuple[str, ...]]]:
        """What dials there are: by the beginning of their addresses, the values and their names."""
        stage = self._stage
        groups: dict[str, tuple[object, tuple[str, ...]]] = {
            LOOPER_SET: (stage.looper_controls, tuple(LOOPER_RANGES)),
            CLOCK_SET: (stage.time.clock.state.controls, tuple(CLOCK_RANGES)),
        }
        for slot, controls in enumerate(stage.controls):
            groups[slot_address(SLOT_SET, slot)] = (controls, tuple(SLOT_RANGES))
            groups[slot_address(SLOT_VAMP, slot)] = (stage.settings(slot), _SLOT_SETTINGS)
        return groups
