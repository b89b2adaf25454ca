"""The loops every quality benchmark hears: the demo loops of the package, or a folder of one's own."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Mono = NDArray[np.float32]

RATE = 44100
"""Sample rate in Hz at which everything is compared."""
UNTUNED = ("drums", "beat")
"""First words of the names of loops that have no harmony to compare."""


def read_loops(folder: Path | None) -> dict[str, Mono]:
    """Every sound file of a folder as mono at 44.1 kHz, by its name without ending; None reads the demo loops.

    Raises:
        SystemExit: there is none.
    """
    where = folder or Path(str(importlib.resources.files("vampbridge.engine.demo")))
    paths = sorted(path for path in where.glob("*") if path.suffix.lower() in {".flac", ".wav", ".aif", ".aiff"})
    if not paths:
        raise SystemExit(f"no loops in {where}: name a folder of WAV or FLAC files with --loops")
    return {path.stem: _read_mono(path) for path in paths}


def _read_mono(path: Path) -> Mono:
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)  # (N, C)
    mono: Any = audio.mean(axis=1)
    return np.asarray(mono if rate == RATE else soxr.resample(mono, rate, RATE, quality="VHQ"), dtype=np.float32)


def is_tonal(name: str) -> bool:
    """Whether the harmony of a loop can be compared; names that start with `drums` or `beat` have none."""
    return not name.startswith(UNTUNED)
