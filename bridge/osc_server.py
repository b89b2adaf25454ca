"""OSC packets, and the UDP socket: bytes in, messages out, and back. The only file that imports pythonosc.

Why not pythonosc's own server: it drops datagrams of 8,192 bytes and more without a word, sleeps inside the handler for
a bundle's future time tag, loops for ever on a bundle element of negative size, and reads on out of step past a type
it does not know. So bundles are walked here, and pythonosc reads and builds the single messages.
"""

from __future__ import annotations

import contextlib
import ipaddress
import itertools
import logging
import math
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from pythonosc import osc_message, osc_message_builder
from pythonosc.parsing import osc_types

from .errors import MalformedError, not_listening
from .message_spec import TAG_NAMES
from .net.limits import MAX_BUNDLED, MAX_DATAGRAM_BYTES
from .net.schedule import IMMEDIATELY

log = logging.getLogger(__name__)

MAX_BUNDLE_DEPTH = 8
_BUNDLE_HEAD = b"#bundle\0"
_BUNDLE_HEAD_BYTES = 16  # "#bundle", and a time tag of 8 bytes
RECEIVE_BUFFER_BYTES = 4 * 2**20  # of the system, which may give less: a second of messages while one is handled
_SO_RXQ_OVFL = 40  # Linux tells with every datagram how many were dropped before; Python has no name for it
_COUNT_BYTES = 4
_SHORT_BYTES, _N_SHORT = 64, 2048

Address = tuple[str, int]


# What still rounds to the largest float32; pythonosc reads that one as 3.4028235e38, a little more than it is.
MAX_FLOAT32 = float(np.finfo(np.float32).max) * (1 + 2**-26)
INT32 = range(-(2**31), 2**31)


class Double(float):
    """A number that came as a double (`d`), and goes back as one: a client's id must come back as it was sent."""


@dataclass(frozen=True)
class OscMessage:
    """One message.

    Attributes:
        address: As it was sent.
        arguments: In order.
        tags: Their OSC type tags, one character each.
        timetag: For when, as NTP has it; of bundles in bundles the latest.
    """

    address: str
    arguments: tuple[Any, ...] = ()
    tags: str = ""
    timetag: int = field(default=IMMEDIATELY, compare=False)


def parse_packet(datagram: bytes) -> list[OscMessage]:
    """The messages of a packet in order, bundles flattened. All or nothing: one bad part refuses the whole packet.

    Nothing waits here: a message says for when it is, and whoever handles it keeps it until then.

    Raises:
        MalformedError: Not OSC, or of an argument type that nothing in the protocol takes.
    """
    elements = list(itertools.islice(_elements(datagram, IMMEDIATELY, depth=0), MAX_BUNDLED + 1))
    if len(elements) > MAX_BUNDLED:
        raise MalformedError(f"a bundle may hold {MAX_BUNDLED} messages, got more")
    return [
        _parse_short(message, timetag) if len(message) <= _SHORT_BYTES else _parse_message(message, timetag)
        for message, timetag in elements
    ]


def _elements(datagram: bytes, timetag: int, *, depth: int) -> Iterator[tuple[bytes, int]]:
    if datagram.startswith(b"/"):
        yield datagram, timetag
        return
    if not datagram.startswith(_BUNDLE_HEAD) or len(datagram) < _BUNDLE_HEAD_BYTES:
        raise MalformedError(f"an OSC packet starts with / or #bundle, got {datagram[:16]!r}")
    if depth >= MAX_BUNDLE_DEPTH:
        raise MalformedError(f"bundles may be nested {MAX_BUNDLE_DEPTH} deep, got more")
    timetag = max(timetag, int.from_bytes(datagram[8:_BUNDLE_HEAD_BYTES], "big"))
    start = _BUNDLE_HEAD_BYTES
    while start < len(datagram):
        end = start + 4 + int.from_bytes(datagram[start : start + 4], "big")
        if end > len(datagram) or end == start + 4:
            raise MalformedError(f"a bundle element at byte {start} is empty or longer than the packet")
        yield from _elements(datagram[start + 4 : end], timetag, depth=depth + 1)
        start = end


def _parse_message(datagram: bytes, timetag: int) -> OscMessage:
    try:
        address, index = osc_types.get_string(datagram, 0)
        if index >= len(datagram):  # old senders leave the type tags out when there are no arguments
            return OscMessage(address, timetag=timetag)
        tags, _ = osc_types.get_string(datagram, index)
        # pythonosc skips the value of a tag it does not know and reads on, out of step.
        unknown = sorted(set(tags[1:]) - set(TAG_NAMES))
        if not tags.startswith(",") or unknown:
            raise MalformedError(f"OSC type tags must be of {''.join(TAG_NAMES)}, got {tags[:32]!r}")
        values = osc_message.OscMessage(datagram).params
    except (osc_message.ParseError, osc_types.ParseError, struct.error, ValueError, IndexError) as error:
        raise MalformedError(f"not an OSC message: {error}") from error
    pairs = zip(values, tags[1:], strict=True)
    return OscMessage(address, tuple(_as_written(value, tag) for value, tag in pairs), tags[1:], timetag)


# The same questions and verbs come again and again; a message that was parsed is never changed.
_parse_short = lru_cache(maxsize=_N_SHORT)(_parse_message)


def _as_written(value: object, tag: str) -> object:
    # A float32 0.01 is 0.00999999977 as a double, which is below a range that starts at 0.01. The shortest decimal that
    # stands for the same float32 is what the musician typed.
    if tag == "f" and isinstance(value, float):
        return float(str(np.float32(value)))
    return Double(value) if tag == "d" and isinstance(value, float) else value


def build_message(address: str, arguments: Sequence[Any]) -> bytes:
    """The packet of a message: int, float, str, bytes, bool and None, with the type tags of `tag_of`.

    Raises:
        ValueError: A value beyond OSC.
    """
    builder = osc_message_builder.OscMessageBuilder(address=_encodable(address))
    try:
        for argument in arguments:
            builder.add_arg(_encodable(argument) if isinstance(argument, str) else argument, tag_of(argument))
        return builder.build().dgram
    except (OverflowError, struct.error, osc_message_builder.BuildError) as error:
        raise ValueError(f"cannot be sent as OSC: {error}") from error


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

    Attributes:
        failed_sends: Messages that could not be sent.
        n_lost: Datagrams that the system dropped unread, as Linux counts them.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if host == "::":  # some systems would hear IPv6 only
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            # No SO_REUSEADDR: with it two servers could share the port, and each would get some of the messages.
            self.socket.bind((host, port))
        except OSError as error:
            self.socket.close()
            raise not_listening("UDP", host, port, error) from error
        self.socket.setblocking(False)  # noqa: FBT003
        self.host, self.port = self.socket.getsockname()[:2]
        self.failed_sends = 0
        self.n_lost = 0
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        if sys.platform == "linux":
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)

    def receive_now(self) -> tuple[bytes, Address] | None:
        """The next datagram and its sender; None if there is none."""
        # A client that is gone shows here on Windows (connection reset); a datagram with a bad checksum is gone by now.
        with contextlib.suppress(ConnectionError, BlockingIOError):
            if sys.platform != "linux":
                datagram, sender = self.socket.recvfrom(MAX_DATAGRAM_BYTES + 1)
                return datagram, (sender[0], sender[1])
            datagram, notes, _, sender = self.socket.recvmsg(MAX_DATAGRAM_BYTES + 1, socket.CMSG_SPACE(_COUNT_BYTES))
            for level, kind, data in notes:
                if level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL:
                    self.n_lost = int.from_bytes(data[:_COUNT_BYTES], sys.byteorder)
            return datagram, (sender[0], sender[1])
        return None

    def send(self, to: Address, address: str, arguments: Sequence[Any] = ()) -> None:
        """Send one message. What cannot be sent is logged and counted, never raised.

        A receiver may be gone, a buffer full, a value beyond OSC: one client's reply must end no thread of the server.
        """
        try:
            self.socket.sendto(build_message(address, arguments), to)
        except (OSError, ValueError, OverflowError) as error:  # overflow: a port beyond 65535
            self.count_failure(to, address, error)

    def count_failure(self, to: Address, address: str, error: Exception) -> None:
        """A message could not be sent."""
        self.failed_sends += 1
        log.info("could not send %s to %s port %d: %s", address, to[0], to[1], error)

    def close(self) -> None:
        """Free the port."""
        self.socket.close()
