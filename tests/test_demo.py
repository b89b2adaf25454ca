"""The demo loops, and `vampbridge demo`."""

from __future__ import annotations

import builtins
import json
import logging

import numpy as np
import pytest
import soundfile as sf
from recording_vamper import RecordingVamper
from vampbridge.bridge.cli import demo, main, render
from vampbridge.bridge.cli.demo import LISTEN_FOR
from vampbridge.engine.demo import FOLDER, demo_loop, demo_loops
from vampbridge.engine.errors import MissingDependencyError, SettingError
from vampbridge.engine.files import read_audio
from vampbridge.engine.picture import FLOOR_DB, Panel, draw_panels, spectrogram_db
from vampbridge.engine.settings import PRESETS

LOOPS = demo_loops()


@pytest.fixture
def vamper(monkeypatch):
    fake = RecordingVamper()
    monkeypatch.setattr(render, "make_vamper", lambda bundle, threads, device: fake)
    return fake


@pytest.fixture
def no_matplotlib(monkeypatch):
    honest = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "matplotlib":
            raise ModuleNotFoundError(name)
        return honest(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.name)
def test_a_demo_loop_is_as_long_as_its_tempo_says_and_closes(loop):
    audio = read_audio(loop.path)
    length_s = audio.audio.shape[1] / audio.sample_rate
    assert length_s == pytest.approx(loop.bars * 4 * 60 / loop.bpm, abs=0.005)
    assert 0.05 < np.abs(audio.audio).max() < 1.0
    steps = np.abs(np.diff(audio.audio[0]))
    assert abs(float(audio.audio[0, 0] - audio.audio[0, -1])) <= steps.max(), "the seam clicks"


def test_every_demo_file_has_a_loop_an_author_and_a_licence():
    files = {path.name for path in FOLDER.glob("*.flac")}
    assert {loop.path.name for loop in LOOPS} == files
    assert len({loop.name for loop in LOOPS}) == len(files) == 10
    rows = [line.split("|") for line in (FOLDER / "SOURCES.md").read_text(encoding="utf-8").splitlines()]
    table = {row[1].strip(): row for row in rows if len(row) > 5 and row[1].strip().endswith(".flac")}
    assert table.keys() == files
    for row in table.values():
        assert row[5].strip()
        assert row[6].strip() in ("CC0 1.0", "public domain")


def test_a_loop_that_is_not_there_is_answered_with_those_that_are():
    assert demo_loop("guitar").bpm == 93
    with pytest.raises(SettingError, match=r"one of drums, .*got 'banjo'"):
        demo_loop("banjo")


def test_every_preset_says_what_to_listen_for():
    assert LISTEN_FOR.keys() == PRESETS.keys()


def test_a_demo_vamps_one_loop_with_every_preset(vamper, tmp_path, capsys):
    assert main(["demo", "funky", "--out", str(tmp_path / "d"), "--seed", "7"]) == 0
    assert [request.settings for request in vamper.requests] == [s.changed(seed=7) for s in PRESETS.values()]
    folder = tmp_path / "d" / "funky"
    assert {path.name for path in folder.iterdir()} == {
        "original.wav", "faithful.wav", "balanced.wav", "wild.wav", "sequence.wav", "picture.png"
    }  # fmt: skip
    shown = capsys.readouterr().out
    for name, text in LISTEN_FOR.items():
        assert text in shown
        assert str(folder / f"{name}.wav") in shown
    assert "Seed 7" in shown
    assert "variations in" in shown


def test_what_matplotlib_remarks_on_is_not_said_and_our_own_warnings_are(vamper, tmp_path, monkeypatch, caplog):
    def draw(path, panels):
        logging.getLogger("matplotlib.font_manager").warning("Matplotlib is building the font cache")
        logging.getLogger("vampbridge.engine.picture").warning("this is ours")

    monkeypatch.setattr(demo, "draw_panels", draw)
    assert main(["demo", "funky", "--out", str(tmp_path)]) == 0
    assert [record.message for record in caplog.records] == ["this is ours"]


def test_the_sequence_plays_the_original_before_each_variation(vamper, tmp_path):
    assert main(["demo", "funky", "--out", str(tmp_path)]) == 0
    sounds = {path.stem: sf.read(path)[0] for path in (tmp_path / "funky").glob("*.wav")}
    order = ("original", "faithful", "original", "balanced", "original", "wild")
    np.testing.assert_array_equal(sounds["sequence"], np.concatenate([sounds[name] for name in order]))
    np.testing.assert_array_equal(sounds["original"], read_audio(demo_loop("funky").path).audio[0])


def test_all_loops_and_json(vamper, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(demo, "draw_panels", lambda path, panels: path.touch())  # slow, and tested below
    assert main(["demo", "--all", "--json", "--out", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [loop["name"] for loop in result["loops"]] == [loop.name for loop in LOOPS]
    assert result["seed"] == result["loops"][0]["takes"]["wild"]["seed"]
    assert all((tmp_path / loop["name"] / "sequence.wav").is_file() for loop in result["loops"])


def test_the_list_makes_nothing(vamper, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--list"]) == 0
    shown = capsys.readouterr().out
    assert all(loop.name in shown and loop.description in shown for loop in LOOPS)
    assert main(["demo", "--list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["loops"]) == len(LOOPS)
    assert list(tmp_path.iterdir()) == []
    assert vamper.requests == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["banjo"], "demo loop must be one of"),
        (["drums", "--all"], "either a loop or --all"),
        (["drums", "--list"], "--list only says which loops there are, got drums too"),
        (["--all", "--list"], "got --all too"),
        (["--out", "x", "--list", "--json"], "got --out too"),
        (["--seed", "2", "--list"], "got --seed too"),
    ],
)
def test_a_wrong_demo_is_one_line(vamper, capsys, args, message):
    assert main(["demo", *args]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_one_line(vamper, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["demo", "funky", "--out", str(tmp_path / "file")]) == 2
    assert "cannot be made" in capsys.readouterr().err


def test_without_matplotlib_the_demo_says_how_to_get_pictures(vamper, tmp_path, capsys, no_matplotlib):
    assert main(["demo", "funky", "--out", str(tmp_path)]) == 0
    assert not (tmp_path / "funky" / "picture.png").exists()
    captured = capsys.readouterr()
    assert "\npictures need matplotlib: pip install 'vampbridge[plot]'" in captured.out
    assert "matplotlib" not in captured.err  # nothing is wrong
    with pytest.raises(MissingDependencyError):
        draw_panels(tmp_path / "x.png", [])


@pytest.mark.parametrize("frequency_hz", [100, 1000, 8000])
def test_a_spectrogram_shows_a_tone_at_its_pitch(frequency_hz):
    tone = np.sin(2 * np.pi * frequency_hz * np.arange(44100) / 44100).astype(np.float32)[None]
    image = spectrogram_db(tone, 44100)
    expected = np.log(frequency_hz / 40) / np.log(22050 / 40) * image.shape[0]
    # A bin is 21.5 Hz wide: at 100 Hz a fifth of the pitch, thus some 5 bands.
    assert abs(int(image.mean(axis=1).argmax()) - expected) <= 6
    assert image.max() == 0.0
    assert image.min() >= FLOOR_DB


@pytest.mark.parametrize("n_samples", [1, 100, 5000])
@pytest.mark.parametrize("rate", [8000, 192000])
def test_any_sound_can_be_drawn_even_silence(tmp_path, n_samples, rate):
    silence = np.zeros((2, n_samples), dtype=np.float32)
    assert (spectrogram_db(silence, rate) == FLOOR_DB).all()
    draw_panels(tmp_path / "x.png", [Panel("silence", silence, rate, np.ones((14, 3), dtype=np.bool_))])
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_ctrl_c_leaves_no_empty_folder_and_none_that_holds_something_is_lost(vamper, tmp_path, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(vamper, "vamp", interrupt)
    (tmp_path / "mine").mkdir()
    assert main(["demo", "--out", str(tmp_path / "new" / "deep")]) == 130
    assert main(["demo", "--out", str(tmp_path / "mine")]) == 130
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_wrong_number_is_refused_with_its_range(vamper, capsys):
    for args, message in (
        (["--threads", "999"], "threads must be a whole number from 0 to 256 threads, got 999"),
        (["--seed", "random"], "seed must be a whole number from 0 to 9223372036854775807, got 'random'"),
    ):
        assert main(["demo", *args]) == 2
        assert message in capsys.readouterr().err
    assert vamper.requests == []
