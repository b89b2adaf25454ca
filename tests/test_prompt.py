"""Every prompt that is switched on changes the mask, and they combine as their help text says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.engine.beats import Beats
from vampbridge.engine.prompt import Surroundings, build_mask, idle_notes
from vampbridge.engine.settings import VampSettings

SHAPE = (6, 96)
NOTHING = VampSettings(period=0, codebooks_kept=6)
BEATS = Beats(np.arange(0, 96, 12), np.arange(8))
FRAME_MS = 768 / 44.1
ON_BEATS = NOTHING.changed(beat_after_ms=2 * FRAME_MS)


def kept(vamp_settings, **changes):
    """Frames that are kept."""
    return (~mask_of(vamp_settings, **changes)[0]).nonzero()[0].tolist()


def around(**changes):
    known = {
        "sample_rate": 44_100,
        "hop_samples": 768,
        "ring": True,
        "onset_frames": np.array([0, 30, 60]),
        "drawn": None,
        "beats": BEATS,
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
        {"beat_before_ms": 20},
        {"beat_after_ms": 20},
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
    frames = (~mask[0]).nonzero()[0]
    assert frames.tolist() == [*range(15), *range(96 - 29, 96)]


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
    every_other = NOTHING.changed(period=2)
    before, after = mask_of(every_other), mask_of(every_other.changed(dropout=0.25))
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
    beat_before_ms=st.floats(0, 1000),
    beat_after_ms=st.floats(0, 1000),
    beat_kind=st.sampled_from(["all", "downbeats", "upbeats"]),
    beat_downsample=st.integers(1, 64),
    beat_dropout=st.floats(0, 1),
    beat_invert=st.booleans(),
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
        ({"combine": "all", "period": 8, "beat_after_ms": 30}, None, None),
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


def test_sound_round_every_beat_is_kept_and_the_ring_closes_round_the_first():
    assert kept(ON_BEATS) == sorted(n + m for n in range(0, 96, 12) for m in (0, 1))
    before = NOTHING.changed(beat_before_ms=2 * FRAME_MS)
    assert kept(before)[-2:] == [94, 95]
    # A beat that is nearer to the start than `beat_before_ms` still keeps what there is.
    near = Beats(np.array([1, 50]), np.arange(2))
    assert kept(before, ring=False, beats=near) == [0, 48, 49]
    assert kept(before, ring=True, beats=near) == [0, 48, 49, 95]


@pytest.mark.parametrize(
    ("change", "frames"),
    [
        ({"beat_kind": "downbeats"}, [0, 48]),
        ({"beat_kind": "upbeats"}, [12, 24, 36, 60, 72, 84]),
        ({"beat_downsample": 2}, [0, 24, 48, 72]),
        ({"beat_downsample": 3}, [0, 36, 72]),
        ({"beat_kind": "downbeats", "beat_downsample": 2}, [0]),
        ({"beat_kind": "upbeats", "beat_downsample": 2}, [12, 36, 72]),
    ],
)
def test_the_beats_that_count_are_chosen_from_the_first_of_the_bar_on(change, frames):
    assert kept(ON_BEATS.changed(**change))[::2] == frames


def test_inverting_keeps_everything_but_the_beats():
    assert sorted(kept(ON_BEATS) + kept(ON_BEATS.changed(beat_invert=True))) == list(range(96))


@pytest.mark.parametrize(("share", "left"), [(0.25, 6), (0.5, 4), (1.0, 0)])
def test_beats_are_forgotten_whole_in_their_exact_share(share, left):
    frames = kept(ON_BEATS.changed(beat_dropout=share))
    assert len(frames) == 2 * left
    assert set(frames) <= set(kept(ON_BEATS))
    assert [frame + 1 for frame in frames[::2]] == frames[1::2]
    if 0 < left < 8:
        others = [kept(ON_BEATS.changed(beat_dropout=share), seed=seed) for seed in range(5)]
        assert len({tuple(other) for other in others}) > 1


@pytest.mark.parametrize("invert", [True, False])
def test_without_beats_nothing_is_kept_and_that_is_said(invert):
    none = Beats(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    chosen = ON_BEATS.changed(beat_invert=invert)
    assert mask_of(chosen, beats=none).all()
    assert any("set tempo_bpm" in note for note in idle_notes(chosen, around(beats=none), SHAPE[1]))
    assert idle_notes(chosen, around(), SHAPE[1]) == ()


def test_beats_and_onsets_move_apart_when_the_loop_is_stretched():
    longer = around().stretched(3)
    assert longer.onset_frames.tolist() == [0, 90, 180]
    assert longer.beats.frames.tolist() == list(range(0, 288, 36))
    assert longer.beats.numbers.tolist() == list(range(8))
