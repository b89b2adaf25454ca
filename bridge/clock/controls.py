"""Every control of the clock: default, range, unit and help, once.

OSC, keyboard, patches and docs read them from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar, cast

from ...engine.errors import SettingError
from ...engine.settings import Range

SOURCES = ("internal", "midi", "link")

MIN_TEMPO_BPM, MAX_TEMPO_BPM = 20.0, 300.0
MAX_NUDGE_MS = 500.0

_Default = TypeVar("_Default")


def _control(default: _Default, low: float, high: float, unit: str, text: str) -> _Default:
    return field(default=default, metadata={"range": Range(type(default), low, high, unit, text)})


def _word(default: str, choices: tuple[str, ...], text: str) -> str:
    return field(default=default, metadata={"range": Range(str, None, None, "", text, choices)})


@dataclass(frozen=True)
class ClockControls:
    """The dials of the clock. Tapping, nudging, starting and stopping are what `Clock` can be told besides."""

    source: str = _word(
        "internal",
        SOURCES,
        "Who says where the beat is: this clock (set, tapped or taken from the first loop), MIDI clock (needs the "
        "extra midi), or Ableton Link (needs the extra link, which installs aalink under the GPL).",
    )
    tempo_bpm: float = _control(
        120.0, MIN_TEMPO_BPM, MAX_TEMPO_BPM, "bpm", "Tempo of this clock; with Link that of everybody on it."
    )
    beats_per_bar: int = _control(4, 1, 16, "beats", "Beats of a bar.")

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, spec.metadata["range"].check(spec.name, getattr(self, spec.name)))

    def changed(self, **values: object) -> ClockControls:
        """A copy with some controls changed.

        Raises:
            SettingError: A name that does not exist, or a value out of range.
        """
        unknown = sorted(set(values) - set(CLOCK_RANGES))
        if unknown:
            raise SettingError(f"there is no control {unknown[0]!r}; there are: {', '.join(CLOCK_RANGES)}")
        return replace(self, **cast("dict[str, Any]", values))


CLOCK_RANGES: dict[str, Range] = {spec.name: spec.metadata["range"] for spec in fields(ClockControls)}
NUDGE_RANGE = Range(float, -MAX_NUDGE_MS, MAX_NUDGE_MS, "ms", "Move the beat later, or earlier if negative.")
