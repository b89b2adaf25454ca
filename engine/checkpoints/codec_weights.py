"""LAC and DAC from the weights in an archive. Module names in `nets.waveform_codec` are those in the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..errors import BundleError
from ..nets.waveform_codec import Family, WaveformCodec, WaveformCodecConfig
from .archives import Archive
from .pickles import quoted
from .weights import State, as_float32, check_kwargs, check_names, count_of, fold_weight_norm, refuse_variants, shape_of

CODEBOOK = "quantizer.quantizers.0.codebook.weight"
_SAMPLE_RATE = "sample_rate"
# Arguments of the constructors that change nothing when the codec runs.
_IDLE = frozenset({"quantizer_dropout"})


def family_of(state: Mapping[str, Tensor]) -> Family:
    """LAC's decoder has parallel stacks, DAC's has none."""
    return "lac" if any(".mrf_blocks." in name for name in state) else "dac"


def build_codec(archive: Archive) -> WaveformCodec:
    """The codec that an archive holds, in float32.

    Raises:
        BundleError: Weights are missing, left over or of the wrong shape, or the codec is a variant.
    """
    path = archive.path
    state = fold_weight_norm(as_float32(archive.state, path), path)
    config = _config(state, archive)
    with torch.device("meta"):
        model = WaveformCodec(config)
    check_names(state, {name: tuple(value.shape) for name, value in model.state_dict().items()}, path)
    model.load_state_dict(state, assign=True)
    return model.eval()


def _config(state: State, archive: Archive) -> WaveformCodecConfig:
    """Sizes, from the folded weights."""
    path = archive.path
    n_strides = count_of(state, r"encoder\.block\.(\d{1,4})\.block\.4\.weight", first=1, path=path)
    n_rates = count_of(state, r"decoder\.model\.(\d{1,4})\.block\.1\.weight", first=1, path=path)
    codebook_size, codebook_dim = shape_of(state, CODEBOOK, 2, path)
    decoder_dim, latent_dim, _ = shape_of(state, "decoder.model.0.weight", 3, path)
    sizes: dict[str, Any] = {
        "encoder_dim": shape_of(state, "encoder.block.0.weight", 3, path)[0],
        # A strided convolution is twice as long as its stride.
        "encoder_rates": tuple(
            _stride(state, f"encoder.block.{n + 1}.block.4.weight", archive) for n in range(n_strides)
        ),
        "decoder_dim": decoder_dim,
        "decoder_rates": tuple(
            _stride(state, f"decoder.model.{n + 1}.block.1.weight", archive) for n in range(n_rates)
        ),
        "latent_dim": latent_dim,
        "n_codebooks": count_of(state, r"quantizer\.quantizers\.(\d{1,4})\.codebook\.weight", first=0, path=path),
        "codebook_size": codebook_size,
        "codebook_dim": codebook_dim,
    }
    widest, *_ = shape_of(state, f"encoder.block.{n_strides}.block.4.weight", 3, path)
    if widest != sizes["encoder_dim"] * 2**n_strides:
        raise BundleError(
            f"checkpoint {path}: its encoder does not double its channels {n_strides} times up to {widest}"
        )
    if decoder_dim < 2**n_rates:
        raise BundleError(f"checkpoint {path}: decoder_dim must be at least {2**n_rates}, got {decoder_dim}")
    said = _said(archive.kwargs)
    refuse_variants(said, known=frozenset(sizes) | _IDLE | {_SAMPLE_RATE}, path=path)
    check_kwargs(said, sizes, path)
    sample_rate = said.get(_SAMPLE_RATE, WaveformCodecConfig.sample_rate)
    if not isinstance(sample_rate, int) or sample_rate < 1:
        raise BundleError(f"checkpoint {path}: sample_rate must be at least 1, got {quoted(sample_rate)}")
    return WaveformCodecConfig(family=family_of(state), sample_rate=sample_rate, **sizes)


def _stride(state: State, name: str, archive: Archive) -> int:
    kernel = shape_of(state, name, 3, archive.path)[2]
    if kernel % 2:
        raise BundleError(f"checkpoint {archive.path}: {name} is {kernel} long, expected twice a stride")
    return kernel // 2


def _said(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says, rates as tuples; `codebook_dim` may be given per level, here all must be the same."""
    said = {name: tuple(value) if isinstance(value, list) else value for name, value in kwargs.items()}
    per_level = said.get("codebook_dim")
    if isinstance(per_level, tuple) and per_level and all(dim == per_level[0] for dim in per_level):
        said["codebook_dim"] = per_level[0]
    return said
