"""`vampbridge export`: trained checkpoints to a bundle. Needs the extra `models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..engine.errors import MissingDependencyError

Checkpoint = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Training checkpoint (RUN/last.pt).")]


def export(
    codec: Checkpoint,
    coarse: Checkpoint,
    fine: Checkpoint,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the new bundle.")],
    name: Annotated[str, typer.Option(help="Name of the bundle, shown to users.")] = "mine",
    licence: Annotated[str, typer.Option(help="Licence of the weights: an SPDX name, or words.")] = "unstated",
    origin: Annotated[str, typer.Option(help="Where the weights come from.")] = "",
    codec_precision: Annotated[str, typer.Option(help="Codec weights: fp32 or fp16.")] = "fp16",
    token_precision: Annotated[str, typer.Option(help="Transformer weights: fp32, fp16 or int8.")] = "int8",
) -> None:
    """Export trained checkpoints as a bundle, check it against PyTorch, and write it."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("export needs PyTorch: pip install 'vampbridge[models]'") from error
    from ..engine.training.checkpoints import read_codec, read_transformer
    from .bundle_export import BundleSpec, Models, export_bundle

    models = Models(read_codec(codec), read_transformer(coarse), read_transformer(fine))
    spec = BundleSpec(name, licence, {"weights": origin} if origin else {}, codec_precision, token_precision)
    bundle = export_bundle(models, spec, out)
    for check, value in bundle.manifest.checks.items():
        typer.echo(f"{check}: {value}")
    typer.echo(f"wrote {out}")
