"""Drawn masks as OSC has them: whole, or row by row. True = regenerate. Plain values in and out."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.errors import SettingError
from ..engine.take import Mask
from .errors import ArgumentError, RequestError
from .message_spec import Values

MAX_TOLD_COLUMNS = 128
MAX_KEPT = 16  # masks of one client


def _checked(cells: list[Any]) -> Mask:
    """The cells of a message, one blob or numbers: (cells,) bool.

    Raises:
        ArgumentError: Both.
        SettingError: One that is neither 0 nor 1.
    """
    blob = cells[0] if len(cells) == 1 and isinstance(cells[0], bytes) else None
    if blob is not None:  # may hold a million, and the server's thread must not look at them one by one
        bits = np.frombuffer(blob, dtype=np.uint8)
        cells = bits[bits > 1][:1].tolist()
    elif any(isinstance(cell, bytes) for cell in cells):
        raise ArgumentError("cells must be one blob, or numbers, got a mixture")
    wrong = next((cell for cell in cells if cell not in (0, 1)), None)
    if wrong is not None:
        raise SettingError(f"each cell must be 0 (keep) or 1 (vary), got {wrong!r}")
    return np.array(cells if blob is None else bits, dtype=np.bool_)


def check_rows(rows: int, n_codebooks: int) -> None:
    """Whether a mask may have so many rows; before a bundle is loaded, any number.

    Raises:
        SettingError: More than the bundle has codebooks.
    """
    if n_codebooks and rows > n_codebooks:
        raise SettingError(
            f"rows must be a whole number from 1 to {n_codebooks}, the codebooks of the loaded bundle, got {rows}"
        )


def mask_of(values: Values) -> Mask:
    """The drawn mask of a message with rows, columns and cells: (rows, columns) bool.

    Raises:
        ArgumentError: Not rows × columns cells.
        SettingError: A cell that is neither 0 nor 1.
    """
    rows, columns, cells = values["rows"], values["columns"], values["cells"]
    n_cells = len(cells[0]) if len(cells) == 1 and isinstance(cells[0], bytes) else len(cells)
    if n_cells != rows * columns and not any(isinstance(cell, bytes) for cell in cells[1:]):
        raise ArgumentError(f"{rows} rows of {columns} columns are {rows * columns} cells, got {n_cells}")
    return _checked(cells).reshape(rows, columns)


def with_row(mask: Mask | None, values: Values, *, n_codebooks: int) -> Mask:
    """A mask with one row drawn anew.

    Args:
        mask: (rows, columns); None begins one that keeps everything, a row for each codebook.
        values: row, from 1, and its cells.
        n_codebooks: Of the loaded bundle; 0 before one is.

    Raises:
        RequestError: There is no bundle yet that would say how many rows there are.
        SettingError: A row that is not there, or a cell that is neither 0 nor 1.
        ArgumentError: Another number of cells than the mask has columns.
    """
    cells = _checked(values["cells"])
    if mask is None:
        if not n_codebooks:
            raise RequestError("the models are still being loaded: draw the whole mask, or wait")
        mask = np.zeros((n_codebooks, len(cells)), dtype=np.bool_)
    rows, columns = mask.shape
    if values["row"] > rows:
        raise SettingError(f"row must be a whole number from 1 to {rows}, the rows of the mask, got {values['row']}")
    if len(cells) != columns:
        raise ArgumentError(f"the mask has {columns} columns, got {len(cells)} cells; clear it first for another size")
    mask = mask.copy()
    mask[values["row"] - 1] = cells
    return mask


def shown(mask: Mask) -> Mask:
    """A mask, (K, T), as it is told: (K, at most 128), a cell True where most of its frames were varied."""
    n_frames = mask.shape[1]
    columns = min(n_frames, MAX_TOLD_COLUMNS)
    edges = np.arange(columns + 1) * n_frames // columns
    shares = np.add.reduceat(mask.astype(np.float64), edges[:-1], axis=1) / np.diff(edges)  # (K, columns)
    cells: Mask = shares >= 0.5
    return cells


def keep_mask(masks: dict[object, Mask], request_id: object, mask: Mask) -> None:
    """Keep what a vamp varied under its id, as it is told; of each id the newest, and at most the last 16 ids."""
    masks.pop(request_id, None)
    masks[request_id] = shown(mask)
    while len(masks) > MAX_KEPT:
        del masks[next(iter(masks))]


def rows_told(mask: Mask) -> list[tuple[int, ...]]:
    """A mask, (K, T), as messages: the row's number from 1, and at most 128 cells, see `shown`."""
    return [(row, *map(int, cells)) for row, cells in enumerate(shown(mask).tolist(), start=1)]
