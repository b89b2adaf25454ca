"""Known defects of the published code: the default does the right thing, `engine.compat` what was published."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest
from decoding_helpers import fill
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.engine import loudness, masks, sampling, schedule
from vampbridge.engine.audio import resample_line
from vampbridge.engine.compat import audio as published_audio
from vampbridge.engine.compat import masks as published_masks
from vampbridge.engine.compat.decoding import Passes, RuntimeSource, Trace, flatten, generate, remask, unflatten
from vampbridge.engine.compat.sampling import top_k_filter
from vampbridge.engine.compat.windows import Stage, VampPlan, coarse_to_fine, coarse_vamp, vamp
from vampbridge.engine.errors import SettingError
from vampbridge.engine.prompt import Surroundings, build_mask
from vampbridge.engine.settings import VampSettings

VOCABULARY = 16
MASK = VOCABULARY


@dataclass
class FakeShape:
    n_conditioning: int = 0
    n_codebooks: int = 3
    context_frames: int = 1000
    vocabulary: int = VOCABULARY


@dataclass
class UniformModel:
    """Draws every token evenly and remembers what it was shown, and with which random numbers and settings."""

    shape: FakeShape = field(default_factory=FakeShape)
    seen: list = field(default_factory=list)

    def sample(self, codes, rows, uniforms, *, settings, ring):
        self.seen.append((codes.copy(), uniforms.copy(), settings))
        assert not ring or self.shape.context_frames == 1000
        return (uniforms * VOCABULARY).astype(np.int64), np.log(uniforms + 1e-3).astype(np.float32)


def source(model, seed=0):
    return RuntimeSource(model, VampSettings(typical=False), np.random.default_rng(seed))


def still_masked(n_items, n_steps=8):
    """How many tokens of each item were masked after each pass, (S, B), of a batch of fully masked items."""
    codes, trace = np.full((n_items, 3, 20), MASK), Trace()
    generate(source(UniformModel()), codes, None, Passes(n_steps, trace=trace))
    return np.stack(trace.masks).sum(axis=-1)


# The table of FIELD's defects, one test a row: the default first, then as published.


def test_the_schedule_counts_each_item_and_published_the_whole_batch():
    ours = [schedule.n_to_mask(Fraction(step + 1, 8), n_initial=60, n_masked_now=60) for step in range(7)]
    assert still_masked(1)[:7, 0].tolist() == ours
    both = still_masked(2)
    assert (both[:7] >= np.array(ours)[:, None]).all()
    assert (both[2:7] > np.array(ours[2:])[:, None]).any()


def test_dropout_drops_its_share_and_published_draws_with_replacement():
    kept = masks.empty((10, 1000))
    ours, theirs = (
        function(kept, 0.5, rng=np.random.default_rng(0)) for function in (masks.dropout, published_masks.dropout)
    )
    assert ours.mean() == 0.5
    assert theirs.mean() == pytest.approx(1 - np.exp(-0.5), abs=0.01)


def test_random_prompts_hold_their_share_and_published_toss_coins():
    counts = {int(published_masks.random((4, 50), 0.5, rng=np.random.default_rng(seed)).sum()) for seed in range(20)}
    assert len(counts) > 5
    assert {int(masks.random((4, 50), 0.5, rng=np.random.default_rng(seed)).sum()) for seed in range(20)} == {100}


def test_feedback_moves_the_prompt_and_published_keeps_it():
    chosen = VampSettings(period=8, feedback=4)
    around = Surroundings(44100, 768, ring=False, onset_frames=np.zeros(0, dtype=np.int64))
    rng = np.random.default_rng(0)
    rounds = [build_mask(chosen, (3, 40), around, rng=rng, round_index=index) for index in range(4)]
    assert all((rounds[0] != mask).any() for mask in rounds[1:])
    model = UniformModel()
    stage = stage_of(model, 40)
    mask = rounds[0][None]
    fine = stage_of(UniformModel(FakeShape(n_conditioning=2)), 40)
    vamp((stage, fine), np.zeros((1, 3, 40), dtype=np.int64), mask, VampPlan(feedback_steps=4))
    starts = [codes == MASK for codes, _, _ in model.seen[::3]]
    assert len(starts) == 4
    assert all((start == starts[0]).all() for start in starts)


def stage_of(model, window_frames, *, n_passes=3, seed=0):
    passes = Passes(n_passes)
    return Stage(model.shape, window_frames, lambda codes, mask: generate(source(model, seed), codes, mask, passes))


def test_windows_see_each_other_and_published_stand_alone_with_their_edges_kept():
    codes, mask = np.zeros((1, 3, 25), dtype=np.int64), np.ones((1, 3, 25), dtype=bool)
    mask[:, :, 4] = mask[:, :, 14] = False
    model = UniformModel()
    filled, given_codes = coarse_vamp(stage_of(model, 10), codes, mask)
    edges = [0, 9, 10, 19]
    assert (given_codes[:, :, edges] == 0).all()  # although the mask regenerates them
    assert (given_codes[:, :, 20:] == MASK).all()  # a window without a kept token keeps no edge
    assert (filled[:, :, edges] == 0).all()
    # Seeded alike, two windows of the same length draw from the same numbers.
    firsts = [uniforms for seen, uniforms, _ in model.seen if seen.shape[1] == 10][::3]
    assert (firsts[0] == firsts[1]).all()
    ours = UniformModel(FakeShape(context_frames=10))
    fill(ours, codes[0], mask[0], n_passes=3, ring=False, seed=(0,))
    assert not (ours.seen[0][1][:5] == ours.seen[3][1][:5]).all()


def test_the_last_fine_window_is_filled_up_with_code_0_whose_fine_part_is_masked():
    model = UniformModel(FakeShape(n_conditioning=1))
    codes, mask = np.full((1, 3, 13), 5), np.zeros((1, 3, 13), dtype=bool)
    filled, masked = coarse_to_fine(stage_of(model, 10, n_passes=1), codes, mask)
    (last, _, _) = model.seen[-1]
    assert last.shape == (3, 10)
    assert (last[0, 3:] == 0).all()
    assert (last[1:, 3:] == MASK).all()
    assert (filled == 5).all()
    assert (masked == 5).all()


def test_codebooks_that_are_not_there_count_as_code_0():
    model = UniformModel(FakeShape(n_conditioning=1))
    filled, _ = coarse_to_fine(stage_of(model, 10), np.full((1, 1, 10), 5), None)
    assert filled.shape == (1, 3, 10)
    assert (model.seen[0][0][1:] == MASK).all()


def test_onsets_near_the_start_are_protected_and_published_not():
    assert not masks.onset((1, 30), [1], width=8, wrap=False)[:, :5].any()
    assert published_masks.onset((1, 30), [1], width=4).all()


def test_widths_are_what_they_say_and_published_come_in_pairs():
    ours, theirs = (
        [int((~mask).sum()) for mask in kept]
        for kept in (
            [masks.periodic((1, 64), 64, width=width, offset=32, wrap=True) for width in (2, 3, 4, 5)],
            [np.roll(published_masks.periodic((1, 64), 32, width=width), 16) for width in (2, 3, 4, 5)],
        )
    )
    assert ours == [2, 3, 4, 5]
    assert theirs[0] == theirs[1]
    assert theirs[2] == theirs[3]


def test_silence_stays_silent_and_published_it_is_lifted():
    quiet = np.random.default_rng(0).standard_normal((1, 40000)).astype(np.float32) * 1e-5
    assert (loudness.normalise(quiet, 44100)[0] == quiet).all()
    lifted = published_audio.normalise(quiet, 44100)
    # One gain, from the -70 LUFS that stand for silence to -24 LUFS, in float32.
    assert np.abs(lifted).max() / np.abs(quiet).max() == pytest.approx(10 ** (46 / 20), rel=1e-6)


def test_masked_tokens_decode_as_code_0():
    codes = np.array([[3, MASK], [MASK, 2]])
    assert published_audio.without_mask(codes, mask_token=MASK).tolist() == [[3, 0], [0, 2]]
    assert codes[0, 1] == MASK


def test_ties_at_the_cut_are_all_kept_and_ours_are_broken():
    confidence = np.array([[0.5, 0.5, 0.5, 1.0, np.inf]], dtype=np.float32)
    assert remask(confidence, np.array([2])).sum() == 0
    assert sampling.remask(confidence[0], 2).sum() == 2


def test_of_a_single_place_none_is_masked_again():
    # A window of one frame, a model of one codebook: the schedule asks for one of one.
    assert not remask(np.zeros((2, 1), np.float32), np.array([1, 1])).any()


# Arithmetic.


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 30))
def test_flat_order_is_frame_by_frame_and_comes_back(n_items, n_codebooks, n_frames):
    rows = np.arange(n_items * n_codebooks * n_frames).reshape(n_items, n_codebooks, n_frames)
    flat = flatten(rows)
    assert (flat[:, :n_codebooks] == rows[:, :, 0]).all()
    assert (unflatten(flat, rows.shape) == rows).all()


@given(st.integers(1, 3), st.integers(1, 12), st.integers(0, 2**32 - 1), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_generation_fills_what_is_masked_and_nothing_else(n_items, n_frames, seed, n_passes):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, VOCABULARY + 1, (n_items, 3, n_frames))
    mask = rng.random(codes.shape) < 0.5
    model = UniformModel(FakeShape(n_conditioning=1))
    filled = generate(source(model), codes, mask, Passes(n_passes))
    known = ~mask & (codes != MASK)
    known[:, 0] = True
    assert (filled[known] == codes[known]).all()
    assert (filled[:, 1:] < VOCABULARY).all()


@pytest.mark.parametrize(("rate", "rate_out"), [(48000, 44100), (22050, 44100), (44100, 16000)])
def test_the_published_resampler_gives_the_same_music_as_ours(rate, rate_out):
    seconds = np.arange(rate) / rate
    tone = (0.5 * np.sin(2 * np.pi * 440 * seconds))[None].astype(np.float32)
    theirs = published_audio.resample(tone, rate, rate_out=rate_out)
    assert theirs.shape == (1, rate_out)
    ours = resample_line(tone, rate, rate_out=rate_out)
    middle = slice(rate_out // 4, rate_out // 2)
    # The ripple of the shorter filter in its passband: below -54 dB of this tone.
    np.testing.assert_allclose(theirs[:, middle], ours[:, middle], atol=1e-3)


@given(st.integers(1, 300), st.sampled_from([(48000, 44100), (8000, 44100), (44100, 44100), (44100, 8000)]))
@settings(max_examples=30, deadline=None)
def test_the_published_resampler_takes_any_length(n_samples, rates):
    resampled = published_audio.resample(np.ones((2, n_samples), np.float32), rates[0], rate_out=rates[1])
    assert resampled.shape == (2, n_samples * rates[1] // rates[0])
    # The same ripple at 0 Hz: the taps of a cut-off sinc do not sum to exactly 1.
    np.testing.assert_allclose(resampled, 1, atol=2e-3)


def test_top_k_keeps_ties_and_refuses_what_is_no_count():
    logits = np.array([[1.0, 3.0, 2.0, 2.0]], dtype=np.float32)
    assert top_k_filter(logits, k=2).tolist() == [[False, True, True, True]]
    with pytest.raises(SettingError, match=r"k must be in \[1, 4\], got 5"):
        top_k_filter(logits, k=5)
