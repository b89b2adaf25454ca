"""What the published code does to audio before the codec, and to masked tokens after it. No models here."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..audio import Audio, to_mono
from ..errors import SettingError
from ..loudness import TARGET_LUFS, integrated_lufs

_ZEROS = 24
_ROLLOFF = 0.945


def prepare(audio: Audio, rate: int, *, rate_out: int, hop_samples: int) -> Audio:
    """The whole road to the codec: rate, mono, loudness, peak, whole frames.

    Args:
        audio: (C, N) float32.
        rate: its sample rate in Hz.
        rate_out: the codec's sample rate in Hz.
        hop_samples: samples per token frame; zeros on the right fill up the last one.

    Returns:
        (1, T·hop) float32.
    """
    mono = normalise(to_mono(resample(audio, rate, rate_out=rate_out)), rate_out)
    return np.pad(mono, ((0, 0), (0, -mono.shape[1] % hop_samples)))


def normalise(audio: Audio, rate: int, *, target_lufs: float = TARGET_LUFS) -> Audio:
    """Published normaliser: everything is brought to the target, silence too (lifted by 46 dB, noise and all).

    Args:
        audio: (C, N) float32; not changed.
        rate: sample rate in Hz.
        target_lufs: loudness to reach. What peaks above 1 afterwards is turned down as a whole.

    Returns:
        (C, N) float32.
    """
    loud = audio * np.float32(10 ** ((target_lufs - integrated_lufs(audio, rate)) / 20))
    return np.asarray(loud / max(np.float32(1), np.abs(loud).max(initial=np.float32(0))), dtype=np.float32)


def resample(audio: Audio, rate: int, *, rate_out: int) -> Audio:
    """Band-limited resampling by a windowed sinc (J. O. Smith, "Digital audio resampling", CCRMA).

    24 zero crossings on each side under a cosine-squared window, cut off at 0.945 of the lower Nyquist frequency, the
    first and last sample held outside: the filter of the published code's resampler. Ours is steeper and longer.

    Args:
        audio: (C, N) float32, N at least 1.
        rate: its sample rate in Hz.
        rate_out: the sample rate wanted in Hz.

    Returns:
        (C, floor(N · rate_out / rate)) float32.
    """
    if rate == rate_out:
        return audio.astype(np.float32)
    common = math.gcd(rate, rate_out)
    down, up = rate // common, rate_out // common
    kernels, reach = _sinc_kernels(down, up)  # (up, 2 · reach + down)
    n_out = up * audio.shape[1] // down
    if n_out == 0:
        return np.zeros((audio.shape[0], 0), dtype=np.float32)
    n_blocks = -(-n_out // up)
    n_padded = (n_blocks - 1) * down + kernels.shape[1]
    n_after = max(0, n_padded - reach - audio.shape[1])
    padded = np.pad(audio.astype(np.float32), ((0, 0), (reach, n_after)), mode="edge")[:, :n_padded]
    # Block j of the output, `up` samples, is one product with the input from j · down on.
    blocks = np.lib.stride_tricks.sliding_window_view(padded, kernels.shape[1], axis=1)[:, ::down]  # (C, blocks, taps)
    return np.asarray((blocks @ kernels.T).reshape(audio.shape[0], -1)[:, :n_out], dtype=np.float32)


@lru_cache(maxsize=8)
def _sinc_kernels(down: int, up: int) -> tuple[NDArray[np.float32], int]:
    """One filter per output phase, (up, 2 · reach + down) float32, and its reach into the past in input samples."""
    cutoff = min(up, down) * _ROLLOFF
    reach = math.ceil(_ZEROS * down / cutoff)
    taps = np.arange(-reach, reach + down, dtype=np.float32)
    phases = np.arange(up)[:, None]
    crossings = np.clip((-phases / up + taps / down) * cutoff, -_ZEROS, _ZEROS)
    kernels = np.sinc(crossings) * np.cos(np.pi * crossings / _ZEROS / 2) ** 2 * (cutoff / down)
    return kernels.astype(np.float32), reach


def restore_loudness(audio: Audio, rate: int, *, reference_lufs: float) -> Audio:
    """Give generated audio (C, N) the loudness of the loop it came from, without a limit on its peaks."""
    if not math.isfinite(reference_lufs):
        raise SettingError(f"reference_lufs must be finite, got {reference_lufs}")
    gain_db = reference_lufs - integrated_lufs(audio, rate)
    return np.asarray(audio * np.float32(10 ** (gain_db / 20)), dtype=np.float32)


def without_mask(codes: NDArray[np.int64], *, mask_token: int) -> NDArray[np.int64]:
    """Codes for the decoder: code 0 where a token is masked, which is a sound and no silence."""
    return np.where(codes == mask_token, np.int64(0), codes)
