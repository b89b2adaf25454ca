"""From file to file with real models: the command line, the demo and the effect, with nothing faked."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf
from vampbridge.bridge.cli import main
from vampbridge.engine.demo import demo_loop
from vampbridge.engine.files import read_audio
from vampbridge.engine.vamp_effect import Vamp

QUICK = ["--seed", "1", "--coarse-passes", "2", "--fine-passes", "1", "--threads", "1"]


@pytest.mark.parametrize(("rate", "n_channels"), [(8000, 1), (22050, 2), (44100, 6), (48000, 2), (192000, 1)])
def test_a_render_is_as_long_as_its_input_to_the_sample(tiny_bundle_folder, tmp_path, rate, n_channels):
    n_samples = rate // 3 + 7
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, (n_samples, n_channels))
    sf.write(tmp_path / "in.wav", noise, rate)
    out = tmp_path / "out.wav"
    assert main(["render", str(tmp_path / "in.wav"), str(out), "--bundle", str(tiny_bundle_folder), *QUICK]) == 0
    found = sf.info(out)
    assert (found.frames, found.samplerate, found.channels) == (n_samples, rate, n_channels)
    assert np.abs(sf.read(out)[0]).max() > 0.001


def test_a_render_can_be_made_again_from_its_json(tiny_bundle_folder, tmp_path, capsys):
    loop = str(demo_loop("funky").path)
    bundle = ["--bundle", str(tiny_bundle_folder)]
    assert main(["render", loop, str(tmp_path / "a.wav"), *bundle, *QUICK[2:], "--json"]) == 0
    seed = json.loads(capsys.readouterr().out)["seed"]
    assert main(["render", loop, str(tmp_path / "b.wav"), *bundle, *QUICK[2:], "--seed", str(seed)]) == 0
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_the_effect_and_the_command_line_make_the_same_take(tiny_bundle_folder, tmp_path):
    loop = read_audio(demo_loop("funky").path)
    vamp = Vamp(seed=1, bundle=tiny_bundle_folder)
    vamp.coarse_passes, vamp.fine_passes = 2, 1
    out = tmp_path / "out.wav"
    # The effect lets the runtime choose its threads; another number would add up in another order.
    options = ["--bundle", str(tiny_bundle_folder), *QUICK[:-2], "--subtype", "float"]
    assert main(["render", str(demo_loop("funky").path), str(out), *options]) == 0
    np.testing.assert_allclose(vamp(loop.audio, loop.sample_rate), read_audio(out).audio, atol=1e-6)


def test_a_bundle_that_is_not_there_is_one_line(tmp_path, capsys):
    sf.write(tmp_path / "in.wav", np.full(8000, 0.1), 8000)
    bundle = ["--bundle", str(tmp_path / "none")]
    assert main(["render", str(tmp_path / "in.wav"), str(tmp_path / "o.wav"), *bundle, "--json"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["code"] == "bundle"
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1


def test_the_demo_sounds_with_the_bundle_that_ships(tmp_path):
    assert main(["demo", "funky", "--out", str(tmp_path)]) == 0
    original = sf.read(tmp_path / "funky" / "original.wav")[0]
    for name in ("faithful", "balanced", "wild"):
        variation = sf.read(tmp_path / "funky" / f"{name}.wav")[0]
        assert variation.shape == original.shape
        assert np.sqrt(np.mean(variation**2)) == pytest.approx(np.sqrt(np.mean(original**2)), rel=0.5)
        assert np.abs(variation - original).max() > 0.01


def test_onnx_runtime_tells_nobody_and_leaves_nothing_behind(tmp_path):
    """Its telemetry begins when it is loaded, with a file that identifies the machine."""
    opted = ("ORT_DISABLE_TELEMETRY", "CI", "XDG_CACHE_HOME", "ORT_RUNNING_UNIT_TESTS")
    environment = {name: value for name, value in os.environ.items() if name not in opted}
    program = "import os, vampbridge.engine.sessions; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert list(tmp_path.rglob("*")) == []
