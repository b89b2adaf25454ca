"""Errors of the OSC side, each with a short code that travels to the client beside those of the engine."""

from __future__ import annotations

from ..engine.errors import VampbridgeError


class MalformedError(VampbridgeError):
    """A datagram that is no OSC packet."""

    code = "malformed"


class AddressError(VampbridgeError):
    """An address that is not in the protocol. The message names the nearest one that is."""

    code = "address"


class ArgumentError(VampbridgeError):
    """Too few or too many arguments, or one of the wrong OSC type."""

    code = "argument"


class RequestError(VampbridgeError):
    """A request that names something that does not exist, such as an unknown request id."""

    code = "request"


class BusyError(VampbridgeError):
    """More vamps are unfinished than the server holds."""

    code = "busy"


class PortError(VampbridgeError):
    """The UDP port cannot be opened."""

    code = "port"


MAX_TEXT = 1000


def clip(text: str, limit: int = MAX_TEXT) -> str:
    """`text`, shortened to `limit` characters: an error quotes what it was sent, and must still fit a datagram."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
