"""One WebSocket client: what it listens to, what it must still be told, how fast it may talk. No sockets here."""

from __future__ import annotations

import json
from typing import Any, Final

from ..errors import AddressError, ArgumentError, RequestError
from .tree import Namespace, Readable

MAX_MESSAGES_PER_S: Final = 5_000  # a client that listens to 32 slots at once sends half as many
_COMMANDS: Final = ("LISTEN", "IGNORE")


class Listener:
    """What one client listens to. Bounded by the tree: an address is kept once, and what is not sent yet is replaced.

    Args:
        namespace: Of the server.
        values: The same.

    Attributes:
        addresses: What it listens to.
    """

    def __init__(self, namespace: Namespace, values: Readable) -> None:
        self._namespace, self._values = namespace, values
        self.addresses: set[str] = set()
        self._told: dict[str, tuple[Any, ...]] = {}  # the last value of each, told or pending
        self._pending: dict[str, tuple[Any, ...]] = {}
        self._second, self._n_messages = 0, 0

    def obey(self, text: str) -> None:
        """Do what a text message says: `{"COMMAND": "LISTEN" or "IGNORE", "DATA": address}`.

        The value that an address has now is told at once, so that no change between asking and listening is missed.

        Raises:
            ArgumentError: Not such a message.
            AddressError: An address that is not there.
            RequestError: One without a value: nothing would ever be told of it.
        """
        command, address = _parse(text)
        node = self._namespace.find(address)
        if node is None:
            raise AddressError(f"there is no address {address[:100]!r}")
        if command == "IGNORE":
            self.addresses.discard(node.path)
            self._pending.pop(node.path, None)
            return
        if not node.is_readable:
            raise RequestError(f"{node.path} has no value to listen to")
        self.addresses.add(node.path)
        self._told.pop(node.path, None)
        self.note(node.path, self._values.get(node.path))

    def note(self, address: str, value: tuple[Any, ...] | None) -> bool:
        """A value has changed, perhaps; whether this client will be told: not what it knows."""
        if value is None or address not in self.addresses or self._told.get(address) == value:
            return False
        self._told[address] = self._pending[address] = value
        return True

    def take_pending(self) -> list[tuple[str, tuple[Any, ...]]]:
        """What must be told now; each address once, with its newest value."""
        pending, self._pending = self._pending, {}
        return list(pending.items())

    def may_talk(self, time_s: float) -> bool:
        """Count a message; False from the 5,001st within one second on."""
        if int(time_s) != self._second:
            self._second, self._n_messages = int(time_s), 0
        self._n_messages += 1
        return self._n_messages <= MAX_MESSAGES_PER_S


def _parse(text: str) -> tuple[str, str]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArgumentError(f"a text message must be JSON, got {text[:100]!r}") from error
    command, address = (told.get("COMMAND"), told.get("DATA")) if isinstance(told, dict) else (None, None)
    if command not in _COMMANDS or not isinstance(address, str):
        raise ArgumentError(f"a text message must hold COMMAND ({' or '.join(_COMMANDS)}) and DATA (an address)")
    return str(command), address
