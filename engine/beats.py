"""Where the beats of a loop lie, in frames: counted from its tempo, or as librosa's beat tracker hears them.

Settings and audio in, frame indices out; no masks and no tokens here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .errors import AudioError
from .onsets import Librosa, load_librosa, spectral_flux
from .settings import VampSettings
from .units import frame_index_at_sample, frames_for_samples

SNAP_BEATS = 0.25
"""A ring that is this near to a whole number of beats is taken to hold exactly so many: a quarter of a beat is more
than a player's foot misses the seam by, and less than any loop that is meant to end between two beats."""

_TRACKED_S = 12.0  # the tracker reads tempo from several seconds; a ring is heard round and round for as long
_STEP_SAMPLES = 256  # it hears about this many samples at a time; a token frame would be too coarse to read a tempo


@dataclass(frozen=True)
class Beats:
    """The beats of a loop.

    Attributes:
        frames: (M,) int64, the token frame of each.
        numbers: (M,) int64, counted from a downbeat, which is 0; beats before it have negative numbers.
        beats_per_bar: Every so many, one is a downbeat.
    """

    frames: NDArray[np.int64]
    numbers: NDArray[np.int64]
    beats_per_bar: int = 4

    def chosen(self, kind: str, *, every: int) -> NDArray[np.int64]:
        """Frames of every `every`-th beat of a kind, `all`, `downbeats` or `upbeats`, counted from beat 0.

        DIFFERS: the published prompt thins downbeats and other beats apart, each from the first one of the sound on, so
        that a half of all beats is no longer an even pulse.
        """
        bars, in_bar = np.divmod(self.numbers, self.beats_per_bar)
        if kind == "downbeats":
            index, is_kind = bars, in_bar == 0
        elif kind == "upbeats":
            index, is_kind = bars * (self.beats_per_bar - 1) + in_bar - 1, in_bar > 0
        else:
            index, is_kind = self.numbers, np.ones(self.numbers.shape, dtype=np.bool_)
        chosen: NDArray[np.int64] = self.frames[is_kind & (index % every == 0)]
        return chosen

    def stretched(self, factor: int) -> Beats:
        """The same beats of a loop that is `factor` times as long."""
        return replace(self, frames=self.frames * factor)


NO_BEATS = Beats(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def find_beats(settings: VampSettings, audio: NDArray[np.float32], rate: int, *, hop_samples: int) -> Beats:
    """The beats that the settings speak of; none where the beat prompt is off.

    Args:
        settings: With the tempo if it is known; without, the beats are tracked.
        audio: (1, N) float32, mono.
        rate: Sample rate in Hz.
        hop_samples: Samples per token frame.

    Raises:
        AudioError: Audio that is not (1, N), or empty.
        MissingDependencyError: The tempo is not known, and librosa is not installed.
    """
    if not settings.follows_beats:
        return NO_BEATS
    if audio.ndim != 2 or audio.shape[0] != 1 or audio.shape[1] < 1:
        raise AudioError(f"beats need mono audio (1, N) with at least 1 sample, got {audio.shape}")
    n_frames = frames_for_samples(audio.shape[1], hop_samples)
    offset = settings.beat_offset_ms / 1000 * rate / hop_samples
    if settings.tempo_bpm > 0:
        period = 60 / settings.tempo_bpm * rate / hop_samples
        return counted(n_frames, period, offset=offset, beats_per_bar=settings.beats_per_bar, ring=settings.loop)
    frames = tracked(audio, rate, hop_samples=hop_samples, ring=settings.loop)
    return _numbered(frames, n_frames, offset, settings)


def counted(n_frames: int, period: float, *, offset: float, beats_per_bar: int, ring: bool) -> Beats:
    """Beats at a known tempo.

    On a ring they go once round from the offset on. If it holds a whole number of beats within `SNAP_BEATS`, they are
    spaced evenly; otherwise the last gap is the shorter one.

    Args:
        n_frames: T of the loop.
        period: Frames from one beat to the next, > 0, not rounded.
        offset: Frame of a downbeat, not rounded, at least 0.
        beats_per_bar: At least 1.
        ring: True for a ring, False for a line.
    """
    if ring:
        exact = n_frames / period
        n_beats = max(1, round(exact))
        if abs(exact - n_beats) <= SNAP_BEATS:
            period = n_frames / n_beats
        else:
            n_beats = math.ceil(exact)
        numbers = np.arange(n_beats)
    else:
        numbers = np.arange(math.ceil(-offset / period), math.ceil((n_frames - offset) / period))
    # What rounding errors leave just below a frame belongs to it.
    frames = np.floor(offset + numbers * period + 1e-6).astype(np.int64)
    frames = frames % n_frames if ring else np.clip(frames, 0, n_frames - 1)
    return Beats(frames, numbers.astype(np.int64), beats_per_bar)


def tracked(audio: NDArray[np.float32], rate: int, *, hop_samples: int, ring: bool) -> NDArray[np.int64]:
    """Frames of the beats that librosa's tracker hears (Ellis 2007, "Beat Tracking by Dynamic Programming").

    A ring has no beginning: it is heard several times round. If its tempo makes a whole number of beats within
    `SNAP_BEATS`, they are spaced evenly, where most sound begins; otherwise they are where the tracker has them.

    Args:
        audio: (1, N) float32, mono.
        rate: Sample rate in Hz.
        hop_samples: Samples per token frame.
        ring: True for a ring, False for a line.

    Returns:
        (M,) int64, strictly increasing, each in [0, ceil(N / hop_samples)); empty when no beat is heard.

    Raises:
        MissingDependencyError: librosa is not installed.
    """
    librosa = load_librosa("beat prompts without tempo_bpm need")
    step = max(1, hop_samples // max(1, round(hop_samples / _STEP_SAMPLES)))
    flux = spectral_flux(librosa, audio, rate, hop_samples=step, ring=ring)  # (S,)
    steps = _ring_beats(librosa, flux, rate, step) if ring else _beats_of(librosa, flux, rate, step)[1]
    n_frames = frames_for_samples(audio.shape[1], hop_samples)
    frames = {min(n_frames - 1, frame_index_at_sample(int(at * step), hop_samples)) for at in steps}
    return np.array(sorted(frames), dtype=np.int64)


def _beats_of(librosa: Librosa, flux: NDArray[np.float32], rate: int, step: int) -> tuple[float, NDArray[np.float64]]:
    """Tempo in bpm and the beats, in steps; 0 and none where nothing is heard."""
    if not flux.any():
        return 0.0, np.zeros(0)
    tempo, beats = librosa.beat.beat_track(onset_envelope=flux, sr=rate, hop_length=step, trim=False)
    return float(np.atleast_1d(tempo)[0]), np.asarray(beats, dtype=np.float64)


def _ring_beats(librosa: Librosa, flux: NDArray[np.float32], rate: int, step: int) -> NDArray[np.float64]:
    """Beats of a ring, in steps, each in [0, S)."""
    length = flux.size
    n_turns = max(3, math.ceil(_TRACKED_S * rate / step / length))
    tempo_bpm, beats = _beats_of(librosa, np.tile(flux, n_turns), rate, step)
    exact = length * step / rate * tempo_bpm / 60
    n_beats = round(exact)
    if n_beats < 1 or abs(exact - n_beats) > SNAP_BEATS:
        # A turn in the middle has settled: nothing begins or ends near it.
        first = n_turns // 2 * length
        return beats[(beats >= first) & (beats < first + length)] - first
    period = length / n_beats
    soft = (np.roll(flux, 1) + 2 * flux + np.roll(flux, -1)) / 4  # a player is not on the grid to the step
    starts = np.arange(math.ceil(period))
    combs = np.floor(starts[:, None] + np.arange(n_beats) * period).astype(np.int64) % length  # (starts, n_beats)
    best = int(np.argmax(soft[combs].sum(axis=1)))
    return np.sort((best + np.arange(n_beats) * period) % length)


def _numbered(frames: NDArray[np.int64], n_frames: int, offset: float, settings: VampSettings) -> Beats:
    """Tracked beats, counted from the one that is nearest to the offset."""
    if not frames.size:
        return NO_BEATS
    distance = np.abs(frames - offset)
    if settings.loop:
        around = np.abs(frames - offset % n_frames)
        distance = np.minimum(around, n_frames - around)
    numbers = np.arange(frames.size) - int(np.argmin(distance))
    return Beats(frames, numbers % frames.size if settings.loop else numbers, settings.beats_per_bar)
