"""The OSC server: one socket, one thread that handles messages in the order they arrive.

Files are read and written by the thread of `Vamps`, loops are varied by the engine's process; nothing here waits.
"""

from __future__ import annotations

import logging
import random
import threading
import time

from ..engine.errors import EngineError, VampbridgeError
from .clients import Address, AddressBook, Client
from .engine_port import Engine
from .errors import MalformedError, clip
from .live.stage import Stage
from .live_messages import LiveDesk, LiveMessages
from .osc_server import OscMessage, UdpPort, parse_packet
from .own_messages import Counters, Desk, OwnMessages
from .paths import AllowedFolders, default_folders
from .protocol import ONLY_REPLIES, PREFIX, UNLOOP_ADDRESSES, look_up
from .serve_options import ServeOptions, plain_ip
from .unloop import UnloopMessages
from .vamps import RequestId, Vamps

log = logging.getLogger(__name__)

TICK_S = 0.1  # unloop's own interval of progress messages
MAX_ADDRESS_TEXT = 200


class Server:
    """Serves OSC until stopped. The port is bound when the object is made.

    Args:
        options: See there.
        engine: Started before `run`, and closed before `close`, by its owner.
        rng: Draws seeds; None is the system's.
        stage: Plays loops; None serves files only.

    Raises:
        PortError: The port cannot be opened.
        PathError: An allowed folder does not exist.
    """

    def __init__(
        self,
        options: ServeOptions,
        engine: Engine,
        rng: random.Random | None = None,
        stage: Stage | None = None,
    ) -> None:
        folders = AllowedFolders(options.folders or default_folders())
        self.folders = folders.folders
        self._peers = frozenset(options.peers)
        self._udp = UdpPort(options.host, options.port)
        self.address: Address = (self._udp.host, self._udp.port)
        self._stop = threading.Event()
        self.is_running = False
        self._book = AddressBook(reply_port=options.reply_port)
        self._vamps = Vamps(engine, folders, max_unfinished=options.max_unfinished)
        self.counters = Counters()
        self.desk = Desk(
            send=self._udp.send,
            engine=engine,
            folders=folders,
            vamps=self._vamps,
            book=self._book,
            rng=rng or random.SystemRandom(),
            counters=self.counters,
        )
        live = LiveMessages(None if stage is None else LiveDesk(stage, len(stage.states), self._udp.send))
        self.handlers = {**OwnMessages(self.desk).handlers, **live.handlers, **UnloopMessages(self.desk).handlers}

    def run(self) -> None:
        """Handle messages until `stop`, then cancel what is unfinished."""
        self.is_running = True
        next_tick_s = time.monotonic() + TICK_S
        while not self._stop.is_set():
            received = self._udp.receive(max(0.0, next_tick_s - time.monotonic()))
            if received is not None:
                self.handle_datagram(*received)
            if time.monotonic() >= next_tick_s:
                self._vamps.report_progress()
                next_tick_s = time.monotonic() + TICK_S
        self._vamps.cancel_all()

    def stop(self) -> None:
        """Let `run` return, within 100 ms. From any thread, or a signal handler."""
        self._stop.set()

    def close(self) -> None:
        """Tell the clients of unfinished vamps, join the worker, free the port. After `run`, and the engine's close."""
        self._vamps.close()
        self._udp.close()

    def handle_datagram(self, datagram: bytes, sender: Address) -> None:
        """Handle one packet; never raises. What is wrong with it is told to its sender."""
        if self._peers and str(plain_ip(sender[0])) not in self._peers:
            self.counters.refused += 1
            log.info("dropped a datagram of %s, which is not an allowed peer", sender[0])
            return
        try:
            messages = parse_packet(datagram)
        except MalformedError as error:
            self.counters.malformed += 1
            self._refuse(self._book.client_of(sender), "", error)
            return
        for message in messages:
            self._handle(message, sender)

    def _handle(self, message: OscMessage, sender: Address) -> None:
        if message.address in ONLY_REPLIES or (message.address, message.arguments) == ("/heartbeat", ("pong",)):
            self.counters.replies += 1
            log.info("ignored %s: it is a reply, of a server that answers to this port", message.address)
            return
        client = self._book.client_of(sender)
        request_id: RequestId | None = None
        try:
            found, of_address = look_up(message.address)
            request_id = found.sent("request_id", message.arguments, message.tags)
            values = {**of_address, **found.parse(message.arguments, message.tags)}
            client.speaks_unloop = found.address in UNLOOP_ADDRESSES
            self.handlers[found.address](values, client, sender)
        except VampbridgeError as error:
            self._refuse(client, message.address, error, request_id)
        except Exception as error:  # a bug in one handler must reach its client, and end the set for nobody
            log.exception("handling %s failed", message.address)
            unexpected = EngineError(f"unexpected {type(error).__name__}: {error}")
            self._refuse(client, message.address, unexpected, request_id)

    def _refuse(
        self, client: Client, address: str, error: VampbridgeError, request_id: RequestId | None = None
    ) -> None:
        is_ours = address.startswith(PREFIX)
        if address in UNLOOP_ADDRESSES or (client.speaks_unloop and not is_ours):
            self._udp.send(client.address, "/error", (clip(str(error)),))
        else:
            shown_id = "" if request_id is None else request_id
            told = (error.code, clip(address, MAX_ADDRESS_TEXT), clip(str(error)), shown_id)
            self._udp.send(client.address, "/vamp/error", told)
