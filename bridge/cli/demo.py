"""`vampbridge demo`, the first sound: vamps a loop that ships with the package, and says what to listen for."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from ...engine.audio import Audio
from ...engine.demo import DemoLoop, demo_loop, demo_loops
from ...engine.devices import DEFAULT_DEVICE
from ...engine.errors import MissingDependencyError, PathError, SettingError
from ...engine.files import AudioFile, read_audio
from ...engine.picture import Panel, draw_panels
from ...engine.settings import PRESETS, RANGES
from ...engine.take import Take, VampRequest
from ...engine.units import seconds_for_samples
from . import render
from .options import BundleOption, DeviceOption, JsonOption, ThreadsOption

if TYPE_CHECKING:
    from ...engine.vamper import Vamper

LISTEN_FOR = {
    "faithful": "your part played again by a good listener: most notes and hits stay, with another touch.",
    "balanced": "the same groove, with notes and fills that were not there before. The beat mostly stays.",
    "wild": "only the skeleton of the rhythm is left; sounds may turn into others. The end still meets the start.",
}

SEED = dataclasses.replace(RANGES["seed"], optional=False)
NAMES = ", ".join(loop.name for loop in demo_loops())


@dataclass(frozen=True)
class DemoOptions:
    """What `demo` takes."""

    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help=f"One of {NAMES}. [default: {demo_loops()[0].name}]")
    ] = None
    all: Annotated[bool, typer.Option("--all", help="Every loop.")] = False
    list: Annotated[bool, typer.Option("--list", help="Say which loops there are, and stop.")] = False
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go; made if it is not there.")] = Path(
        "vampbridge-demo"
    )
    # Fixed, so that two people who talk about the demo have heard the same.
    seed: Annotated[int, SEED, typer.Option(metavar="INTEGER", help="Another one gives other variations.")] = 1
    bundle: BundleOption = None
    threads: ThreadsOption = 0
    device: DeviceOption = DEFAULT_DEVICE
    json: JsonOption = False


def vamp_demo(options: DemoOptions) -> None:
    """Hear it: vamp a loop that ships with Vampbridge with every preset.

    Writes the original, a variation for each preset, and one file with all of them in a row.
    """
    if options.all and options.name is not None:
        raise SettingError(f"give either a loop or --all, got both {options.name!r} and --all")
    if options.list:
        _check_list_alone(options)
        _list_loops(as_json=options.json)
        return
    loops = demo_loops() if options.all else (demo_loop(options.name or demo_loops()[0].name),)
    vamper = render.make_vamper(options.bundle, options.threads, options.device)
    results = []
    for loop in loops:
        result = _vamp_loop(vamper, loop, options)
        results.append(result)
        if not options.json:
            _print_loop(loop, result)
    if options.json:
        render.print_json({"folder": str(options.out), "seed": options.seed, "loops": results})
    else:
        print(f"\nSeed {options.seed}; the same seed gives the same variations. Now one of your own:")
        print("  vampbridge render my-loop.wav my-vamp.wav --preset balanced")


def _vamp_loop(vamper: Vamper, loop: DemoLoop, options: DemoOptions) -> dict[str, Any]:
    """Write one loop's folder; returns what happened, for people and for JSON."""
    original = read_audio(loop.path)
    started_s = time.perf_counter()
    takes: dict[str, Take] = {}
    with _folder(options.out / loop.name) as folder, render.progress_bar() as on_progress:
        for name, settings in PRESETS.items():
            request = VampRequest(original.audio, original.sample_rate, settings.changed(seed=options.seed))
            takes[name] = vamper.vamp(request, on_progress=on_progress)
    took_s = time.perf_counter() - started_s
    sounds = {"original": original.audio} | {name: take.audio[0] for name, take in takes.items()}
    sounds["sequence"] = sequence(original.audio, [take.audio[0] for take in takes.values()])
    warnings = [warning for take in takes.values() for warning in take.report.warnings]
    for name, audio in sounds.items():
        warnings += render.write_with_warning(folder / f"{name}.wav", AudioFile(audio, original.sample_rate))
    picture, hints = _draw(folder / "picture.png", original, takes)
    return {
        "name": loop.name,
        "outputs": {name: str(folder / f"{name}.wav") for name in sounds},
        "picture": picture,
        "length_s": round(seconds_for_samples(original.audio.shape[1], original.sample_rate), 3),
        "took_s": round(took_s, 3),
        "warnings": warnings,
        "hints": hints,
        "takes": {name: take.report.to_dict() for name, take in takes.items()},
    }


def sequence(original: Audio, variations: list[Audio]) -> Audio:
    """Original, first variation, original, second variation … in a row: (C, N) each, (C, 2·V·N) out."""
    return np.concatenate([part for variation in variations for part in (original, variation)], axis=1)


@contextmanager
def _folder(folder: Path) -> Iterator[Path]:
    """The folder, made before the work, so that one that cannot be made is known at once; gone again if that ends."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PathError(f"the folder {folder} cannot be made: {error.strerror}") from error
    try:
        yield folder
    except BaseException:  # Ctrl-C too
        with contextlib.suppress(OSError):  # not empty: somebody else's files stay
            for path in made:
                path.rmdir()
        raise


def _draw(path: Path, original: AudioFile, takes: dict[str, Take]) -> tuple[str | None, list[str]]:
    """The picture's path if it could be drawn, else a line that says how to get one."""
    rate = original.sample_rate
    panels = [Panel("original", original.audio, rate)]
    panels += [
        Panel(f"{name} ({take.report.share_regenerated:.0%} drawn anew)", take.audio[0], rate, take.mask)
        for name, take in takes.items()
    ]
    try:
        draw_panels(path, panels)
    except MissingDependencyError as error:
        return None, [str(error)]
    return str(path), []


def _check_list_alone(options: DemoOptions) -> None:
    """Only --json goes with --list: what would be ignored is refused."""
    for field in dataclasses.fields(options):
        if field.name not in ("list", "json") and getattr(options, field.name) != field.default:
            given = options.name if field.name == "name" else f"--{field.name}"
            raise SettingError(f"--list only says which loops there are, got {given} too")


def _list_loops(*, as_json: bool) -> None:
    if as_json:
        fields = ("name", "bpm", "bars", "description")
        render.print_json({"loops": [{field: getattr(loop, field) for field in fields} for loop in demo_loops()]})
        return
    for loop in demo_loops():
        print(f"{loop.name:8} {loop.bpm:3g} bpm, {loop.bars} bars  {loop.description}")


def _print_loop(loop: DemoLoop, result: dict[str, Any]) -> None:
    print(f"\n{loop.description} ({loop.bpm:g} bpm, {loop.bars} bars, {result['length_s']:.1f} s)")
    print(f"Three variations in {result['took_s']:.1f} s. Listen to {result['outputs']['sequence']} first:")
    print("it plays the original before each variation.\n")
    print(f"  {'original':9} {result['outputs']['original']}")
    for name, text in LISTEN_FOR.items():
        print(f"  {name:9} {result['outputs'][name]}\n            {text}")
    if result["picture"]:
        print(f"  {'picture':9} {result['picture']}\n            spectrograms; below each, bright = drawn anew.")
    for hint in result["hints"]:
        print(f"\n{hint}")
    render.print_warnings(result["warnings"])
