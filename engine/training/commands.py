"""`vampbridge train`: one command per stage. Needs the extra `models`; torch is imported only when a stage runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import MissingDependencyError, SettingError

app = typer.Typer(
    help="Train a codec and transformers of your own on a folder of audio. Stages: codec, tokens, coarse, fine.",
    no_args_is_help=True,
)

Data = Annotated[Path, typer.Argument(help="Folder of audio files, searched through.", exists=True, file_okay=False)]
RunFolder = Annotated[Path, typer.Argument(help="Folder of this run; a run already in it is resumed.")]
Codec = Annotated[
    str,
    typer.Argument(
        metavar="CHECKPOINT|BUNDLE",
        help="Checkpoint of stage `codec` (RUN/last.pt), or the name, folder or .zip of a bundle whose codec to take.",
    ),
]
Tokens = Annotated[Path, typer.Argument(help="File that stage `tokens` wrote.", exists=True, dir_okay=False)]
Hours = Annotated[float, typer.Option(help="Time to train, in hours; the learning rate anneals over it.")]
Threads = Annotated[int, typer.Option(help="CPU threads.", min=1)]
Seed = Annotated[int, typer.Option(help="Seed of weights, crops and masks.", min=0)]


def _require_torch() -> None:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("training needs PyTorch: pip install 'vampbridge[models]'") from error


@app.command()
def codec(
    data: Data,
    run: RunFolder,
    hours: Hours = 2.0,
    batch_size: Annotated[int, typer.Option(help="Crops per step.", min=1)] = 8,
    threads: Threads = 2,
    seed: Seed = 0,
) -> None:
    """Stage 1: the codec, audio to tokens and back."""
    _require_torch()
    from .train_codec import CodecTraining, train_codec

    settings = CodecTraining(hours=hours, batch_size=batch_size, threads=threads, seed=seed)
    typer.echo(train_codec(data, run, settings))


@app.command()
def tokens(
    data: Data,
    codec: Codec,
    out: Annotated[Path, typer.Argument(help="File to write, .npz.")],
    copies: Annotated[int, typer.Option(help="Augmented copies of every file, the first as it is.", min=1)] = 8,
    seed: Seed = 0,
) -> None:
    """Stage 2: encode the folder, several augmented copies of each file."""
    _require_torch()
    from .frozen_codec import open_frozen
    from .tokens import tokenise_folder

    typer.echo(tokenise_folder(data, open_frozen(codec), out, copies=copies, seed=seed))


@app.command()
def coarse(
    tokens: Tokens,
    codec: Codec,
    run: RunFolder,
    hours: Hours = 1.0,
    n_coarse: Annotated[int, typer.Option(help="Codebooks it predicts, from the coarsest.", min=1)] = 4,
    width: Annotated[int, typer.Option(help="Model width; a multiple of 8 heads.", min=8)] = 128,
    layers: Annotated[int, typer.Option(help="Layers.", min=1)] = 6,
    threads: Threads = 2,
    seed: Seed = 0,
) -> None:
    """Stage 3: the coarse transformer, which draws the lowest codebooks."""
    _train(tokens, codec, run, hours, (0, n_coarse, width, layers, 8), (threads, seed))


@app.command()
def fine(
    tokens: Tokens,
    codec: Codec,
    run: RunFolder,
    hours: Hours = 1.0,
    n_coarse: Annotated[int, typer.Option(help="Codebooks the coarse model predicts.", min=1)] = 4,
    width: Annotated[int, typer.Option(help="Model width; a multiple of 8 heads.", min=8)] = 128,
    layers: Annotated[int, typer.Option(help="Layers.", min=1)] = 4,
    threads: Threads = 2,
    seed: Seed = 0,
) -> None:
    """Stage 4: the fine transformer, which draws the other codebooks from the coarse ones."""
    _train(tokens, codec, run, hours, (n_coarse, None, width, layers, 8), (threads, seed))


def _train(
    tokens: Path,
    codec: str,
    run: Path,
    hours: float,
    sizes: tuple[int, int | None, int, int, int],
    machine: tuple[int, int],
) -> None:
    _require_torch()
    from ..nets.transformer import TransformerConfig
    from .frozen_codec import open_frozen
    from .train_tokens import TokenTraining, train_tokens

    n_conditioning, n_codebooks, width, layers, heads = sizes
    codebooks = open_frozen(codec).codebooks
    most, vocabulary, latent_dim = codebooks.shape
    n_coarse = n_conditioning or n_codebooks or 0
    if not 1 <= n_coarse < most:
        raise SettingError(f"n_coarse must be in [1, {most - 1}], fewer than this codec's codebooks, got {n_coarse}")
    if width < heads or width % heads:
        raise SettingError(f"width must be a multiple of the {heads} heads, got {width}")
    config = TransformerConfig(
        n_codebooks=n_codebooks or most,
        n_conditioning=n_conditioning,
        vocabulary=vocabulary,
        latent_dim=latent_dim,
        width=width,
        n_heads=heads,
        n_layers=layers,
    )
    settings = TokenTraining(hours=hours, threads=machine[0], seed=machine[1])
    typer.echo(train_tokens(tokens, run, settings, config, codebooks))
