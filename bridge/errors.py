"""Errors of the OSC side, each with a short code that travels to the client beside those of the engine."""

from __future__ import annotations

import errno

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
    """More vamps are unfinished, or more sounds wait to be read and written, than the server holds."""

    code = "busy"


class LimitError(VampbridgeError):
    """More messages than a client may send."""

    code = "limit"


class TimetagError(VampbridgeError):
    """A bundle for a time that is too far ahead, or one more than may wait."""

    code = "timetag"


class ProtocolError(VampbridgeError):
    """A client that speaks another version of the protocol."""

    code = "protocol"


class TokenError(VampbridgeError):
    """A connection from another machine that has not shown the token."""

    code = "token"


class PortError(VampbridgeError):
    """The port cannot be opened."""

    code = "port"


class DeviceError(VampbridgeError):
    """No sound card, or one that cannot be opened or has gone. The message says what to install or to choose."""

    code = "device"


class SessionError(VampbridgeError):
    """Something of a session that cannot be kept, read or found. The message says what is left and what to do."""

    code = "session"


class DiskFullError(SessionError):
    """The disk has no room for the sound of a session; playing goes on."""

    code = "disk-full"


_PORT_ADVICE = {
    errno.EADDRINUSE: "another program has it, perhaps another Vampbridge: end that one, or choose another port",
    errno.EADDRNOTAVAIL: "the host must be an address of this machine, or 0.0.0.0 for all of them",
    errno.EACCES: "choose a port of 1024 or more",
}


def not_listening(kind: str, host: str, port: int, error: OSError) -> PortError:
    """Why a port could not be opened, and what to do.

    Args:
        kind: UDP or TCP.
        host: Address that was to be listened on.
        port: Likewise.
        error: What the system said.
    """
    advice = _PORT_ADVICE.get(error.errno or 0, "")
    reason = f"cannot listen on {kind} {host} port {port}: {error.strerror or error}"
    return PortError(f"{reason}; {advice}" if advice else reason)


MAX_TEXT = 1000


def clip(text: str, limit: int = MAX_TEXT) -> str:
    """`text`, shortened to `limit` characters: an error quotes what it was sent, and must still fit a datagram."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
