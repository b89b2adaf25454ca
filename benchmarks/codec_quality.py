"""What the codec alone does to a loop, at 1 … K levels, beside Opus at 8, 12 and 16 kbit/s.

    python benchmarks/codec_quality.py [--bundle FOLDER] [--loops FOLDER] [--levels 1,2,4,14] [--no-opus]

Every loop is brought to -24 LUFS before the codec and back after it, as the engine does. `evaluate_codec` takes any
round trip, so a checkpoint in training is measured with the same numbers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import metrics
import numpy as np
from codec_levels import bundle_round_trip
from loops import RATE, Mono, is_tonal, read_loops
from machine import describe_machine
from opus_codec import opus_is_installed, opus_round_trip
from report import print_json, print_table
from vampbridge.engine.loudness import normalise

RoundTrip = Callable[[Mono, int], Mono]
"""(N,) mono at 44.1 kHz and a number of levels → what the codec makes of it, (M,) with M at least N."""

Row = dict[str, Any]

MEASURES = ("log_mel", "si_sdr_db", "chroma")
OPUS_KBIT_S = (8, 12, 16)


def evaluate_codec(
    round_trip: RoundTrip, n_levels: int | Sequence[int], loops: Mapping[str, Mono] | Path | None = None
) -> list[Row]:
    """Measure a codec on every loop at every number of levels.

    Args:
        round_trip: the codec; it is given loops at -24 LUFS.
        n_levels: a number K for all of 1 … K, or the numbers of levels to try.
        loops: name → (N,) float32 at 44.1 kHz, a folder, or None for the demo loops.

    Returns:
        One row per loop and number of levels: `loop`, `levels`, `log_mel`, `si_sdr_db`, `chroma` (None for drums).
        `averages` turns them into one row per number of levels.
    """
    heard = loops if isinstance(loops, Mapping) else read_loops(loops)
    tried = range(1, n_levels + 1) if isinstance(n_levels, int) else n_levels
    return [
        {"loop": name, "levels": levels, **compare(name, audio, _through(round_trip, audio, levels=levels))}
        for levels in tried
        for name, audio in heard.items()
    ]


def _through(round_trip: RoundTrip, audio: Mono, *, levels: int) -> Mono:
    """The loop at its own loudness after the codec heard it at -24 LUFS; the codec's padding is cut off."""
    levelled, gain_db = normalise(audio[None], RATE)
    decoded = np.asarray(round_trip(levelled[0], levels), dtype=np.float32)
    if decoded.ndim != 1 or decoded.size < audio.size:
        raise ValueError(f"a round trip must return at least {audio.size} mono samples, got {decoded.shape}")
    return np.asarray(decoded[: audio.size] * 10 ** (-gain_db / 20), dtype=np.float32)


def compare(name: str, audio: Mono, decoded: Mono) -> dict[str, float | None]:
    """The measures of one loop."""
    return {
        "log_mel": metrics.log_mel_distance(audio, decoded, rate=RATE),
        "si_sdr_db": metrics.si_sdr_db(audio, decoded),
        "chroma": metrics.chroma_correlation(audio, decoded, rate=RATE) if is_tonal(name) else None,
    }


def evaluate_opus(loops: Mapping[str, Mono]) -> list[Row]:
    """The same rows for Opus, which is not loudness-dependent and hears each loop as it is."""
    return [
        {"loop": name, "levels": f"opus {kbit_s}k", **compare(name, audio, opus_round_trip(audio, kbit_s=kbit_s))}
        for kbit_s in OPUS_KBIT_S
        for name, audio in loops.items()
    ]


def averages(rows: Sequence[Row]) -> list[Row]:
    """Mean over the loops of each measure, one row per number of levels, in the order they came."""
    kinds = list(dict.fromkeys(row["levels"] for row in rows))
    return [
        {"levels": kind, **{measure: _mean(rows, kind=kind, measure=measure) for measure in MEASURES}} for kind in kinds
    ]


def _mean(rows: Sequence[Row], *, kind: int | str, measure: str) -> float | None:
    values = [row[measure] for row in rows if row["levels"] == kind and row[measure] is not None]
    return float(np.mean(values)) if values else None


def main() -> None:
    """Read the command line, measure, print."""
    arguments = _parse()
    loops = read_loops(arguments.loops)
    round_trip, bundle = bundle_round_trip(arguments.bundle)
    levels = arguments.levels or list(range(1, bundle.manifest.n_codebooks + 1))
    rows = evaluate_codec(round_trip, levels, loops)
    if arguments.opus:
        rows += evaluate_opus(loops)
    print_table("Each loop", rows)
    print_table("Mean over the loops (chroma over the tonal ones)", averages(rows))
    print_json({"bundle": bundle.manifest.name, "mean": averages(rows), "loops": rows, "machine": describe_machine()})


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a bundle's codec, beside Opus.")
    parser.add_argument("--bundle", type=Path, help="a bundle's folder (default: the embedded one)")
    parser.add_argument("--loops", type=Path, help="a folder of loops (default: the demo loops)")
    parser.add_argument("--levels", type=_numbers, help="numbers of levels, as in 1,2,4,14 (default: all)")
    parser.add_argument("--no-opus", dest="opus", action="store_false", help="leave Opus out")
    arguments = parser.parse_args()
    if arguments.opus and not opus_is_installed():
        parser.error("Opus needs opusenc and opusdec (apt-get install opus-tools), or leave it out with --no-opus")
    return arguments


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
