"""HTTP and WebSocket on one port, in one thread with an event loop. The only file that imports websockets.

The loop reads the values 20 times a second while somebody listens, and tells each listener what has changed, each
address once. A listener that reads slowly is told less often, never late by a queue; nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ...engine.errors import VampbridgeError
from ..errors import PortError, clip
from ..osc_server import build_message
from .access import Doorkeeper
from .announce import Announcement
from .answers import Answer, Book, refusal
from .listening import Listener
from .relay import Relay, Route
from .values import Board

log = logging.getLogger(__name__)

PERIOD_S: Final = 0.05
MAX_CONNECTIONS: Final = 64
MAX_MESSAGE_BYTES: Final = 65_507  # as over UDP
OPEN_TIMEOUT_S: Final = 5.0  # for a whole request
CLOSE_TIMEOUT_S: Final = 1.0
_POLICY: Final = 1008  # WebSocket close code: policy violation


@dataclass(frozen=True)
class Parts:
    """What the service is made of.

    Attributes:
        book: Answers requests.
        board: The values.
        doorkeeper: Who is let in.
        announcement: None if it is not announced.
        route: The way to the OSC server for packets over WebSocket; None if there is none.
    """

    book: Book
    board: Board
    doorkeeper: Doorkeeper
    announcement: Announcement | None = None
    route: Route | None = None


class OscQueryService:
    """Serves until closed, in its own thread.

    Args:
        parts: See there.
        listening: Bound and listening; closed here.
    """

    def __init__(self, parts: Parts, listening: socket.socket) -> None:
        self._parts = parts
        self._socket = listening
        self.host, self.port = listening.getsockname()[:2]
        self.refused = 0
        self._listeners: dict[Listener, tuple[asyncio.Event, ServerConnection]] = {}
        self._n_connections = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._is_open = threading.Event()
        self._is_closing = False
        self._failure: Exception | None = None  # before it served; set by its thread
        self._thread = threading.Thread(target=self._run, name="vampbridge-oscquery")

    def start(self) -> None:
        """Begin to serve; returns when requests are answered.

        Raises:
            PortError: It cannot; the port is free again.
        """
        try:
            self._thread.start()
            self._is_open.wait()
        except RuntimeError as error:  # the system gives no more threads
            self._failure = error
        except BaseException:  # an interrupt: nobody will have this service to close it
            self.close()
            raise
        if self._failure is not None:
            self.close()
            reason = f"{type(self._failure).__name__}: {self._failure}"
            raise PortError(
                f"cannot serve OSCQuery on TCP {self.host} port {self.port}: {clip(reason)}"
            ) from self._failure

    def close(self) -> None:
        """Withdraw the announcement, end all connections, join the thread, free the port."""
        self._is_closing = True  # before looking at what its thread sets: it looks at this after setting it
        loop, over = self._loop, self._over
        if loop is not None and over is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(over.set)
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()

    # In the service's own thread.

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._is_open.is_set():  # the set goes on without touch apps, and its owner reads why
                log.exception("OSCQuery has ended")
            else:
                self._failure = error
        finally:
            self._is_open.set()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        if self._is_closing:
            return
        async with serve(
            self._talk,
            sock=self._socket,
            process_request=self._answer,
            create_connection=cast("type[ServerConnection]", self._make_connection),
            compression=None,
            server_header=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=MAX_MESSAGE_BYTES,
            logger=_silence(),
        ):
            tasks = [asyncio.create_task(self._watch())]
            if self._parts.announcement is not None:
                tasks.append(asyncio.create_task(self._parts.announcement.open()))
            self._is_open.set()
            await self._over.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for _, connection in self._listeners.values():
                if connection.transport.get_write_buffer_size():
                    connection.transport.abort()  # it does not read: a polite end would wait for it
            if self._parts.announcement is not None:
                await self._parts.announcement.close()

    async def _watch(self) -> None:
        """Tell listeners what has changed; what nobody listens to is not even read."""
        while True:
            await asyncio.sleep(PERIOD_S)
            listened = frozenset[str]().union(*(listener.addresses for listener in self._listeners))
            if not listened:
                continue
            for address, value in self._parts.board.changed(listened):
                for listener, (wake, _) in self._listeners.items():
                    if listener.note(address, value):
                        wake.set()

    # Connections.

    def _make_connection(self, *args: Any, **options: Any) -> ServerConnection:  # noqa: ANN401 - websockets' own
        return _Connection(self, *args, **options)

    def admits(self, ip: str) -> bool:
        """Whether one more connection is taken, of this machine; counts it if it is."""
        if self._n_connections >= MAX_CONNECTIONS or not self._parts.doorkeeper.hears(ip):
            self.refused += 1
            log.info("refused a connection of %s", ip)
            return False
        self._n_connections += 1
        return True

    def leaves(self) -> None:
        """An admitted connection is gone."""
        self._n_connections -= 1

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """The response to a request, None to open a WebSocket."""
        headers = request.headers
        reason = self._parts.doorkeeper.refuses(headers.get_all("Host"), headers.get_all("Origin"))
        method = getattr(request, "method", "GET")  # older releases take GET alone, and say so themselves
        if reason is not None:
            self.refused += 1
            log.info("refused a request of %s: %s", connection.remote_address, reason)
            return _response(refusal(HTTPStatus.FORBIDDEN, reason))
        if any("websocket" in value.lower() for value in headers.get_all("Upgrade")):
            return None
        if method not in ("GET", "HEAD"):
            return _response(
                refusal(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are answered"), ("Allow", "GET, HEAD")
            )
        try:
            answer = self._parts.book.answer(request.path, str(connection.local_address[0]))
        except Exception as error:  # a bug must reach the log and its client, and end the service for nobody
            log.exception("answering %r failed", request.path[:200])
            answer = refusal(HTTPStatus.INTERNAL_SERVER_ERROR, f"unexpected {type(error).__name__}: {error}")
        origins = headers.get_all("Origin")
        # Only a page that was let in by its origin may read the answer; others are told nothing of cross-origin access.
        shared = [("Access-Control-Allow-Origin", origins[0]), ("Vary", "Origin")] if origins else []
        return _response(answer, *shared, is_head=method == "HEAD")

    async def _talk(self, connection: ServerConnection) -> None:
        listener = Listener(self._parts.book.namespace, self._parts.board)
        wake = asyncio.Event()
        self._listeners[listener] = wake, connection
        telling = asyncio.create_task(_tell(connection, listener, wake))
        relay = Relay(self._parts.route, str(connection.remote_address[0]), connection.send)
        try:
            async for message in connection:
                if not listener.may_talk(time.monotonic()):
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(connection.close(_POLICY, "too many messages"), CLOSE_TIMEOUT_S)
                    connection.transport.abort()
                    return
                try:
                    await self._hear(message, listener, relay)
                except VampbridgeError as error:  # told to its sender as over UDP
                    await connection.send(build_message("/vamp/error", (error.code, "", clip(str(error)), "")))
                wake.set()
        except ConnectionClosed:
            log.debug("a listener has gone")
        except Exception:
            log.exception("a listener's connection failed")
        finally:
            del self._listeners[listener]
            telling.cancel()
            await asyncio.gather(telling, relay.close(), return_exceptions=True)

    async def _hear(self, message: str | bytes, listener: Listener, relay: Relay) -> None:
        """Text is for us, OSC packets are for the OSC server."""
        if isinstance(message, str):
            listener.obey(message)
        else:
            await relay.forward(message)


class _Connection(ServerConnection):
    """A connection that asks whether it may stay before a byte of it is read."""

    def __init__(self, owner: OscQueryService, *args: Any, **options: Any) -> None:  # noqa: ANN401 - websockets' own
        super().__init__(*args, **options)
        self._owner = owner
        self._is_admitted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")  # None if it has gone again already
        self._is_admitted = bool(peer) and self._owner.admits(str(peer[0]))
        if not self._is_admitted:
            cast("asyncio.Transport", transport).abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        super().connection_lost(exc)
        if self._is_admitted:
            self._owner.leaves()


async def _tell(connection: ServerConnection, listener: Listener, wake: asyncio.Event) -> None:
    """Send what is pending whenever there is something; ends with the connection."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await wake.wait()
            wake.clear()
            for address, value in listener.take_pending():
                await connection.send(build_message(address, value))


def _response(answer: Answer, *more: tuple[str, str], is_head: bool = False) -> Response:
    headers = Headers([("Connection", "close"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
    if answer.status != HTTPStatus.NO_CONTENT:
        headers["Content-Type"] = answer.media_type
        headers["Content-Length"] = str(len(answer.body))
    for name, value in more:
        headers[name] = value
    return Response(answer.status.value, answer.status.phrase, headers, b"" if is_head else answer.body)


def _silence() -> logging.Logger:
    """A logger for websockets that says nothing: it calls every plain HTTP answer a failed handshake."""
    quiet = logging.getLogger(f"{__name__}.websockets")
    quiet.disabled = True
    return quiet
