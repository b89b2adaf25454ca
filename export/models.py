"""The three networks of a bundle, and whether they belong together. Nothing here knows of files."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor, nn

from ..engine.errors import BundleError
from ..engine.nets.codec import SpectralCodec
from ..engine.nets.transformer import TokenTransformer
from ..engine.nets.waveform_codec import WaveformCodec
from ..engine.position_bias import N_BUCKETS
from .bundle_codec import BundleCodec

TorchCodec = SpectralCodec | WaveformCodec
Codec = TorchCodec | BundleCodec

_LARGEST_GRAPH = 2**31


@dataclass(frozen=True)
class Models:
    """The networks of a bundle. The codec may be that of another bundle, as graphs alone."""

    codec: Codec
    coarse: TokenTransformer
    fine: TokenTransformer


def codebooks_of(codec: Codec) -> Tensor:
    """Entries of a codec, (K, V, d) float32."""
    if isinstance(codec, BundleCodec):
        return codec.codebooks
    return codec.quantiser.codebooks if isinstance(codec, SpectralCodec) else codec.quantizer.codebooks


def check_fit(models: Models) -> None:
    """Refuse networks that were not made for each other, as far as their sizes tell.

    Raises:
        BundleError: Says what does not fit.
    """
    codec, coarse, fine = models.codec.config, models.coarse.config, models.fine.config
    if coarse.n_conditioning or not fine.n_conditioning:
        raise BundleError("one coarse and one fine model are needed, in this order")
    if coarse.n_codebooks != fine.n_conditioning:
        raise BundleError(
            f"the fine model is conditioned on {fine.n_conditioning} codebooks, "
            f"the coarse model predicts {coarse.n_codebooks}: train both with the same n_coarse"
        )
    if fine.n_codebooks != codec.n_codebooks or {coarse.vocabulary, fine.vocabulary} != {codec.codebook_size}:
        raise BundleError(
            "the transformers were trained on the tokens of another codec: the codec has "
            f"{codec.n_codebooks} codebooks of {codec.codebook_size} entries, the coarse model reads "
            f"{coarse.n_codebooks} of {coarse.vocabulary}, the fine model {fine.n_codebooks} of {fine.vocabulary}"
        )
    if {coarse.n_buckets, fine.n_buckets} != {N_BUCKETS}:
        raise BundleError(
            f"the transformers must have {N_BUCKETS} position buckets, got {coarse.n_buckets} and {fine.n_buckets}"
        )
    if isinstance(models.codec, WaveformCodec):
        rates = models.codec.config.encoder_rates, models.codec.config.decoder_rates
        if math.prod(rates[0]) != math.prod(rates[1]):
            raise BundleError(f"the codec's strides {rates[0]} and rates {rates[1]} must have the same product")
    for network in (models.codec, models.coarse, models.fine):
        if isinstance(network, nn.Module) and sum(value.numel() for value in network.parameters()) * 4 > _LARGEST_GRAPH:
            raise BundleError("a graph cannot be larger than 2 GiB in float32, and one of the networks is")
