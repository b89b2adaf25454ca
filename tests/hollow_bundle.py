"""A bundle whose files are whole by the manifest and hold no models: all that names, hashes and copies need."""

import hashlib
import io
from pathlib import Path

import numpy as np
from vampbridge.engine.bundle import FORMAT, GRAPHS, MANIFEST, POSITION_BIAS, Manifest


def make_hollow_bundle(
    folder: Path, *, name: str = "tiny", licence: str = "CC0-1.0", origin: dict[str, str] | None = None
) -> Path:
    """Write one into `folder`, which is made if need be."""
    bias = io.BytesIO()
    np.savez(bias, coarse=np.zeros((32, 2), np.float32), fine=np.zeros((32, 2), np.float32))
    files = {f"{graph}.onnx": f"no {graph}".encode() for graph in GRAPHS} | {POSITION_BIAS: bias.getvalue()}
    manifest = Manifest(
        FORMAT,
        name,
        licence,
        sample_rate=44_100,
        hop=768,
        n_codebooks=14,
        n_coarse=4,
        vocabulary=1024,
        coarse_context=575,
        fine_context=173,
        codec_context=8,
        precision=dict.fromkeys(GRAPHS[:2], "fp16") | dict.fromkeys(GRAPHS[2:], "int8"),
        origin=origin or {"weights": "none"},
        checks={"coarse_argmax_agreement": "0.99"},
        files={file: hashlib.sha256(data).hexdigest() for file, data in files.items()},
    )
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        (folder / file).write_bytes(data)
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return folder
