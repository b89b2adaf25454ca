"""The torch side: the networks as they were read from the checkpoints."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ...engine.nets.sampler import sample_tokens
from ...engine.nets.transformer import TokenTransformer
from ...engine.nets.waveform_codec import WaveformCodec
from ...engine.position_bias import position_bias
from ...engine.runtime import TokenShape
from ...engine.settings import VampSettings
from .book import Side
from .probes import EncoderProbe, embedded
from .sides import Codes, Filters, Floats


class TorchTokens:
    """A `TokenTransformer`; see `sides.TokenSide`."""

    side: Side = "torch"

    def __init__(self, model: TokenTransformer) -> None:
        config = model.config
        self.model = model
        self.shape = TokenShape(config.vocabulary, config.n_conditioning, config.n_codebooks, context_frames=2**31)

    @torch.inference_mode()
    def look(self, codes: Codes) -> tuple[Floats, Floats]:
        """See `TokenSide`."""
        given = torch.from_numpy(codes)
        weights = self.model.relative_attention_bias.detach().numpy()
        bias = torch.from_numpy(position_bias(weights, codes.shape[-1], ring=False))
        return embedded(self.model, given).numpy(), self.model(given, bias).numpy()

    @torch.inference_mode()
    def sample(
        self,
        codes: Codes,
        rows: Codes,
        uniforms: Floats,
        *,
        settings: VampSettings,
        ring: bool,  # noqa: ARG002  parity is on the line
    ) -> tuple[Codes, Floats]:
        """See `engine.decoding.TokenModel`."""
        mass = settings.typical_mass if settings.typical else 1.0
        filters = Filters(mass, settings.typical_min_tokens, settings.top_p)
        return _draw(self.look(codes[None])[1][0, rows], uniforms, filters, temperature=settings.temperature)


class TorchSampler:
    """The sampling step of the token graphs, run by torch; see `sides.SamplerSide`."""

    side: Side = "torch"

    @torch.inference_mode()
    def draw(self, logits: Floats, uniforms: Floats, filters: Filters) -> tuple[Codes, Floats]:
        """See `SamplerSide`."""
        return _draw(logits, uniforms, filters, temperature=1.0)


def _draw(logits: Floats, uniforms: Floats, filters: Filters, *, temperature: float) -> tuple[Codes, Floats]:
    numbers = (filters.typical_mass, filters.typical_min_tokens, filters.top_p)
    mass, least, top_p = (torch.tensor(float(number)) for number in numbers)
    tokens, log_probs = sample_tokens(
        torch.from_numpy(logits), torch.from_numpy(uniforms), torch.tensor(float(temperature)), (mass, least, top_p)
    )
    return tokens.numpy(), log_probs.numpy()


class TorchCodec:
    """A `WaveformCodec`; see `sides.CodecSide`."""

    side: Side = "torch"

    def __init__(self, codec: WaveformCodec) -> None:
        self.codec = codec

    @torch.inference_mode()
    def encode(self, audio: Floats) -> Codes:
        """See `CodecSide`."""
        codes: Codes = self.codec.encode(torch.from_numpy(audio)).numpy()
        return codes

    @torch.inference_mode()
    def decode(self, codes: Codes) -> Floats:
        """See `CodecSide`."""
        audio: Floats = self.codec.decode(torch.from_numpy(codes)).numpy()
        return audio

    def decode_levels(self, codes: Codes, n_levels: int) -> Floats:
        """See `CodecSide`."""
        return self.decode(np.ascontiguousarray(codes[:, :n_levels]))

    @torch.inference_mode()
    def look(self, audio: Floats) -> tuple[Floats, Floats, Floats]:
        """See `CodecSide`."""
        encoded, latents, quantised = EncoderProbe(self.codec)(torch.from_numpy(audio))
        return encoded.numpy(), latents.numpy(), quantised.numpy()

    @torch.inference_mode()
    def margins(self, audio: Floats) -> NDArray[np.float32]:
        """Squared distance of the second nearest entry less that of the nearest, between unit vectors: (B, K, T)."""
        residual = self.codec.encoder(torch.from_numpy(audio))
        margins = []
        for level in self.codec.quantizer.levels:
            vectors = F.normalize(level.in_proj(residual).transpose(1, 2), dim=-1)  # (B, T, d)
            entries = F.normalize(level.codebook.weight, dim=-1)  # (V, d)
            squares = vectors.square().sum(-1, keepdim=True) + entries.square().sum(-1)
            nearest = (squares - 2 * vectors @ entries.T).topk(2, dim=-1, largest=False).values
            margins.append(nearest[..., 1] - nearest[..., 0])
            residual = residual - level.lookup(level.nearest(residual))
        stacked: NDArray[np.float32] = torch.stack(margins, dim=1).numpy()
        return stacked
