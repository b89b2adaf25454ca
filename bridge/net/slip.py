"""Packets in a stream of bytes: SLIP (RFC 1055) with an END before and after each packet, as OSC 1.1 wants it.

Bytes in, bytes out; no sockets. Nothing here goes byte by byte: megabytes are cut and mended in C.
"""

from __future__ import annotations

import numpy as np

from ..errors import MalformedError

END = b"\xc0"
ESC = b"\xdb"
_EMPTY = END + END
_FEW = 16  # bytes of a packet and its ENDs, of the shortest messages there are
_ESCAPED_END = b"\xdb\xdc"
_ESCAPED_ESC = b"\xdb\xdd"
_WRONG = "a SLIP packet holds DB only before DC or DD"


def frame(packet: bytes) -> bytes:
    """A packet as it travels."""
    return END + packet.replace(ESC, _ESCAPED_ESC).replace(END, _ESCAPED_END) + END


def unescape(framed: bytes) -> bytes:
    """The packet between two ENDs.

    Raises:
        MalformedError: An ESC before anything but its two companions.
    """
    if ESC not in framed:
        return framed
    received = np.frombuffer(framed, dtype=np.uint8)  # (bytes,)
    escapes = np.flatnonzero(received == ESC[0])
    if escapes[-1] == len(received) - 1:
        raise MalformedError(_WRONG)
    escaped = received[escapes + 1]
    is_end = escaped == _ESCAPED_END[1]
    if not np.all(is_end | (escaped == _ESCAPED_ESC[1])):
        raise MalformedError(_WRONG)
    # Two replacements of two bytes each would take four times as long for a megabyte.
    whole = received.copy()
    whole[escapes + 1] = np.where(is_end, END[0], ESC[0])
    is_kept = np.ones(len(whole), dtype=np.bool_)
    is_kept[escapes] = False
    return bytes(whole[is_kept])


class FrameReader:
    """Cuts what comes over a connection at the ENDs. Packets stay escaped, see `unescape`.

    Attributes:
        max_bytes: Of one packet, escaped as it may be twice as much. May be changed at any time.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._rest = bytearray()  # not a list of pieces: a byte at a time, each would cost sixty

    @property
    def is_amid(self) -> bool:
        """Whether a packet was begun and is not over."""
        return bool(self._rest)

    def feed(self, received: bytes) -> list[bytes]:
        """The packets that are complete now, in order; empty ones are left out, as RFC 1055 has it.

        Raises:
            MalformedError: One is longer than is allowed. Nothing can be made of the stream after that.
        """
        if received.count(END) > len(received) // _FEW:
            # Nearly nothing but ENDs: each would become an empty piece, and a flood of them half a second of work.
            while _EMPTY in received:
                received = received.replace(_EMPTY, END)
        pieces = received.split(END)
        if self._rest or len(pieces) == 1:
            self._rest += pieces[0]
            self._check(len(self._rest))
            if len(pieces) == 1:
                return []
            pieces[0] = bytes(self._rest)
        rest = pieces.pop()
        self._rest = bytearray(rest)
        self._check(max(map(len, (*pieces, rest))))
        return [piece for piece in pieces if piece]

    def _check(self, n_bytes: int) -> None:
        if n_bytes > 2 * self.max_bytes:
            raise MalformedError(f"a packet over TCP holds at most {self.max_bytes} bytes, got more")
