"""Deadlines on paper: what costs are learned, what is planned with them, and what a line is promised."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from deadline_helpers import COSTS, FACTS, WORKS, costs_of, positions, work_of
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.deadlines.costs import LEAST_SAFETY, MARGIN_S, MOST_SAFETY, CostModel, Curve, PassCounts
from vampbridge.engine.deadlines.estimate import Sound, estimate_work, token_frames
from vampbridge.engine.deadlines.line import Need, share_until, starts
from vampbridge.engine.deadlines.outlook import vamp_s
from vampbridge.engine.deadlines.passes import as_asked, check_against, check_passes, count
from vampbridge.engine.deadlines.plan import (
    LEAST_COARSE_PASSES,
    LEAST_FINE_PASSES,
    Moment,
    Terms,
    asked_s,
    choose,
    expected_s,
    ladder,
    least_safe_s,
    make_plan,
)
from vampbridge.engine.deadlines.work import COARSE, FINE
from vampbridge.engine.errors import SettingError
from vampbridge.engine.settings import VampSettings

LEFT = st.floats(-100, 5000)


# Costs.


def test_a_curve_goes_through_its_points_and_never_below_the_first():
    curve = Curve(((10, 1.0), (20, 3.0), (40, 4.0)))
    assert [curve.at(n) for n in (1, 10, 15, 20, 30, 40, 60)] == [1.0, 1.0, 2.0, 3.0, 3.5, 4.0, 5.0]
    assert Curve(((10, 1.0),)).at(30) == 3.0
    assert Curve(((10, 2.0), (20, 1.0))).at(100) == 2.0


@pytest.mark.parametrize("slowness", [0.5, 1.0, 3.0])
def test_costs_come_to_what_stages_really_take(slowness):
    costs = costs_of()
    counts = PassCounts(100, 1, 0)
    for _ in range(12):
        predicted_s = costs.passes_s(COARSE, counts)
        costs.observe("coarse", predicted_s, slowness)
    assert costs.passes_s(COARSE, counts) == pytest.approx(slowness, rel=0.02)


def test_a_busy_machine_is_expected_to_be_slow_at_everything_but_less_surely():
    costs = costs_of()
    for _ in range(20):
        costs.observe("coarse", costs.passes_s(COARSE, PassCounts(100, 1, 0)), 2.0)
    assert costs.passes_s(COARSE, PassCounts(100, 1, 0)) == pytest.approx(2.0, rel=0.01)
    assert 1.1 < costs.decode_s(100) < 1.5


def test_one_odd_take_of_a_hundred_does_not_make_all_others_careful_and_two_do():
    costs = CostModel()
    before = costs.safety
    costs.observe_take(1.0, 3.0)
    assert costs.safety == before
    costs.observe_take(1.0, 3.0)
    assert costs.safety == 3.0


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), max_size=300))
def test_safety_stays_within_its_limits_whatever_is_measured(takes):
    costs = costs_of(ratios=())
    for predicted_s, measured_s in takes:
        costs.observe("fine", predicted_s, measured_s)
        costs.observe_take(predicted_s, measured_s)
    assert LEAST_SAFETY <= costs.safety <= MOST_SAFETY
    assert 0 < costs.passes_s(FINE, PassCounts(100, 1, 0)) < 1e3


def test_side_by_side_is_learned_apart():
    costs = costs_of()
    one = PassCounts(100, 1, 0)
    for _ in range(12):
        costs.observe("coarse", costs.passes_s(COARSE, one, variations=2), 1.0, variations=2)
    assert costs.passes_s(COARSE, one, variations=2) == pytest.approx(1.0, rel=0.02)
    assert costs.passes_s(COARSE, one) > 0.75


def test_costs_are_plain_json():
    costs = costs_of(row=0.001)
    costs.observe("coarse", 1.0, 2.0, variations=3)
    told = json.loads(json.dumps(costs.to_dict()))
    assert told["facts"]["hop"] == FACTS.hop
    assert told["curves"]["encode"] == [[1, 1.0], [2, 1.0]]
    assert told["levels"]["coarse, side by side"] > 1
    assert told["row_s"]["fine, filtered"] == 0.001
    assert json.dumps(CostModel().to_dict())


# Plans.


def test_the_ladder_by_hand():
    rungs = [(r.coarse, r.fine, r.feedback) for r in ladder(6, 2, 2)]
    assert rungs == [(4, 1, 1), (4, 1, 2), (4, 2, 2), (5, 2, 2), (6, 2, 2)]
    assert [(r.coarse, r.fine, r.feedback) for r in ladder(2, 1, 1)] == [(2, 1, 1)]


def test_what_is_expected_by_hand():
    costs, work = costs_of(encode=1, coarse=10, fine=100, decode=1000), work_of(6, 2, 2, windows=(2, 3))
    top = ladder(6, 2, 2)[-1]
    assert expected_s(costs, work, top) == 1 + 2 * (12 * 10 + 6 * 100) + 1000
    assert expected_s(costs, replace(work, variations=2), top) == 1 + 2 * 2 * (12 * 10 + 6 * 100) + 2000
    rows = work_of(2, 1, rows=100)
    # Of 100 tokens all are drawn in the first pass, cos(45°) of them in the second; the fine pass draws 100.
    assert expected_s(costs_of(0, 0, 0, 0, row=1.0), rows, ladder(2, 1, 1)[0]) == pytest.approx(100 + 70.71 + 100, 1e-4)


@given(COSTS, WORKS, LEFT, st.data())
def test_never_more_than_asked_nor_less_than_the_least(costs, work, left_s, data):
    rung, _ = choose(costs, work, left_s, data.draw(positions(work)))
    assert min(work.coarse.n_passes, LEAST_COARSE_PASSES) <= rung.coarse <= work.coarse.n_passes
    assert min(work.fine.n_passes, LEAST_FINE_PASSES) <= rung.fine <= work.fine.n_passes
    assert 1 <= rung.feedback <= work.feedback


@given(COSTS, WORKS, st.data(), LEFT, LEFT)
def test_more_time_never_gives_less(costs, work, data, one_s, other_s):
    at = data.draw(positions(work))
    short, _ = choose(costs, work, min(one_s, other_s), at)
    long, _ = choose(costs, work, max(one_s, other_s), at)
    assert short.coarse <= long.coarse
    assert short.fine <= long.fine
    assert short.feedback <= long.feedback


@given(COSTS, WORKS, st.data())
def test_with_time_enough_everything_is_done(costs, work, data):
    at = data.draw(positions(work))
    rung, seconds = choose(costs, work, costs.safe_s(asked_s(costs, work, at)) + 1e-6, at)
    assert (rung.coarse, rung.fine, rung.feedback) == (work.coarse.n_passes, work.fine.n_passes, work.feedback)
    assert seconds == asked_s(costs, work, at)


@given(COSTS, WORKS, st.floats(-1e3, 1e3), st.floats(0.05, 60), st.data())
def test_a_promise_is_for_the_first_deadline_that_is_safe(costs, work, left_s, cycle_s, data):
    at, before = data.draw(positions(work)), data.draw(st.integers(0, 5))
    now_s = 1000.0
    terms = Terms(now_s + left_s, cycle_s)
    plan = make_plan(costs, work, terms, Moment(now_s, at, cycles_late=before))
    assert plan.cycles_late >= before
    assert plan.due_s == pytest.approx(terms.deadline_s + plan.cycles_late * cycle_s)
    assert plan.left_s == pytest.approx(plan.due_s - now_s)
    if plan.cycles_late < 1000:
        assert plan.safe_s <= plan.left_s + 1e-6
    if plan.cycles_late > before:
        assert plan.due_s - cycle_s < now_s + least_safe_s(costs, work, at) + 1e-6


@given(COSTS, WORKS, st.floats(0, 500), st.floats(-10, 500))
def test_who_must_share_makes_fewer_passes_but_breaks_no_promise(costs, work, left_s, share_s):
    terms = Terms(left_s, 10.0)
    alone, shared = (make_plan(costs, work, terms, Moment(0.0, share_until_s=s)) for s in (None, share_s))
    assert shared.due_s == alone.due_s
    assert shared.expected_s <= alone.expected_s
    if shared.safe_s > max(share_s, least_safe_s(costs, work)) + 1e-6:
        pytest.fail("it goes on longer than it may")


# Passes, written down.


@given(WORKS)
def test_passes_as_asked_are_fit_to_be_asked_for(work):
    passes = as_asked(work)
    assert check_passes(json.loads(json.dumps(passes))) == passes
    check_against(passes, work)
    assert count(passes, COARSE) == work.feedback * work.coarse.n_windows * work.coarse.n_passes
    assert count(passes, FINE) == work.feedback * work.fine.n_windows * work.fine.n_passes


@pytest.mark.parametrize(
    ("passes", "text"),
    [
        ([], "at least one round"),
        ("12", "must be a list, got '12'"),
        ([[[[1]]]], "two stages, coarse and fine, got 1"),
        ([[[[2, 1]], [[]]]], "above 1 and then a last 1"),
        ([[[[2, 1, 1]], [[1]]]], "above 1 and then a last 1"),
        ([[[[3, 2]], [[1]]]], "above 1 and then a last 1"),
        ([[[[0, 1]], [[1]]]], "above 1 and then a last 1"),
        ([[[[2.0, 1]], [[1]]]], "whole numbers"),
        ([[[[True]], [[1]]]], "whole numbers"),
    ],
)
def test_passes_that_cannot_be_are_refused(passes, text):
    with pytest.raises(SettingError, match=text):
        check_passes(passes)


def test_passes_of_another_loop_are_refused():
    passes = as_asked(work_of(feedback=2, windows=(2, 3)))
    with pytest.raises(SettingError, match="at most 1 rounds"):
        check_against(passes, work_of(windows=(2, 3)))
    with pytest.raises(SettingError, match="round 1, fine, must have 4 windows"):
        check_against(passes, work_of(feedback=2, windows=(2, 4)))


# What there is to do.


@given(
    n_samples=st.integers(800, 2_000_000),
    rate=st.integers(8000, 192_000),
    changes=st.fixed_dictionaries(
        {
            "period": st.integers(0, 60),
            "stretch": st.integers(1, 8),
            "loop": st.booleans(),
            "codebooks_kept": st.integers(0, 14),
        }
    ),
)
def test_an_estimate_never_draws_more_than_everything(n_samples, rate, changes):
    settings, sound = VampSettings(**changes), Sound(n_samples, rate)
    work = estimate_work(FACTS, settings, sound)
    assert work.n_frames == token_frames(FACTS, sound, ring=settings.loop) >= 1
    assert work.n_frames_out == work.n_frames * settings.stretch
    assert 0 <= work.coarse.n_rows <= 4 * work.n_frames_out
    assert 0 <= work.fine.n_rows <= 10 * work.n_frames_out
    assert work.coarse.window_frames <= FACTS.coarse_context
    assert work.coarse.n_windows * work.coarse.window_frames >= work.n_frames_out
    if changes["period"] == 0:
        assert work.coarse.n_rows == 4 * work.n_frames_out


def test_what_a_vamp_takes_is_told_as_expected_and_as_safe():
    fixed = costs_of(2.0, 0.0, 0.0, 0.0)  # two seconds for any loop
    assert vamp_s(fixed, VampSettings(), 1.0) == (2.0, 2.0 * LEAST_SAFETY + MARGIN_S)


# A line.

NEEDS = st.builds(
    lambda deadline_s, least_s, more_s: Need(Terms(deadline_s, 1.0), least_s, least_s + more_s),
    st.floats(0, 100),
    st.floats(0, 10),
    st.floats(0, 50),
)


@given(NEEDS, st.lists(NEEDS, max_size=8))
def test_sharing_leaves_everybody_time_for_the_least(first, line):
    line = sorted(line, key=lambda need: need.due_s)
    until_s = share_until(0.0, first, line)
    if until_s is None:
        until_s = min(first.due_s, first.asked_s)
    spent_s = 0.0
    for need in line:
        spent_s += need.least_s
        if spent_s <= need.due_s:  # who cannot be served in time anyway is promised a later deadline
            assert until_s + spent_s <= need.due_s + 1e-6


def test_equal_needs_and_equal_deadlines_get_equal_shares():
    four = [Need(Terms(8.0, 8.0), 0.1, 10.0) for _ in range(4)]
    assert share_until(0.0, four[0], four[1:]) == pytest.approx(2.0)
    assert share_until(2.0, four[1], four[2:]) == pytest.approx(4.0)
    assert share_until(6.0, four[3], []) is None


def test_who_has_no_deadline_takes_nobodys_time_but_is_waited_for_where_it_stands_first():
    urgent, patient = Need(Terms(10.0, 1.0), 1.0, 4.0), Need(None, 20.0, 20.0)
    assert patient.due_s == math.inf
    assert share_until(0.0, urgent, [patient]) is None
    assert starts([patient, urgent], 5.0) == [5.0, 25.0]
    assert starts([], 5.0) == []
