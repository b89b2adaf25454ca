"""Long answers in turns: a thousand messages at once would overrun the buffer of a client that hears UDP."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..clients import Address, is_stream
from ..errors import BusyError
from ..net.buckets import TokenBucket
from ..send import Send


@dataclass(frozen=True)
class Turns:
    """How much of a list is told at a time.

    Attributes:
        at_once: So many messages together.
        per_s: After that so many a second.
    """

    at_once: int
    per_s: float

    def bucket(self, now_s: float) -> TokenBucket:
        """A full one."""
        return TokenBucket(self.per_s, self.at_once, level=self.at_once, at_s=now_s)


# The usual receive buffer of a UDP socket, 208 KiB, holds some 160 small datagrams; a client may be busy for 100 ms.
DATAGRAMS: Final = Turns(64, 500.0)
# There nothing gets lost, and what waits is bounded; but a turn keeps the others waiting, some 10 ms.
STREAM: Final = Turns(256, 2500.0)
MAX_WAITING: Final = 1024  # messages for a client that wants one more list
MAX_WAITING_ALL: Final = 65_536

Told = tuple[str, tuple[Any, ...]]
"""Address and arguments."""


class Lists:
    """Tells clients lists, each of them in order and in turns. Any thread.

    Args:
        send: Sends one message.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: dict[Address, tuple[deque[Told], TokenBucket]] = {}
        self._lock = threading.Lock()  # held while a turn is sent: it must stay in order

    def tell(self, to: Address, messages: Iterable[Told]) -> None:
        """Tell a list, behind those that the client still waits for.

        Raises:
            BusyError: Too much of those waits.
        """
        now_s = time.monotonic()
        with self._lock:
            n_all = sum(len(waiting) for waiting, _ in self._waiting.values())
            bucket = (STREAM if is_stream(to) else DATAGRAMS).bucket(now_s)
            waiting, _ = self._waiting.get(to, (deque[Told](), bucket))
            if len(waiting) > MAX_WAITING or n_all > MAX_WAITING_ALL:
                raise BusyError(
                    f"{len(waiting)} messages of lists wait to be told to you, and {n_all} to all clients: wait for "
                    "the lists that you have asked for"
                )
            waiting.extend(messages)
            self._waiting.setdefault(to, (waiting, bucket))
            self._take_turn(to, now_s)

    def tick(self, now_s: float) -> None:
        """Tell what is due; to be called often."""
        with self._lock:
            for to in list(self._waiting):
                self._take_turn(to, now_s)

    def forget(self, client: Address) -> None:
        """A client is gone."""
        with self._lock:
            self._waiting.pop(client, None)

    def _take_turn(self, to: Address, now_s: float) -> None:
        waiting, bucket = self._waiting[to]
        while waiting and bucket.take(now_s):
            self._send(to, *waiting.popleft())
        # Not before it might tell as much again at once: many short lists would be as good as a long one.
        bucket.owe(0, now_s)
        if not waiting and bucket.level >= bucket.burst:
            del self._waiting[to]
