"""The conversation of the client for asyncio: who waits for which answer. One task reads, one gives signs of life."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, TypeVar

from ..osc_server import build_message
from .async_transports import AsyncTransport, open_transport
from .errors import DisconnectedError, NoAnswerError
from .events import Event, events_in
from .operations import HEARTBEAT_S, MAX_EVENTS, SIGNS_OF_LIFE, Operation, Operations
from .sounds import Half, is_about, raise_failure
from .synchronous import DEFAULT_PORT
from .transports import TransportName, check_transport

T = TypeVar("T")
Self = TypeVar("Self", bound="Conversation")
Inbox = asyncio.Queue[Event | DisconnectedError]


class Conversation:
    """Talks with a server: sends, and gives every event to the operations that want it.

    Args:
        host: See `AsyncVampbridgeClient`.
        port: As there.
        transport: As there.
        timeout_s: As there.
        token: As there.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        transport: TransportName = "udp",
        timeout_s: float = 5.0,
        token: str = "",
    ) -> None:
        check_transport(transport)
        self._host, self._port, self._name, self._token = host, port, transport, token
        self.is_stream = transport == "tcp"
        self._timeout_s = timeout_s
        self._where = f"{transport.upper()} {host} port {port}"
        self.do = Operations(self.post)
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._told = asyncio.Event()
        self._waiters: list[tuple[Callable[[Event], bool], Inbox]] = []
        self._turn = asyncio.Lock()
        self._transport: AsyncTransport | None = None
        self._ended_by = ""  # why the other side is gone, for who asks only afterwards
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self: Self) -> Self:  # noqa: PYI019 - typing has it from Python 3.11 on
        """Open the socket and greet.

        Raises:
            NoAnswerError: Nobody answers there.
            DisconnectedError: Nobody listens there.
            ServerError: The server will not have this client.
        """
        self._ended_by = ""
        self._transport = await open_transport(self._name, self._host, self._port, timeout_s=self._timeout_s)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._live())]
        try:
            await self.run(self.do.greet(self._token, self._transport.reply_port))
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Say bye, free the socket and end the tasks. Who still waits gets a `DisconnectedError`."""
        with contextlib.suppress(DisconnectedError):  # it is over already
            self.post("/vamp/bye")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._forget()

    def post(self, address: str, *arguments: Any) -> None:  # noqa: ANN401 - whatever OSC can carry
        """Send any message of the protocol, and do not wait: a refusal comes as an event.

        Raises:
            DisconnectedError: The client is not open, or no more.
        """
        if self._transport is None:
            raise DisconnectedError(
                self._ended_by or f"no connection with {self._where}: open the client with `async with`"
            )
        self._transport.send(build_message(address, arguments))

    async def events(self) -> AsyncIterator[Event]:
        """What the server tells of itself, until the client is closed. Of what nobody reads, the last 10,000 are kept.

        Refusals that come later than the call they belong to, as those of a looper, are here too, as `Refused`.
        """
        while True:
            while self._events:
                yield self._events.popleft()
            if self._transport is None:  # closed, by the server or here
                return
            self._told.clear()
            await self._told.wait()

    async def run(self, operation: Operation[T]) -> T:
        """Do something, and return what comes of it."""
        turn = self._turn if operation.is_fenced else contextlib.nullcontext()
        async with turn:
            inbox: Inbox = asyncio.Queue()
            waiter = (operation.wants, inbox)
            self._waiters.append(waiter)
            timeout_s = self._timeout_s if operation.timeout_s is None else operation.timeout_s
            try:
                return await asyncio.wait_for(self._step(operation, inbox), timeout_s)
            except asyncio.TimeoutError as error:
                raise NoAnswerError(f"no answer from {self._where} within {timeout_s:g} s") from error
            finally:
                self._waiters.remove(waiter)
                operation.steps.close()

    async def _step(self, operation: Operation[T], inbox: Inbox) -> T:
        try:
            next(operation.steps)
            while True:
                event = await inbox.get()
                if isinstance(event, DisconnectedError):
                    operation.steps.throw(event)  # it may know a better reason, and raise that
                else:
                    operation.steps.send(event)
        except StopIteration as end:
            result: T = end.value
            return result

    async def carry(self, half: Half) -> Half:
        """Bring or fetch a sound; the same object, when it has arrived."""
        inbox: Inbox = asyncio.Queue()
        waiter = (is_about(half), inbox)
        self._waiters.append(waiter)
        try:
            while not half.is_over:
                self._post_all(half)
                event = await _within(inbox, half.next_s - time.monotonic())
                if isinstance(event, DisconnectedError):
                    raise event
                if event is not None:
                    half.hear(event.address, event.arguments, time.monotonic())
            self._post_all(half)
        finally:
            self._waiters.remove(waiter)
        raise_failure(half)
        return half

    def _post_all(self, half: Half) -> None:
        for address, arguments in half.poll(time.monotonic()):
            self.post(address, *arguments)

    async def _read(self) -> None:
        while self._transport is not None:
            try:
                packet = await self._transport.receive()
            except DisconnectedError as error:
                ended = self.do.explain(error) if self.is_stream else error
                self._end_waiting(ended)
                if self.is_stream:
                    self._ended_by = str(ended)
                    await self._forget()
                continue  # over UDP the server may be started anew
            events = tuple(events_in(packet))
            self.do.hear(events)
            for event in events:
                self._hear(event)

    async def _live(self) -> None:
        while self._transport is not None:
            await asyncio.sleep(HEARTBEAT_S)
            with contextlib.suppress(DisconnectedError):  # the reader has seen it too, and tells
                self.do.give_sign_of_life(self._transport.reply_port)

    def _hear(self, event: Event) -> None:
        wanted = [inbox for wants, inbox in self._waiters if wants(event)]
        for inbox in wanted:
            inbox.put_nowait(event)
        if not wanted and not isinstance(event, SIGNS_OF_LIFE):
            self._events.append(event)
            self._told.set()

    async def _forget(self) -> None:
        transport, self._transport = self._transport, None
        self._end_waiting(DisconnectedError(f"the connection with {self._where} is closed"))
        if transport is not None:
            await transport.close()

    def _end_waiting(self, error: DisconnectedError) -> None:
        for _, inbox in self._waiters:
            inbox.put_nowait(error)
        self._told.set()


async def _within(inbox: Inbox, seconds: float) -> Event | DisconnectedError | None:
    """The next of an inbox; None if there is none in time."""
    if seconds <= 0:
        await asyncio.sleep(0)  # the reader has its turn
        return None if inbox.empty() else inbox.get_nowait()
    try:
        return await asyncio.wait_for(inbox.get(), None if seconds == math.inf else seconds)
    except asyncio.TimeoutError:
        return None
