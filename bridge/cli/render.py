"""`vampbridge render`: one file in, its variations out. Runs the models in this process; no server, no sound card."""

from __future__ import annotations

import json as json_module
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...engine.devices import DEFAULT_DEVICE
from ...engine.errors import PathError, SettingError
from ...engine.files import AudioFile, check_target, output_format, read_audio, read_mask, write_audio
from ...engine.settings import DEFAULT_PRESET, PROMPTS, RANGES, Range, VampSettings, width_in_proportion
from ...engine.take import OnProgress, Progress, Take, VampRequest
from ...engine.units import seconds_for_samples
from ..paths import variation_paths
from .options import BundleOption, DeviceOption, JsonOption, PresetOption, ThreadsOption, chosen_settings, in_options

if TYPE_CHECKING:
    from ...engine.effects import EffectChain
    from ...engine.vamper import Vamper


PERIOD_BEATS = Range(
    float,
    0.0625,
    32,
    "beats",
    "In place of --period: so many beats of --tempo-bpm, rounded to whole frames; the "
    "width, unless given, becomes the same part of it.",
)


@dataclass(frozen=True)
class RenderOptions:
    """What `render` takes apart from the settings."""

    source: Annotated[Path, typer.Argument(metavar="IN", help="Any audio file, any rate, up to 8 channels.")]
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="Where the variation goes; the suffix decides the format. Replaces what is there, but never IN. "
            "Several variations go to OUT-1, OUT-2 …",
        ),
    ]
    preset: PresetOption = DEFAULT_PRESET
    period_beats: Annotated[
        float | None,
        PERIOD_BEATS,
        typer.Option(metavar="NUMBER", help=f"{PERIOD_BEATS.help} [{PERIOD_BEATS.describe()}]"),
    ] = None
    mask: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A mask drawn by hand, .npy or .csv: 0 = keep, 1 = draw anew; rows are codebooks, coarse first, "
            "columns time; stretched over both. It decides alone, unless --period or another prompt is given too; "
            "then --combine says how.",
        ),
    ] = None
    before: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Effect chain on the loop, for the model to hear.")
    ] = None
    after: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Effect chain on the variations.")] = None
    subtype: Annotated[
        str | None,
        typer.Option(help="Sample format, such as PCM_16 or FLOAT. [default: 24 bits where OUT's format has them]"),
    ] = None
    bundle: BundleOption = None
    threads: ThreadsOption = 0
    device: DeviceOption = DEFAULT_DEVICE
    json: JsonOption = False


def render_file(options: RenderOptions, changes: dict[str, Any]) -> None:
    """Vamp an audio file: IN is varied and written to OUT, at IN's rate, with IN's channels, to the sample as long.

    Options that are given override the preset. The same IN, options and seed give the same OUT.
    """
    has_prompt = bool(PROMPTS.intersection(changes)) or options.period_beats is not None
    mask_alone = options.mask is not None and not has_prompt
    in_use = () if options.period_beats is None else ("tempo_bpm",)
    settings = chosen_settings(options.preset, changes, mask_alone=mask_alone, in_use=in_use)
    _check_period_beats(options, settings, changes)
    targets = variation_paths(options.target, settings.variations)
    _check_targets(options, targets)
    drawn_mask = None if options.mask is None else read_mask(options.mask)
    before, after = _load_chain(options.before), _load_chain(options.after)
    source = read_audio(options.source)
    for target in targets:
        check_target(target, source, options.subtype)
    loop = source.audio if before is None else before.process(source.audio, source.sample_rate, loop=settings.loop)
    vamper = make_vamper(options.bundle, options.threads, options.device)
    if options.period_beats is not None:
        manifest = vamper.bundle.manifest
        settings = _in_beats(options.period_beats, settings, changes, manifest.sample_rate / manifest.hop)
    started_s = time.perf_counter()
    with progress_bar() as on_progress:
        request = VampRequest(loop, source.sample_rate, settings, drawn_mask)
        take = vamper.vamp(request, on_progress=on_progress)
    took_s = time.perf_counter() - started_s
    warnings = [warning if options.json else in_options(warning) for warning in take.report.warnings]
    for target, variation in zip(targets, take.audio, strict=True):
        wet = variation if after is None else after.process(variation, take.sample_rate, loop=settings.loop)
        warnings += write_with_warning(target, AudioFile(wet, take.sample_rate), options.subtype)
    if options.json:
        print_json(_as_json(options, targets, take, took_s=took_s, warnings=warnings))
    else:
        _print_result(targets, take, took_s, warnings)


def _check_period_beats(options: RenderOptions, settings: VampSettings, changes: dict[str, Any]) -> None:
    if options.period_beats is None:
        return
    if not settings.tempo_bpm:
        raise SettingError("--period-beats counts beats of --tempo-bpm: add --tempo-bpm with more than 0")
    if "period" in changes:
        raise SettingError(
            f"give either --period or --period-beats, got both, {changes['period']} and {options.period_beats:g}"
        )


def _in_beats(beats: float, settings: VampSettings, changes: dict[str, Any], frames_per_s: float) -> VampSettings:
    """The settings with a period of so many beats of their tempo."""
    period = _period_frames(beats, settings.tempo_bpm, frames_per_s)
    # Where no beats are kept the tempo has gone into the period, and nothing else reads it.
    tempo_bpm = settings.tempo_bpm if settings.follows_beats else 0.0
    width = settings.period_width if "period_width" in changes else width_in_proportion(settings, period)
    return settings.changed(period=period, period_width=width, tempo_bpm=tempo_bpm)


def _period_frames(beats: float, bpm: float, frames_per_s: float) -> int:
    """Whole frames nearest to so many beats."""
    n_frames = round(beats * 60 / bpm * frames_per_s)
    most = RANGES["period"].high or 0
    if not 1 <= n_frames <= most:
        fits = most / frames_per_s * bpm / 60
        raise SettingError(
            f"period_beats {beats:g} at {bpm:g} bpm are {n_frames} frames, a period must be from 1 to {most:g}: "
            f"at this tempo at most {fits:.2f} beats"
        )
    return n_frames


def make_vamper(bundle: Path | None, threads: int, device: str) -> Vamper:
    """The models, loaded: of a bundle's path, None for the one that ships with Vampbridge; 0 threads = automatic."""
    from ...engine.vamp_effect import open_vamper

    return open_vamper(bundle, threads, device)


def write_with_warning(path: Path, sound: AudioFile, subtype: str | None = None) -> list[str]:
    """Write a file; returns a warning for the user if samples had to be clipped."""
    n_clipped = write_audio(path, sound.audio, sound.sample_rate, subtype=subtype)
    if n_clipped == 0:
        return []
    return [f"{path.name}: {n_clipped} samples beyond full scale were clipped; a .wav with --subtype FLOAT keeps them."]


@contextmanager
def progress_bar() -> Iterator[OnProgress | None]:
    """A bar on stderr while a vamp runs, where stderr is a terminal; else nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("load", total=1.0)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.fraction, description=progress.stage)

        yield show


def print_json(result: dict[str, Any]) -> None:
    """One object, on one line, on stdout."""
    print(json_module.dumps(result, ensure_ascii=False, allow_nan=False))


def print_warnings(warnings: list[str]) -> None:
    """One line each, on stderr."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _check_targets(options: RenderOptions, targets: list[Path]) -> None:
    """Everything that could stop the result from being written, found before the work instead of after it."""
    for target in targets:
        output_format(target, options.subtype)
        if target.exists() and options.source.exists() and target.samefile(options.source):
            raise PathError(f"OUT must be another file than IN, got {target} for both: your recording would be lost")


def _load_chain(path: Path | None) -> EffectChain | None:
    if path is None:
        return None
    from ...engine.effects import load_chain

    return load_chain(path)


def _as_json(
    options: RenderOptions, targets: list[Path], take: Take, *, took_s: float, warnings: list[str]
) -> dict[str, Any]:
    return {
        "input": str(options.source),
        "outputs": [str(target) for target in targets],
        "seed": take.report.seed,
        "sample_rate": take.sample_rate,
        "channels": take.audio.shape[1],
        "samples": take.audio.shape[2],
        "took_s": round(took_s, 3),
        "warnings": warnings,
        "report": take.report.to_dict(),
    }


def _print_result(targets: list[Path], take: Take, took_s: float, warnings: list[str]) -> None:
    print_warnings(warnings)
    for target in targets:
        print(target)
    length_s = seconds_for_samples(take.audio.shape[-1], take.sample_rate)
    print(
        f"{length_s:.1f} s in {took_s:.1f} s; {take.report.share_regenerated:.0%} drawn anew; seed {take.report.seed}; "
        f"model {take.report.bundle}"
    )
