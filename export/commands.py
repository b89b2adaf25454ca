"""`vampbridge export`: checkpoints to a bundle. Needs the extra `models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..engine.bundle import embedded_folder
from ..engine.errors import MissingDependencyError
from ..engine.library import resolve
from .options import UNSTATED, ExportOptions
from .tolerances import (
    CODEC_PRECISION,
    CODEC_TOLERANCES,
    PUBLISHED_CODEC_PRECISION,
    TOKEN_PRECISION,
    TOKEN_TOLERANCES,
)


def export(
    checkpoints: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH|NAME",
            help="Codec, coarse and fine model, and adapters, as files or folders in any order: published checkpoints "
            "(codec.pth, coarse.pth, c2f.pth), training runs (RUN/last.pt), or a bundle, by path or name, whose codec "
            "to take.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the new bundle, or a file ending in .zip; written whole.")
    ],
    name: Annotated[str, typer.Option(help="Name of the bundle, shown to users; by default that of --out.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the weights: an SPDX name, or words.")] = UNSTATED,
    origin: Annotated[str, typer.Option(help="Where the weights come from.")] = "",
    codec_precision: Annotated[
        str | None,
        typer.Option(
            help=f"Codec: {', '.join(CODEC_TOLERANCES)}; by default {PUBLISHED_CODEC_PRECISION} for LAC and DAC, "
            f"{CODEC_PRECISION} for our own. Not with the codec of a bundle."
        ),
    ] = None,
    token_precision: Annotated[
        str, typer.Option(help=f"Transformers: {', '.join(TOKEN_TOLERANCES)}; gpu is for CUDA.")
    ] = TOKEN_PRECISION,
    force: Annotated[bool, typer.Option("--force", help="Replace a bundle that is at --out already.")] = False,
) -> None:
    """Turn checkpoints into a bundle and check it against PyTorch.

    What the checks measured stands in its manifest; a bundle beyond the tolerance of its precision is not written.
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("export needs PyTorch: pip install 'vampbridge[models]'") from error
    from .checkpoints import export_checkpoints

    options = ExportOptions(name, licence, origin, codec_precision, token_precision, force)
    sources = [_located(path) for path in checkpoints]
    bundle = export_checkpoints(sources, out, options, on_stage=typer.echo)
    for check, value in bundle.manifest.checks.items():
        typer.echo(f"{check}: {value}")
    typer.echo(f"wrote {out}")


def _located(path: Path) -> Path:
    """What is there; where nothing is, the bundle of that name."""
    return path if path.exists() else resolve(path) or embedded_folder()
