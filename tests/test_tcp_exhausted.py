"""A server to which the system gives no more connections."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from net_helpers import slip
from pythonosc.osc_message_builder import build_msg
from serve_helpers import WAIT_S
from vampbridge.bridge.net import network as network_module
from vampbridge.bridge.net.limits import REST_S
from vampbridge.bridge.net.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vampbridge.bridge.clients import Address

PING = build_msg("/vamp/ping").dgram


@dataclass
class System:
    """What time it is, and whether there are file descriptors."""

    now_s: float = 1_000.0
    is_exhausted: bool = False
    n_accepts: int = 0  # while it is


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system, really_accept = System(), socket.socket.accept

    def accept(listening: socket.socket) -> tuple[socket.socket, Any]:
        if system.is_exhausted:
            system.n_accepts += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return really_accept(listening)

    monkeypatch.setattr(socket.socket, "accept", accept)
    monkeypatch.setattr(network_module, "time", SimpleNamespace(monotonic=lambda: system.now_s))
    return system


@pytest.fixture
def network(system: System) -> Iterator[Network]:
    assert not system.is_exhausted
    network = Network("127.0.0.1", 0, tcp=True, may_come=lambda _host: True)
    yield network
    network.close()


def connected(network: Network) -> socket.socket:
    """A client whom the system takes; whether the server does is another matter."""
    return socket.create_connection((network.host, network.tcp_port), WAIT_S)


def heard(network: Network, client: socket.socket) -> Address | None:
    """From whom the next message comes, after a client has sent one; None if none comes within many turns."""
    client.sendall(slip(PING))
    for _ in range(20):
        for arrival in network.arrivals(0.01):
            return arrival.sender
    return None


def test_a_server_without_file_descriptors_serves_whom_it_has_and_takes_new_ones_when_it_can(
    network: Network, system: System
) -> None:
    with connected(network) as old:
        old_sender = heard(network, old)
        assert old_sender is not None
        system.is_exhausted = True
        with connected(network) as new:
            assert heard(network, new) is None
            assert {heard(network, old) for _ in range(50)} == {old_sender}
            assert system.n_accepts == 1, "it asks again and again"
            system.now_s += REST_S
            assert heard(network, new) is None
            assert heard(network, old) == old_sender
            assert system.n_accepts == 2, "it asks once after each rest"
            system.is_exhausted = False
            system.now_s += REST_S
            assert heard(network, new) not in (None, old_sender)
            assert network.n_connections == 2
