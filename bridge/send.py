"""How everybody sends. A small interface, so that nobody else needs to know of sockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .clients import Address


class Send(Protocol):
    """Sends one OSC message."""

    def __call__(self, to: Address, address: str, arguments: Sequence[Any] = ..., /) -> None:
        """Send to a client, over UDP or its TCP connection. Never waits; a receiver that is gone is no error."""
        ...


@dataclass
class Meter:
    """Sends, and counts what goes to one client: what its message brought about. Others' subscriptions do not count.

    Attributes:
        send: See `Send`.
        owner: Whose answers are counted.
        n_answers: So many.
    """

    send: Send
    owner: Address | None = None
    n_answers: int = 0

    def __call__(self, to: Address, address: str, arguments: Sequence[Any] = (), /) -> None:
        """See `Send`."""
        self.n_answers += to == self.owner
        self.send(to, address, arguments)

    def watch(self, owner: Address) -> None:
        """Count anew."""
        self.owner, self.n_answers = owner, 0
