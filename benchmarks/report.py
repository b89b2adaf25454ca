"""How a benchmark speaks: tables to read, then one line of JSON to keep."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def print_table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """One table; the first row's keys are the columns, numbers are shown with three digits after the point."""
    table = Table()
    for index, name in enumerate(rows[0]):
        table.add_column(name, justify="left" if index == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    # Kept in a file, a table must not be cut to the width of a screen that is not there.
    width = None if sys.stdout.isatty() else 160
    console = Console(file=sys.stdout, width=width, highlight=False)
    console.print(f"\n[bold]{title}[/bold]")
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def print_json(result: Mapping[str, Any]) -> None:
    """The last line. Numbers that JSON does not have (infinite, not a number) become null."""
    print(json.dumps(_plain(result), allow_nan=False), flush=True)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value
