"""OSC over UDP: bytes in, messages out, and back. The only file that imports pythonosc.

Why not pythonosc's own server: it drops datagrams of 8,192 bytes and more without a word, sleeps inside the handler for
a bundle's future time tag, loops for ever on a bundle element of negative size, and reads on out of step past a type
it does not know. So bundles are walked here, and pythonosc reads and builds the single messages.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import math
import select
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pythonosc import osc_message, osc_message_builder
from pythonosc.parsing import osc_types

from .errors import MalformedError, PortError
from .message_spec import TAG_NAMES

log = logging.getLogger(__name__)

MAX_DATAGRAM_BYTES = 65_507
MAX_BUNDLE_DEPTH = 8
_BUNDLE_HEAD = b"#bundle\0"
_BUNDLE_HEAD_BYTES = 16  # "#bundle", and a time tag of 8 bytes

Address = tuple[str, int]


# What still rounds to the largest float32; pythonosc reads that one as 3.4028235e38, a little more than it is.
MAX_FLOAT32 = float(np.finfo(np.float32).max) * (1 + 2**-26)
INT32 = range(-(2**31), 2**31)


class Double(float):
    """A number that came as a double (`d`), and goes back as one: a client's id must come back as it was sent."""


@dataclass(frozen=True)
class OscMessage:
    """One message: address, arguments, and their OSC type tags, one character each."""

    address: str
    arguments: tuple[Any, ...] = ()
    tags: str = ""


def parse_packet(datagram: bytes) -> list[OscMessage]:
    """The messages of a packet in order, bundles flattened. All or nothing: one bad part refuses the whole packet.

    A bundle's time tag is ignored: its messages are for now. Waiting here would hold up every other client.

    Raises:
        MalformedError: Not OSC, or of an argument type that nothing in the protocol takes.
    """
    return [_parse_message(element) for element in _elements(datagram, depth=0)]


def _elements(datagram: bytes, *, depth: int) -> Iterator[bytes]:
    if datagram.startswith(b"/"):
        yield datagram
        return
    if not datagram.startswith(_BUNDLE_HEAD) or len(datagram) < _BUNDLE_HEAD_BYTES:
        raise MalformedError(f"an OSC packet starts with / or #bundle, got {datagram[:16]!r}")
    if depth >= MAX_BUNDLE_DEPTH:
        raise MalformedError(f"bundles may be nested {MAX_BUNDLE_DEPTH} deep, got more")
    start = _BUNDLE_HEAD_BYTES
    while start < len(datagram):
        end = start + 4 + int.from_bytes(datagram[start : start + 4], "big")
        if end > len(datagram) or end == start + 4:
            raise MalformedError(f"a bundle element at byte {start} is empty or longer than the packet")
        yield from _elements(datagram[start + 4 : end], depth=depth + 1)
        start = end


def _parse_message(datagram: bytes) -> OscMessage:
    try:
        address, index = osc_types.get_string(datagram, 0)
        if index >= len(datagram):  # old senders leave the type tags out when there are no arguments
            return OscMessage(address)
        tags, _ = osc_types.get_string(datagram, index)
        # pythonosc skips the value of a tag it does not know and reads on, out of step.
        unknown = sorted(set(tags[1:]) - set(TAG_NAMES))
        if not tags.startswith(",") or unknown:
            raise MalformedError(f"OSC type tags must be of {''.join(TAG_NAMES)}, got {tags[:32]!r}")
        values = osc_message.OscMessage(datagram).params
    except (osc_message.ParseError, osc_types.ParseError, struct.error, ValueError, IndexError) as error:
        raise MalformedError(f"not an OSC message: {error}") from error
    pairs = zip(values, tags[1:], strict=True)
    return OscMessage(address, tuple(_as_written(value, tag) for value, tag in pairs), tags[1:])


def _as_written(value: object, tag: str) -> object:
    # A float32 0.01 is 0.00999999977 as a double, which is below a range that starts at 0.01. The shortest decimal that
    # stands for the same float32 is what the musician typed.
    if tag == "f" and isinstance(value, float):
        return float(str(np.float32(value)))
    return Double(value) if tag == "d" and isinstance(value, float) else value


def build_message(address: str, arguments: Sequence[Any]) -> bytes:
    """The datagram of a message: int, float, str, bytes, bool and None, with the type tags of `tag_of`."""
    builder = osc_message_builder.OscMessageBuilder(address=_encodable(address))
    for argument in arguments:
        builder.add_arg(_encodable(argument) if isinstance(argument, str) else argument, tag_of(argument))
    return builder.build().dgram


def tag_of(value: object) -> str:
    """The OSC type tag that a value is sent with; not left to pythonosc, which packs some numbers by the wrong one.

    A float is `f`, which every receiver reads, unless it came as a double or lies beyond float32.

    Raises:
        ValueError: A type that nothing in the protocol sends.
    """
    if value is None:
        return "N"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return "i" if value in INT32 else "h"
    if isinstance(value, float):
        return "d" if isinstance(value, Double) or MAX_FLOAT32 < abs(value) < math.inf else "f"
    if isinstance(value, str):
        return "s"
    if isinstance(value, bytes):
        return "b"
    raise ValueError(f"an OSC argument must be a number, text, bytes or None, got {value!r}")


def _encodable(text: str) -> str:
    # A path may hold bytes that are no UTF-8, and quoted input may hold a NUL, which would end the string.
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


class UdpPort:
    """One bound UDP socket. One thread receives; any thread may send.

    Args:
        host: Address of the interface, IPv4 or IPv6.
        port: 0 lets the system choose.

    Raises:
        PortError: In use, or not an address of this machine.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if host == "::":  # some systems would hear IPv6 only
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            # No SO_REUSEADDR: with it two servers could share the port, and each would get some of the messages.
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise PortError(f"cannot listen on UDP {host} port {port}: {error.strerror or error}") from error
        self._socket.setblocking(False)  # noqa: FBT003
        self.host, self.port = self._socket.getsockname()[:2]
        self.failed_sends = 0

    def receive(self, timeout_s: float) -> tuple[bytes, Address] | None:
        """The next datagram and its sender; None after `timeout_s` without one."""
        ready, _, _ = select.select([self._socket], [], [], timeout_s)
        if not ready:
            return None
        # A client that is gone shows here on Windows (connection reset); a datagram with a bad checksum is gone by now.
        with contextlib.suppress(ConnectionError, BlockingIOError):
            datagram, sender = self._socket.recvfrom(MAX_DATAGRAM_BYTES + 1)
            return datagram, (sender[0], sender[1])
        return None

    def send(self, to: Address, address: str, arguments: Sequence[Any] = ()) -> None:
        """Send one message. What cannot be sent is logged and counted, never raised.

        A receiver may be gone, a buffer full, a value beyond OSC: one client's reply must end no thread of the server.
        """
        try:
            self._socket.sendto(build_message(address, arguments), to)
        except (OSError, OverflowError, ValueError, struct.error, osc_message_builder.BuildError) as error:
            self.failed_sends += 1
            log.info("could not send %s to %s port %d: %s", address, to[0], to[1], error)

    def close(self) -> None:
        """Free the port."""
        self._socket.close()
