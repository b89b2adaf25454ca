"""What the tests of OSCQuery share: a service on a free port, and plain clients for it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from live_helpers import Set
from pythonosc.osc_message import OscMessage
from serve_helpers import FakeEngine
from vampbridge.bridge.oscquery.start import OscQuery, QueryPlace, open_oscquery
from websockets.sync.client import ClientConnection, connect

WAIT_S = 20.0  # never reached unless something is broken
OSC_PORT = 9_001  # nobody listens there; it is only told

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

Reply = tuple[int, Any, dict[str, str]]


@contextmanager
def querying(on: Set | None = None, *, peers: tuple[str, ...] = (), osc_tcp_port: int = 0) -> Iterator[OscQuery]:
    """A running service, with a stage if there is one."""
    place = QueryPlace("127.0.0.1", 0, OSC_PORT, osc_tcp_port, peers)
    query = open_oscquery(place, FakeEngine() if on is None else on.engine, None if on is None else on.stage)
    try:
        yield query
    finally:
        query.close()


def ask(query: OscQuery, target: str, *, method: str = "GET", **headers: str) -> Reply:
    """Status, JSON (or text) and headers of a request."""
    connection = http.client.HTTPConnection("127.0.0.1", query.service.port, timeout=WAIT_S)
    try:
        connection.request(method, target, headers=headers)
        response = connection.getresponse()
        body, told = response.read(), dict(response.getheaders())
        is_json = told.get("Content-Type") == "application/json" and body
        return response.status, json.loads(body) if is_json else body.decode(), told
    finally:
        connection.close()


def asked(query: OscQuery, target: str) -> Any:
    """The JSON of a request that must succeed."""
    status, told, _ = ask(query, target)
    assert status == 200, (status, told)
    return told


@contextmanager
def listening(query: OscQuery, *addresses: str) -> Iterator[ClientConnection]:
    """A WebSocket that listens to addresses."""
    with connect(f"ws://127.0.0.1:{query.service.port}/", open_timeout=WAIT_S, close_timeout=WAIT_S) as socket:
        for address in addresses:
            command(socket, "LISTEN", address)
        yield socket


def command(socket: ClientConnection, name: str, address: object) -> None:
    socket.send(json.dumps({"COMMAND": name, "DATA": address}))


def told(socket: ClientConnection) -> tuple[str, list[Any]]:
    """The next message."""
    packet = socket.recv(timeout=WAIT_S)
    assert isinstance(packet, bytes)
    message = OscMessage(packet)
    return message.address, message.params


def until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def nodes_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node and all below it."""
    yield document
    for child in document.get("CONTENTS", {}).values():
        yield from nodes_of(child)
