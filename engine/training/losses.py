"""What the codec is trained to minimise: companded complex spectra for pitch and phase, log-mel spectra for timbre."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import torch
from torch import Tensor, nn

COMPLEX_WINDOWS = (512, 1024, 2048, 4096)
MEL_WINDOWS = (32, 64, 128, 256, 512, 1024, 2048)
MEL_BANDS = (5, 10, 20, 40, 80, 160, 320)
MEL_CLAMP = 1e-5
# Weighs the mean over bins, most of which are nearly empty. At 3 the mel loss drowns it and the network learns
# envelopes without any phase (docs/log.md); at 100 the waveform follows within a hundred steps.
COMPLEX_WEIGHT = 100.0


class ReconstructionLoss(nn.Module):
    """Distance between a reconstruction and its original, both (B, N) at `sample_rate` Hz."""

    def __init__(self, sample_rate: int, mel_weight: float) -> None:
        super().__init__()
        self.mel_weight = mel_weight
        for window, bands in zip(MEL_WINDOWS, MEL_BANDS, strict=True):
            self.register_buffer(f"mel_{window}", mel_filters(sample_rate, window, bands), persistent=False)
        for window in sorted({*COMPLEX_WINDOWS, *MEL_WINDOWS}):
            self.register_buffer(f"hann_{window}", torch.hann_window(window), persistent=False)

    def forward(self, estimate: Tensor, target: Tensor, draw: Random) -> tuple[Tensor, dict[str, float]]:
        """Weighted sum, and its parts for the log.

        Each call draws two of the four complex windows and three of the seven mel windows: the same loss on average,
        for less than half of the work, which on a CPU would otherwise exceed that of the network.
        """
        complex_windows, mel_windows = draw.sample(COMPLEX_WINDOWS, 2), draw.sample(MEL_WINDOWS, 3)
        complex_part, mel_part = estimate.new_zeros(()), estimate.new_zeros(())
        for window in {*complex_windows, *mel_windows}:
            ours = self._spectrum(estimate, window)
            with torch.no_grad():
                theirs = self._spectrum(target, window)
            power = ours.square().sum(-1)
            with torch.no_grad():
                target_power = theirs.square().sum(-1)
            if window in complex_windows:
                with torch.no_grad():
                    aim = _compand(theirs, target_power, window)
                complex_part = complex_part + (_compand(ours, power, window) - aim).abs().mean()
            if window in mel_windows:
                filters = self.get_buffer(f"mel_{window}")
                with torch.no_grad():
                    aim = _log_mel(target_power, filters)
                mel_part = mel_part + (_log_mel(power, filters) - aim).abs().mean()
        complex_part, mel_part = complex_part / len(complex_windows), mel_part / len(mel_windows)
        total = COMPLEX_WEIGHT * complex_part + self.mel_weight * mel_part
        return total, {"complex": float(complex_part.detach()), "log_mel": float(mel_part.detach())}

    def _spectrum(self, audio: Tensor, window: int) -> Tensor:
        hann = self.get_buffer(f"hann_{window}")
        spectrum = torch.stft(audio, window, window // 4, window=hann, pad_mode="constant", return_complex=True)
        return torch.view_as_real(spectrum)  # (B, bins, frames, 2)


def _compand(spectrum: Tensor, power: Tensor, window: int) -> Tensor:
    """Magnitude to its square root (cheap with sqrt alone), scaled so that a sine weighs the same in every window."""
    scale = (4.0 / window) ** 0.5
    return spectrum * ((power + 1e-7 * window * window / 16).rsqrt().sqrt() * scale)[..., None]


def _log_mel(power: Tensor, filters: Tensor) -> Tensor:
    return (filters @ (power + 1e-12).sqrt()).clamp_min(MEL_CLAMP).log10()


def mel_filters(sample_rate: int, window: int, bands: int) -> Tensor:
    """Triangular mel filters with unit area (Slaney's scale and norm), (bands, window/2 + 1)."""
    edges = _mel_to_hz(np.linspace(0.0, _hz_to_mel(sample_rate / 2), bands + 2))
    bins = np.linspace(0.0, sample_rate / 2, window // 2 + 1)
    rising = (bins[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins[None]) / np.diff(edges)[1:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(weights.astype(np.float32))


def _hz_to_mel(frequency_hz: float) -> float:
    """Slaney's auditory toolbox: linear below 1 kHz, logarithmic above."""
    if frequency_hz < 1000.0:
        return frequency_hz * 3 / 200
    return 15.0 + 27.0 * math.log(frequency_hz / 1000.0) / math.log(6.4)


def _mel_to_hz(mel: np.ndarray) -> np.ndarray:
    return np.where(mel < 15.0, mel * 200 / 3, 1000.0 * np.exp((mel - 15.0) * math.log(6.4) / 27.0))
