"""Nobody pays for others or holds the server: what a message costs, how long a turn is, how one is hung up on."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from net_helpers import slip, tcp_client_of, unslip
from pythonosc.osc_message_builder import build_msg
from serve_helpers import FakeEngine, serving
from test_subscriptions import live
from vampbridge.bridge.net.connection import Connection
from vampbridge.bridge.net.limits import HELLO_S, LINGER_S, MAX_BLOB_BYTES, STALL_S, TURN
from vampbridge.bridge.net.slip import FrameReader
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

SENDER = ("127.0.0.1", 9)
NTP_1970 = 2_208_988_800


def bundle(*packets: bytes, at_unix_s: float | None = None) -> bytes:
    timetag = 1 if at_unix_s is None else int((at_unix_s + NTP_1970) * 2**32)
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(struct.pack(">i", len(p)) + p for p in packets)


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Server]:
    """A server whose thread is the test's."""
    options = ServeOptions(port=0, reply_port=0, folders=(tmp_path,), rate_limit=100)
    server = Server(options, FakeEngine())
    yield server
    server.close()


def level(server: Server) -> float:
    """How many messages the sender may still send: 200 at first, two seconds' worth."""
    return server.desk.book.client_of(SENDER).bucket.level


def test_what_others_are_told_is_not_charged_to_who_turned_the_dial(tmp_path: Path) -> None:
    with ExitStack() as stack:
        _, server, client = stack.enter_context(live(tmp_path, rate_limit=50))
        for _ in range(8):
            other = stack.enter_context(tcp_client_of(server))
            other.ask("/vamp/subscribe", "dials")
        for step in range(60):  # 100 may come at once
            client.send("/vamp/slot/1/set/wet", step / 100)
        client.ask("/vamp/ping")
        assert server.counters.limited == 0
        assert server.desk.book.client_of(client.socket.getsockname()).bucket.level > 20


def test_an_answer_beyond_the_first_costs_as_much_as_a_message(idle: Server) -> None:
    idle.handle_datagram(build_msg("/vamp/ping").dgram, SENDER)
    assert level(idle) == pytest.approx(199, abs=0.9)
    idle.handle_datagram(build_msg("/vamp/settings").dgram, SENDER)
    assert level(idle) < 199 - 30


def test_of_a_bundle_that_asks_for_too_much_the_rest_is_dropped_counted_and_told(idle: Server) -> None:
    asked = bundle(*[build_msg("/vamp/settings").dgram] * 500)
    idle.handle_datagram(asked, SENDER)
    assert -100 < level(idle) < 0
    assert 480 < idle.counters.limited < 500


def test_over_tcp_a_bundle_may_owe_its_burst_and_no_more(tmp_path: Path) -> None:
    with serving(FakeEngine(), tmp_path, rate_limit=100) as server, tcp_client_of(server) as client:
        client.send_bytes(slip(bundle(*[build_msg("/vamp/ping").dgram] * 300)))
        for _ in range(300):
            assert client.receive_any() == ("/vamp/pong", [])
        assert server.counters.limited == 0
    with serving(FakeEngine(), tmp_path, rate_limit=100) as server, tcp_client_of(server) as client:
        client.send_bytes(slip(bundle(*[build_msg("/vamp/settings").dgram] * 500)))
        while (message := client.receive_any())[0] != "/vamp/error":
            pass
        assert message[1][0] == "limit"
        assert server.counters.limited > 450


def test_a_flood_of_rubbish_over_tcp_has_to_wait_as_messages_do(tmp_path: Path) -> None:
    with serving(FakeEngine(), tmp_path, rate_limit=100) as server, tcp_client_of(server) as client:
        start_s = time.monotonic()
        client.send_bytes(slip(b"junk") * 230)
        for _ in range(230):
            assert client.receive_any()[1][0] == "malformed"
        assert time.monotonic() - start_s > 0.2  # 200 at once, the others at 100 per second


def test_what_is_due_at_the_same_moment_comes_in_turns_and_is_charged(idle: Server) -> None:
    pings = [build_msg("/vamp/ping").dgram] * 500
    idle.handle_datagram(bundle(*pings, at_unix_s=time.time() + 0.05), SENDER)
    waiting = idle._gate.waiting
    assert len(waiting) == 500
    time.sleep(0.1)
    idle._handle_due()
    assert len(waiting) == 500 - TURN
    assert level(idle) < 200 - TURN + 20


@given(st.lists(st.sampled_from([b"\xc0" * 99, b"\xc0", b"/a", b"\xdb\xdd" * 40]), max_size=30), st.integers(1, 120))
def test_ends_and_nothing_between_change_no_packet(parts: list[bytes], size: int) -> None:
    stream = b"\xc0" + b"".join(parts) + b"\xc0"
    reader, found = FrameReader(MAX_BLOB_BYTES), []
    for at in range(0, len(stream), size):
        found += reader.feed(stream[at : at + size])
    assert [packet for packet in stream.split(b"\xc0") if packet] == found


@pytest.mark.parametrize("last", [slip(build_msg("/vamp/bye").dgram), b"\xc0" + bytes(3 * MAX_BLOB_BYTES)])
def test_the_farewell_comes_behind_all_that_waits_however_slowly_it_is_read(tmp_path: Path, last: bytes) -> None:
    asked = 400
    with serving(FakeEngine(), tmp_path, rate_limit=1_000_000) as server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((server.address[0], server.tcp_port))
        client.settimeout(30.0)
        client.sendall(slip(build_msg("/vamp/settings").dgram) * asked)
        while server.counters.received < asked:
            time.sleep(0.005)
        client.sendall(last)
        told = b""
        while received := client.recv(2**14):
            told += received
        packets, rest = unslip(told)
        assert rest == b""
        assert sum(packet.startswith(b"/vamp/settings\0") for packet in packets) == asked
        assert packets[-1].startswith(b"/vamp/bye\0")


def connection(*, is_trusted: bool = True) -> tuple[Connection, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    return Connection(ours, ("tcp:test", 1), now_s=0.0, is_trusted=is_trusted), theirs


def test_a_token_that_has_come_is_looked_at_before_its_time_is_judged() -> None:
    new, theirs = connection(is_trusted=False)
    with theirs:
        new.frames.append(b"/vamp/hello")
        new.judge(HELLO_S + 1)
        assert new.dismissed == ""
        new.frames.clear()
        new.judge(HELLO_S + 1)
        assert "token" in new.dismissed
        new.close()


def test_who_was_hung_up_on_may_read_on_while_it_reads_but_not_for_ever() -> None:
    told, theirs = connection()
    with theirs:
        told.send(b"x" * 4_000_000, 0.0)
        assert told.backlog_bytes
        told.linger(1.0)
        told.judge(1.5 + LINGER_S)
        assert told.doomed  # it has read nothing
        told.close()
    told, theirs = connection()
    with theirs:
        told.send(b"x" * 4_000_000, 0.0)
        told.linger(1.0)
        now_s = 1.0
        while now_s < STALL_S:
            theirs.recv(50_000)
            told.write(now_s)
            told.judge(now_s)
            assert not told.doomed, now_s
            now_s += LINGER_S / 2
        told.judge(now_s + 2 * STALL_S)
        assert told.doomed
        told.close()
