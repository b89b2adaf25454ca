"""The journal: whole lines count, torn and changed ones do not, and nothing that lies in the file can raise."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.bridge.sessions.contents import Contents
from vampbridge.bridge.sessions.journal import Journal, format_line, parse, parse_line

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ENTRIES = st.dictionaries(st.text().filter(lambda name: name not in ("n", "crc", "kind")), JSON, max_size=4).map(
    lambda values: {"kind": "note", **values}
)


def written(entries):
    return [{"n": number, **entry} for number, entry in enumerate(entries)]


def journal_of(entries):
    return b"".join(format_line(entry, number) for number, entry in enumerate(entries))


@given(st.lists(ENTRIES, max_size=5))
def test_what_is_written_is_read(entries):
    parsed = parse(journal_of(entries))
    assert list(parsed.entries) == written(entries)
    assert (parsed.n_damaged, parsed.n_missing, parsed.is_torn) == (0, 0, False)
    assert parsed.next_number == len(entries)


def test_a_journal_cut_at_any_byte_keeps_every_line_before_the_cut():
    entries = [{"kind": "note", "text": f"ä\n{number}", "deep": {"crc": "00000000"}} for number in range(4)]
    data = journal_of(entries)
    ends = [len(journal_of(entries[:number])) - 1 for number in range(1, 5)]  # without the end of the line
    for cut in range(len(data) + 1):
        parsed = parse(data[:cut])
        n_whole = sum(end <= cut for end in ends)
        assert list(parsed.entries) == written(entries)[:n_whole]
        assert parsed.n_damaged == (cut not in (0, *ends, *(end + 1 for end in ends)))


@given(st.lists(ENTRIES, min_size=1, max_size=4), st.data())
def test_a_changed_byte_costs_its_own_line_and_no_other(entries, data):
    journal = bytearray(journal_of(entries))
    at = data.draw(st.integers(0, len(journal) - 1))
    number = bytes(journal[:at]).count(b"\n")
    was_end = journal[at] == ord("\n")
    journal[at] ^= data.draw(st.integers(1, 255))
    found = list(parse(bytes(journal)).entries)
    hurt = {number, number + 1} if was_end else {number}
    assert [entry for entry in written(entries) if entry["n"] not in hurt] == [e for e in found if e["n"] not in hurt]
    assert all(entry in written(entries) for entry in found)


@given(st.binary(max_size=300))
def test_rubbish_is_counted_and_never_raises(data):
    parsed = parse(data)
    assert parsed.entries == ()
    assert parsed.n_damaged == sum(bool(line) for line in data.split(b"\n"))


def test_nested_without_end_is_damaged_and_not_a_crash():
    import zlib

    body = b'{"n":0,"kind":"note","x":' + b"[" * 100_000 + b"]" * 100_000
    assert parse_line(body + b',"crc":"%08x"}' % zlib.crc32(body)) is None


def test_a_missing_line_is_noticed_by_the_numbers():
    lines = journal_of([{"kind": "note"}] * 5).splitlines(keepends=True)
    assert parse(b"".join(lines[:1] + lines[3:])).n_missing == 2


def test_a_torn_line_is_ended_and_the_next_one_stands_alone(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(journal_of([{"kind": "note", "a": 1}]) + b'{"n":1,"kin')
    parsed = parse(path.read_bytes())
    assert parsed.is_torn
    journal = Journal(path, parsed.next_number, is_torn=parsed.is_torn)
    journal.append({"kind": "note", "a": 2})
    journal.sync()
    journal.close()
    again = parse(path.read_bytes())
    assert [entry["a"] for entry in again.entries] == [1, 2]
    assert (again.n_damaged, again.n_missing) == (1, 0)


@pytest.mark.parametrize("n_bytes_taken", [0, 1, 20, 58, 10_000])
def test_a_disk_that_fills_within_a_line_loses_nothing_once_there_is_room(tmp_path, monkeypatch, n_bytes_taken):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.append({"kind": "note", "a": 1})
    real, room = os.write, n_bytes_taken

    def write(descriptor, data):
        nonlocal room
        if room == 0:
            raise OSError(28, "No space left on device")
        n_written = real(descriptor, bytes(data[:room]))
        room -= n_written
        return n_written

    monkeypatch.setattr(os, "write", write)
    if n_bytes_taken < 10_000:
        with pytest.raises(OSError, match="No space"):
            journal.append({"kind": "note", "a": 2, "more": "x" * 80})
        room = 10_000
    journal.append({"kind": "note", "a": 2, "more": "x" * 80})
    journal.append({"kind": "note", "a": 3})
    journal.close()
    parsed = parse(path.read_bytes())
    assert [entry["a"] for entry in parsed.entries] == [1, 2, 3]
    assert parsed.n_missing == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_what_json_cannot_hold_is_refused_before_anything_is_written(tmp_path, value):
    journal = Journal(tmp_path / "journal.jsonl")
    with pytest.raises((ValueError, TypeError)):
        journal.append({"kind": "note", "x": value})
    journal.close()
    assert (tmp_path / "journal.jsonl").read_bytes() == b""


@given(st.lists(ENTRIES | st.dictionaries(st.sampled_from(["kind", "run", "audio", "mask", "message"]), JSON)))
def test_entries_that_say_impossible_things_are_counted_and_never_raise(entries):
    kinds = ["layer", "take", "run", "command", "event", "gap", "closed", "note"]
    for kind in kinds:
        contents = Contents([{**entry, "kind": kind} for entry in entries])
        assert contents.n_unreadable <= len(entries)
