"""Windowed generation and whole vamps as the published code does them. Tokens in, tokens out; the line only.

Against `engine.decoding`: windows follow one another without overlap and see nothing of each other; a coarse window
that keeps any token keeps its first and last frame whole; the last fine window is filled up with code 0 and its filling
is masked; feedback repeats the coarse part under one and the same mask, and the fine part is drawn once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..decoding import Shape

Codes = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Stage:
    """One of the two models: its sizes, the length of its windows, and how it fills one.

    Attributes:
        shape: Sizes of the model.
        window_frames: Frames of a window, at least 1.
        generate: Codes (B, K, T) and mask (B, K, T), or None for all that the model predicts → codes (B, K, T).
    """

    shape: Shape
    window_frames: int
    generate: Callable[[Codes, Bools | None], Codes]


def coarse_vamp(stage: Stage, codes: Codes, mask: Bools) -> tuple[Codes, Codes]:
    """Fill the coarse codebooks, window by window.

    Args:
        stage: The coarse model.
        codes: (B, K, T) int64, K at least the model's codebooks.
        mask: (B, ≥ the model's codebooks, T) bool, True = regenerate.

    Returns:
        Codes (B, K, T) with the fine codebooks passed through, and the masked coarse codes that the model was given.
    """
    n_coarse, mask_token = stage.shape.n_codebooks, stage.shape.vocabulary
    filled, given = [], []
    for start in range(0, codes.shape[-1], stage.window_frames):
        window = slice(start, start + stage.window_frames)
        open_here = mask[:, :n_coarse, window].copy()
        if not open_here.all():
            open_here[:, :, 0] = open_here[:, :, -1] = False
        masked = np.where(open_here, mask_token, codes[:, :n_coarse, window])
        given.append(masked)
        filled.append(stage.generate(masked, open_here))
    coarse = np.concatenate(filled, axis=-1)
    return np.concatenate((coarse, codes[:, n_coarse:]), axis=1), np.concatenate(given, axis=-1)


def coarse_to_fine(stage: Stage, codes: Codes, mask: Bools | None) -> tuple[Codes, Codes]:
    """Fill the fine codebooks, window by window.

    Args:
        stage: The fine model.
        codes: (B, K, T) int64; codebooks that are not there count as code 0.
        mask: (B, K, T) bool, True = regenerate; None regenerates every fine token.

    Returns:
        Codes (B, the model's codebooks, T), and the same with the mask token where the mask says so.
    """
    shape, n_frames = stage.shape, codes.shape[-1]
    n_filling = -n_frames % stage.window_frames
    missing = max(0, shape.n_codebooks - codes.shape[1])
    padded = np.pad(codes, ((0, 0), (0, missing), (0, n_filling)))
    open_tokens = None
    if mask is not None:
        open_tokens = np.pad(mask, ((0, 0), (0, 0), (0, n_filling)), constant_values=True)
        open_tokens[:, : shape.n_conditioning] = False
    filled = []
    for start in range(0, padded.shape[-1], stage.window_frames):
        window = slice(start, start + stage.window_frames)
        open_here = None if open_tokens is None else open_tokens[:, :, window]
        filled.append(stage.generate(padded[:, :, window], open_here))
    fine = np.concatenate(filled, axis=-1)
    masked = fine if open_tokens is None else np.where(open_tokens, shape.vocabulary, fine)
    return fine[:, :, :n_frames], masked[:, :, :n_frames]


@dataclass(frozen=True)
class VampPlan:
    """How often and how long: items of the batch, coarse rounds of feedback, whole factor of time stretch."""

    batch_size: int = 1
    feedback_steps: int = 1
    stretch: int = 1


def vamp(stages: tuple[Stage, Stage], codes: Codes, mask: Bools, plan: VampPlan) -> tuple[Codes, Codes]:
    """A whole vamp: stretch, coarse rounds, fine codebooks.

    Args:
        stages: The coarse and the fine model.
        codes: (1 or batch_size, K, T) int64.
        mask: Same shape, bool, True = regenerate.
        plan: See `VampPlan`.

    Returns:
        Codes (batch_size, K, T · stretch), and the same with the mask token where the last round's mask stood.
    """
    coarse, fine = stages
    codes = np.repeat(np.broadcast_to(codes, (plan.batch_size, *codes.shape[1:])), plan.stretch, axis=-1)
    mask = np.repeat(np.broadcast_to(mask, (plan.batch_size, *mask.shape[1:])), plan.stretch, axis=-1)
    # Of each group of repeated frames only the first can be kept.
    mask |= np.arange(mask.shape[-1]) % plan.stretch != 0
    masked = codes
    for _ in range(plan.feedback_steps):
        codes, masked = coarse_vamp(coarse, codes, mask)
    codes, masked_fine = coarse_to_fine(fine, codes, mask)
    n_coarse = coarse.shape.n_codebooks
    return codes, np.concatenate((masked[:, :n_coarse], masked_fine[:, n_coarse:]), axis=1)
