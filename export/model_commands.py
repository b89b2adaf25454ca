"""`vampbridge models`: what there is, and how more gets here. Only `convert`, and `pull` for its sake, need PyTorch."""

from __future__ import annotations

import contextlib
import json as json_module
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..engine.bundle import MANIFEST, read_manifest
from ..engine.errors import BundleError, DownloadError, PathError, SettingError
from ..engine.library import CHECKPOINT_SUFFIXES, PUBLISHED, Library, StoredModel, open_library
from .checkpoint_files import checkpoints_in
from .hub import Hub, is_offline
from .model_info import bytes_in, model_facts, overview, path_facts
from .pull import LICENCE_WORDS, REPOSITORY, Plan, check_pullable, fetch, is_whole, make_plan
from .store_convert import ConvertOptions, check_can_convert, convert, is_current
from .tolerances import CODEC_TOLERANCES, TOKEN_TOLERANCES

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Models: list, fetch, add, convert and remove them. Where a bundle is asked for, their names do.",
)

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else there.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
NameOption = Annotated[str, typer.Option(help="Name in the library.")]


@app.command("list")
def list_models(*, json: JsonOption = False) -> None:
    """Say which models there are. The cache folder is that of the platform, or VAMPBRIDGE_CACHE."""
    library = open_library()
    models = [overview(model) for model in library.models()]
    if json:
        _print_json({"cache": str(library.root), "models": models})
        return
    width = max(len(model["name"]) for model in models)
    for model in models:
        size = megabytes((model["bundle_bytes"] or 0) + (model["checkpoint_bytes"] or 0))
        words = [model["state"], size, model["precision"] or "", model["licence"] or ""]
        typer.echo(f"{model['name']:{width}}  " + "  ".join(word for word in words if word))
    typer.echo(f"cache: {library.root}")
    if all(model["name"] != PUBLISHED for model in models):
        typer.echo(f"The published model: vampbridge models pull {PUBLISHED}")


@app.command("info")
def info(
    model: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A model's name, a bundle, or checkpoints.")],
    *,
    json: JsonOption = False,
) -> None:
    """Tell all about a model: sizes, precision, licence, origin, checks; whether its files are whole."""
    library = open_library()
    found = library.find(model)
    path = Path(model).expanduser()
    if found is None and not path.exists():
        raise BundleError(library.unknown(model))
    facts = model_facts(found) if found is not None else path_facts(path)
    if json:
        _print_json(facts)
    else:
        _print_facts(facts)


@app.command("pull")
def pull(
    name: Annotated[str, typer.Argument(help=f"{PUBLISHED}, or {PUBLISHED}/NAME for one of its fine-tunes.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accept the licence and the size without asking.")] = False,
    convert_it: Annotated[
        bool, typer.Option("--convert/--no-convert", help="Make a bundle of the weights at once; needs PyTorch.")
    ] = True,
    wavebeat: Annotated[
        bool, typer.Option("--wavebeat", help="Fetch the published beat tracker's weights too.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use what is there and touch no network; so does HF_HUB_OFFLINE=1.")
    ] = False,
) -> None:
    """Fetch the published VampNet, or a fine-tune, from the Hugging Face hub and make it playable under its name.

    Asks first: 1.5 GB, and the licence forbids commercial use. Goes on where an interrupted download stopped, checks
    every file's SHA-256, and touches no network when everything is there. HF_ENDPOINT names another hub, HF_TOKEN is
    sent to it.
    """
    library = open_library()
    check_pullable(name)
    if convert_it and not is_current(library, name):
        check_can_convert()
    if is_whole(library, name, wavebeat=wavebeat):
        typer.echo(f"the weights of {name} are there and whole")
    elif offline or is_offline():
        raise DownloadError(
            f"the weights of {name} are not there, or not whole, and the network is not to be used: "
            "leave out --offline, or unset HF_HUB_OFFLINE"
        )
    else:
        _fetch(library, name, wavebeat=wavebeat, yes=yes)
    if convert_it:
        _convert_pulled(library, name)


@app.command("add")
def add(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="A bundle, or checkpoint files, or a folder of them.")
    ],
    *,
    name: NameOption = "",
    licence: Annotated[str, typer.Option(help="Licence of checkpoints; a bundle says its own.")] = "",
) -> None:
    """Copy a bundle, or checkpoints that `convert` makes one of, into the library. A bundle is checked first."""
    library = open_library()
    if len(paths) == 1 and _is_bundle(paths[0]):
        if licence:
            raise SettingError(f"--licence is for checkpoints; the bundle {paths[0]} says its own")
        added = library.add_bundle(paths[0], name)
        typer.echo(f"added {added.name}: use it as --bundle {added.name}")
        return
    files = [file for path in paths for file in _checkpoints_at(path)]
    added = library.add_checkpoints(files, name or _default_name(paths[0]), licence=licence or "unstated")
    typer.echo(f"added the weights {added.name}; to make a bundle of them: vampbridge models convert {added.name}")


@app.command("convert")
def convert_models(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME|PATH",
            help="Name of weights in the library, or paths as for `export`. Given both, the paths replace those parts.",
        ),
    ],
    *,
    name: NameOption = "",
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision", "--token-precision", help=f"Transformers: {', '.join(TOKEN_TOLERANCES)}; gpu is for CUDA."
        ),
    ] = None,
    codec_precision: Annotated[str | None, typer.Option(help=f"Codec: {', '.join(CODEC_TOLERANCES)}.")] = None,
    licence: Annotated[str, typer.Option(help="Licence of the weights, where the library does not know it.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a bundle of that name.")] = False,
) -> None:
    """Make a bundle of weights, in the library, and check it against PyTorch. Without options as `export` does it."""
    library = open_library()
    options = ConvertOptions(name, licence, codec_precision, precision, overwrite=force)
    _say_converted(convert(library, sources, options, on_stage=typer.echo))


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="Of a model in the library: its bundle and its weights go.")],
    *,
    yes: YesOption = False,
) -> None:
    """Delete a model from the library. Nothing outside the cache folder is ever touched."""
    library = open_library()
    found = library.find(name)
    if found is None:
        raise BundleError(library.unknown(name))
    if found.is_embedded:
        library.remove(found)  # refuses
    places = [place for place in (found.bundle, found.checkpoints) if place is not None]
    told = ", ".join(f"{place} ({megabytes(bytes_in(place))})" for place in places)
    if not yes and not _ask(f"Delete {told}?", instead="--yes deletes without asking"):
        raise typer.Abort
    library.remove(found)
    typer.echo(f"removed {name}")


def megabytes(n_bytes: int) -> str:
    """Such as `1,234.5 MB`."""
    return f"{n_bytes / 1e6:,.1f} MB"


def _fetch(library: Library, name: str, *, wavebeat: bool, yes: bool) -> None:
    hub = Hub(REPOSITORY)
    plan = make_plan(library, hub, name, wavebeat=wavebeat)
    if plan.bytes_missing and not (yes or _accepted(hub, plan)):
        raise typer.Abort
    with _progress(plan) as on_progress:
        fetch(library, hub, plan, on_progress=on_progress)
    typer.echo(f"the weights of {name} are there and whole: {library.checkpoint_place(name)}")


def _accepted(hub: Hub, plan: Plan) -> bool:
    """Show what is about to come, and ask."""
    have = plan.bytes_total - plan.bytes_missing
    there = f", {megabytes(have)} of it are there already" if have else ""
    files = ", ".join(file.remote.path for file in plan.files if file not in plan.present)
    typer.echo(f"from {hub.address}: {files}", err=True)
    typer.echo(f"size: {megabytes(plan.bytes_total)}{there}", err=True)
    typer.echo(f"licence: {LICENCE_WORDS}", err=True)
    return _ask("Accept the licence and fetch it?", instead="--yes accepts the licence and fetches it")


def _ask(question: str, *, instead: str) -> bool:
    if not sys.stdin.isatty():
        raise SettingError(f"{question} There is no terminal to answer: {instead}")
    return typer.confirm(question, err=True)


def _convert_pulled(library: Library, name: str) -> None:
    if is_current(library, name):
        typer.echo(f"use it as --bundle {name}")
        return
    found = library.find(name)
    if found is not None and found.bundle is not None and not _is_ours(found.bundle):
        raise PathError(
            f"there is another bundle named {name!r}: `vampbridge models convert {name} --force` replaces it, "
            f"`vampbridge models convert {name} --name OTHER` keeps both"
        )
    _say_converted(convert(library, [name], ConvertOptions(overwrite=True), on_stage=typer.echo))


def _is_ours(bundle: Path) -> bool:
    """Whether it was made of pulled weights, or cannot be read anyhow."""
    try:
        return REPOSITORY in read_manifest(bundle).origin.get("weights", "")
    except BundleError:
        return True


def _say_converted(model: StoredModel) -> None:
    typer.echo(f"wrote {model.bundle}")
    typer.echo(f"use it as --bundle {model.name}")


def _default_name(path: Path) -> str:
    return path.absolute().name if path.is_dir() else path.absolute().stem


def _is_bundle(path: Path) -> bool:
    if path.is_dir():
        return (path / MANIFEST).exists()
    return path.suffix not in CHECKPOINT_SUFFIXES


def _checkpoints_at(path: Path) -> Sequence[Path]:
    """The file itself, or those in a folder: of its own run, or its files and the runs one level below."""
    if not path.is_dir():
        return [path]
    inside = checkpoints_in(path)
    if not inside:
        raise PathError(f"{path} holds neither a bundle nor checkpoints ({', '.join(CHECKPOINT_SUFFIXES)})")
    return inside


@contextlib.contextmanager
def _progress(plan: Plan) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr where that is a terminal; else nothing."""
    if not sys.stderr.isatty():
        yield lambda _have, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(plan.name, total=plan.bytes_total)
        yield lambda have, total: bar.update(task, completed=have, total=total)


def _print_json(result: dict[str, Any]) -> None:
    typer.echo(json_module.dumps(result, ensure_ascii=False, allow_nan=False))


def _print_facts(facts: dict[str, Any], indent: str = "") -> None:
    """Names and values, one a line; what is inside is indented."""
    for name, value in facts.items():
        if name == "says":  # the file's own words for `sizes`, and more that nobody reads on a terminal
            continue
        label = f"{indent}{name.replace('_', ' ')}"
        if isinstance(value, dict) and value:
            typer.echo(f"{label}:")
            _print_facts(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for item in value:
                typer.echo(f"{label}:")
                _print_facts(item, indent + "  ")
        elif value not in (None, "", [], {}):
            shown = megabytes(value) if name == "bytes" else f"{value:,}" if name == "parameters" else value
            typer.echo(f"{label}: {shown}")
