"""A whole vamp with the published models at full size, stage by stage: our graphs beside PyTorch eager, in one run.

    python benchmarks/published_vamp.py [--graphs FOLDER] [--loops-s 2,10] [--runs 1] [--threads 2] [--passes 12]
    python benchmarks/published_vamp.py --device cuda --loops-s 10 --passes 36 --runs 5

Both encode, run 12 coarse passes and 2 fine passes over every window, and decode; every token is masked at first and
drawn in every pass, which is the most that a pass can be asked for. PyTorch draws from the softmax of its logits,
without filters, and computes each stage in one piece. Ours: encoder float32, transformers 8 bits, decoder mixed, the
codec in pieces with the surroundings it needs, by the engine's own runtime. Both alternate, so that other load falls on
both.

On a GPU PyTorch computes the transformers in bfloat16 and the codec in float32; ours in half precision and float32, in
the padded lengths, at the fixed places and with the captured CUDA graphs of the engine. Both have met every length
before the clock starts. Needs a PyTorch with CUDA and `pip install '.[cuda]'`.
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
from published_models import (
    CONTEXT_FRAMES,
    bound_tokens,
    codec,
    codec_runtime,
    default_folder,
    session,
    token_feeds,
    transformer,
)
from report import print_json, print_table
from torch import Tensor
from vampbridge.engine.devices import CPU, CUDA
from vampbridge.engine.nets.transformer import TokenTransformer
from vampbridge.engine.settings import VampSettings

FINE_PASSES = 2
SHARE_MASKED = 1.0
UNFILTERED = VampSettings(temperature=1.0, typical=False, top_p=1.0)
WARM_RUNS = {CPU: 1, CUDA: 3}
"""Runs before the clock starts; on a GPU ONNX Runtime searches in the first and captures in the second."""

Way = Callable[[], object]


class Stages:
    """Both ways of every stage for a loop of T frames: name → (PyTorch, ours)."""

    def __init__(self, arguments: argparse.Namespace, n_frames: int) -> None:
        self._folder, self._threads, self._n_frames = arguments.graphs, arguments.threads, n_frames
        self._device, self._passes = arguments.device, passes(arguments)
        self._codec = codec().to(self._device)
        self._ours = codec_runtime(arguments.graphs, threads=arguments.threads, device=self._device)

    def stage(self, name: str) -> tuple[Way, Way]:
        """PyTorch and ours of one stage."""
        if name in self._passes:
            return self._tokens(name) if self._device == CPU else self._bound_tokens(name)
        return self._encode() if name == "encode" else self._decode()

    def _encode(self) -> tuple[Way, Way]:
        n_samples = self._n_frames * self._codec.config.hop
        audio = (np.random.default_rng(0).standard_normal(n_samples) * 0.06).astype(np.float32)
        whole = torch.from_numpy(audio)[None, None].to(self._device)
        return lambda: self._codec.encode(whole).cpu(), lambda: self._ours.encode(audio, ring=True)

    def _decode(self) -> tuple[Way, Way]:
        config = self._codec.config
        codes = np.random.default_rng(0).integers(0, config.codebook_size, (config.n_codebooks, self._n_frames))
        whole = torch.from_numpy(codes)[None].to(self._device)
        return lambda: self._codec.decode(whole).cpu(), lambda: self._ours.decode(codes, ring=True)

    def _tokens(self, part: str) -> tuple[Way, Way]:
        model, context = transformer(part), CONTEXT_FRAMES[part]
        graph = session(self._folder, part, "int8", threads=self._threads)
        feeds = token_feeds(model, min(context, self._n_frames), share_masked=SHARE_MASKED)
        codes, bias = (torch.from_numpy(feeds[name]) for name in ("codes", "position_bias"))
        n_passes = self._n_passes(part)

        def ours() -> None:
            for _ in range(n_passes):
                graph.run(None, feeds)

        return lambda: [_drawn(model, codes, bias) for _ in range(n_passes)], ours

    def _bound_tokens(self, part: str) -> tuple[Way, Way]:
        """As `_tokens`, the way of a GPU."""
        model = transformer(part)
        feeds = token_feeds(model, min(CONTEXT_FRAMES[part], self._n_frames), share_masked=SHARE_MASKED)
        half = model.to(self._device, torch.bfloat16)
        codes = torch.from_numpy(feeds["codes"]).to(self._device)
        bias = torch.from_numpy(feeds["position_bias"]).to(self._device, torch.bfloat16)
        runtime, n_passes = bound_tokens(self._folder, part, device=self._device), self._n_passes(part)

        def theirs() -> None:
            for _ in range(n_passes):
                _drawn(half, codes, bias).cpu()  # decoding reads the tokens of a pass before the next one

        def ours() -> None:
            given = feeds["codes"][0], feeds["rows"], feeds["uniforms"]
            for _ in range(n_passes):
                runtime.sample(*given, settings=UNFILTERED, ring=False)

        return theirs, ours

    def _n_passes(self, part: str) -> int:
        return -(-self._n_frames // CONTEXT_FRAMES[part]) * self._passes[part]


def passes(arguments: argparse.Namespace) -> dict[str, int]:
    """Passes over every window, by model."""
    return {"coarse": arguments.passes, "fine": FINE_PASSES}


def _drawn(model: TokenTransformer, codes: Tensor, bias: Tensor) -> Tensor:
    return torch.multinomial(torch.softmax(model(codes, bias)[0].float(), dim=-1), 1)


def measure(arguments: argparse.Namespace, loop_s: float) -> list[dict[str, Any]]:
    """One row per stage and one for the whole, in seconds."""
    config = codec().config
    n_frames = round(loop_s * config.sample_rate / config.hop)
    stages = Stages(arguments, n_frames)
    seconds: dict[str, list[tuple[float, float]]] = {}
    warm_runs = WARM_RUNS[arguments.device] if arguments.device == CUDA or n_frames <= arguments.warm_frames else 0
    for name in ("encode", *passes(arguments), "decode"):
        with torch.inference_mode():
            ways = stages.stage(name)
            for way in ways * warm_runs:
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
    parser.add_argument("--device", choices=(CPU, CUDA), default=CPU)
    parser.add_argument("--passes", type=int, default=12, help="coarse passes over every window")
    arguments = parser.parse_args()
    if arguments.device == CUDA and not torch.cuda.is_available():
        parser.error(f"--device cuda needs a GPU and a PyTorch for it; this is PyTorch {torch.__version__} without")
    torch.set_num_threads(arguments.threads)
    rows = []
    for text in arguments.loops_s.split(","):
        rows += measure(arguments, float(text))
        print_table(f"Loop of {text} s", [row for row in rows if row["loop_s"] == float(text)])
    versions = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
    device = torch.cuda.get_device_name() if arguments.device == CUDA else CPU
    print_json({"passes": passes(arguments), "rows": rows, "device": device, **versions, "machine": describe_machine()})


if __name__ == "__main__":
    main()
