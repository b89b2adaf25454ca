"""Published checkpoints become a bundle that gives torch's numbers; small files in their layout, random weights."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from vampbridge.bridge.cli import main
from vampbridge.engine.bundle import load_bundle
from vampbridge.engine.checkpoints.published import read_vampnet, read_waveform_codec
from vampbridge.engine.nets.transformer import TokenTransformer, TransformerConfig
from vampbridge.engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig
from vampbridge.engine.position_bias import position_bias
from vampbridge.engine.runtime import Runtime
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest
from vampbridge.engine.vamper import Vamper
from vampbridge.export.bundle_export import BundleSpec, export_bundle
from vampbridge.export.models import Models

PUBLISHED = Path(__file__).parent / "fixtures" / "published" / "checkpoints"
ADAPTER = PUBLISHED / "coarse_adapter_only.pth"
GREEDY = VampSettings(temperature=0, typical=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A bundle from the command line: the files in no special order, the adapter among them."""
    out = tmp_path_factory.mktemp("published") / "small-vampnet"
    files = [str(PUBLISHED / name) for name in ("c2f.pth", "coarse_adapter_only.pth", "codec.pth", "coarse.pth")]
    precisions = ["--codec-precision", "fp32", "--token-precision", "fp32"]
    assert main(["export", *files, "-o", str(out), "--licence", "CC-BY-NC-SA-4.0", *precisions]) == 0
    return out


@pytest.fixture(scope="module")
def bundle(folder):
    return load_bundle(folder)


@pytest.fixture(scope="module")
def runtime(bundle):
    return Runtime(bundle, threads=1)


@pytest.fixture(scope="module")
def codec():
    return read_waveform_codec(PUBLISHED / "codec.pth")


def test_the_manifest_says_what_the_files_are(bundle):
    manifest = bundle.manifest
    assert (manifest.name, manifest.licence) == ("small-vampnet", "CC-BY-NC-SA-4.0")
    assert (manifest.sample_rate, manifest.hop, manifest.n_codebooks, manifest.n_coarse) == (44_100, 768, 14, 4)
    # 10 s and 3 s, the published windows.
    assert (manifest.coarse_context, manifest.fine_context) == (575, 173)
    assert set(manifest.precision.values()) == {"fp32"}
    digest = hashlib.sha256(ADAPTER.read_bytes()).hexdigest()
    assert manifest.origin["coarse_adapter"] == f"coarse_adapter_only.pth, SHA-256 {digest}"
    assert set(manifest.origin) == {"codec", "coarse", "coarse_adapter", "fine"}
    assert str(PUBLISHED) not in manifest.to_json()


def test_the_checks_of_the_export_are_within_float32_rounding(bundle):
    checks = {name: float(value) for name, value in bundle.manifest.checks.items()}
    assert checks["encoder_agreement"] > 0.99
    assert checks["encoder_decisions"] > 0.998
    assert 0 < checks["decoder_largest_error"] < 2e-5
    assert checks["decoder_snr_db"] > 70
    for part in ("coarse", "fine"):
        assert checks[f"{part}_argmax_agreement"] > 0.998
        assert 0 < checks[f"{part}_largest_logit_error"] < 1e-4


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("n_frames", [1, 2, 31])
def test_the_likeliest_tokens_are_those_of_torch_with_the_adapter(runtime, codec, ring, n_frames):
    books = codec.quantizer.codebooks
    model = read_vampnet(PUBLISHED / "coarse.pth", books, adapter=ADAPTER)
    plain = read_vampnet(PUBLISHED / "coarse.pth", books)
    codes = np.random.default_rng(n_frames).integers(0, 1025, (4, n_frames))
    bias = torch.from_numpy(position_bias(model.relative_attention_bias.detach().numpy(), n_frames, ring=ring))
    with torch.inference_mode():
        wanted, other = (each(torch.from_numpy(codes)[None], bias)[0].argmax(-1).numpy() for each in (model, plain))
    rows = np.arange(4 * n_frames)
    tokens, _ = runtime.coarse.sample(codes, rows, np.zeros(len(rows), np.float32), settings=GREEDY, ring=ring)
    assert (tokens == wanted).all()
    assert (tokens != other).any()


@pytest.mark.parametrize("ring", [True, False])
def test_long_sounds_are_coded_in_chunks_without_a_trace(runtime, monkeypatch, ring):
    audio = np.random.default_rng(1).standard_normal(70 * 768).astype(np.float32) * 0.1
    codes = runtime.codec.encode(audio, ring=ring)
    whole = runtime.codec.decode(codes, ring=ring)
    monkeypatch.setattr("vampbridge.engine.runtime.CODEC_CHUNK_FRAMES", 24)
    # Near ties flip with the order of the sums; a seam at every chunk would change every 24th frame.
    assert (runtime.codec.encode(audio, ring=ring) == codes).mean() > 0.995
    assert np.abs(runtime.codec.decode(codes, ring=ring) - whole).max() < 2e-5


def test_turning_the_ring_turns_the_codes(runtime):
    audio = np.random.default_rng(2).standard_normal(40 * 768).astype(np.float32) * 0.1
    turned = runtime.codec.encode(np.roll(audio, 7 * 768), ring=True)
    assert (turned == np.roll(runtime.codec.encode(audio, ring=True), 7, axis=1)).mean() > 0.995


def test_it_vamps(bundle):
    audio = np.random.default_rng(3).standard_normal((1, 20_000)).astype(np.float32) * 0.1
    settings = VampSettings(seed=1, coarse_passes=2, fine_passes=1)
    take = Vamper(bundle, threads=1).vamp(VampRequest(audio, 44_100, settings))
    assert take.audio.shape == (1, 1, 20_000)
    assert np.isfinite(take.audio).all()
    assert take.report.share_regenerated > 0


def test_a_bundle_lends_its_codec_to_other_transformers(folder, bundle, tmp_path, capsys):
    out = tmp_path / "borrowed"
    files = [str(path) for path in (PUBLISHED / "coarse.pth", folder, PUBLISHED / "c2f.pth")]
    assert main(["export", *files, "-o", str(out), "--licence", "CC0-1.0", "--name", "other"]) == 0
    borrowed = load_bundle(out)
    for graph in ("encoder", "decoder"):
        assert borrowed.graph(graph) == bundle.graph(graph)
    manifest = borrowed.manifest
    assert manifest.precision == {"encoder": "fp32", "decoder": "fp32", "coarse": "int8", "fine": "int8"}
    assert manifest.licence == "CC0-1.0; codec: CC-BY-NC-SA-4.0"
    assert manifest.codec_context == bundle.manifest.codec_context
    assert manifest.origin["codec"] == "of the bundle small-vampnet, licence CC-BY-NC-SA-4.0"
    assert manifest.origin["codec_codec"] == bundle.manifest.origin["codec"]
    assert manifest.checks["decoder_largest_error"] == bundle.manifest.checks["decoder_largest_error"]
    assert float(manifest.checks["coarse_argmax_agreement"]) > 0.85
    assert f"wrote {out}" in capsys.readouterr().out


@pytest.fixture(scope="module")
def by_default(tmp_path_factory):
    """The smallest codec with layers wide enough for 8 bits, and transformers for it, in the default precisions."""
    torch.manual_seed(0)
    sizes = {"vocabulary": 64, "latent_dim": 2, "width": 32, "n_heads": 4, "n_layers": 1}
    models = Models(
        WaveformCodec(WaveformCodecConfig("lac", 44_100, 4, (4, 2), 32, (4, 2), 0, 3, 64, 2)).eval(),
        TokenTransformer(TransformerConfig(n_codebooks=1, **sizes)).eval(),
        TokenTransformer(TransformerConfig(n_codebooks=3, n_conditioning=1, **sizes)).eval(),
    )
    spec = BundleSpec("t", "CC0-1.0", {}, coarse_context=900, fine_context=900)
    return export_bundle(models, spec, tmp_path_factory.mktemp("default") / "bundle"), models.codec


def test_by_default_a_published_codec_decodes_in_8_bits(by_default):
    bundle, _ = by_default
    assert bundle.manifest.precision == {"encoder": "fp32", "decoder": "mixed", "coarse": "int8", "fine": "int8"}
    assert b"MatMulIntegerToFloat" in bundle.graph("decoder")
    assert b"MatMulIntegerToFloat" not in bundle.graph("encoder")
    assert 20 < float(bundle.manifest.checks["decoder_snr_db"]) < 70


def test_a_decoder_that_trims_its_surroundings_gets_enough_of_them(by_default):
    bundle, codec = by_default
    context, hop = bundle.manifest.codec_context, bundle.manifest.hop
    codes = np.random.default_rng(0).integers(0, 64, (3, 30))
    with torch.inference_mode():
        around = torch.from_numpy(np.pad(codes, ((0, 0), (context, context)), mode="wrap"))[None]
        wanted = codec.decode(around)[0, 0, context * hop : (context + 30) * hop].numpy()
    error = wanted - Runtime(bundle, threads=1).codec.decode(codes, ring=True)
    # 8 bits leave 20 dB and more; a frame out of place would leave none.
    assert wanted.var() > 100 * error.var()


def test_the_precision_of_a_borrowed_codec_cannot_be_chosen(folder, tmp_path, capsys):
    files = [str(path) for path in (PUBLISHED / "coarse.pth", folder, PUBLISHED / "c2f.pth")]
    assert main(["export", *files, "-o", str(tmp_path / "out"), "--codec-precision", "fp16"]) == 2
    assert "codec_precision cannot be chosen" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
