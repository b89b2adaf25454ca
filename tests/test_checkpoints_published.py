"""Published checkpoints: every number as the original program has it, every name accounted for, any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs torch: pip install 'vampbridge[models]'")

import torch
from published_layout import (
    ODD_CODECS,
    ODD_TRANSFORMERS,
    RANK,
    codec_kwargs,
    codec_state,
    entries_of,
    odd_vampnet,
    save,
    vampnet_kwargs,
    vampnet_state,
)
from vampbridge.engine.checkpoints.archives import Archive, read_archive, read_outline
from vampbridge.engine.checkpoints.published import identify, read_vampnet, read_waveform_codec
from vampbridge.engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig
from vampbridge.engine.position_bias import position_bias

FIXTURES = Path(__file__).parent / "fixtures" / "published"
CHECKPOINTS = FIXTURES / "checkpoints"
# Both sides are float32 and add up in another order; for logits of about ±10 and for samples in [-1, 1].
LOGITS, AUDIO = 1e-4, 2e-5
KINDS = {
    "coarse.pth": "coarse",
    "c2f.pth": "fine",
    "coarse_lora.pth": "coarse",
    "coarse_adapter_only.pth": "adapter",
    "codec.pth": "lac",
    "dac.pth": "dac",
}


@pytest.fixture(autouse=True)
def _plain_arithmetic():
    torch.manual_seed(0)
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def codebooks():
    return read_waveform_codec(CHECKPOINTS / "codec.pth").quantizer.codebooks.detach()


def arrays(name):
    with np.load(FIXTURES / f"{name}.npz") as file:
        return dict(file)


def logits_of(model, codes):
    """Logits (B, V, T·P) on the line, as the published program lays them out."""
    bias = position_bias(model.relative_attention_bias.numpy(), codes.shape[-1], ring=False)
    codes = torch.from_numpy(codes.astype(np.int64))
    return model(codes, torch.from_numpy(bias)).transpose(1, 2).numpy()


@pytest.mark.parametrize(("file", "kind"), KINDS.items())
def test_a_file_is_known_by_the_names_in_it(file, kind):
    assert identify(read_archive(CHECKPOINTS / file)) == kind
    outline = read_outline(CHECKPOINTS / file)
    assert identify(outline) == kind
    assert identify(Archive(outline.path, outline.state, {})) == kind


@pytest.mark.parametrize("family", ["lac", "dac"])
def test_codes_are_those_of_the_original_and_audio_within_2e_5(family):
    codec = read_waveform_codec(CHECKPOINTS / ("codec.pth" if family == "lac" else "dac.pth"))
    known = arrays(f"codec_{family}")
    length = known["audio"].shape[-1]
    audio = torch.from_numpy(np.pad(known["audio"], ((0, 0), (0, 0), (0, int(known["padded_length"]) - length))))
    assert audio.shape[-1] % codec.config.hop == 0
    codes = codec.encode(audio)
    assert np.array_equal(codes.numpy(), known["codes"])
    np.testing.assert_allclose(codec.decode(codes)[..., :length].numpy(), known["recon"], rtol=0, atol=AUDIO)
    for n_levels, start in enumerate(known["nq_first256"], start=1):
        decoded = codec.decode(codes[:, :n_levels, :16])[0, 0, :256].numpy()
        np.testing.assert_allclose(decoded, start, rtol=0, atol=AUDIO)


@pytest.mark.parametrize(("name", "file"), [("coarse", "coarse.pth"), ("c2f", "c2f.pth")])
def test_logits_are_those_of_the_original_within_1e_4(codebooks, name, file):
    model = read_vampnet(CHECKPOINTS / file, codebooks)
    known = arrays("transformer")
    cases = [case.removesuffix("_codes") for case in known if case.startswith(name) and case.endswith("_codes")]
    assert len(cases) >= 4
    for case in cases:
        logits = logits_of(model, known[f"{case}_codes"])
        expected = known.get(f"{case}_logits")
        if expected is None:
            logits, expected = logits[:, :, known[f"{case}_pos"]], known[f"{case}_logits_pos"]
        np.testing.assert_allclose(logits, expected, rtol=0, atol=LOGITS)


@pytest.mark.parametrize("case", ["b1_t7", "b2_t40"])
def test_adapters_are_always_added(codebooks, tmp_path, case):
    """In a file of its own weights, over another file, and once more where a file was saved merged."""
    known = arrays("lora")
    codes, positions = known[f"{case}_codes"], known[f"{case}_pos"]
    archive = read_archive(CHECKPOINTS / "coarse_lora.pth")
    merged = dict(archive.state)
    for name in [name.removesuffix(".lora_A") for name in archive.state if name.endswith(".lora_A")]:
        merged[f"{name}.weight"] = merged[f"{name}.weight"] + merged[f"{name}.lora_B"] @ merged[f"{name}.lora_A"] / 8
    models = {
        "full": read_vampnet(CHECKPOINTS / "coarse_lora.pth", codebooks),
        "adapter_on_coarse": read_vampnet(
            CHECKPOINTS / "coarse.pth", codebooks, adapter=CHECKPOINTS / "coarse_adapter_only.pth"
        ),
        "saved_in_eval_mode": read_vampnet(save(tmp_path / "merged.pth", merged, archive.kwargs), codebooks),
    }
    for what, model in models.items():
        if f"{case}_{what}_logits" in known:
            logits = logits_of(model, codes)[:, :, positions]
            np.testing.assert_allclose(logits, known[f"{case}_{what}_logits"], rtol=0, atol=LOGITS, err_msg=what)
    dropped = known[f"{case}_full_adapters_zeroed_logits"]
    assert np.abs(logits_of(models["full"], codes)[:, :, positions] - dropped).max() > 1


@pytest.mark.parametrize("config", ODD_CODECS.values(), ids=ODD_CODECS.keys())
@pytest.mark.parametrize("with_kwargs", [True, False])
def test_a_codec_of_any_size_is_read(tmp_path, config, with_kwargs):
    codec = WaveformCodec(config).eval()
    path = save(tmp_path / "x.pth", codec_state(codec), codec_kwargs(codec) if with_kwargs else None)
    read = read_waveform_codec(path)
    if with_kwargs:
        assert read.config == config
    audio = torch.randn(2, 1, 9 * config.hop)
    codes = codec.encode(audio)
    assert codes.shape == (2, config.n_codebooks, config.n_frames(9 * config.hop))
    assert torch.equal(read.encode(audio), codes)
    decoded = read.decode(codes)
    assert decoded.shape[-1] == config.n_samples(codes.shape[-1])
    torch.testing.assert_close(decoded, codec.decode(codes), rtol=0, atol=AUDIO)


def test_odd_strides_cost_lac_frames_and_dac_samples():
    """Half of a stride of 3, rounded down by LAC and up by DAC: kernel 6, so T·3 samples make T - 1 frames or T."""
    lac = WaveformCodecConfig("lac", encoder_rates=(3,), decoder_rates=(3,))
    dac = WaveformCodecConfig("dac", encoder_rates=(3,), decoder_rates=(3,))
    assert (lac.n_frames(30), lac.n_samples(10)) == (9, 31)
    assert (dac.n_frames(30), dac.n_samples(10)) == (10, 29)
    even = WaveformCodecConfig()
    assert (even.n_frames(10 * even.hop), even.n_samples(10)) == (10, 10 * even.hop)


def test_the_hop_is_counted_as_each_family_counts_it():
    rates = {"encoder_rates": (2, 4), "decoder_rates": (4, 4)}
    assert WaveformCodecConfig("lac", **rates).hop == 16
    assert WaveformCodecConfig("dac", **rates).hop == 8


@pytest.mark.parametrize("config", ODD_TRANSFORMERS.values(), ids=ODD_TRANSFORMERS.keys())
@pytest.mark.parametrize("with_kwargs", [True, False])
def test_a_vampnet_of_any_size_is_read(tmp_path, config, with_kwargs):
    model = odd_vampnet(config)
    path = save(tmp_path / "x.pth", vampnet_state(model), vampnet_kwargs(model) if with_kwargs else None)
    read = read_vampnet(path, entries_of(model))
    assert read.config == config
    codes = np.random.default_rng(0).integers(config.vocabulary + 1, size=(2, config.n_codebooks, 11))
    np.testing.assert_allclose(logits_of(read, codes), logits_of(model, codes), rtol=0, atol=LOGITS)


def test_the_rank_of_an_adapter_is_read_from_it(tmp_path):
    assert RANK != 8
    model = odd_vampnet()
    state = vampnet_state(model)
    bare = {name: value for name, value in state.items() if ".lora_" not in name}
    adapters = {f"_orig_mod.{name}": value for name, value in state.items() if ".lora_" in name}
    base, adapter = save(tmp_path / "base.pth", bare), save(tmp_path / "adapter.pth", adapters)
    read = read_vampnet(base, entries_of(model), adapter=adapter)
    torch.testing.assert_close(read.layers[0].feed_in.weight, model.layers[0].feed_in.weight)
    assert not torch.allclose(
        read_vampnet(base, entries_of(model)).layers[0].feed_in.weight, read.layers[0].feed_in.weight
    )


def test_weights_in_half_precision_and_in_new_names_are_read(tmp_path):
    codec = WaveformCodec(ODD_CODECS["dac"]).eval()
    renamed = {
        name.replace(".weight_g", ".parametrizations.weight.original0").replace(
            ".weight_v", ".parametrizations.weight.original1"
        ): value.half()
        for name, value in codec_state(codec).items()
    }
    read = read_waveform_codec(save(tmp_path / "x.pth", renamed, codec_kwargs(codec)))
    for name, value in read.state_dict().items():
        assert value.dtype == torch.float32
        # Half precision has 11 bits; magnitude and direction are rounded once each.
        torch.testing.assert_close(value, codec.state_dict()[name], rtol=2e-3, atol=1e-5)


def test_the_same_dimension_at_every_level_may_be_said_per_level(tmp_path):
    codec = WaveformCodec(ODD_CODECS["dac"])
    kwargs = codec_kwargs(codec) | {"codebook_dim": [6] * 5, "encoder_rates": (3, 7, 2)}
    assert read_waveform_codec(save(tmp_path / "x.pth", codec_state(codec), kwargs)).config == codec.config
