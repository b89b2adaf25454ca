"""The options of `vampbridge serve`: who is heard, and what is out of range."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from serve_helpers import FakeEngine, client_of, serving
from vampbridge.bridge.cli.serve import print_ready
from vampbridge.bridge.serve_options import ServeOptions, plain_ip
from vampbridge.engine.errors import SettingError


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


def test_only_allowed_peers_are_heard(engine: FakeEngine, tmp_path: Path) -> None:
    with serving(engine, tmp_path, peers=("192.0.2.1",)) as server, client_of(server) as client:
        client.send("/vamp/ping")
        while not server.counters.refused:
            client.socket.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.socket.recv(100)
    with serving(engine, tmp_path, peers=("192.0.2.1", "localhost")) as server, client_of(server) as client:
        assert client.received_before_pong() == []
        assert server.counters.refused == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"host": "0.0.0.0"}, "name those that may send with --peer"),  # noqa: S104 - that it is refused is the point
        ({"host": "example.org"}, "host must be an IP address or localhost, got 'example.org'"),
        ({"peers": ("me",)}, "peer must be an IP address"),
        ({"peers": ("fe80::1%eth0",), "host": "::"}, "peer must be an address without a zone, .*: write fe80::1"),
        ({"peers": ("::1",)}, "peer must be IPv4, as host 127.0.0.1 is, got '::1'"),
        ({"peers": ("192.0.2.1",), "host": "::1"}, "peer must be IPv6"),
        ({"peers": ("0.0.0.0",)}, "address of one machine"),  # noqa: S104 - as above
        ({"peers": ("224.0.0.1",)}, "address of one machine"),
        ({"port": 65_536}, r"port must be a whole number from 0 to 65535, got 65536"),
        ({"reply_port": -1}, "reply_port must be"),
        ({"threads": -1}, "threads must be"),
        ({"max_unfinished": 0}, "max_unfinished must be"),
        ({"upload_mb": 65_537}, "upload_mb must be a whole number from 0 to 65536 MiB, got 65537"),
        ({"upload_all_mb": -1}, "upload_all_mb must be"),
        ({"upload_mb": 8, "upload_all_mb": 7}, "upload_all_mb must be at least upload_mb, which is 8 MiB, got 7"),
        ({"upload_all_mb": 255}, "upload_all_mb must be at least upload_mb, which is 256 MiB, got 255"),
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        ServeOptions(**wrong)


@pytest.mark.parametrize(
    ("host", "peers", "heard"),
    [
        ("::", ("2001:DB8:0::1",), ("2001:db8::1",)),
        ("::", ("192.0.2.1", "::ffff:192.0.2.1"), ("192.0.2.1",)),
        ("127.0.0.1", ("::ffff:192.0.2.1",), ("192.0.2.1",)),
        ("::ffff:127.0.0.1", ("localhost",), ("127.0.0.1",)),
        ("::1", ("localhost",), ("::1",)),
        ("::", ("localhost",), ("127.0.0.1", "::1")),
    ],
)
def test_a_peer_has_one_form_however_it_is_written(host: str, peers: tuple[str, ...], heard: tuple[str, ...]) -> None:
    assert ServeOptions(host=host, peers=peers).peers == heard


@pytest.mark.parametrize(
    ("sender", "plain"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("192.0.2.1", "192.0.2.1"), ("::1", "::1")],
)
def test_a_sender_is_compared_in_that_form(sender: str, plain: str) -> None:
    assert str(plain_ip(sender)) == plain


@pytest.mark.parametrize(("query_port", "said"), [(8002, "OSCQuery on port 8002, "), (0, "")])
def test_the_ready_line_says_all_of_it_with_oscquery_and_without(
    capsys: pytest.CaptureFixture[str], query_port: int, said: str
) -> None:
    ready = {"host": "127.0.0.1", "port": 8001, "tcp_port": 8001, "reply_port": 0, "oscquery_port": query_port}
    print_ready({**ready, "bundle": "tiny", "device": "cpu", "folders": ["/loops"]}, as_json=False)
    assert capsys.readouterr().out == (
        f"ready on UDP and TCP 127.0.0.1 port 8001, replies to the sending port, {said}"
        "bundle tiny on cpu, files below /loops\n"
    )


def test_a_token_that_nobody_would_be_asked_for_is_refused() -> None:
    for unasked in ({}, {"host": "192.0.2.1", "peers": ("192.0.2.2",), "tcp": False}):
        with pytest.raises(SettingError, match="token-file token has no effect"):
            ServeOptions(token_file=Path("token"), **unasked)
    assert ServeOptions(token_file=Path("token"), host="192.0.2.1", peers=("192.0.2.2",)).needs_token
