"""OSCQuery is for those who may ask: who is let in, how many, and what hostile clients cannot do."""

from __future__ import annotations

import logging
import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from live_helpers import Set
from oscquery_helpers import UPGRADE, WAIT_S, ask, asked, listening, querying, told, until
from vampbridge.bridge.oscquery.access import Doorkeeper
from vampbridge.bridge.oscquery.service import MAX_CONNECTIONS
from vampbridge.bridge.oscquery.start import OscQuery
from websockets.exceptions import InvalidStatus
from websockets.http11 import Request
from websockets.sync.client import connect


@pytest.fixture
def query() -> Iterator[OscQuery]:
    with Set() as on, querying(on) as made:
        yield made


def test_other_pages_and_other_names_are_turned_away(query: OscQuery) -> None:
    port = query.service.port
    assert ask(query, "/", Host=f"127.0.0.1:{port}")[0] == 200
    assert ask(query, "/", Host="localhost")[0] == 200
    for host in ("evil.example", f"evil.example:{port}", "", "127.0.0.1.evil.example", "[::1", "localhost:x"):
        assert ask(query, "/", Host=host)[0] == 403, host
    status, _, headers = ask(query, "/vamp/clock", Origin="http://localhost:3000")
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, "http://localhost:3000")
    for origin in ("http://evil.example", "null", "file://", "http://127.0.0.1.evil.example", "http://["):
        status, _, headers = ask(query, "/vamp/clock", Origin=origin)
        assert (status, headers.get("Access-Control-Allow-Origin")) == (403, None), origin
        with pytest.raises(InvalidStatus, match="403"), connect(f"ws://127.0.0.1:{port}/", origin=origin):
            pass


def test_machines_that_are_no_peers_are_not_answered() -> None:
    with querying(peers=("192.0.2.9",)) as query:
        with pytest.raises(OSError):  # noqa: PT011 - reset or closed, as the system has it
            ask(query, "/")
        assert query.service.refused == 1
    keeper = Doorkeeper(frozenset({"192.0.2.9", "2001:db8::1"}), frozenset({"vampbridge-x-1.local"}))
    assert [keeper.hears(ip) for ip in ("192.0.2.9", "::ffff:192.0.2.9", "2001:db8::1%2", "192.0.2.8")] == [1, 1, 1, 0]
    assert keeper.refuses(["Vampbridge-X-1.local.:8002"], []) is None
    assert keeper.refuses(["192.0.2.1:8002"], ["http://192.0.2.1:80"]) is None
    assert keeper.refuses([], []) is not None
    assert keeper.refuses(["localhost", "localhost"], []) is not None


def test_only_get_and_head_are_answered(query: OscQuery) -> None:
    if "method" in Request.__dataclass_fields__:
        assert ask(query, "/", method="POST")[0] == 405
        assert ask(query, "/", method="HEAD")[:2] == (200, "")
    else:  # releases of websockets for Python 3.10 hang up on anything but GET
        with pytest.raises(ConnectionError):
            ask(query, "/", method="POST")


def test_there_is_a_limit_to_connections_and_each_that_ends_makes_room(query: OscQuery) -> None:
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_connection(("127.0.0.1", query.service.port))) for _ in range(70)]
        assert len(held) > MAX_CONNECTIONS
        until(lambda: query.service.refused == 70 - MAX_CONNECTIONS)
        with pytest.raises(OSError):  # noqa: PT011 - reset or closed, as the system has it
            ask(query, "/vamp/clock")
    until(lambda: query.service._n_connections == 0)
    assert ask(query, "/vamp/clock")[0] == 200


def hostile_bytes(rng: random.Random) -> bytes:
    """A request or the start of one, wrong in one of many ways; or a handshake with wrong frames behind it."""
    noise = rng.randbytes(rng.randrange(200))
    good = b"GET /vamp?VALUE HTTP/1.1\r\nHost: localhost\r\n\r\n"
    frame = bytes([rng.randrange(256), rng.choice([0x80, 0xFE, 0xFF, 5, 0x85])]) + noise
    huge = b"\x82\xff" + struct.pack(">Q", 2**62) + noise
    mutated = bytearray(good)
    mutated[rng.randrange(len(good))] = rng.randrange(256)
    return rng.choice(
        [
            noise,
            bytes(mutated),
            good[: rng.randrange(len(good))],
            b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 300 + b"\r\n",
            b"GET /%00%ff/../.. HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n" + noise,
            b"GET / HTTP/9.9\r\n\r\n",
            UPGRADE.replace(b"13", b"99"),
            UPGRADE + frame,
            UPGRADE + huge,
            UPGRADE + b"\x81\x85" + bytes(4) + b"\xff\xfe\xfd\xfc\xfb",
        ]
    )


def test_hostile_clients_break_nothing_and_leave_nothing(query: OscQuery, caplog: pytest.LogCaptureFixture) -> None:
    rng = random.Random(4)
    threads = threading.active_count()
    with caplog.at_level(logging.WARNING), listening(query, "/vamp/looper/set/dry") as client:
        for step in range(400):
            if step % 20 == 0:  # in between everybody else is served
                assert ask(query, "/%ff?VALUE")[0] == 400
            with socket.create_connection(("127.0.0.1", query.service.port), timeout=WAIT_S) as hostile:
                hostile.sendall(hostile_bytes(rng))
                if rng.random() < 0.2:
                    hostile.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    continue
                hostile.settimeout(0.002)  # some are answered, some never
                with suppress(OSError):
                    hostile.recv(1000)
        assert told(client) == ("/vamp/looper/set/dry", [0.0])
        assert asked(query, "/vamp/looper/set/dry?VALUE") == {"VALUE": [0.0]}
        until(lambda: query.service._n_connections == 1)
        assert len(query.service._listeners) == 1
    assert [record.message for record in caplog.records] == []
    assert threading.active_count() <= threads + 1  # our own client's
