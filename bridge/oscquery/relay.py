"""Carries OSC packets between a WebSocket and the OSC server, for surfaces in a browser, which cannot send otherwise.

To the OSC server each of them is a client over TCP like any other: with its own lease, settings, rate limit and token,
its packets in order, its replies on its connection. Packets in, packets out; nothing here looks into them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from ..errors import MalformedError, RequestError
from ..net.limits import MAX_FRAME_BYTES
from ..net.slip import FrameReader, frame, unescape
from ..serve_options import plain_ip

log = logging.getLogger(__name__)

Route = Callable[[str], tuple[str, int] | None]
"""IP address of a client → host and TCP port of the OSC server; None if there is no way to it for this client."""

CONNECT_S: Final = 1.0
_READ_BYTES: Final = 2**16


class Relay:
    """One client's way to the OSC server, opened with its first packet.

    Args:
        route: See `Route`.
        ip: Of the client.
        send: Gives a packet to the client.
    """

    def __init__(self, route: Route | None, ip: str, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._route, self._ip, self._send = route, ip, send
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
        except (OSError, asyncio.TimeoutError) as error:  # which are one only from Python 3.11 on
            reason = getattr(error, "strerror", None) or str(error) or f"no answer within {CONNECT_S:g} s"
            raise RequestError(f"the OSC server cannot be reached from here: {reason}") from error

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
        way = None if self._route is None else self._route(self._ip)
        if way is None:
            raise RequestError("packets over WebSocket are taken from this machine only: send them over UDP")
        reader, writer = await asyncio.wait_for(asyncio.open_connection(*way), CONNECT_S)
        self._writer, self._reading = writer, asyncio.create_task(self._read(reader, writer))
        return writer

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


def to_loopback(host: str, tcp_port: int) -> Route:
    """A way for clients on this machine: TCP to a server that hears loopback.

    Clients on other machines have none. They would seem to be here, and get round the token.

    Args:
        host: That the OSC server listens on.
        tcp_port: The same; 0 if it has no TCP.
    """
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound

    def route(ip: str) -> tuple[str, int] | None:
        return (target, tcp_port) if tcp_port and plain_ip(ip).is_loopback else None

    return route
