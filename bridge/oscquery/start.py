"""Puts an OSCQuery service together for a server, a stage and an engine."""

from __future__ import annotations

import importlib.metadata
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..engine_port import Engine
from ..errors import PortError
from ..live.stage import Stage
from ..net.listener import listen_on
from ..protocol import LIVE_MESSAGES, PROTOCOL_VERSION, TABLES
from .access import Doorkeeper
from .announce import Announcement, Place, announced_addresses, machine_name
from .answers import Book, HostInfo
from .relay import to_loopback
from .service import OscQueryService, Parts
from .tree import Namespace
from .values import Board, Value, answers, default_settings, stage_sources, told_addresses

Questions = Mapping[str, Callable[[], Value]]
"""Addresses that are asked without arguments → what they are answered with. From any thread."""

TOLD_TOPICS: Final = frozenset({"seam", "vamp"})
"""What has no state to look at: these values are known by being told. All others are read when somebody asks."""


@dataclass(frozen=True)
class QueryPlace:
    """Where to serve.

    Attributes:
        host: Address of the interface, as that of the OSC server.
        port: TCP; 0 takes a free one, None the one after `osc_port` or, if that is in use, a free one.
        osc_port: UDP port of the OSC server.
        osc_tcp_port: TCP port of the OSC server; 0 if it has none, and surfaces in a browser can only watch.
        peers: The only addresses that are answered; empty answers all that reach the interface.
    """

    host: str
    port: int | None
    osc_port: int
    osc_tcp_port: int = 0
    peers: tuple[str, ...] = ()


@dataclass(frozen=True)
class OscQuery:
    """A service that runs, and the board that its values come from."""

    service: OscQueryService
    board: Board

    def wants(self, topic: str) -> bool:
        """Whether what is told of a topic becomes a value here, see `Subscriptions.listen`."""
        return topic in TOLD_TOPICS

    def close(self) -> None:
        """See `OscQueryService.close`."""
        self.service.close()


def open_oscquery(
    place: QueryPlace, engine: Engine, stage: Stage | None = None, *, questions: Questions | None = None
) -> OscQuery:
    """Start to serve. Have the server's subscriptions tell `board.tell`, so that what happens on stage is known.

    Args:
        place: See there.
        engine: Its bundle's name is told.
        stage: Plays loops; None leaves the addresses of slots, looper and clock out.
        questions: What else can be asked, of the server; see there.

    Raises:
        PortError: The port cannot be opened, or nothing can be served on it.
    """
    board = make_board(engine, stage, questions or {})
    listening = _listen(place)
    try:
        service = OscQueryService(_parts(place, board, stage, port=listening.getsockname()[1]), listening)
        service.start()
    except BaseException:
        listening.close()
        raise
    return OscQuery(service, board)


def make_board(engine: Engine, stage: Stage | None, questions: Questions) -> Board:
    """The values of a server; see `open_oscquery`."""
    version = importlib.metadata.version("vampbridge")
    sources = [
        *answers({"/vamp/version": lambda: (version, PROTOCOL_VERSION, engine.info.bundle), **questions}),
        default_settings(),
    ]
    if stage is None:
        return Board(sources)
    sources += stage_sources(stage)
    is_read = {address for source in sources for address in source.picks}
    told = (address for address in told_addresses(LIVE_MESSAGES, len(stage.states)) if address not in is_read)
    return Board(sources, told)


def _parts(place: QueryPlace, board: Board, stage: Stage | None, *, port: int) -> Parts:
    refused = {message.address for message in LIVE_MESSAGES} if stage is None else set()
    table = [message for part in TABLES for message in part.messages if message.address not in refused]
    n_slots = 0 if stage is None else len(stage.states)
    found_at = Place(announced_addresses(place.host), place.osc_port, port, machine_name())
    return Parts(
        Book(Namespace(table, n_slots, board.is_readable), board, HostInfo("Vampbridge", place.osc_port, port)),
        board,
        Doorkeeper(frozenset(place.peers), frozenset({found_at.host_name})),
        Announcement(found_at) if found_at.addresses else None,
        to_loopback(place.host, place.osc_tcp_port),
    )


def _listen(place: QueryPlace) -> socket.socket:
    if place.port is not None:
        return listen_on(place.host, place.port)
    try:
        return listen_on(place.host, place.osc_port + 1 if place.osc_port < 65_535 else 0)
    except PortError:  # nobody asked for this port, so any other will do
        return listen_on(place.host, 0)
