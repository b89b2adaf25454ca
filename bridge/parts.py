"""What a part of the server looks like: a table's handlers, and what it does by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .clients import Address, Client
from .errors import RequestError
from .message_spec import Values

Handler = Callable[[Values, Client, Address], None]


class Part(Protocol):
    """Answers the messages of one table. Everything is called in the server's thread, and must not wait."""

    handlers: dict[str, Handler]

    def tick(self, now_s: float) -> None:
        """Called every 100 ms or more often, with `time.monotonic()`."""
        ...

    def forget(self, client: Address) -> None:
        """A client's lease has ended, it said bye, or its connection is gone."""
        ...


class BasePart:
    """A part that does nothing by itself."""

    handlers: dict[str, Handler]

    def tick(self, now_s: float) -> None:
        """Nothing."""

    def forget(self, client: Address) -> None:
        """Nothing."""


def no_stage(_values: Values, _client: Client, _sender: Address) -> None:
    """The handler of everything that needs a stage, where there is none.

    Raises:
        RequestError: Always.
    """
    raise RequestError("this server plays no loops by itself: start it with `vampbridge live`")
