"""In which numbers a graph stores its weights and computes: float32, half precision, 8-bit integers, or a mixture."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ..engine.errors import SettingError
from .gpu_tokens import for_gpu
from .int8_convolutions import with_int8_convolutions
from .int8_weights import MICROSOFT, quantised_columns, use_microsoft_operators
from .tolerances import CODEC_TOLERANCES, TOKEN_TOLERANCES

_SMALLEST_HALVED = 256


def with_precision(model: onnx.ModelProto, precision: str) -> onnx.ModelProto:
    """Change a graph, in place, to `fp32` (as it is), `fp16`, `int8`, `gpu` or `mixed`.

    fp16 is storage alone: a cast stands behind every weight, ONNX Runtime folds it while loading, and the arithmetic
    stays float32. int8 is arithmetic: matrix products with constant weights run on 8-bit integers, one scale per
    output column, activations scaled as they come; for the transformers. gpu is for them too: half
    precision in the arithmetic as well, and no branches, as CUDA wants it (`gpu_tokens`). mixed is for the published
    codecs: the decoder's large convolutions run on 8-bit integers (`int8_convolutions`), which changes what
    surroundings it wants, while everything else, and so every token of the encoder, stays float32.

    Raises:
        SettingError: Another precision.
    """
    if precision == "fp32":
        return model
    if precision == "fp16":
        return _half_weights(model)
    if precision == "int8":
        return _dynamic_int8(model)
    if precision == "gpu":
        _divide_by_roots(model)
        return for_gpu(model)
    if precision == "mixed":
        return with_int8_convolutions(model)
    offered = dict.fromkeys((*TOKEN_TOLERANCES, *CODEC_TOLERANCES))
    raise SettingError(f"precision must be one of {', '.join(offered)}, got {precision!r}")


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
    _divide_by_roots(model)
    _split_weights(model)
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


def _divide_by_roots(model: onnx.ModelProto) -> None:
    """Write x · (1 / √y) as x / √y, which ONNX Runtime takes for part of a normalisation and computes in one step."""
    roots = {node.output[0] for node in model.graph.node if node.op_type == "Sqrt"}
    inverse = {
        node.output[0]: node.input[0]
        for node in model.graph.node
        if node.op_type == "Reciprocal" and node.input[0] in roots
    }
    readers = _readers(model.graph)
    for node in model.graph.node:
        if node.op_type == "Mul" and node.input[1] in inverse and len(readers[node.input[1]]) == 1:
            node.op_type, node.input[1] = "Div", inverse[node.input[1]]
    readers = _readers(model.graph)
    kept = [node for node in model.graph.node if node.output[0] not in inverse or node.output[0] in readers]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def _split_weights(model: onnx.ModelProto) -> None:
    """A product that is split in equal parts right away as one product for each part: nothing is copied then."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer if len(tensor.dims) == 2}
    readers, nodes = _readers(model.graph), list[onnx.NodeProto]()
    split: set[str] = set()  # first outputs of the Splits that are over
    replaced: set[str] = set()
    for node in model.graph.node:
        following = readers.get(node.output[0], [])
        if node.output[0] in split:
            continue
        if (
            node.op_type != "MatMul"
            or node.input[1] not in weights
            or [other.op_type for other in following] != ["Split"]
            or not _splits_equally(following[0], weights[node.input[1]])
        ):
            nodes.append(node)
            continue
        parts = following[0].output
        split.add(parts[0])
        replaced.add(node.input[1])
        columns = np.split(numpy_helper.to_array(weights[node.input[1]]), len(parts), axis=1)
        for part, weight in zip(parts, columns, strict=True):
            model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(weight), f"{part}_weight"))
            nodes.append(helper.make_node("MatMul", [node.input[0], f"{part}_weight"], [part]))
    read = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in read or tensor.name not in replaced]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept)


def _splits_equally(split: onnx.NodeProto, weight: TensorProto) -> bool:
    """Whether a Split cuts the columns of a product (1, T, C) in a number of equal parts."""
    attributes = {attribute.name: attribute.i for attribute in split.attribute}
    equal = len(split.input) == 1 and weight.dims[1] % len(split.output) == 0
    return equal and attributes.get("axis", 0) in {2, -1}


def _readers(graph: onnx.GraphProto) -> dict[str, list[onnx.NodeProto]]:
    """The nodes that read each tensor, branches and loops among them for what is read inside; outputs are none."""
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        inside = [_readers(a.g) for a in node.attribute if a.type == onnx.AttributeProto.GRAPH]
        for name in dict.fromkeys([*node.input, *(name for names in inside for name in names)]):
            readers.setdefault(name, []).append(node)
    return readers


def _stored(name: str, weight: NDArray[np.float32]) -> list[TensorProto]:
    values, scales = quantised_columns(weight)
    # ONNX Runtime's option for processors whose 8-bit products overflow rewrites weights that have a zero point.
    zeros = np.zeros_like(scales, dtype=np.int8)
    parts: dict[str, NDArray[Any]] = {"values": values, "scales": scales, "zeros": zeros}
    return [numpy_helper.from_array(part, f"{name}_int8_{what}") for what, part in parts.items()]
