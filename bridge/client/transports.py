"""Sockets of the client that waits in its own thread: packets out, packets in, over UDP or TCP."""

from __future__ import annotations

import collections
import select
import socket
import time
from typing import Literal, Protocol

from ...engine.errors import SettingError
from ..errors import MalformedError
from ..net.limits import MAX_FRAME_BYTES
from ..net.slip import FrameReader, frame, unescape
from .errors import DisconnectedError, NoAnswerError

TransportName = Literal["udp", "tcp"]

_MAX_DATAGRAM_BYTES = 65_536
_RECEIVE_BYTES = 262_144


class Transport(Protocol):
    """Carries packets to one server and back. Used by one thread."""

    reply_port: int | None

    def send(self, packet: bytes) -> None:
        """Send one packet."""
        ...

    def receive(self, timeout_s: float) -> bytes | None:
        """The next packet; None if none came in time."""
        ...

    def close(self) -> None:
        """Free the socket."""
        ...


class Udp:
    """Datagrams, on a port of the client's own.

    Attributes:
        reply_port: Where the server has to answer.
    """

    def __init__(self, host: str, port: int) -> None:
        family, address = resolve(host, port, socket.SOCK_DGRAM)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        # Connected: only this server is heard, and a server that is not there shows at the next call on most systems.
        self._socket.connect(address)
        self._socket.setblocking(False)  # noqa: FBT003
        self.reply_port: int | None = self._socket.getsockname()[1]
        self._where = f"UDP {host} port {port}"

    def send(self, packet: bytes) -> None:
        """See `Transport`."""
        try:
            self._socket.send(packet)
        except ConnectionError as error:
            raise DisconnectedError(f"nobody listens on {self._where}: is the server running?") from error
        except OSError as error:
            raise DisconnectedError(f"cannot send to {self._where}: {error.strerror or error}") from error

    def receive(self, timeout_s: float) -> bytes | None:
        """See `Transport`."""
        ready, _, _ = select.select([self._socket], [], [], timeout_s)
        if not ready:
            return None
        try:
            return self._socket.recv(_MAX_DATAGRAM_BYTES)
        except BlockingIOError:  # a datagram with a bad checksum is gone by now
            return None
        except ConnectionError as error:
            raise DisconnectedError(f"nobody listens on {self._where}: is the server running?") from error

    def close(self) -> None:
        """See `Transport`."""
        self._socket.close()


class Tcp:
    """A connection, on which the answers come too.

    Attributes:
        reply_port: None.
    """

    def __init__(self, host: str, port: int, *, timeout_s: float) -> None:
        self.reply_port: int | None = None
        self._where = f"TCP {host} port {port}"
        try:
            self._socket = socket.create_connection((host, port), timeout_s)
        except TimeoutError as error:
            raise NoAnswerError(f"no connection with {self._where} within {timeout_s:g} s") from error
        except OSError as error:
            raise DisconnectedError(
                f"cannot connect with {self._where}: {error.strerror or error}; is the server running?"
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._timeout_s = timeout_s
        self._reader = FrameReader(MAX_FRAME_BYTES)
        self._inbox: collections.deque[bytes] = collections.deque()

    def send(self, packet: bytes) -> None:
        """See `Transport`; waits while the server reads slowly."""
        self._socket.settimeout(self._timeout_s)
        try:
            self._socket.sendall(frame(packet))
        except TimeoutError as error:
            raise NoAnswerError(f"{self._where} takes nothing in, for {self._timeout_s:g} s") from error
        except OSError as error:
            raise DisconnectedError(f"{self._where} has closed the connection") from error

    def receive(self, timeout_s: float) -> bytes | None:
        """See `Transport`."""
        end_s = time.monotonic() + timeout_s
        while not self._inbox:
            ready, _, _ = select.select([self._socket], [], [], max(0.0, end_s - time.monotonic()))
            if not ready:
                return None
            try:
                received = self._socket.recv(_RECEIVE_BYTES)
            except OSError as error:
                raise DisconnectedError(f"{self._where} has closed the connection") from error
            if not received:
                raise DisconnectedError(f"{self._where} has closed the connection")
            try:
                self._inbox.extend([unescape(framed) for framed in self._reader.feed(received)])
            except MalformedError as error:
                raise DisconnectedError(f"{self._where} does not speak OSC over SLIP: {error}") from error
        return self._inbox.popleft()

    def close(self) -> None:
        """See `Transport`."""
        self._socket.close()


def resolve(host: str, port: int, kind: socket.SocketKind) -> tuple[int, tuple[str, int]]:
    """Family and address of a host; IPv4 first, because servers listen there unless they are told otherwise.

    Raises:
        DisconnectedError: No such host.
    """
    try:
        found = socket.getaddrinfo(host, port, type=kind)
    except OSError as error:
        raise DisconnectedError(f"there is no host {host!r}: {error.strerror or error}") from error
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, (str(address[0]), int(address[1]))


def check_transport(name: str) -> None:
    """Refuse what is neither.

    Raises:
        SettingError: Neither `udp` nor `tcp`.
    """
    if name not in {"udp", "tcp"}:
        raise SettingError(f"transport must be one of udp, tcp, got {name!r}")
