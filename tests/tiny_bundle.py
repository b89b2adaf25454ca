"""A real bundle with tiny random weights: all that a bundle does, in milliseconds, without sounding like music."""

from pathlib import Path

import onnx
import torch
from vampbridge.engine.bundle import Bundle
from vampbridge.engine.nets.codec import CodecConfig, SpectralCodec
from vampbridge.engine.nets.transformer import TokenTransformer, TransformerConfig
from vampbridge.export import bundle_export
from vampbridge.export.bundle_export import BundleSpec, Models, export_bundle

TINY_CODEC = CodecConfig(
    d_high=16,
    d_low=24,
    n_high_encoder=1,
    n_low_encoder=1,
    n_high_decoder=1,
    n_low_decoder=1,
    n_codebooks=6,
    codebook_size=64,
    codebook_dim=4,
)


def tiny_models(seed: int = 0) -> Models:
    """Untrained networks of the smallest useful size: 6 codebooks of 64, 2 of them coarse."""
    torch.manual_seed(seed)
    codec = SpectralCodec(TINY_CODEC).eval()
    sizes = {"vocabulary": 64, "latent_dim": 4, "width": 32, "n_heads": 4, "n_layers": 2}
    coarse = TokenTransformer(TransformerConfig(n_codebooks=2, n_conditioning=0, **sizes)).eval()
    fine = TokenTransformer(TransformerConfig(n_codebooks=6, n_conditioning=2, **sizes)).eval()
    return Models(codec, coarse, fine)


def make_tiny_bundle(folder: Path, *, codec_precision: str = "fp32", token_precision: str = "fp32") -> Bundle:
    """Export `tiny_models` into `folder`."""
    spec = BundleSpec(
        "tiny", "CC0-1.0", {"weights": "random"}, codec_precision, token_precision, coarse_context=96, fine_context=64
    )
    return export_bundle(tiny_models(), spec, folder)


def trace_no_more(monkeypatch, bundle: Bundle) -> None:
    """Let exports of `tiny_models` take the graphs of that bundle, in float32, as if they had just been traced."""

    def graph(name):
        return onnx.load_from_string(bundle.graph(name))

    monkeypatch.setattr(bundle_export, "encoder_graph", lambda _codec: graph("encoder"))
    monkeypatch.setattr(bundle_export, "decoder_graph", lambda _codec: graph("decoder"))
    monkeypatch.setattr(
        bundle_export, "token_graph", lambda model: graph("fine" if model.config.n_conditioning else "coarse")
    )
