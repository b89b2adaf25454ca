"""A codec that is trained already, as the later stages see it: sound in, tokens out, and the entries they stand for.

It comes from a checkpoint of the first stage, which torch runs, or from a bundle, whose graphs ONNX Runtime runs: the
embedded model's, or that of a published VampNet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..bundle import Bundle, load_bundle
from ..codebooks import CODEBOOKS, unpack_codebooks
from ..devices import CPU
from ..errors import BundleError
from ..library import CHECKPOINT_SUFFIXES, resolve
from ..nets.codec import CONTEXT_FRAMES, SpectralCodec
from ..runtime import CodecLimits, CodecRuntime
from ..sessions import open_session
from .checkpoints import read_codec


class Encode(Protocol):
    """How a codec is called."""

    def __call__(self, audio: NDArray[np.float32], *, ring: bool) -> NDArray[np.int64]:
        """Mono audio (T·hop,) → codes (K, T). On the ring the surroundings wrap, on the line they are silence."""


@dataclass(frozen=True)
class FrozenCodec:
    """What transformers need of their codec.

    Attributes:
        sample_rate: Hz.
        hop: Samples of a token frame.
        codebooks: Entries (K, V, d) float32.
        encode: Sound to tokens.
    """

    sample_rate: int
    hop: int
    codebooks: Tensor
    encode: Encode


def open_frozen(name_or_path: str | Path) -> FrozenCodec:
    """The codec that a user means: a checkpoint by its suffix, else a bundle by name or path.

    Raises:
        BundleError: No such checkpoint or bundle, or it cannot be read.
    """
    path = Path(name_or_path).expanduser()
    if path.suffix in CHECKPOINT_SUFFIXES and path.exists():
        return of_network(read_codec(path))
    return of_bundle(load_bundle(resolve(name_or_path)))


def of_network(codec: SpectralCodec) -> FrozenCodec:
    """The codec of a training run."""
    config = codec.config

    @torch.inference_mode()
    def encode(audio: NDArray[np.float32], *, ring: bool) -> NDArray[np.int64]:
        n_frames = len(audio) // config.hop
        padded = np.pad(audio, CONTEXT_FRAMES * config.hop, mode="wrap" if ring else "constant")
        codes = codec.encode(torch.from_numpy(np.ascontiguousarray(padded))[None, None])
        kept: NDArray[np.int64] = codes[0, :, CONTEXT_FRAMES : CONTEXT_FRAMES + n_frames].numpy()
        return kept

    return FrozenCodec(config.sample_rate, config.hop, codec.quantiser.codebooks.detach(), encode)


def of_bundle(bundle: Bundle) -> FrozenCodec:
    """The codec of a bundle, on the CPU.

    Raises:
        BundleError: It holds no codebooks, or a graph cannot be loaded.
    """
    manifest = bundle.manifest
    codebooks = unpack_codebooks(bundle)
    if codebooks is None:
        raise BundleError(
            f"bundle {manifest.name} has no {CODEBOOKS}, it was made by an earlier version: export it again, "
            "or give its codec's checkpoint"
        )
    encoder, decoder = (
        open_session(bundle.graph(name), what=f"bundle {manifest.name}: graph {name}")
        for name in ("encoder", "decoder")
    )
    limits = CodecLimits.of(bundle, CPU, pad=False)
    runtime = CodecRuntime(encoder, decoder, hop=manifest.hop, context=manifest.codec_context, limits=limits)
    return FrozenCodec(manifest.sample_rate, manifest.hop, torch.from_numpy(codebooks), runtime.encode)
