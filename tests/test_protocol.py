"""The protocol table, the packets, and the page made from the table."""

from __future__ import annotations

import itertools
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import build_msg
from serve_helpers import FakeEngine, serving
from vampbridge.bridge.errors import AddressError, ArgumentError, MalformedError, clip
from vampbridge.bridge.message_spec import TAG_NAMES
from vampbridge.bridge.net.limits import MAX_BUNDLED
from vampbridge.bridge.osc_server import MAX_BUNDLE_DEPTH, Double, OscMessage, UdpPort, build_message, parse_packet
from vampbridge.bridge.protocol import INCOMING, ONLY_REPLIES, OWN_MESSAGES, SET_PREFIX, UNLOOP_MESSAGES, look_up
from vampbridge.bridge.protocol_docs import main, render
from vampbridge.engine.errors import SettingError
from vampbridge.engine.settings import DEFAULT_PRESET, RANGES, VampSettings, preset

VALUES = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "h": st.integers(-(2**63), 2**63 - 1),
    "f": st.floats(width=32),
    "d": st.floats(),
    "s": st.text("ab/*{é☃𝄞 ", max_size=20),  # the whole of Unicode takes long to set up
    "b": st.binary(min_size=1, max_size=20),
    "T": st.just(True),
    "F": st.just(False),
    "N": st.none(),
}
TAGGED = st.sampled_from(sorted(VALUES)).flatmap(lambda tag: VALUES[tag].map(lambda value: (tag, value)))
PING = build_msg("/vamp/ping").dgram


def bundle_of(*elements: bytes, timetag: int = 1) -> bytes:
    sized = b"".join(struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\0" + struct.pack(">Q", timetag) + sized


def test_every_line_of_the_table_has_a_handler_and_no_other_does(tmp_path: Path) -> None:
    with serving(FakeEngine(), tmp_path) as server:
        assert server.handlers.keys() == INCOMING.keys()


def test_an_address_stands_in_the_table_once_for_each_direction() -> None:
    places = [(message.address, message.direction) for message in OWN_MESSAGES + UNLOOP_MESSAGES]
    assert len(places) == len(set(places))
    assert all(message.address.startswith("/vamp/") for message in OWN_MESSAGES)
    assert {"/vamp/error", "/error", "/vamp/done"} <= ONLY_REPLIES


def test_docs_are_those_of_the_table(repo_root: Path, tmp_path: Path) -> None:
    main([str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == render()
    made = (repo_root / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert made == render(), "run `python -m vampbridge.bridge.protocol_docs`"


def test_docs_name_every_address_range_and_argument() -> None:
    page = render()
    for message in OWN_MESSAGES + UNLOOP_MESSAGES:
        assert f"`{message.address}" in page
        for argument in message.arguments:
            assert f"| `{argument.name}` |" in page
            assert argument.range is None or argument.range.describe() in page


@pytest.mark.parametrize("name", RANGES)
def test_every_setting_has_an_address_with_its_own_range_and_start(name: str) -> None:
    (argument,) = INCOMING[SET_PREFIX + name].arguments
    assert argument.range is RANGES[name]
    start = getattr(preset(DEFAULT_PRESET), name)
    assert argument.default == ("random" if start is None else start)


def test_the_nearest_address_is_named() -> None:
    with pytest.raises(AddressError, match=r"'/vamp/set/temprature'; the nearest is /vamp/set/temperature"):
        look_up("/vamp/set/temprature")
    with pytest.raises(AddressError, match="the nearest is /process"):
        look_up("/proces")


@pytest.mark.parametrize("address", ["/vamp", "/vamp/nope", "/vamp/by", "/vamp/bye/"])
def test_nobody_is_sent_away(address: str) -> None:
    with pytest.raises(AddressError) as refused:
        look_up(address)
    assert "/vamp/bye" not in str(refused.value).replace(repr(address), "")


def test_every_heading_of_the_page_stands_by_itself() -> None:
    lines = render().splitlines()
    assert [line for before, line in itertools.pairwise(lines) if line.startswith("#") and before] == []


@pytest.mark.parametrize(
    ("address", "tags", "values", "error", "says"),
    [
        ("/vamp/ping", "i", [1], ArgumentError, "/vamp/ping takes 0 arguments, got 1"),
        ("/vamp/file", "s", ["a"], ArgumentError, r"takes 2 to 3 arguments, got 1: path_in path_out \[request_id\]"),
        ("/vamp/mask", "ii", [1, 1], ArgumentError, "at least 3 arguments, got 2"),
        ("/vamp/preset", "", [], ArgumentError, "/vamp/preset takes 1 argument, got 0: name"),
        ("/vamp/file", "is", [1, "b"], ArgumentError, "path_in must be string, got int 1"),
        (
            "/vamp/set/temperature",
            "s",
            ["hot"],
            ArgumentError,
            "temperature must be int, .* or double, got string 'hot'",
        ),
        ("/vamp/set/temperature", "f", [5.5], SettingError, r"temperature must be a number from 0 to 5, got 5.5"),
        ("/vamp/set/temperature", "f", [math.nan], SettingError, "got nan"),
        ("/vamp/set/period", "f", [1.5], SettingError, r"a whole number from 0 to 128 frames, got 1.5"),
        ("/vamp/set/period", "T", [True], ArgumentError, "got true"),
        ("/vamp/set/loop", "i", [2], SettingError, "loop must be true or false, got 2"),
        ("/vamp/set/combine", "s", ["some"], SettingError, "combine must be one of any, all, got 'some'"),
        ("/vamp/set/seed", "i", [-1], SettingError, "seed must be"),
        ("/vamp/preset", "s", ["loud"], SettingError, "faithful, balanced, wild, got 'loud'"),
        ("/vamp/reply_port", "i", [65_536], SettingError, "from 1 to 65535, got 65536"),
    ],
)
def test_wrong_arguments_are_named_with_their_range(
    address: str, tags: str, values: list[Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        look_up(address)[0].parse(values, tags)


@pytest.mark.parametrize(
    ("name", "tag", "sent", "kept"),
    [
        ("period", "f", 7.0, 7),
        ("loop", "f", 0.0, False),
        ("loop", "T", True, True),
        ("loop", "i", 1, True),
        ("temperature", "i", 1, 1.0),
        ("seed", "N", None, None),
        ("seed", "s", "random", None),
        ("seed", "h", 2**40, 2**40),
    ],
)
def test_values_arrive_in_the_settings_own_type(name: str, tag: str, sent: object, kept: object) -> None:
    parsed = look_up(SET_PREFIX + name)[0].parse([sent], tag)
    assert parsed == {name: kept}
    assert type(parsed[name]) is type(kept)
    assert getattr(VampSettings().changed(**parsed), name) == kept


@given(address=st.sampled_from(sorted(INCOMING)), arguments=st.lists(TAGGED, max_size=20))
def test_any_arguments_are_taken_or_refused_in_words(address: str, arguments: list[tuple[str, Any]]) -> None:
    message, parsed, said = INCOMING[address], {}, None
    try:
        parsed = message.parse([value for _, value in arguments], "".join(tag for tag, _ in arguments))
    except (ArgumentError, SettingError) as error:
        said = str(error)
    names = {argument.name for argument in message.arguments}
    assert parsed.keys() <= names
    assert said is None or any(name in said for name in (address, *names))


def as_received(tag: str, value: Any) -> Any:
    return Double(value) if tag == "d" else value


@given(arguments=st.lists(TAGGED, max_size=8))
def test_what_was_received_is_sent_back_as_it_was(arguments: list[tuple[str, Any]]) -> None:
    (message,) = parse_packet(build_message("/a", [as_received(*argument) for argument in arguments]))
    # An int64 that fits 32 bits may go back as int: the same number, and Max can read it.
    expected = ["i" if tag == "h" and -(2**31) <= value < 2**31 else tag for tag, value in arguments]
    assert message.tags == "".join(expected)
    (again,) = parse_packet(build_message("/a", message.arguments))
    assert again.tags == message.tags
    assert list(map(repr, again.arguments)) == list(map(repr, message.arguments))
    for got, (tag, sent) in zip(message.arguments, arguments, strict=True):
        if tag == "f":
            same = struct.pack(">f", got) == struct.pack(">f", sent)
            assert same or (math.isnan(got) and math.isnan(sent))
        elif tag == "d":
            assert struct.pack(">d", got) == struct.pack(">d", sent) or (math.isnan(got) and math.isnan(sent))
        else:
            assert got == sent


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (2**31 - 1, "i"),
        (-(2**31), "i"),
        (2**31, "h"),
        (2**32 - 1, "h"),
        (-(2**31) - 1, "h"),
        (1e300, "d"),
        (3.5e38, "d"),
        (0.1, "f"),
        (math.inf, "f"),
    ],
)
def test_a_number_is_sent_by_a_type_that_holds_it(value: float, tag: str) -> None:
    (message,) = parse_packet(build_message("/a", [value]))
    assert (message.tags, message.arguments) == (tag, (value,))


def test_what_cannot_be_sent_is_counted_and_never_raised() -> None:
    port = UdpPort("127.0.0.1", 0)
    unsendable: list[Any] = [2**63, object(), "x" * 70_000]
    for count, value in enumerate(unsendable, start=1):
        port.send((port.host, port.port), "/a", [value])
        assert port.failed_sends == count
    port.close()


@given(value=st.decimals(-1000, 1000, places=3))
def test_a_float_means_the_decimal_that_was_typed(value: Any) -> None:
    (message,) = parse_packet(build_msg("/a", float(value)).dgram)
    assert message.arguments == (float(value),)


def test_the_end_of_a_range_can_be_sent_as_a_float() -> None:
    (message,) = parse_packet(build_msg("/vamp/set/top_p", RANGES["top_p"].low).dgram)
    assert look_up(message.address)[0].parse(message.arguments, message.tags) == {"top_p": RANGES["top_p"].low}


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: b"/a\0\0," + tail)))
def test_any_bytes_are_messages_or_malformed(datagram: bytes) -> None:
    try:
        messages = parse_packet(datagram)
    except MalformedError:
        return
    assert all(len(message.tags) == len(message.arguments) for message in messages)
    assert all(set(message.tags) <= set(TAG_NAMES) for message in messages)


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.integers(0, 10_000))
def test_a_damaged_bundle_ends_in_words_and_in_time(at: int, byte: int, cut: int) -> None:
    whole = bytearray(bundle_of(PING, build_msg("/vamp/file", ["in", "out", 7]).dgram, bundle_of(PING)))
    whole[at % len(whole)] = byte
    messages, said = [], None
    try:
        messages = parse_packet(bytes(whole[: len(whole) - cut % 20]))
    except MalformedError as error:
        said = str(error)
    assert len(messages) <= 3
    assert said is None or 0 < len(said) < 200  # short enough to be sent to whoever sent it


def test_bundles_are_flattened_in_order_and_each_message_has_its_time() -> None:
    builder = OscBundleBuilder(IMMEDIATELY)
    builder.add_content(build_msg("/1"))
    inner = OscBundleBuilder(2e9)  # in 2033
    inner.add_content(build_msg("/2"))
    builder.add_content(inner.build())
    builder.add_content(build_msg("/3"))
    messages = parse_packet(builder.build().dgram)
    assert [message.address for message in messages] == ["/1", "/2", "/3"]
    in_2033 = (2_000_000_000 + 2_208_988_800) << 32
    assert [message.timetag for message in messages] == [1, in_2033, 1]


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"hello",
        b"#bundle\0",
        bundle_of(PING)[:-1],
        bundle_of(b""),
        bundle_of(b"junk"),
        bundle_of(PING, b"junk"),
        b"#bundle\0" + bytes(8) + struct.pack(">i", -4),
        b"#bundle\0" + bytes(8) + struct.pack(">i", -20) + PING,
        b"/a",
        b"/\xff\xff\0",
        b"/a\0\0iiii",
        b"/a\0\0,i\0\0",
        b"/a\0\0,X\0\0",
        b"/a\0\0,[i]" + bytes(6),
        b"/a\0\0,b\0\0" + struct.pack(">i", 2**31 - 1),
    ],
)
def test_what_is_no_osc_is_malformed_as_a_whole(datagram: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_packet(datagram)


def test_bundles_may_be_nested_but_not_without_end() -> None:
    packet = PING
    for _ in range(MAX_BUNDLE_DEPTH):
        packet = bundle_of(packet)
    assert parse_packet(packet) == [OscMessage("/vamp/ping")]
    with pytest.raises(MalformedError, match="nested"):
        parse_packet(bundle_of(packet))


def test_a_bundle_holds_so_many_messages_and_no_more() -> None:
    assert len(parse_packet(bundle_of(*[PING] * MAX_BUNDLED))) == MAX_BUNDLED
    inner = bundle_of(*[PING] * (MAX_BUNDLED // 2))
    with pytest.raises(MalformedError, match=f"may hold {MAX_BUNDLED}"):
        parse_packet(bundle_of(inner, inner, PING))


def test_a_message_without_type_tags_has_no_arguments() -> None:
    assert parse_packet(b"/vamp/ping\0\0") == [OscMessage("/vamp/ping")]


def test_text_that_osc_cannot_hold_is_still_sent() -> None:
    (message,) = parse_packet(build_message("/log", ["a\0b", "\udcff"]))
    assert message.arguments == ("a\N{REPLACEMENT CHARACTER}b", "?")


def test_long_quotes_are_clipped_to_fit_a_datagram() -> None:
    assert clip("short") == "short"
    assert len(clip("x" * 60_000)) == 1000
