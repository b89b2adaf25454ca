"""The client for programs that wait: one thread, its own, and no other."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ...engine.audio import Audio
from ...engine.files import AudioFile
from ...engine.settings import VampSettings
from ...engine.take import Mask
from ..live_protocol import CLOCK_SET, LOOPER_SET
from ..osc_server import build_message
from ..protocol import SET_PREFIX
from ..serve_options import ServeOptions
from ..transfers.sender import Downloader
from .errors import DisconnectedError, NoAnswerError
from .events import Done, Event, Hello, SlotState, Status, Version, events_in
from .operations import HEARTBEAT_S, MAX_EVENTS, SIGNS_OF_LIFE, VAMP_TIMEOUT_S, OnProgress, Operation, Operations
from .slots import Slot
from .sounds import Half, new_id, raise_failure, sound_of, upload_of
from .transports import Tcp, Transport, TransportName, Udp, check_transport

T = TypeVar("T")
DEFAULT_PORT = ServeOptions().port


class VampbridgeClient:
    """Talks with a server. Every call returns when the server has handled it, and raises what the server refused.

    Used by one thread at a time. Nobody listens between two calls: what is told meanwhile waits in the socket, and the
    server ends the lease, and with it subscriptions, of a client that stays silent; `events` gives signs of life.

    Args:
        host: Name or address of the server.
        port: Its port.
        transport: `udp`; or `tcp`, for other machines and for anything that must not get lost.
        timeout_s: How long an answer may take.
        token: The server's, for TCP from another machine.

    Raises:
        NoAnswerError: Nobody answers there.
        DisconnectedError: Nobody listens there.
        ServerError: The server will not have this client.
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
        self._where = f"{transport.upper()} {host} port {port}"
        self._timeout_s, self._is_stream = timeout_s, transport == "tcp"
        self._transport: Transport = Udp(host, port) if transport == "udp" else Tcp(host, port, timeout_s=timeout_s)
        self._heard: deque[Event] = deque()
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._do = Operations(self.post)
        try:
            self._run(self._do.greet(token, self._transport.reply_port))
        except BaseException:
            self._transport.close()
            raise

    def __enter__(self) -> VampbridgeClient:  # noqa: PYI034 - Self is in typing from 3.11 on
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say bye, and free the socket."""
        with contextlib.suppress(DisconnectedError, NoAnswerError):  # it is over already
            self.post("/vamp/bye")
        self._transport.close()

    # The server.

    def post(self, address: str, *arguments: Any) -> None:  # noqa: ANN401 - whatever OSC can carry
        """Send any message of the protocol, and do not wait: a refusal comes as an event."""
        self._transport.send(build_message(address, arguments))

    def send(self, address: str, *arguments: Any, replies: Sequence[str] = ()) -> list[Event]:  # noqa: ANN401 - as above
        """Send any message of the protocol, and wait until it is handled.

        Returns:
            What it was answered with at once, of the addresses in `replies`.
        """
        return self._run(self._do.send_all([(address, *arguments)], *replies))

    def ping(self) -> None:
        """Return when the server has answered."""
        self._run(self._do.send_all([]))

    def hello(self) -> Hello:
        """Who the server is, how many slots it has, and how long a lease lasts."""
        return self._run(self._do.ask(Hello, "/vamp/hello"))

    def version(self) -> Version:
        """Versions of the server."""
        return self._run(self._do.ask(Version, "/vamp/version"))

    def status(self) -> Status:
        """How the server is."""
        return self._run(self._do.ask(Status, "/vamp/status"))

    # Vamping files.

    def settings(self) -> VampSettings:
        """The settings of your next vamps."""
        return self._run(self._do.settings())

    def set(self, **values: object) -> None:
        """Change settings of your next vamps, named as in `VampSettings`. Those before a refused one are changed."""
        self.change(SET_PREFIX, values)

    def preset(self, name: str) -> None:
        """Replace your settings by those of a preset."""
        self.send("/vamp/preset", name)

    def mask(self, mask: Mask) -> None:
        """Draw a mask for your next vamp: (rows, columns) bool, True = vary; stretched over codebooks and loop."""
        self._run(self._do.mask("/vamp/mask", mask))

    def clear_mask(self) -> None:
        """Forget the drawn mask."""
        self.send("/vamp/mask/clear")

    def vamp_file(
        self,
        path_in: Path | str,
        path_out: Path | str,
        *,
        timeout_s: float = VAMP_TIMEOUT_S,
        on_progress: OnProgress | None = None,
    ) -> tuple[Done, ...]:
        """Vamp a file on the server's machine, and wait for it. Given up, it is cancelled.

        Args:
            path_in: The loop.
            path_out: Where the take is written; several get -1, -2 … before the suffix, and `Done.path` says so.
            timeout_s: How long it may take.
            on_progress: Called now and then.

        Returns:
            One for each variation.
        """
        return self._run(self._do.vamp(path_in, path_out, timeout_s=timeout_s, on_progress=on_progress))

    # Vamping sounds that the server's machine does not have.

    def upload(self, audio: Audio, sample_rate: int) -> str:
        """Bring a sound, (C, N) or (N,) float32, to the server. Returns its id there, for messages that take one."""
        return self._carry(upload_of(audio, sample_rate, is_stream=self._is_stream)).request_id

    def drop_upload(self, upload_id: str) -> None:
        """Have the server forget an upload, which makes room for others."""
        self.send("/vamp/upload/cancel", upload_id)

    def download(self, source: str | int) -> AudioFile:
        """Fetch a take by its id, or what a slot plays by its number from 1."""
        return sound_of(self._carry(Downloader(new_id(), source, is_stream=self._is_stream)))

    def vamp_audio(
        self,
        audio: Audio,
        sample_rate: int,
        *,
        timeout_s: float = VAMP_TIMEOUT_S,
        on_progress: OnProgress | None = None,
    ) -> tuple[AudioFile, ...]:
        """Vamp a sound, (C, N) or (N,) float32, with your settings; one for each variation. No file is written."""
        upload_id = self.upload(audio, sample_rate)
        try:
            takes = self._run(self._do.vamp_upload(upload_id, timeout_s=timeout_s, on_progress=on_progress))
            return tuple(self.download(take.take_id) for take in takes)
        finally:
            with contextlib.suppress(DisconnectedError, NoAnswerError):  # what went wrong before is the reason
                self.post("/vamp/upload/cancel", upload_id)

    # Playing live.

    def slot(self, number: int | None = None) -> Slot:
        """A slot of `vampbridge live`, from 1; None for all."""
        return Slot(self, "*" if number is None else str(number))

    def set_looper(self, **values: object) -> None:
        """Change controls of the looper."""
        self.change(LOOPER_SET, values)

    def set_clock(self, **values: object) -> None:
        """Change controls of the clock."""
        self.change(CLOCK_SET, values)

    def subscribe(self, *, on: bool = True) -> None:
        """Be told what the slots do, or no more: see `events`."""
        self.send("/vamp/subscribe", on)

    def events(self, timeout_s: float) -> Iterator[Event]:
        """What the server tells of itself, until nothing has come for `timeout_s` seconds.

        With 0 it ends when what was told is read. Of what nobody reads, the last 10,000 are kept. Refusals that come
        later than the call they belong to, as those of a looper, are here too, as `Refused`.
        """
        end_s = time.monotonic() + timeout_s
        while True:
            while self._events:
                yield self._events.popleft()
                end_s = time.monotonic() + timeout_s
            event = self._next(end_s)
            if event is None:
                return
            self._keep(event)

    # For slots.

    def change(self, prefix: str, values: Mapping[str, object]) -> None:
        """Set what lies below an address, one message each."""
        self._run(self._do.change(prefix, values))

    def state(self, address: str) -> SlotState:
        """Ask for the state of a slot by the address that tells it."""
        return self._run(self._do.ask(SlotState, address))

    # How.

    def _run(self, operation: Operation[T]) -> T:
        while (late := self._next(time.monotonic())) is not None:
            self._keep(late)  # a pong that came too late for its call must not answer this one
        timeout_s = self._timeout_s if operation.timeout_s is None else operation.timeout_s
        end_s = time.monotonic() + timeout_s
        try:
            next(operation.steps)
            while True:
                event = self._next_for(operation, end_s)
                if event is None:
                    raise NoAnswerError(f"no answer from {self._where} within {timeout_s:g} s")
                if operation.wants(event):
                    operation.steps.send(event)
                else:
                    self._keep(event)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            operation.steps.close()

    def _next_for(self, operation: Operation[T], end_s: float) -> Event | None:
        try:
            return self._next(end_s)
        except DisconnectedError as error:
            operation.steps.throw(error)  # it may know a better reason, and raise that
            raise

    def _carry(self, half: Half) -> Half:
        while not half.is_over:
            now_s = time.monotonic()
            self._post_all(half.poll(now_s))
            event = self._next(min(half.next_s, now_s + HEARTBEAT_S))
            if event is not None and not half.hear(event.address, event.arguments, time.monotonic()):
                self._keep(event)
        self._post_all(half.poll(time.monotonic()))
        raise_failure(half)
        return half

    def _post_all(self, messages: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        for address, arguments in messages:
            self.post(address, *arguments)

    def _next(self, end_s: float) -> Event | None:
        """The next event; None when the time has come. Gives a sign of life while it waits."""
        while not self._heard:
            left_s = end_s - time.monotonic()
            try:
                packet = self._transport.receive(min(max(0.0, left_s), HEARTBEAT_S))
            except DisconnectedError as error:
                raise (self._do.explain(error) if self._is_stream else error) from error
            if packet is not None:
                events = tuple(events_in(packet))
                self._do.hear(events)
                self._heard.extend(events)
            elif left_s <= HEARTBEAT_S:
                return None
            else:
                self._do.give_sign_of_life(self._transport.reply_port)
        return self._heard.popleft()

    def _keep(self, event: Event) -> None:
        if not isinstance(event, SIGNS_OF_LIFE):
            self._events.append(event)
