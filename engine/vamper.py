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
import itertools
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .audio import Audio, resample_line, resample_ring, to_mono
from .beats import find_beats
from .bundle import Bundle
from .compat.differences import notes as published_notes
from .compat.vamp import PublishedVamp
from .deadlines.costs import CostModel, stage_name
from .deadlines.estimate import estimate_work, sound_of, token_frames
from .deadlines.measure import LENGTHS_S, measure_costs
from .deadlines.pacer import DeadlinePacer, Hearers, Pacer, Replay, Watch, start_watch
from .deadlines.passes import Passes
from .deadlines.plan import Terms
from .deadlines.work import COARSE, FINE, ModelFacts
from .decoding import Codes
from .devices import DEFAULT_DEVICE
from .dynamics import ceiling_for, soft_clip
from .errors import SettingError
from .loudness import integrated_lufs, normalise
from .onsets import onset_frames
from .progress import PassCounter
from .prompt import Surroundings, idle_notes
from .runtime import Runtime
from .seam import ease_seam, fade_ends
from .stereo import StereoImage, analyse
from .take import IsCancelled, Mask, OnProgress, Take, TakeReport, VampRequest
from .usable import LEAST_ANEW, check_request, nothing_new
from .variation import Each, Variation, fill_stage

MOST_GAIN = 100.0


class Vamper:
    """Varies loops with one bundle. One vamp at a time; the engine process owns one of these.

    Attributes:
        bundle: What it was loaded from, without the files' bytes: the graphs have copies of their own.
        costs: What vamps cost on this machine; empty until something was measured, then refined by every vamp.
    """

    def __init__(self, bundle: Bundle, *, threads: int = 0, device: str = DEFAULT_DEVICE) -> None:
        """Load the bundle's graphs. `threads` per operation, 0 = one per physical core; `device` of `devices.DEVICES`.

        Raises:
            BundleError: A graph cannot be loaded.
            MissingDependencyError: `cuda` was asked for and does not work.
        """
        self._runtime = Runtime(bundle, threads=threads, device=device)
        self.bundle = bundle.without_contents()
        manifest = bundle.manifest
        contexts = (manifest.coarse_context, manifest.fine_context)
        self._facts = ModelFacts(manifest.sample_rate, manifest.hop, manifest.n_codebooks, manifest.n_coarse, *contexts)
        self.costs = CostModel()

    @property
    def device(self) -> str:
        """Where the graphs run, `cpu` or `cuda`."""
        return self._runtime.device.name

    def vamp(
        self,
        request: VampRequest,
        *,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        hearers: Hearers | None = None,
    ) -> Take:
        """Vary one loop.

        Args:
            request: The loop and how to vary it.
            on_progress: Called after every pass, from one thread at a time; with several variations not always the
                caller's.
            is_cancelled: Asked before every pass, likewise.
            hearers: Whom a vamp with a deadline speaks with about time.

        Returns:
            The take; the same request with the same seed gives the same samples on the same machine, if it has no
            deadline. With one, what was done stands in the report, and a request with those passes does it again.

        Raises:
            AudioError: Audio that cannot be used; says why.
            SettingError: A drawn mask of the wrong shape, or passes of another loop.
            CancelledError: `is_cancelled` said so.
        """
        watch = start_watch()
        sound = check_request(request)
        # DIFFERS: the public code draws a seed and never says which; here the take tells the seed it was made with.
        seed = request.settings.seed if request.settings.seed is not None else secrets.randbelow(2**31)
        request = replace(request, settings=request.settings.changed(seed=seed))
        counter = PassCounter(on_progress, is_cancelled)
        if request.settings.compat:
            return self._published(request, counter, sound[1])
        return self._paced(request, self._pacer(request, watch, hearers or Hearers()), counter, sound)

    def _pacer(self, request: VampRequest, watch: Watch, hearers: Hearers) -> Pacer:
        work = estimate_work(self._facts, request.settings, sound_of(request))
        if request.passes is not None:
            return Replay(self.costs, work, watch, passes=request.passes)
        if request.deadline_s is None:
            return Pacer(self.costs, work, watch)
        if not self.costs.is_measured:
            self.measure()
        cycle_s = request.cycle_s or request.audio.shape[1] / request.sample_rate
        return DeadlinePacer(self.costs, work, watch, terms=Terms(request.deadline_s, cycle_s), hearers=hearers)

    def _paced(
        self, request: VampRequest, pacer: Pacer, counter: PassCounter, sound: tuple[float, tuple[str, ...]]
    ) -> Take:
        """A vamp with a seed, as fast as its pacer says. `sound` is what `check_request` found."""
        settings, (lufs, warnings) = request.settings, sound
        counter.expect(pacer.n_passes_left * settings.variations)
        with counter.stage("encode"):
            mono = self._fit(request)
            codes = self._runtime.codec.encode(mono, ring=settings.loop)
            around = self._surroundings(request, mono)
        warnings += idle_notes(settings, around, codes.shape[1])
        counter.advance()
        variations = [
            Variation(self._runtime, settings, around, counter, (settings.seed or 0, index), codes)
            for index in range(settings.variations)
        ]
        pacer.encoded()
        with self._each(settings.variations) as each:
            for index in itertools.count():
                for stage in (COARSE, FINE):
                    with counter.stage(stage_name(stage)):
                        fill_stage(variations, (index, stage), pacer, each)
                if index + 1 >= pacer.n_rounds:
                    break
            with counter.stage("decode"):
                pacer.begin_decode()
                image = analyse(request.audio, request.sample_rate, ring=settings.loop)
                takes = each(lambda variation: self._finish(variation.codes, request, image, lufs), variations)
                audio = np.stack(takes)  # (V, C, N·stretch)
        counter.advance()
        mask = variations[0].drawn
        report = self._report(request, mask, counter=counter, warnings=warnings, passes=pacer.deviation)
        pacer.decoded()
        return Take(audio, request.sample_rate, mask, replace(report, timing=pacer.timing()))

    def _published(self, request: VampRequest, counter: PassCounter, warnings: tuple[str, ...]) -> Take:
        if request.deadline_s is not None or request.passes is not None:
            raise SettingError("with compat there is no deadline, and no passes of an earlier take: leave them out")
        road = PublishedVamp(self._runtime, self.bundle.manifest)
        published, mask = road.run(request, request.settings, counter)
        audio = np.stack([self._cut(mono, request) for mono in published]).repeat(len(request.audio), axis=1)
        warnings += published_notes(request.settings)
        return Take(audio, request.sample_rate, mask, self._report(request, mask, counter=counter, warnings=warnings))

    def _report(
        self,
        request: VampRequest,
        mask: Mask,
        *,
        counter: PassCounter,
        warnings: tuple[str, ...],
        passes: Passes | None = None,
    ) -> TakeReport:
        settings, share = request.settings, float(mask.mean())
        if share < LEAST_ANEW:
            warnings = (*warnings, nothing_new(request, share))
        return TakeReport(
            take_id=_take_id(request, self.bundle.fingerprint, passes),
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
            passes=passes,
        )

    def warm_up(self, loop_s: float = 4.0, *, costs: CostModel | None = None) -> None:
        """Make the first real vamp as fast as the others, and measure what vamps cost.

        Args:
            loop_s: Costs are measured for loops of an eighth of this length, half of it, and twice as long.
            costs: Known already: they are taken over and nothing is measured, which takes seconds.
        """
        self._runtime.warm_up()
        if costs is None:
            self.measure((loop_s / 8, loop_s / 2, loop_s * 2))
        else:
            self.costs = costs

    def measure(self, lengths_s: Sequence[float] = LENGTHS_S) -> None:
        """Measure what vamps cost; `costs` then starts from that. See `measure_costs`."""
        models = (self._runtime.coarse, self._runtime.fine)
        self.costs = measure_costs(self._facts, models, self._spend, lengths_s)

    def _spend(self, request: VampRequest) -> dict[str, float]:
        """Seconds that a vamp spends on its stages."""
        work = estimate_work(self._facts, request.settings, sound_of(request))
        pacer = Pacer(CostModel(), work, start_watch())
        self._paced(request, pacer, PassCounter(None, None), check_request(request))
        return pacer.spent_s

    @contextmanager
    def _each(self, n_variations: int) -> Iterator[Each]:
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
            fitted = resample_ring(mono, token_frames(self._facts, sound_of(request), ring=True) * manifest.hop)
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
            beats=find_beats(settings, mono[None], manifest.sample_rate, hop_samples=manifest.hop),
        )

    def _finish(self, codes: Codes, request: VampRequest, image: StereoImage, lufs: float) -> Audio:
        """Codes (K, T) → audio (C, N·stretch) with the input's rate, length, image and loudness.

        DIFFERS: the public code leaves the sound in mono and up to a token frame longer than the input, so that a loop
        falls out of time; it lets a sound that is played once break off on a step, which `fade_ends` does not; and it
        decodes tokens that are still masked as code 0, where here none is left.
        """
        ring, stretch = request.settings.loop, request.settings.stretch
        mono = self._runtime.codec.decode(codes, ring=ring)[None]  # (1, T·hop)
        mono = resample_ring(mono, request.audio.shape[1] * stretch) if ring else self._cut(mono, request)
        audio = _match(image.apply(mono[0], stretch=stretch), request, lufs)
        if not ring:
            return fade_ends(audio, request.sample_rate)
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


def _take_id(request: VampRequest, fingerprint: str, passes: Passes | None) -> str:
    digest = hashlib.sha256(fingerprint.encode())
    digest.update(json.dumps([request.settings.to_dict(), request.sample_rate, request.lineage]).encode())
    digest.update(np.ascontiguousarray(request.audio).tobytes())
    if request.drawn_mask is not None:
        digest.update(repr(request.drawn_mask.shape).encode() + np.ascontiguousarray(request.drawn_mask).tobytes())
    if passes is not None:
        digest.update(json.dumps(passes).encode())
    return digest.hexdigest()[:12]
