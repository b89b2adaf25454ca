"""OSCQuery over real sockets: requests, listeners, who is let in, and what hostile clients cannot do."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from live_helpers import Set
from oscquery_helpers import OSC_PORT, UPGRADE, WAIT_S, ask, asked, command, listening, nodes_of, querying, told, until
from serve_helpers import FakeEngine
from vampbridge.bridge.errors import PortError
from vampbridge.bridge.net.listener import listen_on
from vampbridge.bridge.net.slip import FrameReader, frame, unescape
from vampbridge.bridge.osc_server import build_message
from vampbridge.bridge.oscquery import service
from vampbridge.bridge.oscquery.listening import MAX_MESSAGES_PER_S
from vampbridge.bridge.oscquery.relay import to_loopback
from vampbridge.bridge.oscquery.start import OscQuery, QueryPlace, _listen, open_oscquery
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection


def _no_threads(*_: object) -> None:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("trouble", [OSError(24, "Too many open files"), ValueError("a bug")])
def test_a_service_that_cannot_begin_says_so_with_its_port_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def serve(*_: object, **__: object) -> None:
        raise trouble

    with listen_on("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr(service, "serve", serve)
    with pytest.raises(PortError, match=f"OSCQuery on TCP 127.0.0.1 port {port}: .*{type(trouble).__name__}") as said:
        open_oscquery(QueryPlace("127.0.0.1", port, OSC_PORT), FakeEngine())
    assert said.value.__cause__ is trouble
    assert not [thread for thread in threading.enumerate() if "oscquery" in thread.name]
    listen_on("127.0.0.1", port).close()


def test_a_service_that_gets_no_thread_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", _no_threads)
    with pytest.raises(PortError, match="can't start new thread"):
        open_oscquery(QueryPlace("127.0.0.1", 0, OSC_PORT), FakeEngine())


@pytest.fixture
def on() -> Iterator[Set]:
    with Set() as made:
        yield made


@pytest.fixture
def query(on: Set) -> Iterator[OscQuery]:
    with querying(on) as made:
        yield made


def test_a_client_reads_the_tree_and_where_to_send(query: OscQuery) -> None:
    info = asked(query, "/?HOST_INFO")
    assert (info["OSC_IP"], info["OSC_PORT"]) == ("127.0.0.1", OSC_PORT)
    assert (info["WS_IP"], info["WS_PORT"]) == ("127.0.0.1", query.service.port)
    assert asked(query, "/")["CONTENTS"]["vamp"]["CONTENTS"]["slot"]["CONTENTS"].keys() == {"1", "2"}
    status, text, headers = ask(query, "/nothing")
    assert (status, text) == (404, "there is no address '/nothing'\n")
    assert "Access-Control-Allow-Origin" not in headers


def test_no_content_has_no_content(query: OscQuery) -> None:
    status, body, headers = ask(query, "/vamp/slot/1/record?VALUE")
    assert (status, body) == (204, "")
    assert "Content-Length" not in headers


def test_values_are_live(on: Set, query: OscQuery) -> None:
    on.stage.controls[0] = on.stage.controls[0].changed(feedback=0.5)
    assert asked(query, "/vamp/slot/1/set/feedback?VALUE") == {"VALUE": [0.5]}
    on.record()
    assert asked(query, "/vamp/slot/1/state?VALUE")["VALUE"][:2] == ["playing", "playing"]


def test_a_listener_is_told_the_value_at_once_and_then_every_change(on: Set, query: OscQuery) -> None:
    with listening(query, "/vamp/slot/1/set/wet", "/vamp/slot/1/set/mono") as client:
        assert told(client) == ("/vamp/slot/1/set/wet", [1.0])
        assert told(client) == ("/vamp/slot/1/set/mono", [0])
        on.stage.controls[0] = on.stage.controls[0].changed(fade_ms=20.0)  # nobody listens to that
        on.stage.controls[0] = on.stage.controls[0].changed(wet=0.5)
        assert told(client) == ("/vamp/slot/1/set/wet", [0.5])
        on.stage.controls[0] = on.stage.controls[0].changed(mono=True)
        assert told(client) == ("/vamp/slot/1/set/mono", [1])


def test_every_value_of_a_stage_has_an_item_for_each_argument(on: Set, query: OscQuery) -> None:
    on.record()
    valued = [node for node in nodes_of(asked(query, "/")) if "VALUE" in node]
    assert {"/vamp/slot/1/state", "/vamp/clock", "/vamp/audio"} <= {node["FULL_PATH"] for node in valued}
    for node in valued:
        assert len(node["VALUE"]) == len(node["EXTENDED_TYPE"]), node["FULL_PATH"]


def test_a_listener_hears_of_states_and_of_what_happens(on: Set, query: OscQuery) -> None:
    with listening(query, "/vamp/slot/1/state", "/vamp/slot/1/seam") as client:
        assert told(client) == ("/vamp/slot/1/state", ["off", "off", 0.0, "", 0, 0, 0, 0])
        on.record()
        assert told(client) == ("/vamp/slot/1/state", ["playing", "playing", 0.5, "", 0, 0, 0, 0])
        query.board.tell("/vamp/slot/1/seam", [3])
        assert told(client) == ("/vamp/slot/1/seam", [3])


def test_who_ignores_again_is_told_no_more_and_others_still_are(on: Set, query: OscQuery) -> None:
    wet, dry = "/vamp/slot/1/set/wet", "/vamp/looper/set/dry"
    with listening(query, wet, dry) as one, listening(query, wet) as other:
        assert [told(one), told(one), told(other)] == [(wet, [1.0]), (dry, [0.0]), (wet, [1.0])]
        command(one, "IGNORE", wet)
        one.ping().wait(WAIT_S)
        on.stage.controls[0] = on.stage.controls[0].changed(wet=0.5)
        assert told(other) == (wet, [0.5])
        on.stage.looper_controls = on.stage.looper_controls.changed(dry=0.5)
        assert told(one) == (dry, [0.5])


def test_changes_are_joined_so_that_a_listener_is_told_at_most_20_times_a_second(on: Set, query: OscQuery) -> None:
    with listening(query, "/vamp/slot/1/set/wet") as client:
        told(client)
        start_s = time.monotonic()
        for step in range(1, 201):
            on.stage.controls[0] = on.stage.controls[0].changed(wet=step / 100)
            time.sleep(0.001)
        heard = [told(client)[1][0]]
        while heard[-1] != 2.0:
            heard.append(told(client)[1][0])
        seconds = time.monotonic() - start_s
    assert heard == sorted(heard)
    assert len(heard) <= seconds * 20 + 2


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no JSON", "argument"),
        ("[" * 10_000, "argument"),
        ("[]", "argument"),
        ('{"COMMAND": "LISTEN"}', "argument"),
        ('{"COMMAND": "LISTEN", "DATA": 3}', "argument"),
        ('{"COMMAND": {}, "DATA": "/"}', "argument"),
        ('{"COMMAND": "PATH_CHANGED", "DATA": "/"}', "argument"),
        ('{"COMMAND": "LISTEN", "DATA": "/nothing"}', "address"),
        ('{"COMMAND": "LISTEN", "DATA": "/vamp/slot/1/record"}', "request"),
        (b"/vamp/ping\0\0,\0\0\0", "request"),
    ],
)
def test_a_wrong_message_is_answered_with_one_error_and_the_connection_goes_on(
    query: OscQuery, sent: str | bytes, code: str
) -> None:
    with listening(query) as client:
        client.send(sent)
        address, arguments = told(client)
        assert (address, arguments[0]) == ("/vamp/error", code)
        command(client, "LISTEN", "/vamp/looper/set/dry")
        assert told(client) == ("/vamp/looper/set/dry", [0.0])


def command_often(client: ClientConnection, n_times: int) -> None:
    for _ in range(n_times):
        command(client, "LISTEN", "/vamp/looper/set/dry")


def test_a_client_that_talks_too_much_is_dropped_and_others_are_served(query: OscQuery) -> None:
    with listening(query, "/vamp/looper/set/dry") as other:
        with listening(query) as client, pytest.raises(ConnectionClosed):
            command_often(client, 20 * MAX_MESSAGES_PER_S)
        assert told(other) == ("/vamp/looper/set/dry", [0.0])


def test_a_listener_that_never_reads_is_not_waited_for(on: Set, query: OscQuery) -> None:
    heard, click = "/vamp/slot/1/heard", "/vamp/looper/set/click"
    query.board.tell(heard, ["", 0])
    with socket.create_connection(("127.0.0.1", query.service.port)) as deaf, listening(query, click) as other:
        told(other)
        deaf.sendall(UPGRADE + text_frame(json.dumps({"COMMAND": "LISTEN", "DATA": heard}).encode()))
        until(lambda: sum(map(bool, query.service._listeners)) == 2)
        for step in range(1, 11):
            query.board.tell(heard, ["x" * 1_000_000, step])
            on.stage.looper_controls = on.stage.looper_controls.changed(click=step / 10)
            assert told(other) == (click, [pytest.approx(step / 10)])
        pending = [listener.take_pending() for listener in query.service._listeners]
        assert sorted(map(len, pending)) == [0, 1]  # its socket is full, and the newest value alone waits
        query.close()  # nor is it waited for at the end


def text_frame(payload: bytes) -> bytes:
    """A WebSocket frame as a client sends it, masked with nothing."""
    return bytes([0x81, 0x80 | len(payload)]) + bytes(4) + payload


def test_packets_over_websocket_reach_the_osc_server_and_its_replies_come_back(on: Set) -> None:
    reply = build_message("/vamp/pong", (b"\xc0\xdb",))
    packets = [build_message("/vamp/ping", (blob,)) for blob in (b"\xc0\xdb\xdc", b"\xdb\xdd\xc0", bytes(60_000))]
    with socket.create_server(("127.0.0.1", 0)) as osc, querying(on, osc_tcp_port=osc.getsockname()[1]) as query:
        osc.settimeout(WAIT_S)
        with listening(query) as client:
            for packet in packets:
                client.send(packet)
            stream, _ = osc.accept()
            with stream:
                assert framed_packets(stream, len(packets)) == packets
                stream.sendall(frame(reply) + frame(reply))
                assert [client.recv(timeout=WAIT_S), client.recv(timeout=WAIT_S)] == [reply, reply]
            # The server has hung up. The next packet that finds that out goes over a new stream, as a new client.
            osc.settimeout(0.01)
            stream = reopened(client, osc)
        with stream:
            stream.settimeout(WAIT_S)
            while stream.recv(1000):  # the client is gone, and so is its stream
                pass


def reopened(client: ClientConnection, osc: socket.socket) -> socket.socket:
    for _ in range(1000):
        client.send(build_message("/vamp/ping", ()))
        with suppress(TimeoutError):
            return osc.accept()[0]
    raise AssertionError("no new stream")


def framed_packets(stream: socket.socket, count: int) -> list[bytes]:
    """So many packets of a stream."""
    stream.settimeout(WAIT_S)
    reader = FrameReader(10**6)
    packets: list[bytes] = []
    while len(packets) < count:
        packets += [unescape(framed) for framed in reader.feed(stream.recv(65_536))]
    return packets


def test_only_clients_of_this_machine_get_a_way_to_the_osc_server(on: Set) -> None:
    assert to_loopback("127.0.0.1", 8001)("192.0.2.9") is None
    assert to_loopback("127.0.0.1", 0)("127.0.0.1") is None
    with listen_on("127.0.0.1", 0) as closed:
        port = closed.getsockname()[1]
    with querying(on, osc_tcp_port=port) as query, listening(query) as client:
        client.send(build_message("/vamp/ping", ()))
        assert told(client)[1][0] == "request"


def test_a_value_that_cannot_be_read_is_one_error_and_costs_no_other(
    on: Set, query: OscQuery, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(query, "/vamp/slot/1/set/wet", "/vamp/slot/1/state") as client:
        told(client)
        told(client)
        on.stage.states[0] = "no state"  # type: ignore[call-overload]
        on.stage.controls[0] = on.stage.controls[0].changed(wet=0.5)
        assert told(client) == ("/vamp/slot/1/set/wet", [0.5])
        status, text, _ = ask(query, "/vamp/slot/1/state")
        assert (status, text[:24]) == (500, "unexpected AttributeErro")
        on.stage.states[0] = None
        assert asked(query, "/vamp/slot/1/state?VALUE")["VALUE"][0] == "off"
    failures = [record for record in caplog.records if record.message.startswith("reading")]
    assert len(failures) == 1


def test_closing_ends_listeners_frees_the_port_and_joins_the_thread(on: Set) -> None:
    with querying(on) as query, listening(query, "/vamp/looper/set/dry") as client:
        told(client)
        port = query.service.port
        query.close()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=WAIT_S)
        listen_on("127.0.0.1", port).close()
        assert not [thread for thread in threading.enumerate() if "oscquery" in thread.name]
        query.close()  # twice does no harm


def test_a_port_in_use_is_said_and_one_nobody_asked_for_is_replaced() -> None:
    with listen_on("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"TCP 127.0.0.1 port {port}"):
            _listen(QueryPlace("127.0.0.1", port, 8001))
        with _listen(QueryPlace("127.0.0.1", None, port - 1)) as other:
            assert other.getsockname()[1] != port
        with _listen(QueryPlace("127.0.0.1", None, 65_535)) as other:
            assert other.getsockname()[1] > 0
    with _listen(QueryPlace("127.0.0.1", None, port - 1)) as free:
        assert free.getsockname()[1] == port
