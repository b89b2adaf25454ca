"""Iterative decoding against fake models: no weights, only counts and promises."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest
from decoding_helpers import fill
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.engine.decoding import Draw, Filling, n_windows, windows
from vampbridge.engine.settings import VampSettings

VOCABULARY = 16


@dataclass
class FakeShape:
    n_conditioning: int = 0
    n_codebooks: int = 3
    context_frames: int = 1000
    vocabulary: int = VOCABULARY


@dataclass
class UniformModel:
    """Draws every token evenly from the vocabulary and remembers what it was shown."""

    shape: FakeShape = field(default_factory=FakeShape)
    seen: list = field(default_factory=list)

    def sample(self, codes, rows, uniforms, *, settings, ring):
        self.seen.append((codes.copy(), rows.copy(), ring))
        tokens = (uniforms * VOCABULARY).astype(np.int64)
        return tokens, np.log(uniforms + 1e-3).astype(np.float32)


def codes_and_mask(n_frames, share, seed=0, n_codebooks=3):
    rng = np.random.default_rng(seed)
    return rng.integers(0, VOCABULARY, (n_codebooks, n_frames)), rng.random((n_codebooks, n_frames)) < share


def test_kept_tokens_come_out_as_they_went_in():
    codes, mask = codes_and_mask(50, 0.6)
    filled = fill(UniformModel(), codes, mask)
    assert (filled[~mask] == codes[~mask]).all()
    assert (filled[mask] != codes[mask]).any()
    assert filled.max() < VOCABULARY


def test_the_input_is_not_changed():
    codes, mask = codes_and_mask(20, 0.5)
    before = codes.copy()
    fill(UniformModel(), codes, mask)
    assert (codes == before).all()


def test_every_pass_is_counted_and_shows_fewer_masked_tokens():
    model, count = UniformModel(), []
    codes, mask = codes_and_mask(40, 0.9)
    fill(model, codes, mask, n_passes=6, count=count)
    masked = [int((seen == VOCABULARY).sum()) for seen, _, _ in model.seen]
    assert len(count) == len(masked) == 6
    assert masked[0] == mask.sum()
    assert all(a > b for a, b in itertools.pairwise(masked))


def test_the_model_is_asked_only_for_masked_rows():
    model = UniformModel()
    codes, mask = codes_and_mask(30, 0.3)
    fill(model, codes, mask)
    first_codes, rows, _ = model.seen[0]
    assert (first_codes.T.reshape(-1)[rows] == VOCABULARY).all()
    assert len(rows) == mask.sum()


def test_conditioning_codebooks_are_never_drawn():
    model = UniformModel(FakeShape(n_conditioning=2, n_codebooks=5))
    codes, mask = codes_and_mask(30, 1.0, n_codebooks=5)
    filled = fill(model, codes, mask)
    assert (filled[:2] == codes[:2]).all()
    assert (model.seen[0][0][:2] == codes[:2]).all()


def test_nothing_masked_runs_no_pass():
    model = UniformModel()
    codes, mask = codes_and_mask(30, 0.0)
    assert (fill(model, codes, mask) == codes).all()
    assert model.seen == []


def test_same_seed_same_tokens_other_seed_other_tokens():
    codes, mask = codes_and_mask(60, 0.8)
    first = fill(UniformModel(), codes, mask, seed=(7, 0))
    again = fill(UniformModel(), codes, mask, seed=(7, 0))
    other = fill(UniformModel(), codes, mask, seed=(7, 1))
    assert (first == again).all()
    assert (first != other).any()


@given(n_frames=st.integers(1, 200), context=st.integers(1, 60), ring=st.booleans(), n_passes=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_windows_fill_every_masked_token_of_any_length(n_frames, context, ring, n_passes):
    model = UniformModel(FakeShape(context_frames=context))
    codes, mask = codes_and_mask(n_frames, 0.7)
    codes[mask] = VOCABULARY + 5
    filled = fill(model, codes, mask, n_passes=n_passes, ring=ring)
    assert (filled < VOCABULARY).all()
    assert (filled[~mask] == codes[~mask]).all()
    assert all(seen.shape[1] <= context for seen, _, _ in model.seen)


@pytest.mark.parametrize("ring", [True, False])
def test_windows_cover_everything_and_later_ones_see_earlier_ones(ring):
    parts = windows(250, 100, ring=ring)
    assert len(parts) == n_windows(250, 100, ring=ring) > 1
    assert set(np.concatenate(parts).tolist()) == set(range(250))
    for before, after in itertools.pairwise(parts):
        assert set(before.tolist()) & set(after.tolist())


def test_only_a_ring_in_one_window_is_shown_as_a_ring():
    codes, mask = codes_and_mask(100, 0.5)
    whole, parts = UniformModel(), UniformModel(FakeShape(context_frames=40))
    fill(whole, codes, mask, ring=True)
    fill(parts, codes, mask, ring=True)
    assert all(ring for _, _, ring in whole.seen)
    assert not any(ring for _, _, ring in parts.seen)


def test_on_the_ring_the_last_window_reaches_into_the_start():
    assert 0 in windows(250, 100, ring=True)[-1]
    assert windows(250, 100, ring=False)[-1][-1] == 249


@given(lefts=st.lists(st.integers(2, 20), max_size=8), share=st.floats(0, 1))
def test_however_the_passes_are_replanned_the_window_ends_full(lefts, share):
    model = UniformModel()
    codes, mask = codes_and_mask(20, share)
    filling = Filling(model, np.where(mask, VOCABULARY, codes), mask, Draw(VampSettings(), True, (1,)))
    drawn = [filling.step(n_left) for n_left in [*lefts, 1]]
    assert filling.is_done
    assert drawn[0] == filling.n_open == mask.sum()
    assert all(a > b or a <= 1 for a, b in itertools.pairwise(drawn))
    assert (filling.codes < VOCABULARY).all()
    assert (filling.codes[~mask] == codes[~mask]).all()


def test_the_same_passes_give_the_same_tokens_and_others_do_not():
    codes, mask = codes_and_mask(60, 0.8)

    def filled(*lefts):
        filling = Filling(UniformModel(), codes, mask, Draw(VampSettings(), True, (7,)))
        for n_left in lefts:
            filling.step(n_left)
        return filling.codes

    assert (filled(8, 7, 3, 2, 1) == filled(8, 7, 3, 2, 1)).all()
    assert (filled(8, 7, 3, 2, 1) != filled(5, 4, 3, 2, 1)).any()
    assert (filled(4, 3, 2, 1) == fill(UniformModel(), codes, mask, seed=(7,))).all()
