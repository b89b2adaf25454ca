"""The family `masks`: every case of masks.json, onsets, seconds to frames, and masks applied. Numpy only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine import masks
from ...engine.compat import masks as published
from ...engine.errors import MissingDependencyError
from ...engine.onsets import onset_frames
from ...engine.units import frames_for_seconds
from .book import Array, Page, Target
from .fixture_set import FixtureSet
from .guard import guarded
from .models import Models

Case = dict[str, Any]
_S2T = re.compile(r"at (\d+) Hz, hop (\d+)")


class _UnrecordedError(Exception):
    """A case draws random numbers that the set does not record."""


def check_masks(page: Page, fixtures: FixtureSet, models: Models) -> None:  # noqa: ARG001
    """Every case and every table of the set."""
    arrays = fixtures.arrays[page.family]
    listed = fixtures.cases.get("masks", {}).get("cases", [])
    page.take(*(name for name in arrays if name.startswith("in_")))
    page.take(*(name for name in ("onset_audio", "beat_times", "downbeat_times") if name in arrays))
    page.skip("onset_strength", "librosa's own envelope; the onsets picked from it are checked")
    for case in listed:
        if case.get("name") in arrays:
            _check_case(page, arrays, case)
    onset_case = next((case for case in listed if "onset_frames" in case.get("inputs", {})), None)
    if onset_case:
        _check_onsets(page, arrays, onset_case["inputs"])
    _check_tables(page, fixtures, listed)


def _check_case(page: Page, arrays: dict[str, Array], case: Case) -> None:
    name, function = case["name"], case["function"]
    target = Target(function, "numpy", name)
    if function not in FUNCTIONS:
        page.skip(name, f"unknown: this version of Vampbridge knows no published function {function}")
        return
    with guarded(page, [target]):
        wanted = arrays[name]
        try:
            got = np.stack([FUNCTIONS[function](case, arrays, item) for item in range(wanted.shape[0])])
        except _UnrecordedError as error:
            page.skip(name, str(error))
            return
        if got.shape[1] > wanted.shape[1] == 1:
            # One row was stored where all were alike.
            page.hold(target, true=bool((got == got[:, :1]).all()), otherwise="the codebooks are not alike")
            got = got[:, :1]
        elif got.shape[1] == 1:
            # Beats are the same in every codebook; a set may hold them for each.
            got = got.repeat(wanted.shape[1], axis=1)
        page.same(target, wanted, got.astype(wanted.dtype))


def _check_onsets(page: Page, arrays: dict[str, Array], inputs: Case) -> None:
    audio = arrays[inputs["audio"]].astype(np.float32)[None]
    for name, backtrack in (("onset_frames_backtracked", True), ("onset_frames_plain", False)):
        if name in arrays:
            target = Target("onsets", "numpy", name)
            with guarded(page, [target]):
                try:
                    rate, hop = inputs["sample_rate"], inputs["hop_length"]
                    got = onset_frames(audio, rate, hop_samples=hop, ring=False, backtrack=backtrack)
                except MissingDependencyError as error:
                    page.skip(name, str(error))
                else:
                    page.same(target, arrays[name], got)


def _check_tables(page: Page, fixtures: FixtureSet, listed: list[Case]) -> None:
    arrays = fixtures.arrays[page.family]
    if "s2t_table" in arrays:
        target = Target("seconds to frames", "numpy", "s2t_table")
        with guarded(page, [target]):
            rate, hop = _rate_and_hop(fixtures, listed)
            table = arrays["s2t_table"]
            got = [(seconds, frames_for_seconds(float(seconds), rate, hop_samples=hop)) for seconds in table[:, 0]]
            page.same(target, table, np.array(got))
    if "apply_mask_out" in arrays:
        target = Target("apply_mask", "numpy", "apply_mask_out")
        with guarded(page, [target]):
            wanted = arrays["apply_mask_out"]
            # The mask token is the only value above every code.
            pairs = zip(arrays["in_codes"].astype(np.int64), arrays["in_mask1"].astype(bool), strict=True)
            applied = [masks.apply_mask(codes, mask, mask_token=int(wanted.max())) for codes, mask in pairs]
            page.same(target, wanted, np.stack(applied))


def _rate_and_hop(fixtures: FixtureSet, listed: list[Case]) -> tuple[int, int]:
    """Sample rate and hop of the seconds-to-frames table: as its note says, or as the beat masks have them."""
    if match := _S2T.search(fixtures.notes.get(("masks", "s2t_table"), "")):
        return int(match[1]), int(match[2])
    inputs = next(case["inputs"] for case in listed if "hop_length" in case.get("inputs", {}))
    return inputs["sample_rate"], inputs["hop_length"]


def _shape(case: Case) -> tuple[int, int]:
    _, n_codebooks, n_frames = case["inputs"]["shape"]
    return n_codebooks, n_frames


def _given(case: Case, arrays: dict[str, Array], item: int, key: str = "mask") -> masks.Mask:
    chosen: masks.Mask = arrays[case["inputs"][key]][item].astype(bool)
    return chosen


def _no_draws() -> np.random.Generator:
    """For functions whose random part is switched off in the case."""
    return np.random.Generator(np.random.PCG64(0))


def _periodic(case: Case) -> masks.Mask:
    args = case["args"]
    if args.get("random_roll") and "roll_offset_drawn" not in args:
        raise _UnrecordedError("the roll was drawn at random and is not recorded")
    mask = published.periodic(_shape(case), args["period"], width=args["width"])
    return np.roll(mask, args.get("roll_offset_drawn") or 0, axis=1)


def _random(case: Case) -> masks.Mask:
    if case["args"]["r"] not in {0, 1}:
        raise _UnrecordedError("every token's coin was drawn at random and is not recorded")
    return published.random(_shape(case), case["args"]["r"], rng=_no_draws())


def _dropout(case: Case, arrays: dict[str, Array], item: int) -> masks.Mask:
    if case["args"]["p"] != 0:
        raise _UnrecordedError("the dropped tokens were drawn at random and are not recorded")
    return published.dropout(_given(case, arrays, item), 0.0, rng=_no_draws())


def _stretch(case: Case) -> masks.Mask:
    shape = _shape(case)
    factor = case["args"]["stretch_factor"]
    return masks.time_stretch(np.zeros(shape, np.int64), factor, n_frames=shape[1])[1]


def _onset(case: Case, arrays: dict[str, Array]) -> masks.Mask:
    frames = [int(frame) for frame in arrays[case["inputs"]["onset_frames"]]]
    return published.onset(_shape(case), frames, width=case["args"]["width"])


def _beats(case: Case, arrays: dict[str, Array]) -> masks.Mask:
    args, inputs = case["args"], case["inputs"]
    if args["dropout"] != 0:
        raise _UnrecordedError("the dropped beats were drawn at random and are not recorded")

    def frames(seconds: float) -> int:
        return frames_for_seconds(float(seconds), inputs["sample_rate"], hop_samples=inputs["hop_length"])

    prompt = published.BeatPrompt(
        beats=[frames(seconds) for seconds in arrays[inputs["beats"]]],
        downbeats=[frames(seconds) for seconds in arrays[inputs["downbeats"]]],
        before=frames(args["before_beat_s"]),
        after=frames(args["after_beat_s"]),
        use_upbeats=args["mask_upbeats"],
        use_downbeats=args["mask_downbeats"],
        upbeat_step=args["beat_downsample_factor"] or 1,
        downbeat_step=args["downbeat_downsample_factor"] or 1,
        invert=args["invert"],
    )
    return published.beats((1, frames(inputs["duration_s"])), prompt)


def _build(case: Case, arrays: dict[str, Array]) -> masks.Mask:
    args, inputs = case["args"], case["inputs"]
    if args["rand_mask_intensity"] not in {0, 1} or args["_dropout"] != 0:
        raise _UnrecordedError("a random part of it is not recorded")

    def frames(seconds: float) -> int:
        return frames_for_seconds(float(seconds), inputs["sample_rate"], hop_samples=inputs["hop_length"])

    onsets: list[int] = []
    if args["onset_mask_width"]:
        audio = arrays[inputs["audio"]].astype(np.float32)[None]
        onsets = onset_frames(audio, inputs["sample_rate"], hop_samples=inputs["hop_length"], ring=False).tolist()
    prompt = published.BuiltPrompt(
        random_ratio=args["rand_mask_intensity"],
        n_prefix=frames(args["prefix_s"]),
        n_suffix=frames(args["suffix_s"]),
        period=args["periodic_prompt"],
        period_width=args["periodic_prompt_width"],
        roll=args["roll_offset_drawn"] or 0,
        onset_frames=onsets,
        onset_width=args["onset_mask_width"],
        n_conditioning=args["ncc"],
        codebooks_kept=args["upper_codebook_mask"],
    )
    return published.build(_shape(case), prompt, rng=_no_draws())


FUNCTIONS: dict[str, Callable[[Case, dict[str, Array], int], masks.Mask]] = {
    "inpaint": lambda case, _arrays, _item: masks.prefix_suffix(_shape(case), **case["args"]),
    "periodic_mask": lambda case, _arrays, _item: _periodic(case),
    "codebook_mask": lambda case, arrays, item: published.mask_upper_codebooks(
        _given(case, arrays, item), case["args"]["val1"]
    ),
    "codebook_unmask": lambda case, arrays, item: masks.keep_lower_codebooks(
        _given(case, arrays, item), case["args"]["n_conditioning_codebooks"] or 0
    ),
    "mask_and": lambda case, arrays, item: masks.mask_and(
        _given(case, arrays, item, "mask1"), _given(case, arrays, item, "mask2")
    ),
    "mask_or": lambda case, arrays, item: masks.mask_or(
        _given(case, arrays, item, "mask1"), _given(case, arrays, item, "mask2")
    ),
    "full_mask": lambda case, _arrays, _item: masks.full(_shape(case)),
    "empty_mask": lambda case, _arrays, _item: masks.empty(_shape(case)),
    "linear_random": lambda case, _arrays, _item: _random(case),
    "dropout": _dropout,
    "time_stretch_mask": lambda case, _arrays, _item: _stretch(case),
    "onset_mask": lambda case, arrays, _item: _onset(case, arrays),
    "make_beat_mask": lambda case, arrays, _item: _beats(case, arrays),
    "build_mask": lambda case, arrays, _item: _build(case, arrays),
}
