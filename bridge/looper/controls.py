"""Every control of the looper and of a slot: default, range, unit and help, once.

OSC, keyboard, patches and docs read them from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar, cast

from ...engine.errors import SettingError
from ...engine.settings import SHARE, Range
from .verbs import QUANTISE

_Default = TypeVar("_Default")


def _control(default: _Default, low: float, high: float, unit: str, text: str) -> _Default:
    return field(default=default, metadata={"range": Range(type(default), low, high, unit, text)})


def _switch(*, default: bool, text: str) -> bool:
    return field(default=default, metadata={"range": Range(bool, None, None, "", text)})


def _word(default: str, choices: tuple[str, ...], text: str) -> str:
    return field(default=default, metadata={"range": Range(str, None, None, "", text, choices)})


@dataclass(frozen=True)
class SlotControls:
    """The dials of one slot; its verbs are in `verbs.VERBS`."""

    wet: float = _control(1.0, 0.0, 2.0, "times", "How loud the loop is; 1 as it was recorded.")
    feedback: float = _control(1.0, 0.0, 1.0, SHARE, "How much of the loop stays under what is overdubbed.")
    quantise: str = _word("off", QUANTISE, "Verbs wait for the next beat, bar or seam of the loop, or act at once.")
    fade_ms: float = _control(10.0, 1.0, 200.0, "ms", "Crossfade where one thing takes over from another.")
    pre_roll_ms: float = _control(
        30.0, 0.0, 200.0, "ms", "What was played this long before the recording began is heard where the loop ends."
    )
    auto_cycles: int = _control(1, 1, 64, "cycles", "With auto: a new variation is asked for every so many cycles.")
    evolve: bool = _switch(
        default=False, text="Vary what plays, so that variations drift away; off varies what you played."
    )
    anytime: bool = _switch(
        default=False,
        text="If time is short, a rough variation comes at the next seam and a better one the round after.",
    )
    mono: bool = _switch(default=False, text="Record the sum of the inputs instead of both channels.")

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, spec.metadata["range"].check(spec.name, getattr(self, spec.name)))

    def changed(self, **values: object) -> SlotControls:
        """A copy with some controls changed.

        Raises:
            SettingError: A name that does not exist, or a value out of range.
        """
        return _changed(self, values, SLOT_RANGES)


@dataclass(frozen=True)
class LooperControls:
    """The dials of the whole looper."""

    dry: float = _control(0.0, 0.0, 1.0, SHARE, "How much of what comes in goes straight out; 0 with a mixer beside.")
    click: float = _control(0.0, 0.0, 1.0, SHARE, "How loud the click is while the clock runs; count-in always clicks.")
    count_in_bars: int = _control(0, 0, 8, "bars", "Bars of click before a recording that waits for the grid.")
    input_latency_ms: float = _control(
        0.0, 0.0, 500.0, "ms", "From the string to the computer; `vampbridge doctor --loopback` measures it."
    )
    output_latency_ms: float = _control(
        0.0, 0.0, 500.0, "ms", "From the computer to the ear; `vampbridge doctor --loopback` measures it."
    )

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, spec.metadata["range"].check(spec.name, getattr(self, spec.name)))

    def changed(self, **values: object) -> LooperControls:
        """A copy with some controls changed.

        Raises:
            SettingError: A name that does not exist, or a value out of range.
        """
        return _changed(self, values, LOOPER_RANGES)


_Controls = TypeVar("_Controls", SlotControls, LooperControls)


def _changed(controls: _Controls, values: dict[str, object], ranges: dict[str, Range]) -> _Controls:
    unknown = sorted(set(values) - set(ranges))
    if unknown:
        raise SettingError(f"there is no control {unknown[0]!r}; there are: {', '.join(ranges)}")
    return replace(controls, **cast("dict[str, Any]", values))


SLOT_RANGES: dict[str, Range] = {spec.name: spec.metadata["range"] for spec in fields(SlotControls)}
LOOPER_RANGES: dict[str, Range] = {spec.name: spec.metadata["range"] for spec in fields(LooperControls)}
