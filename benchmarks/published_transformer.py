"""One pass of the published coarse transformer (335.9 M parameters): ONNX Runtime beside PyTorch, in one run.

    python benchmarks/published_transformer.py [--graphs FOLDER] [--frames 115,575] [--runs 5] [--threads 2]

Every run times PyTorch eager, the float32 graph and the 8-bit graph one after the other, so that whatever else the
machine does falls on all of them; a ratio is the median over the runs, with the smallest and the largest beside it. The
machine's ceiling is the best of large matrix products, in float32 by PyTorch and in 8 bits by ONNX Runtime; shares of
it above 1 say that the machine was never idle enough to measure it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from machine import describe_machine
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from published_models import default_folder, session, token_feeds, transformer
from report import print_json, print_table
from torch import Tensor
from vampbridge.engine.nets.transformer import TransformerConfig

SHARE_MASKED = 0.7
CEILING_SIZE = 2048
PRECISIONS = ("fp32", "int8")


def gflop(config: TransformerConfig, n_frames: int) -> float:
    """Multiplications and additions of one pass over T frames: weights, and attention's two products, in 10⁹."""
    per_layer = (3 + 1 + 4 + 2) * config.width**2  # query, key, value; out; feed in; feed out
    outer = config.width * (config.n_codebooks * config.latent_dim + config.n_predicted * config.vocabulary)
    attention = 2 * n_frames * config.width * config.n_layers
    return 2 * n_frames * (config.n_layers * per_layer + outer + attention) / 1e9


def ceilings(threads: int) -> dict[str, float]:
    """Best measured GFLOP/s (8 bits: GOP/s) of a product of two matrices of 2048², per precision."""
    size, rng = CEILING_SIZE, np.random.default_rng(0)
    left, right = torch.randn(size, size), torch.randn(size, size)
    weight = numpy_helper.from_array(rng.integers(-127, 128, (size, size)).astype(np.int8), "weight")
    zero = numpy_helper.from_array(np.uint8(128), "zero")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "weight", "zero"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [size, size])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [size, size])],
        [weight, zero],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    product = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = rng.integers(0, 256, (size, size)).astype(np.uint8)
    best = {
        "fp32": min(_seconds(lambda: left @ right) for _ in range(20)),
        "int8": min(_seconds(lambda: product.run(None, {"x": values})) for _ in range(40)),
    }
    return {name: 2 * size**3 / seconds / 1e9 for name, seconds in best.items()}


def measure(arguments: argparse.Namespace, n_frames: int) -> list[dict[str, Any]]:
    """One row per way of computing a pass over that many frames."""
    model = transformer("coarse")
    feeds = token_feeds(model, n_frames, share_masked=SHARE_MASKED)
    codes, bias = (torch.from_numpy(feeds[name]) for name in ("codes", "position_bias"))
    graphs = {name: session(arguments.graphs, "coarse", name, threads=arguments.threads) for name in PRECISIONS}
    ways: dict[str, Callable[[], object]] = {"torch": lambda: model(codes, bias)}
    ways |= {name: _runner(graph, feeds) for name, graph in graphs.items()}
    with torch.inference_mode():
        for way in ways.values():
            way()  # warm-up
        seconds = np.array([[_seconds(way) for way in ways.values()] for _ in range(arguments.runs)])  # (runs, ways)
        likeliest = model(codes, bias)[0].argmax(-1)
    work = gflop(model.config, n_frames)
    rows = []
    for index, name in enumerate(ways):
        ratios = seconds[:, 0] / seconds[:, index]
        rate = work / float(np.median(seconds[:, index]))
        rows.append(
            {
                "way": name,
                "frames": n_frames,
                "median_s": float(np.median(seconds[:, index])),
                "ratio": float(np.median(ratios)),
                "ratio_least": float(ratios.min()),
                "ratio_most": float(ratios.max()),
                "gflop_s": rate,
                "argmax_equal": _agreement(graphs[name], feeds, likeliest) if name in graphs else 1.0,
            }
        )
    return rows


def _agreement(graph: onnxruntime.InferenceSession, feeds: dict[str, NDArray[Any]], likeliest: Tensor) -> float:
    tokens = graph.run(None, {**feeds, "temperature": np.array(0, np.float32)})[0]
    return float((tokens == likeliest.numpy()[feeds["rows"]]).mean())


def _runner(graph: onnxruntime.InferenceSession, feeds: dict[str, NDArray[Any]]) -> Callable[[], object]:
    return lambda: graph.run(None, feeds)


def _seconds(way: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    way()
    return time.perf_counter() - start_s


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="One pass of the published coarse transformer beside PyTorch.")
    parser.add_argument("--graphs", type=Path, default=default_folder(), help="folder where exported graphs are kept")
    parser.add_argument("--frames", default="115,575", help="lengths, as in 115,575")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    # Before, between and after the passes: a ceiling that was measured while something else ran is none.
    seen, rows = [ceilings(arguments.threads)], []
    for text in arguments.frames.split(","):
        rows += measure(arguments, int(text))
        seen.append(ceilings(arguments.threads))
    most = {name: max(ceiling[name] for ceiling in seen) for name in PRECISIONS}
    for row in rows:
        row["of_ceiling"] = row["gflop_s"] / most["int8" if row["way"] == "int8" else "fp32"]
    print_table("One pass, coarse transformer of published size", rows)
    versions = {"torch": torch.__version__, "onnx": onnx.__version__}
    print_json({"ceiling_gflop_s": most, "rows": rows, **versions, "machine": describe_machine()})


if __name__ == "__main__":
    main()
