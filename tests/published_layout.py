"""Writes our models in the layout of the published files: the way back, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from vampbridge.engine.nets.transformer import TokenTransformer, TransformerConfig
from vampbridge.engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig

RANK = 3
ODD_CODECS = {
    "lac": WaveformCodecConfig("lac", 22_050, 3, (2, 5), 20, (5, 2), 12, 3, 40, 4),
    "lac, rates unlike strides": WaveformCodecConfig("lac", 44_100, 2, (3, 4), 16, (2, 3, 2), 8, 2, 17, 3),
    "dac": WaveformCodecConfig("dac", 16_000, 4, (3, 7, 2), 24, (2, 7, 3), 10, 5, 33, 6),
    "dac, rates unlike strides": WaveformCodecConfig("dac", 48_000, 2, (4, 4), 18, (2, 2, 4), 30, 1, 9, 2),
}
ODD_TRANSFORMERS = {
    "coarse": TransformerConfig(3, 0, 40, 4, 24, 2, 3, 32),
    "fine": TransformerConfig(5, 2, 17, 3, 30, 6, 1, 16),
    "one codebook, one head": TransformerConfig(1, 0, 7, 2, 9, 1, 2, 32),
}


def save(path: Path, state: dict[str, Tensor], kwargs: dict[str, Any] | None = None) -> Path:
    """Write an archive; without `kwargs`, as a bare dict of tensors."""
    contents: dict[str, Any] = state if kwargs is None else {"state_dict": state, "metadata": {"kwargs": kwargs}}
    torch.save(contents, path)
    return path


def split_weight(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Magnitude and direction of a weight-normalised weight; the direction has a length of its own."""
    magnitude = weight.flatten(1).norm(dim=1).reshape(-1, *[1] * (weight.ndim - 1))
    return magnitude, weight * torch.linspace(0.5, 2.0, len(weight)).reshape(magnitude.shape)


def codec_state(codec: WaveformCodec) -> dict[str, Tensor]:
    """Published names and tensors of a codec."""
    state = {name: value.detach().clone() for name, value in codec.state_dict().items()}
    for name, module in codec.named_modules():
        if isinstance(module, (nn.Conv1d, nn.ConvTranspose1d)):
            state[f"{name}.weight_g"], state[f"{name}.weight_v"] = split_weight(state.pop(f"{name}.weight"))
    return state


def codec_kwargs(codec: WaveformCodec) -> dict[str, Any]:
    """Arguments of the published constructor."""
    said = {name: list(value) if isinstance(value, tuple) else value for name, value in codec.config.to_dict().items()}
    if said.pop("family") == "lac":
        del said["latent_dim"]
    return said | {"quantizer_dropout": False}


def vampnet_state(model: TokenTransformer) -> dict[str, Tensor]:
    """Published names and tensors of a transformer, with adapters (`RANK`) that are not zero and are in its weights."""
    config, ours = model.config, {name: value.detach() for name, value in model.state_dict().items()}
    tables = ours["embedding"].reshape(config.n_codebooks, config.vocabulary + 1, config.latent_dim)
    state = {
        "embedding.special.MASK": tables[:, -1],
        "embedding.out_proj.weight": ours["embedding_out.weight"][:, :, None],
        "embedding.out_proj.bias": ours["embedding_out.bias"],
        "transformer.layers.0.self_attn.relative_attention_bias.weight": ours["relative_attention_bias"],
        "transformer.norm.weight": ours["norm_out.weight"],
        "classifier.layers.0.bias": _by_entry(ours["classifier.bias"], model),
    }
    weight = _by_entry(ours["classifier.weight"], model)[:, :, None]
    state["classifier.layers.0.weight_g"], state["classifier.layers.0.weight_v"] = split_weight(weight)
    for index in range(config.n_layers):
        layer, theirs = f"layers.{index}.", f"transformer.layers.{index}."
        for name, value in zip(("w_qs", "w_ks", "w_vs"), ours[f"{layer}query_key_value.weight"].chunk(3), strict=True):
            state[f"{theirs}self_attn.{name}.weight"] = value
        state[f"{theirs}self_attn.fc.weight"] = ours[f"{layer}attention_out.weight"]
        state[f"{theirs}norm_1.weight"] = ours[f"{layer}norm_attention.weight"]
        state[f"{theirs}norm_3.weight"] = ours[f"{layer}norm_feed.weight"]
        state[f"{theirs}feed_forward.w_1.weight"] = ours[f"{layer}feed_in.weight"]
        state[f"{theirs}feed_forward.w_2.weight"] = ours[f"{layer}feed_out.weight"]
        for name in ("self_attn.w_qs", "self_attn.w_vs", "self_attn.fc", "feed_forward.w_1", "feed_forward.w_2"):
            _add_adapter(state, theirs + name)
    return {name: value.clone() for name, value in state.items()}


def _add_adapter(state: dict[str, Tensor], name: str) -> None:
    whole = state[f"{name}.weight"]
    down, up = torch.randn(RANK, whole.shape[1]) * 0.1, torch.randn(whole.shape[0], RANK) * 0.1
    state[f"{name}.weight"] = whole - up @ down / RANK
    state[f"{name}.lora_A"], state[f"{name}.lora_B"] = down, up


def vampnet_kwargs(model: TokenTransformer) -> dict[str, Any]:
    """Arguments of the published constructor."""
    config = model.config
    return {
        "n_heads": config.n_heads,
        "n_layers": config.n_layers,
        "r_cond_dim": 0,
        "n_codebooks": config.n_codebooks,
        "n_conditioning_codebooks": config.n_conditioning,
        "latent_dim": config.latent_dim,
        "embedding_dim": config.width,
        "vocab_size": config.vocabulary,
        "flash_attn": True,
        "noise_mode": "mask",
        "dropout": 0.1,
        "ctrl_dims": None,
        "cfg_dropout_prob": 0.2,
        "cond_dim": 0,
    }


def _by_entry(rows: Tensor, model: TokenTransformer) -> Tensor:
    """Classes in the order p·V + v, as v·P + p."""
    config = model.config
    split = rows.reshape(config.n_predicted, config.vocabulary, *rows.shape[1:])
    return split.transpose(0, 1).reshape(rows.shape)


def odd_vampnet(config: TransformerConfig = ODD_TRANSFORMERS["fine"]) -> TokenTransformer:
    """A model with random weights."""
    model = TokenTransformer(config).eval()
    torch.nn.init.normal_(model.relative_attention_bias)
    return model


def entries_of(model: TokenTransformer, *, more_codebooks: int = 1) -> Tensor:
    """The codec's entries (K + more, V, d) under a model's embedding."""
    config = model.config
    tables = model.embedding.reshape(config.n_codebooks, config.vocabulary + 1, config.latent_dim)[:, :-1]
    return torch.cat((tables, torch.randn(more_codebooks, *tables.shape[1:])))
