"""In which numbers a graph stores its weights and computes: float32, half precision, 8-bit integers, or a mixture."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ..engine.errors import SettingError
from .int8_convolutions import with_int8_convolutions
from .int8_weights import MICROSOFT, quantised_columns, use_microsoft_operators

PRECISIONS = ("fp32", "fp16", "int8", "mixed")
_SMALLEST_HALVED = 256


def with_precision(model: onnx.ModelProto, precision: str) -> onnx.ModelProto:
    """Change a graph, in place, to `fp32` (as it is), `fp16`, `int8` or `mixed`.

    fp16 is storage alone: a cast stands behind every weight, ONNX Runtime folds it while loading, and the arithmetic
    stays float32. int8 is arithmetic: matrix products with constant weights run on 8-bit integers, one scale per
    output column, activations scaled as they come; for the transformers. mixed is for the published codecs: the
    decoder's large convolutions run on 8-bit integers (`int8_convolutions`), which changes what surroundings it wants,
    while everything else, and so every token of the encoder, stays float32.

    Raises:
        SettingError: Another precision.
    """
    if precision == "fp32":
        return model
    if precision == "fp16":
        return _half_weights(model)
    if precision == "int8":
        return _dynamic_int8(model)
    if precision == "mixed":
        return with_int8_convolutions(model)
    raise SettingError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")


def _half_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    casts, kept = [], []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _SMALLEST_HALVED:
            kept.append(tensor)
            continue
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name + "_fp16")
        kept.append(half)
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    return model


def _dynamic_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """Matrix products with constant weights in 8 bits; an activation that several of them read is quantised once."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer if len(tensor.dims) == 2}
    nodes: list[onnx.NodeProto] = []
    quantised: dict[str, str] = {}  # activation → prefix of its quantised twin
    stored: dict[str, list[TensorProto]] = {}  # weight → its 8-bit twin, scales and zero points
    for node in model.graph.node:
        if node.op_type != "MatMul" or node.input[1] not in weights:
            nodes.append(node)
            continue
        activation, weight = node.input
        if activation not in quantised:
            quantised[activation] = f"{activation}_int8"
            twins = [f"{activation}_int8_{part}" for part in ("values", "scale", "zero")]
            nodes.append(helper.make_node("DynamicQuantizeLinear", [activation], twins))
        if weight not in stored:
            stored[weight] = _stored(weight, numpy_helper.to_array(weights[weight]))
        left, right = quantised[activation], [tensor.name for tensor in stored[weight]]
        inputs = [f"{left}_values", right[0], f"{left}_scale", right[1], f"{left}_zero", right[2]]
        nodes.append(helper.make_node("MatMulIntegerToFloat", inputs, list(node.output), domain=MICROSOFT))
    read = {name for node in nodes for name in node.input}
    constants = [tensor for tensor in model.graph.initializer if tensor.name in read or tensor.name not in stored]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend([*constants, *(tensor for twins in stored.values() for tensor in twins)])
    if stored:
        use_microsoft_operators(model)
    return model


def _stored(name: str, weight: NDArray[np.float32]) -> list[TensorProto]:
    values, scales = quantised_columns(weight)
    # ONNX Runtime's option for processors whose 8-bit products overflow rewrites weights that have a zero point.
    zeros = np.zeros_like(scales, dtype=np.int8)
    parts: dict[str, NDArray[Any]] = {"values": values, "scales": scales, "zeros": zeros}
    return [numpy_helper.from_array(part, f"{name}_int8_{what}") for what, part in parts.items()]
