"""What a client may call a vamp or a transfer: one rule, for the server keeps these names and sends them back."""

from __future__ import annotations

import math
from typing import Final

from .errors import ArgumentError

RequestId = str | int | float

MAX_ID: Final = 64
"""Bytes of a name; every chunk of a transfer carries it, and masks are kept under it."""


def checked_id(request_id: RequestId) -> RequestId:
    """A client's own name for something.

    Raises:
        ArgumentError: Empty or too long; or NaN, which equals nothing, not even itself, and so could never be named
            again.
    """
    if isinstance(request_id, str) and not 0 < len(request_id.encode("utf-8", "replace")) <= MAX_ID:
        raise ArgumentError(f"an id must be a number or text of 1 to {MAX_ID} bytes, got {len(request_id)} characters")
    if isinstance(request_id, float) and math.isnan(request_id):
        raise ArgumentError("an id must be text or a number that equals itself, got nan")
    return request_id


def one_spelling(request_id: RequestId) -> RequestId:
    """The same for ids that are equal: Max may send 7 as an int or as a float, and both are cancelled together."""
    is_whole = isinstance(request_id, float) and request_id.is_integer()
    return int(request_id) if is_whole else request_id
