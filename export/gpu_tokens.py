"""Token graphs for a GPU: products and attention in half precision, and a draw in which the host has no part.

What ONNX Runtime wants of a graph whose runs are captured as CUDA graphs: no control flow, and a CUDA kernel for every
operator. What makes it fast: half precision where the work is, and attention as one operator that keeps no scores.
Norms, GELU, the residual stream, the classifier and the draw stay in float32. Nothing here is measured: see
docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .int8_weights import MICROSOFT, use_microsoft_operators

ATTENTION = "MultiHeadAttention"


def for_gpu(model: onnx.ModelProto) -> onnx.ModelProto:
    """Rewrite a float32 token graph, in place, for the CUDA provider. The CPU runs the result too, slowly.

    Raises:
        ValueError: Attention, or a branch, is not as the exporter writes it.
    """
    without_branches(model)
    if _fuse_attention(model.graph):
        use_microsoft_operators(model)
    _halve_products(model.graph)
    return model


def without_branches(model: onnx.ModelProto) -> None:
    """Compute both branches of every `If` and take one result, in place: the same numbers, and nothing to decide.

    Raises:
        ValueError: A branch holds a name that stands elsewhere too.
    """
    graph = model.graph
    while any(node.op_type == "If" for node in graph.node):
        nodes: list[onnx.NodeProto] = []
        for node in graph.node:
            if node.op_type != "If":
                nodes.append(node)
                continue
            branches = {attribute.name: attribute.g for attribute in node.attribute}
            for branch in branches.values():
                for inner in branch.node:
                    inner.name = ""  # unique in its branch only, and never needed
                nodes.extend(branch.node)
                graph.initializer.extend(branch.initializer)
            results = zip(branches["then_branch"].output, branches["else_branch"].output, node.output, strict=True)
            for then, otherwise, name in results:
                nodes.append(helper.make_node("Where", [node.input[0], then.name, otherwise.name], [name]))
        _set_nodes(graph, nodes)
    made = [name for node in graph.node for name in node.output] + [tensor.name for tensor in graph.initializer]
    if len(made) != len(set(made)):
        raise ValueError("a branch of the graph holds a name that stands elsewhere too")


def _fuse_attention(graph: onnx.GraphProto) -> int:
    """Softmax(q·kᵀ·scale + bias)·v as one operator wherever it stands; returns how often.

    The joint product of query, key and value has its columns in the order (3, H, d): a third of them is what the
    operator takes as (1, T, H·d).
    """
    made, constants = _makers(graph.node), _constants(graph)
    readers = {name: node for node in graph.node for name in node.input}  # of tensors that are read once
    fused: dict[str, list[onnx.NodeProto]] = {}
    for softmax in (node for node in graph.node if node.op_type == "Softmax"):
        biased = made[softmax.input[0]]
        scaled = made[biased.input[0]]
        joint, n_heads = _joint_product(made[scaled.input[0]].input[0], made, constants)
        end = softmax
        for wanted in ("MatMul", "Transpose", "Reshape"):
            end = readers[end.output[0]]
            if end.op_type != wanted:
                raise ValueError(f"attention goes on with {end.op_type}, expected {wanted}")
        parts = [f"{joint}_{part}" for part in ("query", "key", "value")]
        attention = helper.make_node(
            ATTENTION,
            [*parts, "", "", biased.input[1]],
            [end.output[0]],
            domain=MICROSOFT,
            num_heads=n_heads,
            scale=float(constants[scaled.input[1]]),
        )
        fused[end.output[0]] = [helper.make_node("Split", [joint], parts, axis=2, num_outputs=3), attention]
    nodes = [new for node in graph.node for new in fused.get(node.output[0], [node])]
    _set_nodes(graph, _needed(nodes, [entry.name for entry in graph.output]))
    return len(fused)


def _joint_product(
    name: str, made: dict[str, onnx.NodeProto], constants: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]
) -> tuple[str, int]:
    """The product that a query is cut from, and the number of heads, from the shape that it is cut by."""
    n_heads = 0
    while (node := made.get(name)) is not None and node.op_type != "MatMul":
        if node.op_type == "Reshape":
            n_heads = int(constants[node.input[1]][-2])  # (B, T, 3, H, d)
        name = node.input[0]
    if node is None or not n_heads:
        raise ValueError("the query of attention comes from no joint product of query, key and value")
    return name, n_heads


def _halve_products(graph: onnx.GraphProto) -> None:
    """Products with constant weights in half precision, but for the last, which makes the logits."""
    constants = _constants(graph)
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in constants]
    weights = {node.input[1] for node in products[:-1]} - {node.input[1] for node in products[-1:]}
    halved = _Halved(graph, weights)
    for node in graph.node:
        halved.add(node)
    kept = [tensor for tensor in graph.initializer if tensor.name not in weights]
    small = [
        numpy_helper.from_array(constants[name].astype(np.float16), halved.name_of(name)) for name in sorted(weights)
    ]
    del graph.initializer[:]
    graph.initializer.extend([*kept, *small])
    _set_nodes(graph, halved.nodes)


class _Halved:
    """Nodes one after the other, some of them in half precision, with casts where a tensor crosses over."""

    def __init__(self, graph: onnx.GraphProto, weights: set[str]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._weights = weights
        self._halves = set(weights)  # tensors that exist in half precision, under `name_of`
        self._singles = {entry.name for entry in (*graph.input, *graph.initializer)} - weights | {""}
        self._read_by_attention = {
            name for node in graph.node if node.op_type == ATTENTION for name in node.input if name
        }

    @staticmethod
    def name_of(name: str) -> str:
        """Of a tensor in half precision."""
        return f"{name}_half"

    def add(self, node: onnx.NodeProto) -> None:
        """The next node; what it reads is there already."""
        is_product = node.op_type == "MatMul" and node.input[1] in self._weights
        is_cut = node.op_type == "Split" and set(node.output) <= self._read_by_attention
        if is_product or is_cut or node.op_type == ATTENTION:
            node.input[:] = [self._half(name) for name in node.input]
            self._halves.update(node.output)
            node.output[:] = [self.name_of(name) for name in node.output]
        else:
            for name in node.input:
                self._make_single(name)
            self._singles.update(node.output)
        self.nodes.append(node)

    def _half(self, name: str) -> str:
        if not name:
            return name
        if name not in self._halves:
            self._cast(name, self.name_of(name), TensorProto.FLOAT16)
            self._halves.add(name)
        return self.name_of(name)

    def _make_single(self, name: str) -> None:
        if name not in self._singles:
            self._cast(self.name_of(name), name, TensorProto.FLOAT)
            self._singles.add(name)

    def _cast(self, name: str, to_name: str, kind: int) -> None:
        self.nodes.append(helper.make_node("Cast", [name], [to_name], to=kind))


def _needed(nodes: Sequence[onnx.NodeProto], outputs: Iterable[str]) -> list[onnx.NodeProto]:
    """Those that the outputs are made from, in their order."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]


def _makers(nodes: Iterable[onnx.NodeProto]) -> dict[str, onnx.NodeProto]:
    return {name: node for node in nodes for name in node.output}


def _constants(graph: onnx.GraphProto) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def _set_nodes(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
