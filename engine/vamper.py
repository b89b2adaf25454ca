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
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .audio import Audio, resample_line, resample_ring, to_mono
from .bundle import Bundle
from .compat.vamp import PublishedVamp
from .decoding import Codes, n_windows
from .devices import DEFAULT_DEVICE
from .dynamics import ceiling_for, soft_clip
from .loudness import integrated_lufs, normalise
from .onsets import onset_frames
from .progress import PassCounter
from .prompt import Surroundings, idle_notes
from .runtime import Runtime
from .seam import ease_seam
from .settings import VampSettings
from .stereo import StereoImage, analyse
from .take import IsCancelled, Mask, OnProgress, Take, TakeReport, VampRequest
from .units import frames_for_samples
from .usable import check_request, nothing_new
from .variation import COARSE, FINE, STAGE_NAMES, Variation

LEAST_ANEW = 0.01  # a smaller share of new tokens is worth a warning
MOST_GAIN = 100.0

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Each(Protocol):
    """Calls a function with each item and returns the results in order."""

    def __call__(self, call: Callable[[_Item], _Result], items: Sequence[_Item], /) -> list[_Result]: ...


class Vamper:
    """Varies loops with one bundle. One vamp at a time; the engine process owns one of these."""

    def __init__(self, bundle: Bundle, *, threads: int = 0, device: str = DEFAULT_DEVICE) -> None:
        """Load the bundle's graphs. `threads` per operation, 0 = one per physical core; `device` of `devices.DEVICES`.

        Raises:
            BundleError: A graph cannot be loaded.
            MissingDependencyError: `cuda` was asked for and does not work.
        """
        self.bundle = bundle
        self._runtime = Runtime(bundle, threads=threads, device=device)

    @property
    def device(self) -> str:
        """Where the graphs run, `cpu` or `cuda`."""
        return self._runtime.device.name

    def vamp(
        self, request: VampRequest, *, on_progress: OnProgress | None = None, is_cancelled: IsCancelled | None = None
    ) -> Take:
        """Vary one loop.

        Args:
            request: The loop and how to vary it.
            on_progress: Called after every pass, from one thread at a time; with several variations not always the
                caller's.
            is_cancelled: Asked before every pass, likewise.

        Returns:
            The take; the same request with the same seed gives the same samples on the same machine.

        Raises:
            AudioError: Audio that cannot be used; says why.
            SettingError: A drawn mask of the wrong shape.
            CancelledError: `is_cancelled` said so.
        """
        lufs, warnings = check_request(request)
        settings = request.settings
        # DIFFERS: the public code draws a seed and never says which; here the take tells the seed it was made with.
        seed = settings.seed if settings.seed is not None else secrets.randbelow(2**31)
        settings = settings.changed(seed=seed)
        counter = PassCounter(on_progress, is_cancelled)
        if settings.compat:
            published, mask = PublishedVamp(self._runtime, self.bundle.manifest).run(request, settings, counter)
            audio = np.stack([self._cut(mono, request) for mono in published]).repeat(len(request.audio), axis=1)
            report = self._report(request, settings, mask, counter=counter, warnings=warnings)
            return Take(audio, request.sample_rate, mask, report)
        counter.expect(self._count_passes(request))
        with counter.stage("encode"):
            mono = self._fit(request)
            codes = self._runtime.codec.encode(mono, ring=settings.loop)
            around = self._surroundings(request, mono)
        warnings += idle_notes(settings, around, codes.shape[1])
        counter.advance()
        variations = [
            Variation(self._runtime, settings, around, counter, (seed, index), codes)
            for index in range(settings.variations)
        ]
        with self._each(settings.variations) as each:
            for index in range(settings.feedback):
                for stage in (COARSE, FINE):
                    with counter.stage(STAGE_NAMES[stage]):
                        each(lambda variation: variation.fill(stage, index), variations)  # noqa: B023 - called at once
            with counter.stage("decode"):
                image = analyse(request.audio, request.sample_rate, ring=settings.loop)
                takes = each(lambda variation: self._finish(variation.codes, request, image, lufs), variations)
        audio = np.stack(takes)  # (V, C, N·stretch)
        counter.advance()
        mask = variations[0].drawn
        report = self._report(request, settings, mask, counter=counter, warnings=warnings)
        return Take(audio, request.sample_rate, mask, report)

    def _report(
        self,
        request: VampRequest,
        settings: VampSettings,
        mask: Mask,
        *,
        counter: PassCounter,
        warnings: tuple[str, ...],
    ) -> TakeReport:
        share = float(mask.mean())
        if share < LEAST_ANEW:
            warnings = (*warnings, nothing_new(request, share))
        return TakeReport(
            take_id=_take_id(request, settings, self.bundle.fingerprint),
            seed=settings.seed or 0,
            settings=settings,
            bundle=self.bundle.manifest.name,
            bundle_sha256=self.bundle.fingerprint,
            lineage=request.lineage,
            n_frames=mask.shape[1],
            share_regenerated=share,
            stage_s=counter.seconds,
            warnings=warnings,
            device=self.device,
        )

    def warm_up(self, loop_s: float = 4.0) -> None:
        """Run one vamp of quiet noise of that length, so that the first real one is as fast as the others."""
        self._runtime.warm_up()
        n_samples = round(loop_s * self.bundle.manifest.sample_rate)
        noise = np.random.default_rng(0).standard_normal((1, n_samples)).astype(np.float32) * np.float32(0.05)
        settings = VampSettings(seed=0, coarse_passes=2)
        self.vamp(VampRequest(noise, self.bundle.manifest.sample_rate, settings))

    @contextmanager
    def _each(self, n_variations: int) -> Iterator[_Each]:
        """While open, a `map` over variations, in threads where the device takes several passes at once.

        Two passes side by side fill two cores better than one pass split over both.
        """
        runtime = self._runtime
        n_threads = min(n_variations, os.cpu_count() or 1) if runtime.coarse.reentrant and runtime.fine.reentrant else 1
        if n_threads == 1:
            yield lambda call, items: [call(item) for item in items]
            return
        with ThreadPoolExecutor(n_threads, thread_name_prefix="vampbridge-variation") as pool:
            yield lambda call, items: list(pool.map(call, items))

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
        """Codes (K, T) → audio (C, N·stretch) with the input's rate, length, image and loudness.

        DIFFERS: the public code leaves the sound in mono and up to a token frame longer than the input, so that a loop
        falls out of time; and it decodes tokens that are still masked as code 0, where here none is left.
        """
        ring, stretch = request.settings.loop, request.settings.stretch
        mono = self._runtime.codec.decode(codes, ring=ring)[None]  # (1, T·hop)
        mono = resample_ring(mono, request.audio.shape[1] * stretch) if ring else self._cut(mono, request)
        audio = _match(image.apply(mono[0], stretch=stretch), request, lufs)
        if not ring:
            return audio
        ceiling = ceiling_for(request.audio)  # bending the seam may lift a peak that stood just below it
        return np.clip(ease_seam(audio, request.sample_rate), -ceiling, ceiling)

    def _cut(self, mono: Audio, request: VampRequest) -> Audio:
        """Mono audio (1, T·hop) on the line at the rate and length of the input, (1, N·stretch)."""
        n_out = request.audio.shape[1] * request.settings.stretch
        line = resample_line(mono, self.bundle.manifest.sample_rate, rate_out=request.sample_rate)[:, :n_out]
        return np.pad(line, ((0, 0), (0, n_out - line.shape[1])))


def _match(audio: Audio, request: VampRequest, lufs: float) -> Audio:
    """Audio (C, N) at the loudness of the input, its peaks bent below the ceiling that the input sets."""
    ceiling = ceiling_for(request.audio)
    for _ in range(3):
        # Bending peaks costs loudness; a second and a third look win it back.
        gain = 10 ** ((lufs - integrated_lufs(audio, request.sample_rate)) / 20)
        audio = np.asarray(audio * np.float32(min(gain, MOST_GAIN)), dtype=np.float32)
        if np.abs(audio).max() <= ceiling:
            break
        audio = soft_clip(audio, ceiling=ceiling)
    return audio


def _take_id(request: VampRequest, settings: VampSettings, fingerprint: str) -> str:
    digest = hashlib.sha256(fingerprint.encode())
    digest.update(json.dumps([settings.to_dict(), request.sample_rate, request.lineage]).encode())
    digest.update(np.ascontiguousarray(request.audio).tobytes())
    if request.drawn_mask is not None:
        digest.update(repr(request.drawn_mask.shape).encode() + np.ascontiguousarray(request.drawn_mask).tobytes())
    return digest.hexdigest()[:12]
