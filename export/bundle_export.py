"""Networks to a bundle: export graph by graph, store, check against torch, write the manifest, put it in its place."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.bundle import FORMAT, MANIFEST, POSITION_BIAS, Bundle, Manifest, load_bundle
from ..engine.codebooks import CODEBOOKS, pack_codebooks
from ..engine.errors import SettingError
from ..engine.nets.transformer import TokenTransformer
from ..engine.nets.waveform_codec import WaveformCodec
from ..engine.runtime import TRIMMED_FRAMES
from .bundle_codec import BundleCodec
from .checks import Codes, check_codec, check_tokens, noise
from .graphs import decoder_graph, encoder_graph, token_graph
from .models import Models, TorchCodec, check_fit, codebooks_of
from .placing import new_bundle
from .precision import with_precision
from .receptive_field import context_frames, with_heard_frames
from .sessions import open_codec
from .tolerances import CODEC_PRECISION, CODEC_TOLERANCES, PUBLISHED_CODEC_PRECISION, TOKEN_PRECISION, TOKEN_TOLERANCES

OnStage = Callable[[str], None]


@dataclass(frozen=True)
class BundleSpec:
    """What goes into the manifest beside the weights.

    Attributes:
        name: Shown to users.
        licence: Of the weights.
        origin: Where they came from, free words by key.
        codec_precision: Of encoder and decoder; None takes a default by its kind, or what a bundle's codec has already.
        token_precision: Of both transformers.
        coarse_context: Longest window of the coarse model, frames.
        fine_context: Longest window of the fine model, frames.
    """

    name: str
    licence: str
    origin: dict[str, str]
    codec_precision: str | None = None
    token_precision: str = TOKEN_PRECISION
    coarse_context: int = 575
    fine_context: int = 345


def export_bundle(
    models: Models, spec: BundleSpec, out: Path, *, overwrite: bool = False, on_stage: OnStage | None = None
) -> Bundle:
    """Write a bundle and return it, checked. On any error nothing is left at `out` that was not there before.

    Args:
        models: The networks.
        spec: The rest.
        out: Folder of the bundle, or a path ending in .zip.
        overwrite: Whether a bundle at `out` is replaced.
        on_stage: Told what is being done, in a few words.

    Raises:
        SettingError: A precision that is not offered.
        PathError: `out` is taken or cannot be written.
        BundleError: The models do not belong together, or the exported graphs do not agree with torch within the
            tolerance of their precision.
    """
    _check_precisions(models, spec)
    check_fit(models)
    with new_bundle(out, overwrite=overwrite) as folder:
        writer = _Writer(models, spec, folder, on_stage or (lambda _: None))
        codes = writer.write_codec()
        writer.write_tokens(codes)
        writer.write_manifest()
        return load_bundle(folder)


def _check_precisions(models: Models, spec: BundleSpec) -> None:
    if isinstance(models.codec, BundleCodec) and spec.codec_precision is not None:
        stored = models.codec.manifest.precision.get("decoder", "unknown")
        raise SettingError(
            f"codec_precision cannot be chosen: the codec is that of a bundle and stays as it is, {stored}, "
            f"got {spec.codec_precision!r}"
        )
    offered = (
        ("codec_precision", _codec_precision(models, spec), CODEC_TOLERANCES),
        ("token_precision", spec.token_precision, TOKEN_TOLERANCES),
    )
    for name, value, choices in offered:
        if value not in choices:
            raise SettingError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    if spec.codec_precision == "mixed" and not isinstance(models.codec, WaveformCodec):
        raise SettingError(
            "codec_precision mixed is for LAC and DAC, whose decoders it speeds up; this codec is neither"
        )


def _codec_precision(models: Models, spec: BundleSpec) -> str:
    default = PUBLISHED_CODEC_PRECISION if isinstance(models.codec, WaveformCodec) else CODEC_PRECISION
    return spec.codec_precision or default


class _Writer:
    """Writes the files of one bundle into a folder, one graph in memory at a time, and keeps what the manifest says."""

    def __init__(self, models: Models, spec: BundleSpec, folder: Path, on_stage: OnStage) -> None:
        self._models, self._spec, self._folder, self._on_stage = models, spec, folder, on_stage
        self._context = 0
        self._precision: dict[str, str] = {}
        self._checks: dict[str, str] = {}
        self._files: dict[str, str] = {}

    def write_codec(self) -> Codes:
        """Encoder and decoder; returns tokens (K, T) of noise, for the transformers to be checked with."""
        codec = self._models.codec
        encoder, decoder = self._codec_of_bundle(codec) if isinstance(codec, BundleCodec) else self._new_codec(codec)
        self._write("encoder.onnx", encoder)
        self._write("decoder.onnx", decoder)
        half = self._precision["decoder"] == "fp16"
        self._write(CODEBOOKS, pack_codebooks(codebooks_of(codec).detach().numpy(), half=half))
        runtime = open_codec(encoder, decoder, hop=codec.config.hop, context=self._context)
        if not isinstance(codec, BundleCodec):
            self._on_stage("checking the codec against PyTorch")
            self._checks |= check_codec(codec, runtime, self._precision["decoder"])
        return runtime.encode(noise(codec.config.hop), ring=True)

    def _codec_of_bundle(self, codec: BundleCodec) -> tuple[bytes, bytes]:
        """The graphs as they are, with what their bundle says of them."""
        self._on_stage(f"taking the codec of {codec.manifest.name}")
        self._context = codec.manifest.codec_context
        self._precision = {name: codec.manifest.precision.get(name, "unknown") for name in codec.graphs}
        checks = codec.manifest.checks.items()
        self._checks |= {name: value for name, value in checks if name.startswith(("encoder_", "decoder_"))}
        return codec.graphs["encoder"], codec.graphs["decoder"]

    def _new_codec(self, codec: TorchCodec) -> tuple[bytes, bytes]:
        precision = _codec_precision(self._models, self._spec)
        # mixed changes the decoder alone.
        self._precision = {"encoder": "fp32" if precision == "mixed" else precision, "decoder": precision}
        self._on_stage("exporting the encoder")
        encoder = with_precision(with_heard_frames(encoder_graph(codec), codec), self._precision["encoder"])
        self._on_stage("exporting the decoder")
        decoder = with_precision(decoder_graph(codec), precision)
        # A decoder that cuts its surroundings off rounds them up layer by layer, and may ask for more than it hears.
        trimmed = {entry.key: entry.value for entry in decoder.metadata_props}.get(TRIMMED_FRAMES, "0")
        self._context = max(context_frames(codec), int(trimmed))
        return encoder.SerializeToString(), decoder.SerializeToString()

    def write_tokens(self, codes: Codes) -> None:
        """Both transformers and their position biases."""
        models, precision = self._models, self._spec.token_precision
        for part, model in (("coarse", models.coarse), ("fine", models.fine)):
            self._on_stage(f"exporting the {part} model")
            graph = with_precision(token_graph(model), precision).SerializeToString()
            self._write(f"{part}.onnx", graph)
            self._on_stage(f"checking the {part} model against PyTorch")
            checks = check_tokens(model, graph, codes, precision)
            self._checks |= {f"{part}_{name}": value for name, value in checks.items()}
            self._precision[part] = precision
        buffer = io.BytesIO()
        np.savez(buffer, coarse=_bias_of(models.coarse), fine=_bias_of(models.fine))
        self._write(POSITION_BIAS, buffer.getvalue())

    def _write(self, name: str, data: bytes) -> None:
        (self._folder / name).write_bytes(data)
        self._files[name] = hashlib.sha256(data).hexdigest()

    def write_manifest(self) -> None:
        """The manifest, last."""
        codec, spec = self._models.codec.config, self._spec
        manifest = Manifest(
            format=FORMAT,
            name=spec.name,
            licence=spec.licence,
            sample_rate=codec.sample_rate,
            hop=codec.hop,
            n_codebooks=codec.n_codebooks,
            n_coarse=self._models.coarse.config.n_codebooks,
            vocabulary=codec.codebook_size,
            coarse_context=spec.coarse_context,
            fine_context=spec.fine_context,
            codec_context=self._context,
            precision=self._precision,
            origin=spec.origin,
            checks=self._checks,
            files=self._files,
        )
        (self._folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")


def _bias_of(model: TokenTransformer) -> NDArray[np.float32]:
    weights: NDArray[np.float32] = model.relative_attention_bias.detach().numpy()
    return weights
