"""The family `sampling`: what the filters keep, the likeliest tokens, the schedule.

The sets are checked on the numpy reference. The samplers of torch and of the graphs return no sets but tokens, so each
token of a set that can be drawn at all is drawn, with the uniform number in the middle of its stretch of the cumulative
distribution; its probability then says how much the set holds.
"""

from __future__ import annotations

import re
from functools import partial

import numpy as np

from ...engine import sampling, schedule
from ...engine.compat.sampling import top_k_filter
from .book import Array, Page, Target
from .fixture_set import FixtureSet
from .guard import guarded
from .models import Models
from .sides import Filters, SamplerSide

PROBABILITY_TOLERANCE = 2e-6
LOG_PROBABILITY_TOLERANCE = 1e-4
# The reference's cosine is a float32 routine that may miss by a unit or two in the last place; the floors are exact.
SCHEDULE_TOLERANCE = 1.2e-7
_LEAST_DRAWN = 1e-4
_TYPICAL = re.compile(r"typical(?P<of>\d*)_m(?P<mass>[\d.]+)_n(?P<least>\d+)(?P<keep>_keep)?")
_TOP_P = re.compile(r"top_p([\d.]+)_keep")
_TOP_K = re.compile(r"top_k(\d+)_keep")
_GREEDY = re.compile(r"greedy_t([\d.]+)_(token|prob)")
_STEPS = re.compile(r"(gamma|floor)_steps(\d+)")


def check_sampling(page: Page, fixtures: FixtureSet, models: Models) -> None:
    """Every set, every greedy draw and every table."""
    arrays = fixtures.arrays[page.family]
    inputs = (name for name in arrays if re.fullmatch(r"logits\d*|gamma_r|floor_N|invgamma_y", name))
    page.take(*inputs)
    for name in arrays:
        for pattern, check in (
            (_TYPICAL, partial(_check_typical, models=models)),
            (_TOP_P, partial(_check_top_p, models=models)),
            (_TOP_K, _check_top_k),
            (_GREEDY, _check_greedy),
            (_STEPS, _check_steps),
        ):
            if match := pattern.fullmatch(name):
                with guarded(page, [Target("sampling", "numpy", name)]):
                    check(page, arrays, match)
    for name, given, function, tolerance in (
        ("gamma", "gamma_r", schedule.gamma, SCHEDULE_TOLERANCE),
        ("invgamma", "invgamma_y", schedule.inverse_gamma, SCHEDULE_TOLERANCE),
    ):
        if name in arrays:
            with guarded(page, [Target("schedule", "numpy", name)]):
                got = function(arrays[given])
                page.close(Target("schedule", "numpy", name), arrays[name], got, tolerance=tolerance)


def _check_typical(page: Page, arrays: dict[str, Array], match: re.Match[str], *, models: Models) -> None:
    name, logits = match[0], arrays[f"logits{match['of']}"]
    mass, least = float(match["mass"]), int(match["least"])
    keep = sampling.typical_filter(logits, mass=mass, min_tokens=least)
    if match["keep"]:
        page.same(Target("typical set", "numpy", name), arrays[name], keep)
        wanted = arrays[name]
    else:
        got = np.where(keep, logits, np.float32(-np.inf))
        page.same(Target("typical filter", "numpy", name), arrays[name], got)
        wanted = np.isfinite(arrays[name])
    _check_draws(page, name, (logits, wanted), models=models, filters=Filters(mass, least, 1.0))


def _check_top_p(page: Page, arrays: dict[str, Array], match: re.Match[str], *, models: Models) -> None:
    name, logits, top_p = match[0], arrays["logits"], float(match[1])
    page.same(Target("top-p set", "numpy", name), arrays[name], sampling.top_p_filter(logits, top_p=top_p))
    _check_draws(page, name, (logits, arrays[name]), models=models, filters=Filters(1.0, 1, top_p))


def _check_draws(page: Page, name: str, case: tuple[Array, Array], *, models: Models, filters: Filters) -> None:
    for side in models.sampler_sides():
        with guarded(page, [Target("draws", side.side, name)]):
            _check_draws_of(page, name, case, side=side, filters=filters)


def _check_draws_of(page: Page, name: str, case: tuple[Array, Array], *, side: SamplerSide, filters: Filters) -> None:
    """Draw every token that the set leaves, and no other."""
    logits, keep = (part.reshape(-1, part.shape[-1]) for part in case)
    log_p = sampling.log_softmax(np.where(keep, logits, np.float32(-np.inf)))
    probability = np.exp(log_p)
    rows, tokens = np.nonzero(probability > _LEAST_DRAWN)
    middle = probability.cumsum(axis=-1, dtype=np.float64) - probability / 2
    drawn, log_probs = side.draw(logits[rows], middle[rows, tokens].astype(np.float32), filters)
    page.same(Target("draws from a set: tokens", side.side, name), tokens, drawn)
    target = Target("draws from a set: log-probability", side.side, name)
    page.close(target, log_p[rows, tokens], log_probs, tolerance=LOG_PROBABILITY_TOLERANCE)


def _check_top_k(page: Page, arrays: dict[str, Array], match: re.Match[str]) -> None:
    got = top_k_filter(arrays["logits"], k=int(match[1]))
    page.same(Target("top-k set", "numpy", match[0]), arrays[match[0]], got)


def _check_greedy(page: Page, arrays: dict[str, Array], match: re.Match[str]) -> None:
    logits, temperature = arrays["logits"], float(match[1])
    tokens = logits.argmax(axis=-1)
    if match[2] == "token":
        page.same(Target("likeliest token", "numpy", match[0]), arrays[match[0]], tokens)
        return
    log_p = sampling.log_softmax(logits / np.float32(temperature or 1.0))
    got = np.exp(np.take_along_axis(log_p, tokens[..., None], -1)[..., 0])
    page.close(Target("its probability", "numpy", match[0]), arrays[match[0]], got, tolerance=PROBABILITY_TOLERANCE)


def _check_steps(page: Page, arrays: dict[str, Array], match: re.Match[str]) -> None:
    n_steps = int(match[2])
    gammas = schedule.gamma((np.arange(n_steps) + 1) / n_steps)
    target = Target("schedule", "numpy", match[0])
    if match[1] == "gamma":
        page.close(target, arrays[match[0]], gammas, tolerance=SCHEDULE_TOLERANCE)
    else:
        floors = np.floor(gammas * arrays["floor_N"].astype(np.float32)[:, None])
        page.same(Target("schedule: floors", "numpy", match[0]), arrays[match[0]], floors.astype(np.int64))
