"""Short-time Fourier transform as the default codec uses it: frame hops tile the signal exactly, no frame left over.

Frame f covers samples [f·hop - pad, f·hop - pad + window), pad = (window - hop) / 2, so F·hop samples give F frames,
each centred on its own hop. Two implementations of each direction give the same numbers: FFT for training, a matrix
product built from cosines for export (ONNX Runtime has no inverse STFT, and its constant folding computes the
cosines once at load, so that no table is stored in the graph).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

MAGNITUDE_POWER = 0.4
# Both keep a power of 0 finite, in the value or in its gradient; the second is the smaller, on companded numbers.
_FLOOR = 1e-7
_EXPANDED_FLOOR = 1e-12


def compand(spectrum: Tensor, power: float = MAGNITUDE_POWER) -> Tensor:
    """Raise the magnitude to `power`, keep the phase: (…, 2·bins) real parts first → same shape."""
    real, imag = spectrum.chunk(2, dim=-1)
    gain = (real * real + imag * imag + _FLOOR).pow((power - 1) / 2)
    return torch.cat((real * gain, imag * gain), dim=-1)


def expand(spectrum: Tensor, power: float = MAGNITUDE_POWER) -> Tensor:
    """Inverse of `compand`, but near its floor: a magnitude of 1e-3 comes out 7 % smaller, one of 1e-4 a sixth."""
    real, imag = spectrum.chunk(2, dim=-1)
    gain = (real * real + imag * imag + _EXPANDED_FLOOR).pow((1 / power - 1) / 2)
    return torch.cat((real * gain, imag * gain), dim=-1)


def stft(audio: Tensor, window: int, hop: int) -> Tensor:
    """(B, F·hop) → (B, F, 2·bins), real parts first, Hann window."""
    pad = (window - hop) // 2
    if torch.onnx.is_in_onnx_export():
        basis = _basis(window) * _hann(window)[None, :]  # (2·bins, window)
        return F.conv1d(F.pad(audio[:, None], (pad, pad)), basis[:, None], stride=hop).transpose(1, 2)
    frames = F.pad(audio, (pad, pad)).unfold(-1, window, hop) * _hann(window)
    spectrum = torch.fft.rfft(frames)
    return torch.cat((spectrum.real, spectrum.imag), dim=-1)


def inverse_stft(spectrum: Tensor, window: int, hop: int) -> Tensor:
    """(B, F, 2·bins) → (B, F·hop): windowed overlap-add, divided by the sum of squared windows."""
    pad = (window - hop) // 2
    n_frames = spectrum.shape[1]
    hann = _hann(window)
    if torch.onnx.is_in_onnx_export():
        bins = window // 2 + 1
        # Inverse real DFT: inner bins count twice (their conjugates), the imaginary sign is folded into the basis.
        twice = torch.cat((torch.ones(1), torch.full((bins - 2,), 2.0), torch.ones(1))) / window
        basis = _basis(window) * twice.repeat(2)[:, None] * hann[None, :]
        audio = F.conv_transpose1d(spectrum.transpose(1, 2), basis[:, None], stride=hop)[:, 0]
    else:
        real, imag = spectrum.chunk(2, dim=-1)
        frames = torch.fft.irfft(torch.complex(real, imag), n=window) * hann
        audio = F.fold(
            frames.transpose(1, 2), (1, (n_frames - 1) * hop + window), kernel_size=(1, window), stride=(1, hop)
        )[:, 0, 0]
    # With a Hann window and a hop of a quarter the squared windows sum to 1.5 everywhere but at the outer pad, where
    # frames beyond the ends are missing; the engine gives the codec context there and cuts it off again.
    return audio[:, pad : audio.shape[1] - pad] / (1.5 * (window / hop) / 4)


def _hann(window: int) -> Tensor:
    return 0.5 - 0.5 * torch.cos(torch.arange(window, dtype=torch.float32) * (2 * math.pi / window))


def _basis(window: int) -> Tensor:
    """Rows cos(2π·k·n/window), then -sin of the same, k = 0 … window/2: (2·bins, window)."""
    k = torch.arange(window // 2 + 1)[:, None]
    n = torch.arange(window)[None, :]
    # The product is reduced modulo the window in integers first: the angle stays below 2π and float32 is exact enough.
    angle = ((k * n) % window).float() * (2 * math.pi / window)
    return torch.cat((torch.cos(angle), -torch.sin(angle)))
