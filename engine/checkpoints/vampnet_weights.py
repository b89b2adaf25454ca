"""VampNet, coarse or fine, from the weights in an archive: the published names and layouts, and how they become ours.

published                                             ours (`nets.transformer`)
embedding.special.MASK (K, d) + the codec's entries   embedding (K·(V+1), d), MASK last in each codebook
embedding.out_proj (D, K·d, 1)                        embedding_out (D, K·d)
self_attn.w_qs, w_ks, w_vs (D, D)                     query_key_value (3·D, D)
classifier rows v·P + p                               classifier rows p·V + v
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..errors import BundleError
from ..nets.transformer import TokenTransformer, TransformerConfig
from .archives import Archive
from .weights import (
    State,
    as_float32,
    check_kwargs,
    check_names,
    count_of,
    fold_weight_norm,
    is_adapter_name,
    listed,
    merge_adapters,
    refuse_variants,
    shape_of,
)

MASK = "embedding.special.MASK"
CLASSIFIER = "classifier.layers.0"
_OUT = "embedding.out_proj"
_LAYER = "transformer.layers."
_BIAS = f"{_LAYER}0.self_attn.relative_attention_bias.weight"
_NORM = "transformer.norm.weight"
# Arguments of the constructor that change nothing when the model runs.
_IDLE = frozenset({"flash_attn", "dropout", "cfg_dropout_prob", "seq_len"})


def build_vampnet(archive: Archive, codebooks: Tensor, *, adapters: Archive | None = None) -> TokenTransformer:
    """The model that an archive holds, in float32.

    Args:
        archive: the whole model.
        codebooks: (≥ K, V, d) entries of the codec that it was trained on.
        adapters: adapters alone, in the place of those in `archive`.

    Raises:
        BundleError: Weights are missing, left over or of the wrong shape, the model is a variant, or the codec another.
    """
    path = archive.path
    state = as_float32(archive.state, path)
    if adapters is not None:
        state |= _adapters_for(state, adapters)
    state = fold_weight_norm(merge_adapters(state, path), path)
    config = _config(state, codebooks, archive)
    check_names(state, _shapes(config), path)
    with torch.device("meta"):
        model = TokenTransformer(config)
    model.load_state_dict(_ours(state, config, codebooks), assign=True)
    return model.eval()


def _adapters_for(state: State, adapters: Archive) -> State:
    """Adapters whose every part belongs to a weight of `state` and fits it."""
    found = as_float32(adapters.state, adapters.path)
    strangers = [name for name in found if f"{name.rpartition('.')[0]}.weight" not in state]
    if strangers:
        raise BundleError(
            f"checkpoint {adapters.path} has {len(strangers)} adapter weights for what the model does not have "
            f"({listed(strangers)})"
        )
    # Checked here alone, so that a half without its other is not completed by the adapters that the model came with.
    merge_adapters(
        {**{name: value for name, value in state.items() if not is_adapter_name(name)}, **found}, adapters.path
    )
    return found


def _config(state: State, codebooks: Tensor, archive: Archive) -> TransformerConfig:
    """Sizes, from the folded weights and the codec."""
    path = archive.path
    n_codebooks, latent_dim = shape_of(state, MASK, 2, path)
    n_buckets, n_heads = shape_of(state, _BIAS, 2, path)
    width = shape_of(state, f"{_OUT}.weight", 3, path)[0]
    n_layers = count_of(state, r"transformer\.layers\.(\d{1,4})\.norm_1\.weight", first=0, path=path)
    codec_books, vocabulary, codec_dim = codebooks.shape
    if codec_books < n_codebooks or codec_dim != latent_dim:
        raise BundleError(
            f"checkpoint {path} reads {n_codebooks} codebooks of dimension {latent_dim}, "
            f"but its codec has {codec_books} of dimension {codec_dim}"
        )
    rows = shape_of(state, f"{CLASSIFIER}.bias", 1, path)[0]
    n_predicted, rest = divmod(rows, vocabulary)
    if rest or n_predicted > n_codebooks:
        raise BundleError(
            f"checkpoint {path} has {rows} classes, expected the codec's {vocabulary} for each of 1 to {n_codebooks} "
            "codebooks"
        )
    if width % n_heads or n_buckets % 4:
        raise BundleError(
            f"checkpoint {path}: {n_heads} heads must divide the width {width}, and {n_buckets} position buckets must "
            "be a multiple of 4"
        )
    config = TransformerConfig(
        n_codebooks=n_codebooks,
        n_conditioning=n_codebooks - n_predicted,
        vocabulary=vocabulary,
        latent_dim=latent_dim,
        width=width,
        n_heads=n_heads,
        n_layers=n_layers,
        n_buckets=n_buckets,
    )
    _check_said(config, archive)
    return config


def _check_said(config: TransformerConfig, archive: Archive) -> None:
    sizes = {
        "n_heads": config.n_heads,
        "n_layers": config.n_layers,
        "n_codebooks": config.n_codebooks,
        "n_conditioning_codebooks": config.n_conditioning,
        "latent_dim": config.latent_dim,
        "embedding_dim": config.width,
        "vocab_size": config.vocabulary,
        # Models trained with random tokens instead of a mask have no mask to be prompted with.
        "noise_mode": "mask",
    }
    refuse_variants(archive.kwargs, known=frozenset(sizes) | _IDLE, path=archive.path)
    check_kwargs(archive.kwargs, sizes, archive.path)


def _shapes(config: TransformerConfig) -> dict[str, tuple[int, ...]]:
    """All published names, weight norm folded and adapters added, and their shapes."""
    width, classes = config.width, config.n_predicted * config.vocabulary
    shapes: dict[str, tuple[int, ...]] = {
        MASK: (config.n_codebooks, config.latent_dim),
        f"{_OUT}.weight": (width, config.n_codebooks * config.latent_dim, 1),
        f"{_OUT}.bias": (width,),
        _BIAS: (config.n_buckets, config.n_heads),
        _NORM: (width,),
        f"{CLASSIFIER}.weight": (classes, width, 1),
        f"{CLASSIFIER}.bias": (classes,),
    }
    for index in range(config.n_layers):
        layer = f"{_LAYER}{index}."
        for name in ("w_qs", "w_ks", "w_vs", "fc"):
            shapes[f"{layer}self_attn.{name}.weight"] = (width, width)
        shapes[f"{layer}norm_1.weight"] = shapes[f"{layer}norm_3.weight"] = (width,)
        shapes[f"{layer}feed_forward.w_1.weight"] = (4 * width, width)
        shapes[f"{layer}feed_forward.w_2.weight"] = (width, 2 * width)
    return shapes


def _ours(state: Mapping[str, Tensor], config: TransformerConfig, codebooks: Tensor) -> State:
    """The same weights under our names and in our layouts."""
    known = codebooks[: config.n_codebooks].detach().to(torch.float32)  # (K, V, d)
    tables = torch.cat((known, state[MASK][:, None]), dim=1)  # (K, V+1, d)
    ours = {
        "embedding": tables.reshape(-1, config.latent_dim),
        "embedding_out.weight": state[f"{_OUT}.weight"][:, :, 0],
        "embedding_out.bias": state[f"{_OUT}.bias"],
        "relative_attention_bias": state[_BIAS],
        "norm_out.weight": state[_NORM],
        "classifier.weight": _by_codebook(state[f"{CLASSIFIER}.weight"][:, :, 0], config),
        "classifier.bias": _by_codebook(state[f"{CLASSIFIER}.bias"], config),
    }
    for index in range(config.n_layers):
        theirs, layer = f"{_LAYER}{index}.", f"layers.{index}."
        projections = [state[f"{theirs}self_attn.{name}.weight"] for name in ("w_qs", "w_ks", "w_vs")]
        ours[f"{layer}query_key_value.weight"] = torch.cat(projections)
        ours[f"{layer}attention_out.weight"] = state[f"{theirs}self_attn.fc.weight"]
        ours[f"{layer}norm_attention.weight"] = state[f"{theirs}norm_1.weight"]
        ours[f"{layer}norm_feed.weight"] = state[f"{theirs}norm_3.weight"]
        ours[f"{layer}feed_in.weight"] = state[f"{theirs}feed_forward.w_1.weight"]
        ours[f"{layer}feed_out.weight"] = state[f"{theirs}feed_forward.w_2.weight"]
    return {name: value.contiguous() for name, value in ours.items()}


def _by_codebook(rows: Tensor, config: TransformerConfig) -> Tensor:
    """Classes (V·P, …), row v·P + p, in the order p·V + v."""
    split = rows.reshape(config.vocabulary, config.n_predicted, *rows.shape[1:])
    return split.transpose(0, 1).reshape(rows.shape)
