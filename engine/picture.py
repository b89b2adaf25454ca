"""Pictures of loops and their variations: a spectrogram each, and the mask below it. Needs the `plot` extra.

The only performing module that imports matplotlib, late; no windows, no global state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .audio import Audio
from .errors import MissingDependencyError
from .take import Mask

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.gridspec import SubplotSpec

HOW_TO_INSTALL = "pip install 'vampbridge[plot]'"
WINDOW_SAMPLES = 2048
HOP_SAMPLES = 512
N_BANDS = 160
FLOOR_DB = -80.0


@dataclass(frozen=True)
class Panel:
    """One row of a picture.

    Attributes:
        title: what it is.
        audio: (C, N) float32; its channels are mixed.
        sample_rate: in Hz.
        mask: (K, T) bool, True = drawn anew; None shows the spectrogram alone.
    """

    title: str
    audio: Audio
    sample_rate: int
    mask: Mask | None = None


def draw_panels(path: Path, panels: Sequence[Panel]) -> None:
    """Write a PNG with one row per panel.

    Raises:
        MissingDependencyError: matplotlib is not installed; says how to install it.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError(f"pictures need matplotlib: {HOW_TO_INSTALL}") from error
    heights = [ratio for panel in panels for ratio in ((3.0,) if panel.mask is None else (3.0, 1.0))]
    figure = Figure(figsize=(10, 0.65 * sum(heights) + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    row = 0
    for panel in panels:
        _draw_spectrogram(figure, grid[row, 0], panel)
        row += 1
        if panel.mask is not None:
            _draw_mask(figure, grid[row, 0], panel.mask)
            row += 1
    figure.savefig(path, dpi=110)


def spectrogram_db(audio: Audio, sample_rate: int) -> NDArray[np.float64]:
    """Loudness over time in bands of equal width in pitch, from 40 Hz to half the rate.

    A short-time Fourier transform (Hann, 2048 samples, hop 512), its power averaged within each band.

    Args:
        audio: (C, N) float32.
        sample_rate: in Hz.

    Returns:
        (160, frames) in dB relative to the loudest cell, in [-80, 0]; all -80 for silence.
    """
    mono = audio.mean(axis=0)
    padded = np.pad(mono, WINDOW_SAMPLES // 2 + 1)  # one sample and up give at least one window
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES]
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW_SAMPLES), axis=1)) ** 2  # (frames, bins)
    edges_hz = np.geomspace(40.0, sample_rate / 2, N_BANDS + 1)
    edges = np.clip(edges_hz / sample_rate * WINDOW_SAMPLES, 0, power.shape[1] - 1)
    first = np.minimum(edges[:-1].astype(int), power.shape[1] - 1)
    last = np.maximum(first + 1, np.ceil(edges[1:]).astype(int))
    cumulative = np.concatenate([np.zeros((power.shape[0], 1)), np.cumsum(power, axis=1)], axis=1)
    bands = (cumulative[:, last] - cumulative[:, first]) / (last - first)  # (frames, bands)
    peak = float(bands.max())
    if peak <= 0.0:
        return np.full(bands.T.shape, FLOOR_DB)
    return np.asarray(10 * np.log10(np.maximum(bands.T / peak, 10 ** (FLOOR_DB / 10))))


def _draw_spectrogram(figure: Figure, cell: SubplotSpec, panel: Panel) -> None:
    axes = figure.add_subplot(cell)
    length_s = panel.audio.shape[1] / panel.sample_rate
    octaves = np.log2(panel.sample_rate / 2 / 40.0)
    image = spectrogram_db(panel.audio, panel.sample_rate)
    axes.imshow(image, origin="lower", aspect="auto", extent=(0, length_s, 0, octaves), vmin=FLOOR_DB, vmax=0)
    ticks_hz = [hz for hz in (100, 1000, 10000) if hz < panel.sample_rate / 2]
    axes.set_yticks([float(np.log2(hz / 40.0)) for hz in ticks_hz], [f"{hz} Hz" for hz in ticks_hz])
    axes.set_title(panel.title, loc="left", fontsize=10)
    axes.set_xlabel("s", fontsize=8)


def _draw_mask(figure: Figure, cell: SubplotSpec, mask: Mask) -> None:
    """Dark = kept of the loop, bright = drawn anew; the coarsest codebook is the lowest row."""
    axes = figure.add_subplot(cell)
    axes.imshow(mask, origin="lower", aspect="auto", interpolation="nearest", cmap="cividis", vmin=0, vmax=1)
    axes.set_ylabel("codebook", fontsize=8)
    axes.set_xticks([])
