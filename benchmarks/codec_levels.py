"""The codec of a bundle by itself, at any number of its levels, on the ring as the engine runs it.

A decoder graph takes all its K levels. The first k of them decode by feeding the rest of the graph with the sum of k
looked-up entries instead of K: found by following which levels each tensor of the graph depends on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from loops import RATE, Mono
from vampbridge.engine.audio import resample_ring
from vampbridge.engine.bundle import Bundle, load_bundle
from vampbridge.engine.runtime import CodecRuntime, Runtime

if TYPE_CHECKING:
    import onnx

CODES = "codes"


def bundle_round_trip(folder: Path | None) -> tuple[Callable[[Mono, int], Mono], Bundle]:
    """The codec of a bundle, None for the embedded one: (N,) at 44.1 kHz and a number of levels → (N,)."""
    bundle = load_bundle(folder)
    hop, rate = bundle.manifest.hop, bundle.manifest.sample_rate

    @lru_cache(maxsize=2)
    def codec(levels: int) -> CodecRuntime:
        contents = {**bundle.contents, "decoder.onnx": prefix_decoder(bundle.graph("decoder"), levels)}
        return Runtime(replace(bundle, contents=contents)).codec

    def round_trip(audio: Mono, levels: int) -> Mono:
        n_frames = max(2, round(audio.size / RATE * rate / hop))
        fitted = resample_ring(audio[None], n_frames * hop)[0]
        decoded = codec(levels).decode(codec(levels).encode(fitted, ring=True), ring=True)
        return np.asarray(resample_ring(decoded[None], audio.size)[0])

    return round_trip, bundle


def prefix_decoder(graph: bytes, levels: int) -> bytes:
    """A decoder graph that hears only the first `levels` of its codebooks.

    Raises:
        SystemExit: the graph has no such number of levels, or does not add them up one after the other.
    """
    import onnx

    model = onnx.load_from_string(graph)
    sums = _partial_sums(model)
    n_levels = len(sums)
    if not 1 <= levels <= max(1, n_levels):
        raise SystemExit(f"levels must be in [1, {n_levels}], got {levels}")
    if levels == n_levels:
        return graph
    if not all(sums):
        raise SystemExit("this decoder does not add up its levels one by one: only all of them can be measured")
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            if name == sums[-1]:
                node.input[index] = sums[levels - 1]
    return bytes(model.SerializeToString())


def _partial_sums(model: onnx.ModelProto) -> list[str]:
    """Names of the sums of the first 1 … K looked-up levels; empty where there is none."""
    from onnx import numpy_helper

    constants = {item.name: item for item in model.graph.initializer}
    heard: dict[str, frozenset[int]] = {}  # tensor → levels that it depends on
    sums: dict[int, str] = {}
    for node in model.graph.node:
        if node.op_type == "Gather" and node.input[0] == CODES:
            heard[node.output[0]] = frozenset([int(numpy_helper.to_array(constants[node.input[1]]))])
            continue
        parts = [heard.get(name, frozenset()) for name in node.input]
        whole = frozenset().union(*parts)
        heard.update(dict.fromkeys(node.output, whole))
        last = max(whole, default=0)
        before = frozenset(range(last))
        if node.op_type == "Add" and last and parts in ([before, {last}], [{last}, before]):
            sums.setdefault(last, node.input[parts.index(before)])
            sums.setdefault(last + 1, node.output[0])
    return [sums.get(k, "") for k in range(1, max(sums, default=0) + 1)]
