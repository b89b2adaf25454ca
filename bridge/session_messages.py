"""Answers what a client says of itself and asks of the server: hello, bye, and how things are."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .clients import Address, Client
from .errors import ProtocolError
from .message_spec import Values
from .net.limits import MAX_DATAGRAM_BYTES, MAX_FRAME_BYTES
from .net.network import Network
from .own_messages import Desk
from .parts import BasePart, Handler
from .protocol import PROTOCOL_VERSION


@dataclass(frozen=True)
class House:
    """What there is to say of the server.

    Attributes:
        desk: See there.
        network: Likewise.
        lease_s: 0 = leases never end.
        n_slots: 0 if it plays no loops.
        n_waiting: How many messages wait for their time.
        end: Ends the lease of a client, and tells it why.
    """

    desk: Desk
    network: Network
    lease_s: float
    n_slots: int
    n_waiting: Callable[[], int]
    end: Callable[[Client, str], None]


class SessionMessages(BasePart):
    """See above.

    Args:
        house: See there.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self.handlers: dict[str, Handler] = {
            "/vamp/hello": self._hello,
            "/vamp/bye": self._bye,
            "/vamp/status": self._status,
        }

    def _hello(self, values: Values, client: Client, _: Address) -> None:
        if values["protocol"] != PROTOCOL_VERSION:
            raise ProtocolError(f"this server speaks protocol {PROTOCOL_VERSION}, got {values['protocol']}")
        house = self._house
        told = (
            importlib.metadata.version("vampbridge"),
            PROTOCOL_VERSION,
            house.lease_s,
            house.n_slots,
            house.desk.engine.info.bundle,
            MAX_FRAME_BYTES if client.is_stream else MAX_DATAGRAM_BYTES,
            *(["tcp"] if house.network.tcp_port else []),
            *(["live"] if house.n_slots else []),
        )
        house.desk.send(client.address, "/vamp/hello", told)

    def _bye(self, _: Values, client: Client, sender: Address) -> None:
        self._house.end(client, "you said bye")
        self._house.desk.book.forget(client.address)
        if client.is_stream:
            self._house.network.hang_up(sender)

    def _status(self, _: Values, client: Client, __: Address) -> None:
        self._house.desk.send(client.address, "/vamp/status", status_told(self._house))


def status_told(house: House) -> tuple[Any, ...]:
    """What `/vamp/status` is answered with. From any thread."""
    info, counters = house.desk.engine.info, house.desk.counters
    return (
        info.bundle,
        int(info.ready),
        house.desk.vamps.unfinished,
        counters.malformed,
        counters.refused,
        counters.received,
        house.network.n_lost,
        counters.limited,
        house.n_waiting(),
        house.network.n_connections,
        house.network.n_dropped,
        house.network.failed_sends,
    )
