from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine import schedule
from vampbridge.engine.errors import SettingError

PUBLISHED = dict(np.load(Path(__file__).parent / "fixtures" / "published" / "sampling.npz"))
STEPS = [1, 2, 4, 8, 12, 36, 64]
# The reference's cosine is a float32 routine that may miss by one unit in the last place; the floors agree exactly.
ONE_ULP = 6e-8


def test_the_cosine_is_the_published_one():
    np.testing.assert_allclose(schedule.gamma(PUBLISHED["gamma_r"]), PUBLISHED["gamma"], rtol=0, atol=ONE_ULP)
    np.testing.assert_allclose(
        schedule.inverse_gamma(PUBLISHED["invgamma_y"]), PUBLISHED["invgamma"], rtol=0, atol=ONE_ULP
    )
    assert schedule.gamma(0.5).dtype == np.float32


@pytest.mark.parametrize("n_steps", STEPS)
def test_every_published_count_is_reproduced(n_steps):
    counts = PUBLISHED["floor_N"]
    assert PUBLISHED[f"floor_steps{n_steps}"].shape == (len(counts), n_steps) == (12, n_steps)
    for n_initial, floors in zip(counts, PUBLISHED[f"floor_steps{n_steps}"], strict=True):
        for step, floor in enumerate(floors[:-1]):
            # With all tokens still masked only the two limits act.
            limited = max(1, min(int(n_initial) - 1, int(floor)))
            counted = schedule.n_to_mask(
                Fraction(step + 1, n_steps), n_initial=int(n_initial), n_masked_now=int(n_initial)
            )
            assert counted == limited
        assert floors[-1] == 0


def test_float64_would_give_other_counts():
    in_float64 = [
        np.floor(np.cos(np.pi / 2 * (np.arange(s) + 1) / s)[None] * PUBLISHED["floor_N"][:, None]) for s in STEPS
    ]
    published = [PUBLISHED[f"floor_steps{s}"] for s in STEPS]
    assert sum((a != b).sum() for a, b in zip(in_float64, published, strict=True)) == 18


@given(st.integers(0, 20000), st.integers(1, 64))
def test_every_pass_decides_a_token_until_none_is_left(n_initial, n_steps):
    masked = n_initial
    for step in range(n_steps):
        left = schedule.n_to_mask(Fraction(step + 1, n_steps), n_initial=n_initial, n_masked_now=masked)
        assert 0 <= left <= masked
        assert left < masked or masked <= 1
        masked = left
    assert masked == 0


def test_an_item_with_nothing_to_do_stays_so():
    assert schedule.n_to_mask(Fraction(1, 8), n_initial=0, n_masked_now=0) == 0
    assert schedule.n_to_mask(Fraction(1, 8), n_initial=50, n_masked_now=0) == 0


@pytest.mark.parametrize(("progress", "now"), [(Fraction(9, 8), 1), (Fraction(0), 1), (Fraction(1), 11), (1, -1)])
def test_a_pass_that_cannot_be_is_refused(progress, now):
    with pytest.raises(SettingError, match="must be in"):
        schedule.n_to_mask(progress, n_initial=10, n_masked_now=now)


@pytest.mark.parametrize("n_steps", range(1, 65))
def test_passes_that_are_never_replanned_are_exactly_the_published_steps(n_steps):
    progress = Fraction(0)
    for step in range(n_steps):
        progress = schedule.next_progress(progress, n_steps - step)
        assert float(progress) == (step + 1) / n_steps


@given(st.lists(st.integers(2, 64), max_size=30), st.integers(0, 20000))
def test_however_the_plan_changes_every_pass_decides_and_the_last_one_ends_it(lefts, n_initial):
    progress, masked = Fraction(0), n_initial
    for n_left in [*lefts, 1]:
        before, progress = progress, schedule.next_progress(progress, n_left)
        assert before < progress <= 1
        left = schedule.n_to_mask(progress, n_initial=n_initial, n_masked_now=masked)
        assert left < masked or masked <= 1
        masked = left
    assert progress == 1
    assert masked == 0


def test_a_plan_without_a_pass_is_refused():
    with pytest.raises(SettingError, match="n_left must be at least 1, got 0"):
        schedule.next_progress(Fraction(1, 2), 0)
