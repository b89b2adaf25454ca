"""Convolutions of a codec decoder as 8-bit matrix products, for CPUs (AVX-512 VNNI, AVX-VNNI, ARM dot products).

A codec decoder spends its time in convolutions and Snakes at rates far above the token rate. ONNX Runtime has no fast
8-bit convolution with scales taken from the signal, but a fast 8-bit matrix product. So everything from the first
transposed convolution on is written anew, time first: the activation (N, C) is quantised as it comes, its k neighbours
are laid side by side, (N, k·C), and multiplied by the kernel, (k·C, C'), 8 bits with one scale per output channel. A
transposed convolution with a kernel of two strides is the same with two neighbours and one block of columns per phase.

What a graph of this kind no longer needs to compute it leaves out: frames that the caller passes as surroundings are
cut off layer by layer, as soon as no later layer looks at them. Such a graph carries `TRIMMED_FRAMES` in its metadata.
From the second transposed convolution on it works through tiles (`decoder_tiles`), in a loop, so that the neighbours
laid side by side stay in the processor's cache.

Snakes between these layers are polynomials (`polynomial_snakes`), whose error is below that of 8 bits.

Layers before the first transposed convolution and those with fewer than `LEAST_CHANNELS` on a side stay float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ..engine.runtime import TRIMMED_FRAMES
from .decoder_tiles import Tiles, kernel_of, needed_margins, used_constants
from .int8_weights import MICROSOFT, quantised_columns, use_microsoft_operators
from .polynomial_snakes import with_polynomial_snakes

LEAST_CHANNELS = 8

_ELEMENTWISE = frozenset({"Mul", "Add", "Sub", "Div", "Pow", "Sin", "Round"})
_TO_THE_END = np.iinfo(np.int64).max

Array = NDArray[Any]


def with_int8_convolutions(model: onnx.ModelProto) -> onnx.ModelProto:
    """Rewrite a decoder graph, `codes` (1, K, T) → `audio` (1, 1, T·hop), in place.

    Returns:
        `model`: the same graph with 8-bit convolutions and, where every transposed convolution multiplies the length
        exactly, with `audio` (1, 1, (T - 2c)·hop) and c in the metadata. A graph without a transposed convolution
        (an encoder, a spectral codec) is left as it is.
    """
    writer = _Writer(model)
    region = writer.region()
    if not region:
        return model
    nodes = with_polynomial_snakes(list(model.graph.node), writer.constants, region)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    region = writer.region()
    margins = needed_margins(model.graph.node, writer.constants) if writer.multiplies_exactly() else {}
    trimmed = margins.get(model.graph.input[0].name, 0)
    writer.rewrite(region, margins, trimmed)
    if writer.tiles is not None:
        writer.nodes = writer.tiles.looped(writer.nodes, writer.constants)
    del model.graph.node[:], model.graph.initializer[:], model.graph.value_info[:]
    model.graph.node.extend(writer.nodes)
    model.graph.initializer.extend(used_constants(writer.nodes, writer.constants))
    use_microsoft_operators(model)
    if trimmed:
        output = model.graph.output[0].type.tensor_type.shape.dim[2]
        output.Clear()
        output.dim_param = "N"
        helper.set_model_props(model, {TRIMMED_FRAMES: str(trimmed)})
    return model


class _Writer:
    """The graph being written: its nodes so far, its constants, and which tensors lie time first."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, Array] = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self._time_first: dict[str, str] = {}  # tensor (1, C, N) → its twin (N, C)
        self._needed: dict[str, int] = {}  # samples beside the wanted ones that a tensor must hold
        self._held: dict[str, int] = {}  # … and does hold
        self._cut: dict[tuple[str, int], str] = {}  # twin, margin → its rows with that margin
        self._quantised: dict[str, tuple[str, str, str]] = {}
        self.tiles: Tiles | None = None
        self._n_rates, self._rate = 0, 1
        self._count = 0

    def multiplies_exactly(self) -> bool:
        """Whether every transposed convolution turns N samples into exactly N·stride."""
        for node in self._graph.node:
            if node.op_type == "ConvTranspose":
                attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
                kernel, _, stride, _ = kernel_of(node, self.constants)
                more = attributes.get("output_padding", [0])[0]
                if kernel - sum(attributes.get("pads", [0, 0])) + more != stride:
                    return False
        return True

    def region(self) -> set[str]:
        """Outputs of the nodes to be rewritten: the first transposed convolution that fits, and what fits after it."""
        inside: set[str] = set()
        for node in self._graph.node:
            starts = node.op_type == "ConvTranspose"
            dynamic = [name for name in node.input if name and name not in self.constants]
            follows = any(name in inside for name in dynamic)
            if (starts or (follows and all(name in inside for name in dynamic))) and self._fits(node):
                inside.update(node.output)
        return inside

    def _fits(self, node: onnx.NodeProto) -> bool:
        if node.op_type in _ELEMENTWISE:
            exponent = self.constants.get(node.input[1]) if node.op_type == "Pow" else np.float32(2)
            return exponent is not None and exponent.size == 1 and float(exponent) == 2
        if node.op_type not in {"Conv", "ConvTranspose"} or node.input[1] not in self.constants:
            return False
        weight = self.constants[node.input[1]]
        group = next((a.i for a in node.attribute if a.name == "group"), 1)
        kernel, _, stride, _ = kernel_of(node, self.constants)
        if group != 1 or weight.ndim != 3 or min(weight.shape[:2]) < LEAST_CHANNELS:
            return False
        return kernel == 2 * stride if node.op_type == "ConvTranspose" else stride == 1 and kernel % 2 == 1

    def rewrite(self, region: set[str], needed: dict[str, int], trimmed: int) -> None:
        """Write every node of the graph, those of the region time first and holding no more than is `needed`."""
        writers: dict[str, Callable[[onnx.NodeProto], str]] = {
            "Conv": self._convolution,
            "ConvTranspose": self._transposed_convolution,
        }
        self._needed = needed if trimmed else {}
        self._held[self._graph.input[0].name] = trimmed
        for node in self._graph.node:
            held = min((self._held[name] for name in node.input if name in self._held), default=0)
            if node.output[0] not in region:
                for name in node.input:
                    self._leave(name, held)
                self.nodes.append(node)
            else:
                if node.op_type == "ConvTranspose" and trimmed:
                    self._start_tiles(node.input[0])
                self._time_first[node.output[0]] = writers.get(node.op_type, self._elementwise)(node)
            if node.op_type == "ConvTranspose":
                stride = kernel_of(node, self.constants)[2]
                held, self._rate = held * stride, self._rate * stride
            for name in node.output:
                self._held[name] = self._needed.get(name, held) if name in region else held
        output = self._graph.output[0].name
        if held := self._held[output]:
            self.nodes[-1].output[0] = self._name("whole")
            ends = [self.constant(np.array([value])) for value in (held, -held, 2)]
            self.nodes.append(helper.make_node("Slice", [self.nodes[-1].output[0], *ends], [output]))

    def _start_tiles(self, name: str) -> None:
        """The second transposed convolution reads its input tile by tile."""
        self._n_rates += 1
        if self._n_rates == 2:
            source, tile = self._enter(name, self._needed[name]), self._name("tile")
            self.tiles = Tiles(source, tile, len(self.nodes), self._rate, self._needed[name])
            self._time_first[name], self._held[name] = tile, self._needed[name]

    # Layout

    def _enter(self, name: str, margin: int) -> str:
        """The time-first twin (N, C) of a tensor (1, C, N), with `margin` rows of surroundings on either side."""
        if name not in self._time_first:
            flat = self.emit("Squeeze", name, self.constant(np.array([0])))
            self._time_first[name] = self.emit("Transpose", flat, perm=[1, 0])
        twin, more = self._time_first[name], self._held.get(name, 0) - margin
        if not more:
            return twin
        if (twin, margin) not in self._cut:
            self._cut[twin, margin] = self._rows(twin, more, -more)
        return self._cut[twin, margin]

    def _leave(self, name: str, margin: int) -> None:
        """Write a tensor that only exists time first as (1, C, N) again, under its own name."""
        if name in self._time_first and not any(name in node.output for node in self.nodes):
            flipped = self.emit("Transpose", self._enter(name, margin), perm=[1, 0])
            self.nodes.append(helper.make_node("Unsqueeze", [flipped, self.constant(np.array([0]))], [name]))

    # Operations

    def _elementwise(self, node: onnx.NodeProto) -> str:
        dynamic = [name for name in node.input if name not in self.constants]
        margin = self._needed.get(node.output[0], min(self._held[name] for name in dynamic))
        inputs = [self._across(name) if name in self.constants else self._enter(name, margin) for name in node.input]
        if node.op_type == "Pow":
            return self.emit("Mul", inputs[0], inputs[0])
        return self.emit(node.op_type, *inputs)

    def _across(self, name: str) -> str:
        """A constant (1, C, 1) or () for tensors (N, C)."""
        value = self.constants[name]
        return self.constant(value.reshape(-1) if value.ndim else value)

    def _convolution(self, node: onnx.NodeProto) -> str:
        weight = self.constants[node.input[1]]  # (C', C, k)
        kernel, dilation, _, pad = kernel_of(node, self.constants)
        reach = (kernel - 1) * dilation // 2
        whole = node.output[0] not in self._needed
        margin = self._held[node.input[0]] if whole else self._needed[node.output[0]] + reach
        values, scale, zero = self._quantise(node.input[0], margin)
        taps = values
        if kernel > 1:
            if whole:  # otherwise the surroundings are there, and what has none of its own is not wanted
                edge = self.emit("Expand", zero, self.constant(np.array([pad, weight.shape[1]])))
                values = self.emit("Concat", edge, values, edge, axis=0)
            shifts = [(i * dilation, i * dilation - 2 * reach or _TO_THE_END) for i in range(kernel)]
            taps = self.emit("Concat", *(self._rows(values, *shift) for shift in shifts), axis=1)  # (N, k·C)
        columns = weight.transpose(2, 1, 0).reshape(-1, weight.shape[0])
        return self._product((taps, scale, zero), columns, self._bias(node, weight.shape[0]))

    def _transposed_convolution(self, node: onnx.NodeProto) -> str:
        """Sample q·s + r - pad of the output hears inputs q through tap r and q - 1 through tap r + s."""
        weight = self.constants[node.input[1]]  # (C, C', 2s)
        n_in, n_out, _ = weight.shape
        _, _, stride, pad = kernel_of(node, self.constants)
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        back = attributes.get("pads", [0, 0])[1] - attributes.get("output_padding", [0])[0]
        held = self._needed.get(node.input[0], self._held.get(node.input[0], 0))
        values, scale, zero = self._quantise(node.input[0], held)
        edge = self.emit("Expand", zero, self.constant(np.array([1, n_in])))
        now, before = self.emit("Concat", values, edge, axis=0), self.emit("Concat", edge, values, axis=0)
        taps = self.emit("Concat", now, before, axis=1)  # (N + 1, 2·C)
        columns = np.concatenate((weight[:, :, :stride], weight[:, :, stride:])).transpose(0, 2, 1)
        bias = np.tile(self._bias(node, n_out), stride)
        phases = self._product((taps, scale, zero), columns.reshape(2 * n_in, -1), bias)  # (N + 1, s·C')
        rows = self.emit("Reshape", phases, self.constant(np.array([-1, n_out])))
        unneeded = held * stride - self._needed.get(node.output[0], held * stride)
        return self._rows(rows, pad + unneeded, -(back + unneeded) or _TO_THE_END)

    def _bias(self, node: onnx.NodeProto, n_out: int) -> Array:
        given = len(node.input) > 2 and node.input[2]
        return self.constants[node.input[2]] if given else np.zeros(n_out, np.float32)

    def _quantise(self, name: str, margin: int) -> tuple[str, str, str]:
        """Values (N, C) uint8, scale () and zero point () of a tensor with that margin."""
        twin = self._enter(name, margin)
        if twin not in self._quantised:
            outputs = (self._name("u8"), self._name("scale"), self._name("zero"))
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [twin], outputs))
            self._quantised[twin] = outputs
        return self._quantised[twin]

    def _product(self, left: tuple[str, str, str], columns: Array, bias: Array) -> str:
        weight, scales = quantised_columns(columns)
        names = [self.constant(value) for value in (weight, scales, bias.astype(np.float32))]
        inputs = (left[0], names[0], left[1], names[1], left[2], "", names[2])
        return self.emit("MatMulIntegerToFloat", *inputs, domain=MICROSOFT)

    def _rows(self, name: str, start: int, end: int) -> str:
        return self.emit("Slice", name, *(self.constant(np.array([value])) for value in (start, end, 0)))

    # Bookkeeping

    def constant(self, value: Array) -> str:
        """The name of a new constant."""
        name = self._name("constant")
        self.constants[name] = value
        return name

    def emit(self, op_type: str, *inputs: str, domain: str = "", **attributes: int | list[int]) -> str:
        """Write a node with one output and return that output's name."""
        output = self._name(op_type.lower())
        node = helper.make_node(op_type, list(inputs), [output], domain=domain)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(node)
        return output

    def _name(self, what: str) -> str:
        self._count += 1
        return f"int8_{what}_{self._count}"
