"""The writer: nobody waits for the disk, everything handed in is kept in order, and what is not is told."""

from __future__ import annotations

import os
import threading
import time
from contextlib import closing

import numpy as np
import pytest
from sessions_helpers import INFO, RATE, layer, same_bits, sound, take
from vampbridge.bridge.errors import BusyError, DiskFullError, SessionError
from vampbridge.bridge.looper.messages import LoadTake, Swapped, Verb
from vampbridge.bridge.sessions import desk
from vampbridge.bridge.sessions.disk import FULL, LOW, OK, DiskGuard, DiskLimits
from vampbridge.bridge.sessions.options import SessionOptions
from vampbridge.bridge.sessions.records import LayerRecord, TakeRecord
from vampbridge.bridge.sessions.store import create_session, read_session
from vampbridge.bridge.sessions.writer import SessionWriter, variation_id
from vampbridge.engine.errors import AudioError, SettingError

PATIENCE_S = 20
NO_LIMITS = DiskLimits(warn_mb=1, stop_mb=1)


@pytest.fixture
def troubles():
    return []


@pytest.fixture
def writer(tmp_path, troubles):
    writer = SessionWriter(create_session(tmp_path / "s", INFO), troubles.append, SessionOptions(disk=NO_LIMITS))
    yield writer
    writer.close()


class Gate:
    """A disk that stands still until it is opened."""

    def __init__(self, monkeypatch, session):
        self.is_reached, self._open = threading.Event(), threading.Event()
        real = session.sync

        def sync():
            self.is_reached.set()
            assert self._open.wait(PATIENCE_S)
            real()

        monkeypatch.setattr(session, "sync", sync)

    def open(self):
        self._open.set()


def test_a_set_is_kept_in_order_and_read_back(writer, tmp_path):
    made = take("abc", n_variations=2, lineage=("000",))
    writer.record_command(Verb(0, "record", number=1), frame=0)
    writer.record_layer(layer(1, frame=480), sound(1))
    writer.record_take(made, slot=0, layer_id=1)
    ticket = writer.record_take(made, slot=0, layer_id=1, variation=1, drawn_mask=made.mask[:1])
    writer.record_command(LoadTake(0, variation_id(made, 1), made.audio[1], 1, number=2), frame=960)
    writer.record_event(Swapped(1440, 0, variation_id(made, 1), 2))
    writer.note("The bar was missed once.", {"late_ms": np.float32(1.5)})
    assert ticket.result(PATIENCE_S).key == "abc-2"
    writer.close()
    writer.close()
    read = read_session(tmp_path / "s")
    assert list(read.contents.records) == ["L1", "abc-1", "abc-2"]
    assert read.contents.is_closed
    assert same_bits(read.read_take("abc-2"), made.audio[1])
    assert same_bits(read.layer_audio(2), made.audio[1])
    kept = read.contents.get("abc-2")
    assert kept.report["seed"] == 7
    assert kept.report["settings"] == made.report.settings.to_dict()
    assert kept.report["warnings"] == ["Hm."]
    assert np.array_equal(kept.mask, made.mask)
    assert np.array_equal(kept.drawn_mask, made.mask[:1])
    assert [command.at_frame for command in read.contents.commands(1)] == [0, 960]
    assert (read.contents.notes[0].text, read.contents.notes[0].details) == (
        "The bar was missed once.",
        {"late_ms": 1.5},
    )
    assert read.tree().lineage("abc-2") == ("L1", "abc-2")


def test_a_ticket_that_is_done_is_on_the_disk(writer, tmp_path):
    for number in range(1, 6):
        writer.record_layer(layer(number), sound(number)).result(PATIENCE_S)
        assert same_bits(read_session(tmp_path / "s").layer_audio(number), sound(number))


def test_commands_are_durable_within_seconds_without_anybody_asking(writer, tmp_path):
    assert writer.record_command(Verb(0, "record"), frame=5)
    until_s = time.monotonic() + PATIENCE_S
    while not read_session(tmp_path / "s").contents.commands(1):
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_flush_waits_for_all_before_it(writer, tmp_path):
    for frame in range(200):
        writer.record_command(Verb(0, "undo", number=frame), frame=frame)
    assert writer.flush(PATIENCE_S)
    assert len(read_session(tmp_path / "s").contents.commands(1)) == 200


def test_nobody_waits_while_the_disk_stands_still_and_sounds_are_read_back_meanwhile(writer, monkeypatch):
    gate = Gate(monkeypatch, writer.session)
    stuck = writer.record_layer(layer(1), sound(1))
    assert gate.is_reached.wait(PATIENCE_S)
    tickets = [writer.record_layer(layer(number), sound(number)) for number in range(2, 30)]
    last = writer.record_take(take("abc"), slot=0, layer_id=29)
    writer.record_event(Swapped(0, 0, "abc", 30))
    assert not any(ticket.done() for ticket in (stuck, *tickets, last))
    assert not writer.flush(0.01)
    assert same_bits(writer.layer_audio(29), sound(29))
    assert same_bits(writer.read_take("abc"), sound(1))
    assert same_bits(writer.layer_audio(30), sound(1))
    gate.open()
    assert last.result(PATIENCE_S).audio is not None
    assert all(ticket.done() for ticket in tickets)
    assert same_bits(writer.layer_audio(29), sound(29))


def test_what_finds_no_room_in_the_queue_is_refused_told_once_and_noted(tmp_path, troubles, monkeypatch):
    options = SessionOptions(max_waiting_mb=1, max_waiting_entries=16, disk=NO_LIMITS)
    with closing(SessionWriter(create_session(tmp_path / "s", INFO), troubles.append, options)) as writer:
        gate = Gate(monkeypatch, writer.session)
        writer.record_layer(layer(1), sound(1))
        assert gate.is_reached.wait(PATIENCE_S)
        big = sound(2, n_frames=100_000)  # 0.8 MB
        taken, refused = writer.record_layer(layer(2), big), writer.record_layer(layer(3), big)
        assert isinstance(refused.exception(0), BusyError)
        assert [writer.record_command(Verb(0, "undo"), frame=0) for _ in range(20)] == [True] * 16 + [False] * 4
        gate.open()
        taken.result(PATIENCE_S)
        assert writer.flush(PATIENCE_S)
        assert writer.record_command(Verb(0, "undo"), frame=0)
        writer.close()
        assert [(trouble.code, trouble.is_over) for trouble in troubles] == [("disk-slow", False), ("disk-slow", True)]
        read = read_session(tmp_path / "s")
        assert len(read.contents.commands(1)) == 17
        assert list(read.contents.records) == ["L1", "L2"]
        assert read.recovery.n_lost == 5


def test_after_close_everything_is_refused_and_nothing_raises(writer):
    writer.close()
    assert isinstance(writer.record_layer(layer(1), sound(1)).exception(0), SessionError)
    assert not writer.record_command(Verb(0, "undo"), frame=0)
    assert not writer.note("Too late.")
    assert not writer.flush(0.01)
    assert not writer._thread.is_alive()


def test_what_cannot_be_kept_fails_its_own_ticket_only(writer):
    bad = writer.record_layer(layer(1), np.zeros((2, 5)))
    twice = [writer.record_layer(layer(2), sound(2)) for _ in range(2)]
    assert isinstance(bad.exception(PATIENCE_S), AudioError)
    assert twice[0].exception(PATIENCE_S) is None
    assert isinstance(twice[1].exception(PATIENCE_S), SessionError)
    assert writer.record_layer(layer(3), sound(3)).exception(PATIENCE_S) is None


def test_a_bug_in_the_owners_callback_does_not_end_the_writing(tmp_path, caplog):
    def raises(trouble):
        raise RuntimeError

    limits = SessionOptions(disk=DiskLimits(warn_mb=10_000_000, stop_mb=1))
    with closing(SessionWriter(create_session(tmp_path / "s", INFO), raises, limits)) as writer:
        assert writer.record_layer(layer(1), sound(1)).exception(PATIENCE_S) is None
        writer.close()
        assert "could not tell" in caplog.text


def test_a_new_looper_counts_its_layers_anew(writer):
    writer.record_layer(layer(1), sound(1)).result(PATIENCE_S)
    assert writer.begin_run(INFO) == 2
    writer.record_layer(layer(1), sound(2)).result(PATIENCE_S)
    assert same_bits(writer.layer_audio(1), sound(2))
    assert same_bits(writer.layer_audio(1, run=1), sound(1))
    assert writer.session.contents.runs == {1: INFO, 2: INFO}


def test_the_same_take_twice_is_one_file_and_both_tickets_are_done(writer):
    tickets = [writer.record_take(take("abc"), slot=0) for _ in range(3)]
    other = writer.record_take(take("abc", audio_seed=9), slot=0)
    assert [ticket.result(PATIENCE_S).key for ticket in (*tickets, other)] == ["abc", "abc", "abc", "abc.2"]
    assert len(list((writer.session.folder / "audio").iterdir())) == 2


# The disk.


@pytest.mark.parametrize("name", ["warn_mb", "stop_mb"])
def test_limits_are_checked_with_their_range(name):
    with pytest.raises(SettingError, match=f"{name} must be a whole number from 1 to 10000000 MB, got 0"):
        DiskLimits(**{name: 0})
    with pytest.raises(SettingError, match="max_waiting_mb"):
        SessionOptions(max_waiting_mb=0)


def test_the_guard_warns_stops_and_resumes_without_fluttering():
    guard, mb = DiskGuard(DiskLimits(warn_mb=100, stop_mb=10)), 1_000_000
    path = [(101, OK), (99, LOW), (101, LOW), (109, LOW), (111, OK), (9, FULL), (10, FULL), (10.9, FULL), (12, LOW)]
    assert [guard.judge(int(n_free * mb)) for n_free, _ in path] == [level for _, level in path]
    assert guard.judge(200 * mb, 191 * mb) == FULL


def test_a_disk_nearly_full_warns_once_then_keeps_no_sound_then_resumes(tmp_path, troubles, monkeypatch):
    limits = SessionOptions(disk=DiskLimits(warn_mb=100, stop_mb=10))
    free_mb = [200]
    monkeypatch.setattr(desk, "free_bytes", lambda folder: free_mb[-1] * 1_000_000)
    with closing(SessionWriter(create_session(tmp_path / "s", INFO), troubles.append, limits)) as writer:
        errors = []
        for number, left_mb in enumerate([200, 50, 40, 5, 4, 200], 1):
            free_mb.append(left_mb)
            errors.append(writer.record_take(take(f"t{number}"), slot=0, layer_id=1).exception(PATIENCE_S))
            assert writer.record_command(Verb(0, "undo"), frame=number)
        writer.close()
        assert [type(error) for error in errors] == [type(None)] * 3 + [DiskFullError] * 2 + [type(None)]
        assert [(trouble.code, trouble.is_over) for trouble in troubles] == [
            ("disk-low", False),
            ("disk-full", False),
            ("disk-full", True),
        ]
        assert "50 MB are left" in troubles[0].text
        assert "playing goes on" in troubles[1].text
        read = read_session(tmp_path / "s")
        assert read.recovery.sentences() == []
        assert [record.audio is not None for record in read.contents.takes] == [True, True, True, False, False, True]
        assert read.contents.get("t4").report["seed"] == 7
        assert len(read.contents.commands(1)) == 6
        with pytest.raises(SessionError, match="was not kept"):
            read.read_take("t4")


def test_a_sound_that_was_left_out_is_kept_when_it_is_handed_in_again(writer, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(desk, "free_bytes", lambda folder: 0)
        assert isinstance(writer.record_take(take("abc"), slot=0).exception(PATIENCE_S), DiskFullError)
        assert isinstance(writer.record_layer(layer(1), sound(1)).exception(PATIENCE_S), DiskFullError)
    assert writer.record_take(take("abc"), slot=0).result(PATIENCE_S).key == "abc"
    assert writer.record_layer(layer(1), sound(1)).result(PATIENCE_S).key == "L1"
    assert same_bits(writer.read_take("abc"), sound(1))


def test_lines_that_the_disk_refuses_wait_and_are_written_in_order(writer, tmp_path, troubles, monkeypatch):
    monkeypatch.setattr(desk, "RETRY_S", 0.02)
    is_full, real = True, os.write

    def write(descriptor, data):
        if is_full and b'"kind"' in bytes(data):
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    for frame in range(5):
        assert writer.record_command(Verb(0, "undo", number=frame), frame=frame)
    assert isinstance(writer.record_layer(layer(1), sound(1)).exception(PATIENCE_S), DiskFullError)
    is_full = False
    assert writer.flush(PATIENCE_S)
    assert writer.record_layer(layer(2), sound(2)).exception(PATIENCE_S) is None
    read = read_session(tmp_path / "s")
    assert [command.number for command in read.contents.commands(1)] == list(range(5))
    assert [(trouble.code, trouble.is_over) for trouble in troubles] == [("disk-full", False), ("disk-full", True)]


def test_nobody_waits_for_a_line_that_the_disk_refuses_and_its_sound_is_kept_all_the_same(writer, monkeypatch):
    monkeypatch.setattr(desk, "RETRY_S", 0.02)
    is_full, real = True, os.write

    def write(descriptor, data):
        if is_full and b'"kind":"layer"' in bytes(data):
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    assert isinstance(writer.record_layer(layer(1), sound(1)).exception(PATIENCE_S), DiskFullError)
    is_full = False
    assert writer.flush(PATIENCE_S)
    assert same_bits(writer.layer_audio(1), sound(1))


def test_a_flush_that_fails_is_never_called_durable(writer, monkeypatch):
    def refuse():
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(writer.session, "sync", refuse)
        error = writer.record_layer(layer(1), sound(1)).exception(PATIENCE_S)
    assert isinstance(error, SessionError)
    assert "Input/output error" in str(error)


def test_a_folder_that_is_taken_away_is_told_and_playing_goes_on(writer, troubles, tmp_path):
    (tmp_path / "s" / "audio").rename(tmp_path / "elsewhere")
    tickets = [writer.record_layer(layer(number), sound(number)) for number in (1, 2)]
    assert all(isinstance(ticket.exception(PATIENCE_S), SessionError) for ticket in tickets)
    (tmp_path / "elsewhere").rename(tmp_path / "s" / "audio")
    assert writer.record_layer(layer(3), sound(3)).exception(PATIENCE_S) is None
    assert [(trouble.code, trouble.is_over) for trouble in troubles] == [("disk-error", False), ("disk-error", True)]


def test_records_made_by_hand_are_kept_too(writer):
    assert writer.record(LayerRecord(1, 5, 2, "imported"), sound(5, n_channels=1), RATE).result(PATIENCE_S).key == "L5"
    imported = TakeRecord(1, "from-a-file", 2, report={"origin": "loop.wav"})
    assert writer.record(imported, sound(6), 44_100).result(PATIENCE_S).audio.sample_rate == 44_100
    assert writer.session.contents.get("from-a-file").report == {"origin": "loop.wav"}
