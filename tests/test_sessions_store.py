"""A session on the disk: recall to the bit, who comes from whom, what a damaged one still gives."""

from __future__ import annotations

import dataclasses
import json
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sessions_helpers import INFO, RATE, odd_sound, same_bits, sound
from vampbridge.bridge.errors import SessionError
from vampbridge.bridge.looper.messages import LoadTake, SetGrid, SetLooper, SetSlot, StateChanged, Swapped, Verb
from vampbridge.bridge.sessions.plain import message_from_dict, message_to_dict
from vampbridge.bridge.sessions.records import LayerRecord, TakeRecord, record_from_entry, record_to_entry
from vampbridge.bridge.sessions.store import create_session, open_session, read_session
from vampbridge.engine.errors import AudioError, SettingError

EMPTY_LAYER = LayerRecord(1, 1, 0, "recording")


@pytest.fixture
def session(tmp_path):
    session = create_session(tmp_path / "s", INFO)
    yield session
    session.close()


def keep(session, record, audio, rate=RATE):
    kept = session.store_sound(record, audio, rate)
    session.append(record_to_entry(kept))
    return kept


def event(session, message, run=1):
    session.append({"kind": "event", "run": run, "message": message_to_dict(message)})


SOUNDS = hnp.arrays(np.uint32, st.tuples(st.integers(1, 8), st.integers(1, 70))).map(
    lambda words: words.view(np.float32)
)


@settings(max_examples=30)
@given(audio=SOUNDS, rate=st.sampled_from([8_000, 44_100, 192_000]))
def test_recall_is_exact_to_the_bit(tmp_path_factory, audio, rate):
    folder = tmp_path_factory.mktemp("s")
    session = create_session(folder, INFO)
    keep(session, EMPTY_LAYER, audio, rate)
    keep(session, TakeRecord(1, "abc", 0), audio, rate)
    session.close()
    again = read_session(folder)
    assert same_bits(again.read_take("abc"), audio)
    assert same_bits(again.layer_audio(1), audio)
    assert again.contents.get("abc").audio.sample_rate == rate
    assert again.recovery.sentences() == []


def test_nan_payloads_denormals_and_signed_zeros_survive(session):
    keep(session, EMPTY_LAYER, odd_sound())
    assert same_bits(session.layer_audio(1), odd_sound())


def test_other_programs_read_the_files(session):
    audio = sound(n_channels=2)
    keep(session, EMPTY_LAYER, audio)
    frames, rate = soundfile.read(session.folder / "audio" / "layer-1-1.wav", dtype="float32", always_2d=True)
    assert rate == RATE
    assert same_bits(np.ascontiguousarray(frames.T), audio)
    assert soundfile.info(session.folder / "audio" / "layer-1-1.wav").subtype == "FLOAT"


def test_the_same_sound_gives_the_same_bytes(session):
    keep(session, EMPTY_LAYER, sound())
    first = (session.folder / "audio" / "layer-1-1.wav").read_bytes()
    keep(session, dataclasses.replace(EMPTY_LAYER, layer_id=2), sound())
    second = (session.folder / "audio" / "layer-1-2.wav").read_bytes()
    at = first.index(b"data")
    assert first[at:] == second[second.index(b"data") :]
    assert struct.unpack("<I", first[4:8])[0] == len(first) - 8


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros((2, 5), dtype=np.float64), "float32"),
        (np.zeros(5, dtype=np.float32), "shape"),
        (np.zeros((2, 0), dtype=np.float32), "at least 1 sample"),
        (np.zeros((9, 5), dtype=np.float32), "1 to 8 channels"),
        (np.broadcast_to(np.float32(0), (2, 2**29)), "up to 2147418112 bytes, got 4294967296"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_limit(session, audio, message):
    with pytest.raises(AudioError, match=message):
        session.store_sound(EMPTY_LAYER, audio, RATE)


@pytest.mark.parametrize("take_id", ["", "../../etc", "A", "a/b", "a.2", "x" * 65, "a\n"])
def test_a_name_that_could_leave_the_folder_is_refused(take_id):
    with pytest.raises(SettingError, match="take_id must be"):
        TakeRecord(1, take_id, 0)


def test_a_take_of_a_known_id_that_sounds_otherwise_is_a_copy_and_the_same_sound_is_kept_once(session):
    record = TakeRecord(1, "abc", 0)
    first = keep(session, record, sound(1))
    assert session.store_sound(record, sound(1), RATE) == first
    assert len(list((session.folder / "audio").iterdir())) == 1
    second = keep(session, record, sound(2))
    assert (first.key, second.key) == ("abc", "abc.2")
    assert same_bits(session.read_take("abc"), sound(2))
    assert same_bits(session.read("abc.2"), sound(2))
    assert len(session.contents.copies_of("abc")) == 2


def test_a_layer_is_never_overwritten(session):
    keep(session, EMPTY_LAYER, sound(1))
    with pytest.raises(SessionError, match="kept already"):
        session.store_sound(EMPTY_LAYER, sound(2), RATE)
    assert same_bits(session.layer_audio(1), sound(1))


def test_the_tree_knows_parents_children_and_lineage_over_takes_that_were_played_into(session):
    keep(session, LayerRecord(1, 1, 0, "recording"), sound(1))
    keep(session, LayerRecord(1, 2, 0, "overdubbing", parent_id=1), sound(2))
    keep(session, TakeRecord(1, "abc", 0, layer_id=2), sound(3))
    event(session, Swapped(960, 0, "abc", 3))
    keep(session, LayerRecord(1, 4, 0, "overdubbing", parent_id=3), sound(4))
    keep(session, TakeRecord(1, "def", 0, layer_id=4), sound(5))
    keep(session, TakeRecord(1, "fed", 1, report={"lineage": ["abc", "def"]}), sound(6))
    keep(session, LayerRecord(1, 9, 2, "overdubbing", parent_id=8), sound(7))
    tree = session.tree()
    assert tree.lineage("fed") == ("L1", "L2", "abc", "L4", "def", "fed")
    assert tree.children("L2") == ("abc",)
    assert tree.roots == ("L1", "L9")
    assert tree.parent("L4") == "abc"
    assert tree.in_slot(0) == ("L1", "L2", "abc", "L4", "def")
    assert same_bits(session.layer_audio(3), sound(3))  # a take's layer is the take


def test_a_family_that_goes_in_circles_still_has_roots_and_ends(session):
    for one, other in ((1, 2), (2, 3), (3, 1), (4, 4)):
        keep(session, LayerRecord(1, one, 0, "overdubbing", parent_id=other), sound(one))
    tree = session.tree()
    reached, waiting = [], list(tree.roots)
    while waiting:
        reached.append(waiting.pop())
        waiting += tree.children(reached[-1])
    assert sorted(reached) == ["L1", "L2", "L3", "L4"]
    assert all(len(tree.lineage(key)) <= 3 for key in reached)


def test_commands_come_back_as_they_were_with_their_frames(session):
    commands = [
        Verb(0, "record", number=1, at_frame=960),
        SetSlot(1, "mono", value=True, number=2, at_frame=960),
        SetLooper("dry", 0.1, number=3, at_frame=1000),
        SetGrid(123.456789, 24_000.0, 3, number=4, at_frame=1001),
        LoadTake(0, "abc", sound(1), 5, number=5, at_frame=2000),
    ]
    for command in commands:
        session.append({"kind": "command", "run": 1, "message": message_to_dict(command)})
    keep(session, TakeRecord(1, "abc", 0), sound(1))
    read = session.contents.commands(1)
    assert read[:4] == commands[:4]
    assert read[4] == dataclasses.replace(commands[4], audio=None)
    assert same_bits(session.replay(1)[4].audio, sound(1))
    assert session.contents.commands(2) == []


def test_every_message_of_the_looper_survives_writing_down():
    change = StateChanged(5, 1, "playing", "muted", 480, 3, "abc", 1, 0)
    assert message_from_dict(json.loads(json.dumps(message_to_dict(change)))) == change


def test_masks_and_reports_come_back(session):
    mask = np.random.default_rng(0).random((14, 101)) > 0.3
    record = TakeRecord(1, "abc", 0, report={"seed": 3, "settings": {"top_p": 0.1}}, mask=mask, drawn_mask=mask[:1])
    read = record_from_entry(json.loads(json.dumps(record_to_entry(record))))
    assert read == record
    assert np.array_equal(read.mask, mask)
    assert np.array_equal(read.drawn_mask, mask[:1])


def test_a_second_opening_is_another_run_with_layers_of_its_own(session, tmp_path):
    keep(session, EMPTY_LAYER, sound(1))
    session.append({"kind": "closed"})
    session.close()
    again = open_session(tmp_path / "s", INFO)
    keep(again, LayerRecord(2, 1, 0, "recording"), sound(2))
    assert same_bits(again.layer_audio(1), sound(2))
    assert same_bits(again.layer_audio(1, run=1), sound(1))
    assert [record.key for record in again.contents.layers] == ["L1", "L2.1"]
    assert again.contents.runs == {1: INFO, 2: INFO}
    assert again.contents.notes == []
    again.close()


def test_two_writers_of_one_session_are_refused(session, tmp_path):
    with pytest.raises(SessionError, match="being written by another"):
        open_session(tmp_path / "s", INFO)


def test_a_folder_with_something_in_it_is_not_made_a_session(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(SessionError, match="not empty"):
        create_session(tmp_path, INFO)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "damaged"),
        (b"[1]", "not that of a session"),
        (b'{"format": "x"}', "not that of a session"),
        (None, "gone"),
    ],
)
def test_a_damaged_header_costs_nothing_but_itself(session, content, told):
    keep(session, EMPTY_LAYER, sound(1))
    header = session.folder / "session.json"
    header.unlink() if content is None else header.write_bytes(content)
    again = read_session(session.folder)
    assert told in again.recovery.sentences()[0]
    assert same_bits(again.layer_audio(1), sound(1))
    assert again.contents.runs[1] == INFO


def test_a_newer_format_is_refused_with_what_to_do(session):
    (session.folder / "session.json").write_text('{"format": "vampbridge-session", "version": 2}')
    with pytest.raises(SessionError, match="update Vampbridge"):
        read_session(session.folder)


def test_a_sound_that_was_changed_is_told_and_never_played(session):
    keep(session, EMPTY_LAYER, sound(1))
    path = session.folder / "audio" / "layer-1-1.wav"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(SessionError, match="damaged"):
        read_session(session.folder).layer_audio(1)
