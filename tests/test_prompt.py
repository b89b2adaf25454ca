"""Every prompt that is switched on changes the mask, and they combine as their help text says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.engine.prompt import Surroundings, build_mask, idle_notes
from vampbridge.engine.settings import VampSettings

SHAPE = (6, 96)
NOTHING = VampSettings(period=0, codebooks_kept=6)


def around(**changes):
    known = {
        "sample_rate": 44_100,
        "hop_samples": 768,
        "ring": True,
        "onset_frames": np.array([0, 30, 60]),
        "drawn": None,
    }
    return Surroundings(**{**known, **changes})


def mask_of(vamp_settings, *, seed=0, round_index=0, **changes):
    return build_mask(vamp_settings, SHAPE, around(**changes), rng=np.random.default_rng(seed), round_index=round_index)


def test_without_a_prompt_everything_is_drawn_anew():
    assert mask_of(NOTHING).all()


@pytest.mark.parametrize(
    "change",
    [
        {"period": 4},
        {"period": 8, "period_width": 3},
        {"prefix_s": 0.5},
        {"suffix_s": 0.5},
        {"random_keep": 0.3},
        {"onset_width": 3},
    ],
)
def test_every_prompt_keeps_something_and_not_everything(change):
    mask = mask_of(NOTHING.changed(**change))
    assert 0 < mask.sum() < mask.size


def test_the_period_is_kept_in_frames_and_shifted_by_its_offset():
    mask = mask_of(NOTHING.changed(period=8))
    assert (~mask[0]).nonzero()[0].tolist() == list(range(0, 96, 8))
    moved = mask_of(NOTHING.changed(period=8, period_offset=3))
    assert (moved == np.roll(mask, 3, axis=1)).all()


def test_prefix_and_suffix_are_measured_in_seconds():
    mask = mask_of(NOTHING.changed(prefix_s=0.25, suffix_s=0.5))
    kept = (~mask[0]).nonzero()[0]
    assert kept.tolist() == [*range(15), *range(96 - 29, 96)]


def test_finer_codebooks_are_never_kept():
    mask = mask_of(NOTHING.changed(period=1, codebooks_kept=2))
    assert not mask[:2].any()
    assert mask[2:].all()


def test_any_keeps_the_union_and_all_the_intersection():
    both = NOTHING.changed(period=4, prefix_s=0.5)
    periodic, prefix = mask_of(NOTHING.changed(period=4)), mask_of(NOTHING.changed(prefix_s=0.5))
    assert (mask_of(both) == (periodic & prefix)).all()
    assert (mask_of(both.changed(combine="all")) == (periodic | prefix)).all()


def test_dropout_forgets_its_exact_share_of_the_kept_tokens():
    kept = NOTHING.changed(period=2)
    before, after = mask_of(kept), mask_of(kept.changed(dropout=0.25))
    assert (after | ~before).all() or (after >= before).all()
    assert after.sum() - before.sum() == round(0.25 * (~before).sum())


def test_random_prompts_follow_the_generator_alone():
    random = NOTHING.changed(random_keep=0.4)
    assert (mask_of(random, seed=1) == mask_of(random, seed=1)).all()
    assert (mask_of(random, seed=1) != mask_of(random, seed=2)).any()


def test_a_drawn_mask_is_stretched_over_the_loop():
    mask = mask_of(NOTHING, drawn=np.array([[True, False]]))
    assert mask[:, :48].all()
    assert not mask[:, 48:].any()


def test_each_feedback_round_keeps_other_frames():
    feedback = NOTHING.changed(period=8, feedback=4)
    rounds = [mask_of(feedback, round_index=index) for index in range(4)]
    starts = [int((~mask[0]).nonzero()[0][0]) for mask in rounds]
    assert starts == [0, 2, 4, 6]


def test_onsets_near_the_seam_protect_both_sides_of_it_on_the_ring():
    ring = mask_of(NOTHING.changed(onset_width=5), onset_frames=np.array([0]))
    line = mask_of(NOTHING.changed(onset_width=5), onset_frames=np.array([0]), ring=False)
    assert not ring[0, [0, 1, 94, 95]].any()
    assert line[0, [94, 95]].all()
    assert not line[0, 0]


@given(
    period=st.integers(0, 128),
    period_width=st.integers(1, 64),
    period_offset=st.integers(0, 127),
    prefix_s=st.floats(0, 600),
    random_keep=st.floats(0, 1),
    dropout=st.floats(0, 1),
    onset_width=st.integers(0, 64),
    combine=st.sampled_from(["any", "all"]),
    ring=st.booleans(),
)
@settings(max_examples=100)
def test_any_settings_give_a_mask_of_the_right_shape(ring, **changes):
    wanted = VampSettings().changed(**changes)
    mask = mask_of(wanted, ring=ring)
    assert mask.shape == SHAPE
    assert mask.dtype == np.bool_
    assert mask[wanted.codebooks_kept :].all()


@pytest.mark.parametrize(
    ("change", "drawn", "note"),
    [
        ({"combine": "all"}, None, "where none is on"),
        ({"combine": "all", "period": 8}, None, "where one is on"),
        ({"combine": "all", "prefix_s": 0.1, "suffix_s": 0.1}, None, "where one is on"),
        ({"combine": "all", "period": 8, "onset_width": 3}, None, None),
        ({"combine": "all", "period": 8}, np.ones((1, 2), dtype=bool), None),
        ({"period": 8, "period_offset": 16}, None, "period_offset 16 changes nothing"),
        ({"period": 8, "period_offset": 9}, None, None),
        ({"period": 7, "period_offset": 7}, None, None),  # 96 frames: the shorter gap of the ring moves
    ],
)
def test_a_prompt_setting_that_changes_nothing_is_said(change, drawn, note):
    vamp_settings = NOTHING.changed(**change)
    notes = idle_notes(vamp_settings, around(drawn=drawn), SHAPE[1])
    assert [note in text for text in notes] == ([True] if note else [])
    unchanged = VampSettings().changed(**{**vamp_settings.to_dict(), "combine": "any", "period_offset": 0})
    same = (mask_of(vamp_settings, drawn=drawn) == mask_of(unchanged, drawn=drawn)).all()
    assert same == (note is not None)
