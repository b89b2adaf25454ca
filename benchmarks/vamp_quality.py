"""How near the vamps of every preset are to their loops: timbre, rhythm, harmony, loudness, length, seam.

    python benchmarks/vamp_quality.py [--bundle FOLDER] [--loops FOLDER] [--seeds 3] [--png FILE]

A vamp should be near its loop, and not be it. White noise of the loop's loudness and silence are measured with the same
functions: a preset that is no nearer than they are has lost the loop.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import metrics
import numpy as np
from loops import RATE, Mono, is_tonal, read_loops
from machine import describe_machine
from report import print_json, print_table
from vampbridge.engine.bundle import Bundle, load_bundle
from vampbridge.engine.loudness import integrated_lufs, match_loudness
from vampbridge.engine.settings import PRESETS, preset
from vampbridge.engine.take import VampRequest
from vampbridge.engine.vamper import Vamper

Row = dict[str, Any]
Vary = Callable[[Mono, str, int], Mono]
"""A loop (N,), the name of a preset and a seed → its vamp (M,)."""

NEARNESS = {"log_mel": -1, "log_mel_2048": -1, "onset": 1, "chroma": 1}
"""Measures of nearness; -1: nearer is smaller, 1: nearer is larger."""
MEASURES = (*NEARNESS, "loudness_lu", "seam")
NEAREST, FARTHEST = "faithful", "wild"


def evaluate_presets(vary: Vary, loops: Mapping[str, Mono], seeds: Sequence[int]) -> list[Row]:
    """One row per preset, loop and seed: the measures, and whether the vamp is as long as its loop."""
    return [
        {"preset": name, "loop": loop, "seed": seed, **compare(loop, audio, vary(audio, name, seed))}
        for name in PRESETS
        for loop, audio in loops.items()
        for seed in seeds
    ]


def evaluate_references(loops: Mapping[str, Mono]) -> list[Row]:
    """The same rows for white noise of each loop's loudness, and for silence."""
    return [
        {"preset": name, "loop": loop, "seed": 0, **compare(loop, audio, make(audio))}
        for name, make in (("noise", noise_like), ("silence", np.zeros_like))
        for loop, audio in loops.items()
    ]


def noise_like(audio: Mono) -> Mono:
    """White noise of the length and loudness of a loop."""
    noise = np.random.default_rng(0).standard_normal((1, audio.size)).astype(np.float32) * np.float32(0.1)
    matched, _ = match_loudness(noise, RATE, reference_lufs=integrated_lufs(audio[None], RATE))
    return np.asarray(matched[0])


def compare(name: str, loop: Mono, vamp: Mono) -> Row:
    """Every measure of one vamp. One of another length is cut or filled up, so that the others can still be told."""
    fitted = np.zeros_like(loop)
    n_common = min(loop.size, vamp.size)
    fitted[:n_common] = vamp[:n_common]
    return {
        "log_mel": metrics.log_mel_distance(loop, fitted, rate=RATE),
        "log_mel_2048": metrics.log_mel_distance_2048(loop, fitted, rate=RATE),
        "onset": metrics.onset_correlation(loop, fitted, rate=RATE),
        "chroma": metrics.chroma_correlation(loop, fitted, rate=RATE) if is_tonal(name) else None,
        "loudness_lu": integrated_lufs(vamp[None], RATE) - integrated_lufs(loop[None], RATE),
        "seam": metrics.seam_ratio(vamp),
        "same_length": loop.size == vamp.size,
    }


def averages(rows: Sequence[Row], by: str) -> list[Row]:
    """Mean of every measure over the rows that agree in one column, in the order they came."""
    kinds = list(dict.fromkeys(row[by] for row in rows))
    return [{by: kind, **_means([row for row in rows if row[by] == kind])} for kind in kinds]


def _means(rows: Sequence[Row]) -> Row:
    values = {measure: [row[measure] for row in rows if row[measure] is not None] for measure in MEASURES}
    return {measure: float(np.mean(found)) if found else None for measure, found in values.items()}


def verdicts(means: Sequence[Row], rows: Sequence[Row]) -> dict[str, bool]:
    """What must hold of the presets, in words, and whether it does."""
    of = {row["preset"]: row for row in means}
    found = {
        f"{NEAREST} is nearer than {FARTHEST} in {measure}": sign * (of[NEAREST][measure] - of[FARTHEST][measure]) > 0
        for measure, sign in NEARNESS.items()
        if of[NEAREST][measure] is not None
    }
    found["every vamp is as long as its loop"] = all(row["same_length"] for row in rows)
    found["every vamp is within 0.5 LU of its loop"] = all(abs(row["loudness_lu"]) <= 0.5 for row in rows)
    found["no seam jumps more than 99 % of the samples inside"] = loud_seams(rows) == 0
    return found


def loud_seams(rows: Sequence[Row]) -> float:
    """Share of the vamps whose seam jumps more than 99 % of the samples inside."""
    return float(np.mean([row["seam"] > 1 for row in rows]))


def bundle_vary(bundle: Bundle, threads: int) -> Vary:
    """The engine with one bundle."""
    vamper = Vamper(bundle, threads=threads)

    def vary(audio: Mono, name: str, seed: int) -> Mono:
        take = vamper.vamp(VampRequest(audio[None], RATE, preset(name).changed(seed=seed)))
        return np.asarray(take.audio[0, 0])

    return vary


def draw_spectrograms(path: Path, loops: Mapping[str, Mono], vary: Vary) -> None:
    """A picture with a row for each loop: the loop, a vamp of every preset, and noise."""
    from matplotlib.figure import Figure

    titles = ("input", *PRESETS, "noise")
    figure = Figure(figsize=(3.2 * len(titles), 1.8 * len(loops)), layout="constrained")
    axes = figure.subplots(len(loops), len(titles), squeeze=False)
    for row, (loop, audio) in zip(axes, loops.items(), strict=True):
        sounds = (audio, *(vary(audio, name, 0) for name in PRESETS), noise_like(audio))
        for axis, title, sound in zip(row, titles, sounds, strict=True):
            image = metrics.log_mel(sound, rate=RATE, window=2048, bands=128)
            axis.imshow(image, origin="lower", aspect="auto", vmin=-3, vmax=1, cmap="magma")
            axis.set_axis_off()
            axis.set_title(f"{loop}\n{title}" if title == "input" else title, fontsize=7)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Read the command line, measure, print."""
    arguments = _parse()
    loops, bundle = read_loops(arguments.loops), load_bundle(arguments.bundle)
    vary = bundle_vary(bundle, arguments.threads)
    rows = evaluate_presets(vary, loops, range(arguments.seeds))
    for name in PRESETS:
        print_table(name, averages([row for row in rows if row["preset"] == name], "loop"))
    means, references = averages(rows, "preset"), averages(evaluate_references(loops), "preset")
    print_table("Mean over loops and seeds, beside noise and silence", [*means, *references])
    found = verdicts(means, rows)
    for sentence, holds in found.items():
        print(f"{'yes' if holds else 'NO '}  {sentence}")
    if arguments.png:
        draw_spectrograms(arguments.png, loops, vary)
    result = {"bundle": bundle.manifest.name, "seeds": arguments.seeds, "presets": means, "references": references}
    seams = {"loud_seams": loud_seams(rows), "worst_seam": max(row["seam"] for row in rows)}
    print_json({**result, **seams, "verdicts": found, "rows": rows, "machine": describe_machine()})


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure how near the vamps of every preset are to their loops.")
    parser.add_argument("--bundle", type=Path, help="a bundle's folder (default: the embedded one)")
    parser.add_argument("--loops", type=Path, help="a folder of loops (default: the demo loops)")
    parser.add_argument("--seeds", type=int, default=3, help="vamps of each loop and preset (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=0, help="threads of the engine (default: one per core)")
    parser.add_argument("--png", type=Path, help="also draw spectrograms of input, presets and noise into this file")
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error(f"--seeds must be at least 1, got {arguments.seeds}")
    return arguments


if __name__ == "__main__":
    main()
