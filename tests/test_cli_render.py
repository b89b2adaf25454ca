"""`vampbridge render`, from the command line to the file, with a vamper that notes what it is asked."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf
from recording_vamper import RecordingVamper
from vampbridge.bridge.cli import main, render
from vampbridge.bridge.idle_settings import BELONGS_TO
from vampbridge.engine.settings import PRESETS, RANGES, in_proportion

RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)
LOUD = 0.4


@pytest.fixture
def vamper(monkeypatch):
    fake = RecordingVamper()
    fake.opened = []

    def make(bundle, threads, device):
        fake.opened.append((bundle, threads, device))
        return fake

    monkeypatch.setattr(render, "make_vamper", make)
    return fake


@pytest.fixture
def loop(tmp_path):
    """A file with half a second of noise; returns its path as text."""
    path = tmp_path / "loop.wav"
    write(path, 4000)
    return str(path)


@pytest.fixture
def out(tmp_path):
    return str(tmp_path / "out.wav")


def write(path, n_samples, rate=8000, n_channels=1):
    audio = np.random.default_rng(1).uniform(-LOUD, LOUD, (n_samples, n_channels))
    sf.write(path, audio, rate, subtype="PCM_24")
    return audio


def option_for(name, value):
    flag = name.replace("_", "-")
    if value is True:
        return [f"--{flag}"]
    if value is False:
        return ["--one-shot" if name == "loop" else f"--no-{flag}"]
    return [f"--{flag}", str(value)]


def another_value(name):
    """A value in range that no preset has."""
    spec = RANGES[name]
    used = [getattr(settings, name) for settings in PRESETS.values()]
    if spec.kind is bool:
        return not used[0]
    candidates = spec.choices or (spec.kind(5), spec.kind(2), spec.kind(0.25 * spec.high), spec.low)
    return next(v for v in candidates if v not in used and (spec.choices or spec.low <= v <= spec.high))


@pytest.mark.parametrize("name", RANGES)
def test_every_setting_is_an_option_that_reaches_the_model(vamper, loop, out, name):
    changes = {name: another_value(name)}
    owner = BELONGS_TO.get(name)
    if owner is not None and not getattr(PRESETS["balanced"], owner):
        changes[owner] = another_value(owner)
    options = [part for change in changes.items() for part in option_for(*change)]
    assert main(["render", loop, out, *options]) == 0
    assert vamper.requests[0].settings == in_proportion(PRESETS["balanced"], changes)
    assert getattr(PRESETS["balanced"], name) != changes[name]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--typical-mass", "0.2"], "typical_mass has no effect while typical is off: add --typical"),
        (["--typical-min-tokens", "9", "--no-typical"], "typical_min_tokens has no effect while typical is off"),
        (["--period-width", "3", "--period", "0"], "period_width has no effect while period is 0: add --period with"),
        (["--period", "0", "--period-offset", "3"], "period_offset has no effect while period is 0"),
        (
            ["--tempo-bpm", "90"],
            "tempo_bpm has no effect while beat_after_ms is 0, and beat_before_ms too: add --beat-after-ms with more",
        ),
    ],
)
def test_an_option_without_effect_is_refused(vamper, loop, out, capsys, args, message):
    assert main(["render", loop, out, *args]) == 2
    assert message in capsys.readouterr().err
    assert vamper.requests == []


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_taken_and_what_is_given_overrides_it(vamper, loop, out, name):
    assert main(["render", loop, out, "--preset", name]) == 0
    assert main(["render", loop, out, "--temperature", "0.33", "--preset", name]) == 0
    assert vamper.requests[0].settings == PRESETS[name]
    assert vamper.requests[1].settings == PRESETS[name].changed(temperature=0.33)


@pytest.mark.parametrize(("name", "spec"), RANGES.items())
def test_the_help_has_every_settings_text_and_range(vamper, capsys, name, spec):
    assert main(["render", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"--{name.replace('_', '-')}" in shown
    assert f"{spec.help} [{spec.describe()}; " in shown
    assert "the width, unless given, becomes the same part of it] --" in shown
    assert "with --period, the preset's part of it] --" in shown


@pytest.mark.parametrize(("name", "value"), [(n, s.high + 1) for n, s in RANGES.items() if s.high is not None])
def test_a_value_out_of_range_is_one_line_with_range_and_value(vamper, loop, out, capsys, name, value):
    assert main(["render", loop, out, *option_for(name, value)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"error: {name} must be {RANGES[name].describe()}, got {value}\n"
    assert vamper.requests == []


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_the_output_is_as_long_as_the_input_to_the_sample(vamper, tmp_path, out, rate, n_channels):
    write(tmp_path / "in.wav", rate // 7 + 13, rate, n_channels)
    assert main(["render", str(tmp_path / "in.wav"), out]) == 0
    found = sf.info(out)
    assert (found.frames, found.samplerate, found.channels) == (rate // 7 + 13, rate, n_channels)
    assert found.subtype == "PCM_24"


def test_the_same_input_options_and_seed_give_the_same_file(vamper, loop, tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        assert main(["render", loop, str(tmp_path / f"{name}.wav"), "--seed", str(seed)]) == 0
    first, same, other = ((tmp_path / f"{name}.wav").read_bytes() for name in "abc")
    assert first == same
    assert first != other


def test_several_variations_are_numbered_before_the_suffix(vamper, loop, tmp_path):
    assert main(["render", loop, str(tmp_path / "out.flac"), "--variations", "3"]) == 0
    made = sorted(path.name for path in tmp_path.glob("out*"))
    assert made == ["out-1.flac", "out-2.flac", "out-3.flac"]
    assert len({(tmp_path / name).read_bytes() for name in made}) == 3


def test_json_is_one_object_and_nothing_else_on_stdout(vamper, loop, out, capsys):
    assert main(["render", loop, out, "--json", "--variations", "2", "--stretch", "2"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["input"] == loop
    assert [path[-9:] for path in result["outputs"]] == ["out-1.wav", "out-2.wav"]
    assert result["seed"] == result["report"]["seed"] == result["report"]["settings"]["seed"] == 12345
    assert (result["samples"], result["channels"], result["sample_rate"]) == (8000, 1, 8000)
    assert result["warnings"] == ["this is a test."]
    assert vamper.requests[0].settings.changed(seed=12345).to_dict() == result["report"]["settings"]


def test_people_read_the_path_the_seed_and_the_warnings(vamper, loop, out, capsys):
    assert main(["render", loop, out]) == 0
    captured = capsys.readouterr()
    assert out in captured.out
    assert "seed 12345" in captured.out
    assert captured.err == "warning: this is a test.\n"


def test_a_mask_reaches_the_model(vamper, loop, out, tmp_path):
    np.save(tmp_path / "m.npy", np.array([[0, 1], [1, 1]]))
    assert main(["render", loop, out, "--mask", str(tmp_path / "m.npy")]) == 0
    np.testing.assert_array_equal(vamper.requests[0].drawn_mask, [[False, True], [True, True]])


def test_a_mask_decides_alone_unless_a_prompt_is_given(vamper, loop, out, tmp_path, capsys):
    np.save(tmp_path / "m.npy", np.array([0, 1]))
    masked = ["render", loop, out, "--mask", str(tmp_path / "m.npy")]
    assert main(masked) == 0
    assert vamper.requests[-1].settings == PRESETS["balanced"].changed(period=0)
    for options, change in (
        (["--period", "9"], {"period": 9, "period_width": 5}),
        (["--prefix-s", "1"], {"prefix_s": 1}),
    ):
        assert main([*masked, *options, "--combine", "all"]) == 0
        assert vamper.requests[-1].settings == PRESETS["balanced"].changed(**change, combine="all")
    assert main([*masked, "--period-beats", "1", "--tempo-bpm", "120"]) == 0
    assert vamper.requests[-1].settings.period == 29
    assert main([*masked, "--period-width", "9"]) == 2
    assert "period_width has no effect while period is 0: add --period" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["none", "random"])
def test_no_seed_can_be_asked_for_in_words(vamper, loop, out, word):
    assert main(["render", loop, out, "--seed", word]) == 0
    assert vamper.requests[0].settings.seed is None


def test_a_preset_may_be_written_large(vamper, loop, out):
    assert main(["render", loop, out, "--preset", "Wild"]) == 0
    assert vamper.requests[0].settings == PRESETS["wild"]


def test_bundle_threads_and_device_reach_the_model(vamper, loop, out, tmp_path):
    assert main(["render", loop, out]) == 0
    assert main(["render", loop, out, "--bundle", str(tmp_path), "--threads", "3", "--device", "cpu"]) == 0
    assert vamper.opened == [(None, 0, "auto"), (tmp_path, 3, "cpu")]


def test_effect_chains_stand_before_and_after(vamper, loop, tmp_path):
    chain = tmp_path / "c.toml"
    chain.write_text('[[effect]]\nname = "Gain"\ngain_db = -20', encoding="utf-8")
    outputs = {}
    for name, options in {"dry": [], "before": ["--before", str(chain)], "after": ["--after", str(chain)]}.items():
        path = tmp_path / f"{name}.wav"
        assert main(["render", loop, str(path), "--seed", "1", *options]) == 0
        outputs[name], _ = sf.read(path)
    dry, before, after = (request.audio for request in vamper.requests)
    # 24-bit steps of both files, 1.2e-7 each, over signals of 0.04.
    np.testing.assert_allclose(before, dry * 0.1, atol=1e-6)
    np.testing.assert_array_equal(after, dry)
    np.testing.assert_allclose(outputs["after"], outputs["dry"] * 0.1, atol=1e-6)


def test_the_subtype_is_the_files(vamper, loop, out):
    assert main(["render", loop, out, "--subtype", "float"]) == 0
    assert sf.info(out).subtype == "FLOAT"


def test_clipping_is_said(vamper, loop, out, tmp_path, capsys):
    chain = tmp_path / "c.toml"
    chain.write_text('[[effect]]\nname = "Gain"\ngain_db = 30', encoding="utf-8")
    assert main(["render", loop, out, "--after", str(chain)]) == 0
    assert "samples beyond full scale were clipped" in capsys.readouterr().err


def test_an_older_output_is_replaced_but_never_the_input(vamper, loop, out, tmp_path, capsys):
    (tmp_path / "out.wav").write_bytes(b"old")
    assert main(["render", loop, out]) == 0
    assert sf.info(out).frames == 4000
    before = (tmp_path / "loop.wav").read_bytes()
    (tmp_path / "loop-2.wav").write_bytes(before)
    (tmp_path / "link.wav").symlink_to(loop)
    for target in (loop, str(tmp_path / "link.wav")):
        assert main(["render", loop, target]) == 2
        assert "OUT must be another file than IN" in capsys.readouterr().err
    assert main(["render", str(tmp_path / "loop-2.wav"), loop, "--variations", "2"]) == 2
    assert (tmp_path / "loop.wav").read_bytes() == (tmp_path / "loop-2.wav").read_bytes() == before


def make_bad_files(folder):
    (folder / "empty.wav").write_bytes(b"")
    (folder / "garbage.wav").write_bytes(b"garbage" * 99)
    sf.write(folder / "none.wav", np.zeros(0), 44100)
    sf.write(folder / "one.wav", np.ones(1) * 0.5, 44100)
    sf.write(folder / "silent.wav", np.zeros(44100), 44100)
    sf.write(folder / "nan.wav", np.array([0.1, np.nan] * 9000), 44100, subtype="FLOAT")


@pytest.mark.usefixtures("vamper")
@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("missing.wav", "path", "there is no file"),
        ("", "path", "is a folder"),
        ("empty.wav", "audio", "0 bytes"),
        ("garbage.wav", "audio", "could not be read as audio"),
        ("none.wav", "audio", "at least 1 sample"),
        ("one.wav", "audio", "0.1 s"),
        ("silent.wav", "audio", "silent"),
        ("nan.wav", "audio", "finite"),
    ],
)
def test_every_bad_file_is_one_line_and_status_2(tmp_path, out, capsys, name, code, message):
    make_bad_files(tmp_path)
    assert main(["render", str(tmp_path / name), out, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err
    assert json.loads(captured.out)["error"]["code"] == code
    assert not (tmp_path / "out.wav").exists()


def test_clipped_audio_is_rendered(vamper, tmp_path, out):
    sf.write(tmp_path / "clipped.wav", np.sign(np.random.default_rng(0).normal(size=4000)), 8000)
    assert main(["render", str(tmp_path / "clipped.wav"), out]) == 0


def test_ctrl_c_is_status_130_and_leaves_no_file(vamper, loop, out, tmp_path, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(vamper, "vamp", interrupt)
    assert main(["render", loop, out]) == 130
    assert [path.name for path in tmp_path.iterdir()] == ["loop.wav"]


def test_a_terminal_sees_the_progress_on_stderr(vamper, loop, out, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["render", loop, out, "--json"]) == 0
    captured = capsys.readouterr()
    assert "decode" in captured.err
    json.loads(captured.out)


def test_a_folder_is_neither_a_chain_nor_a_bundle(loop, out, tmp_path, capsys):
    for option, message in (
        ("--before", "must be a .toml file, got the folder"),
        ("--bundle", "is no bundle: it has no"),
    ):
        assert main(["render", loop, out, option, str(tmp_path)]) == 2
        assert message in capsys.readouterr().err


def test_a_file_that_is_cut_short_is_a_warning_in_the_house_style(tmp_path):
    sf.write(tmp_path / "whole.mp3", np.random.default_rng(1).uniform(-LOUD, LOUD, 80_000), 8000)
    data = (tmp_path / "whole.mp3").read_bytes()
    (tmp_path / "cut.mp3").write_bytes(data[: len(data) // 2])
    program = "import sys; from vampbridge.bridge.start import main; sys.exit(main())"
    render_cut = ["render", str(tmp_path / "cut.mp3"), str(tmp_path / "out.wav"), "--bundle", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", program, *render_cut], capture_output=True, text=True, check=False)
    assert f"\nwarning: {tmp_path}/cut.mp3 is cut short: " in f"\n{done.stderr}"


def test_a_damaged_file_is_an_error_and_not_silence(tmp_path, out, capsys):
    write(tmp_path / "whole.flac", 80_000)
    data = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(data[: len(data) // 2])
    assert main(["render", str(tmp_path / "cut.flac"), out]) == 2
    assert "cut.flac is damaged or cut short" in capsys.readouterr().err
