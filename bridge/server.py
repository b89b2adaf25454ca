"""The OSC server: one thread that handles messages in the order they arrive.

Files are read and written by the thread of `Vamps`, loops are varied by the engine's process; nothing here waits.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from typing import Any

from .clients import Address, AddressBook, Client
from .dial_watch import DialWatch
from .dispatch import Dispatcher
from .engine_port import Engine
from .gate import Gate, Ways
from .live.stage import Stage
from .live_desk import LiveDesk, Moment
from .live_messages import EXACT, LiveMessages
from .live_protocol import MAX_SLOTS, SLOT, SLOTS
from .net.limits import TURN
from .net.network import Arrival, Network
from .net.token import draw_token, read_token
from .osc_server import OscMessage
from .own_messages import Counters, Desk, OwnMessages
from .parts import Part
from .paths import AllowedFolders, default_folders
from .send import Meter
from .serve_options import ServeOptions
from .session_messages import House, SessionMessages, status_told
from .subscriptions import Subscriptions
from .transfers.messages import Transfers
from .transfers.uploads import upload_quotas
from .unloop import UnloopMessages
from .vamps import Vamps

TICK_S = 0.1  # unloop's own interval of progress messages
LEASE_CHECK_S = 1.0
# Commands that name their frame reach the looper this much before it: the pipe, and the longest block there is.
LEAD_S = 0.1


class Server:
    """Serves OSC until stopped. The port is bound when the object is made.

    Args:
        options: See there.
        engine: Started before `run`, and closed before `close`, by its owner.
        rng: Draws seeds; None is the system's.
        stage: Plays loops; None serves files only.

    Attributes:
        address: Host and port.
        tcp_port: The same port, or 0 without TCP.
        n_slots: Of the looper, 0 without one.
        token: What another machine must show over TCP; empty if none may come.
        subscriptions: Everything that is told to subscribers, see there.

    Raises:
        PortError: The port cannot be opened.
        PathError: An allowed folder does not exist.
        SettingError: The token cannot be read.
    """

    def __init__(
        self,
        options: ServeOptions,
        engine: Engine,
        rng: random.Random | None = None,
        stage: Stage | None = None,
    ) -> None:
        self._options, self._stage = options, stage
        folders = AllowedFolders(options.folders or default_folders())
        self.folders = folders.folders
        self.token = _token(options)
        self._network = Network(
            options.host,
            options.port,
            tcp=options.tcp,
            may_come=options.may_come,
            needs_token=options.needs_token,
        )
        self.address: Address = (self._network.host, self._network.port)
        self.tcp_port = self._network.tcp_port
        self.n_slots = 0 if stage is None else len(stage.states)
        self._stop = threading.Event()
        self.is_running = False
        self._vamps = Vamps(engine, folders, max_unfinished=options.max_unfinished)
        self.counters = Counters()
        self.subscriptions = Subscriptions(self._network.send)
        meter = Meter(self._network.send)
        self.desk = Desk(
            send=meter,
            engine=engine,
            folders=folders,
            vamps=self._vamps,
            book=AddressBook(reply_port=options.reply_port, rate=options.rate_limit),
            rng=rng or random.SystemRandom(),
            counters=self.counters,
            backlog_bytes=self._network.backlog_bytes,
        )
        self._moment = Moment()
        self._house = self._make_house()
        self._parts = self._make_parts()
        self.handlers = {address: handler for part in self._parts for address, handler in part.handlers.items()}
        self._dispatcher = Dispatcher(self.desk, self.handlers, n_slots=self.n_slots or MAX_SLOTS)
        ways = Ways(self._network, self.desk, self._dispatcher, meter, self._lead_s)
        self._gate = Gate(options, ways, token=self.token)
        self._next_lease_check_s = 0.0

    def _make_house(self) -> House:
        return House(
            desk=self.desk,
            network=self._network,
            lease_s=self._options.lease_s,
            n_slots=self.n_slots,
            n_waiting=lambda: len(self._gate.waiting),
            end=self._end_lease,
        )

    def _make_parts(self) -> list[Part]:
        """Who answers which messages. One with messages of its own is added here, and its table in `protocol`."""
        return [
            SessionMessages(self._house),
            OwnMessages(self.desk),
            LiveMessages(self._live_desk()),
            Transfers(self.desk, self._stage, upload_quotas(self._options)),
            UnloopMessages(self.desk),
        ]

    def _live_desk(self) -> LiveDesk | None:
        if self._stage is None:
            return None
        told = self.subscriptions
        # Often: a fader that is moved must not cost each of the others a message for every step.
        watch = DialWatch(
            self._stage,
            lambda topic, address, values, sender: told.publish(topic, address, values, sender=sender, often=True),
        )
        n_codebooks = lambda: self.desk.engine.info.n_codebooks  # noqa: E731
        return LiveDesk(self._stage, self.n_slots, self.desk.send, told, watch, n_codebooks, self._moment)

    def status(self) -> tuple[Any, ...]:
        """What `/vamp/status` is answered with, for who reads it elsewhere. From any thread."""
        return status_told(self._house)

    def run(self) -> None:
        """Handle messages until `stop`, then cancel what is unfinished."""
        self.is_running = True
        next_tick_s = time.monotonic()
        while not self._stop.is_set():
            next_s = min(next_tick_s, self._gate.waiting.next_s, self.subscriptions.next_s())
            for arrival in self._network.arrivals(next_s - time.monotonic()):
                self._gate.take(arrival)
            for address, reason in self._network.dismissed().items():
                self.desk.send(address, "/vamp/bye", (reason,))
                self._network.hang_up(address)
            self._handle_due()
            now_s = time.monotonic()
            self.subscriptions.flush(now_s)
            if now_s >= next_tick_s:
                self._tick(now_s)
                next_tick_s = now_s + self._tick_s
        self._vamps.cancel_all()

    def stop(self) -> None:
        """Let `run` return at once. From any thread, or a signal handler."""
        self._stop.set()
        self._network.wake()

    def close(self) -> None:
        """Tell the clients of unfinished vamps, join the worker, free the port. After `run`, and the engine's close."""
        self._vamps.close()
        self._network.close()

    def handle_datagram(self, datagram: bytes, sender: Address) -> None:
        """Handle one packet; never raises. What is wrong with it is told to its sender."""
        self._gate.take(Arrival(datagram, sender))

    # Time.

    def _lead_s(self, message: OscMessage) -> float:
        """How much before its time a message is handled: commands that name their frame must be there by then."""
        address = message.address
        template = SLOT + address.removeprefix(SLOTS).partition("/")[2] if address.startswith(SLOTS) else address
        return LEAD_S if self._stage is not None and template in EXACT else 0.0

    @property
    def _tick_s(self) -> float:
        """How often is looked for what changes by itself: as often as anybody wants to know."""
        return min(TICK_S, self.subscriptions.fastest_s) if self.subscriptions.wants("position") else TICK_S

    def _handle_due(self) -> None:
        # Not all at once: thousands may be for the same moment, and others have packets here.
        for _, waiting in itertools.islice(self._gate.waiting.due(time.monotonic()), TURN):
            self._moment.due_s = waiting.due_s
            self._gate.take_due(waiting)
            self._moment.due_s = None

    def _tick(self, now_s: float) -> None:
        self._vamps.report_progress()
        for part in self._parts:
            part.tick(now_s)
        book = self.desk.book
        for address in (*self._network.gone(), *book.forgotten):
            book.forget(address)
            self._forget(address)
        book.forgotten.clear()
        if self._options.lease_s and now_s >= self._next_lease_check_s:
            self._next_lease_check_s = now_s + LEASE_CHECK_S
            for client in book.all():
                if not client.lease_ended and now_s > client.heard_s + self._options.lease_s:
                    self._end_lease(client, f"nothing was heard of you for {self._options.lease_s:g} s")

    def _end_lease(self, client: Client, reason: str) -> None:
        """Tell a client nothing more, and that if it was told anything."""
        client.lease_ended = True
        was_told = self.subscriptions.unsubscribe(client.address)
        self._forget(client.address)
        if was_told or client.is_stream:
            self.desk.send(client.address, "/vamp/bye", (reason,))

    def _forget(self, client: Address) -> None:
        self.subscriptions.unsubscribe(client)
        self._gate.waiting.forget(client)
        for part in self._parts:
            part.forget(client)


def _token(options: ServeOptions) -> str:
    """What another machine must show; empty if none may come over TCP."""
    if not options.needs_token:
        return ""
    return draw_token() if options.token_file is None else read_token(options.token_file)
