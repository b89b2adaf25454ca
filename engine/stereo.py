"""The stereo image of a loop, measured on the way in and given to the vamped mono sound on the way out.

The model is mono, the musician's loop often is not. Parametric stereo (Breebaart, van de Par, Kohlrausch and Schuijers
2005, "Parametric coding of stereo audio", EURASIP JASP 9; MPEG-4 Parametric Stereo): in bands about two ERB wide and
frames of about 20 ms, how much of every channel's difference D = X - M from the mean M of the channels is foreseen by M
(panning), and how much is not (width):

    prediction a = <D, M> / <M, M>        residual b² = <D, D> / <M, M> - a²

Channel c of mono sound Y is then Y + a·Y + b·decorrelated(Y), the added parts summing to zero over the channels: the
mean of the channels is Y itself, and a loop with equal channels stays so. No models, rates or files here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .audio import MAX_CHANNELS
from .errors import AudioError

Audio = NDArray[np.float32]
Parameters = NDArray[np.float32]
Energies = NDArray[np.float64]
Spectra = NDArray[np.complex64]

N_BANDS = 24
WINDOW_S = 0.043
"""Nominal window: 2,048 samples at 44.1 and 48 kHz; always a power of two, with half of it as hop."""

_MAX_RESIDUAL = 2.0  # where the channels cancel in M, width is held at +6 dB instead of growing without bound
_SMOOTHING = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16  # of the energies, over frames
# What is silent in the loop may sound in the vamp. It is given the image of its band at other times, and where the band
# is empty too, that of all bands: these shares of their means are added to the energies, -30 dB and -80 dB.
_BAND_SHARE, _WHOLE_SHARE = 1e-3, 1e-8
_TINY = 1e-30
_EQUAL = 1e-6  # what is below this is rounding: -60 dB as energy, -120 dB as prediction
_CHUNK = 64  # frames at once: they fit in the cache (three times as fast as 256), and ten minutes in memory
_SEGMENT_HZ, _TRANSITION_HZ = 600.0, 100.0  # of the decorrelator: a half turn over 100 Hz is a delay of 5 ms
_SEED = 2005


@dataclass(frozen=True)
class StereoImage:
    """Where the parts of a loop stand between its channels.

    Attributes:
        prediction: (C, F, B) float32, share of the mono sound that is added to each channel; 0 over C on average.
        residual: (C, F, B) float32, level of decorrelated sound that is added to each channel, 0 … 2.
        n_samples: length of the loop, N.
        rate: its sample rate in Hz.
        ring: whether its end meets its start.
    """

    prediction: Parameters
    residual: Parameters
    n_samples: int
    rate: int
    ring: bool

    def apply(self, mono: Audio, *, stretch: int = 1) -> Audio:
        """Spread mono sound over the channels.

        Args:
            mono: (N·stretch,) float32 at the loop's rate.
            stretch: how many times longer than the loop it is; the image moves as much more slowly.

        Returns:
            (C, N·stretch) float32 whose mean over the channels is `mono`.

        Raises:
            AudioError: mono sound of another length.
        """
        n_channels = self.prediction.shape[0]
        if stretch < 1 or mono.shape != (self.n_samples * stretch,):
            raise AudioError(
                f"mono audio must have the shape ({self.n_samples * stretch},), {stretch} times the loop, "
                f"got {mono.shape}"
            )
        audio = np.repeat(mono.astype(np.float32)[None], n_channels, axis=0)  # (C, N)
        if n_channels > 1 and (self.prediction.any() or self.residual.any()):
            audio += self._added(mono, stretch)
        return audio

    def _added(self, mono: Audio, stretch: int) -> Audio:
        """What is added to each channel, (C, N); it sums to zero over C."""
        n_channels = self.prediction.shape[0]
        framing = _Framing.of(mono.size, self.rate, ring=self.ring, n_frames=self.prediction.shape[1] * stretch)
        tents = _tents(framing.window, self.rate)  # (B, bins)
        turns = _decorrelators(framing.window, self.rate, n_channels)  # (C, bins)
        padded = framing.padded(mono.astype(np.float32, copy=False))
        overlap = np.zeros((n_channels - 1, framing.n_buffer), dtype=np.float32)
        for frames in framing.chunks():
            spectra = framing.spectra(padded, frames)  # (f, bins)
            panned = self._at(self.prediction, frames, stretch)[:-1] @ tents  # (C - 1, f, bins)
            widths = self._at(self.residual, frames, stretch) @ tents  # (C, f, bins)
            # What the channels' decorrelated parts have in common. Two channels have none: the parts are opposite.
            common = (widths * turns[:, None]).mean(axis=0) if n_channels > 2 else np.complex64(0)
            # The last channel gets what the others leave: exact, and one transform less.
            for channel in range(n_channels - 1):
                gains = widths[channel] * turns[channel]
                gains += panned[channel] - common
                gains *= spectra
                framing.overlap_add(gains, frames, into=overlap[channel])
        added = framing.fold(overlap)
        return np.concatenate([added, -added.sum(axis=0, keepdims=True)])

    def _at(self, parameters: Parameters, frames: NDArray[np.int64], stretch: int) -> Parameters:
        """Parameters at frames of the stretched sound, interpolated: (C, f, B)."""
        if stretch == 1:
            return parameters[:, np.minimum(frames, parameters.shape[1] - 1)]
        n_frames = parameters.shape[1]
        position = frames / stretch
        low = np.floor(position).astype(np.int64)
        share = (position - low).astype(np.float32)[None, :, None]
        before, after = (
            parameters[:, at % n_frames if self.ring else np.minimum(at, n_frames - 1)] for at in (low, low + 1)
        )
        return np.asarray(before * (1 - share) + after * share)


def analyse(audio: Audio, rate: int, *, ring: bool) -> StereoImage:
    """Measure the image of a loop.

    Args:
        audio: (C, N) float32, 1 to 8 channels, at least 1 sample.
        rate: sample rate in Hz.
        ring: True wraps the frames round the loop's seam; False surrounds it with silence.

    Returns:
        The image; of one channel, or of equal channels, it adds nothing.

    Raises:
        AudioError: another shape.
    """
    if audio.ndim != 2 or not 1 <= audio.shape[0] <= MAX_CHANNELS or audio.shape[1] < 1:
        raise AudioError(f"audio must have the shape (C, N) with C in [1, {MAX_CHANNELS}] and N ≥ 1, got {audio.shape}")
    n_channels, n_samples = audio.shape
    framing = _Framing.of(n_samples, rate, ring=ring)
    shape = (n_channels, framing.n_frames, N_BANDS)
    if n_channels == 1:
        nothing = np.zeros(shape, dtype=np.float32)
        return StereoImage(nothing, nothing, n_samples, rate, ring)
    common, crossed, sides = _energies(audio, rate, framing)
    common = _settled(common, ring=ring) + _TINY
    limit = n_channels - 1  # the prediction of a channel that holds everything
    prediction = np.clip(_settled(crossed, ring=ring) / common, -limit, limit)
    squared = _settled(sides, ring=ring) / common - prediction**2
    residual = np.sqrt(np.where(squared > _EQUAL, squared, 0.0))
    prediction -= prediction.mean(axis=0)
    return StereoImage(
        np.where(np.abs(prediction) > _EQUAL, prediction, 0.0).astype(np.float32),
        np.minimum(residual, _MAX_RESIDUAL).astype(np.float32),
        n_samples,
        rate,
        ring,
    )


def _energies(audio: Audio, rate: int, framing: _Framing) -> tuple[Energies, Energies, Energies]:
    """<M, M> (1, F, B), <D, M> (C, F, B) and <D, D> (C, F, B), per frame and band."""
    n_channels = audio.shape[0]
    # A product of two spectra as pairs of floats, real and imaginary, then this matrix: their inner product per band.
    tents = np.repeat(_tents(framing.window, rate), 2, axis=1).T  # (2·bins, B)
    mean = audio.mean(axis=0, dtype=np.float32)
    padded = [framing.padded(mean), *(framing.padded(channel - mean) for channel in audio[:-1])]
    common = np.zeros((1, framing.n_frames, N_BANDS))
    crossed, sides = np.zeros((2, n_channels, framing.n_frames, N_BANDS))
    for frames in framing.chunks():
        middle, *differences = (framing.spectra(part, frames).view(np.float32) for part in padded)  # (f, 2·bins)
        common[0, frames] = (middle * middle) @ tents
        if n_channels > 2:  # all differences sum to zero
            differences.append(-sum(differences[1:], differences[0]))
        for channel, side in enumerate(differences):
            crossed[channel, frames] = (side * middle) @ tents
            sides[channel, frames] = (side * side) @ tents
    if n_channels == 2:
        crossed[1], sides[1] = -crossed[0], sides[0]
    return common, crossed, sides


def _settled(energies: Energies, *, ring: bool) -> Energies:
    """Energies (C, F, B) smoothed over frames, with the fallbacks added."""
    reach = _SMOOTHING.size // 2
    n_frames = energies.shape[1]
    index = np.arange(-reach, n_frames + reach)
    padded = energies[:, index % n_frames] if ring else np.pad(energies, ((0, 0), (reach, reach), (0, 0)))
    smooth = sum(weight * padded[:, lag : lag + n_frames] for lag, weight in enumerate(_SMOOTHING))
    fallback = _BAND_SHARE * energies.mean(axis=1, keepdims=True)
    return np.asarray(smooth + fallback + _WHOLE_SHARE * energies.mean(axis=(1, 2), keepdims=True))


@dataclass(frozen=True)
class _Framing:
    """Overlapping frames of a sound, centred on instants that divide a ring evenly, or lie a hop apart on a line.

    The hop of a ring is at most half a window and may change by one sample from frame to frame, so that a loop of any
    length closes. The windows' squares are divided out: what is not changed comes back as it was.
    """

    n_samples: int
    window: int
    ring: bool
    n_frames: int

    @classmethod
    def of(cls, n_samples: int, rate: int, *, ring: bool, n_frames: int = 0) -> _Framing:
        """Framing of a sound; `n_frames` sets the number of frames of a ring, 0 the least that it needs."""
        window = 1 << max(4, round(np.log2(WINDOW_S * rate)))
        needed = -(-n_samples // (window // 2))
        return cls(n_samples, window, ring, max(n_frames, needed) if ring else needed + 1)

    @property
    def n_buffer(self) -> int:
        """Samples that the frames cover, half a window before the sound and some after it."""
        return self._start(self.n_frames - 1) + self.window

    def chunks(self) -> Iterator[NDArray[np.int64]]:
        """Indices of all frames, a bounded number at once."""
        for first in range(0, self.n_frames, _CHUNK):
            yield np.arange(first, min(first + _CHUNK, self.n_frames))

    def padded(self, audio: Audio) -> Audio:
        """A channel (N,) with what surrounds it, (n_buffer,): itself on a ring, silence on a line."""
        lead = self.window // 2
        around = (lead, self.n_buffer - lead - self.n_samples)
        return np.pad(audio, around, mode="wrap") if self.ring else np.pad(audio, around)

    def spectra(self, padded: Audio, frames: NDArray[np.int64]) -> Spectra:
        """Windowed spectra at some frames of a padded channel: (f, bins)."""
        shape = _sine(self.window)
        windowed = np.empty((frames.size, self.window), dtype=np.float32)
        for row, frame in zip(windowed, frames.tolist(), strict=True):
            start = self._start(frame)
            np.multiply(padded[start : start + self.window], shape, out=row)
        return np.asarray(np.fft.rfft(windowed, axis=1), dtype=np.complex64)

    def overlap_add(self, spectra: Spectra, frames: NDArray[np.int64], *, into: Audio) -> None:
        """Add frames back at their places in a buffer (n_buffer,)."""
        windowed = np.fft.irfft(spectra, n=self.window, axis=1).astype(np.float32, copy=False)
        windowed *= _sine(self.window)
        for row, frame in zip(windowed, frames.tolist(), strict=True):
            start = self._start(frame)
            into[start : start + self.window] += row

    def fold(self, overlap: Audio) -> Audio:
        """Buffers (C, n_buffer) as channels (C, N): overhang wrapped round a ring, or cut off a line."""
        squares = np.zeros(self.n_buffer, dtype=np.float32)
        square = _sine(self.window) ** 2
        for frame in range(self.n_frames):
            start = self._start(frame)
            squares[start : start + self.window] += square
        both = np.concatenate([overlap, squares[None]])
        lead = self.window // 2
        if not self.ring:
            both = both[:, lead : lead + self.n_samples]
            return np.asarray(both[:-1] / both[-1])
        ring = np.zeros((both.shape[0], self.n_samples), dtype=np.float32)
        for first in range(0, self.n_buffer, self.n_samples):
            piece = both[:, first : first + self.n_samples]
            ring[:, : piece.shape[1]] += piece
        return np.roll(ring[:-1] / ring[-1], -lead, axis=1)

    def _start(self, frame: int) -> int:
        """First sample of a frame in the buffer, which begins half a window before the sound."""
        return frame * self.n_samples // self.n_frames if self.ring else frame * (self.window // 2)


@lru_cache(maxsize=8)
def _sine(window: int) -> Audio:
    """Sine window; its squares at half overlap sum to 1."""
    return np.asarray(np.sin(np.pi * (np.arange(window) + 0.5) / window), dtype=np.float32)


@lru_cache(maxsize=8)
def _tents(window: int, rate: int) -> Parameters:
    """Triangular bands evenly spaced in ERB rate (Glasberg and Moore 1990): (B, bins), summing to 1 in every bin.

    Used to measure and, transposed, to interpolate the parameters over frequency without steps.
    """
    hz = np.linspace(0.0, rate / 2, window // 2 + 1)
    erb_rate = 21.4 * np.log10(1 + 0.00437 * hz)
    centres = np.linspace(0.0, erb_rate[-1], N_BANDS)
    spacing = centres[1] - centres[0]
    return np.asarray(np.maximum(0.0, 1 - np.abs(erb_rate - centres[:, None]) / spacing), dtype=np.float32)


@lru_cache(maxsize=16)
def _decorrelators(window: int, rate: int, n_channels: int) -> Spectra:
    """All-pass responses, one per channel: (C, bins).

    Each turns the phase by ±90°, so that what it adds is uncorrelated with the sound itself at every frequency and
    leaves the channels' levels alone, and changes sign at random between segments of 600 Hz, so that channels are
    uncorrelated with each other. Channels 2j and 2j + 1 are opposite: the sum of the added parts is nearly zero before
    it is made so. The phase moves smoothly through every change; that is a delay of 5 ms at most, well inside a window.
    """
    rng = np.random.Generator(np.random.PCG64(_SEED))
    hz = np.linspace(0.0, rate / 2, window // 2 + 1)
    n_segments = int(hz[-1] // _SEGMENT_HZ) + 2
    segment = (hz // _SEGMENT_HZ).astype(np.int64)
    # 0 in a segment, rising to 1 over its last 100 Hz, where the next one begins.
    share = np.clip(1 - ((segment + 1) * _SEGMENT_HZ - hz) / _TRANSITION_HZ, 0.0, 1.0)
    responses = np.zeros((n_channels, hz.size), dtype=np.complex64)
    for channel in range(0, n_channels, 2):
        # Half turns that only ever add up to more delay, never less: nothing is heard before its time.
        turns = np.concatenate([[0], np.cumsum(rng.integers(0, 2, n_segments - 1))])
        phase = np.pi * (0.5 + turns[segment] + share * (turns[segment + 1] - turns[segment]))
        responses[channel] = np.exp(-1j * phase)
        responses[channel + 1 : channel + 2] = -responses[channel]
    return responses
