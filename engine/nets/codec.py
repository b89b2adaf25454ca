"""The default codec: a spectral residual-vector-quantised autoencoder (torch side).

Audio in, codes out, audio back. It knows nothing of files, devices or transformers; `vampbridge.export` turns it
into the `encoder` and `decoder` graphs of a bundle.

Road of the signal, for T token frames of `hop` = 768 samples:

    audio (B, 1, N = T·hop)
      → STFT, window 1024, hop 256          (B, 3T, 2·513)   real and imaginary parts, magnitude companded to |X|^0.4
      → ConvNeXt blocks at 172 Hz → stride 3 → ConvNeXt blocks at 57.4 Hz            (B, T, d_low)
      → residual vector quantiser, K levels of 1024 entries in 8 dimensions          codes (B, K, T)
      → the same road mirrored back → inverse STFT                                   audio (B, 1, N)

Why a spectral codec: at 172 Hz the network does a hundredth of the work of a time-domain codec, so that encoding and
decoding a loop on two CPU cores costs a few hundredths of its length. Why real and imaginary parts: a head that
predicts magnitude and phase separately learns the envelope of a sound and loses its harmonics (docs/log.md).

ConvNeXt: Liu et al. 2022 (arXiv 2201.03545); as a vocoder backbone: Siuzdak 2023 (arXiv 2306.00814).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .quantiser import ResidualQuantiser
from .spectrum import compand, expand, inverse_stft, stft

CONTEXT_FRAMES = 16
"""Token frames of surroundings that the encoder and the decoder need on each side for their exact result."""


@dataclass(frozen=True)
class CodecConfig:
    """Sizes of a `SpectralCodec`. `hop` in samples is `frame_hop * stride`."""

    sample_rate: int = 44_100
    window: int = 1024
    frame_hop: int = 256
    stride: int = 3
    d_high: int = 320
    d_low: int = 512
    n_high_encoder: int = 2
    n_low_encoder: int = 3
    n_high_decoder: int = 3
    n_low_decoder: int = 3
    expansion: int = 3
    n_codebooks: int = 14
    codebook_size: int = 1024
    codebook_dim: int = 8

    @property
    def hop(self) -> int:
        """Samples per token frame."""
        return self.frame_hop * self.stride

    @property
    def n_bins(self) -> int:
        """Frequency bins of the STFT."""
        return self.window // 2 + 1

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for checkpoints and manifests."""
        return asdict(self)


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution over time, then a two-layer network per frame, added to it: (B, T, D) → (B, T, D)."""

    def __init__(self, dim: int, expansion: int, layer_scale: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(dim, dim, kernel_size=7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.up = nn.Linear(dim, dim * expansion)
        self.down = nn.Linear(dim * expansion, dim)
        self.scale = nn.Parameter(torch.full((dim,), layer_scale))

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
        y = self.down(F.gelu(self.up(self.norm(y)), approximate="tanh"))
        return x + self.scale * y


def _blocks(n: int, dim: int, expansion: int) -> nn.Sequential:
    return nn.Sequential(*(ConvNeXtBlock(dim, expansion, layer_scale=1.0 / max(n, 1)) for _ in range(n)))


class SpectralEncoder(nn.Module):
    """Audio (B, 1, N) → latents (B, T, d_low)."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Linear(2 * config.n_bins, config.d_high)
        self.norm_in = nn.LayerNorm(config.d_high, eps=1e-6)
        self.high = _blocks(config.n_high_encoder, config.d_high, config.expansion)
        # Stride by folding `stride` neighbouring frames into one: a strided convolution of that kernel, as a matrix.
        self.fold = nn.Linear(config.d_high * config.stride, config.d_low)
        self.low = _blocks(config.n_low_encoder, config.d_low, config.expansion)
        self.norm_out = nn.LayerNorm(config.d_low, eps=1e-6)

    def forward(self, audio: Tensor) -> Tensor:
        config = self.config
        spectrum = stft(audio[:, 0], config.window, config.frame_hop)  # (B, 3T, 2·bins)
        x = self.high(self.norm_in(self.embed(compand(spectrum))))
        x = x.reshape(x.shape[0], -1, config.stride * config.d_high)  # (B, T, 3·d_high)
        return self.norm_out(self.low(self.fold(x)))


class SpectralDecoder(nn.Module):
    """Latents (B, T, d_low) → audio (B, 1, T·hop)."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.low = _blocks(config.n_low_decoder, config.d_low, config.expansion)
        self.unfold = nn.Linear(config.d_low, config.d_high * config.stride)
        self.high = _blocks(config.n_high_decoder, config.d_high, config.expansion)
        self.norm_out = nn.LayerNorm(config.d_high, eps=1e-6)
        self.head = nn.Linear(config.d_high, 2 * config.n_bins)

    def forward(self, latents: Tensor) -> Tensor:
        config = self.config
        x = self.unfold(self.low(latents))
        x = self.high(x.reshape(x.shape[0], -1, config.d_high))  # (B, 3T, d_high)
        spectrum = expand(self.head(self.norm_out(x)).float())
        return inverse_stft(spectrum, config.window, config.frame_hop)[:, None]


class SpectralCodec(nn.Module):
    """Encoder, quantiser and decoder together; see the module docstring for shapes."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = SpectralEncoder(config)
        self.quantiser = ResidualQuantiser(config.d_low, config.n_codebooks, config.codebook_size, config.codebook_dim)
        self.decoder = SpectralDecoder(config)

    def encode(self, audio: Tensor) -> Tensor:
        """Codes (B, K, T) int64 of audio (B, 1, T·hop)."""
        return self.quantiser.encode(self.encoder(audio).float())

    def decode(self, codes: Tensor) -> Tensor:
        """Audio (B, 1, T·hop) of codes (B, k, T); any prefix of levels, k ≤ K, decodes."""
        return self.decoder(self.quantiser.decode(codes))
