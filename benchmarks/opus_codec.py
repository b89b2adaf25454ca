"""Opus, the yardstick beside which the codec is measured, through ffmpeg's libopus."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from loops import RATE, Mono
from metrics import aligned

# Longer than Opus' own delay (312 samples at 48 kHz) and any that a resampler adds.
_MAX_SHIFT = 2048


def opus_is_installed() -> bool:
    """Whether ffmpeg is on the path."""
    return shutil.which("ffmpeg") is not None


def opus_round_trip(audio: Mono, *, kbit_s: int) -> Mono:
    """Encode and decode a mono loop: (N,) at 44.1 kHz to (N,), time aligned."""
    with tempfile.TemporaryDirectory() as folder:
        source, packed, back = (Path(folder) / name for name in ("source.wav", "packed.opus", "back.wav"))
        soundfile.write(source, audio, RATE, subtype="FLOAT")
        _ffmpeg("-i", str(source), "-c:a", "libopus", "-b:a", f"{kbit_s}k", str(packed))
        _ffmpeg("-i", str(packed), "-ar", str(RATE), "-c:a", "pcm_f32le", str(back))
        decoded, _ = soundfile.read(back, dtype="float32")
    return np.asarray(aligned(audio, decoded, max_shift=_MAX_SHIFT), dtype=np.float32)


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *arguments], check=True)  # noqa: S603, S607 (our own files)
