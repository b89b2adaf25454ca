"""What a client can do, once for both clients: which messages are sent, and which answers end it.

An operation sends by itself and yields to be given the next of the events that concern it. How long it is waited for,
and whether a thread or a task waits, is the client's business; no sockets and no clocks here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import numpy as np

from ...engine.settings import RANGES, VampSettings
from ...engine.take import Mask
from ..live_protocol import RANDOM_SEED
from ..own_messages import sendable
from ..protocol import PROTOCOL_VERSION, SET_PREFIX
from .errors import DisconnectedError, ServerError
from .events import Bye, Done, Event, Pong, Progress, Refused, SettingTold, Version
from .sounds import new_id

T = TypeVar("T")
Found = TypeVar("Found", bound=Event)
Send = Callable[..., None]
Steps = Generator[None, Event, T]
OnProgress = Callable[[Progress], None]

HEARTBEAT_S: Final = 10.0
"""How often a client that waits gives a sign of life; servers end a lease after 30 s unless they are told otherwise."""
VAMP_TIMEOUT_S: Final = 600.0
MAX_EVENTS: Final = 10_000
"""Of events that nobody reads, the last so many are kept."""
SIGNS_OF_LIFE: Final = (Pong, Version)
"""Events that tell nothing to who has not asked."""


@dataclass(frozen=True)
class Operation(Generic[T]):
    """Something that a client does.

    Attributes:
        steps: Sends, and yields whenever it needs another event.
        wants: Whether an event is for it; the others go to who listens to events.
        is_fenced: Its answers end with a pong, so that only one may be under way at a time.
        timeout_s: Of the whole; None is the client's own.
    """

    steps: Steps[T]
    wants: Callable[[Event], bool]
    is_fenced: bool = True
    timeout_s: float | None = None


class Operations:
    """Makes operations.

    Args:
        send: Sends one message: an address, and its arguments.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._farewell = ""

    def send_all(self, messages: Sequence[tuple[Any, ...]], *replies: str) -> Operation[list[Event]]:
        """Send messages, each an address and its arguments, and gather what they are answered with at once.

        Messages are handled in order, so that the answer to a ping behind them says that they have been handled.

        Args:
            messages: Address and arguments of each.
            replies: Addresses of the replies to gather.
        """
        addresses = {message[0] for message in messages}

        def wants(event: Event) -> bool:
            is_refused = isinstance(event, Refused) and event.refused_address in addresses
            return isinstance(event, Pong) or event.address in replies or is_refused

        return Operation(self._send_all(messages), wants)

    def _send_all(self, messages: Sequence[tuple[Any, ...]]) -> Steps[list[Event]]:
        for message in messages:
            self._send(*message)
        self._send("/vamp/ping")
        answers: list[Event] = []
        try:
            while not isinstance(event := (yield), Pong):
                answers.append(event)
        except DisconnectedError:  # who is refused at the door is told why before it closes
            _raise_refused(answers)
            raise
        _raise_refused(answers)
        return answers

    def ask(self, wanted: type[Found], address: str) -> Operation[Found]:
        """Send a message without arguments that is answered by one of the same address."""
        asked = self.send_all([(address,)], address)
        return Operation(self._ask(asked.steps, wanted, address), asked.wants)

    def _ask(self, steps: Steps[list[Event]], wanted: type[Found], address: str) -> Steps[Found]:
        answers = yield from steps
        for answer in answers:
            if isinstance(answer, wanted):
                return answer
        raise ServerError("address", address, f"the server gave no answer to {address} that this client understands")

    def settings(self) -> Operation[VampSettings]:
        """All settings of the client's next vamps."""
        told = {SET_PREFIX + name for name in RANGES}
        asked = self.send_all([("/vamp/settings",)], *told, "/vamp/settings")
        return Operation(self._settings(asked.steps), asked.wants)

    def _settings(self, steps: Steps[list[Event]]) -> Steps[VampSettings]:
        answers = yield from steps
        values = {answer.name: answer.value for answer in answers if isinstance(answer, SettingTold)}
        return VampSettings().changed(**{name: _as_setting(name, value) for name, value in values.items()})

    def change(self, prefix: str, values: Mapping[str, object]) -> Operation[list[Event]]:
        """Set settings or controls: one message each."""
        return self.send_all([(prefix + name, sendable(value)) for name, value in values.items()])

    def mask(self, address: str, mask: Mask) -> Operation[list[Event]]:
        """Draw a mask, (rows, columns) bool, True = vary."""
        rows, columns = np.shape(mask)
        cells = np.asarray(mask, dtype=np.bool_).astype(np.uint8).tobytes()
        return self.send_all([(address, int(rows), int(columns), cells)])

    def vamp(
        self, path_in: Path | str, path_out: Path | str, *, timeout_s: float, on_progress: OnProgress | None
    ) -> Operation[tuple[Done, ...]]:
        """Vamp a file with the client's settings; as many takes as `variations` asks for."""
        request_id = new_id()
        return self._vamping(("/vamp/file", absolute(path_in), absolute(path_out), request_id), timeout_s, on_progress)

    def vamp_upload(
        self, upload_id: str, *, timeout_s: float, on_progress: OnProgress | None
    ) -> Operation[tuple[Done, ...]]:
        """Vamp an upload with the client's settings."""
        return self._vamping(("/vamp/upload/vamp", upload_id, new_id()), timeout_s, on_progress)

    def _vamping(
        self, message: tuple[str, ...], timeout_s: float, on_progress: OnProgress | None
    ) -> Operation[tuple[Done, ...]]:
        variations = SET_PREFIX + "variations"

        def wants(event: Event) -> bool:
            return getattr(event, "request_id", None) == message[-1] or event.address == variations

        steps = self._vamp(variations, message, on_progress)
        return Operation(steps, wants, is_fenced=False, timeout_s=timeout_s)

    def _vamp(
        self, variations: str, message: tuple[str, ...], on_progress: OnProgress | None
    ) -> Steps[tuple[Done, ...]]:
        self._send(variations)
        self._send(*message)
        n_takes, takes = 1, list[Done]()
        is_running = True
        try:
            while len(takes) < n_takes:
                event = yield
                if isinstance(event, Refused):
                    is_running = False
                    raise _error(event)
                if isinstance(event, SettingTold) and not takes:
                    n_takes = int(event.value)
                elif isinstance(event, Done):
                    takes.append(event)
                elif isinstance(event, Progress) and on_progress is not None:
                    on_progress(event)
            is_running = False
        finally:
            if is_running:  # given up by who waited: the server need not go on
                with contextlib.suppress(DisconnectedError):
                    self._send("/vamp/cancel", message[-1])
        return tuple(takes)

    def hear(self, events: Sequence[Event]) -> None:
        """Remember the last word of the server: if it is a farewell, it says why the connection ends."""
        for event in events:
            self._farewell = event.reason if isinstance(event, Bye) else ""

    def explain(self, error: DisconnectedError) -> DisconnectedError:
        """The end of a connection, with the server's reason if it gave one."""
        return DisconnectedError(f"{error}: {self._farewell}") if self._farewell else error

    def greet(self, token: str, reply_port: int | None) -> Operation[list[Event]]:
        """What a client says first: where its replies go; over TCP, that it may be here."""
        if reply_port is not None:
            return self.send_all([("/vamp/reply_port", reply_port)])
        return self.send_all([("/vamp/hello", PROTOCOL_VERSION, *([token] if token else []))], "/vamp/hello")

    def give_sign_of_life(self, reply_port: int | None) -> None:
        """What renews a lease. Over UDP it also finds a server that was started anew."""
        if reply_port is not None:
            self._send("/vamp/reply_port", reply_port)
        else:  # not a ping, whose answer might be taken for that to another
            self._send("/vamp/version")


def _raise_refused(answers: Sequence[Event]) -> None:
    for answer in answers:
        if isinstance(answer, Refused):
            raise _error(answer)


def _error(event: Refused) -> ServerError:
    return ServerError(event.code, event.refused_address, event.reason, event.request_id)


def absolute(path: Path | str) -> str:
    """A path as the server takes it, seen from here."""
    return str(Path(path).expanduser().absolute())


def _as_setting(name: str, value: object) -> object:
    """A told value in the setting's own type: switches come as 0 or 1, a seed that is drawn anew as a word."""
    return None if RANGES[name].optional and value == RANDOM_SEED else value
