"""How near one loop is to another, and whether it closes: the numbers every benchmark prints.

Mono float arrays (N,) in, plain floats out; no files, no models and no tables here. Only chroma and onset strength
need librosa, and they import it when called.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Mono = NDArray[np.floating]
Matrix = NDArray[np.float64]

MEL_WINDOWS = (32, 64, 128, 256, 512, 1024, 2048)
MEL_BANDS = (5, 10, 20, 40, 80, 160, 320)
MEL_CLAMP = 1e-5
CHROMA_HOP = 1024


def log_mel_distance(reference: Mono, estimate: Mono, *, rate: int) -> float:
    """Multi-scale log-mel distance, the reconstruction measure of the Descript Audio Codec (arXiv 2306.06546, § 4.2).

    Sum over windows of 32, 64, …, 2048 samples with 5, 10, …, 320 mel bands of the mean absolute difference of log10
    magnitudes, clamped below at 1e-5; hop = window / 4. 0 for equal loops; a loop 20 dB softer is at most 7 away.

    Args:
        reference: (N,) at full scale ±1, at least 1,025 samples.
        estimate: (N,), of the same length.
        rate: sample rate of both in Hz.
    """
    _check_equal_length(reference, estimate)
    scales = zip(MEL_WINDOWS, MEL_BANDS, strict=True)
    return sum(_one_scale(reference, estimate, rate=rate, window=w, bands=b) for w, b in scales)


def log_mel_distance_2048(reference: Mono, estimate: Mono, *, rate: int) -> float:
    """The same at the longest window alone (2048 samples, 320 bands): timbre, with little of the timing."""
    _check_equal_length(reference, estimate)
    return _one_scale(reference, estimate, rate=rate, window=MEL_WINDOWS[-1], bands=MEL_BANDS[-1])


def _one_scale(reference: Mono, estimate: Mono, *, rate: int, window: int, bands: int) -> float:
    ours = log_mel(estimate, rate=rate, window=window, bands=bands)
    return float(np.abs(ours - log_mel(reference, rate=rate, window=window, bands=bands)).mean())


def log_mel(audio: Mono, *, rate: int, window: int, bands: int) -> Matrix:
    """log10 of the mel magnitudes, clamped at 1e-5: (bands, frames). Centred Hann frames, edges reflected."""
    padded = np.pad(np.asarray(audio, dtype=np.float64), window // 2, mode="reflect")
    frames = sliding_window_view(padded, window)[:: window // 4]  # (frames, window)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    magnitude = np.abs(np.fft.rfft(frames * hann, axis=1))  # (frames, bins)
    return np.asarray(np.log10(np.maximum(mel_filters(rate, window, bands) @ magnitude.T, MEL_CLAMP)))


@lru_cache(maxsize=32)
def mel_filters(rate: int, window: int, bands: int) -> Matrix:
    """Triangular mel filters of unit area on Slaney's scale, from 0 Hz to half the rate: (bands, window / 2 + 1)."""
    edges = _mel_to_hz(np.linspace(0.0, float(_hz_to_mel(np.array(rate / 2))), bands + 2))
    bins = np.linspace(0.0, rate / 2, window // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]
    weights.flags.writeable = False  # shared by every caller
    return np.asarray(weights)


def _hz_to_mel(frequency_hz: Matrix) -> Matrix:
    """Slaney's auditory toolbox: linear below 1 kHz, 27 bands per factor of 6.4 above."""
    above = 15.0 + 27.0 * np.log(np.maximum(frequency_hz, 1.0) / 1000.0) / math.log(6.4)
    return np.where(frequency_hz < 1000.0, frequency_hz * 3 / 200, above)


def _mel_to_hz(mel: Matrix) -> Matrix:
    return np.where(mel < 15.0, mel * 200 / 3, 1000.0 * np.exp((mel - 15.0) * math.log(6.4) / 27.0))


def si_sdr_db(reference: Mono, estimate: Mono) -> float:
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019), means removed.

    Infinite for a scaled copy, minus infinity where nothing of the reference is left. Both (N,).
    """
    _check_equal_length(reference, estimate)
    target = np.asarray(reference, dtype=np.float64) - np.mean(reference, dtype=np.float64)
    ours = np.asarray(estimate, dtype=np.float64) - np.mean(estimate, dtype=np.float64)
    power = float(target @ target)
    projected = target * (float(ours @ target) / power if power > 0 else 0.0)
    wanted = float(projected @ projected)
    error = float(np.sum((ours - projected) ** 2))
    if wanted == 0.0:
        return -math.inf
    # Rounding alone leaves this much of a scaled copy.
    return math.inf if error <= 1e-13 * wanted else 10 * math.log10(wanted / error)


def aligned(reference: Mono, estimate: Mono, *, max_shift: int) -> Mono:
    """The estimate moved by the whole number of samples at which it correlates best with the reference.

    Args:
        reference: (N,).
        estimate: (M,), any length.
        max_shift: how far it may move either way, in samples.

    Returns:
        (N,); what the move leaves empty is zeros.
    """
    n = reference.size
    n_fft = 1 << (n + estimate.size + max_shift).bit_length()
    spectrum = np.fft.rfft(estimate, n_fft) * np.conj(np.fft.rfft(reference, n_fft))
    correlation = np.fft.irfft(spectrum, n_fft)
    delays = np.arange(-max_shift, max_shift + 1)
    delay = int(delays[np.argmax(correlation[delays])])
    padded = np.concatenate([np.zeros(max_shift), estimate, np.zeros(max(0, n + max_shift - estimate.size))])
    return np.asarray(padded[max_shift + delay : max_shift + delay + n])


def chroma_correlation(reference: Mono, estimate: Mono, *, rate: int) -> float:
    """How alike the harmony is: correlation of the 12 pitch classes in each frame, averaged over frames; -1 … 1.

    librosa's constant-Q chroma, hop 1024, each frame less its mean. Both are read at the tuning of the reference: left
    to itself librosa estimates one for each, and two that differ move every note. Frames in which either is silent are
    left out; 0 if all are.
    """
    import librosa

    _check_equal_length(reference, estimate)
    audios = [np.asarray(audio, dtype=np.float32) for audio in (reference, estimate)]
    tuning = librosa.estimate_tuning(y=audios[0], sr=rate) if audios[0].any() else 0.0
    chromas = [librosa.feature.chroma_cqt(y=y, sr=rate, hop_length=CHROMA_HOP, tuning=tuning) for y in audios]
    ours, theirs = (chroma - chroma.mean(axis=0) for chroma in chromas)  # (12, frames)
    scale = np.sqrt((ours**2).sum(axis=0) * (theirs**2).sum(axis=0))
    sounding = scale > 1e-9
    return float(((ours * theirs).sum(axis=0)[sounding] / scale[sounding]).mean()) if sounding.any() else 0.0


def onset_correlation(reference: Mono, estimate: Mono, *, rate: int) -> float:
    """How alike the rhythm is: Pearson correlation of the onset strengths (librosa's spectral flux, hop 512); -1 … 1.

    0 if either never changes.
    """
    import librosa

    _check_equal_length(reference, estimate)
    ours, theirs = (
        librosa.onset.onset_strength(y=np.asarray(audio, dtype=np.float32), sr=rate) for audio in (reference, estimate)
    )
    if min(ours.std(), theirs.std()) < 1e-9:
        return 0.0
    return float(np.corrcoef(ours, theirs)[0, 1])


def seam_ratio(audio: Mono) -> float:
    """The jump from the last sample to the first, over the 99th percentile of the jumps inside the loop.

    At or below 1 the seam is no larger than what the loop does by itself all the time; far above 1 it clicks. 0 for
    silence, infinite if only the seam jumps. (N,), at least 2 samples.
    """
    inner = float(np.percentile(np.abs(np.diff(audio)), 99))
    seam = abs(float(audio[0]) - float(audio[-1]))
    if seam == 0.0:
        return 0.0
    return seam / inner if inner > 0 else math.inf


def _check_equal_length(reference: Mono, estimate: Mono) -> None:
    if reference.ndim != 1 or reference.shape != estimate.shape:
        raise ValueError(f"both must be mono (N,) of one length, got {reference.shape} and {estimate.shape}")
