"""What a client may call a transfer."""

from __future__ import annotations

import math
from typing import Final

from ..errors import ArgumentError
from ..vamps import RequestId

MAX_ID: Final = 64


def checked_id(request_id: RequestId) -> RequestId:
    """A client's name for a transfer, which every chunk carries.

    Raises:
        ArgumentError: Too long, or NaN, which equals nothing.
    """
    if isinstance(request_id, str) and not 0 < len(request_id.encode("utf-8", "replace")) <= MAX_ID:
        raise ArgumentError(f"an id must be a number or text of 1 to {MAX_ID} bytes, got {len(request_id)} characters")
    if isinstance(request_id, float) and math.isnan(request_id):
        raise ArgumentError("an id must be text or a number that equals itself, got nan")
    return request_id
