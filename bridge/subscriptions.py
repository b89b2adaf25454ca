"""Who is told what: topics, each change once, and what changes all the time no more often than asked for.

Published from any thread, told in that thread or, where a value had to wait, in the server's. No sockets here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from ..engine.settings import Range
from .clients import Address
from .errors import RequestError
from .send import Send

log = logging.getLogger(__name__)

TOPICS: Final = {
    "state": "what slots do",
    "seam": "loops beginning again",
    "vamp": "variations planned, made and heard, and how far they are",
    "dials": "dials that somebody else has turned",
    "clock": "the beat, when it changes",
    "log": "what else you should know",
    "position": "where slots are in their loops",
    "echo": "dials that you have turned yourself",
}
NOT_UNASKED: Final = ("position", "echo")
USUAL: Final = frozenset(TOPICS) - frozenset(NOT_UNASKED)
RATE_HZ: Final = Range(float, 0.1, 100.0, "Hz", "How often progress and position are told at most.")
START_RATE_HZ: Final = 20.0
MAX_SUBSCRIBERS: Final = 64

_EVENTS: Final = frozenset({"seam", "vamp", "log"})  # told each time, even if nothing differs

Arguments = tuple[Any, ...]
Listener = Callable[[str, Arguments], None]
Wants = Callable[[str], bool]
"""Topic → whether it is wanted now."""


@dataclass
class _Subscriber:
    topics: frozenset[str]
    interval_s: float = 1 / START_RATE_HZ
    told: dict[str, Arguments] = field(default_factory=dict)  # by address: what it knows
    waiting: dict[str, Arguments] = field(default_factory=dict)
    due_s: dict[str, float] = field(default_factory=dict)  # when an address may be told again


class Subscriptions:
    """Everybody who wants to be told.

    Args:
        send: Never waits, never raises.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._subscribers: dict[Address, _Subscriber] = {}
        self._rates: dict[Address, float] = {}
        self._listeners: tuple[tuple[Listener, Wants], ...] = ()
        self._lock = threading.Lock()  # guards the subscribers, and keeps what they are told in order

    def listen(self, listener: Listener, *, wants: Wants = lambda _: True) -> None:
        """Call with what is published, its address first. From several threads; it must return soon.

        Args:
            listener: See there.
            wants: Asked each time, so that what nobody wants is not even worked out. It must return at once.
        """
        self._listeners = (*self._listeners, (listener, wants))

    def subscribe(self, client: Address, topics: Iterable[str]) -> None:
        """Tell a client of these topics, and no others, from now on.

        Raises:
            RequestError: There are too many subscribers.
        """
        with self._lock:
            known = self._subscribers.get(client)
            if known is None and len(self._subscribers) >= MAX_SUBSCRIBERS:
                raise RequestError(f"at most {MAX_SUBSCRIBERS} clients may subscribe, and so many do")
            interval_s = 1 / self._rates.get(client, START_RATE_HZ)
            self._subscribers[client] = _Subscriber(frozenset(topics), interval_s)

    def unsubscribe(self, client: Address) -> bool:
        """Tell it nothing more. Whether it was told anything before."""
        with self._lock:
            self._rates.pop(client, None)
            return self._subscribers.pop(client, None) is not None

    def rate_hz(self, client: Address) -> float:
        """How often a client is told of what changes all the time."""
        return self._rates.get(client, START_RATE_HZ)

    def set_rate(self, client: Address, rate_hz: float) -> None:
        """Change that. Also before it subscribes.

        Raises:
            RequestError: Too many clients have done so.
        """
        with self._lock:
            if client not in self._rates and len(self._rates) >= MAX_SUBSCRIBERS:
                raise RequestError(f"at most {MAX_SUBSCRIBERS} clients may set a rate, and so many have")
            self._rates[client] = rate_hz
            if client in self._subscribers:
                self._subscribers[client].interval_s = 1 / rate_hz

    def wants(self, topic: str) -> bool:
        """Whether anybody is told of a topic."""
        is_listened_to = any(wants(topic) for _, wants in self._listeners)
        return is_listened_to or any(topic in subscriber.topics for subscriber in self._values())

    def _values(self) -> list[_Subscriber]:
        with self._lock:
            return list(self._subscribers.values())

    @property
    def fastest_s(self) -> float:
        """The shortest interval of a subscriber."""
        return min((subscriber.interval_s for subscriber in self._values()), default=1 / START_RATE_HZ)

    def publish(
        self, topic: str, address: str, arguments: Arguments, *, sender: Address | None = None, often: bool = False
    ) -> None:
        """Tell whoever wants to know. From any thread.

        Args:
            topic: One of TOPICS.
            address: Of the message.
            arguments: Its.
            sender: The client that brought it about, and knows.
            often: Whether it changes all the time, so that a value may be left out for the next one.
        """
        with self._lock:
            for client, subscriber in self._subscribers.items():
                if topic in subscriber.topics:
                    self._offer(client, subscriber, topic, (address, arguments, sender, often))
        for listener, wants in self._listeners:
            if wants(topic):
                _tell(listener, address, arguments)

    def _offer(
        self,
        client: Address,
        subscriber: _Subscriber,
        topic: str,
        what: tuple[str, Arguments, Address | None, bool],
    ) -> None:
        address, arguments, sender, often = what
        if client == sender and "echo" not in subscriber.topics:
            subscriber.told[address] = arguments
            subscriber.waiting.pop(address, None)  # it is older than what the client has said itself
            return
        if often:
            subscriber.waiting[address] = arguments
            self._flush(client, subscriber, time.monotonic())
            return
        if topic in _EVENTS:
            self._flush(client, subscriber, float("inf"))  # what went before it must not come after it
        elif subscriber.told.get(address) == arguments:
            return
        else:
            subscriber.told[address] = arguments
        self._send(client, address, arguments)

    def flush(self, now_s: float) -> None:
        """Tell what has waited long enough. In the server's thread."""
        with self._lock:
            for client, subscriber in self._subscribers.items():
                if subscriber.waiting:
                    self._flush(client, subscriber, now_s)

    def next_s(self) -> float:
        """When something that waits is due; infinity if nothing waits."""
        return min(
            (subscriber.due_s.get(address, 0.0) for subscriber in self._values() for address in [*subscriber.waiting]),
            default=float("inf"),
        )

    def _flush(self, client: Address, subscriber: _Subscriber, now_s: float) -> None:
        due = [address for address in subscriber.waiting if subscriber.due_s.get(address, 0.0) <= now_s]
        for address in due:
            arguments = subscriber.waiting.pop(address)
            if subscriber.told.get(address) != arguments:
                subscriber.told[address] = arguments
                subscriber.due_s[address] = min(now_s, time.monotonic()) + subscriber.interval_s
                self._send(client, address, arguments)


def _tell(listener: Listener, address: str, arguments: Arguments) -> None:
    try:
        listener(address, arguments)
    except Exception:  # its bug must not stop what is told to the others
        log.exception("a listener failed")
