"""Command-line options made from the tables that own them: settings from RANGES, the rest from a dataclass.

No default, range or unit of a setting is written here.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from ...engine.devices import DEVICE_HELP, DEVICES
from ...engine.errors import SettingError
from ...engine.library import resolve
from ...engine.settings import (
    DEFAULT_PRESET,
    PRESET_HELP,
    PRESETS,
    RANGES,
    Range,
    VampSettings,
    in_proportion,
    preset,
    without_prompts,
)
from ..idle_settings import BELONGS_TO, is_lost_to_compat, why_idle
from ..serve_options import SERVE_RANGES

Options = TypeVar("Options")

# Switches whose "off" has a name of its own.
OPPOSITES = {"loop": "one-shot"}
# What a setting that may be none is called there; the same word as over OSC, and the plain one.
NONE_WORDS = ("none", "random")

# What else the help of an option says: see `in_proportion`.
_FOLLOWS = {
    "period": "; the width, unless given, becomes the same part of it",
    "period_width": "; with --period, the preset's part of it",
}

BundleOption = Annotated[
    Path | None,
    typer.Option(
        metavar="NAME|PATH",
        parser=resolve,
        help="Model: a name of `vampbridge models list`, or the folder or file of a bundle. [default: the one that "
        "ships with Vampbridge]",
    ),
]
ThreadsOption = Annotated[
    int, SERVE_RANGES["threads"], typer.Option(metavar="INTEGER", help="CPU threads; 0 lets the runtime choose.")
]
DeviceOption = Annotated[str, typer.Option(metavar="|".join(DEVICES), help=DEVICE_HELP)]
METAVARS: dict[type, str | None] = {int: "INTEGER", float: "NUMBER", bool: None, str: "TEXT"}
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else there.")]
PresetOption = Annotated[
    str,
    typer.Option(metavar="|".join(PRESETS), help=" ".join(f"{name}: {text}" for name, text in PRESET_HELP.items())),
]


def parse(name: str, spec: Range, text: str) -> int | float | str | bool | None:
    """What was typed for an option, in the option's own type.

    Typer's own numbers are not used: their errors tell neither the whole range nor what was typed.

    Raises:
        SettingError: Not a value of that kind, or out of range.
    """
    if spec.optional and text.lower() in NONE_WORDS:
        return None
    return spec.check(name, _number_or_text(text) if spec.kind in (int, float) else text)


def _number_or_text(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def chosen_settings(
    preset_name: str, changes: dict[str, Any], *, mask_alone: bool = False, in_use: Collection[str] = ()
) -> VampSettings:
    """A preset's settings, overridden by what was given on the command line; a width follows a period, see `_FOLLOWS`.

    Args:
        preset_name: Upper or lower case.
        changes: Settings by name, checked.
        mask_alone: A drawn mask decides what is kept: the preset's prompts are off.
        in_use: Settings that the command itself reads, so that they have an effect whatever the others are.

    Raises:
        SettingError: No such preset, a value out of range, or one that has no effect while another setting is off.
    """
    found = preset(preset_name.lower() if preset_name.lower() in PRESETS else preset_name)
    settings = in_proportion(without_prompts(found) if mask_alone else found, changes)
    for name in changes:
        reason = None if name in in_use else why_idle(name, settings)
        if reason is not None:
            raise SettingError(f"{reason}: {_cure(name, settings)}")
    return settings


def _settings_in_text() -> re.Pattern[str]:
    """Finds settings in sentences: names of several words; of one with a value, for that is a word of English, too."""
    long, short = ("|".join(name for name in RANGES if ("_" in name) is is_long) for is_long in (True, False))
    values = "|".join(word for spec in RANGES.values() for word in spec.choices)
    return re.compile(rf"\b(?:(?:{long})\b|(?:{short})(?= \d| (?:{values})\b))")


_SETTINGS_IN_TEXT = _settings_in_text()


def in_options(text: str) -> str:
    """A sentence that names settings, as `period 0` or `period_width`, with the options of the command line instead."""
    return _SETTINGS_IN_TEXT.sub(lambda found: f"--{found[0].replace('_', '-')}", text)


def _cure(name: str, settings: VampSettings) -> str:
    """What to do about an option without effect."""
    if is_lost_to_compat(name, settings):
        return f"leave out --compat or --{name.replace('_', '-')}"
    owner = BELONGS_TO[name]
    flag = owner.replace("_", "-")
    return f"add --{flag}" if RANGES[owner].kind is bool else f"add --{flag} with more than 0"


def command(run: Callable[[Options, dict[str, Any]], None], options: type[Options]) -> Callable[..., None]:
    """A function that typer can read a whole command line from, without naming every option a second time.

    Args:
        run: the command; gets the options, and the settings that were given explicitly.
        options: a dataclass whose fields are annotated with typer.Argument or typer.Option.

    Returns:
        A function whose signature has the dataclass's fields and then one option per setting.
    """

    def read(**values: object) -> None:
        given = {name: values.pop(name) for name in list(values) if name in RANGES}
        changes = {
            name: _parse_if_text(name, RANGES[name], value) for name, value in given.items() if value is not None
        }
        run(options(**_parse_own(options, values)), changes)

    parameters = [*_own_parameters(options), *(setting_parameter(name, spec) for name, spec in RANGES.items())]
    return _with_signature(read, parameters, run)


def plain_command(run: Callable[[Options], None], options: type[Options]) -> Callable[..., None]:
    """As `command`, for commands without settings."""

    def read(**values: object) -> None:
        run(options(**_parse_own(options, values)))

    return _with_signature(read, _own_parameters(options), run)


def setting_parameter(name: str, spec: Range) -> inspect.Parameter:
    """One setting as an option that is None unless it is given; its help has range, unit and default."""
    flag = name.replace("_", "-")
    decls = [f"--{flag}/--{OPPOSITES.get(name, f'no-{flag}')}"] if spec.kind is bool else [f"--{flag}"]
    text = f"{spec.help} [{spec.describe()}; {_default_text(name)}{_FOLLOWS.get(name, '')}]"
    metavar = "|".join(spec.choices) if spec.choices else METAVARS[spec.kind]
    option = typer.Option(*decls, help=text, metavar=metavar, show_default=False)
    annotation = Annotated[bool | None, option] if spec.kind is bool else Annotated[str | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _default_text(name: str) -> str:
    """`default 1`, or the value of every preset where they differ."""
    values = {title: _word(getattr(settings, name)) for title, settings in PRESETS.items()}
    if len(set(values.values())) == 1:
        return f"default {values[DEFAULT_PRESET]}"
    return "by preset " + ", ".join(f"{title} {value}" for title, value in values.items())


def _word(value: object) -> str:
    return {None: "none", True: "on", False: "off"}[value] if value is None or isinstance(value, bool) else str(value)


def _own_parameters(options: type[Any]) -> list[inspect.Parameter]:
    hints, ranges = get_type_hints(options, include_extras=True), _own_ranges(options)
    parameters = []
    for field in dataclasses.fields(options):
        annotation, default = hints[field.name], field.default
        if field.name in ranges:  # typer gets text, `parse` makes the number
            annotation = Annotated[str | None, annotation.__metadata__[-1]]
            default = None if default is None else str(default)
        if default is dataclasses.MISSING:
            default = inspect.Parameter.empty
        parameters.append(
            inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )
    return parameters


def _own_ranges(options: type[Any]) -> dict[str, Range]:
    """The fields of a dataclass whose annotation carries a Range."""
    hints = get_type_hints(options, include_extras=True)
    pairs = ((name, part) for name, hint in hints.items() for part in getattr(hint, "__metadata__", ()))
    return {name: part for name, part in pairs if isinstance(part, Range)}


def _parse_own(options: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    ranges = _own_ranges(options)
    return {
        name: _parse_if_text(name, ranges[name], value) if name in ranges and value is not None else value
        for name, value in values.items()
    }


def _parse_if_text(name: str, spec: Range, value: object) -> object:
    return parse(name, spec, value) if isinstance(value, str) else value


def _with_signature(
    read: Callable[..., None], parameters: list[inspect.Parameter], run: Callable[..., None]
) -> Callable[..., None]:
    read.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    read.__name__ = run.__name__
    read.__doc__ = run.__doc__
    read.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return read
