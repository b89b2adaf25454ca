"""The families `transformer` and `lora`: latents and logits of the token transformers."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from ...engine.nets.transformer import TokenTransformer
from ...engine.settings import VampSettings
from .book import Array, Page, Target
from .fixture_set import FixtureSet
from .guard import guarded
from .models import Models, logits_sides
from .sides import Floats, TokenSide

LOGITS_TOLERANCE = 1e-4
LATENTS_TOLERANCE = 1e-6
GREEDY = VampSettings(temperature=0.0, typical=False)
_CASE = re.compile(r"(?P<case>(?P<model>\w+?)_b\d+_t\d+)_codes")
_EVERY = re.compile(r"latents_every(\d+)")
_FILE = re.compile(r"(\w+)\.pth")
_LORA_CASE = re.compile(r"(?P<case>b\d+_t\d+)_codes")


def check_transformer(page: Page, arrays: dict[str, Array], models: Models) -> None:
    """Every `<model>_b<batch>_t<frames>_codes` and what belongs to it."""
    for name in arrays:
        if match := _CASE.fullmatch(name):
            case = match["case"]
            given = {key.removeprefix(f"{case}_"): key for key in arrays if key.startswith(f"{case}_")}
            page.take(*(given[key] for key in ("codes", "pos") if key in given))
            with guarded(page, [Target("model", "torch", key) for key in given.values()]):
                for side in models.token_sides(match["model"]):
                    with guarded(page, [Target("logits", side.side, key) for key in given.values()]):
                        _check_case(page, arrays, given, side)


def _check_case(page: Page, arrays: dict[str, Array], given: dict[str, str], side: TokenSide) -> None:
    codes = arrays[given["codes"]].astype(np.int64)
    latents, logits = side.look(codes)  # (B, K·d, T), (B, L, V)
    two = np.sort(logits, axis=-1)[..., -2:]
    largest = logits.max(axis=-1)
    sums = largest + np.log(np.exp(logits - largest[..., None]).sum(axis=-1))
    results: dict[str, tuple[Array, float]] = {
        "latents": (latents, LATENTS_TOLERANCE),
        "logits": (logits.transpose(0, 2, 1), LOGITS_TOLERANCE),
        "argmax": (logits.argmax(axis=-1), 0.0),
        "max": (largest, LOGITS_TOLERANCE),
        "logsumexp": (sums, LOGITS_TOLERANCE),
        "top2gap": (two[..., 1] - two[..., 0], LOGITS_TOLERANCE),
    }
    if "pos" in given:
        results["logits_pos"] = (logits.transpose(0, 2, 1)[:, :, arrays[given["pos"]]], LOGITS_TOLERANCE)
    for key, name in given.items():
        if every := _EVERY.fullmatch(key):
            results[key] = (latents[:, :, :: int(every[1])], LATENTS_TOLERANCE)
        if key in results:
            got, tolerance = results[key]
            what = "latents" if every else "logits" if key == "logits_pos" else key
            page.close(Target(what, side.side, name), arrays[name], got, tolerance=tolerance)
    if {"argmax", "max", "logsumexp"} <= set(given):
        with guarded(page, [Target("drawn token", side.side, given["argmax"])]):
            _check_draw(page, arrays, given, side)


def _check_draw(page: Page, arrays: dict[str, Array], given: dict[str, str], side: TokenSide) -> None:
    """The likeliest token of every place and its log-probability, as the graph of a bundle draws it."""
    codes = arrays[given["codes"]].astype(np.int64)
    rows = np.arange(arrays[given["argmax"]].shape[-1])
    drawn = [side.sample(item, rows, _no_uniforms(rows), settings=GREEDY, ring=False) for item in codes]
    tokens, log_probs = (np.stack(part) for part in zip(*drawn, strict=True))
    page.same(Target("drawn token", side.side, given["argmax"]), arrays[given["argmax"]], tokens)
    wanted = arrays[given["max"]] - arrays[given["logsumexp"]]
    target = Target("drawn log-probability", side.side, given["max"])
    page.close(target, wanted, log_probs, tolerance=LOGITS_TOLERANCE)


def _no_uniforms(rows: Array) -> Floats:
    return np.zeros(rows.shape, dtype=np.float32)


def check_lora(page: Page, fixtures: FixtureSet, models: Models) -> None:
    """Every `b<batch>_t<frames>_codes` through the model with its adapters treated in four ways."""
    arrays = fixtures.arrays[page.family]
    (adapted,) = files_said(fixtures, "full", ("coarse_lora",))
    plain, adapter = files_said(fixtures, "adapter_on_coarse", ("coarse", "coarse_adapter_only"))
    variants: dict[str, Callable[[], TokenTransformer]] = {
        "full": lambda: models.tokens(adapted),
        "full_adapters_zeroed": lambda: models.without_adapters(adapted),
        "adapter_on_coarse": lambda: models.adapted(plain, adapter),
        "saved_in_eval_mode": lambda: models.saved_merged(adapted),
    }
    cases = [match["case"] for name in arrays if (match := _LORA_CASE.fullmatch(name))]
    page.take(*(name for case in cases for name in (f"{case}_codes", f"{case}_pos") if name in arrays))
    for variant, read in variants.items():
        wanted = [f"{case}_{variant}_{kind}" for case in cases for kind in ("logits", "argmax")]
        wanted = [name for name in wanted if name in arrays]
        if not wanted:
            continue
        with guarded(page, [Target(variant, "torch", name) for name in wanted]):
            for side in logits_sides(read()):
                with guarded(page, [Target(variant, side.side, name) for name in wanted]):
                    for case in cases:
                        _check_variant(page, arrays, (case, variant), side)


def files_said(fixtures: FixtureSet, variant: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the weights files of a variant, in order: as the notes on its arrays say, or else the usual ones."""
    for (family, name), note in fixtures.notes.items():
        if family == "lora" and re.fullmatch(rf"b\d+_t\d+_{variant}_(logits|argmax)", name):
            said = tuple(_FILE.findall(note))
            if len(said) == len(usual):
                return said
    return usual


def _check_variant(page: Page, arrays: dict[str, Array], which: tuple[str, str], side: TokenSide) -> None:
    case, variant = which
    _, logits = side.look(arrays[f"{case}_codes"].astype(np.int64))
    name = f"{case}_{variant}_logits"
    if name in arrays:
        places = arrays.get(f"{case}_pos", np.arange(logits.shape[1]))
        got = logits[:, places].transpose(0, 2, 1)
        page.close(Target(variant, side.side, name), arrays[name], got, tolerance=LOGITS_TOLERANCE)
    name = f"{case}_{variant}_argmax"
    if name in arrays:
        page.same(Target(f"{variant}: argmax", side.side, name), arrays[name], logits.argmax(axis=-1))


def check_tokens(page: Page, fixtures: FixtureSet, models: Models) -> None:
    """Either family, by the page's name."""
    if page.family == "transformer":
        check_transformer(page, fixtures.arrays[page.family], models)
    else:
        check_lora(page, fixtures, models)
