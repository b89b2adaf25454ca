"""Carries OSC packets between a WebSocket and the OSC server, for surfaces in a browser, which cannot send otherwise.

To the OSC server each of them is a client over TCP like any other: with its own lease, settings, rate limit and token,
its packets in order, its replies on its connection. Packets in, packets out; nothing here looks into them.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from ..errors import MalformedError, RequestError
from ..net.limits import MAX_FRAME_BYTES
from ..net.slip import FrameReader, frame, unescape
from ..serve_options import plain_ip

log = logging.getLogger(__name__)

Connect = Callable[[str], "socket.socket | None"]
"""IP address of a client → a stream to the OSC server, as SLIP; None if there is none for this client."""

CONNECT_S: Final = 1.0
_READ_BYTES: Final = 2**16


class Relay:
    """One client's way to the OSC server, opened with its first packet.

    Args:
        connect: See `Connect`.
        ip: Of the client.
        send: Gives a packet to the client.
    """

    def __init__(self, connect: Connect | None, ip: str, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._connect, self._ip, self._send = connect, ip, send
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def forward(self, packet: bytes) -> None:
        """Give a packet to the OSC server; waits while that is busy with earlier ones.

        Raises:
            RequestError: There is no way to it.
        """
        try:
            writer = self._writer or await self._open()
            writer.write(frame(packet))
            await writer.drain()
        except OSError as error:
            raise RequestError(f"the OSC server cannot be reached from here: {error.strerror or error}") from error

    async def close(self) -> None:
        """End the stream."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _open(self) -> asyncio.StreamWriter:
        await self.close()
        stream = None if self._connect is None else self._connect(self._ip)
        if stream is None:
            raise RequestError("packets over WebSocket are taken from this machine only: send them over UDP")
        stream.setblocking(False)  # noqa: FBT003 - socket's own
        reader, self._writer = await asyncio.open_connection(sock=stream)
        self._reading = asyncio.create_task(self._read(reader, self._writer))
        return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cutter = FrameReader(2 * MAX_FRAME_BYTES)
        try:
            while received := await reader.read(_READ_BYTES):
                for framed in cutter.feed(received):
                    await self._send(unescape(framed))
        except (OSError, MalformedError) as error:
            log.info("the way to the OSC server ended: %s", error)
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None  # the next packet opens another one


def to_loopback(host: str, tcp_port: int) -> Connect:
    """A way for clients on this machine: TCP to a server that hears loopback.

    Clients on other machines have none. They would seem to be here, and get round the token.

    Args:
        host: That the OSC server listens on.
        tcp_port: The same; 0 if it has no TCP.
    """
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound

    def connect(ip: str) -> socket.socket | None:
        if not tcp_port or not plain_ip(ip).is_loopback:
            return None
        return socket.create_connection((target, tcp_port), CONNECT_S)

    return connect
