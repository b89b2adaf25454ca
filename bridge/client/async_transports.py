"""Sockets of the client for asyncio: packets out, packets in, over UDP or TCP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from typing import Protocol, cast

from ..errors import MalformedError
from ..net.limits import MAX_FRAME_BYTES
from ..net.slip import FrameReader, frame, unescape
from .errors import DisconnectedError, NoAnswerError
from .transports import TransportName

_RECEIVE_BYTES = 262_144
_MAX_WAITING = 10_000  # datagrams that nobody has read; then the oldest go, as they would in a socket


class AsyncTransport(Protocol):
    """Carries packets to one server and back, in one event loop."""

    reply_port: int | None

    def send(self, packet: bytes) -> None:
        """Send one packet; what the socket does not take at once waits in memory."""
        ...

    async def receive(self) -> bytes:
        """The next packet.

        Raises:
            DisconnectedError: There will be no more.
        """
        ...

    async def close(self) -> None:
        """Free the socket."""
        ...


async def open_transport(name: TransportName, host: str, port: int, *, timeout_s: float) -> AsyncTransport:
    """Open a socket to a server.

    Raises:
        DisconnectedError: Nobody listens there, or there is no such host.
        NoAnswerError: No connection in time.
    """
    if name == "tcp":
        return await _open_tcp(host, port, timeout_s=timeout_s)
    where = f"UDP {host} port {port}"
    loop = asyncio.get_running_loop()
    try:
        try:  # servers listen on IPv4 unless they are told otherwise
            _, udp = await loop.create_datagram_endpoint(
                lambda: AsyncUdp(where), remote_addr=(host, port), family=socket.AF_INET
            )
        except OSError:
            _, udp = await loop.create_datagram_endpoint(lambda: AsyncUdp(where), remote_addr=(host, port))
    except OSError as error:
        raise DisconnectedError(f"cannot send to {where}: {error.strerror or error}") from error
    return udp


class AsyncUdp(asyncio.DatagramProtocol):
    """Datagrams, on a port of the client's own.

    Attributes:
        reply_port: Where the server has to answer.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._packets: deque[bytes] = deque(maxlen=_MAX_WAITING)
        self._came = asyncio.Event()
        self._gone = False
        self.reply_port: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.reply_port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A packet."""
        del addr  # the socket is connected: it hears this server only
        self._packets.append(data)
        self._came.set()

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there."""
        self._gone = isinstance(exc, ConnectionError)
        self._came.set()

    def send(self, packet: bytes) -> None:
        """See `AsyncTransport`."""
        self._transport.sendto(packet)

    async def receive(self) -> bytes:
        """See `AsyncTransport`."""
        while not self._packets:
            if self._gone:
                self._gone = False
                raise DisconnectedError(f"nobody listens on {self._where}: is the server running?")
            self._came.clear()
            await self._came.wait()
        return self._packets.popleft()

    async def close(self) -> None:
        """See `AsyncTransport`."""
        self._transport.close()


class AsyncTcp:
    """A connection, on which the answers come too.

    Attributes:
        reply_port: None.
    """

    def __init__(self, where: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reply_port: int | None = None
        self._where = where
        self._stream, self._writer = reader, writer
        self._frames = FrameReader(MAX_FRAME_BYTES)
        self._packets: deque[bytes] = deque()

    def send(self, packet: bytes) -> None:
        """See `AsyncTransport`."""
        if self._writer.is_closing():
            raise DisconnectedError(f"{self._where} has closed the connection")
        self._writer.write(frame(packet))

    async def receive(self) -> bytes:
        """See `AsyncTransport`."""
        while not self._packets:
            try:
                received = await self._stream.read(_RECEIVE_BYTES)
            except OSError as error:
                raise DisconnectedError(f"{self._where} has closed the connection") from error
            if not received:
                raise DisconnectedError(f"{self._where} has closed the connection")
            try:
                self._packets.extend([unescape(framed) for framed in self._frames.feed(received)])
            except MalformedError as error:
                raise DisconnectedError(f"{self._where} does not speak OSC over SLIP: {error}") from error
        return self._packets.popleft()

    async def close(self) -> None:
        """See `AsyncTransport`."""
        self._writer.close()
        with contextlib.suppress(OSError):  # closed by the other side meanwhile
            await self._writer.wait_closed()


async def _open_tcp(host: str, port: int, *, timeout_s: float) -> AsyncTcp:
    where = f"TCP {host} port {port}"
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout_s)
    except asyncio.TimeoutError as error:
        raise NoAnswerError(f"no connection with {where} within {timeout_s:g} s") from error
    except OSError as error:
        raise DisconnectedError(
            f"cannot connect with {where}: {error.strerror or error}; is the server running?"
        ) from error
    return AsyncTcp(where, reader, writer)
