"""How far a codec hears: the frames of surroundings with which a piece of a sound is coded like the whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import onnx
import torch
from torch import Tensor

from ..engine.errors import BundleError
from ..engine.nets.codec import SpectralCodec
from ..engine.nets.waveform_codec import WaveformCodec
from ..engine.runtime import HEARD_FRAMES

_FIRST_FRAMES = 16
_MOST_FRAMES = 4096


def context_frames(codec: SpectralCodec | WaveformCodec) -> int:
    """Frames that encoder and decoder need on each side for their exact result, at least 1: the more of both.

    Raises:
        BundleError: It hears further than 2048 frames.
    """
    return max(1, *_reaches(codec))


def with_heard_frames(encoder: onnx.ModelProto, codec: SpectralCodec | WaveformCodec) -> onnx.ModelProto:
    """The encoder's graph, in place, with what it needs by itself in its metadata, often less than the decoder.

    Raises:
        BundleError: It hears further than 2048 frames.
    """
    onnx.helper.set_model_props(encoder, {HEARD_FRAMES: str(max(1, _reaches(codec)[0]))})
    return encoder


@torch.inference_mode()
def _reaches(codec: SpectralCodec | WaveformCodec) -> tuple[int, int]:
    """Frames on each side of one that the encoder hears, and the decoder.

    Found by poisoning: a NaN in one frame of the input shows in just those frames of the output that hear it. A copy
    with the same kernels, strides and dilations but hardly any channels hears as far, and costs milliseconds. Frames
    that are missing at the end (odd strides, see `WaveformCodecConfig.n_frames`) count as heard.

    Raises:
        BundleError: It hears further than 2048 frames.
    """
    thin, hop = _thin(codec), codec.config.hop
    spectral = isinstance(thin, SpectralCodec)

    def encode(poisoned: int | None, frames: int) -> Tensor:
        audio = torch.randn(1, 1, frames * hop)
        if poisoned is not None:
            audio[..., poisoned * hop : (poisoned + 1) * hop] = math.nan
        latents = thin.encoder(audio)[0]
        return _spoilt(latents if spectral else latents.T)

    def decode(poisoned: int | None, frames: int) -> Tensor:
        latents = torch.randn(frames, thin.config.d_low if isinstance(thin, SpectralCodec) else 1)
        if poisoned is not None:
            latents[poisoned] = math.nan
        audio = thin.decoder((latents if spectral else latents.T)[None])[0, 0]
        whole = len(audio) // hop
        return _spoilt(audio[: min(whole, frames) * hop].reshape(-1, hop))

    return _reach(encode), _reach(decode)


def _spoilt(frames: Tensor) -> Tensor:
    """Which rows of (T, …) hold a NaN, (T,) bool."""
    return frames.isnan().any(-1)


def _thin(codec: SpectralCodec | WaveformCodec) -> SpectralCodec | WaveformCodec:
    """The same codec in time, with random weights and next to nothing beside it."""
    if isinstance(codec, SpectralCodec):
        sizes = {"d_high": 2, "d_low": 2, "n_codebooks": 1, "codebook_size": 2, "codebook_dim": 1}
        return SpectralCodec(replace(codec.config, **sizes)).eval()
    return WaveformCodec(
        replace(
            codec.config,
            encoder_dim=1,
            decoder_dim=2 ** len(codec.config.decoder_rates),
            latent_dim=1,
            n_codebooks=1,
            codebook_size=2,
            codebook_dim=1,
        )
    ).eval()


def _reach(spoilt: Callable[[int | None, int], Tensor]) -> int:
    """Furthest frame that one frame hears. `spoilt` (poisoned frame, frames) says which output frames are NaN."""
    frames = _FIRST_FRAMES
    while frames <= _MOST_FRAMES:
        missing = frames - len(spoilt(None, frames))
        by_first, by_last = (spoilt(index, frames).nonzero()[:, 0].tolist() for index in (0, frames - 1))
        reach = max(missing, max(by_first, default=0), frames - 1 - min(by_last, default=frames - 1))
        # A reach of half the length may be longer and only cut off.
        if reach < frames // 2:
            return reach
        frames *= 2
    raise BundleError(f"the codec hears further than {_MOST_FRAMES // 2} frames")
