"""One loop in, its variations out: the whole road of DESIGN on one bundle. No devices, no processes, no OSC here.

    audio (C, N) at any rate → mono, fitted to the ring (or resampled on the line), -24 LUFS
      → codes (K, T) → mask (K, T) → coarse passes → fine passes → codes
      → mono audio → exact length and rate of the input → stereo image → loudness of the input

**The loop is a ring.** It is fitted to a whole number of token frames by band-limited periodic resampling, at most half
a frame shorter or longer, encoded and decoded with wrapped surroundings, and fitted back to its exact length: the seam
is a place like any other, and nothing is faded.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .audio import Audio, check_audio, resample_line, resample_ring, to_mono
from .bundle import Bundle
from .decoding import Codes, Job, fill, n_windows
from .dynamics import soft_clip
from .errors import AudioError
from .loudness import SILENCE_LUFS, integrated_lufs, normalise
from .masks import mask_or, time_stretch
from .onsets import onset_frames
from .progress import PassCounter
from .prompt import Surroundings, build_mask
from .runtime import Runtime
from .seam import ease_seam
from .settings import VampSettings
from .stereo import StereoImage, analyse
from .take import IsCancelled, Mask, OnProgress, Take, TakeReport, VampRequest
from .units import frames_for_samples

MIN_INPUT_S = 0.1
CLIPPED_SHARE = 0.001
CLIPPED_PEAK = 0.98
MOST_CANCELLED_LU = 25.0
MOST_GAIN = 100.0
_COARSE, _FINE, _PROMPT = range(3)


class Vamper:
    """Varies loops with one bundle. One vamp at a time; the engine process owns one of these."""

    def __init__(self, bundle: Bundle, *, threads: int = 0) -> None:
        """Load the bundle's graphs. `threads` per operation, 0 = one per physical core.

        Raises:
            BundleError: A graph cannot be loaded.
        """
        self.bundle = bundle
        self._runtime = Runtime(bundle, threads=threads)

    def vamp(
        self, request: VampRequest, *, on_progress: OnProgress | None = None, is_cancelled: IsCancelled | None = None
    ) -> Take:
        """Vary one loop.

        Args:
            request: The loop and how to vary it.
            on_progress: Called after every pass, from the caller's thread.
            is_cancelled: Asked before every pass.

        Returns:
            The take; the same request with the same seed gives the same samples on the same machine.

        Raises:
            AudioError: Audio that cannot be used; says why.
            SettingError: A drawn mask of the wrong shape.
            CancelledError: `is_cancelled` said so.
        """
        lufs, warnings = _check(request)
        settings = request.settings
        seed = settings.seed if settings.seed is not None else secrets.randbelow(2**31)
        settings = settings.changed(seed=seed)
        counter = PassCounter(on_progress, is_cancelled)
        counter.expect(self._count_passes(request))
        with counter.stage("encode"):
            mono = self._fit(request)
            codes = self._runtime.codec.encode(mono, ring=settings.loop)
            around = self._surroundings(request, mono)
        counter.advance()
        variations = [
            _Variation(self._runtime, settings, around, counter, (seed, index)) for index in range(settings.variations)
        ]
        drawn = [variation.draw(codes) for variation in variations]
        with counter.stage("decode"):
            image = analyse(request.audio, request.sample_rate, ring=settings.loop)
            audio = np.stack([self._finish(tokens, request, image, lufs) for tokens, _ in drawn])  # (V, C, N·stretch)
        counter.advance()
        mask = drawn[0][1]
        report = TakeReport(
            take_id=_take_id(request, settings, self.bundle.fingerprint),
            seed=seed,
            settings=settings,
            bundle=self.bundle.manifest.name,
            bundle_sha256=self.bundle.fingerprint,
            lineage=request.lineage,
            n_frames=mask.shape[1],
            share_regenerated=float(mask.mean()),
            stage_s=counter.seconds,
            warnings=warnings,
        )
        return Take(audio, request.sample_rate, mask, report)

    def warm_up(self, loop_s: float = 4.0) -> None:
        """Run one vamp of quiet noise of that length, so that the first real one is as fast as the others."""
        n_samples = round(loop_s * self.bundle.manifest.sample_rate)
        noise = np.random.default_rng(0).standard_normal((1, n_samples)).astype(np.float32) * np.float32(0.05)
        settings = VampSettings(seed=0, coarse_passes=2)
        self.vamp(VampRequest(noise, self.bundle.manifest.sample_rate, settings))

    def _fit(self, request: VampRequest) -> Audio:
        """Mono audio (T·hop,) at the codec's rate and -24 LUFS."""
        manifest = self.bundle.manifest
        mono = to_mono(request.audio)
        if request.settings.loop:
            fitted = resample_ring(mono, self._n_frames(request) * manifest.hop)
        else:
            line = resample_line(mono, request.sample_rate, rate_out=manifest.sample_rate)
            fitted = np.pad(line, ((0, 0), (0, -line.shape[1] % manifest.hop)))
        mono_at_level: Audio = normalise(fitted, manifest.sample_rate)[0][0]
        return mono_at_level

    def _surroundings(self, request: VampRequest, mono: Audio) -> Surroundings:
        manifest, settings = self.bundle.manifest, request.settings
        onsets: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        if settings.onset_width > 0:
            onsets = onset_frames(mono[None], manifest.sample_rate, hop_samples=manifest.hop, ring=settings.loop)
        return Surroundings(
            sample_rate=manifest.sample_rate,
            hop_samples=manifest.hop,
            ring=settings.loop,
            onset_frames=onsets,
            drawn=request.drawn_mask,
        )

    def _n_frames(self, request: VampRequest) -> int:
        """Token frames of the loop, before any stretch."""
        manifest = self.bundle.manifest
        n_samples: int = -(-request.audio.shape[1] * manifest.sample_rate // request.sample_rate)
        if not request.settings.loop:
            return frames_for_samples(n_samples, manifest.hop)
        return max(2, round(n_samples / manifest.hop))

    def _count_passes(self, request: VampRequest) -> int:
        manifest, settings = self.bundle.manifest, request.settings
        n_frames = self._n_frames(request) * settings.stretch
        coarse = n_windows(n_frames, manifest.coarse_context, ring=settings.loop) * settings.coarse_passes
        fine = n_windows(n_frames, manifest.fine_context, ring=settings.loop) * settings.fine_passes
        return settings.variations * settings.feedback * (coarse + fine)

    def _finish(self, codes: Codes, request: VampRequest, image: StereoImage, lufs: float) -> Audio:
        """Codes (K, T) → audio (C, N·stretch) with the input's rate, length, image and loudness."""
        manifest, ring, stretch = self.bundle.manifest, request.settings.loop, request.settings.stretch
        mono = self._runtime.codec.decode(codes, ring=ring)[None]  # (1, T·hop)
        n_out = request.audio.shape[1] * stretch
        if ring:
            mono = resample_ring(mono, n_out)
        else:
            mono = resample_line(mono, manifest.sample_rate, rate_out=request.sample_rate)[:, :n_out]
            mono = np.pad(mono, ((0, 0), (0, n_out - mono.shape[1])))
        audio = _match(image.apply(mono[0], stretch=stretch), request, lufs)
        return ease_seam(audio, request.sample_rate) if ring else audio


@dataclass(frozen=True)
class _Variation:
    """The token part of one variation.

    Every stage of every feedback round draws from a branch of the seed of its own, so that variation 2 of three is the
    same as variation 2 of five.
    """

    runtime: Runtime
    settings: VampSettings
    around: Surroundings
    counter: PassCounter
    branch: tuple[int, int]

    def draw(self, codes: Codes) -> tuple[Codes, Mask]:
        """Codes (K, T) → codes (K, T·stretch), and what was drawn anew in any round."""
        stretch = self.settings.stretch
        # The prompts of the first round speak of the loop as it was played; the frames that stretching puts between
        # its own only repeat their neighbour and are drawn anew, whatever is kept.
        mask = np.repeat(self._mask(codes.shape, 0, self.around), stretch, axis=1)
        codes, repeated = time_stretch(codes, stretch)
        mask = drawn = mask_or(mask, repeated)
        longer = replace(self.around, onset_frames=self.around.onset_frames * stretch)
        for index in range(self.settings.feedback):
            if index > 0:
                mask = self._mask(codes.shape, index, longer)
                drawn = mask_or(drawn, mask)
            codes = self._fill("coarse", codes, mask, index)
            codes = self._fill("fine", codes, mask, index)
        return codes, drawn

    def _mask(self, shape: tuple[int, ...], index: int, around: Surroundings) -> Mask:
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*self.branch, index, _PROMPT))))
        return build_mask(self.settings, (shape[0], shape[1]), around, rng=rng, round_index=index)

    def _fill(self, stage: str, codes: Codes, mask: Mask, index: int) -> Codes:
        settings, coarse = self.settings, stage == "coarse"
        job = Job(
            n_passes=settings.coarse_passes if coarse else settings.fine_passes,
            settings=settings,
            ring=settings.loop,
            seed=(*self.branch, index, _COARSE if coarse else _FINE),
            after_pass=self.counter.advance,
        )
        with self.counter.stage(stage):
            return fill(self.runtime.coarse if coarse else self.runtime.fine, codes, mask, job)


def _match(audio: Audio, request: VampRequest, lufs: float) -> Audio:
    """Audio (C, N) at the loudness of the input, its peaks bent below full scale unless the input's went over it."""
    for _ in range(3):
        # Bending peaks costs loudness; a second and a third look win it back.
        gain = 10 ** ((lufs - integrated_lufs(audio, request.sample_rate)) / 20)
        audio = np.asarray(audio * np.float32(min(gain, MOST_GAIN)), dtype=np.float32)
        if np.abs(audio).max() <= 1.0 or np.abs(request.audio).max() > 1.0:
            break
        audio = soft_clip(audio)
    return audio


def _check(request: VampRequest) -> tuple[float, tuple[str, ...]]:
    """Loudness of a usable loop in LUFS, and what the user should know of it."""
    check_audio(request.audio, request.sample_rate)
    length_s = request.audio.shape[1] / request.sample_rate
    if length_s < MIN_INPUT_S:
        raise AudioError(
            f"audio is {request.audio.shape[1]} samples ({length_s * 1000:.3g} ms) long; "
            f"a loop must be at least {MIN_INPUT_S * 1000:g} ms"
        )
    lufs = integrated_lufs(request.audio, request.sample_rate)
    if lufs <= SILENCE_LUFS:
        raise AudioError(f"audio is silent (below {SILENCE_LUFS:g} LUFS): there is nothing to vary; check the input")
    below = lufs - integrated_lufs(to_mono(request.audio), request.sample_rate)
    if below > MOST_CANCELLED_LU:
        raise AudioError(
            f"the channels cancel each other: their mean is {below:.0f} LU softer than the loop; invert one of them"
        )
    share = _clipped_share(request.audio)
    if share > CLIPPED_SHARE:
        return lufs, (f"The input is clipped: {share:.1%} of its samples stand at full scale. Record it softer.",)
    return lufs, ()


def _clipped_share(audio: Audio) -> float:
    """Share of samples in the middle of three or more that stand at the peak, where the peak is full scale."""
    peak = float(np.abs(audio).max())
    if peak < CLIPPED_PEAK:
        return 0.0
    top = np.abs(audio) >= peak * 0.9999
    return float((top[:, :-2] & top[:, 1:-1] & top[:, 2:]).mean())


def _take_id(request: VampRequest, settings: VampSettings, fingerprint: str) -> str:
    digest = hashlib.sha256(fingerprint.encode())
    digest.update(json.dumps([settings.to_dict(), request.sample_rate, request.lineage]).encode())
    digest.update(np.ascontiguousarray(request.audio).tobytes())
    if request.drawn_mask is not None:
        digest.update(repr(request.drawn_mask.shape).encode() + np.ascontiguousarray(request.drawn_mask).tobytes())
    return digest.hexdigest()[:12]
