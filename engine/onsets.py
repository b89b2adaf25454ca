"""Onsets of a loop as frame indices. The only file that imports librosa, and only when it is called.

Audio in, frame indices out; no masks and no tokens here.
"""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import AudioError, MissingDependencyError
from .units import frames_for_samples, frames_for_seconds, samples_for_frames

RING_CONTEXT_S = 0.5
"""Audio in s from the other side of the seam that the detector hears on a ring; its own windows are far shorter."""

_WINDOW_SAMPLES = 2048


def onset_frames(
    audio: NDArray[np.float32], rate: int, *, hop_samples: int, ring: bool, backtrack: bool = True
) -> NDArray[np.int64]:
    """Frames at which notes start: peaks of the spectral flux (librosa.onset.onset_detect with its defaults).

    Args:
        audio: (1, N) float32, mono.
        rate: sample rate in Hz.
        hop_samples: samples per frame of the codec.
        ring: True lets the detector hear the end of the loop before its start, so that a note on frame 0 is found;
            False hears silence before the start, as the published mask does.
        backtrack: True moves each onset back to the preceding minimum of the flux, where the attack begins (what the
            published mask does); False leaves it on the peak.

    Returns:
        (M,) int64, strictly increasing, each in [0, ceil(N / hop_samples)); empty when nothing starts.

    Raises:
        AudioError: audio that is not (1, N), or empty.
        MissingDependencyError: librosa is not installed.
    """
    if audio.ndim != 2 or audio.shape[0] != 1 or audio.shape[1] < 1:
        raise AudioError(f"onsets need mono audio (1, N) with at least 1 sample, got {audio.shape}")
    librosa = load_librosa("onset prompts need")
    n_frames = frames_for_samples(audio.shape[1], hop_samples)
    n_context = frames_for_seconds(RING_CONTEXT_S, rate, hop_samples=hop_samples) if ring else 0
    flux = _flux(librosa.onset, audio, rate, hop_samples=hop_samples, n_context=n_context)
    peaks = librosa.onset.onset_detect(onset_envelope=flux, sr=rate, hop_length=hop_samples, backtrack=False)
    inside = (peaks >= n_context) & (peaks < n_context + n_frames)
    starts = librosa.onset.onset_backtrack(peaks, flux) if backtrack and peaks.size else peaks
    return np.unique((starts[inside] - n_context) % n_frames).astype(np.int64)


def spectral_flux(
    librosa: Librosa, audio: NDArray[np.float32], rate: int, *, hop_samples: int, ring: bool
) -> NDArray[np.float32]:
    """How much sound begins in each frame: the flux that onsets are peaks of, (ceil(N / hop_samples),) float32.

    Args:
        librosa: See `load_librosa`.
        audio: (1, N) float32, mono.
        rate: Sample rate in Hz.
        hop_samples: Samples per frame.
        ring: As in `onset_frames`.
    """
    n_frames = frames_for_samples(audio.shape[1], hop_samples)
    n_context = frames_for_seconds(RING_CONTEXT_S, rate, hop_samples=hop_samples) if ring else 0
    flux = _flux(librosa.onset, audio, rate, hop_samples=hop_samples, n_context=n_context)
    return flux[n_context : n_context + n_frames]


def _flux(
    detector: ModuleType, audio: NDArray[np.float32], rate: int, *, hop_samples: int, n_context: int
) -> NDArray[np.float32]:
    """Flux of the audio with `n_context` frames of the ring before and after it."""
    # The context is whole frames, so that frame borders stay where they were. A short loop goes round several times.
    samples = np.pad(audio[0], samples_for_frames(n_context, hop_samples), mode="wrap")
    samples = np.pad(samples, (0, max(0, _WINDOW_SAMPLES - samples.size)))  # librosa wants one whole window
    return np.asarray(detector.onset_strength(y=samples, sr=rate, hop_length=hop_samples), dtype=np.float32)


class Librosa(NamedTuple):
    """What is used of librosa."""

    onset: ModuleType
    beat: ModuleType


def load_librosa(who_needs: str) -> Librosa:
    """Its detectors.

    Raises:
        MissingDependencyError: It is not installed; the message begins with `who_needs`.
    """
    try:
        from librosa import beat, onset
    except ImportError as e:
        raise MissingDependencyError(f"{who_needs} librosa: pip install 'vampbridge[onset]'") from e
    return Librosa(onset, beat)
