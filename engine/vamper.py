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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .audio import Audio, check_audio, resample_line, resample_ring, to_mono
from .bundle import Bundle
from .decoding import Codes, Job, fill, n_windows
from .dynamics import soft_clip
from .errors import AudioError, CancelledError
from .loudness import SILENCE_LUFS, integrated_lufs, normalise
from .masks import mask_or, time_stretch
from .onsets import onset_frames
from .prompt import Surroundings, build_mask
from .runtime import Runtime
from .settings import VampSettings
from .stereo import analyse
from .take import IsCancelled, Mask, OnProgress, Progress, Take, TakeReport, VampRequest

MIN_INPUT_S = 0.1
CLIPPED_SHARE = 0.001
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
        clock = _Clock(_Steps(on_progress, is_cancelled))
        with clock.stage("encode"):
            mono = self._fit(request)
            codes = self._runtime.codec.encode(mono, ring=settings.loop)
            around = self._surroundings(request, mono)
        clock.steps.expect(self._count_passes(codes.shape[1] * settings.stretch, settings))
        takes = [self._vary(codes, around, settings, (seed, index, clock)) for index in range(settings.variations)]
        with clock.stage("decode"):
            audio = np.stack([self._finish(drawn, request, lufs) for drawn, _ in takes])  # (V, C, N·stretch)
        mask = takes[0][1]
        report = TakeReport(
            take_id=_take_id(request, settings, self.bundle.fingerprint),
            seed=seed,
            settings=settings,
            bundle=self.bundle.manifest.name,
            bundle_sha256=self.bundle.fingerprint,
            lineage=request.lineage,
            n_frames=mask.shape[1],
            share_regenerated=float(mask.mean()),
            stage_s=clock.seconds,
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
            length = request.audio.shape[1] / request.sample_rate * manifest.sample_rate / manifest.hop
            fitted = resample_ring(mono, max(2, round(length)) * manifest.hop)
        else:
            line = resample_line(mono, request.sample_rate, rate_out=manifest.sample_rate)
            fitted = np.pad(line, ((0, 0), (0, -line.shape[1] % manifest.hop)))
        return normalise(fitted, manifest.sample_rate)[0][0]

    def _surroundings(self, request: VampRequest, mono: Audio) -> Surroundings:
        manifest, settings = self.bundle.manifest, request.settings
        onsets: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        if settings.onset_width > 0:
            onsets = onset_frames(
                mono[None], manifest.sample_rate, hop_samples=manifest.hop, ring=settings.loop
            )
        return Surroundings(
            frame_rate_hz=manifest.sample_rate / manifest.hop,
            ring=settings.loop,
            onset_frames=onsets * settings.stretch,
            drawn=request.drawn_mask,
        )

    def _count_passes(self, n_frames: int, settings: VampSettings) -> int:
        manifest = self.bundle.manifest
        coarse = n_windows(n_frames, manifest.coarse_context, ring=settings.loop) * settings.coarse_passes
        fine = n_windows(n_frames, manifest.fine_context, ring=settings.loop) * settings.fine_passes
        return settings.variations * settings.feedback * (coarse + fine)

    def _vary(
        self, codes: Codes, around: Surroundings, settings: VampSettings, which: tuple[int, int, _Clock]
    ) -> tuple[Codes, Mask]:
        """One variation: codes (K, T) → codes (K, T·stretch), and the mask of its first round."""
        seed, variation, clock = which
        codes, stretch_mask = time_stretch(codes, settings.stretch)
        first_mask = None
        for round_index in range(settings.feedback):
            # Every stage of every round of every variation draws from a branch of its own.
            branch = (seed, variation, round_index)
            rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*branch, _PROMPT))))
            mask = build_mask(settings, codes.shape, around, rng=rng, round_index=round_index)
            if round_index == 0:
                mask = mask_or(mask, stretch_mask)
                first_mask = mask
            plan = (_COARSE, "coarse", self._runtime.coarse, settings.coarse_passes)
            codes = self._draw(codes, mask, settings, (branch, plan, clock))
            plan = (_FINE, "fine", self._runtime.fine, settings.fine_passes)
            codes = self._draw(codes, mask, settings, (branch, plan, clock))
        return codes, mask if first_mask is None else first_mask

    @staticmethod
    def _draw(codes: Codes, mask: Mask, settings: VampSettings, how: tuple) -> Codes:  # type: ignore[type-arg]
        branch, (number, stage, model, n_passes), clock = how
        with clock.stage(stage):
            job = Job(n_passes, settings, settings.loop, (*branch, number), clock.steps.advance)
            return fill(model, codes, mask, job)

    def _finish(self, codes: Codes, request: VampRequest, lufs: float) -> Audio:
        """Codes (K, T) → audio (C, N·stretch) with the input's rate, length, image and loudness."""
        manifest, ring, stretch = self.bundle.manifest, request.settings.loop, request.settings.stretch
        mono = self._runtime.codec.decode(codes, ring=ring)[None]  # (1, T·hop)
        n_out = request.audio.shape[1] * stretch
        if ring:
            mono = resample_ring(mono, n_out)
        else:
            mono = resample_line(mono, manifest.sample_rate, rate_out=request.sample_rate)[:, :n_out]
            mono = np.pad(mono, ((0, 0), (0, n_out - mono.shape[1])))
        image = analyse(request.audio, request.sample_rate, ring=ring)
        return match(image.apply(mono[0], stretch=stretch), request, lufs)


def match(audio: Audio, request: VampRequest, lufs: float) -> Audio:
    """Audio (C, N) at the loudness of the input, its peaks bent below full scale unless the input's went over it."""
    for _ in range(3):
        # Bending peaks costs loudness; a second and a third look win it back.
        gain = 10 ** ((lufs - integrated_lufs(audio, request.sample_rate)) / 20)
        audio = np.asarray(audio * np.float32(min(gain, 1e3)), dtype=np.float32)
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
    peak = float(np.abs(request.audio).max())
    share = float((np.abs(request.audio) >= 0.999 * peak).mean())
    if share > CLIPPED_SHARE and peak > 0.5:
        return lufs, (f"The input is clipped: {share:.1%} of its samples stand at its peak. Record it at a lower level.",)
    return lufs, ()


def _take_id(request: VampRequest, settings: VampSettings, fingerprint: str) -> str:
    digest = hashlib.sha256(fingerprint.encode())
    digest.update(json.dumps([settings.to_dict(), request.sample_rate, request.lineage]).encode())
    digest.update(np.ascontiguousarray(request.audio).tobytes())
    if request.drawn_mask is not None:
        digest.update(repr(request.drawn_mask.shape).encode() + np.ascontiguousarray(request.drawn_mask).tobytes())
    return digest.hexdigest()[:12]


@dataclass
class _Steps:
    """Counts passes, reports progress and notices cancellation."""

    on_progress: OnProgress | None
    is_cancelled: IsCancelled | None
    stage: str = "encode"
    done: int = 0
    total: int = 1

    def expect(self, total: int) -> None:
        self.total = total + 2  # encoding and decoding count as one pass each

    def advance(self) -> None:
        self.done += 1
        self.report()

    def report(self) -> None:
        if self.is_cancelled is not None and self.is_cancelled():
            raise CancelledError("cancelled")
        if self.on_progress is not None:
            self.on_progress(Progress(self.stage, min(1.0, self.done / self.total)))


@dataclass
class _Clock:
    """Seconds per stage."""

    steps: _Steps
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        self.steps.stage = name
        self.steps.report()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
