"""Checkpoints that cannot be read are refused for what is wrong with them, by name."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="needs torch: pip install 'vampbridge[models]'")

import torch
from published_layout import (
    ODD_CODECS,
    RANK,
    codec_kwargs,
    codec_state,
    entries_of,
    odd_vampnet,
    save,
    vampnet_kwargs,
    vampnet_state,
)
from vampbridge.engine.checkpoints.archives import read_archive
from vampbridge.engine.checkpoints.published import read_vampnet, read_waveform_codec
from vampbridge.engine.errors import BundleError
from vampbridge.engine.nets.waveform_codec import WaveformCodec

CHECKPOINTS = Path(__file__).parent / "fixtures" / "published" / "checkpoints"


@pytest.fixture(scope="module")
def codebooks():
    return read_waveform_codec(CHECKPOINTS / "codec.pth").quantizer.codebooks.detach()


@pytest.fixture(autouse=True)
def _no_gradients():
    torch.manual_seed(0)
    with torch.inference_mode():
        yield


def broken(state, kwargs, change):
    """Copies of state and kwargs after a change."""
    state, kwargs = dict(state), dict(kwargs)
    change(state, kwargs)
    return state, kwargs


LAYER = "transformer.layers.0."
VAMPNET_CHANGES = {
    "missing": (lambda s, k: s.pop(f"{LAYER}norm_3.weight"), r"1 missing \(transformer\.layers\.0\.norm_3\.weight\)"),
    "missing mask": (lambda s, k: s.pop("embedding.special.MASK"), "no VampNet"),
    "half a weight": (lambda s, k: s.pop("classifier.layers.0.weight_g"), r"lacks classifier\.layers\.0\.weight_g"),
    "left over": (lambda s, k: s.update(stray=torch.ones(1)), r"1 that the model does not have \(stray\)"),
    "film": (
        lambda s, k: s.update({f"{LAYER}film_1.beta.weight": torch.ones(30, 4)}),
        r"does not have \(transformer\.layers\.0\.film_1",
    ),
    "a second position bias": (
        lambda s, k: (
            s.update(
                {
                    f"transformer.layers.1.{part}": s[f"{LAYER}{part}"]
                    for part in ("norm_1.weight", "self_attn.relative_attention_bias.weight")
                }
            )
            or k.update(n_layers=2)
        ),
        r"does not have \(transformer\.layers\.1\.self_attn\.relative",
    ),
    "many": (lambda s, k: s.update({f"x{n}": torch.ones(1) for n in range(9)}), r"9 that .*x0, x1, x2, x3, and 5 more"),
    "shape": (
        lambda s, k: s.update({"transformer.norm.weight": torch.ones(4)}),
        r"norm\.weight has shape \(4,\), expected \(30,\)",
    ),
    "half an adapter": (lambda s, k: s.pop(f"{LAYER}self_attn.fc.lora_B"), r"lacks .*self_attn\.fc\.lora_B"),
    "adapter shape": (lambda s, k: s.update({f"{LAYER}self_attn.fc.lora_A": torch.ones(RANK, 4)}), "does not fit"),
    "layers": (lambda s, k: k.update(n_layers=20), "says n_layers is 20, but its tensors show 1"),
    "heads": (lambda s, k: k.update(n_heads=3), "says n_heads is 3"),
    "conditioning": (lambda s, k: k.update(n_conditioning_codebooks=1), "n_conditioning_codebooks is 1"),
    "condition": (lambda s, k: k.update(r_cond_dim=64), "variant that cannot be read: r_cond_dim = 64"),
    "controls": (lambda s, k: k.update(ctrl_dims={"rms": 1}), "variant .*ctrl_dims"),
    "unknown switch": (lambda s, k: k.update(bidirectional_only_sometimes=True), "variant .*sometimes"),
    "noise": (lambda s, k: k.update(noise_mode="random"), "noise_mode is random"),
    "not a number": (
        lambda s, k: s.update({"transformer.norm.weight": torch.full((30,), torch.nan)}),
        r"not finite: transformer\.norm\.weight",
    ),
}


@pytest.mark.parametrize(("change", "reason"), VAMPNET_CHANGES.values(), ids=VAMPNET_CHANGES.keys())
def test_a_vampnet_that_differs_is_refused_for_what_differs(tmp_path, change, reason):
    model = odd_vampnet()
    state, kwargs = broken(vampnet_state(model), vampnet_kwargs(model), change)
    with pytest.raises(BundleError, match=reason):
        read_vampnet(save(tmp_path / "x.pth", state, kwargs), entries_of(model))


@settings(max_examples=40)
@given(st.data())
def test_any_other_shape_of_any_weight_is_one_kind_of_error(data):
    model, codec = odd_vampnet(), WaveformCodec(ODD_CODECS["lac"])
    is_codec = data.draw(st.booleans())
    state = codec_state(codec) if is_codec else vampnet_state(model)
    # The number of position buckets is the one size that nothing else in a file depends on.
    name = data.draw(st.sampled_from(sorted(name for name in state if "relative_attention_bias" not in name)))
    shape = tuple(data.draw(st.lists(st.integers(0, 6), max_size=4)))
    assume(shape != state[name].shape)
    state[name] = torch.ones(shape)
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder) / "x.pth", state)
        with pytest.raises(BundleError):
            _ = read_waveform_codec(path) if is_codec else read_vampnet(path, entries_of(model))


CODEC_CHANGES = {
    "missing": (lambda s, k: s.pop("decoder.model.0.bias"), r"1 missing \(decoder\.model\.0\.bias\)"),
    "missing level": (lambda s, k: s.pop("quantizer.quantizers.1.codebook.weight"), "not numbered from 0"),
    "missing entries": (lambda s, k: s.pop("quantizer.quantizers.0.codebook.weight"), "no VampNet, adapter, LAC"),
    "left over": (lambda s, k: s.update(stray=torch.ones(1)), r"does not have \(stray\)"),
    "magnitude": (
        lambda s, k: s.update({"encoder.block.0.weight_g": torch.ones(1, 1, 1)}),
        r"encoder\.block\.0\.weight_g has shape \(1, 1, 1\), expected \(4, 1, 1\)",
    ),
    "no direction": (
        lambda s, k: s.update({"encoder.block.0.weight_v": torch.zeros_like(s["encoder.block.0.weight_v"])}),
        r"encoder\.block\.0\.weight_v .* direction",
    ),
    "rates": (
        lambda s, k: k.update(encoder_rates=[2, 4, 8, 8]),
        r"says encoder_rates is \(2, 4, 8, 8\), .* \(3, 7, 2\)",
    ),
    "dims per level": (lambda s, k: k.update(codebook_dim=[6, 6, 6, 6, 4]), "says codebook_dim"),
    "sample rate": (lambda s, k: k.update(sample_rate=0), "sample_rate must be at least 1, got 0"),
    "causal": (lambda s, k: k.update(causal=True), "variant that cannot be read: causal = True"),
}


@pytest.mark.parametrize(("change", "reason"), CODEC_CHANGES.values(), ids=CODEC_CHANGES.keys())
def test_a_codec_that_differs_is_refused_for_what_differs(tmp_path, change, reason):
    codec = WaveformCodec(ODD_CODECS["dac"])
    state, kwargs = broken(codec_state(codec), codec_kwargs(codec), change)
    with pytest.raises(BundleError, match=reason):
        read_waveform_codec(save(tmp_path / "x.pth", state, kwargs))


def test_a_model_needs_the_codec_it_was_trained_on(tmp_path):
    model = odd_vampnet()
    path, entries = save(tmp_path / "x.pth", vampnet_state(model)), entries_of(model)
    wrong = {
        "reads 5 codebooks": entries[:4],
        "of dimension 3": entries[:, :, :2],
        "51 classes, expected the codec's 16": entries[:, :-1],
        "for each of 1 to 5": entries[:, :1],
    }
    for reason, other in wrong.items():
        with pytest.raises(BundleError, match=reason):
            read_vampnet(path, other)


def test_adapters_that_do_not_belong_to_the_model_are_refused(tmp_path, codebooks):
    adapter = read_archive(CHECKPOINTS / "coarse_adapter_only.pth").state
    fc = f"{LAYER}self_attn.fc"
    changed = {
        r"2 adapter weights for what the model does not have .*layers\.9": {
            **{name.replace("layers.0.self_attn.fc", "layers.9.self_attn.fc"): value for name, value in adapter.items()}
        },
        rf"lacks {fc}\.lora_A": {name: value for name, value in adapter.items() if name != f"{fc}.lora_A"},
        "does not fit": adapter | {f"{fc}.lora_B": torch.ones(63, 8)},
        "expected adapters alone": read_archive(CHECKPOINTS / "coarse.pth").state,
    }
    for reason, state in changed.items():
        with pytest.raises(BundleError, match=reason):
            read_vampnet(CHECKPOINTS / "coarse.pth", codebooks, adapter=save(tmp_path / "x.pth", state))


def test_a_file_of_another_kind_is_refused_for_what_it_is(codebooks):
    with pytest.raises(BundleError, match="holds the codec LAC, expected a coarse VampNet or a fine VampNet"):
        read_vampnet(CHECKPOINTS / "codec.pth", codebooks)
    with pytest.raises(BundleError, match="holds adapters alone"):
        read_vampnet(CHECKPOINTS / "coarse_adapter_only.pth", codebooks)
    with pytest.raises(BundleError, match="holds a fine VampNet, expected the codec LAC or the codec DAC"):
        read_waveform_codec(CHECKPOINTS / "c2f.pth")
