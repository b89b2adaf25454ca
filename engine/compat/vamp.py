"""A whole vamp as the published code does it, on the graphs of a bundle: for comparing with published results.

    audio (C, N) at any rate → mono at the codec's rate, -24 LUFS, zeros up to a whole frame
      → codes (1, K, T) → one mask → a batch of all variations: coarse rounds, then fine codes → codes (V, K, T·stretch)
      → mono audio at the codec's rate, not cut to the input's length, at the input's loudness

On the line whatever `loop` says, and without the last look at the sound that ours has. What the published prompts and
passes cannot do is refused; what is accepted and ignored, as there, stands in `differences`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..audio import Audio, to_mono
from ..bundle import Manifest
from ..decoding import TokenModel
from ..errors import SettingError
from ..loudness import integrated_lufs
from ..onsets import onset_frames
from ..progress import PassCounter
from ..runtime import Runtime
from ..settings import VampSettings
from ..take import Mask, VampRequest
from ..units import frames_for_seconds
from . import codec as published_codec
from .audio import prepare, restore_loudness, without_mask
from .decoding import Passes, RuntimeSource, generate
from .differences import FINE, coarse_settings
from .masks import BuiltPrompt, build
from .windows import Codes, Stage, VampPlan, vamp

COARSE_WINDOW_S, FINE_WINDOW_S = 10.0, 3.0
FINE_PASSES = 2
_FINE, _PROMPT = 1, 2


@dataclass(frozen=True)
class PublishedVamp:
    """Runs vamps on the graphs of one bundle as the published code would on its networks."""

    runtime: Runtime
    manifest: Manifest

    def count_passes(self, n_frames: int, settings: VampSettings) -> int:
        """Passes of a vamp of T frames, before any stretch; each fills one window of the whole batch."""
        coarse, fine = self._windows()
        n_frames *= settings.stretch
        return settings.coarse_passes * -(-n_frames // coarse) + FINE_PASSES * -(-n_frames // fine)

    def run(self, request: VampRequest, settings: VampSettings, counter: PassCounter) -> tuple[Audio, Mask]:
        """Vary a sound.

        Args:
            request: The sound; its settings are not read.
            settings: With a seed; see `refuse`.
            counter: Told of every pass.

        Returns:
            Audio (V, 1, M) at the codec's rate, M = T·stretch·hop, and the mask (K, T·stretch).

        Raises:
            SettingError: Something that the published code cannot do.
        """
        refuse(settings, request.drawn_mask)
        manifest = self.manifest
        with counter.stage("encode"):
            ready = prepare(request.audio, request.sample_rate, rate_out=manifest.sample_rate, hop_samples=manifest.hop)
            counter.expect(self.count_passes(ready.shape[1] // manifest.hop, settings))
            codes = published_codec.encode(self.runtime.codec, ready[0])
            mask = self._mask(settings, (codes.shape[0], codes.shape[1]), ready)
        counter.advance()
        plan = VampPlan(settings.variations, stretch=settings.stretch)
        filled, masked = vamp(self._stages(settings, counter), codes[None], mask[None], plan)
        with counter.stage("decode"):
            lufs = integrated_lufs(to_mono(request.audio), request.sample_rate)
            audio = np.stack([self._decode(item, lufs) for item in filled])
        counter.advance()
        return audio, masked[0] == manifest.vocabulary

    def _windows(self) -> tuple[int, int]:
        """Frames of a coarse and of a fine window: as published, if the models can take as much."""
        manifest = self.manifest
        coarse, fine = (
            frames_for_seconds(seconds, manifest.sample_rate, hop_samples=manifest.hop)
            for seconds in (COARSE_WINDOW_S, FINE_WINDOW_S)
        )
        return min(coarse, manifest.coarse_context), min(fine, manifest.fine_context)

    def _mask(self, settings: VampSettings, shape: tuple[int, int], ready: Audio) -> Mask:
        manifest, rng = self.manifest, _rng(settings, _PROMPT)

        def frames(seconds: float) -> int:
            return frames_for_seconds(seconds, manifest.sample_rate, hop_samples=manifest.hop)

        onsets: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        if settings.onset_width > 0:
            onsets = onset_frames(ready, manifest.sample_rate, hop_samples=manifest.hop, ring=False)
        prompt = BuiltPrompt(
            random_ratio=1 - settings.random_keep,
            n_prefix=frames(settings.prefix_s),
            n_suffix=frames(settings.suffix_s),
            period=settings.period,
            period_width=settings.period_width,
            roll=int(rng.integers(settings.period)) if settings.period else 0,
            onset_frames=onsets.tolist(),
            onset_width=settings.onset_width,
            dropout=settings.dropout,
            codebooks_kept=settings.codebooks_kept,
        )
        return build(shape, prompt, rng=rng)

    def _stages(self, settings: VampSettings, counter: PassCounter) -> tuple[Stage, Stage]:
        coarse_frames, fine_frames = self._windows()
        drawing = coarse_settings(settings)
        coarse_passes = Passes(settings.coarse_passes, settings.mask_temperature, counter.advance)
        fine_passes = Passes(FINE_PASSES, FINE.mask_temperature, counter.advance)
        fine_rng = _rng(settings, _FINE)

        def fill(model: TokenModel, given: tuple[Codes, Mask | None], passes: Passes, source: RuntimeSource) -> Codes:
            with counter.stage("coarse" if model is self.runtime.coarse else "fine"):
                return generate(source, *given, passes)

        def coarse(codes: Codes, mask: Mask | None) -> Codes:
            # Seeded anew in every window, so that all windows see the same random numbers.
            source = RuntimeSource(self.runtime.coarse, drawing, _rng(settings))
            return fill(self.runtime.coarse, (codes, mask), coarse_passes, source)

        def fine(codes: Codes, mask: Mask | None) -> Codes:
            # Temperature and top-p of the settings never reach the fine model.
            source = RuntimeSource(self.runtime.fine, FINE, fine_rng)
            return fill(self.runtime.fine, (codes, mask), fine_passes, source)

        return (
            Stage(self.runtime.coarse.shape, coarse_frames, coarse),
            Stage(self.runtime.fine.shape, fine_frames, fine),
        )

    def _decode(self, codes: Codes, lufs: float) -> Audio:
        manifest = self.manifest
        plain = without_mask(codes, mask_token=manifest.vocabulary)
        audio = published_codec.decode(self.runtime.codec, plain)[None]  # (1, T·hop)
        return restore_loudness(audio, manifest.sample_rate, reference_lufs=lufs)


def refuse(settings: VampSettings, drawn_mask: Mask | None) -> None:
    """Refuse what the published code has no counterpart of.

    Raises:
        SettingError: Names the setting, what it must be, and what it is.
    """
    for name, must_be, reason in (
        ("combine", "any", "the published prompts are only ever joined"),
        ("period_offset", 0, "the published prompt is rolled by chance"),
        ("fine_passes", FINE_PASSES, "the published fine model knows no other"),
        ("beat_before_ms", 0, "the published prompt hears beats by a model of its own"),
        ("beat_after_ms", 0, "the published prompt hears beats by a model of its own"),
        ("feedback", 1, "every published round draws the same tokens from the same seed"),
    ):
        value = getattr(settings, name)
        if value != must_be:
            raise SettingError(f"with compat, {name} must be {must_be}, got {value}: {reason}")
    if drawn_mask is not None:
        raise SettingError("with compat there is no drawn mask: the published prompts have none")


def _rng(settings: VampSettings, *branch: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((settings.seed or 0, *branch))))
