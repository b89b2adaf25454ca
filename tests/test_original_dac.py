"""The original descript-audio-codec beside ours, on the same random weights, in both directions.

Off by default: it makes an environment of its own and installs some gigabytes into it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs torch: pip install 'vampbridge[models]'")

import torch
from published_layout import codec_kwargs, codec_state, save
from vampbridge.engine.checkpoints.published import read_waveform_codec
from vampbridge.engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig

pytestmark = pytest.mark.original

SCRIPT = Path(__file__).parent / "original_dac.py"
# float32 on both sides, samples in [-1, 1].
AUDIO = 2e-5
OURS = {
    "even": WaveformCodecConfig("dac", 44_100, 4, (2, 4, 8, 8), 32, (8, 8, 4, 2), 64, 9, 1024, 8),
    "odd": WaveformCodecConfig("dac", 24_000, 6, (3, 5), 24, (5, 3), 20, 3, 60, 5),
    "unlike": WaveformCodecConfig("dac", 16_000, 2, (4, 7), 36, (7, 2, 2), 8, 4, 300, 6),
}


@pytest.fixture(scope="module")
def original_python(request, tmp_path_factory):
    """An interpreter that has the original: named by the environment variable, or set up here."""
    if "original" not in request.config.getoption("markexpr"):
        pytest.skip(
            "installs descript-audio-codec into an environment of its own: run `pytest -m original`; with "
            "VAMPBRIDGE_ORIGINAL_PYTHON=INTERPRETER it uses one that has the package already"
        )
    if named := os.environ.get("VAMPBRIDGE_ORIGINAL_PYTHON"):
        return named
    folder = tmp_path_factory.mktemp("original") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", "torch>=2.8,<2.14", "descript-audio-codec"], check=True)
    return python


def run_original(python, what, folder):
    """The witness script, in the other environment and away from the checkout."""
    subprocess.run([python, SCRIPT, what, folder], check=True, cwd=folder)


def largest_error(path):
    """Codes must be the same; the largest difference in audio, decoded from all levels and from all but the last."""
    codec = read_waveform_codec(path)
    with np.load(path.with_suffix(".npz")) as file:
        known = {name: torch.from_numpy(value) for name, value in file.items()}
    assert known["decoded"].abs().mean() > 0.1, "the comparison is not of silence"
    with torch.inference_mode():
        codes = codec.encode(known["audio"])
        assert torch.equal(codes, known["codes"])
        assert len(codes.unique()) > 20, "the comparison is not of one code"
        assert codes.shape[-1] == codec.config.n_frames(known["audio"].shape[-1])
        decoded = {"decoded": codec.decode(codes), "prefix": codec.decode(codes[:, :-1])}
    for name, audio in decoded.items():
        assert audio.shape == known[name].shape == (*audio.shape[:2], codec.config.n_samples(codes.shape[-1]))
    return max((audio - known[name]).abs().max().item() for name, audio in decoded.items())


def test_what_the_original_wrote_sounds_the_same_here(original_python, tmp_path):
    run_original(original_python, "write", tmp_path)
    errors = {path.stem: largest_error(path) for path in sorted(tmp_path.glob("*.pth"))}
    print("written by the original, read here:", errors)  # noqa: T201 - the numbers are what one runs this for
    assert len(errors) == 3
    assert max(errors.values()) < AUDIO


def test_what_is_written_here_sounds_the_same_in_the_original(original_python, tmp_path):
    torch.manual_seed(1)
    for name, config in OURS.items():
        codec = WaveformCodec(config)
        randomise(codec)
        save(tmp_path / f"{name}.pth", codec_state(codec), codec_kwargs(codec))
    run_original(original_python, "read", tmp_path)
    errors = {name: largest_error(tmp_path / f"{name}.pth") for name in OURS}
    print("written here, read by the original:", errors)  # noqa: T201 - the numbers are what one runs this for
    assert max(errors.values()) < AUDIO


def randomise(codec):
    """Weights that make sound; a fresh codec's output is all but silence."""
    for name, value in codec.named_parameters():
        if name.endswith("alpha"):
            value.data.uniform_(0.3, 2.0)
        elif name.endswith("bias"):
            value.data.normal_(std=0.03)
        elif "codebook" in name:
            value.data.normal_()
        else:
            directions = torch.randn_like(value).flatten(1)
            lengths = torch.empty(len(value), 1).uniform_(0.4, 1.0)
            value.data.copy_((directions / directions.norm(dim=1, keepdim=True) * lengths).reshape(value.shape))
