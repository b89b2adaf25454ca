"""Measures what the stages of a vamp cost on this machine, by running them. Knows models and a clock, no deadlines."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from ..decoding import TokenModel
from ..settings import VampSettings
from ..take import VampRequest
from ..usable import MIN_INPUT_S
from .costs import DECODE_STAGE, ENCODE_STAGE, CostModel, Curve
from .estimate import sound_of, token_frames
from .work import ModelFacts

REPEATS = 2
"""The faster of so many runs counts: the first of a length also finds its memory."""
ENOUGH_S = 5.0
"""A stage that has taken so long at one length is not run again."""
FEW = 16
"""One row in so many is drawn in the short runs, which show what a pass costs beside its rows."""

LENGTHS_S = (0.5, 2.0, 8.0)
"""Of the loops that are measured, where nobody says otherwise."""
NOISE_RATE = 48_000  # of the noise that they are made of, Hz

Spend = Callable[[VampRequest], dict[str, float]]


def measure_costs(
    facts: ModelFacts, models: tuple[TokenModel, TokenModel], spend: Spend, lengths_s: Sequence[float] = LENGTHS_S
) -> CostModel:
    """What vamps cost on this machine, now.

    Args:
        facts: Of the bundle.
        models: Coarse and fine.
        spend: Makes a vamp and says how many seconds it spent on its stages.
        lengths_s: Of loops of quiet noise, rising, s; those too short to be vamped count as the shortest that can be.
            Where one has taken long, longer ones are left out.
    """
    spent: dict[int, dict[str, float]] = {}
    for loop_s in lengths_s:
        request = _noise(max(loop_s, MIN_INPUT_S * 1.01))
        n_frames = token_frames(facts, sound_of(request), ring=True)
        taken_s = fastest_s(lambda: spent.update({n_frames: spend(request)}))  # noqa: B023 - called at once
        if taken_s > ENOUGH_S:
            break
    curves = {
        name: Curve(tuple((n_frames, seconds[name]) for n_frames, seconds in sorted(spent.items())))
        for name in (ENCODE_STAGE, DECODE_STAGE)
    }
    row_s: dict[tuple[str, bool], float] = {}
    for name, model in zip(("coarse", "fine"), models, strict=True):
        curves[name], rows = measure_passes(model, sorted(spent))
        row_s |= {(name, filtered): seconds for filtered, seconds in rows.items()}
    return CostModel(facts, curves, row_s)


def measure_passes(model: TokenModel, lengths: Sequence[int]) -> tuple[Curve, dict[bool, float]]:
    """Seconds of a pass of T frames in which nothing is drawn, and for each token drawn, by whether it is filtered.

    Args:
        model: A token model.
        lengths: Token frames, rising; those beyond the model's context count as the context.
    """
    windows = sorted({min(max(1, length), model.shape.context_frames) for length in lengths})
    plain, filtered = VampSettings(typical=False), VampSettings(typical=True)
    n_rows = windows[-1] * (model.shape.n_codebooks - model.shape.n_conditioning)
    few = max(1, n_rows // FEW)
    few_s = _pass_s(model, windows[-1], few, plain)
    row_s = {
        settings.typical: max(0.0, _pass_s(model, windows[-1], n_rows, settings) - few_s) / max(1, n_rows - few)
        for settings in (plain, filtered)
    }
    points = [(window, _pass_s(model, window, 1, plain)) for window in windows]
    return Curve(tuple(points)), row_s


def fastest_s(run: Callable[[], object]) -> float:
    """Seconds of the fastest of a few runs, of fewer if they are long."""
    times: list[float] = []
    while len(times) < REPEATS and sum(times) < ENOUGH_S:
        started_s = time.perf_counter()
        run()
        times.append(time.perf_counter() - started_s)
    return min(times)


def _pass_s(model: TokenModel, n_frames: int, n_rows: int, settings: VampSettings) -> float:
    shape = model.shape
    codes = np.zeros((shape.n_codebooks, n_frames), dtype=np.int64)
    codes[shape.n_conditioning :] = shape.vocabulary
    rows, uniforms = np.arange(n_rows), np.linspace(0, 0.999, n_rows, dtype=np.float32)
    return fastest_s(lambda: model.sample(codes, rows, uniforms, settings=settings, ring=True))


def _noise(loop_s: float) -> VampRequest:
    """What costs are measured on: two channels at a rate that is converted, one pass of either model."""
    noise = np.random.default_rng(0).standard_normal((2, round(loop_s * NOISE_RATE))).astype(np.float32)
    return VampRequest(noise * np.float32(0.05), NOISE_RATE, VampSettings(seed=0, coarse_passes=1, fine_passes=1))
