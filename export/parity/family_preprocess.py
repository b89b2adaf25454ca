"""The family `preprocess`: loudness, resampling, and the whole road to the codec. Numpy only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...engine.audio import to_mono
from ...engine.compat.audio import prepare, resample
from ...engine.loudness import TARGET_LUFS, integrated_lufs
from .book import Array, Page, Target
from .fixture_set import FixtureSet
from .guard import guarded
from .models import CODEC, Models

LOUDNESS_TOLERANCE_LU = 1e-3
AUDIO_TOLERANCE = 2e-5
_AUDIO = re.compile(r"(?P<case>\w+)_audio")


@dataclass(frozen=True)
class _Sound:
    """One input on its way: as it is, (C, N); mono at the codec's rate, (1, M); ready for the codec, (1, T·hop)."""

    audio: Array
    rate: int
    mono: Array
    rate_out: int
    ready: Array


def check_preprocess(page: Page, fixtures: FixtureSet, models: Models) -> None:
    """Every `<case>_audio` and what belongs to it."""
    arrays = fixtures.arrays[page.family]
    for name in arrays:
        match = _AUDIO.fullmatch(name)
        if match is None or f"{match['case']}_sample_rate" not in arrays:
            continue
        case = match["case"]
        page.take(name, f"{case}_sample_rate")
        results = {
            key: (what, compute, tolerance)
            for key in arrays
            for pattern, (what, compute, tolerance) in RESULTS.items()
            if key.startswith(f"{case}_") and re.fullmatch(pattern, key.removeprefix(f"{case}_"))
        }
        with guarded(page, [Target("audio", "numpy", key) for key in results]):
            config = models.codec(CODEC).config
            audio, rate = arrays[name][0], int(arrays[f"{case}_sample_rate"])
            mono = to_mono(resample(audio, rate, rate_out=config.sample_rate))
            ready = prepare(audio, rate, rate_out=config.sample_rate, hop_samples=config.hop)
            sound = _Sound(audio, rate, mono, config.sample_rate, ready)
            for key, (what, compute, tolerance) in results.items():
                wanted = arrays[key]
                got = np.reshape(compute(sound), wanted.shape) if wanted.size == 1 else compute(sound)[None]
                page.close(Target(what, "numpy", key), wanted, got, tolerance=tolerance)


def _lufs_out(sound: _Sound) -> Array:
    return np.array(integrated_lufs(sound.ready[:, : sound.mono.shape[1]], sound.rate_out))


def _peak(sound: _Sound) -> Array:
    gain_db = TARGET_LUFS - integrated_lufs(sound.mono, sound.rate_out)
    return np.array(np.abs(sound.mono).max() * 10 ** (gain_db / 20))


RESULTS: dict[str, tuple[str, Callable[[_Sound], Array], float]] = {
    "lufs_input": ("loudness", lambda sound: np.array(integrated_lufs(sound.audio, sound.rate)), LOUDNESS_TOLERANCE_LU),
    r"lufs_mono\w*": (
        "loudness",
        lambda sound: np.array(integrated_lufs(sound.mono, sound.rate_out)),
        LOUDNESS_TOLERANCE_LU,
    ),
    "lufs_out": ("loudness", _lufs_out, LOUDNESS_TOLERANCE_LU),
    r"mono[^_]*": ("resampled", lambda sound: sound.mono, AUDIO_TOLERANCE),
    r"mono[^_]*_length": ("length", lambda sound: np.array(sound.mono.shape[1]), 0.0),
    "peak_normalised": ("peak", _peak, AUDIO_TOLERANCE),
    "out": ("audio for the codec", lambda sound: sound.ready, AUDIO_TOLERANCE),
}
