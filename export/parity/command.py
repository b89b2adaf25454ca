"""`vampbridge parity`: published numbers replayed through torch and ONNX Runtime. Needs the extra `models`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ...engine.errors import MissingDependencyError

EXIT_FAILED = 1


def parity(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a fixture set (.npz, .json, checkpoints/).")],
) -> None:
    """Check every stage against a set of published numbers.

    Replays the set through PyTorch and through ONNX Runtime and says where they differ. Prints a table for each family
    of arrays, every failure with its place, and a JSON object on the last line. Exit status 0 when everything agrees,
    1 when something does not or nothing could be compared, 2 when DIR holds no set that can be read.
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("parity needs PyTorch: pip install 'vampbridge[models]'") from error
    from rich.console import Console

    from .fixture_set import read_fixture_set
    from .replay import replay
    from .report import show, summary

    pages = list(replay(read_fixture_set(folder)))
    console = Console()
    show(pages, console)
    found = summary(pages)
    typer.echo(json.dumps(found, ensure_ascii=False, allow_nan=False))
    if not found["passed"] and not found["failed"]:
        typer.echo(f"{folder}: nothing in it could be compared", err=True)
    if found["failed"] or not found["passed"]:
        raise typer.Exit(EXIT_FAILED)
