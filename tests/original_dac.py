"""Runs the original descript-audio-codec, in an environment of its own. Started by `test_original_dac.py`.

    python original_dac.py write FOLDER   random codecs, saved by the original, with what it makes of some noise
    python original_dac.py read FOLDER    the same for every codec (*.pth) that is already there

Beside each `NAME.pth` stands a `NAME.npz`: audio, codes, decoded, prefix (decoded from all but the last level).
"""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

import numpy as np
import torch

SIZES = {
    "even": {
        "encoder_dim": 4,
        "encoder_rates": [2, 4, 8, 8],
        "decoder_dim": 32,
        "decoder_rates": [8, 8, 4, 2],
        "n_codebooks": 9,
    },
    "odd": {
        "encoder_dim": 6,
        "encoder_rates": [3, 5, 2],
        "latent_dim": 20,
        "decoder_dim": 24,
        "decoder_rates": [2, 5, 3],
        "n_codebooks": 3,
        "codebook_size": 50,
        "codebook_dim": 5,
        "sample_rate": 16_000,
    },
    "uneven": {
        "encoder_dim": 2,
        "encoder_rates": [4, 7],
        "decoder_dim": 36,
        "decoder_rates": [7, 2, 2],
        "n_codebooks": 4,
        "codebook_size": 300,
        "codebook_dim": [6, 6, 6, 6],
    },
}


def import_dac():
    """The package `dac`; torchaudio's native library, which it never calls, may be absent."""
    try:
        importlib.import_module("torchaudio")
    except (ImportError, OSError):
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        stub = types.ModuleType("torchaudio._extension")
        stub._IS_TORCHAUDIO_EXT_AVAILABLE = False
        stub._load_lib = lambda _name: False
        stub.fail_if_no_align = lambda function: function
        sys.modules[stub.__name__] = stub
    return importlib.import_module("dac")


def randomise(model: torch.nn.Module) -> None:
    """Weights that make sound: the fresh ones are so small that the output is all but silence."""
    for name, value in model.named_parameters():
        if name.endswith("alpha"):
            value.data.uniform_(0.3, 2.0)
        elif name.endswith("weight_g"):
            value.data.uniform_(0.4, 1.0)
        elif name.endswith("bias"):
            value.data.normal_(std=0.03)
        else:
            value.data.normal_()


def witness(model: torch.nn.Module, path: Path) -> None:
    """Encode and decode noise with the original, and keep the results beside the weights."""
    model = model.eval()
    audio = torch.randn(2, 1, 40 * int(model.hop_length) + 17) * 0.5
    padded = model.preprocess(audio, model.sample_rate)
    codes = model.encode(padded)[1]
    decoded, prefix = (model.decode(model.quantizer.from_codes(part)[0]) for part in (codes, codes[:, :-1]))
    arrays = {"audio": padded, "codes": codes, "decoded": decoded, "prefix": prefix}
    np.savez(path.with_suffix(".npz"), **{name: value.numpy() for name, value in arrays.items()})


def main() -> None:
    """Write or read, by the first argument."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    dac = import_dac()
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    if what == "write":
        for name, kwargs in SIZES.items():
            model = dac.DAC(**kwargs)
            randomise(model)
            model.save(folder / f"{name}.pth", package=False)
            witness(model, folder / f"{name}.pth")
    else:
        for path in sorted(folder.glob("*.pth")):
            witness(dac.DAC.load(path), path)


if __name__ == "__main__":
    main()
