"""Iterative parallel decoding: fill the masked tokens of one loop in a few passes. Tokens in, tokens out.

Garcia et al. 2023 (arXiv 2307.04686 §3.3), counted per item and, for loops longer than the model's context, in
overlapping windows that see what the windows before them wrote. The model is anything with `shape` and `sample`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .sampling import confidence, draw_gumbel, draw_uniforms, remask
from .schedule import n_to_mask
from .settings import VampSettings
from .take import Mask

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]


class Shape(Protocol):
    """Sizes of a token model, see `runtime.TokenShape`."""

    @property
    def vocabulary(self) -> int:
        """Entries per codebook, V; token id V means "masked"."""

    @property
    def n_conditioning(self) -> int:
        """Codebooks that are read but not predicted."""

    @property
    def n_codebooks(self) -> int:
        """Codebooks that are read."""

    @property
    def context_frames(self) -> int:
        """Longest window."""


class TokenModel(Protocol):
    """A transformer with its sampling step, see `runtime.TokenRuntime`."""

    @property
    def shape(self) -> Shape:
        """Its sizes."""

    def sample(
        self, codes: Codes, rows: Codes, uniforms: Floats, *, settings: VampSettings, ring: bool
    ) -> tuple[Codes, Floats]:
        """Tokens and log-probabilities, (M,) each, for the flat positions `rows` of codes (K, T)."""


@dataclass(frozen=True)
class Job:
    """How to fill: passes, sampling settings, ring or line, the seed's branch, and whom to tell after each pass."""

    n_passes: int
    settings: VampSettings
    ring: bool
    seed: tuple[int, ...]
    after_pass: Callable[[], None]


def fill(model: TokenModel, codes: Codes, mask: Mask, job: Job) -> Codes:
    """Draw the masked tokens anew.

    Args:
        model: Reads the first `n_codebooks` rows; predicts those from `n_conditioning` on.
        codes: (K, T) int64, K ≥ the model's codebooks; what is masked may hold anything.
        mask: (K, T) bool, True = regenerate. Conditioning codebooks and rows beyond the model are left alone.
        job: See `Job`.

    Returns:
        (K, T) int64, a copy with every token the mask names, in the predicted codebooks, drawn.

    DIFFERS: the public windows stand side by side and see nothing of each other, keep their first and last frame, and
    all start from the same seed, so that the same noise returns every ten seconds.
    """
    shape = model.shape
    first, last = shape.n_conditioning, shape.n_codebooks
    result: Codes = codes.copy()
    open_tokens = mask.copy()
    open_tokens[:first] = False
    open_tokens[last:] = False
    for number, frames in enumerate(windows(codes.shape[1], shape.context_frames, ring=job.ring)):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*job.seed, number))))
        whole_ring = job.ring and len(frames) == codes.shape[1]
        window = _Window(model, job, rng, whole_ring)
        filled = window.fill(result[:last, frames], open_tokens[:last, frames])
        result[:last, frames] = filled
        open_tokens[:, frames] = False
    return result


def n_windows(n_frames: int, context_frames: int, *, ring: bool) -> int:
    """How many windows `fill` takes; each costs `n_passes` passes, fewer where little is masked."""
    return len(windows(n_frames, context_frames, ring=ring))


def windows(n_frames: int, context_frames: int, *, ring: bool) -> list[NDArray[np.int64]]:
    """Frame indices of each window, in order.

    One window where the loop fits. Otherwise each window overlaps the one before by a quarter of the context; on the
    ring the last one goes on into the start, on the line it is moved back to end with the sound.
    """
    if n_frames <= context_frames:
        return [np.arange(n_frames)]
    step = max(1, context_frames - context_frames // 4)
    starts = list(range(0, n_frames, step))
    if not ring:
        starts = [start for start in starts if start + context_frames < n_frames] + [n_frames - context_frames]
    return [(start + np.arange(context_frames)) % n_frames for start in starts]


@dataclass(frozen=True)
class _Window:
    model: TokenModel
    job: Job
    rng: np.random.Generator
    ring: bool

    def fill(self, codes: Codes, mask: Mask) -> Codes:
        """One window: codes and mask (K, T) → codes (K, T)."""
        first = self.model.shape.n_conditioning
        # Flat order t·P + p, the order of the model's rows.
        tokens = np.ascontiguousarray(codes[first:].T).reshape(-1)
        open_now = np.ascontiguousarray(mask[first:].T).reshape(-1)
        n_initial = int(open_now.sum())
        for step in range(self.job.n_passes):
            # A pass with nothing left to draw costs nothing, but it was announced and is counted.
            if open_now.any():
                tokens, open_now = self._pass(codes, tokens, open_now, (step, n_initial))
            self.job.after_pass()
        filled: Codes = codes.copy()
        filled[first:] = tokens.reshape(codes.shape[1], -1).T
        return filled

    def _pass(self, codes: Codes, tokens: Codes, open_now: Mask, count: tuple[int, int]) -> tuple[Codes, Mask]:
        (step, n_initial), job = count, self.job
        shape = self.model.shape
        masked = codes.copy()
        masked[shape.n_conditioning :] = np.where(open_now, shape.vocabulary, tokens).reshape(codes.shape[1], -1).T
        rows = np.flatnonzero(open_now)
        # Drawn for every position, used where open: a take does not depend on how rows are batched.
        uniforms = draw_uniforms(self.rng, tokens.shape)[rows]
        gumbel = draw_gumbel(self.rng, tokens.shape)
        drawn, log_probs = self.model.sample(masked, rows, uniforms, settings=job.settings, ring=self.ring)
        tokens = tokens.copy()
        tokens[rows] = drawn
        everywhere = np.zeros(tokens.shape, dtype=np.float32)
        everywhere[rows] = log_probs
        sure = confidence(
            everywhere,
            ~open_now,
            gumbel=gumbel,
            mask_temperature=job.settings.mask_temperature,
            progress=(step + 1) / job.n_passes,
        )
        left = n_to_mask(step, job.n_passes, n_initial=n_initial, n_masked_now=len(rows))
        return tokens, remask(sure, left)
