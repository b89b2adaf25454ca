"""Iterative parallel decoding as the published code does it: a batch at once, its items coupled. Tokens in, tokens out.

Garcia et al. 2023 (arXiv 2307.04686 §3.3). Against `engine.decoding`: the schedule counts the masked tokens of the
whole batch, so that the items of a batch re-mask more than each would alone; a token that arrives as MASK is drawn
whatever the mask says; where confidences tie at the cut, all of them are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..decoding import Shape, TokenModel
from ..sampling import draw_gumbel, draw_uniforms
from ..schedule import gamma
from ..settings import VampSettings

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Source(Protocol):
    """Where a generation takes its tokens and its noise from."""

    @property
    def shape(self) -> Shape:
        """Sizes of the token model."""

    def draw(self, codes: Codes, open_now: Bools) -> tuple[Codes, Floats]:
        """Tokens and log-probabilities (B, L) for codes (B, K, T); only the places `open_now` (B, L) are looked at."""

    def stir(self, shape: tuple[int, ...]) -> Floats:
        """Gumbel numbers (B, L) for the confidence of one pass."""


@dataclass(frozen=True)
class RuntimeSource:
    """Tokens of a `TokenModel`, one item after the other, on the line; noise from `rng`."""

    model: TokenModel
    settings: VampSettings
    rng: np.random.Generator

    @property
    def shape(self) -> Shape:
        """Sizes of the token model."""
        return self.model.shape

    def draw(self, codes: Codes, open_now: Bools) -> tuple[Codes, Floats]:
        """See `Source`."""
        tokens = np.zeros(open_now.shape, dtype=np.int64)
        log_probs = np.zeros(open_now.shape, dtype=np.float32)
        uniforms = draw_uniforms(self.rng, open_now.shape)
        for item, places in enumerate(open_now):
            rows = np.flatnonzero(places)
            if rows.size:
                tokens[item, rows], log_probs[item, rows] = self.model.sample(
                    codes[item], rows, uniforms[item, rows], settings=self.settings, ring=False
                )
        return tokens, log_probs

    def stir(self, shape: tuple[int, ...]) -> Floats:
        """See `Source`."""
        return draw_gumbel(self.rng, shape)


@dataclass
class Trace:
    """What a generation did, one entry per pass; see `add`."""

    asked: list[NDArray[np.int64]] = field(default_factory=list)
    masks: list[Bools] = field(default_factory=list)
    confidences: list[Floats] = field(default_factory=list)

    def add(self, asked: NDArray[np.int64], still: Bools, confidence: Floats) -> None:
        """Note one pass: (B,) tokens asked to stay masked, (B, L) those that did, (B, L) confidences."""
        self.asked.append(asked)
        self.masks.append(still)
        self.confidences.append(confidence)


@dataclass(frozen=True)
class Passes:
    """How to generate: number of passes, mask temperature, whom to tell after each pass, and where to keep a record."""

    n_passes: int
    mask_temperature: float = 10.5
    after_pass: Callable[[], None] = lambda: None
    trace: Trace | None = None


def generate(source: Source, codes: Codes, mask: Bools | None, passes: Passes) -> Codes:
    """Draw the masked tokens of a batch.

    Args:
        source: Tokens and noise.
        codes: (B, K, T) int64 with K the model's codebooks; the mask token marks what is to be drawn, too.
        mask: (B, K, T) bool, True = regenerate; None regenerates everything that the model predicts.
        passes: See `Passes`.

    Returns:
        (B, K, T) int64; conditioning codebooks come out as they went in.
    """
    first, mask_token = source.shape.n_conditioning, source.shape.vocabulary
    if mask is None:
        mask = np.ones(codes.shape, dtype=np.bool_)
        mask[:, :first] = False
    masked = np.where(mask, mask_token, codes)  # (B, K, T)
    n_at_start = int((masked == mask_token).sum())
    tokens = flatten(masked[:, first:])  # (B, L)
    filled = tokens
    for step in range(passes.n_passes):
        open_now = tokens == mask_token
        drawn, log_probs = source.draw(masked, open_now)
        tokens = np.where(open_now, drawn, tokens)
        progress = np.float32((step + 1) / passes.n_passes)
        asked = _n_to_mask(progress, n_at_start, open_now, last=step == passes.n_passes - 1)
        stirred = np.float32(passes.mask_temperature) * (np.float32(1) - progress) * source.stir(tokens.shape)
        confidence = np.where(open_now, log_probs + stirred, np.float32(np.inf))
        still = remask(confidence, asked)
        if passes.trace is not None:
            passes.trace.add(asked, still, confidence)
        masked = np.concatenate((codes[:, :first], unflatten(np.where(still, mask_token, tokens), codes.shape)), axis=1)
        filled, tokens = tokens, flatten(masked[:, first:])
        passes.after_pass()
    return np.concatenate((codes[:, :first], unflatten(filled, codes.shape)), axis=1)


def remask(confidence: Floats, n: NDArray[np.int64]) -> Bools:
    """Mask what is less confident than the n-th least confident place of its item.

    Args:
        confidence: (B, L) float32, +inf where a token was known.
        n: (B,) in [0, L).

    Returns:
        (B, L) bool; fewer than n of an item where confidences tie at the cut, or where it has fewer open places.
    """
    # Of a single place none is masked again; the published code, which asks for one, ends there in an error.
    last = confidence.shape[-1] - 1
    cut = np.take_along_axis(np.sort(confidence, axis=-1), np.minimum(n, last)[:, None], axis=-1)
    return np.asarray(confidence < cut, dtype=np.bool_)


def flatten(rows: Codes) -> Codes:
    """(B, P, T) to (B, T·P), flat position t·P + p, the order of the model's rows."""
    flat: Codes = np.ascontiguousarray(rows.transpose(0, 2, 1)).reshape(rows.shape[0], -1)
    return flat


def unflatten(flat: Codes, shape: tuple[int, ...]) -> Codes:
    """(B, T·P) back to (B, P, T), T being the last of `shape`."""
    rows: Codes = flat.reshape(flat.shape[0], shape[-1], -1).transpose(0, 2, 1)
    return rows


def _n_to_mask(progress: np.float32, n_at_start: int, open_now: Bools, *, last: bool) -> NDArray[np.int64]:
    """Tokens to mask again, per item (B,): the schedule of the whole batch, limited by what the item has open."""
    wanted = math.floor(gamma(progress) * np.float32(n_at_start))
    if last:
        return np.full(len(open_now), wanted, dtype=np.int64)
    limited: NDArray[np.int64] = np.maximum(1, np.minimum(open_now.sum(axis=-1) - 1, wanted)).astype(np.int64)
    return limited
