"""A decoder graph tile by tile: which samples each layer needs, and the loop over tiles. Graphs only; runs nothing.

A tile is cut from the rows that enter a layer, with the surroundings that this layer and those after it look at, so
that tiles laid end to end are what the layers would have made of everything at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

TILE_FRAMES = 8
"""Of published size, one layer's unfolded activation then takes 4 to 7 MB; shorter tiles compute more surroundings."""

Array = NDArray[Any]


def used_constants(nodes: list[onnx.NodeProto], constants: dict[str, Array]) -> list[TensorProto]:
    """Those constants that some node reads, as tensors."""
    used = {name for node in nodes for name in node.input}
    return [numpy_helper.from_array(np.array(v, order="C"), name) for name, v in constants.items() if name in used]


def needed_margins(nodes: Iterable[onnx.NodeProto], constants: dict[str, Array]) -> dict[str, int]:
    """Samples beside the wanted ones that each tensor must hold, at its own rate, for an output without any."""
    needed: dict[str, int] = {}
    for node in reversed(list(nodes)):
        wanted = max((needed.get(name, 0) for name in node.output), default=0)
        if node.op_type == "Conv":
            kernel, dilation, _, _ = kernel_of(node, constants)
            wanted += (kernel - 1) * dilation // 2
        elif node.op_type == "ConvTranspose":
            kernel, _, stride, pad = kernel_of(node, constants)
            wanted = -(-(wanted + max(pad, kernel - 1 - pad)) // stride)
        for name in node.input:
            needed[name] = max(needed.get(name, 0), wanted)
    return needed


def kernel_of(node: onnx.NodeProto, constants: dict[str, Array]) -> tuple[int, int, int, int]:
    """Kernel length, dilation, stride and padding at the start."""
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    length = constants[node.input[1]].shape[2]
    return (
        length,
        attributes.get("dilations", [1])[0],
        attributes.get("strides", [1])[0],
        attributes.get("pads", [0, 0])[0],
    )


@dataclass(frozen=True)
class Tiles:
    """Where the loop over tiles starts: nodes from `first_node` on read the rows `tile` of `source`, (N, C).

    `rate` rows make a frame, and `margin` rows at either end are surroundings.
    """

    source: str
    tile: str
    first_node: int
    rate: int
    margin: int

    def looped(self, nodes: list[onnx.NodeProto], constants: dict[str, Array]) -> list[onnx.NodeProto]:
        """The nodes of the writer with those of the tiles in a loop that appends one tile of audio per turn."""
        before, inside = nodes[: self.first_node], nodes[self.first_node :]
        audio, step = inside[-1].output[0], TILE_FRAMES * self.rate
        inside[-1].output[0] = f"{audio}_tile"
        constants = {
            **constants,
            "tile_axis": np.array([0]),
            "tile_step": np.array([step]),
            "tile_margins": np.array([2 * self.margin]),
        }
        start = [
            helper.make_node("Unsqueeze", ["turn", "tile_axis"], ["turns"]),
            helper.make_node("Mul", ["turns", "tile_step"], ["start"]),
            helper.make_node("Add", ["start", "tile_step"], ["stop"]),
            helper.make_node("Add", ["stop", "tile_margins"], ["end"]),
            helper.make_node("Slice", [self.source, "start", "end", "tile_axis"], [self.tile]),
        ]
        end = [
            helper.make_node("Concat", ["so_far", f"{audio}_tile"], ["longer"], axis=2),
            helper.make_node("Identity", ["go_on"], ["still_on"]),
        ]
        inside = [*start, *inside, *end]
        body = helper.make_graph(
            inside,
            "tiles",
            [_info("turn", TensorProto.INT64, []), _info("go_on", TensorProto.BOOL, []), _sound("so_far")],
            [_info("still_on", TensorProto.BOOL, []), _sound("longer")],
            used_constants(inside, constants),
        )
        loop = helper.make_node("Loop", ["n_turns", "", "no_audio"], [audio], body=body)
        return [*before, *self._n_turns(step), loop]

    def _n_turns(self, step: int) -> list[onnx.NodeProto]:
        """`n_turns` () = ceil((rows - both margins) / step), and the empty audio that the loop starts with."""
        rest = numpy_helper.from_array(np.array([2 * self.margin + 1 - step]))
        return [
            helper.make_node(
                "Constant", [], ["no_audio"], value=numpy_helper.from_array(np.zeros((1, 1, 0), np.float32))
            ),
            helper.make_node("Constant", [], ["rows_left_out"], value=rest),
            helper.make_node("Constant", [], ["rows_of_turn"], value=numpy_helper.from_array(np.array([step]))),
            helper.make_node("Shape", [self.source], ["rows_there"], start=0, end=1),
            helper.make_node("Sub", ["rows_there", "rows_left_out"], ["rows_rounded_up"]),
            helper.make_node("Div", ["rows_rounded_up", "rows_of_turn"], ["turns_there"]),
            helper.make_node("Squeeze", ["turns_there"], ["n_turns"]),
        ]


def _info(name: str, kind: int, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _sound(name: str) -> onnx.ValueInfoProto:
    return _info(name, TensorProto.FLOAT, [1, 1, f"{name}_samples"])
