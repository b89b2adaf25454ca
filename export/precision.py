"""How the weights of a graph are stored: half precision for the codec, 8-bit integers for the transformers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from ..engine.errors import SettingError

PRECISIONS = ("fp32", "fp16", "int8")
_SMALLEST_HALVED = 256


def with_precision(model: onnx.ModelProto, precision: str) -> onnx.ModelProto:
    """Store a graph's weights as `fp32` (as they are), `fp16` or `int8`.

    fp16 is storage alone: a cast stands behind every weight, ONNX Runtime folds it while loading, and the arithmetic
    stays float32. int8 is arithmetic: matrix products with constant weights run on 8-bit integers, one scale per
    output column, activations scaled as they come.

    Raises:
        SettingError: Another precision.
    """
    if precision == "fp32":
        return model
    if precision == "fp16":
        return _half_weights(model)
    if precision == "int8":
        return _dynamic_int8(model)
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
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        quantize_dynamic(source, target, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
        return onnx.load(target)
