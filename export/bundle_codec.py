"""The codec of a bundle that exists, for new transformers: its graphs as they are, and its codebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from ..engine.bundle import Bundle, Manifest
from ..engine.codebooks import unpack_codebooks
from ..engine.errors import BundleError

# As the modules of either codec name their entries; `_fp16` where the weights are stored in half precision.
_CODEBOOK = re.compile(r"(?:.*\.)?(?:levels|quantizers)\.(\d+)\.codebook(?:\.weight)?(?:_fp16)?")


@dataclass(frozen=True)
class BundleCodecConfig:
    """Sizes of a bundle's codec, under the names that the torch codecs use."""

    sample_rate: int
    hop: int
    n_codebooks: int
    codebook_size: int
    codebook_dim: int


@dataclass(frozen=True)
class BundleCodec:
    """Encoder and decoder of a bundle.

    Attributes:
        graphs: Serialised ONNX models `encoder` and `decoder`.
        codebooks: (K, V, d) float32 entries, in the precision of the bundle.
        config: Sizes.
        manifest: Of the bundle: precision, licence, credits and checks come from it.
    """

    graphs: dict[str, bytes]
    codebooks: Tensor
    config: BundleCodecConfig
    manifest: Manifest


def codec_of(bundle: Bundle) -> BundleCodec:
    """The codec in a bundle.

    Raises:
        BundleError: Its decoder holds no codebooks, or others than the manifest says.
    """
    manifest = bundle.manifest
    packed = unpack_codebooks(bundle)
    entries = read_codebooks(bundle.graph("decoder"), manifest.name) if packed is None else torch.from_numpy(packed)
    expected = (manifest.n_codebooks, manifest.vocabulary)
    if tuple(entries.shape[:2]) != expected:
        raise BundleError(
            f"bundle {manifest.name}: its decoder has codebooks {tuple(entries.shape[:2])}, "
            f"its manifest says {expected}"
        )
    config = BundleCodecConfig(manifest.sample_rate, manifest.hop, *expected, entries.shape[2])
    return BundleCodec({name: bundle.graph(name) for name in ("encoder", "decoder")}, entries, config, manifest)


def read_codebooks(decoder: bytes, name: str) -> Tensor:
    """Codebooks (K, V, d) float32 in a decoder graph, where they lie as initialisers under their modules' names.

    Raises:
        BundleError: They are not there, or not all of one shape; names the bundle.
    """
    levels = {
        int(found[1]): numpy_helper.to_array(tensor).astype(np.float32)
        for tensor in onnx.load_from_string(decoder).graph.initializer
        if (found := _CODEBOOK.fullmatch(tensor.name))
    }
    shapes = sorted({array.shape for array in levels.values()})
    whole = sorted(levels) == list(range(len(levels)))
    if not whole or len(shapes) != 1 or len(shapes[0]) != 2:  # (V, d), the same at every level
        raise BundleError(
            f"bundle {name}: its decoder holds no codebooks that could be read; give its codec's checkpoint instead"
        )
    return torch.from_numpy(np.stack([levels[index] for index in range(len(levels))]))
