"""The command line `vampbridge`. Starts what the other modules hold; knows no audio and no OSC.

Exit status: 0 done, 2 for anything the user can put right (one line on stderr, `error: …`), 130 for Ctrl-C.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import logging
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ...engine.errors import VampbridgeError
from ..start import EXIT_INTERRUPTED
from .demo import DemoOptions, vamp_demo
from .devices import DevicesOptions, list_audio_devices
from .doctor import DoctorOptions, check_everything
from .live import LiveOptions, play_live
from .network_options import NetworkOptions
from .options import command, plain_command
from .render import RenderOptions, print_json, render_file
from .serve import serve as serve_osc
from .session import app as session_app

EXIT_ERROR = 2
COMMANDS = "vampbridge.commands"
ORDER = (
    "demo",
    "render",
    "live",
    "serve",
    "max",
    "doctor",
    "devices",
    "session",
    "models",
    "train",
    "export",
    "parity",
)

# What stands for an argument where a whole command line is shown; the others by their names in the help.
EXAMPLES = {("render", "IN"): "my-loop.wav", ("render", "OUT"): "my-vamp.wav"}

log = logging.getLogger(__name__)

# typer's UsageError, which it does not export itself; its parts BadParameter, NoSuchOption … are subclasses.
UsageError: Any = typer.BadParameter.__mro__[1]

# Plain help: with rich's markup the ranges in square brackets would be read as styles and vanish.
app = typer.Typer(rich_markup_mode=None, add_completion=False)
app.command("demo", short_help="Hear it on a loop that ships with Vampbridge.")(plain_command(vamp_demo, DemoOptions))
app.command("render", short_help="Vamp an audio file.")(command(render_file, RenderOptions))
app.command("devices", short_help="List the sound cards.")(plain_command(list_audio_devices, DevicesOptions))
app.command("doctor", short_help="Check what will work on stage.")(plain_command(check_everything, DoctorOptions))
app.command("live", short_help="Loop what you play, and vary it.")(plain_command(play_live, LiveOptions))
app.command("serve", short_help="Serve OSC for Max, Live or any controller.")(plain_command(serve_osc, NetworkOptions))
HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def _print_version(*, wanted: bool) -> None:
    if wanted:
        print(importlib.metadata.version("vampbridge"))
        raise typer.Exit


def vampbridge(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=lambda value: _print_version(wanted=value)
        ),
    ] = False,
) -> None:
    """Play a loop back as a new variation of itself.

    Start with `vampbridge demo`. With --debug anywhere, an error shows where in the code it was raised.
    """


def whole_app() -> typer.Typer:
    """Every command: the bridge's own, and those that other packages announce.

    Training and export are not the bridge's business and it may not import them; they stand under the entry points
    `vampbridge.commands`.
    """
    everything = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=HELP_NAMES)
    everything.callback()(vampbridge)
    everything.registered_commands.extend(app.registered_commands)
    everything.add_typer(session_app, name="session")
    for entry in sorted(importlib.metadata.entry_points(group=COMMANDS), key=lambda entry: entry.name):
        _add_announced(everything, entry)
    return everything


def _add_announced(to: typer.Typer, entry: importlib.metadata.EntryPoint) -> None:
    try:
        part = entry.load()
        typer.main.get_command(_with_command(typer.Typer(), entry.name, part))
    # Any package may announce a command, and its import may fail in any way: that must not cost the others.
    except Exception as error:  # noqa: BLE001
        log.warning("the command %r cannot be used: %s: %s", entry.name, type(error).__name__, error)
        return
    _with_command(to, entry.name, part)


def _with_command(to: typer.Typer, name: str, part: Any) -> typer.Typer:  # noqa: ANN401 - whatever was announced
    if isinstance(part, typer.Typer):
        to.add_typer(part, name=name)
    else:
        to.command(name)(part)
    return to


class _SpokenLevel(logging.Formatter):
    """`warning: what happened`, as errors are told."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {super().format(record)}"


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line.

    Args:
        args: without the program's name; None takes sys.argv.

    Returns:
        The exit status (see the top of this module).
    """
    on_stderr = logging.StreamHandler()
    on_stderr.setFormatter(_SpokenLevel())
    logging.basicConfig(handlers=[on_stderr])
    # It remarks on its own folders and fonts, between the lines of a first `demo`. Its errors are still told.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    given = list(sys.argv[1:] if args is None else args)
    # Taken out by hand, because a usage error is found before typer has read the options.
    kept = [arg for arg in given if arg != "--debug"]
    try:
        program: Any = typer.main.get_command(whole_app())
        program.commands = dict(sorted(program.commands.items(), key=_place))
        status = program.main(args=kept or ["--help"], prog_name="vampbridge", standalone_mode=False)
    except (VampbridgeError, UsageError) as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a group without its command; the message is the group's help
            print(error)
            return 0
        if len(kept) < len(given):
            traceback.print_exc()
        return _report(error, kept)
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return int(status or 0)


def _place(command: tuple[str, object]) -> tuple[int, str]:
    """Sorts the commands as somebody meets them; those nobody thought of come last."""
    name = command[0]
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _report(error: Exception, args: list[str]) -> int:
    """One line on stderr; with --json also an object on stdout, with the error's code."""
    message = _usage_message(error, args) if isinstance(error, UsageError) else str(error)
    text = " ".join(message.split())
    print(f"error: {text}", file=sys.stderr)
    if "--json" in args:
        print_json({"error": {"code": getattr(error, "code", "usage"), "message": text}})
    return EXIT_ERROR


def _usage_message(error: Exception, args: list[str]) -> str:
    """Typer's message, with what to type, or, where it is about the value of an option, with what was typed."""
    if type(error).__name__ == "MissingParameter":
        return f"{str(error.format_message()).rstrip('.')}. {_what_to_type(error)}"  # type: ignore[attr-defined]
    if type(error) is not typer.BadParameter or error.param is None:
        return str(error.format_message())  # type: ignore[attr-defined]
    names = error.param.opts
    text = f"{names[0]}: {error.message[:1].lower()}{error.message[1:]}".rstrip(".")
    pairs = [*itertools.pairwise(args), *(arg.split("=", 1) for arg in args if "=" in arg)]
    typed = next((value for name, value in pairs if name in names), None)
    return text if typed is None or typed in text else f"{text}, got {typed!r}"


def _what_to_type(error: Any) -> str:  # noqa: ANN401 - typer does not export its class
    """A whole command line for somebody who has left an argument out."""
    path, command = error.ctx.command_path, error.ctx.command
    needed = [part for part in command.params if part.param_type_name == "argument" and part.required]
    names = [part.metavar or part.name.upper() for part in needed]
    words = [EXAMPLES.get((command.name, name), name) for name in names]
    return f"Type: {' '.join([path, *words])} ({path} --help says more)"
