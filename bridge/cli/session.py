"""`vampbridge session`: which sessions there are, what is in one, and its takes as files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...engine.settings import DEFAULT_PRESET, PRESETS, RANGES
from ..errors import SessionError
from .options import JsonOption
from .render import print_json, print_warnings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree

    from ..sessions.folders import Overview
    from ..sessions.records import Record
    from ..sessions.store import SessionIndex
    from ..sessions.tree import TakeTree

PIPE_WIDTH = 200  # where nobody looks, nothing is cut short
MOST_INDENTED = 10  # deeper branches stand beside their parent, which each of them names
_NOT_TOLD = ("seed", "variations")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Sessions: everything played in and every take of a set. List them, look inside, export takes.",
)

RootOption = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="Where sessions are kept. [default: the platform's folder for data, or VAMPBRIDGE_DATA]",
    ),
]
SessionArgument = Annotated[
    str,
    typer.Argument(
        metavar="SESSION",
        help="Its name in the list, the path of its folder, or `latest`: the newest in which something was played.",
    ),
]


@app.command("list")
def list_sessions(*, folder: RootOption = None, json: JsonOption = False) -> None:
    """Say which sessions there are, oldest first, and whether they are whole."""
    from ..sessions.folders import session_folders

    root = _root(folder)
    looked = [_overview(path) for path in session_folders(root)]
    found = sorted((line for line in looked if not isinstance(line, str)), key=lambda line: line.begun_s)
    problems = [line for line in looked if isinstance(line, str)]
    problems += [f"{line.name}: {text}" for line in found for text in line.problems]
    if json:
        lines = [{**asdict(line), "length_s": line.ended_s - line.begun_s} for line in found]
        print_json({"folder": str(root), "sessions": lines, "warnings": problems})
        return
    if found:
        _print_list(found)
    word = "session" if len(found) == 1 else "sessions"
    print(f"{len(found)} {word} in {root}" if found else f"no sessions yet in {root}")
    print_warnings(problems)


@app.command("show")
def show(session: SessionArgument = "latest", *, folder: RootOption = None, json: JsonOption = False) -> None:
    """Show what is in a session: who comes from whom, with seeds, and what differs from the nearest preset."""
    from ..sessions.export import facts_of

    found = _open(session, folder)
    tree, warnings = found.tree(), _warnings(found)
    if json:
        nodes = [{**facts_of(tree, key), "children": tree.children(key)} for key in tree.records]
        runs = {run: asdict(info) for run, info in found.contents.runs.items()}
        print_json({"session": str(found.folder), "runs": runs, "records": nodes, "warnings": warnings})
        return
    contents = found.contents
    begun = datetime.fromtimestamp(contents.first_s).astimezone()
    print(f"{found.folder}: begun {begun:%Y-%m-%d %H:%M:%S}, {_length(contents.last_s - contents.first_s)}")
    for run, info in contents.runs.items():
        words = [f"{info.sample_rate} Hz", info.device, info.bundle and f"model {info.bundle}"]
        print(f"run {run}: " + ", ".join(word for word in words if word))
    _console().print(_drawn(tree), soft_wrap=True)
    print_warnings(warnings)


@app.command("export")
def export(
    session: SessionArgument,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to; made if it is not there.")],
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY]...", help="Takes and layers as `show` names them; none: all takes."),
    ] = None,
    *,
    layers: Annotated[bool, typer.Option("--layers", help="What was played in, too.")] = False,
    file_format: Annotated[
        str, typer.Option("--format", metavar="wav|flac", help="wav: 32-bit float, exact. flac: 24 bits, smaller.")
    ] = "wav",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    folder: RootOption = None,
    json: JsonOption = False,
) -> None:
    """Write takes as audio files, each with its lineage as JSON beside it."""
    from ..sessions.export import chosen_keys
    from ..sessions.export import export as write

    found = _open(session, folder)
    written, missing = write(
        found, chosen_keys(found, keys or [], layers=layers), out, suffix=file_format.lower(), force=force
    )
    warnings = missing + [
        f"{done.audio.name}: {done.n_clipped} samples beyond full scale were clipped; --format wav keeps them."
        for done in written
        if done.n_clipped
    ]
    if json:
        files = [{"key": done.key, "audio": str(done.audio), "lineage": str(done.lineage)} for done in written]
        print_json({"session": str(found.folder), "files": files, "warnings": warnings})
        return
    print_warnings(warnings)
    for done in written:
        print(done.audio)


def _overview(path: Path) -> Overview | str:
    """A line of the list, or why there is none: a newer version, or no permission."""
    from ..sessions.folders import overview

    try:
        return overview(path)
    except SessionError as error:
        return str(error)


def _root(folder: Path | None) -> Path:
    from ..sessions.folders import sessions_folder

    if folder is None:
        return sessions_folder()
    if not folder.is_dir():
        raise SessionError(f"there is no folder {folder}")
    return folder.absolute()


def _open(name: str, folder: Path | None) -> SessionIndex:
    from ..sessions.folders import find_session
    from ..sessions.store import read_session

    return read_session(find_session(name, _root(folder)))


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def _print_list(found: list[Overview]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("session", "begun"):
        table.add_column(title, no_wrap=True)
    for title in ("slots", "layers", "takes", "length", "size"):
        table.add_column(title, justify="right")
    table.add_column("state")
    for line in found:
        begun = datetime.fromtimestamp(line.begun_s).astimezone()
        counts = (str(line.n_slots), str(line.n_layers), str(line.n_takes))
        rest = (_length(line.ended_s - line.begun_s), f"{line.n_bytes / 1e6:.1f} MB", line.state)
        table.add_row(Text(line.name), f"{begun:%Y-%m-%d %H:%M}", *counts, *rest)
    _console().print(table)


def _length(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _warnings(found: SessionIndex) -> list[str]:
    """What is wrong with the session, what was noted in it, and what the engine said of its takes."""
    said = [f"{take.key}: {text}" for take in found.contents.takes for text in _texts(take.report.get("warnings"))]
    return [*found.recovery.sentences(), *(note.text for note in found.contents.notes), *said]


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list | tuple) else []


def _drawn(tree: TakeTree) -> Tree:
    """The whole family, walked without recursion: a loop that evolved all night is thousands deep."""
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(Text(f"{len(tree.records)} layers and takes"))
    waiting: list[tuple[str, Tree, int]] = [(key, root, 0) for key in reversed(tree.roots)]
    while waiting:
        key, above, depth = waiting.pop()
        is_deep = depth >= MOST_INDENTED
        words = [*_words(tree.records[key]), *([f"from {tree.parent(key)}"] if is_deep else [])]
        here = above.add(Text(f"{key}  " + ", ".join(words)))
        below = above if is_deep else here
        waiting += [(child, below, depth + 1) for child in reversed(tree.children(key))]
    return root


def _words(record: Record) -> Iterator[str]:
    from ..sessions.records import TakeRecord

    yield f"slot {record.slot + 1}" if record.slot >= 0 else "slot unknown"  # people count from 1
    if not isinstance(record, TakeRecord):
        yield record.kind
    yield f"{record.audio.n_frames / record.audio.sample_rate:.2f} s" if record.audio else "sound not kept"
    if isinstance(record, TakeRecord):
        yield f"seed {record.report.get('seed', 'unknown')}"
        yield from _differences(record.report.get("settings"))


def _differences(settings: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a journal holds
    """The nearest preset, and what is not as there."""
    if not isinstance(settings, dict):
        return
    told = [name for name in RANGES if name in settings and name not in _NOT_TOLD]
    differing = {
        name: {one: settings[one] for one in told if settings[one] != getattr(PRESETS[name], one)} for name in PRESETS
    }
    # Of those equally near the default one.
    nearest = min(differing, key=lambda name: (len(differing[name]), name != DEFAULT_PRESET))
    yield nearest
    for name, value in differing[nearest].items():
        yield f"{name} {value}"
