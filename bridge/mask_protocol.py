"""The arguments of masks, drawn and told, for files and for slots. Part of the protocol table, see `protocol`."""

from __future__ import annotations

from typing import Final

from ..engine.settings import Range
from .message_spec import NUMBER, SWITCH, Argument

MASK_ROWS: Final = Range(int, 1, 64, "rows", "")
MASK_COLUMNS: Final = Range(int, 1, 65_536, "columns", "")

_CELLS = "b" + SWITCH
MASK_ARGUMENTS: Final = (
    Argument("rows", NUMBER, "Rows, coarse to fine: at most as many as the bundle has codebooks.", MASK_ROWS),
    Argument("columns", NUMBER, "Columns, start to end of the loop.", MASK_COLUMNS),
    Argument("cells", _CELLS, "Row by row, rows × columns of them: one blob of bytes, or numbers.", repeated=True),
)
ROW_ARGUMENTS: Final = (
    Argument("row", NUMBER, "From 1, the coarsest.", MASK_ROWS),
    Argument("cells", _CELLS, "Start to end of the loop: one blob of bytes, or numbers.", repeated=True),
)
TOLD_ROW: Final = (
    Argument("row", "i", "Codebook, from 1."),
    Argument("cells", "i", "1 = varied, 0 = kept.", repeated=True),
)
