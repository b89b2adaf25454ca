"""Graphs for what the graphs of a bundle do not show: logits, and what a codec computes on the way.

Traced from the very modules that the bundle's graphs are exported from. They are looked into once and thrown away, so
torch's older tracer does: it needs a tenth of the time. The sampler alone has branches, which it cannot trace.
"""

from __future__ import annotations

import io
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.nn import functional as F

from ...engine.nets.sampler import sample_tokens
from ...engine.nets.transformer import TokenTransformer
from ...engine.nets.waveform_codec import WaveformCodec
from ..exporter import OPSET, exported, quiet_exporter

_FRAMES = 16


class TokenProbe(nn.Module):
    """Codes (B, K, T) and position bias (1, H, T, T) → embedded codes (B, K·d, T) and logits (B, T·P, V)."""

    def __init__(self, model: TokenTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, codes: Tensor, position_bias: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        return embedded(self.model, codes), self.model(codes, position_bias)


class EncoderProbe(nn.Module):
    """Audio (B, 1, T·hop) → encoder output (B, D, T), projected latents (B, K·d, T), quantised sum (B, D, T)."""

    def __init__(self, codec: WaveformCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See the class."""
        encoded = self.codec.encoder(audio)
        residual, total, latents = encoded, torch.zeros_like(encoded), []
        for level in self.codec.quantizer.levels:
            latents.append(level.in_proj(residual))
            entry = level.lookup(level.nearest(residual))
            residual, total = residual - entry, total + entry
        return encoded, torch.cat(latents, dim=1), total


class LevelsProbe(nn.Module):
    """Codes (B, K, T) and weights (K,), 1 for the levels to decode and 0 for the others → audio (B, 1, T·hop)."""

    def __init__(self, codec: WaveformCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, codes: Tensor, weights: Tensor) -> Tensor:
        """See the class."""
        levels = self.codec.quantizer.levels
        total = weights[0] * levels[0].lookup(codes[:, 0])
        for index in range(1, len(levels)):
            total = total + weights[index] * levels[index].lookup(codes[:, index])
        audio: Tensor = self.codec.decoder(total)
        return audio


class SamplerProbe(nn.Module):
    """The sampling step of a token graph on logits (M, V) and uniform numbers (M,) that are given."""

    def forward(
        self,
        logits: Tensor,
        uniforms: Tensor,
        temperature: Tensor,
        typical_mass: Tensor,
        typical_min_tokens: Tensor,
        top_p: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Tokens (M,) and log-probabilities (M,)."""
        return sample_tokens(logits, uniforms, temperature, (typical_mass, typical_min_tokens, top_p))


def embedded(model: TokenTransformer, codes: Tensor) -> Tensor:
    """The vectors of codes (B, K, T) before they are projected to the width: (B, K·d, T), codebook-major."""
    config = model.config
    offsets = torch.arange(config.n_codebooks)[None, :, None] * (config.vocabulary + 1)
    vectors = F.embedding(codes + offsets, model.embedding)  # (B, K, T, d)
    return vectors.permute(0, 1, 3, 2).reshape(codes.shape[0], -1, codes.shape[-1])


def token_probe_graph(model: TokenTransformer) -> bytes:
    """`TokenProbe` as ONNX: `codes`, `position_bias` → `embedded`, `logits`."""
    config = model.config
    example = (
        torch.zeros(1, config.n_codebooks, _FRAMES, dtype=torch.int64),
        torch.zeros(1, config.n_heads, _FRAMES, _FRAMES),
    )
    axes = {"codes": {0: "B", 2: "T"}, "position_bias": {2: "T", 3: "T"}}
    return _trace(TokenProbe(model), example, (["codes", "position_bias"], ["embedded", "logits"]), axes)


def encoder_probe_graph(codec: WaveformCodec) -> bytes:
    """`EncoderProbe` as ONNX: `audio` → `encoded`, `latents`, `quantised`."""
    example = (torch.zeros(1, 1, _FRAMES * codec.config.hop),)
    return _trace(
        EncoderProbe(codec), example, (["audio"], ["encoded", "latents", "quantised"]), {"audio": {0: "B", 2: "N"}}
    )


def levels_probe_graph(codec: WaveformCodec) -> bytes:
    """`LevelsProbe` as ONNX: `codes`, `weights` → `audio`."""
    n_codebooks = codec.config.n_codebooks
    example = (torch.zeros(1, n_codebooks, _FRAMES, dtype=torch.int64), torch.ones(n_codebooks))
    return _trace(LevelsProbe(codec), example, (["codes", "weights"], ["audio"]), {"codes": {0: "B", 2: "T"}})


def sampler_graph() -> bytes:
    """`SamplerProbe` as ONNX: its arguments → `tokens`, `log_probs`."""
    n_rows, vocabulary = Dim("M", min=1, max=2**24), Dim("V", min=16, max=2**16)
    settings = (torch.tensor(value) for value in (1.0, 0.5, 3.0, 0.9))
    example = (torch.randn(33, 200), torch.rand(33), *settings)
    shapes = ({0: n_rows, 1: vocabulary}, {0: n_rows}, None, None, None, None)
    inputs = ["logits", "uniforms", "temperature", "typical_mass", "typical_min_tokens", "top_p"]
    graph: bytes = exported(SamplerProbe(), example, shapes, (inputs, ["tokens", "log_probs"])).SerializeToString()
    return graph


def _trace(
    module: nn.Module, example: tuple[Tensor, ...], names: tuple[list[str], list[str]], axes: dict[str, Any]
) -> bytes:
    # The older exporter writes to a file object too, which its annotations have forgotten.
    buffer: Any = io.BytesIO()
    # The tracer says that it is the older one, and that shapes it reads as numbers are constants.
    with quiet_exporter(), torch.no_grad():
        torch.onnx.export(
            module.eval(),
            example,
            buffer,
            dynamo=False,
            input_names=names[0],
            output_names=names[1],
            dynamic_axes=axes,
            opset_version=OPSET,
        )
    graph: bytes = buffer.getvalue()
    return graph
