"""Command-line options made from the tables that own them: settings from RANGES, the rest from a dataclass.

No default, range or unit of a setting is written here.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from ...engine.errors import SettingError
from ...engine.settings import DEFAULT_PRESET, PRESET_HELP, PRESETS, RANGES, Range, VampSettings, preset
from ..idle_settings import BELONGS_TO, why_idle

Options = TypeVar("Options")

# Switches whose "off" has a name of its own.
OPPOSITES = {"loop": "one-shot"}

BundleOption = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="Model bundle, a folder or a file. [default: the one that ships with Vampbridge]"
    ),
]
ThreadsOption = Annotated[int, typer.Option(min=0, help="CPU threads; 0 lets the runtime choose.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else there.")]
PresetOption = Annotated[
    str,
    typer.Option(metavar="|".join(PRESETS), help=" ".join(f"{name}: {text}" for name, text in PRESET_HELP.items())),
]


def chosen_settings(preset_name: str, changes: dict[str, Any]) -> VampSettings:
    """A preset's settings, overridden by what was given on the command line.

    Raises:
        SettingError: No such preset, a value out of range, or one that has no effect while another setting is off.
    """
    settings = preset(preset_name).changed(**changes)
    for name in changes:
        reason = why_idle(name, settings)
        if reason is not None:
            owner = BELONGS_TO[name]
            cure = f"--{owner}" if RANGES[owner].kind is bool else f"--{owner} with more than 0"
            raise SettingError(f"{reason}: add {cure}")
    return settings


def command(run: Callable[[Options, dict[str, Any]], None], options: type[Options]) -> Callable[..., None]:
    """A function that typer can read a whole command line from, without naming every option a second time.

    Args:
        run: the command; gets the options, and the settings that were given explicitly.
        options: a dataclass whose fields are annotated with typer.Argument or typer.Option.

    Returns:
        A function whose signature has the dataclass's fields and then one option per setting.
    """

    def read(**values: object) -> None:
        changes = {name: values.pop(name) for name in list(values) if name in RANGES}
        given = {name: value for name, value in changes.items() if value is not None}
        run(options(**values), given)

    parameters = [*_own_parameters(options), *(setting_parameter(name, spec) for name, spec in RANGES.items())]
    return _with_signature(read, parameters, run)


def plain_command(run: Callable[[Options], None], options: type[Options]) -> Callable[..., None]:
    """As `command`, for commands without settings."""

    def read(**values: object) -> None:
        run(options(**values))

    return _with_signature(read, _own_parameters(options), run)


def setting_parameter(name: str, spec: Range) -> inspect.Parameter:
    """One setting as an option that is None unless it is given; its help has range, unit and default."""
    flag = name.replace("_", "-")
    decls = [f"--{flag}/--{OPPOSITES.get(name, f'no-{flag}')}"] if spec.kind is bool else [f"--{flag}"]
    text = f"{spec.help} [{spec.describe()}; {_default_text(name)}]"
    metavar = "|".join(spec.choices) if spec.choices else None
    option = typer.Option(*decls, help=text, metavar=metavar, show_default=False)
    annotation = Annotated[spec.kind | None, option]  # type: ignore[name-defined]
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
    hints = get_type_hints(options, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in dataclasses.fields(options)
    ]


def _with_signature(
    read: Callable[..., None], parameters: list[inspect.Parameter], run: Callable[..., None]
) -> Callable[..., None]:
    read.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    read.__name__ = run.__name__
    read.__doc__ = run.__doc__
    read.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return read
