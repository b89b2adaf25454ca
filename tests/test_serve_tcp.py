"""The server's edge through real sockets: TCP, tokens, rates, leases, time tags, and who is turned away."""

from __future__ import annotations

import itertools
import socket
import struct
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from net_helpers import TcpClient, slip, tcp_client_of
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from serve_helpers import FakeEngine, client_of, serving, write_loop
from vampbridge.bridge.clients import MAX_CLIENTS
from vampbridge.bridge.net import connection, limits, listener
from vampbridge.bridge.net.limits import MAX_BLOB_BYTES, MAX_CONNECTIONS, MAX_FRAME_BYTES
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

NTP_1970 = 2_208_988_800
PING = build_msg("/vamp/ping").dgram


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(engine: FakeEngine, tmp_path: Path) -> Iterator[Server]:
    with serving(engine, tmp_path) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[TcpClient]:
    with tcp_client_of(server) as connected:
        yield connected


def later(ahead_s: float, *packets: bytes) -> bytes:
    """A bundle for so many seconds from now."""
    timetag = int((time.time() + NTP_1970 + ahead_s) * 2**32)
    sized = b"".join(struct.pack(">i", len(packet)) + packet for packet in packets)
    return b"#bundle\0" + struct.pack(">Q", timetag) + sized


@contextmanager
def as_from_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **options: Any) -> Iterator[Server]:
    """A server that takes this machine for another one, and wants a token."""
    monkeypatch.setattr(listener, "is_this_machine", lambda _: False)
    monkeypatch.setattr(ServeOptions, "needs_token", True)
    with serving(FakeEngine(), tmp_path, **options) as server:
        yield server


def test_hello_tells_what_there_is(server: Server, client: TcpClient) -> None:
    ((address, told),) = client.ask("/vamp/hello", 1)
    assert address == "/vamp/hello"
    assert told[1:] == [1, 30.0, 0, "fake", MAX_FRAME_BYTES, "tcp"]
    with client_of(server) as over_udp:
        assert over_udp.ask("/vamp/hello")[0][1][5] == limits.MAX_DATAGRAM_BYTES
    ((address, told),) = client.ask("/vamp/hello", 2)
    assert (address, told[0], told[2]) == ("/vamp/error", "protocol", "this server speaks protocol 1, got 2")


def test_tcp_is_on_the_port_of_udp_and_can_be_left_out(server: Server, tmp_path: Path) -> None:
    assert server.tcp_port == server.address[1]
    with serving(FakeEngine(), tmp_path, tcp=False) as without:
        assert without.tcp_port == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(without.address)
        with client_of(without) as client:
            assert "tcp" not in client.ask("/vamp/hello")[0][1]


def test_a_file_is_vamped_over_tcp_and_answered_on_the_connection(client: TcpClient, tmp_path: Path) -> None:
    write_loop(tmp_path / "loop.wav")
    client.send("/vamp/file", str(tmp_path / "loop.wav"), str(tmp_path / "out.wav"), "one")
    while (message := client.receive_any())[0] != "/vamp/done":
        assert message[0] != "/vamp/error", message
    assert message[1][:2] == ["one", str(tmp_path / "out.wav")]
    ((address, told),) = client.ask("/vamp/reply_port", 9000)
    assert (address, told[0]) == ("/vamp/error", "request")


def test_each_connection_is_a_client_of_its_own(server: Server, client: TcpClient) -> None:
    client.ask("/vamp/set/period", 5)
    with tcp_client_of(server) as other:
        assert other.ask("/vamp/set/period") != client.ask("/vamp/set/period") == [("/vamp/set/period", [5])]


def test_messages_over_tcp_keep_their_order_however_many_come_at_once(client: TcpClient) -> None:
    values = [number % 129 for number in range(1500)]
    stream = b"".join(
        slip(build_msg("/vamp/set/period", value).dgram) + slip(build_msg("/vamp/set/period").dgram) for value in values
    )
    client.send_bytes(stream)
    assert client.received_before_pong() == [("/vamp/set/period", [value]) for value in values]


def test_the_largest_packet_is_heard_and_a_larger_one_ends_the_connection(server: Server, client: TcpClient) -> None:
    ((_, told),) = client.ask("/vamp/mask", 16, 2**16, bytes(MAX_BLOB_BYTES))
    assert told[0] == "setting"  # it has more rows than the bundle: it was understood
    assert client.ask("/vamp/mask", 8, 2**16, bytes(2**19)) == []
    client.send_bytes(b"\xc0" + bytes(2 * MAX_FRAME_BYTES + 1))
    assert client.receive_any() == (
        "/vamp/bye",
        [f"a packet over TCP holds at most {MAX_FRAME_BYTES} bytes, got more"],
    )
    assert client.is_closed()
    with tcp_client_of(server) as other:
        assert other.received_before_pong() == []


@pytest.mark.parametrize("packet", [b"junk", b"/a\xdb", b"/x\0\0,i\0\0"])
def test_a_malformed_packet_over_tcp_is_told_and_the_connection_stays(client: TcpClient, packet: bytes) -> None:
    client.send_bytes(b"\xc0" + packet + b"\xc0")
    ((address, told),) = client.received_before_pong()
    assert (address, told[0]) == ("/vamp/error", "malformed")


def test_another_machine_must_show_the_token_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("a-token-for-the-tests\n")
    with as_from_elsewhere(monkeypatch, tmp_path, token_file=tmp_path / "token") as server:
        for first in (("/vamp/ping",), ("/vamp/hello", 1), ("/vamp/hello", 1, "a-token-for-the-test"), ("/x",)):
            with tcp_client_of(server) as stranger:
                stranger.send(*first)
                address, told = stranger.receive_any()
                assert (address, told[:2]) == ("/vamp/error", ["token", first[0]])
                assert stranger.is_closed()
        with tcp_client_of(server) as large:
            large.send_bytes(b"\xc0" + b"x" * 4096)
            assert large.is_closed()
        with tcp_client_of(server) as friend:
            friend.send("/vamp/hello", 1, "a-token-for-the-tests")
            assert friend.receive_any()[0] == "/vamp/hello"
            assert friend.received_before_pong() == []
        assert server.counters.refused == 4


def test_a_token_is_drawn_where_none_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_from_elsewhere(monkeypatch, tmp_path) as server, tcp_client_of(server) as friend:
        assert len(server.token) >= 22
        friend.send("/vamp/hello", 1, server.token)
        assert friend.receive_any()[0] == "/vamp/hello"


def test_without_others_that_could_come_there_is_no_token(server: Server) -> None:
    assert server.token == ""


def test_a_host_that_is_no_peer_is_turned_away_over_tcp(tmp_path: Path) -> None:
    with serving(FakeEngine(), tmp_path, peers=("192.0.2.1",)) as server, tcp_client_of(server) as stranger:
        assert stranger.is_closed()


def test_who_says_bye_is_answered_and_hung_up_on(server: Server, client: TcpClient) -> None:
    client.ask("/vamp/set/period", 5)
    client.send("/vamp/bye")
    assert client.receive_any() == ("/vamp/bye", ["you said bye"])
    assert client.is_closed()
    with client_of(server) as over_udp:
        over_udp.ask("/vamp/set/period", 5)
        assert over_udp.ask("/vamp/bye") == []
        assert over_udp.ask("/vamp/set/period")[0][1] != [5]


def test_slow_half_open_and_silent_connections_end_and_nobody_else_is_kept_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FRAME_S", "HELLO_S", "STALL_S"):
        monkeypatch.setattr(connection, name, 0.3)
    monkeypatch.setattr(connection, "MAX_BACKLOG_BYTES", 2**16)
    with serving(FakeEngine(), tmp_path, rate_limit=1_000_000) as server, tcp_client_of(server) as other:
        with tcp_client_of(server) as half:
            half.send_bytes(b"\xc0/vamp/pi")
            assert half.receive_any() == ("/vamp/bye", ["a packet was not finished within 0.3 s"])
            assert half.is_closed()
        with tcp_client_of(server) as deaf:
            deaf.socket.settimeout(0.05)
            asked = slip(build_msg("/vamp/preset", "x" * 900).dgram) * 100  # each is answered with more
            stream = itertools.cycle([asked])
            rest = [b""]
            wait_until(lambda: is_refused(deaf, rest, stream) and other.received_before_pong() == [])
        assert other.ask("/vamp/status")[0][1][10] == 2
    with as_from_elsewhere(monkeypatch, tmp_path) as server, tcp_client_of(server) as silent:
        assert silent.receive_any() == ("/vamp/bye", ["the token was not shown within 0.3 s"])
        assert silent.is_closed()


def test_there_is_room_for_who_speaks_however_many_do_not(server: Server) -> None:
    silent = [TcpClient(server) for _ in range(MAX_CONNECTIONS + 10)]
    with tcp_client_of(server) as speaking:
        assert speaking.received_before_pong() == []
        assert speaking.ask("/vamp/status")[0][1][9] == MAX_CONNECTIONS
    for each in silent:
        each.socket.close()


def test_over_udp_too_many_messages_are_dropped_counted_and_told_once(tmp_path: Path) -> None:
    with serving(FakeEngine(), tmp_path, rate_limit=20) as server, client_of(server) as client:
        for _ in range(60):
            client.send("/vamp/set/period")
        wait_until(lambda: server.counters.received == 60)
        assert server.counters.limited >= 15
        limited = [told for told in drain(client) if told[1][0] == "limit"]
        assert len(limited) == 1
        assert "at most 20 messages per second" in limited[0][1][2]


def test_a_short_message_with_a_long_answer_costs_as_much_as_its_answer(tmp_path: Path) -> None:
    with serving(FakeEngine(), tmp_path, rate_limit=20) as server, client_of(server) as client:
        for _ in range(2):  # 40 messages, or answers, may come at once
            client.send("/vamp/settings")
        client.send("/vamp/ping")
        wait_until(lambda: server.counters.limited >= 1)


def test_over_tcp_too_many_messages_wait_and_none_is_lost(tmp_path: Path) -> None:
    with serving(FakeEngine(), tmp_path, rate_limit=500) as server, tcp_client_of(server) as client:
        start_s = time.monotonic()
        client.send_bytes(slip(build_msg("/vamp/set/period").dgram) * 1200)
        assert len(client.received_before_pong()) == 1200
        assert time.monotonic() - start_s > 0.3  # 1000 at once, the others at 500 per second
        assert server.counters.limited == 0


def test_a_bundle_is_handled_at_its_time_and_nobody_waits_for_it(server: Server, client: TcpClient) -> None:
    client.send_bytes(slip(later(0.3, build_msg("/vamp/set/period", 7).dgram, build_msg("/vamp/set/period").dgram)))
    start_s = time.monotonic()
    assert client.ask("/vamp/status")[0][1][8] == 2
    assert client.ask("/vamp/set/period")[0][1] != [7]
    assert client.receive_any() == ("/vamp/set/period", [7])
    assert 0.2 < time.monotonic() - start_s < 5
    client.send_bytes(slip(later(-5.0, PING)))
    assert client.receive_any() == ("/vamp/pong", [])


def test_a_bundle_too_far_ahead_or_one_too_many_changes_nothing_and_is_told(server: Server, client: TcpClient) -> None:
    set_now = build_msg("/vamp/set/period", 9).dgram
    client.send_bytes(slip(later(3600.0, set_now)))
    ((address, told),) = client.received_before_pong()
    assert (address, told[:2]) == ("/vamp/error", ["timetag", "/vamp/set/period"])
    client.send_bytes(slip(later(30.0, *[set_now] * 500)) * 3)
    assert client.received_before_pong()[0][1][0] == "timetag"
    assert client.ask("/vamp/status")[0][1][8] == 1000  # two of the bundles; of the third nothing


def test_what_a_client_left_for_later_goes_with_it(server: Server, client: TcpClient) -> None:
    with client_of(server) as other:
        client.send_bytes(slip(later(30.0, PING)))
        assert client.ask("/vamp/status")[0][1][8] == 1
        client.socket.close()
        wait_until(lambda: other.ask("/vamp/status")[0][1][8:10] == [0, 0])


def test_clients_that_come_and_go_leave_nothing_behind(server: Server) -> None:
    for _ in range(MAX_CLIENTS + 20):
        with tcp_client_of(server) as passing:
            passing.send("/vamp/ping")
            assert passing.receive_any() == ("/vamp/pong", [])
    with client_of(server) as client:
        wait_until(lambda: client.ask("/vamp/status")[0][1][9] == 0)
        # Asked again each time: it may itself have been forgotten, while those who had gone were still counted.
        wait_until(lambda: client.ask("/vamp/ping") == [] and len(server.desk.book.all()) == 1)


HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=60).map(slip),
    st.integers(1, 40).map(lambda depth: slip(nested(depth))),
    st.sampled_from([b"\0" * 100, b"\xc0" * 100, b"\xdb" * 9 + b"\xc0", slip(PING)[:-2], slip(b"/a\0\0,X\0\0")]),
)


def nested(depth: int) -> bytes:
    packet = PING
    for _ in range(depth):
        packet = b"#bundle\0" + struct.pack(">Qi", 1, len(packet)) + packet
    return packet


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(streams=st.lists(HOSTILE, max_size=6))
def test_no_stream_stops_the_server_or_another_client(
    server: Server, client: TcpClient, caplog: pytest.LogCaptureFixture, streams: list[bytes]
) -> None:
    with tcp_client_of(server) as hostile:
        with suppress(OSError):  # closed already
            for stream in streams:
                hostile.send_bytes(stream)
        assert client.received_before_pong() == []
    assert not [record for record in caplog.records if record.exc_info]


def test_options_of_the_edge_have_ranges() -> None:
    options = ServeOptions()
    assert (options.lease_s, options.rate_limit, options.tcp) == (30.0, 2000, True)
    for wrong in ({"lease_s": -1.0}, {"lease_s": 4000.0}, {"rate_limit": 9}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            replace(options, **wrong)


def wait_until(is_so: Any) -> None:
    end_s = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def is_refused(client: TcpClient, rest: list[bytes], stream: Iterator[bytes]) -> bool:
    """Send more of a stream, of which `rest` is still to be sent; whether the connection has been broken off."""
    rest[0] = rest[0] or next(stream)
    try:
        rest[0] = rest[0][client.socket.send(rest[0]) :]
    except TimeoutError:
        return False  # the server takes its time
    except OSError:
        return True
    return False


def drain(client: Any) -> list[tuple[str, list[Any]]]:
    """What has come to a client over UDP."""
    got = []
    client.socket.settimeout(0.2)
    try:
        while True:
            message = OscMessage(client.socket.recv(65_535))
            got.append((message.address, message.params))
    except TimeoutError:
        return got
