"""Checkpoints to a bundle in one step, for the command line and for whoever fetches models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..engine.bundle import Bundle
from ..engine.units import frames_for_samples, samples_for_seconds
from .bundle_codec import BundleCodec
from .bundle_export import BundleSpec, OnStage, export_bundle
from .models import Codec
from .options import ExportOptions
from .placing import ZIP, check_free
from .sources import Sources, find_sources, origin_of, read_models

COARSE_WINDOW_S = 10.0
"""Longest window of a coarse model, seconds: that of the published one."""
FINE_WINDOW_S = 6.0
"""The same for fine models of our own training."""
PUBLISHED_FINE_WINDOW_S = 3.0


def export_checkpoints(
    checkpoints: Sequence[Path], out: Path, options: ExportOptions, *, on_stage: OnStage | None = None
) -> Bundle:
    """Recognise, read, export and check.

    Args:
        checkpoints: See `find_sources`.
        out: Folder of the new bundle, or a path ending in .zip.
        options: The rest.
        on_stage: Told what is being done, and what was passed over.

    Raises:
        SettingError: A precision that is not offered.
        PathError: `out` is taken or cannot be written.
        BundleError: See `find_sources`, `read_models` and `export_bundle`.
    """
    tell = on_stage or (lambda _: None)
    check_free(out, overwrite=options.overwrite)
    sources = find_sources(checkpoints)
    for reason in sources.passed_over:
        tell(f"passed over {reason}")
    tell("reading the checkpoints")
    models = read_models(sources)
    origin = {"weights": options.origin} if options.origin else {}
    spec = BundleSpec(
        name=options.name or out.resolve().name.removesuffix(ZIP),
        licence=_licence(options.licence, models.codec),
        origin=origin | origin_of(sources, models.codec),
        codec_precision=options.codec_precision,
        token_precision=options.token_precision,
        coarse_context=_window(COARSE_WINDOW_S, models.codec),
        fine_context=_window(_fine_window_s(sources), models.codec),
    )
    return export_bundle(models, spec, out, overwrite=options.overwrite, on_stage=tell)


def _licence(given: str, codec: Codec) -> str:
    """The licence asked for, and that of the codec where it comes from a bundle under another."""
    if not isinstance(codec, BundleCodec) or codec.manifest.licence == given:
        return given
    return f"{given}; codec: {codec.manifest.licence}"


def _fine_window_s(sources: Sources) -> float:
    return PUBLISHED_FINE_WINDOW_S if sources.parts["fine"].form == "published" else FINE_WINDOW_S


def _window(seconds: float, codec: Codec) -> int:
    config = codec.config
    return frames_for_samples(samples_for_seconds(seconds, config.sample_rate), config.hop)
