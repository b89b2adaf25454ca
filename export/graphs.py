"""Torch models to ONNX graphs: the four of a bundle, with dynamic length and the sampling step inside."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from ..engine.nets.codec import SpectralCodec
from ..engine.nets.sampler import sample_tokens
from ..engine.nets.transformer import TokenTransformer
from ..engine.nets.waveform_codec import WaveformCodec

OPSET = 20
LOGITS = "logits"
"""Tensor inside a token graph: the logits (T·P, V) that it draws from."""
_EXAMPLE_FRAMES = 40
_FRAMES = Dim("T", min=1, max=65536)
_ROWS = Dim("M", min=1, max=2**24)


class _Encoder(nn.Module):
    def __init__(self, codec: SpectralCodec | WaveformCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, audio: Tensor) -> Tensor:
        return self.codec.encode(audio)


class _Decoder(nn.Module):
    def __init__(self, codec: SpectralCodec | WaveformCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, codes: Tensor) -> Tensor:
        return self.codec.decode(codes)


class _TokenStep(nn.Module):
    """One pass: logits of the rows asked for, and a token drawn for each."""

    def __init__(self, model: TokenTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(  # noqa: PLR0913, PLR0917  the inputs of the graph
        self,
        codes: Tensor,
        position_bias: Tensor,
        rows: Tensor,
        uniforms: Tensor,
        temperature: Tensor,
        typical_mass: Tensor,
        typical_min_tokens: Tensor,
        top_p: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        logits = self.model(codes, position_bias)
        flat = logits.reshape(-1, logits.shape[-1])  # (T·P, V)
        filters = (typical_mass, typical_min_tokens, top_p)
        return *sample_tokens(flat[rows], uniforms, temperature, filters), flat


def encoder_graph(codec: SpectralCodec | WaveformCodec) -> onnx.ModelProto:
    """`audio` (1, 1, T·hop) float32 → `codes` (1, K, T) int64; with odd strides a few frames fewer."""
    audio = torch.randn(1, 1, _EXAMPLE_FRAMES * codec.config.hop) * 0.1
    return _export(_Encoder(codec), (audio,), ({2: codec.config.hop * _FRAMES},), (["audio"], ["codes"]))


def decoder_graph(codec: SpectralCodec | WaveformCodec) -> onnx.ModelProto:
    """`codes` (1, K, T) int64 → `audio` (1, 1, T·hop) float32; with odd rates a few samples more or fewer."""
    config = codec.config
    codes = torch.randint(0, config.codebook_size, (1, config.n_codebooks, _EXAMPLE_FRAMES))
    return _export(_Decoder(codec), (codes,), ({2: _FRAMES},), (["codes"], ["audio"]))


def token_graph(model: TokenTransformer) -> onnx.ModelProto:
    """One pass with its draw.

    Codes (1, K, T), position bias (1, H, T, T), rows (M,), uniforms (M,) and the sampling settings → tokens (M,) int64
    and their log-probabilities (M,) float32. T and M are at least 1. The logits stay inside, see `with_logits`.
    """
    config = model.config
    n_rows = 2 * _EXAMPLE_FRAMES
    example = (
        torch.randint(0, config.vocabulary + 1, (1, config.n_codebooks, _EXAMPLE_FRAMES)),
        torch.zeros(1, config.n_heads, _EXAMPLE_FRAMES, _EXAMPLE_FRAMES),
        torch.randint(0, _EXAMPLE_FRAMES * config.n_predicted, (n_rows,)),
        torch.rand(n_rows),
        *(torch.tensor(value) for value in (1.0, 0.5, 3.0, 0.9)),
    )
    names = ["codes", "position_bias", "rows", "uniforms"]
    names += ["temperature", "typical_mass", "typical_min_tokens", "top_p"]
    shapes = ({2: _FRAMES}, {2: _FRAMES, 3: _FRAMES}, {0: _ROWS}, {0: _ROWS}, None, None, None, None)
    graph = _export(_TokenStep(model), example, shapes, (names, ["tokens", "log_probs", LOGITS]))
    # Named as an output, so that it can be found again; nothing of size V leaves the graph that performs.
    del graph.graph.output[2]
    return graph


def with_logits(graph: bytes) -> bytes:
    """A serialised token graph, in any precision, that also returns its `logits` (T·P, V) float32; for checks."""
    more = onnx.ModelProto()
    more.graph.output.append(onnx.helper.make_tensor_value_info(LOGITS, onnx.TensorProto.FLOAT, None))
    # Protocol buffers laid end to end are merged, and a large graph is not taken apart for one more output.
    suffix: bytes = more.SerializeToString()
    return graph + suffix


def logits_graph(model: TokenTransformer) -> onnx.ModelProto:
    """`codes` (1, K, T) int64 and `position_bias` (1, H, T, T) → `logits` (1, T·P, V) float32; for comparisons."""
    config = model.config
    example = (
        torch.randint(0, config.vocabulary + 1, (1, config.n_codebooks, _EXAMPLE_FRAMES)),
        torch.zeros(1, config.n_heads, _EXAMPLE_FRAMES, _EXAMPLE_FRAMES),
    )
    shapes = ({2: _FRAMES}, {2: _FRAMES, 3: _FRAMES})
    return _export(model, example, shapes, (["codes", "position_bias"], [LOGITS]))


def _export(
    module: nn.Module, example: tuple[Tensor, ...], shapes: tuple[Any, ...], names: tuple[list[str], list[str]]
) -> onnx.ModelProto:
    module.eval()
    # The exporter talks of axis names and optional packages; none of it is for the user.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
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
