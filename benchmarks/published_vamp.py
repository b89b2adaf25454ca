"""A whole vamp with the published models at full size, stage by stage: our graphs beside PyTorch eager, in one run.

    python benchmarks/published_vamp.py [--graphs FOLDER] [--loops-s 2,10] [--runs 1] [--threads 2]

Both encode, run 12 coarse passes and 2 fine passes over every window, and decode; every token is masked at first and
drawn in every pass, which is the most that a pass can be asked for. PyTorch draws from the softmax of its logits,
without filters, and computes each stage in one piece. Ours: encoder float32, transformers 8 bits, decoder mixed, the
codec in pieces with the surroundings it needs, by the engine's own runtime. Both alternate, so that other load falls on
both.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from machine import describe_machine
from published_models import CONTEXT_FRAMES, codec, codec_runtime, default_folder, session, token_feeds, transformer
from report import print_json, print_table
from torch import Tensor
from vampbridge.engine.nets.transformer import TokenTransformer

PASSES = {"coarse": 12, "fine": 2}
SHARE_MASKED = 1.0


class Stages:
    """Both ways of every stage for a loop of T frames: name → (PyTorch, ours)."""

    def __init__(self, arguments: argparse.Namespace, n_frames: int) -> None:
        self._folder, self._threads, self._n_frames = arguments.graphs, arguments.threads, n_frames
        self._codec = codec()
        self._ours = codec_runtime(arguments.graphs, threads=arguments.threads)

    def stage(self, name: str) -> tuple[Callable[[], object], Callable[[], object]]:
        """PyTorch and ours of one stage."""
        if name in PASSES:
            return self._tokens(name)
        return self._encode() if name == "encode" else self._decode()

    def _encode(self) -> tuple[Callable[[], object], Callable[[], object]]:
        n_samples = self._n_frames * self._codec.config.hop
        audio = (np.random.default_rng(0).standard_normal(n_samples) * 0.06).astype(np.float32)
        whole = torch.from_numpy(audio)[None, None]
        return lambda: self._codec.encode(whole), lambda: self._ours.encode(audio, ring=True)

    def _decode(self) -> tuple[Callable[[], object], Callable[[], object]]:
        config = self._codec.config
        codes = np.random.default_rng(0).integers(0, config.codebook_size, (config.n_codebooks, self._n_frames))
        whole = torch.from_numpy(codes)[None]
        return lambda: self._codec.decode(whole), lambda: self._ours.decode(codes, ring=True)

    def _tokens(self, part: str) -> tuple[Callable[[], object], Callable[[], object]]:
        model, context = transformer(part), CONTEXT_FRAMES[part]
        graph = session(self._folder, part, "int8", threads=self._threads)
        n_windows = -(-self._n_frames // context)
        feeds = token_feeds(model, min(context, self._n_frames), share_masked=SHARE_MASKED)
        codes, bias = (torch.from_numpy(feeds[name]) for name in ("codes", "position_bias"))
        n_passes = n_windows * PASSES[part]

        def ours() -> None:
            for _ in range(n_passes):
                graph.run(None, feeds)

        return lambda: [_drawn(model, codes, bias) for _ in range(n_passes)], ours


def _drawn(model: TokenTransformer, codes: Tensor, bias: Tensor) -> Tensor:
    return torch.multinomial(torch.softmax(model(codes, bias)[0], dim=-1), 1)


def measure(arguments: argparse.Namespace, loop_s: float) -> list[dict[str, Any]]:
    """One row per stage and one for the whole, in seconds."""
    config = codec().config
    n_frames = round(loop_s * config.sample_rate / config.hop)
    stages = Stages(arguments, n_frames)
    seconds: dict[str, list[tuple[float, float]]] = {}
    for name in ("encode", *PASSES, "decode"):
        with torch.inference_mode():
            ways = stages.stage(name)
            for way in ways if n_frames <= arguments.warm_frames else ():
                way()
            seconds[name] = [(_seconds(ways[0]), _seconds(ways[1])) for _ in range(arguments.runs)]
    seconds["whole"] = [
        (sum(run[0] for run in runs), sum(run[1] for run in runs)) for runs in zip(*seconds.values(), strict=True)
    ]
    return [_row(loop_s, name, np.array(runs)) for name, runs in seconds.items()]


def _row(loop_s: float, stage: str, runs: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any]:
    ratios = runs[:, 0] / runs[:, 1]
    return {
        "loop_s": loop_s,
        "stage": stage,
        "torch_s": float(np.median(runs[:, 0])),
        "ours_s": float(np.median(runs[:, 1])),
        "ratio": float(np.median(ratios)),
        "ratio_least": float(ratios.min()),
        "ratio_most": float(ratios.max()),
    }


def _seconds(way: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    way()
    return time.perf_counter() - start_s


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="A whole vamp with the published models, beside PyTorch.")
    parser.add_argument("--graphs", type=Path, default=default_folder(), help="folder where exported graphs are kept")
    parser.add_argument("--loops-s", default="2,10", help="lengths of loops in seconds, as in 2,10")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-frames", type=int, default=120, help="longest loop that is warmed up for, in frames")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rows = []
    for text in arguments.loops_s.split(","):
        rows += measure(arguments, float(text))
        print_table(f"Loop of {text} s", [row for row in rows if row["loop_s"] == float(text)])
    versions = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
    print_json({"passes": PASSES, "rows": rows, **versions, "machine": describe_machine()})


if __name__ == "__main__":
    main()
