"""Shapes, checks and rates of audio. Devices hold (N, C), models (C, N); nothing here knows tokens or files.

soxr is imported here, and in the reading of training folders.
"""

import math

import numpy as np
import soxr
from numpy.typing import ArrayLike, NDArray

from .errors import AudioError
from .units import seconds_for_samples

Audio = NDArray[np.float32]

MIN_RATE_HZ = 8000
MAX_RATE_HZ = 192000
MAX_CHANNELS = 8
MAX_INPUT_S = 600
WIDEST_SAMPLE_BYTES = 4  # wider whole numbers are no sound, but a list of them


def as_channels_first(audio: Audio) -> Audio:
    """Device audio (N, C), or mono (N,), as model audio (C, N). The caller knows its order; nothing is guessed."""
    if audio.ndim == 1:
        return np.ascontiguousarray(audio[None, :])
    return np.ascontiguousarray(_check_two_axes(audio, "(N, C) or (N,)").T)


def as_frames_first(audio: Audio) -> Audio:
    """Model audio (C, N) as device audio (N, C)."""
    return np.ascontiguousarray(_check_two_axes(audio, "(C, N)").T)


def to_mono(audio: Audio) -> Audio:
    """Mean of the channels: (C, N) to (1, N) float32."""
    return np.asarray(_check_two_axes(audio, "(C, N)").mean(axis=0, keepdims=True, dtype=np.float64), dtype=np.float32)


def minutes(seconds: float) -> str:
    """A length as `minutes:seconds`, rounded up to whole seconds: 600.2 s is 10:01."""
    whole = math.ceil(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def as_float32(given: ArrayLike) -> Audio:
    """What a caller passes as audio, as an array: floats of any kind, or lists of them; the shape stays.

    Raises:
        AudioError: Whole numbers, whose full scale cannot be told from the numbers; no numbers; or rows of different
            lengths.
    """
    try:
        found = np.asarray(given)
    except ValueError as error:
        raise AudioError("audio must be an array of numbers, got rows of different lengths") from error
    if found.dtype.kind != "f":
        is_sound = found.dtype.kind == "i" and found.dtype.itemsize <= WIDEST_SAMPLE_BYTES
        cure = f"divide by {np.iinfo(found.dtype.name).max + 1}, or " if is_sound else ""
        raise AudioError(f"audio must be float in [-1, 1], got {found.dtype}: {cure}read the file as float32")
    return found.astype(np.float32, copy=False)


def check_audio(audio: Audio, rate: int) -> None:
    """Refuse audio that cannot be used; one sample is enough.

    Args:
        audio: (C, N) floating point, 1 to 8 channels, at least 1 sample, at most 10 min, all finite.
        rate: sample rate in Hz, in [8000, 192000].

    Raises:
        AudioError: with what is wrong, the range and the value.
    """
    n_channels, n_samples = _check_two_axes(audio, "(C, N)").shape
    if not np.issubdtype(audio.dtype, np.floating):
        raise AudioError(f"audio must be floating point in [-1, 1], got {audio.dtype}")
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise AudioError(f"sample rate must be in [{MIN_RATE_HZ}, {MAX_RATE_HZ}] Hz, got {rate}")
    if not 1 <= n_channels <= MAX_CHANNELS:
        raise AudioError(f"channels must be in [1, {MAX_CHANNELS}], got {n_channels}")
    if n_samples == 0:
        raise AudioError("audio is empty: it must have at least 1 sample, got 0")
    length_s = seconds_for_samples(n_samples, rate)
    if length_s > MAX_INPUT_S:
        raise AudioError(
            f"audio is {minutes(length_s)} min long, the limit is {minutes(MAX_INPUT_S)} min: "
            "cut it, or render it in parts"
        )
    _check_finite(audio)


def _check_finite(audio: Audio) -> None:
    bad = ~np.isfinite(audio)
    n_bad = int(bad.sum())
    if n_bad:
        first = int(np.argmax(bad.any(axis=0)))
        channel = int(np.argmax(bad[:, first]))
        raise AudioError(
            f"audio must be finite, got {n_bad} NaN or infinite samples, the first at sample {first} of "
            f"channel {channel}"
        )


def _check_two_axes(audio: Audio, wanted: str) -> Audio:
    if audio.ndim != 2:
        raise AudioError(f"audio must have the shape {wanted}, got {audio.shape}")
    return audio


def resample_ring(audio: Audio, n_out: int) -> Audio:
    """Band-limited resampling of a loop to `n_out` samples, with the loop taken as one period of a periodic signal.

    The spectrum is cut or filled up with zeros (trigonometric interpolation), so there is no filter, no delay and no
    seam: any loop of any length fits a whole number of frames and comes back. At an even length the Nyquist bin stands
    for two bins, and is split in two on the way up and folded on the way down.

    Args:
        audio: (C, N) float32, N at least 1.
        n_out: samples wanted, at least 1.

    Returns:
        (C, n_out) float32.
    """
    n_in = _check_two_axes(audio, "(C, N)").shape[1]
    if n_in < 1 or n_out < 1:
        raise AudioError(f"a loop must have at least 1 sample, got {n_in} in and {n_out} out")
    if n_in == n_out:
        return audio.astype(np.float32)
    spectrum = np.fft.rfft(audio.astype(np.float64), axis=1)  # (C, N // 2 + 1)
    n_common = min(n_in, n_out)
    fitted = np.zeros((audio.shape[0], n_out // 2 + 1), dtype=np.complex128)
    fitted[:, : n_common // 2 + 1] = spectrum[:, : n_common // 2 + 1]
    if n_common % 2 == 0:
        fitted[:, n_common // 2] *= 0.5 if n_out > n_in else 2.0
    return np.asarray(np.fft.irfft(fitted, n=n_out, axis=1) * (n_out / n_in), dtype=np.float32)


def resample_line(audio: Audio, rate_in: int, *, rate_out: int) -> Audio:
    """Band-limited resampling of a one-shot sound (soxr, very high quality), with silence before and after it.

    Args:
        audio: (C, N) float32, N at least 1.
        rate_in: its sample rate in Hz.
        rate_out: the sample rate wanted in Hz.

    Returns:
        (C, ceil(N · rate_out / rate_in)) float32, exactly: what soxr gives more is cut, what it gives less is zeros.
    """
    if rate_in == rate_out:
        return audio.astype(np.float32)
    n_out = -(-_check_two_axes(audio, "(C, N)").shape[1] * rate_out // rate_in)
    # A copy, whose strides are usual: soxr refuses a single frame of several channels that is contiguous by chance.
    frames = as_frames_first(audio).copy()
    resampled = np.asarray(soxr.resample(frames, rate_in, rate_out, quality="VHQ"), dtype=np.float32)
    line = np.zeros((audio.shape[0], n_out), dtype=np.float32)
    n_given = min(n_out, resampled.shape[0])
    line[:, :n_given] = resampled[:n_given].T
    return line


def equal_power_crossfade(outgoing: Audio, incoming: Audio) -> Audio:
    """Fade from one stretch of audio to another of the same shape; the squares of the two gains sum to 1 everywhere.

    Args:
        outgoing: (C, N) float32, heard at the start.
        incoming: (C, N) float32, heard at the end.

    Returns:
        (C, N) float32: outgoing · cos θ + incoming · sin θ with θ = π/2 · (n + 1/2) / N, so that the fade is the same
        backwards and neither end repeats a sample of its neighbour.
    """
    if outgoing.shape != incoming.shape:
        raise AudioError(f"a crossfade needs two equal shapes, got {outgoing.shape} and {incoming.shape}")
    n_samples = outgoing.shape[1]
    angle = (math.pi / 2) * (np.arange(n_samples) + 0.5) / max(1, n_samples)
    return np.asarray(outgoing * np.cos(angle) + incoming * np.sin(angle), dtype=np.float32)
