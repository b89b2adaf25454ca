"""Trained checkpoints to a bundle: export, store, check against torch, write the manifest."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..engine.bundle import FORMAT, MANIFEST, POSITION_BIAS, Bundle, Manifest, load_bundle
from ..engine.errors import BundleError, SettingError
from ..engine.nets.codec import CONTEXT_FRAMES, SpectralCodec
from ..engine.nets.transformer import TokenTransformer
from ..engine.position_bias import position_bias
from ..engine.runtime import Runtime
from ..engine.settings import VampSettings
from .graphs import decoder_graph, encoder_graph, token_graph
from .precision import with_precision

# What a precision may cost; one without a figure here is not offered.
LEAST_AGREEMENT = {"fp32": 0.999, "fp16": 0.97, "int8": 0.85}
LARGEST_AUDIO_ERROR = {"fp32": 2e-5, "fp16": 5e-3}


@dataclass(frozen=True)
class BundleSpec:
    """What goes into the manifest beside the weights."""

    name: str
    licence: str
    origin: dict[str, str]
    codec_precision: str = "fp16"
    token_precision: str = "int8"
    coarse_context: int = 575
    fine_context: int = 345


@dataclass(frozen=True)
class Models:
    """The three trained networks of a bundle."""

    codec: SpectralCodec
    coarse: TokenTransformer
    fine: TokenTransformer


def export_bundle(models: Models, spec: BundleSpec, out: Path) -> Bundle:
    """Write a bundle folder and return it, checked.

    Raises:
        SettingError: A precision that is not offered.
        BundleError: The models do not belong together, or the exported graphs do not agree with torch within the
            tolerance of their precision.
    """
    _check_precisions(spec)
    _check_fit(models)
    out.mkdir(parents=True, exist_ok=True)
    files = {
        "encoder.onnx": with_precision(encoder_graph(models.codec), spec.codec_precision),
        "decoder.onnx": with_precision(decoder_graph(models.codec), spec.codec_precision),
        "coarse.onnx": with_precision(token_graph(models.coarse), spec.token_precision),
        "fine.onnx": with_precision(token_graph(models.fine), spec.token_precision),
    }
    contents = {name: model.SerializeToString() for name, model in files.items()}
    contents[POSITION_BIAS] = _biases(models)
    manifest = _manifest(models, spec, contents, {})
    checks = _check(models, spec, Bundle(manifest, "", contents))
    manifest = _manifest(models, spec, contents, checks)
    for name, data in contents.items():
        (out / name).write_bytes(data)
    (out / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return load_bundle(out)


def _check_precisions(spec: BundleSpec) -> None:
    offered = (
        ("codec_precision", spec.codec_precision, LARGEST_AUDIO_ERROR),
        ("token_precision", spec.token_precision, LEAST_AGREEMENT),
    )
    for name, value, choices in offered:
        if value not in choices:
            raise SettingError(f"{name} must be one of {', '.join(choices)}, got {value!r}")


def _check_fit(models: Models) -> None:
    codec, coarse, fine = models.codec.config, models.coarse.config, models.fine.config
    if coarse.n_conditioning or not fine.n_conditioning:
        raise BundleError("one coarse and one fine model are needed, in this order")
    if coarse.n_codebooks != fine.n_conditioning:
        raise BundleError(
            f"the fine model is conditioned on {fine.n_conditioning} codebooks, "
            f"the coarse model predicts {coarse.n_codebooks}: train both with the same n_coarse"
        )
    if fine.n_codebooks != codec.n_codebooks or {coarse.vocabulary, fine.vocabulary} != {codec.codebook_size}:
        raise BundleError("the transformers were trained on the tokens of another codec: train them with this one")


def _biases(models: Models) -> bytes:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        coarse=models.coarse.relative_attention_bias.detach().numpy(),
        fine=models.fine.relative_attention_bias.detach().numpy(),
    )
    return buffer.getvalue()


def _manifest(models: Models, spec: BundleSpec, contents: dict[str, bytes], checks: dict[str, str]) -> Manifest:
    codec = models.codec.config
    return Manifest(
        format=FORMAT,
        name=spec.name,
        licence=spec.licence,
        sample_rate=codec.sample_rate,
        hop=codec.hop,
        n_codebooks=codec.n_codebooks,
        n_coarse=models.coarse.config.n_codebooks,
        vocabulary=codec.codebook_size,
        coarse_context=spec.coarse_context,
        fine_context=spec.fine_context,
        codec_context=CONTEXT_FRAMES,
        precision={
            "encoder": spec.codec_precision,
            "decoder": spec.codec_precision,
            "coarse": spec.token_precision,
            "fine": spec.token_precision,
        },
        origin=spec.origin,
        checks=checks,
        files={name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    )


@torch.inference_mode()
def _check(models: Models, spec: BundleSpec, bundle: Bundle) -> dict[str, str]:
    """Compare every graph with torch on noise and random tokens; returns the figures, or refuses the bundle."""
    runtime, rng = Runtime(bundle), np.random.default_rng(0)
    context, hop = CONTEXT_FRAMES, bundle.manifest.hop
    audio = (rng.standard_normal(100 * hop) * 0.06).astype(np.float32)
    wrapped = np.pad(audio, context * hop, mode="wrap")
    codes = models.codec.encode(torch.from_numpy(wrapped)[None, None])[0, :, context:-context].numpy()
    agreement = float((codes == runtime.codec.encode(audio, ring=True)).mean())
    around = torch.from_numpy(np.pad(codes, ((0, 0), (context, context)), mode="wrap"))[None]
    decoded = models.codec.decode(around)[0, 0, context * hop : -context * hop].numpy()
    error = float(np.abs(decoded - runtime.codec.decode(codes, ring=True)).max())
    checks = {"encoder_agreement": f"{agreement:.4f}", "decoder_largest_error": f"{error:.2e}"}
    if agreement < LEAST_AGREEMENT[spec.codec_precision] or error > LARGEST_AUDIO_ERROR[spec.codec_precision]:
        raise BundleError(f"the exported codec does not agree with torch: {checks}")
    for name, model, graph in (("coarse", models.coarse, runtime.coarse), ("fine", models.fine, runtime.fine)):
        config = model.config
        masked = codes[: config.n_codebooks].copy()
        masked[config.n_conditioning :][rng.random(masked[config.n_conditioning :].shape) < 0.7] = config.vocabulary
        bias = position_bias(model.relative_attention_bias.numpy(), masked.shape[1], ring=True)
        logits = model(torch.from_numpy(masked)[None], torch.from_numpy(bias))[0]
        rows = np.arange(len(logits))
        settings = VampSettings(temperature=0, typical=False)
        tokens, _ = graph.sample(masked, rows, np.zeros(len(rows), np.float32), settings=settings, ring=True)
        agreement = float((tokens == logits.argmax(-1).numpy()).mean())
        checks[f"{name}_argmax_agreement"] = f"{agreement:.4f}"
        if agreement < LEAST_AGREEMENT[spec.token_precision]:
            raise BundleError(f"the exported {name} model does not agree with torch: {checks}")
    return checks
