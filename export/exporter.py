"""Torch's exporter, run without its chatter: modules become ONNX graphs. What they compute is not known here."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import onnx
import torch
from torch import Tensor, nn

OPSET = 20


@contextmanager
def quiet_exporter() -> Iterator[None]:
    """Keep warnings and the exporter's log to errors inside, and put both back after.

    It talks of axis names, optional packages and its own age; none of it is for the user.
    """
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def exported(
    module: nn.Module, example: tuple[Tensor, ...], shapes: tuple[Any, ...], names: tuple[list[str], list[str]]
) -> onnx.ModelProto:
    """A module as a graph, control flow and all.

    Args:
        module: Put into evaluation mode.
        example: Its inputs, of sizes that stand for all.
        shapes: For each input the axes that may vary, as `torch.export.Dim`; None for a fixed one.
        names: Of the inputs and of the outputs.
    """
    with quiet_exporter(), torch.no_grad():
        program = torch.onnx.export(
            module.eval(),
            example,
            dynamo=True,
            verbose=False,
            dynamic_shapes=shapes,
            input_names=names[0],
            output_names=names[1],
            opset_version=OPSET,
        )
    if program is None:
        raise RuntimeError("the exporter returned no program")
    model: onnx.ModelProto = program.model_proto
    _forget_source_paths(model)
    return model


def _forget_source_paths(model: onnx.ModelProto) -> None:
    """Drop the exporter's notes (stack traces with local paths, source code): larger files, and nobody's business."""
    graphs = [model.graph, *(function for function in model.functions)]
    while graphs:
        graph = graphs.pop()
        del graph.metadata_props[:]
        graph.doc_string = ""
        for node in graph.node:
            del node.metadata_props[:]
            node.doc_string = ""
            graphs.extend(attribute.g for attribute in node.attribute if attribute.type == onnx.AttributeProto.GRAPH)
    del model.metadata_props[:]
