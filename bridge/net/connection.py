"""One TCP connection: packets in, packets out, neither ever waited for.

The network's thread reads and closes; any thread may send.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections import deque

from ..clients import Address
from ..errors import MalformedError
from .limits import (
    FRAME_S,
    HELLO_S,
    IDLE_S,
    LINGER_S,
    MAX_BACKLOG_BYTES,
    MAX_FRAME_BYTES,
    MAX_HELLO_BYTES,
    RECEIVE_BYTES,
    STALL_S,
)
from .slip import FrameReader

_AT_ONCE = struct.pack("HH" if sys.platform == "win32" else "ii", 1, 0)


class Connection:
    """A client at the other end of a stream.

    Args:
        stream: Connected; closed here.
        key: Who it is, for everybody else.
        now_s: When it connected.
        is_trusted: Whether it need not show a token.

    Attributes:
        frames: Packets that came and were not handled yet, still escaped.
        doomed: Why it is to be closed; empty while it is not.
        dismissed: Why nothing more is taken of it; it is to be told, and hung up on. Empty while it is welcome.
        paused_until_s: Nothing of it is handled before.
        has_spoken: Whether it has sent anything that looks like OSC.
        has_left: Whether it closed the connection itself.
    """

    def __init__(self, stream: socket.socket, key: Address, *, now_s: float, is_trusted: bool) -> None:
        self.stream, self.key = stream, key
        self.began_s = now_s
        self.frames: deque[bytes] = deque()
        self.doomed = self.dismissed = ""
        self.paused_until_s = 0.0
        self.has_spoken = self.has_left = False
        self.is_trusted = is_trusted
        self._reader = FrameReader(MAX_FRAME_BYTES if is_trusted else MAX_HELLO_BYTES)
        self._amid_since_s = 0.0
        self._heard_s = self._moved_s = now_s
        self._linger_until_s = 0.0
        self._out: deque[memoryview] = deque()
        self._lock = threading.Lock()  # guards what waits to be sent
        self.backlog_bytes = 0

    def trust(self) -> None:
        """It has shown the token."""
        self.is_trusted = True
        self._reader.max_bytes = MAX_FRAME_BYTES

    # In: the network's thread.

    @property
    def is_over(self) -> bool:
        """Whether it can be closed. What it sent before it left is handled, but not if it was thrown out."""
        return bool(self.doomed) and not (self.has_left and self.frames)

    @property
    def wants_reading(self) -> bool:
        """Whether more may be read: not while earlier packets wait, so that TCP itself slows the sender down."""
        return self.is_lingering or not (self.frames or self.dismissed)

    @property
    def is_lingering(self) -> bool:
        """Whether it was hung up on, and may still read what it was told."""
        return bool(self._linger_until_s)

    @property
    def wants_writing(self) -> bool:
        """Whether something waits to be sent."""
        return self.backlog_bytes > 0

    def read(self, now_s: float) -> None:
        """Take what has come."""
        try:
            received = self.stream.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self.doom(f"it broke off: {error.strerror or error}")
            return
        if not received:
            self.has_left = not self.doomed
            self.doom("it closed the connection")
        elif not self.is_lingering:
            self._take(received, now_s)

    def _take(self, received: bytes, now_s: float) -> None:
        was_amid = self._reader.is_amid
        try:
            frames = self._reader.feed(received)
        except MalformedError as error:
            self.dismissed = str(error)
            return
        if frames or not was_amid:
            self._amid_since_s = now_s
        if frames:
            self._heard_s = now_s
            self.has_spoken = self.has_spoken or frames[0].startswith((b"/", b"#bundle\0"))
            self.frames.extend(frames)

    # Out: any thread.

    def send(self, framed: bytes, now_s: float) -> bool:
        """Send, or keep until it can be. Whether the network must be woken."""
        with self._lock:
            if self.doomed or self.is_lingering:
                return False
            if self.backlog_bytes + len(framed) > MAX_BACKLOG_BYTES:
                self.doomed = f"it does not read: {self.backlog_bytes} bytes wait for it"
                return True
            if not self._out:
                self._moved_s = now_s
            self._out.append(memoryview(framed))
            self.backlog_bytes += len(framed)
            if len(self._out) == 1:
                self._push(now_s)
            return bool(self._out) or bool(self.doomed)

    def write(self, now_s: float) -> None:
        """Send what waits, as much as goes."""
        with self._lock:
            self._push(now_s)

    def _push(self, now_s: float) -> None:
        try:
            while self._out:
                n_sent = self.stream.send(self._out[0])
                self._moved_s = now_s
                self.backlog_bytes -= n_sent
                if n_sent < len(self._out[0]):
                    self._out[0] = self._out[0][n_sent:]
                    return
                self._out.popleft()
            if self.is_lingering:
                self.stream.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            return
        except OSError as error:
            self.doom(f"it broke off: {error.strerror or error}")

    # The end.

    def doom(self, reason: str) -> None:
        """It is to be closed; the first reason counts."""
        self.doomed = self.doomed or reason

    def linger(self, now_s: float) -> None:
        """Say no more and hear no more, but let it read what it was told: closing at once would take that back."""
        if self.is_lingering:
            return
        self._linger_until_s = now_s + LINGER_S
        self.frames.clear()
        with self._lock:
            self._push(now_s)

    def judge(self, now_s: float) -> None:
        """Dismiss it if it has kept us waiting too long; doom it if it would not even hear that."""
        if self.frames:  # it is we who are slow: what follows them is not even read
            self._amid_since_s = now_s
        if self.is_lingering:
            if now_s > self._last_s:
                self.doom(self.dismissed or "it was told to go")
        elif self.backlog_bytes and now_s > self._moved_s + STALL_S:
            self.doom(f"it has read nothing for {STALL_S:g} s")
        elif not self.is_trusted and not self.frames and now_s > self.began_s + HELLO_S:
            self.dismissed = f"the token was not shown within {HELLO_S:g} s"
        elif self._reader.is_amid and now_s > self._amid_since_s + FRAME_S:
            self.dismissed = f"a packet was not finished within {FRAME_S:g} s"
        elif now_s > max(self._heard_s, self._moved_s) + IDLE_S:
            self.dismissed = f"nothing was said for {IDLE_S:g} s"

    @property
    def _last_s(self) -> float:
        """Until when it may read what it was told; longer while it does, but not for ever."""
        if not self.backlog_bytes:
            return self._linger_until_s
        return min(max(self._linger_until_s, self._moved_s + LINGER_S), self._linger_until_s + STALL_S)

    def throw_out(self) -> None:
        """Free the socket, in the network's thread. What it has not read is lost, unless it was told to go."""
        if not self.has_left and not self.is_lingering:
            with contextlib.suppress(OSError):
                self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.close()

    def close(self) -> None:
        """Free the socket. In the network's thread."""
        with self._lock:
            self.doomed = self.doomed or "closed"
            self._out.clear()
            self.backlog_bytes = 0
            self.stream.close()
