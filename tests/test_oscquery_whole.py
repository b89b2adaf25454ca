"""OSCQuery beside the real OSC server: what one changes the other tells, and a browser's packets play the looper."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from live_helpers import Set
from looper_helpers import noise
from oscquery_helpers import asked, listening, told
from serve_helpers import FakeEngine, client_of, serving
from vampbridge.bridge import server as bridge_server
from vampbridge.bridge.cli.serve import open_query
from vampbridge.bridge.errors import PortError
from vampbridge.bridge.osc_server import build_message
from vampbridge.bridge.oscquery import service
from vampbridge.bridge.oscquery.start import QueryPlace, open_oscquery
from vampbridge.bridge.serve_options import ServeOptions


def test_a_surface_in_a_browser_plays_the_looper_and_sees_what_others_do(tmp_path: Path) -> None:
    with Set() as on, serving(on.engine, tmp_path, stage=on.stage) as server, client_of(server) as other:
        query = open_oscquery(QueryPlace("127.0.0.1", None, server.address[1], server.tcp_port), on.engine, on.stage)
        try:
            server.subscriptions.listen(query.board.tell)
            assert asked(query, "/?HOST_INFO")["OSC_PORT"] == server.address[1]
            wet, seam = "/vamp/slot/1/set/wet", "/vamp/slot/1/seam"
            with listening(query, wet, seam) as surface:
                assert told(surface) == (wet, [1.0])
                other.ask(wet, 0.5)
                on.audio.play(64)
                assert told(surface) == (wet, [0.5])
                surface.send(build_message(wet, (0.25,)))
                assert told(surface) == (wet, [0.25])
                surface.send(build_message("/vamp/slot/1/set/nothing", (1,)))
                address, arguments = told(surface)
                assert (address, arguments[0]) == ("/vamp/error", "address")
                other.ask("/vamp/slot/1/record")
                on.audio.play(noise(4_000))
                other.ask("/vamp/slot/1/record")
                on.audio.play(4_200)
                assert told(surface)[0] == seam
            assert other.ask(wet) == [(wet, [0.25])]
        finally:
            query.close()


def test_a_surface_follows_positions_and_the_server_works_out_none_for_it(tmp_path: Path) -> None:
    with Set() as on, serving(on.engine, tmp_path, stage=on.stage) as server, client_of(server) as client:
        query = open_oscquery(QueryPlace("127.0.0.1", 0, server.address[1]), on.engine, on.stage)
        try:
            server.subscriptions.listen(query.board.tell, wants=query.wants)
            where = "/vamp/slot/1/position"
            assert asked(query, f"{where}?VALUE") == {}
            client.ask("/vamp/slot/1/record")
            on.audio.play(noise(4_000))
            client.ask("/vamp/slot/1/record")
            on.audio.play(6_000)
            assert 0 <= asked(query, f"{where}?VALUE")["VALUE"][0] < 1
            with listening(query, where) as surface:
                (first,), (second,) = told(surface)[1], told(surface)[1]
                assert first != second
                assert not server.subscriptions.wants("position")
                assert server._tick_s == bridge_server.TICK_S
            assert server.subscriptions.wants("vamp")  # what happens is known by being told only
        finally:
            query.close()


def test_the_status_that_a_surface_reads_is_the_one_that_clients_are_told(tmp_path: Path) -> None:
    engine = FakeEngine()
    with serving(engine, tmp_path) as server, client_of(server) as client, ExitStack() as stack:
        port = open_query(server, ServeOptions(oscquery_port=0), engine, stack)
        query: Any = _Reached(port)
        client.ask("/vamp/version")
        read = asked(query, "/vamp/status?VALUE")["VALUE"]
        (_, status), *_ = client.ask("/vamp/status")
        assert read[:5] == status[:5] == ["fake", 1, 0, 0, 0]
        assert 0 < read[5] <= status[5]
        server.counters.limited += 3
        assert asked(query, "/vamp/status?VALUE")["VALUE"][7] == 3


def test_without_oscquery_the_server_goes_on_unless_its_port_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(service, "serve", serve)
    engine = FakeEngine()
    with serving(engine, tmp_path) as server, ExitStack() as stack:
        with pytest.raises(PortError, match=r"cannot serve OSCQuery on TCP 127\.0\.0\.1 port"):
            open_query(server, ServeOptions(oscquery_port=0), engine, stack)
        assert open_query(server, ServeOptions(), engine, stack) == 0
        out, said = capsys.readouterr()
        assert out == ""
        assert said.startswith("touch apps will not find this server: cannot serve OSCQuery on TCP 127.0.0.1 port")
        assert "Too many open files" in said
        assert not server.subscriptions.wants("seam")


def test_another_port_than_the_usual_one_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine()
    with serving(engine, tmp_path) as server, socket.socket() as taken, ExitStack() as stack:
        usual = server.address[1] + 1
        with suppress(OSError):  # somebody else has it: just as well
            taken.bind(("127.0.0.1", usual))
            taken.listen()
        found = open_query(server, ServeOptions(), engine, stack)
        assert found not in (0, usual)
        said = f"TCP port {usual} is in use: touch apps find this server on port {found}"
        assert said in capsys.readouterr().err


class _Reached:
    """Of a service, what `asked` needs."""

    def __init__(self, port: int) -> None:
        self.service = self
        self.port = port
