"""The published codecs, LAC and DAC: convolutional RVQ autoencoders on the waveform (torch side).

Audio in, codes out, audio back. Nothing here knows of files: `engine.checkpoints` reads the published weights into it.
Modules carry the names of the published files, so that a checkpoint's keys say where its weights go.

    audio (B, 1, N = T·hop)
      → conv k7 → per stride: three residual units, Snake, strided conv → Snake, conv k3         (B, D, T)
      → residual vector quantiser by cosine                                                      codes (B, K, T)
      → conv k7 → per rate: Snake, transposed conv, LAC: parallel stacks / DAC: residual units
      → Snake, conv k7, tanh                                                                     audio (B, 1, N)

Kumar et al. 2023 (arXiv 2306.06546) for DAC; Garcia et al. 2023 (arXiv 2307.04686) for LAC, whose decoder follows
HiFi-GAN's multi-receptive-field blocks (Kong et al. 2020, arXiv 2010.05646).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Family = Literal["lac", "dac"]
_LAC_KERNELS = (3, 7, 11)
_LAC_DILATIONS = (1, 3, 5)
_DILATIONS = (1, 3, 9)


@dataclass(frozen=True)
class WaveformCodecConfig:
    """Sizes of a published codec; the defaults are LAC's as published. `latent_dim` 0 means the encoder's own width."""

    family: Family = "lac"
    sample_rate: int = 44_100
    encoder_dim: int = 64
    encoder_rates: tuple[int, ...] = (2, 4, 8, 12)
    decoder_dim: int = 1536
    decoder_rates: tuple[int, ...] = (12, 8, 4, 2)
    latent_dim: int = 0
    n_codebooks: int = 14
    codebook_size: int = 1024
    codebook_dim: int = 8

    @property
    def hop(self) -> int:
        """Samples per token frame, and what audio is padded to a multiple of: LAC counts its decoder's rates."""
        return math.prod(self.decoder_rates if self.family == "lac" else self.encoder_rates)

    def n_frames(self, n_samples: int) -> int:
        """Frames T that `n_samples` (a multiple of `hop`) encode to: n_samples / hop, but for odd strides.

        LAC pads half an odd stride too little to fill the last frame of a layer, so each odd stride costs it one.
        """
        for stride in self.encoder_rates:
            n_samples = (n_samples + 2 * _stride_padding(self.family, stride)) // stride - 1
        return n_samples

    def n_samples(self, n_frames: int) -> int:
        """Samples that `n_frames` (at least 1) decode to: n_frames · hop, but for odd rates.

        An odd rate adds one sample to what a layer of LAC gives out, and takes one from DAC's.
        """
        for rate in self.decoder_rates:
            n_frames = (n_frames + 1) * rate - 2 * _stride_padding(self.family, rate)
        return n_frames

    @property
    def latent_width(self) -> int:
        """Channels between encoder, quantiser and decoder, D."""
        return self.latent_dim or self.encoder_dim * 2 ** len(self.encoder_rates)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for manifests."""
        return asdict(self)


class Snake(nn.Module):
    """x + sin²(αx) / (α + 1e-9), one α per channel (arXiv 2006.08195): (B, C, N) → (B, C, N)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + (self.alpha + 1e-9).reciprocal() * torch.sin(self.alpha * x).square()


def _conv(channels_in: int, channels_out: int, kernel: int, dilation: int = 1) -> nn.Conv1d:
    return nn.Conv1d(channels_in, channels_out, kernel, dilation=dilation, padding=(kernel - 1) * dilation // 2)


class ResidualUnit(nn.Module):
    """Snake, dilated conv k7, Snake, conv k1, added to the input."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            Snake(channels), _conv(channels, channels, 7, dilation), Snake(channels), _conv(channels, channels, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.block(x)
        return y


class EncoderBlock(nn.Module):
    """Three residual units, then half as wide a step in time: (B, C, N) → (B, 2C, N / stride)."""

    def __init__(self, channels: int, stride: int, padding: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            *(ResidualUnit(channels, dilation) for dilation in _DILATIONS),
            Snake(channels),
            nn.Conv1d(channels, 2 * channels, 2 * stride, stride=stride, padding=padding),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.block(x)
        return y


class Encoder(nn.Module):
    """Audio (B, 1, T·hop) → latents (B, D, T)."""

    def __init__(self, config: WaveformCodecConfig) -> None:
        super().__init__()
        channels = config.encoder_dim
        layers: list[nn.Module] = [_conv(1, channels, 7)]
        for stride in config.encoder_rates:
            layers.append(EncoderBlock(channels, stride, _stride_padding(config.family, stride)))
            channels *= 2
        layers += [Snake(channels), _conv(channels, config.latent_width, 3)]
        self.block = nn.Sequential(*layers)

    def forward(self, audio: Tensor) -> Tensor:
        latents: Tensor = self.block(audio)
        return latents


class QuantiserLevel(nn.Module):
    """One level: the nearest entry by cosine; its unnormalised vector goes back to the latent width."""

    def __init__(self, config: WaveformCodecConfig) -> None:
        super().__init__()
        self.in_proj = nn.Conv1d(config.latent_width, config.codebook_dim, 1)
        self.out_proj = nn.Conv1d(config.codebook_dim, config.latent_width, 1)
        self.codebook = nn.Embedding(config.codebook_size, config.codebook_dim)

    def nearest(self, residual: Tensor) -> Tensor:
        """Residual (B, D, T) → codes (B, T) int64."""
        vectors = F.normalize(self.in_proj(residual).transpose(1, 2), dim=-1)  # (B, T, d)
        entries = F.normalize(self.codebook.weight, dim=-1)  # (V, d)
        # The published form of the squared distance, term by term: with unit vectors the squares are 1 only nearly, and
        # leaving them out could flip a near tie.
        distance = (
            vectors.square().sum(-1, keepdim=True) - 2 * vectors @ entries.T + entries.square().sum(-1)[None, None]
        )
        return distance.argmin(dim=-1)

    def lookup(self, codes: Tensor) -> Tensor:
        """Codes (B, T) → (B, D, T)."""
        latents: Tensor = self.out_proj(self.codebook(codes).transpose(1, 2))
        return latents


class Quantiser(nn.Module):
    """K levels, each coding what the ones before left over; any prefix of levels decodes."""

    def __init__(self, config: WaveformCodecConfig) -> None:
        super().__init__()
        self.quantizers = nn.ModuleList(QuantiserLevel(config) for _ in range(config.n_codebooks))

    @property
    def levels(self) -> list[QuantiserLevel]:
        """The levels under their own type, which a ModuleList forgets."""
        return [level for level in self.quantizers if isinstance(level, QuantiserLevel)]

    def encode(self, latents: Tensor) -> Tensor:
        """Latents (B, D, T) → codes (B, K, T) int64."""
        residual, codes = latents, []
        for level in self.levels:
            code = level.nearest(residual)
            residual = residual - level.lookup(code)
            codes.append(code)
        return torch.stack(codes, dim=1)

    def decode(self, codes: Tensor) -> Tensor:
        """Codes (B, k, T), k ≤ K → latents (B, D, T)."""
        levels = self.levels
        total = levels[0].lookup(codes[:, 0])
        for index in range(1, codes.shape[1]):
            total = total + levels[index].lookup(codes[:, index])
        return total

    @property
    def codebooks(self) -> Tensor:
        """All entries, (K, V, d)."""
        return torch.stack([level.codebook.weight for level in self.levels])


class StackLayer(nn.Module):
    """Snake, dilated conv, Snake, conv, added to the input."""

    def __init__(self, channels: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.layer = nn.Sequential(
            Snake(channels),
            _conv(channels, channels, kernel, dilation),
            Snake(channels),
            _conv(channels, channels, kernel),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.layer(x)
        return y


class Stack(nn.Module):
    """Three such layers of one kernel size with dilations 1, 3, 5."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.block = nn.Sequential(*(StackLayer(channels, kernel, dilation) for dilation in _LAC_DILATIONS))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.block(x)
        return y


class ParallelStacks(nn.Module):
    """The mean of three stacks with kernels 3, 7 and 11."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mrf_blocks = nn.ModuleList(Stack(channels, kernel) for kernel in _LAC_KERNELS)

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.mrf_blocks[0](x)
        for stack in self.mrf_blocks[1:]:
            total = total + stack(x)
        return total / len(self.mrf_blocks)


class DecoderBlock(nn.Module):
    """(B, C, N) → (B, C / 2, N·rate)."""

    def __init__(self, channels: int, rate: int, family: Family) -> None:
        super().__init__()
        half = channels // 2
        refine = (
            [ParallelStacks(half)] if family == "lac" else [ResidualUnit(half, dilation) for dilation in _DILATIONS]
        )
        self.block = nn.Sequential(
            Snake(channels),
            nn.ConvTranspose1d(channels, half, 2 * rate, stride=rate, padding=_stride_padding(family, rate)),
            *refine,
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.block(x)
        return y


class Decoder(nn.Module):
    """Latents (B, D, T) → audio (B, 1, T·hop)."""

    def __init__(self, config: WaveformCodecConfig) -> None:
        super().__init__()
        channels = config.decoder_dim
        layers: list[nn.Module] = [_conv(config.latent_width, channels, 7)]
        for rate in config.decoder_rates:
            layers.append(DecoderBlock(channels, rate, config.family))
            channels //= 2
        layers += [Snake(channels), _conv(channels, 1, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, latents: Tensor) -> Tensor:
        audio: Tensor = self.model(latents)
        return audio


class WaveformCodec(nn.Module):
    """LAC or DAC, by `config.family`."""

    def __init__(self, config: WaveformCodecConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.quantizer = Quantiser(config)
        self.decoder = Decoder(config)

    def encode(self, audio: Tensor) -> Tensor:
        """Codes (B, K, T) int64 of audio (B, 1, T·hop); with odd strides T is `config.n_frames` of the samples."""
        return self.quantizer.encode(self.encoder(audio))

    def decode(self, codes: Tensor) -> Tensor:
        """Audio (B, 1, T·hop) of codes (B, k, T); any prefix of levels, k ≤ K, decodes.

        With odd rates the audio is a few samples longer or shorter, `config.n_samples` of the frames: neither of the
        published codecs makes up for what its padding of a half stride rounds off.
        """
        audio: Tensor = self.decoder(self.quantizer.decode(codes))
        return audio


def _stride_padding(family: Family, stride: int) -> int:
    """Half a stride, as each family rounds it; without output padding on the way up."""
    return stride // 2 if family == "lac" else math.ceil(stride / 2)
