"""How everybody sends. A small interface, so that nobody else needs to know of sockets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .clients import Address


class Send(Protocol):
    """Sends one OSC message."""

    def __call__(self, to: Address, address: str, arguments: Sequence[Any] = ..., /) -> None:
        """Send to a client, over UDP or its TCP connection. Never waits; a receiver that is gone is no error."""
        ...
