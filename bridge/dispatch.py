"""Looks a message up in the table, checks it, has it handled, and tells its client what is wrong with it."""

from __future__ import annotations

import logging
import time

from ..engine.errors import EngineError, VampbridgeError
from .clients import Address, Client
from .errors import AddressError, clip
from .ids import RequestId
from .message_spec import Message, Values
from .net.buckets import TokenBucket
from .osc_server import OscMessage
from .own_messages import Desk
from .parts import Handler
from .protocol import MAX_QUOTED, ONLY_REPLIES, PREFIX, UNLOOP_ADDRESSES, look_up_all

log = logging.getLogger(__name__)

# Looking for the nearest address takes milliseconds, in which nobody else is served: so often, and no more.
HINTS_PER_S, MAX_HINTS = 5.0, 20.0


class Dispatcher:
    """One message at a time, in one thread.

    Args:
        desk: See there.
        handlers: By address, as the table has it.
        n_slots: That patterns are matched with.
    """

    def __init__(self, desk: Desk, handlers: dict[str, Handler], *, n_slots: int) -> None:
        self._desk, self._handlers, self._n_slots = desk, handlers, n_slots
        self._hints = TokenBucket(HINTS_PER_S, MAX_HINTS, level=MAX_HINTS, at_s=time.monotonic())

    def handle(self, message: OscMessage, sender: Address) -> None:
        """Handle a message; never raises. What is wrong with it is told to its sender."""
        if message.address in ONLY_REPLIES or (message.address, message.arguments) == ("/heartbeat", ("pong",)):
            self._desk.counters.replies += 1
            log.info("ignored %s: it is a reply, of a server that answers to this port", message.address)
            return
        client = self._desk.book.client_of(sender)
        request_id: RequestId | None = None
        try:
            found, of_addresses = self._look_up(message.address)
            request_id = found.sent("request_id", message.arguments, message.tags)
            values = found.parse(message.arguments, message.tags)
            client.speaks_unloop = found.address in UNLOOP_ADDRESSES
            for of_address in of_addresses:
                self._handlers[found.address]({**of_address, **values}, client, sender)
        except VampbridgeError as error:
            self.refuse(client, message.address, error, request_id)
        except Exception as error:  # a bug in one handler must reach its client, and end the set for nobody
            log.exception("handling %s failed", message.address)
            unexpected = EngineError(f"unexpected {type(error).__name__}: {error}")
            self.refuse(client, message.address, unexpected, request_id)

    def _look_up(self, address: str) -> tuple[Message, list[Values]]:
        try:
            return look_up_all(address, self._n_slots, hint=False)
        except AddressError:
            if not self._hints.take(time.monotonic()):
                raise
        return look_up_all(address, self._n_slots)

    def refuse(self, client: Client, address: str, error: VampbridgeError, request_id: RequestId | None = None) -> None:
        """Tell a client what was wrong, in the language it speaks."""
        is_ours = address.startswith(PREFIX)
        if address in UNLOOP_ADDRESSES or (client.speaks_unloop and not is_ours):
            self._desk.send(client.address, "/error", (clip(str(error)),))
        else:
            shown_id = "" if request_id is None else request_id
            told = (error.code, clip(address, MAX_QUOTED), clip(str(error)), shown_id)
            self._desk.send(client.address, "/vamp/error", told)
