"""Dials, tabs and buttons that Live can automate, with the names, units, ranges and hints of the protocol table."""

from __future__ import annotations

from typing import Any, Final

from ...bridge.message_spec import Argument
from ...bridge.protocol import INCOMING, SET_PREFIX
from ...engine.settings import DEFAULT_PRESET, PRESET_HELP, PRESETS, SHARE, preset
from .sheet import Place

FLOAT, INT, ENUM, BLOB = range(4)  # parameter_type in Max's files
UNIT_INT, UNIT_FLOAT, UNIT_TIME = range(3)  # parameter_unitstyle
UNIT_PERCENT = 5
UNIT_CUSTOM = 9
MOST_STEPS = 256  # of a whole-number parameter in Live; more make it a float

DIAL: Final = (44, 48)  # width and height of a live.dial with name and number, px

# setting → the name under its dial, which has room for about nine letters
SHORT_NAMES: Final = {
    "period": "Period",
    "period_width": "Width",
    "period_offset": "Offset",
    "codebooks_kept": "Codebooks",
    "random_keep": "Random",
    "onset_width": "Onsets",
    "dropout": "Dropout",
    "temperature": "Temp",
    "mask_temperature": "Mask temp",
    "top_p": "Top p",
    "coarse_passes": "Coarse",
    "fine_passes": "Fine",
    "feedback": "Feedback",
    "beat_after_ms": "Beats",
}
# What is written behind the number; the hint has the unit in full.
SHORT_UNITS: Final = {"frames": "%d fr", "codebooks": "%d cb", "passes": "%d ×", "rounds": "%d ×"}

PROMPT_DIALS: Final = (
    "period",
    "period_width",
    "period_offset",
    "codebooks_kept",
    "random_keep",
    "onset_width",
    "dropout",
)
SAMPLING_DIALS: Final = (
    "temperature",
    "mask_temperature",
    "top_p",
    "coarse_passes",
    "fine_passes",
    "feedback",
    "beat_after_ms",
)
DIALS: Final = PROMPT_DIALS + SAMPLING_DIALS


def setting_dial(name: str) -> dict[str, Any]:
    """Attributes of a live.dial for one setting, from its line in the protocol table."""
    argument: Argument = INCOMING[SET_PREFIX + name].arguments[0]
    limits = argument.range
    if limits is None or limits.low is None or limits.high is None:
        raise ValueError(f"a dial needs a range, {name} has none")
    is_int = limits.kind is int and limits.high - limits.low < MOST_STEPS
    valueof = {
        "parameter_type": INT if is_int else FLOAT,
        "parameter_mmin": float(limits.low),
        "parameter_mmax": float(limits.high),
        **_unit(limits.unit, is_int=is_int),
    }
    hint = f"{limits.help} {limits.describe().capitalize()}."
    start = getattr(preset(DEFAULT_PRESET), name)
    return parameter(name.replace("_", " ").capitalize(), SHORT_NAMES[name], hint, start, valueof) | {"varname": name}


def _unit(unit: str, *, is_int: bool) -> dict[str, Any]:
    if unit == "ms":
        return {"parameter_unitstyle": UNIT_TIME}
    if unit in SHORT_UNITS and is_int:
        return {"parameter_unitstyle": UNIT_CUSTOM, "parameter_units": SHORT_UNITS[unit]}
    if unit not in {"", SHARE}:
        raise ValueError(f"a dial must have room for its unit, got {unit}")
    return {"parameter_unitstyle": UNIT_INT if is_int else UNIT_FLOAT}


def percent_dial(name: str, hint: str, start: float) -> dict[str, Any]:
    """Attributes of a live.dial from 0 to 100 %."""
    valueof = {
        "parameter_type": FLOAT,
        "parameter_mmin": 0.0,
        "parameter_mmax": 100.0,
        "parameter_unitstyle": UNIT_PERCENT,
    }
    return parameter(name, name, hint, start, valueof) | {"varname": name.lower()}


def tab(name: str, choices: tuple[str, ...], hint: str, start: int = 0) -> dict[str, Any]:
    """Attributes of a live.tab that chooses one of some words."""
    valueof = {
        "parameter_type": ENUM,
        "parameter_enum": list(choices),
        "parameter_mmin": 0,
        "parameter_mmax": len(choices) - 1,
    }
    look = {"num_lines_patching": 1, "num_lines_presentation": 1, "fontsize": 9.5}
    return parameter(name, name, hint, start, valueof) | look | {"varname": name.lower()}


def preset_tab() -> dict[str, Any]:
    """Attributes of the live.tab of presets."""
    hint = " ".join(f"{name}: {PRESET_HELP[name]}" for name in PRESETS)
    return tab("Preset", tuple(PRESETS), hint, list(PRESETS).index(DEFAULT_PRESET))


def button(name: str, hint: str, *, toggle: bool, word_on: str = "") -> dict[str, Any]:
    """Attributes of a live.text: a button that bangs, or a toggle of 0 and 1."""
    valueof = {
        "parameter_type": ENUM,
        "parameter_enum": ["off", "on"],
        "parameter_mmin": 0,
        "parameter_mmax": 1,
    }
    look = {"mode": int(toggle), "text": name, "texton": word_on or name, "fontsize": 10.0}
    return parameter(name, name, hint, 0, valueof) | look | {"varname": name.lower().replace(" ", "_")}


def parameter(long_name: str, short_name: str, hint: str, start: float, valueof: dict[str, Any]) -> dict[str, Any]:
    """What every parameter has: names, its first value, and the text that Live and Max show about it."""
    named = {
        "parameter_longname": long_name,
        "parameter_shortname": short_name,
        "parameter_initial_enable": 1,
        "parameter_initial": [float(start)],
        "parameter_linknames": 0,
    }
    return {
        "parameter_enable": 1,
        "annotation_name": long_name,
        "annotation": hint,
        "hint": hint,
        "saved_attribute_attributes": {"valueof": named | valueof},
    }


def dial_place(x: int, y: int) -> Place:
    """Where a dial stands."""
    return x, y, *DIAL
