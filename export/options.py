"""What a user chooses about an export. Imported by the command line, so nothing heavy is imported here."""

from __future__ import annotations

from dataclasses import dataclass

from .tolerances import TOKEN_PRECISION

UNSTATED = "unstated"


@dataclass(frozen=True)
class ExportOptions:
    """What a user may choose.

    Attributes:
        name: Of the bundle; empty takes that of its folder.
        licence: Of the weights, an SPDX name or words.
        origin: Where they come from, words; the files' names and hashes are written down beside them.
        codec_precision: One of CODEC_TOLERANCES; None takes the default, or what the codec of a bundle has already.
        token_precision: One of TOKEN_TOLERANCES.
        overwrite: Whether a bundle that is there already is replaced.
    """

    name: str = ""
    licence: str = UNSTATED
    origin: str = ""
    codec_precision: str | None = None
    token_precision: str = TOKEN_PRECISION
    overwrite: bool = False
