"""Our own messages, over real UDP sockets; and that nothing a client sends can stop the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder, build_msg
from serve_helpers import FakeEngine, UdpClient, client_of, serving, write_loop
from vampbridge.bridge.clients import MAX_CLIENTS, AddressBook
from vampbridge.bridge.errors import PortError
from vampbridge.bridge.idle_settings import BELONGS_TO
from vampbridge.bridge.net.limits import MAX_DATAGRAM_BYTES
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.server import Server
from vampbridge.engine.errors import EngineError, PathError
from vampbridge.engine.files import read_audio
from vampbridge.engine.settings import DEFAULT_PRESET, PRESETS, RANGES, preset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(engine: FakeEngine, tmp_path: Path) -> Iterator[Server]:
    with serving(engine, tmp_path, max_unfinished=4) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[UdpClient]:
    with client_of(server) as made:
        yield made


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    write_loop(tmp_path / "loop.wav", n_channels=2)
    return tmp_path.resolve() / "loop.wav"


def sent(value: Any) -> Any:
    """A value as it comes over OSC: 0 and 1 for switches, float32 for numbers."""
    return value if isinstance(value, str) else pytest.approx(float(value))


def refusal(got: list[tuple[str, list[Any]]]) -> tuple[str, str, str]:
    """Code, address and reason of the one error that was sent."""
    ((address, (code, about, reason, _)),) = got
    assert address == "/vamp/error"
    return code, about, reason


def test_version_status_and_ping(client: UdpClient) -> None:
    ((_, (version, protocol, bundle)),) = client.ask("/vamp/version")
    assert (protocol, bundle) == (1, "fake")
    assert version.count(".") == 2
    client.send_bytes(b"junk")
    assert client.receive_any()[1][0] == "malformed"
    ((address, told),) = client.ask("/vamp/status")
    assert (address, told[:5]) == ("/vamp/status", ["fake", 1, 0, 1, 0])
    assert told[5] == 4  # of them this one
    assert told[6:] == [0] * 6


def test_all_settings_are_told_and_start_as_the_default_preset(client: UdpClient) -> None:
    got = client.ask("/vamp/settings")
    assert got[-1] == ("/vamp/settings", [len(RANGES)])
    start = preset(DEFAULT_PRESET)
    for (address, (value,)), name in zip(got[:-1], RANGES, strict=True):
        assert address == f"/vamp/set/{name}"
        expected = getattr(start, name)
        assert value == ("random" if expected is None else sent(expected))


def other_value(name: str) -> int | float | str:
    """A value that a setting may have and does not start with."""
    limits, start = RANGES[name], getattr(preset(DEFAULT_PRESET), name)
    if limits.kind is bool:
        return int(not start)
    if limits.choices:
        return next(word for word in limits.choices if word != start)
    return limits.kind(limits.low + 1 if start == limits.low else limits.low)


@pytest.mark.parametrize("name", RANGES)
def test_every_setting_is_set_asked_for_and_used(
    name: str, engine: FakeEngine, client: UdpClient, loop: Path, tmp_path: Path
) -> None:
    value = other_value(name)
    if name in BELONGS_TO:
        client.ask(f"/vamp/set/{BELONGS_TO[name]}", 1)
    assert client.ask(f"/vamp/set/{name}", value) == []
    assert client.ask(f"/vamp/set/{name}") == [(f"/vamp/set/{name}", [sent(value)])]
    if name != "variations":
        client.send("/vamp/file", str(loop), str(tmp_path / "out.wav"))
        client.receive("/vamp/done")
        assert getattr(engine.requests[0].settings, name) == value


@pytest.mark.parametrize(("name", "owner"), BELONGS_TO.items())
def test_a_setting_without_effect_is_kept_and_says_so(client: UdpClient, name: str, owner: str) -> None:
    value = other_value(name)
    client.ask(f"/vamp/set/{owner}", 0)
    ((address, (text,)),) = client.ask(f"/vamp/set/{name}", value)
    assert address == "/vamp/log"
    assert text.startswith(f"{name} has no effect while {owner} is ")
    assert client.ask(f"/vamp/set/{name}") == [(f"/vamp/set/{name}", [sent(value)])]


def test_a_preset_replaces_all_settings(client: UdpClient) -> None:
    for name, values in PRESETS.items():
        client.ask("/vamp/set/dropout", 0.5)
        assert client.ask("/vamp/preset", name) == []
        assert client.ask("/vamp/set/dropout") == [("/vamp/set/dropout", [values.dropout])]
        assert client.ask("/vamp/set/temperature")[0][1] == [pytest.approx(values.temperature)]


def test_each_client_has_its_own_settings(server: Server, client: UdpClient) -> None:
    client.ask("/vamp/set/period", 5)
    with client_of(server) as other:
        assert other.ask("/vamp/set/period") == [("/vamp/set/period", [preset(DEFAULT_PRESET).period])]
    assert client.ask("/vamp/set/period") == [("/vamp/set/period", [5])]


def test_a_refused_value_changes_nothing(client: UdpClient) -> None:
    client.ask("/vamp/set/period", 5)
    for wrong in (129, -1, 0.5, float("nan"), float("inf"), "five", b"5"):
        code, about, reason = refusal(client.ask("/vamp/set/period", wrong))
        assert code in ("setting", "argument")
        assert about == "/vamp/set/period"
        assert "period must be" in reason
    assert client.ask("/vamp/set/period") == [("/vamp/set/period", [5])]


def test_the_reply_port_is_changed_and_settings_move_along(server: Server, client: UdpClient) -> None:
    with client_of(server) as listener:
        client.ask("/vamp/set/period", 5)
        client.send("/vamp/reply_port", listener.port)
        client.send("/vamp/set/period")
        assert listener.receive_any() == ("/vamp/set/period", [5])


def test_replies_go_to_the_reply_port_of_the_senders_host(engine: FakeEngine, tmp_path: Path) -> None:
    listener = UdpClient(("127.0.0.1", 0))  # only listens
    with serving(engine, tmp_path, reply_port=listener.port) as server, client_of(server) as sender:
        sender.send("/heartbeat")
        assert listener.receive_any() == ("/heartbeat", ["pong"])
    listener.socket.close()


def test_an_unknown_address_is_answered_with_the_nearest(client: UdpClient) -> None:
    code, about, reason = refusal(client.ask("/vamp/stat"))
    assert (code, about) == ("address", "/vamp/stat")
    assert "nearest is /vamp/status" in reason
    assert "nearest" not in refusal(client.ask("/foo"))[2]


def test_replies_of_another_server_are_never_answered(server: Server, client: UdpClient) -> None:
    assert client.ask("/vamp/error", "setting", "/x", "y") == []
    assert client.ask("/error", "text") == []
    assert server.counters.replies == 2


def test_messages_of_a_bundle_whose_time_is_past_keep_their_order_and_do_not_wait(client: UdpClient) -> None:
    builder = OscBundleBuilder(1e9)
    for value in range(1, 50):
        builder.add_content(build_msg("/vamp/set/period", value))
        builder.add_content(build_msg("/vamp/set/period"))
    client.send_bytes(builder.build().dgram)
    assert client.received_before_pong() == [("/vamp/set/period", [value]) for value in range(1, 50)]


def test_the_largest_datagram_is_heard(client: UdpClient, engine: FakeEngine, loop: Path, tmp_path: Path) -> None:
    head = len(build_msg("/vamp/mask", [1, 1, b"1234"]).dgram) - 4
    n_cells = (MAX_DATAGRAM_BYTES - head) // 4 * 4
    cells = bytes(index % 2 for index in range(n_cells))
    assert client.ask("/vamp/mask", 1, n_cells, cells) == []
    client.send("/vamp/file", str(loop), str(tmp_path / "out.wav"))
    client.receive("/vamp/done")
    assert engine.requests[0].drawn_mask.shape == (1, n_cells)


def test_a_drawn_mask_is_used_once(client: UdpClient, engine: FakeEngine, loop: Path, tmp_path: Path) -> None:
    for cells in ([0, 1, 1, 0, 0, 1], [bytes([0, 1, 1, 0, 0, 1])], [False, True, 1.0, 0.0, 0, 1]):
        assert client.ask("/vamp/mask", 2, 3, *cells) == []
        for _ in range(2):
            client.send("/vamp/file", str(loop), str(tmp_path / "out.wav"))
            client.receive("/vamp/done")
        first, second = engine.requests[-2:]
        np.testing.assert_array_equal(first.drawn_mask, np.array([[False, True, True], [False, False, True]]))
        assert second.drawn_mask is None
    client.ask("/vamp/mask", 1, 1, 1)
    client.ask("/vamp/mask/clear")
    client.send("/vamp/file", str(loop), str(tmp_path / "out.wav"))
    client.receive("/vamp/done")
    assert engine.requests[-1].drawn_mask is None


@pytest.mark.parametrize(
    "cells", [[0], [0, 1, 2, 0], [b"\0\1\2\0"], [b"\0\0\0"], [b"\0\0\0\0", 1], [0, float("nan"), 0, 0]]
)
def test_a_mask_that_does_not_fit_is_refused(client: UdpClient, cells: list[Any]) -> None:
    assert refusal(client.ask("/vamp/mask", 2, 2, *cells))[1] == "/vamp/mask"


@pytest.mark.parametrize("datagram", [b"", b"junk", b"/x\0\0,i\0\0", b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xfc"])
def test_a_malformed_datagram_is_counted_and_answered_once(server: Server, client: UdpClient, datagram: bytes) -> None:
    client.send_bytes(datagram)
    assert refusal(client.received_before_pong())[0] == "malformed"
    assert server.counters.malformed == 1


PROCESS_NUMBERS = (13, 0, 1, 0, 1, 1, 64, 4, 0, 12, 1, 1, 0, 1)

VALID = [
    build_msg("/vamp/file", ["in.wav", "out.wav", 7]).dgram,
    build_msg("/vamp/mask", [2, 2, b"\0\1\0\1"]).dgram,
    build_msg("/vamp/set/temperature", 1.0).dgram,
    build_msg("/process", ["q", "vampnet", "x.wav", "m", *range(14)]).dgram,
    build_msg("/cleanup", "x.wav").dgram,
]
MUTATED = st.builds(
    lambda whole, at, byte, cut: bytes(
        bytearray(whole[: at % len(whole)]) + bytes([byte]) + whole[at % len(whole) + 1 :]
    )[: len(whole) - cut],
    st.sampled_from(VALID),
    st.integers(0, 200),
    st.integers(0, 255),
    st.integers(0, 8),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(datagrams=st.lists(st.one_of(st.binary(max_size=80), MUTATED), max_size=8))
def test_no_datagram_stops_the_server(server: Server, datagrams: list[bytes]) -> None:
    with client_of(server) as client:
        for datagram in datagrams:
            client.send_bytes(datagram)
        for address, _ in client.received_before_pong():  # ends with the pong, or fails
            assert address.startswith("/")


NUMBERED_IDS = [("d", 1e300), ("d", 0.1), ("f", 0.5), ("h", 2**40), ("h", 2**31), ("i", -(2**31))]


def tagged(address: str, *arguments: tuple[str, Any]) -> bytes:
    builder = OscMessageBuilder(address)
    for tag, value in arguments:
        builder.add_arg(value, tag)
    return builder.build().dgram


@pytest.mark.parametrize(("tag", "request_id"), NUMBERED_IDS)
def test_any_number_is_an_id_and_comes_back_as_it_was_sent(
    engine: FakeEngine, client: UdpClient, loop: Path, tmp_path: Path, tag: str, request_id: float
) -> None:
    engine.holds = True
    client.send_bytes(tagged("/vamp/file", ("s", str(loop)), ("s", str(tmp_path / "out.wav")), (tag, request_id)))
    assert client.receive("/vamp/progress") == [request_id, "queued", 0.0]
    assert client.receive("/vamp/progress") == [request_id, "coarse", 0.5]
    client.send_bytes(tagged("/vamp/cancel", (tag, request_id)))
    failed = client.receive("/vamp/error")
    assert f"request {request_id}: " in failed[2]
    assert failed[3] == request_id
    process = [("s", "vampnet"), ("s", str(loop)), ("s", ""), *(("i", value) for value in PROCESS_NUMBERS)]
    client.send_bytes(tagged("/process", (tag, request_id), *process))
    while client.receive("/progress") != [request_id, "Status.PROCESSING"]:
        pass
    engine.release()
    assert client.receive("/process-result")[0] == request_id
    assert client.ask("/vamp/status")[0][1][2] == 0


def test_an_id_that_equals_nothing_is_refused(
    engine: FakeEngine, client: UdpClient, loop: Path, tmp_path: Path
) -> None:
    for tag in "fd":
        client.send_bytes(tagged("/vamp/file", ("s", str(loop)), ("s", str(tmp_path / "out.wav")), (tag, float("nan"))))
        code, _, reason = refusal(client.received_before_pong())
        assert (code, "got nan" in reason) == ("argument", True)
    assert client.ask("/vamp/status")[0][1][2] == 0
    assert engine.requests == []


def test_a_bug_in_a_handler_is_told_and_ends_nothing(server: Server, client: UdpClient) -> None:
    server.handlers["/vamp/preset"] = lambda *_: 1 / 0
    code, _, reason = refusal(client.ask("/vamp/preset", "wild"))
    assert code == "engine"
    assert "unexpected ZeroDivisionError" in reason


def test_a_port_in_use_and_a_missing_folder_are_one_line(server: Server, engine: FakeEngine, tmp_path: Path) -> None:
    with pytest.raises(PortError, match=f"cannot listen on UDP 127.0.0.1 port {server.address[1]}: "):
        Server(ServeOptions(port=server.address[1], folders=(tmp_path,)), engine)
    with pytest.raises(PathError, match="must exist"):
        Server(ServeOptions(port=0, folders=(tmp_path / "gone",)), engine)


def test_clients_are_forgotten_only_when_there_are_too_many() -> None:
    book = AddressBook(reply_port=0)
    kept = book.client_of(("127.0.0.1", 1))
    for port in range(2, MAX_CLIENTS + 1):
        book.client_of(("127.0.0.1", port))
    assert book.client_of(("127.0.0.1", 1)) is kept
    book.client_of(("127.0.0.1", 60_000))
    assert book.client_of(("127.0.0.1", 1)) is kept
    for port in range(MAX_CLIENTS):
        book.redirect(("127.0.0.1", 1000 + port), 2000 + port)
    assert book.client_of(("127.0.0.1", 1)) is not kept


def test_an_engine_that_fails_is_told_and_the_server_goes_on(
    engine: FakeEngine, client: UdpClient, loop: Path, tmp_path: Path
) -> None:
    engine.error = EngineError("the engine process died (exit code -9); send the loop again")
    client.send("/vamp/file", str(loop), str(tmp_path / "out.wav"), "a")
    assert client.receive_any() == ("/vamp/progress", ["a", "queued", 0.0])
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[1][:2] == ["engine", "/vamp/file"]
    assert "request a: the engine process died" in message[1][2]
    engine.error = None
    client.send("/vamp/file", str(loop), str(tmp_path / "out.wav"), "b")
    assert client.receive("/vamp/done")[0] == "b"
    assert read_audio(tmp_path / "out.wav").audio.shape == read_audio(loop).audio.shape
