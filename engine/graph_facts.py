"""What a serialised ONNX graph says of itself without being run: its operators, and how large its activations are.

Performing must not need the onnx package, so the few fields that matter are read from the bytes directly (protocol
buffers wire format, https://protobuf.dev/programming-guides/encoding; field numbers from onnx.proto). Weights are
stepped over, not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from .errors import BundleError

CONTROL_FLOW = frozenset({"If", "Loop", "Scan"})
NOT_ON_CUDA = frozenset({"DynamicQuantizeLinear", "DynamicQuantizeMatMul", "MatMulIntegerToFloat"})
"""Operators of our graphs for which ONNX Runtime's CUDA provider has no kernel (its docs/OperatorKernels.md): the host
would compute them, between copies from the device and back."""
_MODEL_GRAPH, _MODEL_FUNCTIONS = 7, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT = 1, 5, 11
_VALUE_NAME = 1
_FUNCTION_NODE = 7
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR, _NODE_ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_GRAPH, _ATTRIBUTE_INTS = 1, 6, 8
_TENSOR_DIMS, _TENSOR_NAME = 1, 8
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_CONVOLUTIONS = frozenset({"Conv", "ConvInteger", "ConvTranspose"})
_SIZES = frozenset({"Shape", "Size"})
_KEEPS_WEIGHTS = frozenset({"Cast", "DequantizeLinear", "Identity"})

Message = memoryview


@dataclass
class _Node:
    operator: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    strides: list[int] = field(default_factory=list)
    subgraphs: list[Message] = field(default_factory=list)


def operators(graph: bytes) -> frozenset[str]:
    """Names of all operators in a serialised model, those inside branches and loops too.

    Raises:
        BundleError: Not a serialised model.
    """
    return frozenset(_every_operator(graph))


def control_flow(graph: bytes) -> tuple[str, ...]:
    """Operators that decide on the host what runs next, in order of the alphabet; CUDA graphs cannot hold them."""
    return tuple(sorted(operators(graph) & CONTROL_FLOW))


def left_to_host(graph: bytes) -> tuple[str, ...]:
    """Operators for which CUDA has no kernel, in order of the alphabet; a graph that holds any belongs on the CPU."""
    return tuple(sorted(operators(graph) & NOT_ON_CUDA))


def floats_per_frame(graph: bytes, *, samples_per_frame: int = 1) -> int:
    """Size of the largest activation of a codec graph for each token frame, in numbers; 0 without convolutions.

    Channels times rate after each convolution, followed from the input on.

    Args:
        graph: Serialised encoder or decoder.
        samples_per_frame: Rate of the input: the hop for an encoder, 1 for a decoder.

    Raises:
        BundleError: Not a serialised model.
    """
    largest = Fraction(0)
    for model_graph in _fields_of(memoryview(graph), _MODEL_GRAPH):
        shapes = dict(_tensor(tensor) for tensor in _fields_of(model_graph, _GRAPH_INITIALIZER))
        inputs = [name for value in _fields_of(model_graph, _GRAPH_INPUT) for name in _fields_of(value, _VALUE_NAME)]
        rates = dict.fromkeys(map(_text, inputs), Fraction(samples_per_frame))
        for node in (_node(message) for message in _fields_of(model_graph, _GRAPH_NODE)):
            if node.operator in _KEEPS_WEIGHTS and node.inputs[0] in shapes:
                shapes[node.outputs[0]] = shapes[node.inputs[0]]
            heard = [rates[name] for name in node.inputs if name in rates]
            if not heard or node.operator in _SIZES:
                continue  # weights and sizes have no rate
            rate = max(heard)
            if node.operator in _CONVOLUTIONS and len(dims := shapes.get(node.inputs[1], ())) > 2:
                stride = node.strides[0] if node.strides else 1
                upwards = node.operator == "ConvTranspose"
                rate = rate * stride if upwards else rate / stride
                largest = max(largest, rate * dims[1 if upwards else 0])
            rates.update(dict.fromkeys(node.outputs, rate))
    return int(largest)


def _every_operator(graph: bytes) -> Iterator[str]:
    model = memoryview(graph)
    waiting = [(message, _GRAPH_NODE) for message in _fields_of(model, _MODEL_GRAPH)]
    waiting += [(message, _FUNCTION_NODE) for message in _fields_of(model, _MODEL_FUNCTIONS)]
    while waiting:
        message, number = waiting.pop()
        for node in (_node(found) for found in _fields_of(message, number)):
            yield node.operator
            waiting += [(subgraph, _GRAPH_NODE) for subgraph in node.subgraphs]


def _node(message: Message) -> _Node:
    node = _Node()
    for number, value in _fields(message):
        if isinstance(value, int):
            continue
        if number == _NODE_INPUT:
            node.inputs.append(_text(value))
        elif number == _NODE_OUTPUT:
            node.outputs.append(_text(value))
        elif number == _NODE_OPERATOR:
            node.operator = _text(value)
        elif number == _NODE_ATTRIBUTE:
            node.subgraphs += _fields_of(value, _ATTRIBUTE_GRAPH)
            if any(_text(name) == "strides" for name in _fields_of(value, _ATTRIBUTE_NAME)):
                node.strides = _integers(value, _ATTRIBUTE_INTS)
    return node


def _tensor(message: Message) -> tuple[str, tuple[int, ...]]:
    name = next(iter(_fields_of(message, _TENSOR_NAME)), memoryview(b""))
    return _text(name), tuple(_integers(message, _TENSOR_DIMS))


def _text(value: Message) -> str:
    return bytes(value).decode("utf-8", errors="replace")


def _fields_of(message: Message, wanted: int) -> list[Message]:
    return [value for number, value in _fields(message) if number == wanted and not isinstance(value, int)]


def _integers(message: Message, wanted: int) -> list[int]:
    """A repeated integer, packed or not."""
    found: list[int] = []
    for number, value in _fields(message):
        if number != wanted:
            continue
        if isinstance(value, int):
            found.append(value)
            continue
        at = 0
        while at < len(value):
            item, at = _varint(value, at)
            found.append(item)
    return found


def _fields(message: Message) -> Iterator[tuple[int, int | Message]]:
    """Number and value of each field: a whole number, or the bytes of what is longer."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        else:
            length = {_FIXED64: 8, _FIXED32: 4}.get(kind, len(message) + 1)
        if at + length > len(message):
            raise BundleError("a graph is no ONNX model, or it is cut off: copy or export the bundle again")
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: Message, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at
    raise BundleError("a graph is no ONNX model, or it is cut off: copy or export the bundle again")
