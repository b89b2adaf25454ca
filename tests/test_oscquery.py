"""What OSCQuery tells is true: the tree is the protocol table, and every answer is as the proposal has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_helpers import Set
from oscquery_helpers import nodes_of
from serve_helpers import FakeEngine
from vampbridge.bridge.live_protocol import SLOT, slot_address
from vampbridge.bridge.message_spec import Argument, Message
from vampbridge.bridge.oscquery.answers import ATTRIBUTES, EXTENSIONS, Book, HostInfo
from vampbridge.bridge.oscquery.nodes import describe, range_of, tag_of_argument
from vampbridge.bridge.oscquery.start import make_board
from vampbridge.bridge.oscquery.tree import Namespace
from vampbridge.bridge.oscquery.values import Board, Source
from vampbridge.bridge.protocol import LIVE_MESSAGES, TABLES, UNLOOP_MESSAGES
from vampbridge.engine.settings import DEFAULT_PRESET, RANGES, preset

TABLE = tuple(message for part in TABLES for message in part.messages)
N_SLOTS = 2
NOT_LISTED = "<setting>", "<control>"  # replies of addresses that the table names one by one
QUESTIONS = {"/vamp/status": lambda: ("fake", 1, 0, 0, 0, 2**40, 0, 0, 0, 0, 0, 0)}  # as a server gives them


@pytest.fixture(scope="module")
def book() -> Iterator[Book]:
    """Of a stage that plays nothing yet."""
    with Set() as on:
        board = make_board(on.engine, on.stage, QUESTIONS)
        yield Book(Namespace(TABLE, N_SLOTS, board.is_readable), board, HostInfo("Vampbridge", 8001, 8002))


def get(book: Book, target: str) -> tuple[int, Any]:
    answer = book.answer(target, "192.0.2.7")
    return answer.status.value, json.loads(
        answer.body
    ) if answer.media_type == "application/json" and answer.body else ""


def addresses_of(message: Message) -> list[str]:
    if any(word in message.address for word in NOT_LISTED):
        return []
    if "<slot>" in message.address:
        return [slot_address(message.address, slot) for slot in range(N_SLOTS)]
    return [message.address]


def test_every_message_of_the_table_is_in_the_tree_and_nothing_else(book: Book) -> None:
    _, tree = get(book, "/")
    found = {node["FULL_PATH"] for node in nodes_of(tree) if "TYPE" in node or "TAGS" in node}
    assert found == {address for message in TABLE for address in addresses_of(message)}
    assert len(found) > 200


def test_every_range_is_that_of_the_table(book: Book) -> None:
    n_ranges = 0
    for message in TABLE:
        for address in addresses_of(message) if message.direction == "in" else ():
            status, told = get(book, f"{address}?RANGE")
            ranges = [argument.range for argument in message.arguments]
            if not any(ranges):
                assert status == 204
                continue
            for limits, shown in zip(ranges, told["RANGE"], strict=True):
                if limits is None:
                    assert shown == {}
                elif limits.choices:
                    assert shown == {"VALS": list(limits.choices)}
                elif limits.kind is bool:
                    assert shown == {"MIN": 0, "MAX": 1, "VALS": [0, 1]}
                else:
                    assert (shown.get("MIN"), shown.get("MAX")) == (limits.low, limits.high)
                n_ranges += 1
    assert n_ranges > 100


def test_a_message_of_the_type_and_range_told_is_accepted_by_the_table() -> None:
    examples: dict[str, Any] = {"i": 1, "h": 1, "f": 0.5, "s": "/tmp/x.wav", "b": b"\1"}  # noqa: S108 - never opened
    for message in TABLE:
        if message.direction != "in" or not message.arguments:
            continue
        told = describe(message, None, is_readable=False)
        ranges = told.get("RANGE", [{}] * len(told["TYPE"]))
        assert len(told["TYPE"]) == len(ranges) == len(message.arguments)
        values = [
            (r.get("VALS") or [r.get("MAX", examples[tag])])[-1] for tag, r in zip(told["TYPE"], ranges, strict=True)
        ]
        message.parse(values, told["TYPE"])
        for overload in told.get("OVERLOADS", ()):
            tags = overload["TYPE"]
            if len(tags) == len(values) == 1:
                values = [{"T": True, "F": False, "N": None, "s": "random"}.get(tags, values[0])]
                if message.arguments[0].range is None:
                    values = [examples.get(tags, 1)]
            message.parse(values[: len(tags)], tags)


def test_every_value_has_the_type_that_is_told(book: Book) -> None:
    kinds = {"i": int, "h": int, "f": (int, float), "s": str}
    _, tree = get(book, "/")
    readable = [node for node in nodes_of(tree) if "VALUE" in node]
    assert len(readable) > 100
    for node in readable:
        assert node["ACCESS"] & 1
        assert len(node["VALUE"]) == len(node["TYPE"])
        for item, tag in zip(node["VALUE"], node["TYPE"], strict=True):
            if node["FULL_PATH"].endswith("/seed"):
                assert item == "random"  # an OVERLOAD: no number says that it is drawn anew
            else:
                assert isinstance(item, kinds[tag]), node


def test_what_each_kind_of_address_says_of_its_access(book: Book) -> None:
    access = {
        "/": 0,
        "/vamp/slot/1/set/wet": 3,
        "/vamp/slot/2/vamp/set/temperature": 3,
        "/vamp/looper/set/dry": 3,
        "/vamp/clock/set/tempo_bpm": 3,
        "/vamp/set/temperature": 3,
        "/vamp/slot/1/record": 2,
        "/vamp/file": 2,
        "/vamp/slot/1/state": 1,
        "/vamp/slot/1/progress": 1,
        "/vamp/clock": 1,
        "/vamp/audio": 1,
        "/vamp/version": 1,
        "/vamp/status": 1,
        "/vamp/subscribe/rate_hz": 3,
        "/vamp/slot/1/position": 1,
        "/vamp/slot/1/heard": 1,
        "/vamp/slot/1/loaded": 0,
        "/vamp/slot/1/take": 0,
        "/vamp/pong": 0,
        "/vamp/done": 0,
    }
    assert {path: get(book, f"{path}?ACCESS")[1]["ACCESS"] for path in access} == access


def test_every_question_has_a_value_or_stands_in_the_docs_among_those_that_have_none(
    book: Book, repo_root: Path
) -> None:
    answered = {message.address for message in TABLE if message.direction == "out"}
    without = set()
    for message in TABLE:
        is_open = message.may_be_empty or all(argument.optional for argument in message.arguments)
        is_question = message.direction == "in" and is_open and (message.may_be_empty or message.address in answered)
        if is_question and message not in UNLOOP_MESSAGES:
            address = addresses_of(message)[0]
            value = get(book, f"{address}?VALUE")
            without |= {message.address.replace("<slot>", "<n>")} if value[0] == 204 or not value[1] else set()
    without.remove("/vamp/bye")  # no question: it ends the conversation
    assert without == {
        "/vamp/hello",
        "/vamp/mask",
        "/vamp/settings",
        "/vamp/slot/<n>/mask",
        "/vamp/slot/<n>/takes",
        "/vamp/takes",
    }
    page = (repo_root / "docs" / "oscquery.md").read_text(encoding="utf-8")
    said = page.partition("No VALUE have:")[2].partition("## ")[0]
    assert all(f"`{address}`" in said for address in without)


def test_an_address_may_be_a_message_and_hold_others(book: Book) -> None:
    _, told = get(book, "/vamp/slot/1/vamp")
    assert told["TYPE"] == "i"
    assert "temperature" in told["CONTENTS"]["set"]["CONTENTS"]


def test_a_dial_says_all_that_a_surface_needs(book: Book) -> None:
    assert get(book, "/vamp/slot/2/set/fade_ms")[1] == {
        "FULL_PATH": "/vamp/slot/2/set/fade_ms",
        "DESCRIPTION": "Crossfade where one thing takes over from another. Set fade_ms of the slot. Without argument: "
        "replies with the same address and the current value.",
        "ACCESS": 3,
        "TAGS": ["dial"],
        "TYPE": "f",
        "EXTENDED_TYPE": ["fade_ms"],
        "RANGE": [{"MIN": 1.0, "MAX": 200.0}],
        "CLIPMODE": ["none"],
        "UNIT": ["time.ms"],
        "OVERLOADS": [{"TYPE": "i"}],
        "VALUE": [10.0],
    }
    assert get(book, "/vamp/slot/2/set/quantise?RANGE")[1] == {"RANGE": [{"VALS": ["off", "beat", "bar", "loop"]}]}
    assert get(book, "/vamp/slot/2/set/mono?VALUE&TAGS")[1] == {"VALUE": [0], "TAGS": ["switch"]}
    assert get(book, "/vamp/file?EXTENDED_TYPE")[1] == {"EXTENDED_TYPE": ["filepath", "filepath", "request_id"]}


def test_a_setting_of_files_is_worth_what_a_client_starts_with(book: Book) -> None:
    start = preset(DEFAULT_PRESET)
    for name in RANGES:
        value = getattr(start, name)
        assert get(book, f"/vamp/set/{name}?VALUE")[1] == {"VALUE": ["random" if value is None else value]}


@pytest.mark.parametrize(
    ("target", "status", "told"),
    [
        ("/vamp/clock/set/source?VALUE", 200, {"VALUE": ["internal"]}),
        ("/vamp/clock/set/source/?VALUE#ignored", 200, {"VALUE": ["internal"]}),
        ("/vamp/clock/set/%73ource?TYPE", 200, {"TYPE": "s"}),
        ("/vamp/slot/1/made?VALUE", 200, {}),  # readable, and nothing made yet
        ("/vamp/slot/1/record?VALUE", 204, ""),  # nothing to read
        ("/vamp/slot/1?VALUE", 204, ""),
        ("/vamp/slot/1?TYPE", 204, ""),
        ("/vamp/slot/1/set/wet?CONTENTS", 204, ""),
        ("/vamp/ping?TYPE", 204, ""),
        ("/vamp/pong?UNIT", 204, ""),
        ("/vamp/slot/1/set/wet?NONSENSE", 400, ""),
        ("/vamp/slot/1/set/wet?HTML", 400, ""),  # the proposal knows it, we have it not
        ("/vamp/slot/1/set/wet?value", 400, ""),
        ("/vamp/slot/1/set/wet?VALUE&NONSENSE", 400, ""),
        ("/%ff", 400, ""),
        ("//[", 400, ""),
        ("/vamp/slot/3/set/wet", 404, ""),
        ("/vamp/slot/*/set/wet", 404, ""),
        ("/vamp/slot/1/set", 200, None),
        ("/vamp/../vamp", 404, ""),
        ("/nothing?VALUE", 404, ""),
        ("", 200, None),
    ],
)
def test_status_codes_are_those_of_the_proposal(book: Book, target: str, status: int, told: Any) -> None:
    got = get(book, target)
    assert got[0] == status, got
    assert told is None or got[1] == told


def test_host_info_is_true_at_every_path(book: Book) -> None:
    for path in ("/", "/vamp/slot/1", "/nothing"):
        status, told = get(book, f"{path}?HOST_INFO")
        assert status == 200
        assert told == {
            "NAME": "Vampbridge",
            "EXTENSIONS": dict.fromkeys(EXTENSIONS, True),
            "OSC_IP": "192.0.2.7",
            "OSC_PORT": 8001,
            "OSC_TRANSPORT": "UDP",
            "WS_IP": "192.0.2.7",
            "WS_PORT": 8002,
        }


def test_every_extension_that_is_promised_is_there_and_no_other_attribute(book: Book) -> None:
    _, tree = get(book, "/")
    assert {name for node in nodes_of(tree) for name in node} == ATTRIBUTES
    assert ATTRIBUTES - {"FULL_PATH", "CONTENTS", "TYPE"} == set(EXTENSIONS) - {"LISTEN"}


def test_a_server_without_a_stage_offers_no_slots() -> None:
    table = [message for message in TABLE if message not in LIVE_MESSAGES]
    board = make_board(FakeEngine(), None, {})
    book = Book(Namespace(table, 0, board.is_readable), board, HostInfo("x", 1, 2))
    assert get(book, "/vamp/slot/1")[0] == 404
    assert get(book, "/vamp/version?VALUE")[1]["VALUE"][2] == "fake"


def test_numbers_beyond_32_bits_are_told_as_int64() -> None:
    wide = next(m for m in TABLE if m.address == "/vamp/set/seed").arguments[0]
    assert tag_of_argument(wide) == "h"
    assert range_of(wide) == {"MIN": 0, "MAX": 2**63 - 1}
    assert tag_of_argument(Argument("seed", "ih")) == "h"


def test_what_json_cannot_say_is_null() -> None:
    message = Message("/x", "out", "", (Argument("a", "f"), Argument("b", "b")))
    board = Board([Source(lambda: (float("inf"), b"\0"), {"/x": lambda value: value})])
    book = Book(Namespace([message], 0, board.is_readable), board, HostInfo("x", 1, 2))
    assert get(book, "/x?VALUE") == (200, {"VALUE": [None, None]})


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_target_is_answered(book: Book, path: str, query: str) -> None:
    assert get(book, f"/{path}?{query}")[0] in (200, 204, 400, 404)


def test_what_was_told_last_of_a_slot_is_its_value() -> None:
    with Set() as on:
        board = make_board(on.engine, on.stage, QUESTIONS)
        address = slot_address(SLOT + "heard", 1)
        assert board.get(address) is None
        board.changed()
        board.tell(address, ["0123456789ab", 0])
        assert board.get(address) == ("0123456789ab", 0)
        assert board.changed() == [(address, ("0123456789ab", 0))]
        assert board.changed() == []
        board.tell("/vamp/slot/1/set/wet", [9.0])  # has a source, which is right whoever says something else
        assert board.get("/vamp/slot/1/set/wet") == (1.0,)


def test_every_dial_that_is_turned_is_seen_and_no_other() -> None:
    with Set() as on:
        board = make_board(on.engine, on.stage, QUESTIONS)
        on.stage.controls[1] = on.stage.controls[1].changed(wet=0.5)
        on.stage.set_settings(0, on.stage.settings(0).changed(temperature=2.0, seed=7))
        on.stage.looper_controls = on.stage.looper_controls.changed(dry=0.25)
        on.stage.time.set(tempo_bpm=90.0)
        assert dict(board.changed()) == {
            "/vamp/slot/2/set/wet": (0.5,),
            "/vamp/slot/1/vamp/set/temperature": (2.0,),
            "/vamp/slot/1/vamp/set/seed": (7,),
            "/vamp/looper/set/dry": (0.25,),
            "/vamp/clock/set/tempo_bpm": (90.0,),
            "/vamp/clock": (1, 90.0, 4, "internal", 0),
        }
