"""Promises about events: what a server tells is typed and is seen when it is printed, however strange it may be."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.bridge.client.events import (
    CLASSES,
    Event,
    Heard,
    Loaded,
    Log,
    Refused,
    Saved,
    Seam,
    SlotState,
    SlotTakesTold,
    SlotTakeTold,
    event_of,
    events_in,
)
from vampbridge.bridge.osc_server import build_message
from vampbridge.bridge.protocol import LIVE_MESSAGES, OWN_MESSAGES
from vampbridge.bridge.transfers.protocol import TRANSFERS_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_classes_of_events_are_lines_of_the_table() -> None:
    messages = OWN_MESSAGES + LIVE_MESSAGES + TRANSFERS_OUT
    table = {message.address: message for message in messages if message.direction == "out"}
    for address, made in CLASSES.items():
        told = {argument.name for argument in table[address].arguments}
        named = {{"slot": "slot"}.get(word, "name") for word in re.findall("<(.*?)>", address)}
        own = {spec.metadata.get("argument", spec.name) for spec in fields(made)} - {"arguments"}
        own = own if made is Refused else own - {"address"}
        assert own <= told | named, address


def test_a_slot_is_counted_from_one() -> None:
    (event,) = events_in(build_message("/vamp/slot/2/state", ("playing", "muted", 1.5, "abc", 3, 0, 1, 0)))
    assert event == SlotState(
        address="/vamp/slot/2/state",
        arguments=("playing", "muted", 1.5, "abc", 3, 0, 1, 0),
        slot=2,
        state="playing",
        next_state="muted",
        loop_s=1.5,
        take_id="abc",
        undo=3,
        redo=0,
        auto=1,
        held=0,
    )


def test_a_newer_server_may_say_more() -> None:
    (event,) = events_in(build_message("/vamp/log", ("text", 5)))
    assert isinstance(event, Log)
    assert (event.text, event.arguments) == ("text", ("text", 5))
    (event,) = events_in(build_message("/vamp/new/thing", (1,)))
    assert type(event) is Event
    assert repr(event) == "Event(address='/vamp/new/thing', arguments=(1,))"


def test_what_is_told_is_seen_when_it_is_printed() -> None:
    told = ("ab", 5, 1.5, "L1", 2)
    for address, arguments, shown in (
        ("/vamp/take", told, "TakeTold(address='/vamp/take', take_id='ab', seed=5, length_s=1.5, parent='L1', slot=2)"),
        ("/vamp/takes", (3,), "TakesTold(address='/vamp/takes', count=3)"),
        ("/vamp/settings", (41,), "Event(address='/vamp/settings', arguments=(41,))"),
    ):
        (event,) = events_in(build_message(address, arguments))
        assert repr(event) == shown


def test_takes_of_slots_are_typed() -> None:
    for name, arguments, made in (
        ("take", ("ab", 5, 1.5, ""), SlotTakeTold),
        ("takes", (2,), SlotTakesTold),
        ("loaded", ("ab", 1.5, "/loop.wav"), Loaded),
        ("saved", ("/take.wav", "ab"), Saved),
    ):
        (event,) = events_in(build_message(f"/vamp/slot/2/{name}", arguments))
        assert type(event) is made
        assert event.slot == 2
        assert tuple(vars(event).values())[-len(arguments) :] == arguments


class Stage:
    """Stands for a client on a stage where a loop plays: its events do not end by themselves."""

    def __init__(self, last: Event, **_: object) -> None:
        self._last, self.pressed = last, list[str]()
        self.preset = self.set_vamp = self.send = self.subscribe = lambda *_, **__: None
        self.press = self.pressed.append

    def __enter__(self) -> Stage:  # noqa: PYI034 - Self is in typing from 3.11 on
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def slot(self, _number: int) -> Stage:
        return self

    def events(self, timeout_s: float) -> Iterator[Event]:
        assert timeout_s > 0
        seam = Seam(address="/vamp/slot/1/seam", arguments=(1,), slot=1, cycle=1)
        yield from (seam, seam, self._last, seam)
        pytest.fail("the example goes on for ever")


@pytest.mark.parametrize(
    ("address", "arguments", "shown"),
    [
        ("/vamp/slot/1/heard", ("ab", 0), "slot 1 plays take ab"),
        ("/vamp/error", ("looper", "/vamp/slot/1/vamp", "nothing plays", ""), "nothing plays"),
    ],
)
def test_the_example_for_the_stage_ends(
    capsys: pytest.CaptureFixture[str], address: str, arguments: tuple[Any, ...], shown: str
) -> None:
    (last,) = events_in(build_message(address, arguments))
    assert isinstance(last, Heard | Refused)
    page = (Path(__file__).resolve().parent.parent / "docs" / "controllers.md").read_text(encoding="utf-8")
    (example,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "Heard" in block]
    stage = Stage(last)
    exec(example, {"VampbridgeClient": lambda **_: stage})  # noqa: S102 - our own page
    assert capsys.readouterr().out == shown + "\n"
    assert stage.pressed == ["record", "record", "vamp"]


ADDRESSES = st.sampled_from([*CLASSES, "/vamp", "/", "/vamp/slot/x/state", "/vamp/slot//seam"])
ARGUMENTS = st.lists(st.sampled_from([("i", 1), ("f", 0.5), ("s", "text"), ("b", b"x"), ("N", None), ("T", True)]))


@given(address=ADDRESSES.map(lambda text: text.replace("<slot>", "3")), arguments=ARGUMENTS)
def test_no_message_is_too_strange(address: str, arguments: list[tuple[str, Any]]) -> None:
    values = [value for _, value in arguments]
    event = event_of(address, values, "".join(tag for tag, _ in arguments))
    assert (event.address, event.arguments) == (address, tuple(values))


@given(packet=st.binary(max_size=64))
def test_no_packet_is_too_strange(packet: bytes) -> None:
    assert all(isinstance(event, Event) for event in events_in(packet))
