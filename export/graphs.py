"""Torch models to ONNX graphs: the four of a bundle, with dynamic length and the sampling step inside."""

from __future__ import annotations

import functools

import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from ..engine.nets.codec import SpectralCodec
from ..engine.nets.sampler import sample_tokens
from ..engine.nets.transformer import TokenTransformer
from ..engine.nets.waveform_codec import WaveformCodec
from .exporter import exported

LOGITS = "logits"
"""Tensor inside a token graph: the logits (T·P, V) that it draws from."""
_EXAMPLE_FRAMES = 40
_FRAMES = Dim("T", min=1, max=65536)
_ROWS = Dim("M", min=1, max=2**24)
_POSITIONS = Dim("N", min=1, max=2**24)


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


class _Logits(nn.Module):
    """Logits (T·P, V) of one item."""

    def __init__(self, model: TokenTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, codes: Tensor, position_bias: Tensor) -> Tensor:
        logits: Tensor = self.model(codes, position_bias)  # (1, T·P, V)
        return logits.reshape(-1, logits.shape[-1])


class _Draw(nn.Module):
    """A token for each of the rows asked for."""

    def forward(  # noqa: PLR0913, PLR0917  the inputs of the graph
        self,
        logits: Tensor,
        rows: Tensor,
        uniforms: Tensor,
        temperature: Tensor,
        typical_mass: Tensor,
        typical_min_tokens: Tensor,
        top_p: Tensor,
    ) -> tuple[Tensor, Tensor]:
        # Not logits[rows]: ONNX Runtime's GatherND copies sizes from the host, which a captured CUDA graph must not.
        drawn = torch.index_select(logits, 0, rows)
        return sample_tokens(drawn, uniforms, temperature, (typical_mass, typical_min_tokens, top_p))


def encoder_graph(codec: SpectralCodec | WaveformCodec) -> onnx.ModelProto:
    """`audio` (1, 1, T·hop) float32 → `codes` (1, K, T) int64; with odd strides a few frames fewer."""
    audio = torch.randn(1, 1, _EXAMPLE_FRAMES * codec.config.hop) * 0.1
    return exported(_Encoder(codec), (audio,), ({2: codec.config.hop * _FRAMES},), (["audio"], ["codes"]))


def decoder_graph(codec: SpectralCodec | WaveformCodec) -> onnx.ModelProto:
    """`codes` (1, K, T) int64 → `audio` (1, 1, T·hop) float32; with odd rates a few samples more or fewer."""
    config = codec.config
    codes = torch.randint(0, config.codebook_size, (1, config.n_codebooks, _EXAMPLE_FRAMES))
    return exported(_Decoder(codec), (codes,), ({2: _FRAMES},), (["codes"], ["audio"]))


def token_graph(model: TokenTransformer) -> onnx.ModelProto:
    """One pass with its draw.

    Codes (1, K, T), position bias (1, H, T, T), rows (M,), uniforms (M,) and the sampling settings → tokens (M,) int64
    and their log-probabilities (M,) float32. T and M are at least 1. The logits stay inside, see `with_logits`.
    """
    graph, draw = _logits_graph(model), _draw_graph(model.config.vocabulary)
    # Nothing of size V leaves the graph that performs: the tensor keeps its name, but is an output no more.
    del graph.graph.output[:]
    # The two share names that the exporter made up; those of the inputs and outputs stay.
    step = onnx.GraphProto()
    step.CopyFrom(draw.graph)
    _add_prefix(step, "draw_", kept=frozenset(entry.name for entry in (*step.input, *step.output)))
    graph.graph.node.extend(step.node)
    graph.graph.initializer.extend(step.initializer)
    graph.graph.value_info.extend(step.value_info)
    graph.graph.input.extend(given for given in step.input if given.name != LOGITS)
    graph.graph.output.extend(step.output)
    return graph


def with_logits(graph: bytes) -> bytes:
    """A serialised token graph, in any precision, that also returns its `logits` (T·P, V) float32; for checks."""
    more = onnx.ModelProto()
    more.graph.output.append(onnx.helper.make_tensor_value_info(LOGITS, onnx.TensorProto.FLOAT, None))
    # Protocol buffers laid end to end are merged, and a large graph is not taken apart for one more output.
    suffix: bytes = more.SerializeToString()
    return graph + suffix


def _logits_graph(model: TokenTransformer) -> onnx.ModelProto:
    """`codes` (1, K, T) int64 and `position_bias` (1, H, T, T) → `logits` (T·P, V) float32; row t·P + p."""
    config = model.config
    example = (
        torch.randint(0, config.vocabulary + 1, (1, config.n_codebooks, _EXAMPLE_FRAMES)),
        torch.zeros(1, config.n_heads, _EXAMPLE_FRAMES, _EXAMPLE_FRAMES),
    )
    shapes = ({2: _FRAMES}, {2: _FRAMES, 3: _FRAMES})
    return exported(_Logits(model), example, shapes, (["codes", "position_bias"], [LOGITS]))


@functools.cache
def _draw_graph(vocabulary: int) -> onnx.ModelProto:
    """The sampling step alone, from `logits` (N, V); not to be changed. Traced once: it takes longer than a network."""
    n_rows = 2 * _EXAMPLE_FRAMES
    example = (
        torch.randn(4 * _EXAMPLE_FRAMES, vocabulary),
        torch.randint(0, 4 * _EXAMPLE_FRAMES, (n_rows,)),
        torch.rand(n_rows),
        *(torch.tensor(value) for value in (1.0, 0.5, 3.0, 0.9)),
    )
    names = [LOGITS, "rows", "uniforms", "temperature", "typical_mass", "typical_min_tokens", "top_p"]
    shapes = ({0: _POSITIONS}, {0: _ROWS}, {0: _ROWS}, None, None, None, None)
    return exported(_Draw(), example, shapes, (names, ["tokens", "log_probs"]))


def _add_prefix(graph: onnx.GraphProto, prefix: str, *, kept: frozenset[str]) -> None:
    """Put `prefix` before every name in a graph and the branches within, in place, but for those `kept`."""

    def renamed(name: str) -> str:
        return name if not name or name in kept else prefix + name

    for entry in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        entry.name = renamed(entry.name)
    for node in graph.node:
        node.name = renamed(node.name)
        node.input[:] = [renamed(name) for name in node.input]
        node.output[:] = [renamed(name) for name in node.output]
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                _add_prefix(attribute.g, prefix, kept=kept)
