"""Snake's squared sine as a polynomial, for layers whose results are rounded to 8 bits anyway. Graphs only.

ONNX Runtime's Sin takes ten times as long as a product and runs on one thread. sin²(πv) repeats at every whole v; on
the remainder r = v - round(v), |r| ≤ 1/2, it is a polynomial of s = r²:

    sin²(πr) ≈ c·s·((s + p)² + q)

The coefficients are those of the smallest largest error with three terms (found by Lawson's iteration, Lawson 1961):
8.2e-4, where 8 bits over the range of sin² alone would be off by 2e-3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

LARGEST_ERROR = 8.2e-4
"""Of sin², whose range is 0 to 1."""
_SNAKE = ("Mul", "Sin", "Pow", "Mul")
_TERMS = (9.80177222, -30.76696714, 30.29195079)  # of s, s², s³

Array = NDArray[Any]


def with_polynomial_snakes(
    nodes: list[onnx.NodeProto], constants: dict[str, Array], inside: set[str]
) -> list[onnx.NodeProto]:
    """The nodes with every Mul(1/α, Pow(Sin(Mul(α, x)), 2)) by constants as a polynomial.

    Args:
        nodes: In order. Those that change are changed in place.
        constants: By name; gains those of the polynomials.
        inside: Outputs of the nodes that may change.
    """
    makers = {name: node for node in nodes for name in node.output}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in nodes:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    written: list[onnx.NodeProto] = []
    squares: set[str] = set()
    for node in nodes:
        snake = _snake(node, makers, readers, constants) if node.op_type == "Sin" else []
        if snake and all(part.output[0] in inside for part in snake):
            before, _, square, after = snake
            _scale(before, 1 / np.pi, constants)
            _scale(after, _TERMS[2], constants)
            written += _polynomial(before.output[0], square.output[0], constants)
            squares.add(square.output[0])
        elif node.output[0] not in squares:
            written.append(node)
    return written


def _snake(
    sine: onnx.NodeProto,
    makers: dict[str, onnx.NodeProto],
    readers: dict[str, list[onnx.NodeProto]],
    constants: dict[str, Array],
) -> list[onnx.NodeProto]:
    """Mul by a constant, Sin, Pow by 2, Mul by a constant; none if these do not follow each other, and nothing else."""
    chain = [makers[sine.input[0]]] if sine.input[0] in makers else []
    while chain and len(chain) < len(_SNAKE):
        following = readers.get(chain[-1].output[0], [])
        chain = [*chain, following[0]] if len(following) == 1 else []
    if tuple(node.op_type for node in chain) != _SNAKE:
        return []
    squared = constants.get(chain[2].input[1], np.zeros(0)).reshape(-1).tolist() == [2]
    scaled = all(any(name in constants for name in chain[index].input) for index in (0, 3))
    return chain if squared and scaled else []


def _scale(product: onnx.NodeProto, factor: float, constants: dict[str, Array]) -> None:
    """Multiply the constant of a Mul, for this node alone."""
    index, old = next((index, name) for index, name in enumerate(product.input) if name in constants)
    product.input[index] = f"{product.output[0]}_factor"
    constants[product.input[index]] = (constants[old].astype(np.float64) * factor).astype(np.float32)


def _polynomial(turns: str, result: str, constants: dict[str, Array]) -> list[onnx.NodeProto]:
    """sin²(π·turns) / c as `result`."""
    first, second, third = _TERMS
    shift = second / (2 * third)
    constants["snake_shift"] = np.array(shift, np.float32)
    constants["snake_rest"] = np.array(first / third - shift**2, np.float32)
    whole, rest, square, moved, curve, positive = (
        f"{result}_{part}" for part in ("whole", "rest", "square", "moved", "curve", "positive")
    )
    return [
        helper.make_node("Round", [turns], [whole]),
        helper.make_node("Sub", [turns, whole], [rest]),
        helper.make_node("Mul", [rest, rest], [square]),
        helper.make_node("Add", [square, "snake_shift"], [moved]),
        helper.make_node("Mul", [moved, moved], [curve]),
        helper.make_node("Add", [curve, "snake_rest"], [positive]),
        helper.make_node("Mul", [square, positive], [result]),
    ]
