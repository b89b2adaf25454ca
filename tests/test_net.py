"""The parts of the network edge by themselves: framing, patterns, rates, time tags, tokens. No sockets."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from net_helpers import slip, unslip
from vampbridge.bridge.errors import AddressError, MalformedError, TimetagError
from vampbridge.bridge.net.buckets import TokenBucket
from vampbridge.bridge.net.limits import MAX_AHEAD_S, MAX_SCHEDULED, MAX_SCHEDULED_EACH
from vampbridge.bridge.net.patterns import is_pattern, matching
from vampbridge.bridge.net.schedule import IMMEDIATELY, Schedule, seconds_ahead
from vampbridge.bridge.net.slip import FrameReader, frame, unescape
from vampbridge.bridge.net.token import draw_token, is_same, read_token
from vampbridge.engine.errors import SettingError

TRICKY = st.lists(st.sampled_from([b"\xc0", b"\xdb", b"\xdc", b"\xdd", b"a", b"/x"]), max_size=40).map(b"".join)


@given(TRICKY)
@example(b"\xdb\xdd\xdc")
@example(b"\xdb\xdc")
@example(b"\xc0" * 9)
def test_what_is_framed_is_what_rfc_1055_says_and_comes_back(packet: bytes) -> None:
    framed = frame(packet)
    assert framed == slip(packet)
    assert unescape(framed[1:-1]) == packet


@settings(max_examples=50)
@given(packets=st.lists(TRICKY.filter(bool), max_size=6), cuts=st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_packets_are_found_however_the_stream_is_cut(packets: list[bytes], cuts: list[int]) -> None:
    stream, reader, found, at = b"".join(map(slip, packets)), FrameReader(1000), [], 0
    while at < len(stream):
        size = cuts[at % len(cuts)]
        found += reader.feed(stream[at : at + size])
        at += size
    assert [unescape(piece) for piece in found] == packets
    assert not reader.is_amid


@given(st.binary(max_size=60).map(lambda data: data.replace(b"\xc0", b"")))
def test_any_escapes_are_undone_or_malformed(framed: bytes) -> None:
    is_right = re.fullmatch(rb"(?:[^\xdb]|\xdb[\xdc\xdd])*", framed, re.DOTALL) is not None
    try:
        packet = unescape(framed)
    except MalformedError:
        assert not is_right
    else:
        assert is_right
        assert packet == (unslip(framed + b"\xc0")[0] or [b""])[0]


def test_a_packet_that_is_too_long_is_refused_before_it_is_complete() -> None:
    reader = FrameReader(10)
    assert reader.feed(b"\xc0" + b"x" * 20) == []
    with pytest.raises(MalformedError, match="at most 10 bytes"):
        reader.feed(b"x")
    with pytest.raises(MalformedError, match="at most 10 bytes"):
        FrameReader(10).feed(b"\xc0" + b"x" * 21 + b"\xc0")


@pytest.mark.parametrize(
    ("pattern", "slots"),
    [
        ("*", [1, 2, 3, 12, 13]),
        ("?", [1, 2, 3]),
        ("??", [12, 13]),
        ("1?", [12, 13]),
        ("[1-2]", [1, 2]),
        ("[!2]", [1, 3]),
        ("[13]", [1, 3]),
        ("1[2-3]", [12, 13]),
        ("{1,3}", [1, 3]),
        ("{1,12,99}", [1, 12]),
        ("1{,2}", [1, 12]),
        ("*3", [3, 13]),
        ("[-3]", [3]),
        ("", []),
    ],
)
def test_a_pattern_means_the_slots_it_matches(pattern: str, slots: list[int]) -> None:
    assert [int(name) for name in matching(pattern, ["1", "2", "3", "12", "13"])] == slots


@pytest.mark.parametrize("wrong", ["[1", "{1,2", "1]", "}", "[3-1]", "[a-ÿ]", "?" * 65])
def test_what_is_no_pattern_is_refused(wrong: str) -> None:
    with pytest.raises(AddressError):
        matching(wrong, ["1"])


@given(st.text("?*[]{}!-,0123", max_size=64))
def test_any_text_is_a_pattern_or_refused_and_ends_soon(pattern: str) -> None:
    if is_pattern(pattern):
        try:
            found = matching(pattern, map(str, range(1, 33)))
        except AddressError:
            return
        assert set(found) <= set(map(str, range(1, 33)))


def test_no_pattern_takes_long() -> None:
    evil = "*1" * 31 + "x"
    start_s = time.process_time()
    assert matching(evil, ["1" * 40]) == []
    assert time.process_time() - start_s < 1  # with backtracking it would be hours


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(rate=10, burst=5, level=5, at_s=0)
    assert [bucket.take(0) for _ in range(6)] == [True] * 5 + [False]
    assert [bucket.take(0.1) for _ in range(2)] == [True, False]
    assert bucket.owe(3, 0.1) == pytest.approx(0.3)
    assert not bucket.take(0.3)
    assert [bucket.take(100) for _ in range(6)] == [True] * 5 + [False]


def test_time_tags_are_ntp_times() -> None:
    now = 1_700_000_000.0
    assert seconds_ahead(IMMEDIATELY, now) == 0
    assert seconds_ahead(0, now) == 0
    assert seconds_ahead(int((now + 2_208_988_800 + 1.5) * 2**32), now) == pytest.approx(1.5, abs=1e-5)
    assert seconds_ahead(int((now + 2_208_988_800 - 1.5) * 2**32), now) == 0


@given(st.lists(st.tuples(st.floats(0, 50), st.sampled_from("ab")), max_size=30), st.sampled_from("ab"))
def test_what_is_due_comes_in_the_order_of_its_time_and_else_of_its_arrival(
    entries: list[tuple[float, str]], gone: str
) -> None:
    schedule: Schedule[int] = Schedule()
    for number, (due_s, owner) in enumerate(entries):
        schedule.add(due_s, owner, number)
    schedule.forget(gone)
    kept = sorted((due_s, number) for number, (due_s, owner) in enumerate(entries) if owner != gone)
    assert len(schedule) == len(kept)
    assert schedule.next_s == (kept[0][0] if kept else float("inf"))
    early = list(schedule.due(25.0))
    assert early + list(schedule.due(60.0)) == kept
    assert all(due_s <= 25 for due_s, _ in early)
    schedule.check([1.0] * MAX_SCHEDULED_EACH, gone)


def test_too_much_and_too_far_ahead_are_refused() -> None:
    schedule: Schedule[int] = Schedule()
    with pytest.raises(TimetagError, match="at most 60 s ahead"):
        schedule.check([MAX_AHEAD_S + 1], "a")
    with pytest.raises(TimetagError, match=f"at most {MAX_SCHEDULED_EACH} messages of a client"):
        schedule.check([1.0] * (MAX_SCHEDULED_EACH + 1), "a")
    for number in range(MAX_SCHEDULED):
        schedule.add(1.0, number % 8, number)
    with pytest.raises(TimetagError, match="of all clients"):
        schedule.check([1.0], "new")


def test_tokens_are_drawn_read_and_compared(tmp_path: Path) -> None:
    token, path = draw_token(), tmp_path / "token"
    path.write_text(f"  {token}\n")
    assert read_token(path) == token != draw_token()
    assert is_same(token, token)
    assert not is_same(token[:-1], token)
    assert not is_same("\udcff é", token)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 300, b"two words " * 3, b"\xff" * 20, b"a\0" * 10])
def test_what_is_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(SettingError, match="token"):
        read_token(tmp_path / "token")
    with pytest.raises(SettingError, match="cannot read the token"):
        read_token(tmp_path / "none")
