"""Live playing over OSC, through a real socket: verbs, dials, questions, subscriptions, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from live_helpers import Set
from looper_helpers import noise
from serve_helpers import FakeEngine, UdpClient, client_of, serving
from vampbridge.bridge.audio.reports import AudioEnded, DeviceLost, LooperLost
from vampbridge.bridge.clock.controls import CLOCK_RANGES
from vampbridge.bridge.idle_settings import BELONGS_TO
from vampbridge.bridge.live.events import TakeHeard, TakeMade
from vampbridge.bridge.live_protocol import LIVE_IN, SLOT_VAMP, split_slot
from vampbridge.bridge.looper.controls import LOOPER_RANGES, SLOT_RANGES
from vampbridge.bridge.looper.verbs import VERBS
from vampbridge.engine.settings import RANGES


@contextmanager
def live(folder: Path) -> Iterator[tuple[Set, UdpClient]]:
    """A set that is played over OSC."""
    with Set() as on, serving(on.engine, folder, stage=on.stage) as server, client_of(server) as client:
        yield on, client


def record(on: Set, client: UdpClient, length: int = 4_000) -> None:
    """Record a loop into slot 1 by OSC."""
    client.ask("/vamp/slot/1/record")
    on.audio.play(noise(length))
    client.ask("/vamp/slot/1/record")
    on.audio.play(64)


def test_verbs_play_a_loop_and_subscribers_hear_of_it(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        first = client.ask("/vamp/subscribe")
        assert first == [(f"/vamp/slot/{slot}/state", ["off", "off", 0.0, "", 0, 0, 0, 0]) for slot in (1, 2)]
        record(on, client)
        assert on.audio.play(4_000).any()
        told = client.received_before_pong()
        assert ("/vamp/slot/1/state", ["playing", "playing", 0.5, "", 0, 0, 0, 0]) in told
        assert ("/vamp/slot/1/seam", [1]) in told


def test_a_vamp_is_planned_made_and_heard(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/subscribe", 1)
        record(on, client)
        client.ask("/vamp/slot/1/vamp", 1.0)
        on.audio.play(64)
        on.wait(lambda: on.of(TakeMade))
        on.audio.play(8_000)
        on.wait(lambda: on.of(TakeHeard))
        told = dict(client.received_before_pong())
        assert told["/vamp/slot/1/planned"][:2] == [12, 2]
        assert told["/vamp/slot/1/progress"] == ["coarse", 0.5]
        take_id, seed = told["/vamp/slot/1/made"][:2]
        assert seed == on.engine.requests[0].settings.seed
        assert told["/vamp/slot/1/heard"] == [take_id, 0]
        assert told["/vamp/slot/1/state"][3] == take_id


def test_letting_go_of_a_button_does_nothing(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/slot/1/record", 0.0)
        on.audio.play(64)
        assert on.stage.states[0] is None


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_the_looper_has_an_address(tmp_path: Path, verb: str) -> None:
    with live(tmp_path) as (on, client):
        record(on, client)
        client.ask("/vamp/slot/1/record") if verb == "record" else None
        assert client.ask(f"/vamp/slot/1/{verb}") == []
        on.audio.play(64)
        answered = [command.verb for command, _ in on.recorder.commands if hasattr(command, "verb")]
        refused = client.received_before_pong()
        assert verb in answered or [address for address, _ in refused] == ["/vamp/error"]


def test_a_star_means_every_slot(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/slot/*/record")
        on.audio.play(64)
        assert [state.state for state in on.stage.states if state is not None] == ["recording", "recording"]
        client.ask("/vamp/slot/*/preset", "wild")
        assert len({on.stage.settings(slot).period for slot in (0, 1)}) == 1
        assert client.ask("/vamp/slot/*/vamp/set/period") == [
            (f"/vamp/slot/{slot}/vamp/set/period", [on.stage.settings(0).period]) for slot in (1, 2)
        ]


OTHER: dict[type, Any] = {bool: 1, int: 2, float: 0.5, str: "bar"}


@pytest.mark.parametrize("name", SLOT_RANGES)
def test_every_dial_of_a_slot_is_set_and_told(tmp_path: Path, name: str) -> None:
    value = {"fade_ms": 20.0}.get(name, OTHER[SLOT_RANGES[name].kind])
    with live(tmp_path) as (on, client):
        assert client.ask(f"/vamp/slot/2/set/{name}", value) == []
        on.audio.play(64)
        assert getattr(on.audio.looper.slots[1].controls, name) == value
        assert client.ask(f"/vamp/slot/2/set/{name}") == [(f"/vamp/slot/2/set/{name}", [value])]


@pytest.mark.parametrize("name", LOOPER_RANGES)
def test_every_dial_of_the_looper_is_set_and_told(tmp_path: Path, name: str) -> None:
    value = OTHER[LOOPER_RANGES[name].kind]
    with live(tmp_path) as (on, client):
        assert client.ask(f"/vamp/looper/set/{name}", value) == []
        on.audio.play(64)
        assert not [event for event in on.audio.looper.events if "Refused" in type(event).__name__]
        assert client.ask(f"/vamp/looper/set/{name}") == [(f"/vamp/looper/set/{name}", [value])]


@pytest.mark.parametrize("name", CLOCK_RANGES)
def test_every_dial_of_the_clock_is_set_and_told(tmp_path: Path, name: str) -> None:
    value = {"source": "internal", "tempo_bpm": 96.0, "beats_per_bar": 3}[name]
    with live(tmp_path) as (_, client):
        assert client.ask(f"/vamp/clock/set/{name}", value) == []
        assert client.ask(f"/vamp/clock/set/{name}") == [(f"/vamp/clock/set/{name}", [value])]


def test_the_clock_starts_is_nudged_and_stops(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/clock/set/tempo_bpm", 90.0)
        client.ask("/vamp/clock/start")
        assert client.ask("/vamp/clock") == [("/vamp/clock", [1, 90.0, 4, "internal", 0])]
        before = on.stage.time.grid
        client.ask("/vamp/clock/nudge", 25.0)
        after = on.stage.time.grid
        assert before is not None
        assert after is not None
        assert after.origin_s - before.origin_s == pytest.approx(0.025)
        client.ask("/vamp/clock/stop", 1)
        assert on.stage.time.grid is None


def test_taps_set_the_tempo_and_tell_it(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        assert client.ask("/vamp/clock/tap") == []
        time.sleep(0.25)
        ((address, values),) = client.ask("/vamp/clock/tap")
        assert address == "/vamp/clock"
        assert 100 < values[1] <= 240
        assert on.stage.time.grid is not None


@pytest.mark.parametrize(("name", "owner"), BELONGS_TO.items())
def test_a_setting_of_a_slot_without_effect_is_kept_and_says_so(tmp_path: Path, name: str, owner: str) -> None:
    value = {"beat_kind": "upbeats"}.get(name, OTHER[RANGES[name].kind])
    with live(tmp_path) as (on, client):
        client.ask(f"/vamp/slot/2/vamp/set/{owner}", 0)
        ((address, (text,)),) = client.ask(f"/vamp/slot/2/vamp/set/{name}", value)
        assert address == "/vamp/log"
        assert text.startswith(f"slot 2: {name} has no effect while {owner} is ")
        assert text.endswith("It is kept for later.")
        assert getattr(on.stage.settings(1), name) == value
        client.ask(f"/vamp/slot/2/vamp/set/{owner}", 1)
        assert client.ask(f"/vamp/slot/2/vamp/set/{name}", value) == []


def test_slots_without_effect_are_told_in_one_line_and_the_others_are_not_named(tmp_path: Path) -> None:
    with live(tmp_path) as (_, client):
        client.ask("/vamp/slot/*/vamp/set/typical", 0)
        reason = "typical_mass has no effect while typical is off. It is kept for later."
        assert client.ask("/vamp/slot/*/vamp/set/typical_mass", 0.5) == [("/vamp/log", [f"slots 1, 2: {reason}"])]
        client.ask("/vamp/slot/2/vamp/set/typical", 1)
        assert client.ask("/vamp/slot/*/vamp/set/typical_mass", 0.5) == [("/vamp/log", [f"slot 1: {reason}"])]


def test_what_the_clock_gives_in_a_slots_place_is_said(tmp_path: Path) -> None:
    with live(tmp_path) as (_, client):
        client.ask("/vamp/slot/1/vamp/set/beat_after_ms", 50)
        assert client.ask("/vamp/slot/1/vamp/set/beats_per_bar", 3) == []
        client.ask("/vamp/clock/start")
        ((_, (text,)),) = client.ask("/vamp/slot/1/vamp/set/beats_per_bar", 3)
        assert text.startswith("slot 1: beats_per_bar has no effect while tempo_bpm is 0 and the clock runs")
        client.ask("/vamp/slot/1/vamp/set/tempo_bpm", 90)
        assert client.ask("/vamp/slot/1/vamp/set/beats_per_bar", 3) == []


def test_each_slot_has_its_own_vamp_settings(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/slot/2/vamp/set/temperature", 0.25)
        assert on.stage.settings(1).temperature == 0.25
        assert on.stage.settings(0).temperature != 0.25


def test_the_sound_card_is_told_and_its_fate(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        assert client.ask("/vamp/audio") == [("/vamp/audio", ["out", 1, 8_000, 64, 2, 0, 0, 0.5])]
        client.ask("/vamp/subscribe")
        on.audio.tell(DeviceLost(0, "unplugged"))
        ((address, (text,)),) = client.received_before_pong()
        assert address == "/vamp/log"
        assert "unplugged" in text


@pytest.mark.parametrize(
    ("event", "said"),
    [(LooperLost("exit code -9"), "the loops are lost"), (AudioEnded("exit code -9"), "there will be no more sound")],
)
def test_subscribers_are_told_that_a_slot_is_empty_when_its_looper_is_gone(
    tmp_path: Path, event: LooperLost | AudioEnded, said: str
) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/subscribe")
        record(on, client)
        client.received_before_pong()
        on.audio.tell(event)
        (_, (text,)), *states = client.received_before_pong()
        assert said in text
        assert states == [("/vamp/slot/1/state", ["off", "off", 0.0, "", 0, 0, 0, 0])]


@pytest.mark.parametrize(
    ("address", "arguments", "code", "reason"),
    [
        ("/vamp/slot/9/record", (), "request", "there are 2 slots, 1 to 2, got slot 9"),
        ("/vamp/slot/0/record", (), "address", "a slot is a number from 1 to 32"),
        ("/vamp/slot/1x/record", (), "address", "a slot is a number from 1 to 32"),
        ("/vamp/slot/1/recrod", (), "address", "the nearest is /vamp/slot/<slot>/record"),
        ("/vamp/slot/1/record", ("now",), "argument", "pressed must be"),
        ("/vamp/slot/1/set/wet", (3.0,), "setting", "wet must be a number from 0 to 2 times, got 3.0"),
        ("/vamp/slot/1/set/wet", ("loud",), "argument", "wet must be"),
        ("/vamp/slot/1/preset", ("tame",), "setting", "must be one of faithful, balanced, wild"),
        ("/vamp/looper/set/dry", (-1,), "setting", "dry must be a share"),
        ("/vamp/subscribe", ("me",), "argument", "topics must be 1, 0, or some of state, "),
        ("/vamp/clock/set/tempo_bpm", (5.0,), "setting", "tempo_bpm must be a number from 20 to 300 bpm"),
        ("/vamp/clock/nudge", (900.0,), "setting", "nudge_ms must be"),
    ],
)
def test_what_is_wrong_is_answered_with_the_reason(
    tmp_path: Path, address: str, arguments: tuple[Any, ...], code: str, reason: str
) -> None:
    with live(tmp_path) as (_, client):
        ((told, values),) = client.ask(address, *arguments)
        assert told == "/vamp/error"
        assert values[:2] == [code, address]
        assert reason in values[2]


def test_what_the_looper_refuses_is_told_to_the_one_who_pressed(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/slot/2/undo")
        on.audio.play(64)
        ((told, values),) = client.received_before_pong()
        assert told == "/vamp/error"
        assert values[:2] == ["looper", "/vamp/slot/2/undo"]
        assert "record first" in values[2]


def test_unsubscribing_ends_it(tmp_path: Path) -> None:
    with live(tmp_path) as (on, client):
        client.ask("/vamp/subscribe", 1)
        client.ask("/vamp/subscribe", 0)
        record(on, client)
        assert client.received_before_pong() == []


@pytest.mark.parametrize("address", sorted({message.address for message in LIVE_IN})[::7])
def test_a_server_without_loops_says_how_to_have_them(tmp_path: Path, address: str) -> None:
    arguments = ("x",) if address.endswith(("preset", "recall")) else ()
    arguments = ("wild",) if address.endswith("preset") else arguments
    with serving(FakeEngine(), tmp_path) as server, client_of(server) as client:
        ((told, values),) = client.ask(address.replace("<slot>", "1"), *arguments)
        assert told == "/vamp/error"
        assert "vampbridge live" in values[2]


def test_addresses_name_slots_from_one() -> None:
    assert split_slot("/vamp/slot/3/vamp/set/period") == (SLOT_VAMP + "period", 2)
    assert split_slot("/vamp/slot/*/record") == ("/vamp/slot/<slot>/record", -1)
    assert split_slot("/vamp/file") == ("/vamp/file", None)
