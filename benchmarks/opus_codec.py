"""Opus, the yardstick beside which the codec is measured, through opusenc and opusdec of opus-tools."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from loops import RATE, Mono

PROGRAMS = ("opusenc", "opusdec")


def opus_is_installed() -> bool:
    """Whether both programs are on the path."""
    return all(shutil.which(program) for program in PROGRAMS)


def opus_round_trip(audio: Mono, *, kbit_s: int) -> Mono:
    """Encode and decode a mono loop: (N,) at 44.1 kHz to (N,).

    Variable bit rate at full complexity, told that it is music: left to itself the encoder takes some loops for speech
    at 12 kbit/s. The decoder takes off the codec's delay itself. Samples pass as 24 bits in and floats out: with 16,
    the dither of the decoder is heard in the bands that the codec left empty.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, packed, back = (str(Path(folder) / name) for name in ("source.wav", "packed.opus", "back.wav"))
        soundfile.write(source, audio, RATE, subtype="PCM_24")
        _run("opusenc", "--quiet", "--music", "--bitrate", str(kbit_s), source, packed)
        _run("opusdec", "--quiet", "--rate", str(RATE), "--float", packed, back)
        decoded, _ = soundfile.read(back, dtype="float32", always_2d=True)  # (M, 1)
    mono = np.zeros(audio.size, dtype=np.float32)
    n_given = min(audio.size, len(decoded))
    mono[:n_given] = decoded[:n_given, 0]
    return mono


def _run(program: str, *arguments: str) -> None:
    subprocess.run([program, *arguments], check=True)  # noqa: S603 - our own files
