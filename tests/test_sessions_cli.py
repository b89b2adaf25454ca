"""`vampbridge session`: list, show and export, as a user types them."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import soundfile
from sessions_helpers import INFO, layer, same_bits, sound, take
from vampbridge.bridge.cli import main
from vampbridge.bridge.errors import SessionError
from vampbridge.bridge.looper.messages import Swapped
from vampbridge.bridge.sessions.disk import DiskLimits
from vampbridge.bridge.sessions.folders import new_session_folder, session_to_keep, sessions_folder
from vampbridge.bridge.sessions.options import SessionOptions
from vampbridge.bridge.sessions.records import LayerRecord, TakeRecord, record_to_entry
from vampbridge.bridge.sessions.store import create_session, read_session
from vampbridge.bridge.sessions.writer import SessionWriter
from vampbridge.engine.files import read_audio


@pytest.fixture(autouse=True)
def root(monkeypatch, tmp_path):
    monkeypatch.setenv("VAMPBRIDGE_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "sessions"


@pytest.fixture
def run(capsys):
    def line(*args):
        capsys.readouterr()
        status = main(["session", *map(str, args)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return line


@pytest.fixture
def full(root):
    """A session with a family of four, ended in an orderly way."""
    options = SessionOptions(disk=DiskLimits(warn_mb=1, stop_mb=1))
    writer = SessionWriter(create_session(root / "monday", INFO), print, options)
    writer.record_layer(layer(1), sound(1))
    writer.record_take(take("abc", audio_seed=2), slot=0, layer_id=1)
    writer.record_event(Swapped(9, 0, "abc", 2))
    writer.record_layer(layer(3, slot=0, parent=2, kind="overdubbing"), sound(3))
    writer.record_take(take("def", audio_seed=4, seed=11, temperature=1.25, period=9), slot=2, layer_id=3)
    writer.close()
    return root / "monday"


def refused(result):
    status, out, err = result
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err


def test_sessions_lie_in_the_folder_for_data_and_are_named_by_their_time(root):
    assert sessions_folder() == root
    first = new_session_folder(root)
    first.mkdir(parents=True)
    assert new_session_folder(root) != first
    assert first.name[:2] == "20"


def test_without_sessions_it_says_where_they_would_be(run, root):
    assert run("list") == (0, f"no sessions yet in {root}\n", "")
    assert f"there are no sessions yet in {root}" in refused(run("show"))
    assert json.loads(run("list", "--json")[1]) == {"folder": str(root), "sessions": [], "warnings": []}


def test_the_list_tells_slots_layers_takes_and_state(run, full, root):
    status, out, err = run("list")
    assert (status, err) == (0, "")
    assert out.splitlines()[0].split() == ["session", "begun", "slots", "layers", "takes", "length", "size", "state"]
    words = out.splitlines()[1].split()
    assert (words[0], words[3:6], words[-1]) == ("monday", ["2", "2", "2"], "complete")
    (line,) = json.loads(run("list", "--json")[1])["sessions"]
    assert (line["name"], line["n_takes"], line["state"], line["problems"]) == ("monday", 2, "complete", [])
    assert line["n_bytes"] == sum(path.stat().st_size for path in full.rglob("*") if path.is_file())
    assert run("list", "--folder", root)[1] == out


def test_the_list_tells_live_interrupted_and_recovered_apart(run, root, full):
    def states():
        return {line["name"]: line["state"] for line in json.loads(run("list", "--json")[1])["sessions"]}

    going_on = create_session(root / "tuesday", INFO)
    assert states() == {"monday": "complete", "tuesday": "live"}
    going_on.close()  # without a word, as a power cut does
    assert states()["tuesday"] == "interrupted"
    with (root / "tuesday" / "journal.jsonl").open("ab") as journal:
        journal.write(b"torn")
    assert "warning: tuesday: Lines of the journal that were torn" in run("list")[2]
    from vampbridge.bridge.sessions.store import open_session

    SessionWriter(open_session(root / "tuesday", INFO), print).close()
    assert states()["tuesday"] == "recovered"
    assert "had not ended in an orderly way" in run("show", "tuesday")[2]


def test_one_session_that_cannot_be_read_does_not_hide_the_others(run, root, full):
    (root / "broken").mkdir()
    (root / "broken" / "session.json").write_text('{"format": "vampbridge-session", "version": 99}')
    (root / "no-session").mkdir()
    status, out, err = run("list")
    assert status == 0
    assert "1 session in" in out
    assert "update Vampbridge" in err
    assert "update Vampbridge" in refused(run("show", "broken"))


def test_the_tree_shows_who_comes_from_whom_with_seeds_and_what_differs(run, full):
    status, out, err = run("show", "monday")
    assert status == 0
    lines = out.splitlines()
    assert lines[0].startswith(f"{full}: begun 20")
    assert lines[1] == "run 1: 48000 Hz, a card, model default"
    at = {key: next(line for line in lines if f"{key}  " in line) for key in ("L1", "abc", "L3", "def")}
    assert [line.index(key) for key, line in at.items()] == [4, 8, 12, 16]
    assert at["L1"].endswith("L1  slot 1, recording, 0.01 s")
    assert at["abc"].endswith("abc  slot 1, 0.01 s, seed 7, wild")
    assert at["def"].endswith("def  slot 3, 0.01 s, seed 11, wild, period 9, temperature 1.25")
    assert "warning: abc: Hm." in err
    assert run("show", full)[1] == run("show", "latest")[1] == run("show")[1] == out


def test_show_as_json_holds_every_record_with_its_family(run, full):
    shown = json.loads(run("show", "--json")[1])
    records = {record["key"]: record for record in shown["records"]}
    assert [(key, record["parent"], record["children"]) for key, record in records.items()] == [
        ("L1", None, ["abc"]),
        ("abc", "L1", ["L3"]),
        ("L3", "abc", ["def"]),
        ("def", "L3", []),
    ]
    assert records["def"]["report"]["settings"]["temperature"] == 1.25
    assert shown["runs"]["1"]["device"] == "a card"


def test_a_loop_that_evolved_all_night_is_shown(run, root):
    session = create_session(root / "night", INFO)
    for number in range(2_000):
        lineage = [f"t{number - 1}"] if number else []
        session.append(record_to_entry(TakeRecord(1, f"t{number}", 0, report={"lineage": lineage})))
    session.append(record_to_entry(LayerRecord(1, 1, 0, "recording [red]")))
    session.close()
    status, out, _ = run("show", "night")
    assert status == 0
    assert "t1999  slot 1, sound not kept, seed unknown, from t1998" in out
    assert "recording [red]" in out
    assert max(map(len, out.splitlines())) < 200


def test_exported_takes_are_those_of_the_session_to_the_bit_with_their_lineage(run, full, tmp_path):
    out = tmp_path / "out"
    status, printed, err = run("export", "monday", out)
    assert (status, err) == (0, "")
    assert printed.splitlines() == [str(out / "take-abc.wav"), str(out / "take-def.wav")]
    assert same_bits(read_audio(out / "take-def.wav").audio, sound(4))
    told = json.loads((out / "take-def.json").read_text())
    assert [record["key"] for record in told["lineage"]] == ["L1", "abc", "L3", "def"]
    assert told["lineage"][-1]["report"]["seed"] == 11
    assert len(list(out.iterdir())) == 4


def test_export_never_overwrites_unless_told(run, full, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "take-def.json").write_text("mine")
    assert "--force" in refused(run("export", "monday", out))
    assert [path.name for path in out.iterdir()] == ["take-def.json"]
    assert run("export", "monday", out, "--force")[0] == 0
    assert (out / "take-def.json").read_text() != "mine"


def test_chosen_keys_layers_and_formats_are_exported(run, full, tmp_path):
    status, printed, err = run("export", "latest", tmp_path / "out", "def", "L1", "--format", "flac", "--json")
    assert (status, err) == (0, "")
    done = json.loads(printed)
    assert [file["key"] for file in done["files"]] == ["def", "L1"]
    assert "samples beyond full scale were clipped" in done["warnings"][0]
    assert soundfile.info(tmp_path / "out" / "layer-1.flac").format == "FLAC"
    run("export", "latest", tmp_path / "all", "--layers")
    assert {path.name for path in (tmp_path / "all").glob("*.wav")} == {
        *("take-abc.wav", "take-def.wav", "layer-1.wav", "layer-3.wav")
    }


def test_what_cannot_be_exported_is_said_in_one_line(run, full, root, tmp_path):
    export = partial(run, "export", "monday")
    assert "there is no layer or take 'xyz'" in refused(export(tmp_path / "out", "xyz"))
    assert "format must be one of wav, flac, got 'mp3'" in refused(export(tmp_path / "out", "--format", "mp3"))
    assert "cannot make the folder" in refused(export(tmp_path / "no" / "such"))
    assert "there is no session 'tuesday'" in refused(run("export", "tuesday", tmp_path / "out"))
    assert "there is no folder" in refused(run("show", "--folder", tmp_path / "no"))
    create_session(root / "empty", INFO).close()
    empty = refused(run("export", "empty", tmp_path / "out"))
    assert "nothing was played in it" in empty
    assert "--layers" not in empty


def test_where_only_layers_are_the_option_that_exports_them_is_named(run, root, tmp_path):
    writer = SessionWriter(create_session(root / "played", INFO), print)
    writer.record_layer(layer(1), sound(1))
    writer.close()
    assert "has no takes; --layers" in refused(run("export", "played", tmp_path / "out"))


def test_the_latest_session_is_one_in_which_something_was_played(run, root, full):
    create_session(root / "begun-later", INFO).close()
    assert run("show", "latest")[1] == run("show", "monday")[1]
    assert session_to_keep("latest", root) == full


def test_without_anything_played_there_is_no_latest_session(run, root):
    create_session(root / "empty", INFO).close()
    assert f"nothing was played in any session in {root}" in refused(run("show"))


def test_a_set_is_kept_in_the_session_that_is_meant_as_everywhere_else(root, full, tmp_path):
    assert session_to_keep("monday", root) == full
    assert session_to_keep(str(full), root) == full
    assert session_to_keep(str(tmp_path / "new"), root) == tmp_path / "new"
    assert session_to_keep("tuesday", root) == Path("tuesday")
    for wrong in ("", " "):
        with pytest.raises(SessionError, match="a name, `latest` or a folder"):
            session_to_keep(wrong, root)


def test_a_lost_sound_is_told_and_the_others_are_exported(run, full, tmp_path):
    (full / "audio" / "take-abc.wav").unlink()
    status, printed, err = run("export", "monday", tmp_path / "out")
    assert (status, printed) == (0, f"{tmp_path / 'out' / 'take-def.wav'}\n")
    assert "warning: the sound of abc was not kept, or is lost" in err
    assert "abc" in run("show")[2]
    assert "is lost" in refused(run("export", "monday", tmp_path / "out2", "abc"))
    assert read_session(full).recovery.lost == ("abc",)
