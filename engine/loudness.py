"""Integrated loudness and the gains made from it. Audio is float (C, N); no files, devices or models here.

ITU-R BS.1770-4 with 400 ms blocks, 75 % overlap and both gates, in float64. The last partial block is filled up with
zeros, as in the published VampNet's normaliser: pyloudnorm drops it and differs by up to 0.8 LU on short loops.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

SILENCE_LUFS = -70.0
"""The absolute gate of BS.1770 and the lowest loudness reported: silence."""
TARGET_LUFS = -24.0
"""Loudness the published models were trained at."""

_BLOCK_S = 0.4
_STEP_SHARE = 0.25
_GATE_LU = -10.0
_OFFSET_LU = -0.691
_SHORTEST_S = 0.5
# The high-pass rings longest: double pole at 38 Hz, e^(-2π · 38 · 0.1) = 4e-11.
_RING_S = 0.1


def integrated_lufs(audio: Audio, rate: int) -> float:
    """Integrated loudness, ITU-R BS.1770-4.

    Sound shorter than 0.5 s is measured as if silence followed it up to 0.5 s, as published. Every channel has weight
    1: no surround layout is guessed.

    Args:
        audio: (C, N) float.
        rate: sample rate in Hz.

    Returns:
        LUFS, at least -70 (silence).
    """
    n_block = int(_BLOCK_S * rate)
    n_step = int(_BLOCK_S * rate * _STEP_SHARE)
    n_samples = max(audio.shape[1], int(_SHORTEST_S * rate))
    n_blocks = -(-(n_samples - n_block) // n_step) + 1
    energy = np.zeros((n_blocks - 1) * n_step + n_block + 1)  # one leading zero for the running sum
    # The filters ring on into the silence that makes short sound 0.5 s long, but not into the last block's zeros.
    _add_k_weighted_power(audio, rate, power=energy[1 : n_samples + 1])
    np.cumsum(energy, out=energy)
    starts = np.arange(n_blocks) * n_step
    mean_square = (energy[starts + n_block] - energy[starts]) / (_BLOCK_S * rate)  # (blocks,)
    return _gated_lufs(mean_square)


def _gated_lufs(mean_square: NDArray[np.float64]) -> float:
    """Loudness of the blocks above -70 LUFS and above 10 LU below the mean of those."""
    loud = mean_square[mean_square > _power(SILENCE_LUFS)]
    if loud.size == 0:
        return SILENCE_LUFS
    gated = loud[loud > loud.mean() * 10 ** (_GATE_LU / 10)]
    return max(SILENCE_LUFS, _OFFSET_LU + 10 * math.log10(gated.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LU) / 10))


def _add_k_weighted_power(audio: Audio, rate: int, *, power: NDArray[np.float64]) -> None:
    """Add the squares of the K-weighted channels, and of what rings on after them, to `power`, at least N long.

    By overlap-save in short transforms: they stay in the cache and need no loop over samples.
    """
    n_tail = math.ceil(_RING_S * rate)
    n_fft = 1 << (2 * n_tail).bit_length()
    n_new = n_fft - n_tail
    response = _k_response(rate, n_fft)
    for channel in audio:
        padded = np.concatenate([np.zeros(n_tail), channel, np.zeros(power.size - channel.size)])
        for start in range(0, power.size, n_new):
            spectrum = np.fft.rfft(padded[start : start + n_fft], n=n_fft)
            spectrum *= response
            piece = power[start : start + n_new]
            filtered = np.fft.irfft(spectrum, n=n_fft)[n_tail : n_tail + piece.size]
            piece += filtered * filtered


@lru_cache(maxsize=16)
def _k_response(rate: int, n_fft: int) -> NDArray[np.complex128]:
    """Frequency response of the two K-weighting biquads at the bins of an n_fft transform, (n_fft / 2 + 1,).

    The high shelf and high-pass are the audio-EQ-cookbook designs of the published normaliser (shelf 4 dB, Q 1/√2,
    1500 Hz; high-pass Q 0.5, 38 Hz), which exist for every rate; BS.1770 prints coefficients for 48 kHz only. A 997 Hz
    tone reads within 0.1 LU of the standard from 16 kHz up, and 0.2 LU too low at 8 kHz.
    """
    z = np.exp(-2j * math.pi * np.arange(n_fft // 2 + 1) / n_fft)  # z^-1
    shelf = _evaluate(_high_shelf(rate, gain_db=4.0, q=1 / math.sqrt(2), corner_hz=1500.0), z)
    high_pass = _evaluate(_high_pass(rate, q=0.5, corner_hz=38.0), z)
    response: NDArray[np.complex128] = shelf * high_pass
    response.flags.writeable = False  # shared by every caller
    return response


_Biquad = tuple[tuple[float, float, float], tuple[float, float, float]]


def _evaluate(biquad: _Biquad, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
    (b0, b1, b2), (a0, a1, a2) = biquad
    return np.asarray((b0 + b1 * z + b2 * z * z) / (a0 + a1 * z + a2 * z * z), dtype=np.complex128)


def _high_shelf(rate: int, *, gain_db: float, q: float, corner_hz: float) -> _Biquad:
    a = 10 ** (gain_db / 40)
    w = 2 * math.pi * corner_hz / rate
    cos_w, root = math.cos(w), 2 * math.sqrt(a) * math.sin(w) / (2 * q)
    up, down = a + 1, a - 1
    numerator = (a * (up + down * cos_w + root), -2 * a * (down + up * cos_w), a * (up + down * cos_w - root))
    return numerator, (up - down * cos_w + root, 2 * (down - up * cos_w), up - down * cos_w - root)


def _high_pass(rate: int, *, q: float, corner_hz: float) -> _Biquad:
    w = 2 * math.pi * corner_hz / rate
    cos_w, alpha = math.cos(w), math.sin(w) / (2 * q)
    return ((1 + cos_w) / 2, -(1 + cos_w), (1 + cos_w) / 2), (1 + alpha, -2 * cos_w, 1 - alpha)


def gain_to_lufs_db(measured_lufs: float, target_lufs: float) -> float:
    """Gain in dB from one loudness to another; 0 for silence.

    DIFFERS: the published normaliser lifts silence by 46 dB, noise and all; here it stays as it is.
    """
    return 0.0 if measured_lufs <= SILENCE_LUFS else target_lufs - measured_lufs


def normalise(
    audio: Audio, rate: int, *, target_lufs: float = TARGET_LUFS, peak_limit: float = 1.0
) -> tuple[Audio, float]:
    """Bring audio to a loudness, then turn it down if its peak exceeds the limit.

    Args:
        audio: (C, N) float32; not changed.
        rate: sample rate in Hz.
        target_lufs: loudness to reach; the published models want -24.
        peak_limit: largest absolute sample allowed afterwards, above 0. It turns the whole down, it does not clip.

    Returns:
        The audio (C, N) float32 and the gain in dB that was applied, the peak limit included.
    """
    gain_db = gain_to_lufs_db(integrated_lufs(audio, rate), target_lufs)
    gain = 10 ** (gain_db / 20)
    peak = float(np.abs(audio).max(initial=0.0)) * gain
    if peak > peak_limit:
        gain *= peak_limit / peak
    return (audio * np.float32(gain)).astype(np.float32, copy=False), 20 * math.log10(gain)


def match_loudness(audio: Audio, rate: int, *, reference_lufs: float, peak_limit: float = 1.0) -> tuple[Audio, float]:
    """Give generated audio the loudness of the loop it came from.

    A silent reference (-70 LUFS) turns the audio down to silence; silent audio stays as it is.

    Args:
        audio: (C, N) float32; not changed.
        rate: sample rate in Hz.
        reference_lufs: what `integrated_lufs` said of the loop.
        peak_limit: as in `normalise`.

    Returns:
        The audio (C, N) float32 and the gain in dB that was applied.
    """
    return normalise(audio, rate, target_lufs=max(SILENCE_LUFS, reference_lufs), peak_limit=peak_limit)
