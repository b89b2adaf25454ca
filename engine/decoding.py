"""Iterative parallel decoding: fill the masked tokens of one loop in a few passes. Tokens in, tokens out.

Garcia et al. 2023 (arXiv 2307.04686 §3.3), counted per item and, for loops longer than the model's context, in
overlapping windows that see what the windows before them wrote. The model is anything with `shape` and `sample`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .sampling import confidence, draw_gumbel, draw_uniforms, remask
from .schedule import n_to_mask, next_progress
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
class Draw:
    """How tokens are drawn: sampling settings, ring or line, and the seed's branch."""

    settings: VampSettings
    ring: bool
    seed: tuple[int, ...]


class Filling:
    """Draws the masked tokens of a loop anew, a pass at a time: before each, somebody says how many are left.

    DIFFERS: the public windows stand side by side and see nothing of each other, keep their first and last frame, and
    all start from the same seed, so that the same noise returns every ten seconds.

    Attributes:
        codes: (K, T) int64; a window is written into it when it is full.
        n_open: Tokens to be drawn altogether, over all windows.
    """

    def __init__(self, model: TokenModel, codes: Codes, mask: Mask, draw: Draw) -> None:
        """Begin.

        Args:
            model: Reads the first `n_codebooks` rows; predicts those from `n_conditioning` on.
            codes: (K, T) int64, K ≥ the model's codebooks; what is masked may hold anything. Copied.
            mask: (K, T) bool, True = regenerate. Conditioning codebooks and rows beyond the model are left alone.
            draw: See `Draw`.
        """
        self._model, self._draw = model, draw
        shape = model.shape
        self.codes: Codes = codes.copy()
        self._open_tokens = mask.copy()
        self._open_tokens[: shape.n_conditioning] = False
        self._open_tokens[shape.n_codebooks :] = False
        self.n_open = int(self._open_tokens.sum())
        self._windows = windows(codes.shape[1], shape.context_frames, ring=draw.ring)
        self._index = 0
        self._window: _Window | None = None

    @property
    def is_done(self) -> bool:
        """Whether every window is full."""
        return self._index == len(self._windows)

    def step(self, n_left: int) -> int:
        """One pass, the first of `n_left` that are left in this window; with 1 the window is full afterwards.

        Returns:
            Tokens drawn, 0 where nothing was left to draw.
        """
        window = self._window or self._open_window()
        n_drawn = window.step(n_left)
        self._window = window
        if n_left == 1:
            frames, last = self._windows[self._index], self._model.shape.n_codebooks
            self.codes[:last, frames] = window.filled()
            self._open_tokens[:, frames] = False
            self._index, self._window = self._index + 1, None
        return n_drawn

    def _open_window(self) -> _Window:
        frames, last = self._windows[self._index], self._model.shape.n_codebooks
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*self._draw.seed, self._index))))
        whole_ring = self._draw.ring and len(frames) == self.codes.shape[1]
        how = _WindowDraw(self._model, self._draw.settings, rng, whole_ring)
        return _Window(how, self.codes[:last, frames], self._open_tokens[:last, frames])


def n_windows(n_frames: int, context_frames: int, *, ring: bool) -> int:
    """."""
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
class _WindowDraw:
    """How a window is drawn."""

    model: TokenModel
    settings: VampSettings
    rng: np.random.Generator
    ring: bool


class _Window:
    """One window: its codes (K, T), and what of it is still masked."""

    def __init__(self, draw: _WindowDraw, codes: Codes, mask: Mask) -> None:
        self._draw, self._codes = draw, codes
        first = draw.model.shape.n_conditioning
        # Flat order t·P + p, the order of the model's rows.
        self._tokens = np.ascontiguousarray(codes[first:].T).reshape(-1)
        self._open = np.ascontiguousarray(mask[first:].T).reshape(-1)
        self._n_initial = int(self._open.sum())
        self._progress = Fraction(0)

    def step(self, n_left: int) -> int:
        """See `Filling.step`. A pass with nothing left to draw costs nothing, but it counts."""
        self._progress = next_progress(self._progress, n_left)
        rows = np.flatnonzero(self._open)
        if rows.size:
            self._pass(rows)
        return int(rows.size)

    def filled(self) -> Codes:
        """The codes with what was drawn."""
        filled: Codes = self._codes.copy()
        filled[self._draw.model.shape.n_conditioning :] = self._tokens.reshape(filled.shape[1], -1).T
        return filled

    def _pass(self, rows: NDArray[np.int64]) -> None:
        draw, shape, size = self._draw, self._draw.model.shape, self._tokens.shape
        masked = self._codes.copy()
        shown = np.where(self._open, shape.vocabulary, self._tokens)
        masked[shape.n_conditioning :] = shown.reshape(masked.shape[1], -1).T
        # Drawn for every position, used where open: a take does not depend on how rows are batched.
        uniforms = draw_uniforms(draw.rng, size)[rows]
        gumbel = draw_gumbel(draw.rng, size)
        drawn, log_probs = draw.model.sample(masked, rows, uniforms, settings=draw.settings, ring=draw.ring)
        self._tokens = self._tokens.copy()
        self._tokens[rows] = drawn
        everywhere = np.zeros(size, dtype=np.float32)
        everywhere[rows] = log_probs
        sure = confidence(
            everywhere,
            ~self._open,
            gumbel=gumbel,
            mask_temperature=draw.settings.mask_temperature,
            progress=float(self._progress),
        )
        left = n_to_mask(self._progress, n_initial=self._n_initial, n_masked_now=len(rows))
        self._open = remask(sure, left)
