"""Waits for TCP connections, counts them, and turns away what may not come in."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import itertools
import logging
import os
import socket
from collections.abc import Callable

from ..clients import STREAM, Address
from ..errors import PortError, not_listening
from .connection import Connection
from .limits import MAX_CONNECTIONS, REST_S, SEND_BUFFER_BYTES, TURN

log = logging.getLogger(__name__)

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Listener:
    """One listening TCP socket and the connections that came over it. One thread.

    Args:
        host: Address of the interface, IPv4 or IPv6.
        port: 0 lets the system choose.
        may_come: Whether a host may connect at all.
        needs_token: Whether one from another machine must show a token.

    Attributes:
        evicted: Had to go for others, and are still to be closed.
        rests_until_s: No connection can be taken before, for want of file descriptors or memory. To ask again at once
            would only be told the same.
        connections: By the address that everybody else knows them by; unlike any other, and never used again.

    Raises:
        PortError: In use, or not an address of this machine.
    """

    def __init__(self, host: str, port: int, *, may_come: Callable[[str], bool], needs_token: bool) -> None:
        self._may_come, self._needs_token = may_come, needs_token
        self._numbers = itertools.count(1)
        self.connections: dict[Address, Connection] = {}
        self.evicted: list[Connection] = []
        self.rests_until_s = 0.0
        try:
            self.socket = listen_on(host, port)
        except PortError as error:
            raise PortError(f"{error}; --no-tcp does without") from error
        self.socket.setblocking(False)  # noqa: FBT003
        self.port: int = self.socket.getsockname()[1]

    def accept(self, now_s: float) -> list[Connection]:
        """Those who have come, at most so many at once."""
        come = []
        for _ in range(TURN):
            try:
                stream, peer = self.socket.accept()
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    log.warning("no connection can be taken for %g s: %s", REST_S, error.strerror or error)
                    self.rests_until_s = now_s + REST_S
                break  # else there is nobody any more
            connection = self._admit(stream, peer[0], peer[1], now_s)
            if connection is not None:
                come.append(connection)
        return come

    def _admit(self, stream: socket.socket, host: str, port: int, now_s: float) -> Connection | None:
        if not self._may_come(host):
            log.info("closed a connection of %s, which is not an allowed peer", host)
            stream.close()
            return None
        if len(self.connections) >= MAX_CONNECTIONS and not self._make_room():
            log.info("closed a connection of %s: there are %d already", host, MAX_CONNECTIONS)
            stream.close()
            return None
        stream.setblocking(False)  # noqa: FBT003
        with contextlib.suppress(OSError):  # macOS refuses all of them where the peer has gone again already
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        key = (f"{STREAM}{host}#{next(self._numbers)}", port)
        is_trusted = not self._needs_token or is_this_machine(host)
        connection = Connection(stream, key, now_s=now_s, is_trusted=is_trusted)
        self.connections[key] = connection
        return connection

    def _make_room(self) -> bool:
        """Have the oldest go that has never said anything; at once, or the next ones would find no room either."""
        for key, connection in self.connections.items():
            if not connection.has_spoken:
                connection.doom("it said nothing, and others wanted its place")
                # Closed by the network, which still watches it; it counts no more.
                del self.connections[key]
                self.evicted.append(connection)
                return True
        return False


def listen_on(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 lets the system choose.

    Raises:
        PortError: In use, or not an address of this machine.
    """
    family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # a port whose last owner has just gone is free; on Windows this would share it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if host == "::":  # some systems would hear IPv6 only
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listening.bind((host, port))
        listening.listen(MAX_CONNECTIONS)
    except OSError as error:
        listening.close()
        raise not_listening("TCP", host, port, error) from error
    return listening


def is_this_machine(host: str) -> bool:
    """Whether a peer's address is a loopback one."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
