"""Peak memory of a process that vamps with the published models at full size, per precision.

    python benchmarks/published_memory.py [--graphs FOLDER] [--kinds int8,fp32] [--loop-s 10] [--threads 2]

Random weights, written as a bundle; a fresh Python process without torch loads it as the engine does and vamps one loop
with 2 coarse passes (every pass needs the same memory). Printed: the process's largest resident size after loading and
after the vamp, as the operating system counts it. Linux and macOS.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe_machine
from report import print_json, print_table

KINDS = {
    "fp32": {"encoder": "fp32", "decoder": "fp32", "coarse": "fp32", "fine": "fp32"},
    "int8": {"encoder": "fp32", "decoder": "mixed", "coarse": "int8", "fine": "int8"},
}
LIMIT_GB = {"int8": 4.0}
"""What a bundle of a kind must fit in."""
_GB = 1e9


def write_bundle(graphs: Path, kind: str, out: Path) -> None:
    """A bundle of the graphs in a folder, which are exported where they are missing."""
    from published_models import CONTEXT_FRAMES, codec, session, transformer
    from vampbridge.engine.bundle import FORMAT, MANIFEST, POSITION_BIAS, Manifest
    from vampbridge.export.receptive_field import context_frames

    model, precision = codec(), KINDS[kind]
    for part, how in precision.items():
        session(graphs, part, how, threads=1)
        os.link(graphs / f"{part}-{how}.onnx", out / f"{part}.onnx")
    weights = {part: transformer(part).relative_attention_bias.detach().numpy() for part in CONTEXT_FRAMES}
    np.savez(out / POSITION_BIAS, **weights)
    manifest = Manifest(
        format=FORMAT,
        name=f"published size, {kind}",
        licence="CC0-1.0",
        sample_rate=model.config.sample_rate,
        hop=model.config.hop,
        n_codebooks=model.config.n_codebooks,
        n_coarse=4,
        vocabulary=model.config.codebook_size,
        coarse_context=CONTEXT_FRAMES["coarse"],
        fine_context=CONTEXT_FRAMES["fine"],
        codec_context=context_frames(model),
        precision=precision,
        origin={"weights": "random"},
        checks={},
        files={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()},
    )
    (out / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")


def vamp_and_report(bundle: Path, loop_s: float, threads: int) -> None:
    """In the measured process: load, vamp, print the peaks as JSON."""
    from vampbridge.engine.bundle import load_bundle
    from vampbridge.engine.settings import VampSettings
    from vampbridge.engine.take import VampRequest
    from vampbridge.engine.vamper import Vamper

    vamper = Vamper(load_bundle(bundle), threads=threads)
    loaded = _peak_gb()
    rate = vamper.bundle.manifest.sample_rate
    noise = np.random.default_rng(0).standard_normal((1, round(loop_s * rate))).astype(np.float32) * np.float32(0.1)
    vamper.vamp(VampRequest(noise, rate, VampSettings(seed=0, coarse_passes=2)))
    print(json.dumps({"loaded_gb": loaded, "peak_gb": _peak_gb(), "torch": "torch" in sys.modules}))


def _peak_gb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _GB


def measure(arguments: argparse.Namespace, kind: str) -> dict[str, Any]:
    """One row: size of the bundle and the peaks of a fresh process."""
    arguments.graphs.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.graphs) as folder:
        write_bundle(arguments.graphs, kind, Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / _GB
        numbers = [str(arguments.loop_s), str(arguments.threads)]
        command = [sys.executable, __file__, "--measured", folder, *numbers]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own program
    peaks = json.loads(done.stdout.splitlines()[-1])
    limit = LIMIT_GB.get(kind)
    return {"kind": kind, "bundle_gb": size, **peaks, "limit_gb": limit, "met": limit and peaks["peak_gb"] <= limit}


def main() -> None:
    """Read the command line, measure, print."""
    if sys.argv[1:2] == ["--measured"]:
        vamp_and_report(Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
        return
    parser = argparse.ArgumentParser(description="Peak memory of a vamp with the published models.")
    parser.add_argument("--graphs", type=Path, help="folder where exported graphs are kept")
    parser.add_argument("--kinds", default="int8,fp32", help="as in int8,fp32")
    parser.add_argument("--loop-s", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.graphs is None:
        from published_models import default_folder

        arguments.graphs = default_folder()
    rows = [measure(arguments, kind) for kind in arguments.kinds.split(",")]
    print_table(f"Peak memory, loop of {arguments.loop_s:g} s", rows)
    print_json({"loop_s": arguments.loop_s, "rows": rows, "machine": describe_machine()})


if __name__ == "__main__":
    main()
