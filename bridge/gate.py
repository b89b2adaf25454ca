"""What a packet must pass before its messages are handled: allowed peer, rate, token, OSC, and its time.

Policy only: the sockets are the network's, the messages are the dispatcher's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .clients import Address, Client, is_stream
from .dispatch import Dispatcher
from .errors import LimitError, MalformedError, TimetagError, TokenError
from .net.network import Arrival, Network
from .net.schedule import IMMEDIATELY, Schedule, seconds_ahead
from .net.slip import unescape
from .net.token import is_same
from .osc_server import OscMessage, parse_packet
from .own_messages import Desk
from .send import Meter
from .serve_options import ServeOptions

log = logging.getLogger(__name__)

HELLO = "/vamp/hello"
TELL_LIMIT_S = 1.0


@dataclass(frozen=True)
class Waiting:
    """A message for later: whose, and for when, on the clock of `time.monotonic`."""

    message: OscMessage
    sender: Address
    due_s: float


@dataclass(frozen=True)
class Ways:
    """Where packets come from and messages go to.

    Attributes:
        network: Where the packets come from.
        desk: Who the clients are, and what was counted.
        dispatcher: Handles what passes.
        meter: Counts the answers to a message.
        lead_s: How much before its time a message is handled.
    """

    network: Network
    desk: Desk
    dispatcher: Dispatcher
    meter: Meter
    lead_s: Callable[[OscMessage], float]


class Gate:
    """Lets packets in. One thread.

    Args:
        options: Who may come, and how often.
        ways: See there.
        token: What another machine must show over TCP.

    Attributes:
        waiting: Messages for later.
    """

    def __init__(self, options: ServeOptions, ways: Ways, *, token: str) -> None:
        self._options, self._token, self._lead_s = options, token, ways.lead_s
        self._network, self._desk, self._dispatcher, self._meter = ways.network, ways.desk, ways.dispatcher, ways.meter
        self.waiting: Schedule[Waiting] = Schedule()

    def take(self, arrival: Arrival) -> None:
        """Handle a packet, now or when it is time; never raises. What is wrong with it is told to its sender."""
        sender = arrival.sender
        self._desk.counters.received += 1
        if is_stream(sender):
            self._take_framed(arrival.packet, sender)
        elif self._options.may_come(sender[0]):
            client = self._client_of(sender)
            if client.bucket.take(time.monotonic()):
                self._open(arrival.packet, client, sender)
            else:
                self._limit(client, 1)
        else:
            self._desk.counters.refused += 1
            log.info("dropped a datagram of %s, which is not an allowed peer", sender[0])

    def take_due(self, waiting: Waiting) -> None:
        """Handle a message whose time has come. Never raises."""
        self._handle(waiting.message, self._desk.book.client_of(waiting.sender), waiting.sender)

    def _take_framed(self, packet: bytes, sender: Address) -> None:
        client = self._client_of(sender)
        self._charge(client, sender, 1)
        self._open(packet, client, sender)

    def _client_of(self, sender: Address) -> Client:
        client = self._desk.book.client_of(sender)
        client.heard_s, client.lease_ended = time.monotonic(), False
        return client

    def _open(self, packet: bytes, client: Client, sender: Address) -> None:
        """Handle the messages of a packet, the first of which is paid for."""
        try:
            messages = parse_packet(unescape(packet) if client.is_stream else packet)
        except MalformedError as error:
            self._desk.counters.malformed += 1
            self._dispatcher.refuse(client, "", error)
            return
        if client.is_stream and not self._network.is_trusted(sender) and not self._is_let_in(messages, client, sender):
            return
        if any(message.timetag != IMMEDIATELY for message in messages):
            messages = self._keep_for_later(messages, client, sender)
        for number, message in enumerate(messages):
            if client.bucket.level < self._floor(client):
                self._limit(client, len(messages) - number)
                return
            self._handle(message, client, sender, is_paid=number == 0)

    def _floor(self, client: Client) -> float:
        """How much a client may owe and still have the rest of its bundle handled, which is done in one go."""
        return -client.bucket.burst if client.is_stream else 0.0

    def _handle(self, message: OscMessage, client: Client, sender: Address, *, is_paid: bool = False) -> None:
        """Handle a message, and charge its client.

        A message costs 1, and so does every answer beyond the first: one of a few bytes may ask for all settings.
        """
        self._meter.watch(client.address)
        self._dispatcher.handle(message, sender)
        self._charge(client, sender, max(1, self._meter.n_answers) - is_paid)

    def _charge(self, client: Client, sender: Address, count: int) -> None:
        """Take it from what a client may still send; a connection that owes has to wait."""
        now_s = time.monotonic()
        wait_s = client.bucket.owe(count, now_s)
        if wait_s and client.is_stream:
            self._network.pause(sender, now_s + wait_s)

    def _is_let_in(self, messages: Sequence[OscMessage], client: Client, sender: Address) -> bool:
        """Whether a connection from another machine begins with the token; if not it is told so, and closed."""
        first = messages[0] if messages else OscMessage("")
        shown = first.arguments[1] if first.address == HELLO and first.tags[1:] == "s" else ""
        if self._token and isinstance(shown, str) and is_same(shown, self._token):
            self._network.trust(sender)
            return True
        self._desk.counters.refused += 1
        log.warning("refused %s port %d: it did not show the token", *sender)
        reason = f"over TCP, another machine first says {HELLO} with the protocol's version and the token"
        if shown:
            reason = "the token is wrong: it is in the server's --token-file, or was printed when the server started"
        self._dispatcher.refuse(client, first.address, TokenError(reason))
        self._network.hang_up(sender)
        return False

    def _keep_for_later(self, messages: Sequence[OscMessage], client: Client, sender: Address) -> list[OscMessage]:
        """The messages that are for now; the others are kept. None of either if not all can be."""
        now_unix_s, now_s = time.time(), time.monotonic()
        timed = [(seconds_ahead(message.timetag, now_unix_s), message) for message in messages]
        later = [(ahead_s, message) for ahead_s, message in timed if ahead_s]
        try:
            self.waiting.check([ahead_s for ahead_s, _ in later], client.address)
        except TimetagError as error:
            self._dispatcher.refuse(client, messages[0].address, error)
            return []
        for ahead_s, message in later:
            due_s = now_s + ahead_s
            self.waiting.add(due_s - self._lead_s(message), client.address, Waiting(message, sender, due_s))
        return [message for ahead_s, message in timed if not ahead_s]

    def _limit(self, client: Client, n_messages: int) -> None:
        """Drop messages of a client that sends too many, and tell it once per second."""
        self._desk.counters.limited += n_messages
        client.n_limited += n_messages
        now_s = time.monotonic()
        if now_s < client.told_limit_s + TELL_LIMIT_S:
            return
        rate = self._options.rate_limit
        reason = f"at most {rate} messages per second are taken of a client; {client.n_limited} of yours were dropped"
        self._dispatcher.refuse(client, "", LimitError(reason))
        client.told_limit_s, client.n_limited = now_s, 0
