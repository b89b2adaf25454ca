"""All sockets of the server in one thread: UDP, TCP, and a way to be woken. Bytes in, bytes out; no messages here."""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..clients import Address, is_stream
from ..errors import PortError
from ..osc_server import UdpPort, build_message
from .connection import Connection
from .limits import TURN, TURN_S
from .listener import Listener
from .slip import frame

log = logging.getLogger(__name__)

_TRIES = 16  # to find a port that is free for UDP and TCP
JUDGE_S = 0.25


@dataclass(frozen=True)
class Arrival:
    """A packet: whole, but escaped if it came over TCP, which its sender's address tells."""

    packet: bytes
    sender: Address


class Network:
    """One UDP socket, and beside it TCP on the same port. One thread receives; any thread may send.

    Args:
        host: Address of the interface, IPv4 or IPv6.
        port: 0 lets the system choose.
        tcp: Whether there is TCP.
        may_come: Whether a host may connect.
        needs_token: Whether one from another machine must show a token before anything else.

    Raises:
        PortError: In use, or not an address of this machine.
    """

    def __init__(
        self, host: str, port: int, *, tcp: bool, may_come: Callable[[str], bool], needs_token: bool = False
    ) -> None:
        self._udp, self._listener = _open(host, port, tcp=tcp, may_come=may_come, needs_token=needs_token)
        self.host, self.port = self._udp.host, self._udp.port
        self.tcp_port = 0 if self._listener is None else self._listener.port
        self._inner, self._outer = socket.socketpair()
        self._outer.setblocking(False)  # noqa: FBT003
        self._inner.setblocking(False)  # noqa: FBT003
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._inner, selectors.EVENT_READ)
        self._selector.register(self._udp.socket, selectors.EVENT_READ)
        if self._listener is not None:
            self._selector.register(self._listener.socket, selectors.EVENT_READ)
        self._changed: deque[Connection] = deque()  # by other threads: must be looked at
        self._busy: dict[Address, Connection] = {}  # have packets that wait to be handled
        self._dismissed: dict[Address, str] = {}
        self._gone: list[Address] = []
        self._next_judgement_s = 0.0
        self.n_dropped = 0

    # Counters.

    @property
    def n_connections(self) -> int:
        """TCP connections that are open."""
        return 0 if self._listener is None else len(self._listener.connections)

    @property
    def n_lost(self) -> int:
        """Datagrams that the system dropped because they came faster than they were read; 0 where it does not say."""
        return self._udp.n_lost

    @property
    def failed_sends(self) -> int:
        """Messages that could not be sent."""
        return self._udp.failed_sends

    # Sending: from any thread.

    def send(self, to: Address, address: str, arguments: Sequence[Any] = ()) -> None:
        """Send one message, to a host's port or over a connection. Never waits, never raises.

        What cannot be sent is logged and counted; what is for a connection that is gone, dropped.
        """
        if not is_stream(to):
            self._udp.send(to, address, arguments)
            return
        connection = self._connection(to)
        if connection is None:
            return
        try:
            framed = frame(build_message(address, arguments))
        except ValueError as error:
            self._udp.count_failure(to, address, error)
            return
        if connection.send(framed, time.monotonic()):
            self._changed.append(connection)
            self.wake()

    def backlog_bytes(self, of: Address) -> int:
        """What waits for a TCP client that has not taken it yet; 0 for others."""
        connection = self._connection(of) if is_stream(of) else None
        return 0 if connection is None else connection.backlog_bytes

    def wake(self) -> None:
        """Have `arrivals` return soon. From any thread, or a signal handler."""
        with contextlib.suppress(OSError):  # full: it is being woken; closed: it is over
            self._outer.send(b"\0")

    # Receiving: one thread.

    def arrivals(self, timeout_s: float) -> Iterator[Arrival]:
        """What has come, in turns: no sender waits for all of another's. Waits `timeout_s` at most for the first.

        A turn has at most `TURN` packets, and ends after `TURN_S`, for some take longer to handle than others.
        """
        self._poll(timeout_s)
        for _ in _one_turn():
            received = self._udp.receive_now()
            if received is None:
                break
            yield Arrival(*received)
        for connection in tuple(self._busy.values()):
            yield from self._turn_of(connection)

    def _turn_of(self, connection: Connection) -> Iterator[Arrival]:
        for now_s in _one_turn():
            if not connection.frames or connection.is_over or connection.paused_until_s > now_s:
                break
            yield Arrival(connection.frames.popleft(), connection.key)
        if not connection.frames or connection.is_over:
            self._busy.pop(connection.key, None)
            self._changed.append(connection)

    def pause(self, sender: Address, until_s: float) -> None:
        """Handle nothing of a connection before; it is not read either, so that its sender has to wait."""
        connection = self._connection(sender)
        if connection is not None:
            connection.paused_until_s = until_s

    def is_trusted(self, sender: Address) -> bool:
        """Whether a connection need not show the token, or has."""
        connection = self._connection(sender)
        return connection is not None and connection.is_trusted

    def trust(self, sender: Address) -> None:
        """A connection has shown the token."""
        connection = self._connection(sender)
        if connection is not None:
            connection.trust()

    def hang_up(self, sender: Address) -> None:
        """End a connection, after it has read what it was told."""
        connection = self._connection(sender)
        if connection is not None:
            connection.linger(time.monotonic())
            self._busy.pop(sender, None)
            self._changed.append(connection)

    def dismissed(self) -> dict[Address, str]:
        """Connections of which nothing more is taken, and why: to be told, and hung up on."""
        dismissed, self._dismissed = self._dismissed, {}
        return dismissed

    def gone(self) -> list[Address]:
        """Connections that have ended since this was asked last."""
        gone, self._gone = self._gone, []
        return gone

    def close(self) -> None:
        """Free the port and end all connections, after what they were told as far as it goes without waiting."""
        if self._listener is not None:
            for connection in (*self._listener.connections.values(), *self._listener.evicted):
                connection.write(time.monotonic())
                connection.close()
            self._listener.connections.clear()
            self._listener.socket.close()
        self._selector.close()
        self._udp.close()
        self._inner.close()
        self._outer.close()

    def _connection(self, key: Address) -> Connection | None:
        return None if self._listener is None else self._listener.connections.get(key)

    def _poll(self, timeout_s: float) -> None:
        # Only now, and not when it was read: whose packets have all been handled is still being listened to.
        self._settle()
        now_s = time.monotonic()
        waits_s = [connection.paused_until_s - now_s for connection in self._busy.values()]
        ready = self._selector.select(max(0.0, min([timeout_s, *waits_s])))
        now_s = time.monotonic()
        for key, mask in ready:
            connection: Connection | None = key.data
            if connection is not None:
                self._serve(connection, mask, now_s)
            elif key.fileobj is self._inner:
                with contextlib.suppress(OSError):
                    self._inner.recv(4096)
            elif self._listener is not None and key.fileobj is self._listener.socket:
                for new in self._listener.accept(now_s):
                    self._selector.register(new.stream, selectors.EVENT_READ, new)
                if self._listener.rests_until_s > now_s:
                    self._selector.unregister(self._listener.socket)
        if now_s >= self._next_judgement_s:
            self._next_judgement_s = now_s + JUDGE_S
            self._judge(now_s)

    def _serve(self, connection: Connection, mask: int, now_s: float) -> None:
        if mask & selectors.EVENT_WRITE:
            connection.write(now_s)
        if mask & selectors.EVENT_READ:
            connection.read(now_s)
            if connection.frames:
                self._busy[connection.key] = connection
            self._note_dismissal(connection)
        self._changed.append(connection)

    def _judge(self, now_s: float) -> None:
        if self._listener is not None:
            self._listen_again(self._listener, now_s)
            for connection in self._listener.connections.values():
                connection.judge(now_s)
                self._note_dismissal(connection)
                if connection.doomed:
                    self._changed.append(connection)

    def _note_dismissal(self, connection: Connection) -> None:
        if connection.dismissed and not connection.is_lingering:
            self._dismissed[connection.key] = connection.dismissed

    def _listen_again(self, listener: Listener, now_s: float) -> None:
        if now_s >= listener.rests_until_s and listener.socket not in self._selector.get_map():
            self._selector.register(listener.socket, selectors.EVENT_READ)

    def _settle(self) -> None:
        """Close who must go, and listen to the others for what they want."""
        if self._listener is None:
            return
        self._changed.extend(self._listener.evicted)
        self._listener.evicted.clear()
        while self._changed:
            connection = self._changed.popleft()
            if connection.is_over:
                self._end(connection)
            else:
                self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        events = selectors.EVENT_READ if connection.wants_reading and not connection.doomed else 0
        events |= selectors.EVENT_WRITE if connection.wants_writing else 0
        known = self._selector.get_map().get(connection.stream) if connection.stream.fileno() >= 0 else None
        if known is None:
            if events and connection.stream.fileno() >= 0:
                self._selector.register(connection.stream, events, connection)
        elif not events:
            self._selector.unregister(connection.stream)
        elif known.events != events:
            self._selector.modify(connection.stream, events, connection)

    def _end(self, connection: Connection) -> None:
        if connection.stream.fileno() < 0:
            return
        log.info("closed %s port %d: %s", *connection.key, connection.dismissed or connection.doomed)
        self.n_dropped += bool(connection.dismissed) or not connection.has_left
        with contextlib.suppress(KeyError):
            self._selector.unregister(connection.stream)
        connection.throw_out()
        self._busy.pop(connection.key, None)
        if self._listener is not None:
            self._listener.connections.pop(connection.key, None)
        self._gone.append(connection.key)


def _one_turn() -> Iterator[float]:
    """The time, again and again while a turn lasts."""
    end_s = (now_s := time.monotonic()) + TURN_S
    for _ in range(TURN):
        yield now_s
        if (now_s := time.monotonic()) > end_s:
            return


def _open(
    host: str, port: int, *, tcp: bool, may_come: Callable[[str], bool], needs_token: bool
) -> tuple[UdpPort, Listener | None]:
    """Both on one port. A port that the system chose for UDP may be taken for TCP: then another one."""
    for tries_left in range(_TRIES - 1, -1, -1):
        udp = UdpPort(host, port)
        if not tcp:
            return udp, None
        try:
            return udp, Listener(host, udp.port, may_come=may_come, needs_token=needs_token)
        except PortError:
            udp.close()
            if port or not tries_left:
                raise
    raise AssertionError("unreachable")
