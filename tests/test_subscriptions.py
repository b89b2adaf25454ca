"""Who is told what, and how often: topics, each change once, rates, leases; and what a set tells through sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_helpers import Set
from looper_helpers import noise
from net_helpers import slip, tcp_client_of
from pythonosc.osc_message_builder import build_msg
from serve_helpers import UdpClient, client_of, serving
from test_serve_tcp import later, wait_until
from vampbridge.bridge import server as bridge_server
from vampbridge.bridge.errors import RequestError
from vampbridge.bridge.live.events import TakeMade
from vampbridge.bridge.looper.messages import Verb
from vampbridge.bridge.masks import rows_told
from vampbridge.bridge.server import Server
from vampbridge.bridge.subscriptions import MAX_SUBSCRIBERS, USUAL, Subscriptions

ME, OTHER = ("127.0.0.1", 1), ("127.0.0.1", 2)
Sent = list[tuple[tuple[str, int], str, tuple[Any, ...]]]


@pytest.fixture
def sent() -> Sent:
    return []


@pytest.fixture
def hub(sent: Sent) -> Subscriptions:
    return Subscriptions(lambda to, address, arguments=(): sent.append((to, address, tuple(arguments))))


def test_a_state_is_told_when_it_changes_and_an_event_every_time(hub: Subscriptions, sent: Sent) -> None:
    hub.subscribe(ME, USUAL)
    for _ in range(3):
        hub.publish("dials", "/d", (1,))
        hub.publish("seam", "/s", (1,))
    hub.publish("dials", "/d", (2,))
    assert [(address, values) for _, address, values in sent] == [
        ("/d", (1,)),
        ("/s", (1,)),
        ("/s", (1,)),
        ("/s", (1,)),
        ("/d", (2,)),
    ]


def test_what_changes_all_the_time_comes_no_more_often_than_asked_for_and_its_last_value_comes(
    hub: Subscriptions, sent: Sent
) -> None:
    hub.set_rate(ME, 10)
    hub.subscribe(ME, ["vamp"])
    hub.subscribe(OTHER, ["vamp"])
    hub.set_rate(OTHER, 100)
    for step in range(1, 101):
        hub.publish("vamp", "/p", (step,), often=True)
    assert [values for to, _, values in sent if to == ME] == [(1,)]
    due_s = hub.next_s()
    assert 0 < due_s - time.monotonic() <= 0.1
    hub.flush(due_s - 0.2)
    assert [values for to, _, values in sent if to == ME] == [(1,)]
    hub.flush(time.monotonic() + 0.11)
    assert [values for to, _, values in sent if to == ME] == [(1,), (100,)]
    assert hub.next_s() == float("inf")


def test_progress_never_comes_after_the_end_that_it_led_to(hub: Subscriptions, sent: Sent) -> None:
    hub.subscribe(ME, ["vamp"])
    for step in (1, 2, 3):
        hub.publish("vamp", "/p", (step,), often=True)
    hub.publish("vamp", "/made", ())
    assert [address for _, address, _ in sent] == ["/p", "/p", "/made"]
    assert sent[1][2] == (3,)
    hub.flush(time.monotonic() + 9)
    assert len(sent) == 3


def test_the_one_who_turned_it_is_told_only_if_it_asked_for_an_echo(hub: Subscriptions, sent: Sent) -> None:
    hub.subscribe(ME, ["dials"])
    hub.subscribe(OTHER, ["dials", "echo"])
    hub.publish("dials", "/d", (1,), sender=ME)
    hub.publish("dials", "/d", (2,), sender=OTHER)
    assert sent == [(OTHER, "/d", (1,)), (ME, "/d", (2,)), (OTHER, "/d", (2,))]


def test_a_listener_hears_everything_and_its_bug_stops_nobody(hub: Subscriptions, sent: Sent) -> None:
    heard: list[Any] = []
    hub.listen(lambda *_: 1 / 0)
    hub.listen(lambda *what: heard.append(what))
    hub.subscribe(ME, ["log"])
    hub.publish("dials", "/d", (1,))
    hub.publish("log", "/l", ("x",))
    assert heard == [("/d", (1,)), ("/l", ("x",))]
    assert sent == [(ME, "/l", ("x",))]


def test_what_a_listener_does_not_want_just_now_is_not_wanted(hub: Subscriptions) -> None:
    heard: list[Any] = []
    wanted: set[str] = set()
    hub.listen(lambda *what: heard.append(what), wants=wanted.__contains__)
    assert not hub.wants("position")
    hub.publish("position", "/p", (0.1,), often=True)
    wanted.add("position")
    assert hub.wants("position")
    hub.publish("position", "/p", (0.2,), often=True)
    hub.publish("log", "/l", ("x",))
    wanted.clear()
    assert not hub.wants("position")
    hub.subscribe(ME, ["position"])
    assert hub.wants("position")
    hub.publish("position", "/p", (0.3,), often=True)
    assert heard == [("/p", (0.2,))]


def test_there_are_not_too_many_subscribers(hub: Subscriptions) -> None:
    for port in range(MAX_SUBSCRIBERS):
        hub.subscribe(("h", port), USUAL)
        hub.set_rate(("h", port), 1.0)
    with pytest.raises(RequestError, match="at most 64 clients"):
        hub.subscribe(ME, USUAL)
    with pytest.raises(RequestError, match="at most 64 clients"):
        hub.set_rate(ME, 2.0)
    assert hub.unsubscribe(("h", 0))
    assert not hub.unsubscribe(("h", 0))
    hub.subscribe(ME, USUAL)


# Through the server.


@contextmanager
def live(folder: Path, **options: Any) -> Iterator[tuple[Set, Server, UdpClient]]:
    """A set that is played over OSC."""
    with Set() as on, serving(on.engine, folder, stage=on.stage, **options) as server, client_of(server) as client:
        yield on, server, client


def test_a_dial_that_one_client_turns_is_told_to_the_others(tmp_path: Path) -> None:
    with live(tmp_path) as (on, server, client), tcp_client_of(server) as other:
        client.ask("/vamp/subscribe", "dials", "clock")
        other.ask("/vamp/subscribe", "dials", "clock")
        assert client.ask("/vamp/slot/2/set/wet", 0.5) == []
        assert client.ask("/vamp/looper/set/dry", 0.25) == []
        assert client.ask("/vamp/slot/1/vamp/set/period", 3) == []
        assert client.ask("/vamp/clock/set/tempo_bpm", 96.0) == []
        assert other.received_before_pong() == [
            ("/vamp/slot/2/set/wet", [0.5]),
            ("/vamp/looper/set/dry", [0.25]),
            ("/vamp/slot/1/vamp/set/period", [3]),
            ("/vamp/clock/set/tempo_bpm", [96.0]),
        ]
        on.stage.controls[0] = on.stage.controls[0].changed(mono=True)  # as a key does
        assert other.receive_any() == ("/vamp/slot/1/set/mono", [1])
        assert client.receive_any() == ("/vamp/slot/1/set/mono", [1])


def test_a_preset_tells_every_setting_it_changes(tmp_path: Path) -> None:
    with live(tmp_path) as (on, server, client), client_of(server) as other:
        other.ask("/vamp/subscribe", "dials")
        before = on.stage.settings(1)
        client.ask("/vamp/slot/2/preset", "wild")
        after = on.stage.settings(1)
        changed = {name for name in after.__dataclass_fields__ if getattr(after, name) != getattr(before, name)}
        told = {address.rpartition("/")[2] for address, _ in other.received_before_pong()}
        assert told == changed != set()


def test_topics_are_chosen_and_the_rate_is_set_and_told(tmp_path: Path) -> None:
    with live(tmp_path) as (on, _, client):
        assert client.ask("/vamp/subscribe", "seam") == []
        assert client.ask("/vamp/subscribe/rate_hz", 5) == []
        assert client.ask("/vamp/subscribe/rate_hz") == [("/vamp/subscribe/rate_hz", [5.0])]
        client.ask("/vamp/slot/1/record")
        on.audio.play(noise(4_000))
        client.ask("/vamp/slot/1/record")
        on.audio.play(4_100)
        assert {address for address, _ in client.received_before_pong()} == {"/vamp/slot/1/seam"}


def test_positions_go_from_seam_to_seam(tmp_path: Path) -> None:
    with live(tmp_path) as (on, _, client):
        client.ask("/vamp/subscribe/rate_hz", 100)
        client.ask("/vamp/subscribe", "position")
        client.ask("/vamp/slot/1/record")
        on.audio.play(noise(4_000))
        client.ask("/vamp/slot/1/record")
        on.audio.play(6_000)
        address, (fraction,) = client.receive_any()
        assert address == "/vamp/slot/1/position"
        assert 0 <= fraction < 1


def test_a_lease_ends_once_and_any_message_renews_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_server, "LEASE_CHECK_S", 0.05)
    with live(tmp_path, lease_s=0.3) as (_, server, client), client_of(server) as other:
        client.ask("/vamp/subscribe", "dials")
        end_s = time.monotonic() + 0.6
        while time.monotonic() < end_s:
            assert client.ask("/vamp/subscribe/rate_hz", 5) == []
            time.sleep(0.02)
        assert client.receive("/vamp/bye") == ["nothing was heard of you for 0.3 s"]
        other.ask("/vamp/slot/1/set/wet", 0.5)
        assert client.received_before_pong() == []


def test_a_pattern_means_the_slots_it_matches(tmp_path: Path) -> None:
    with live(tmp_path) as (_, _, client):
        for pattern, slots in (("[1-3]", [1, 2]), ("{2,7}", [2]), ("?", [1, 2]), ("[!1]", [2])):
            client.ask(f"/vamp/slot/{pattern}/set/wet", 0.5)
            got = client.ask(f"/vamp/slot/{pattern}/set/wet")
            assert got == [(f"/vamp/slot/{slot}/set/wet", [0.5]) for slot in slots]
            client.ask("/vamp/slot/*/set/wet", 1.0)
        for wrong in ("[3-9]", "[1", "{}"):
            assert client.ask(f"/vamp/slot/{wrong}/set/wet")[0][1][0] == "address"


def test_a_bundle_acts_at_the_very_frame(tmp_path: Path) -> None:
    with live(tmp_path) as (on, server, _), tcp_client_of(server) as over_tcp:
        over_tcp.send_bytes(slip(later(0.35, build_msg("/vamp/slot/1/record").dgram)))
        wait_until(lambda: on.audio.is_asked(Verb))
        command = next(command for command in on.audio._inbox if isinstance(command, Verb))
        now = on.stage.clock.anchor()
        in_s = (command.at_frame - now[0]) / now[2] + now[1] - time.monotonic()
        assert 0 < in_s < 0.35  # it came before its time, with its frame
        on.audio.play(command.at_frame - on.audio.looper.frame + 64)
        assert [frame for kept, frame in on.recorder.commands if kept.number == command.number] == [command.at_frame]


def test_a_mask_drawn_for_a_slot_decides_until_it_is_cleared(tmp_path: Path) -> None:
    with live(tmp_path) as (on, _, client):
        assert client.ask("/vamp/slot/1/mask")[0][1][0] == "request"
        assert client.ask("/vamp/slot/1/mask", 2, 3, bytes([0, 1, 1, 0, 0, 1])) == []
        assert client.ask("/vamp/slot/1/mask/row", 2, 1, 1, 1) == []
        on.record()
        for number in (1, 2):
            client.ask("/vamp/slot/1/vamp")
            on.audio.play(64)
            on.wait(lambda number=number: len(on.of(TakeMade)) == number)
            np.testing.assert_array_equal(on.engine.requests[-1].drawn_mask, [[0, 1, 1], [1, 1, 1]])
            assert on.engine.requests[-1].settings.period == 0  # it decides alone
        assert client.ask("/vamp/slot/1/mask") == [("/vamp/slot/1/mask/row", [1, 1])]  # of the fake take
        client.ask("/vamp/slot/1/vamp/set/period", 5)
        client.ask("/vamp/slot/1/vamp")
        on.audio.play(64)
        on.wait(lambda: len(on.of(TakeMade)) == 3)
        assert on.engine.requests[-1].settings.period == 5  # beside it
        client.ask("/vamp/slot/1/mask/clear")
        client.ask("/vamp/slot/1/vamp")
        on.audio.play(64)
        on.wait(lambda: len(on.of(TakeMade)) == 4)
        assert on.engine.requests[-1].drawn_mask is None


def test_rows_are_drawn_one_by_one_and_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with live(tmp_path) as (on, _, client):
        assert client.ask("/vamp/mask")[0][1][0] == "request"
        assert client.ask("/vamp/mask/row", 14, 1, 0, 1) == []
        for wrong, code in (((15, 1, 0, 1), "setting"), ((1, 1, 0), "argument"), ((1, 1, 0, 2), "setting")):
            assert client.ask("/vamp/mask/row", *wrong)[0][1][0] == code
        on.engine.info.n_codebooks = 0
        assert client.ask("/vamp/slot/2/mask/row", 1, 1)[0][1][0] == "request"


def test_a_long_mask_is_told_in_128_columns() -> None:
    mask = np.zeros((2, 1000), dtype=np.bool_)
    mask[1, 500:] = True
    first, second = rows_told(mask)
    assert first == (1, *[0] * 128)
    assert second == (2, *[0] * 64, *[1] * 64)
    assert rows_told(np.array([[True, False]])) == [(1, 1, 0)]
