"""MIDI ports: the only file that imports mido, and only when a port is wanted. Optional: the extra `midi`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ...engine.errors import MissingDependencyError
from ..errors import DeviceError
from .midi_clock import CLOCK, CONTINUE, SONG_POSITION, START, STOP

Feed = Callable[[int, float, int], None]
"""Takes status byte, seconds of `time.monotonic` and data, as `Clock.feed_midi` does; called in the driver's thread."""

STATUS = {"clock": CLOCK, "start": START, "continue": CONTINUE, "stop": STOP, "songpos": SONG_POSITION}


class Port(Protocol):
    """An open port of mido."""

    def close(self) -> None:
        """Let it go."""


class Backend(Protocol):
    """What is used of a backend of mido."""

    def get_input_names(self) -> Sequence[str]:
        """Ports that can be listened to."""

    def open_input(self, name: str, *, callback: Callable[[Any], None]) -> Port:
        """Call back with every message of a port."""


class MidiPort:
    """An open MIDI input whose clock messages go to `feed`, everything else nowhere.

    Args:
        wanted: The port's name or a part of it, in upper or lower case; empty takes the only one there is.
        feed: See `Feed`.
        backend: For tests; None is the system's.

    Raises:
        DeviceError: No such port, or several; says which there are.
        MissingDependencyError: mido or python-rtmidi is not installed.
    """

    def __init__(self, wanted: str, feed: Feed, backend: Backend | None = None) -> None:
        self._feed = feed
        backend = backend or _system()
        self.name = _choose(wanted, backend.get_input_names())
        try:
            self._port = backend.open_input(self.name, callback=self._hear)
        except OSError as e:
            raise DeviceError(f"the MIDI input {self.name!r} cannot be opened: {e}") from e

    def close(self) -> None:
        """Let the port go; nothing is fed any more when this returns."""
        self._port.close()

    def _hear(self, message: Any) -> None:  # noqa: ANN401 - mido has no types
        time_s = time.monotonic()
        status = STATUS.get(message.type)
        if status is not None:
            self._feed(status, time_s, message.pos if status == SONG_POSITION else 0)


def list_ports(backend: Backend | None = None) -> list[str]:
    """Names of the MIDI inputs there are.

    Raises:
        DeviceError: The system has no MIDI.
        MissingDependencyError: mido or python-rtmidi is not installed.
    """
    return list((backend or _system()).get_input_names())


def _choose(wanted: str, names: Sequence[str]) -> str:
    if wanted in names:
        return wanted
    found = [name for name in names if wanted.casefold() in name.casefold()]
    if len(found) == 1:
        return found[0]
    there_are = "there are: " + ", ".join(names) if names else "there is none; plug one in, or start its program"
    if not found:
        raise DeviceError(
            f"no MIDI input has {wanted!r} in its name; {there_are}" if wanted or not names else there_are
        )
    which = f"have {wanted!r} in their names" if wanted else "are there"
    raise DeviceError(f"{len(found)} MIDI inputs {which}, name one: {', '.join(found)}")


def _system() -> Backend:
    """The first MIDI system that answers: ALSA or JACK on Linux, the only one elsewhere."""
    try:
        import mido

        apis = mido.Backend("mido.backends.rtmidi").module.get_api_names()
    except ImportError as e:
        raise MissingDependencyError("MIDI clock needs mido and python-rtmidi: pip install 'vampbridge[midi]'") from e
    reasons = []
    for api in apis:
        backend = mido.Backend("mido.backends.rtmidi", api=api)
        try:
            backend.get_input_names()
        except OSError as e:  # rtmidi's errors of the system are
            reasons.append(f"{api}: {e}")
        else:
            chosen: Backend = backend
            return chosen
    raise DeviceError("there is no MIDI on this system" + "".join(f"; {reason}" for reason in reasons))
