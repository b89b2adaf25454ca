"""Any folder of audio as a source of training crops, with the augmentations the models are trained with.

Audio here is mono float32, (N,) at the codec's rate, brought to about the loudness at which the engine encodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ..errors import AudioError
from ..loudness import SILENCE_LUFS, TARGET_LUFS, integrated_lufs

SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".opus", ".mp3"})

Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """One file of the folder: mono audio (N,) at about -24 LUFS, and its path below the folder."""

    name: str
    audio: Audio


def load_folder(folder: Path, sample_rate: int) -> list[Clip]:
    """Read every audio file below `folder`, mono, at `sample_rate` Hz, normalised to -24 LUFS.

    Raises:
        AudioError: The folder holds no audio file, or one of them cannot be read (the message names it).
    """
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise AudioError(f"no audio files below {folder}: put WAV, FLAC, AIFF, OGG or MP3 files there")
    return [Clip(str(path.relative_to(folder)), _load(path, sample_rate)) for path in paths]


def _load(path: Path, sample_rate: int) -> Audio:
    try:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioError(f"cannot read {path}: {error}") from error
    if not len(audio):
        raise AudioError(f"{path} holds no sound: take it out of the folder")
    mono = audio.mean(axis=1)
    if rate != sample_rate:
        mono = soxr.resample(mono, rate, sample_rate, quality="VHQ")
    lufs = integrated_lufs(mono[None], sample_rate)
    if lufs > SILENCE_LUFS:
        mono = mono * 10 ** ((TARGET_LUFS - lufs) / 20)
    return np.asarray(mono, dtype=np.float32)


class CropSampler:
    """Draws augmented crops of equal length, every second of the folder as likely as any other."""

    def __init__(self, clips: list[Clip], crop_samples: int, *, sample_rate: int, rng: np.random.Generator) -> None:
        """`crop_samples` at the clips' `sample_rate` in Hz."""
        self.clips = clips
        self.sample_rate = sample_rate
        self.crop_samples = crop_samples
        self.rng = rng
        # Short one-shots would never be drawn by their length alone; half a second more each gives them a place.
        weights = np.array([len(clip.audio) + 20_000 for clip in clips], dtype=np.float64)
        self._cumulative = np.cumsum(weights / weights.sum())

    def batch(self, size: int) -> Audio:
        """(size, crop_samples)."""
        return np.stack([self.crop() for _ in range(size)])

    def crop(self) -> Audio:
        """One crop: random place, speed, level, polarity, tilt, and now and then a second sound mixed in."""
        rng = self.rng
        audio = self._slice()
        if rng.random() < 0.3:
            audio = audio + self._slice() * np.float32(10 ** (rng.uniform(-12, 0) / 20))
        if rng.random() < 0.3:
            audio = tilt(audio, rng.uniform(-4, 4), self.sample_rate)
        gain_db = rng.uniform(-9, 5)
        return np.asarray(audio * np.float32(10 ** (gain_db / 20) * rng.choice((-1, 1))), dtype=np.float32)

    def _slice(self) -> Audio:
        rng, n = self.rng, self.crop_samples
        clip = self.clips[int(np.searchsorted(self._cumulative, rng.random()))]
        ratio = 2 ** (rng.uniform(-5, 5) / 12) if rng.random() < 0.4 else 1.0
        n_source = int(np.ceil(n * ratio)) + 64 if ratio != 1.0 else n
        start = int(rng.integers(-n // 4, max(len(clip.audio) - n_source + n // 4, 1)))
        piece = np.zeros(n_source, dtype=np.float32)
        lo, hi = max(start, 0), min(start + n_source, len(clip.audio))
        if hi > lo:
            piece[lo - start : hi - start] = clip.audio[lo:hi]
        if ratio != 1.0:
            piece = resample_by(piece, ratio)[:n]
            piece = np.pad(piece, (0, n - len(piece)))
        return piece


def resample_by(audio: Audio, ratio: float) -> Audio:
    """Play `ratio` times as fast (pitch and tempo together): (N,) → about (N / ratio,)."""
    return np.asarray(soxr.resample(audio, 1_000_000, round(1_000_000 / ratio), quality="HQ"), dtype=np.float32)


def tilt(audio: Audio, db_per_octave_pair: float, sample_rate: int) -> Audio:
    """Tilt the spectrum round 1 kHz by `db_per_octave_pair` dB every two octaves: (N,) → (N,).

    The filter is circular; a crop's ends are already arbitrary, and a ring stays a ring.
    """
    spectrum = np.fft.rfft(audio)
    frequency_khz = np.fft.rfftfreq(len(audio), 1 / sample_rate) / 1000
    position = np.clip(np.log2(np.maximum(frequency_khz, 0.03)), -4, 4)  # octaves from 1 kHz
    gain = 10 ** (db_per_octave_pair * position / 2 / 20)
    return np.fft.irfft(spectrum * gain, n=len(audio)).astype(np.float32)
