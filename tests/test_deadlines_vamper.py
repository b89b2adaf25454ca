"""A vamp against the clock: a real bundle, but a clock that only its models move, as slowly as a test wants."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from deadline_helpers import costs_of
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from vampbridge.engine import vamper as vamper_module
from vampbridge.engine.deadlines.pacer import Hearers, Watch
from vampbridge.engine.errors import SettingError
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest
from vampbridge.engine.vamper import Vamper

RATE = 44_100
SETTINGS = VampSettings(seed=1, period=2, typical=False)
ASKED_S = 16.0  # encode, 12 coarse passes, 2 fine passes, decode: a second each


@dataclass
class Clock:
    """Moves when somebody works. `slowness` is asked for each piece of work."""

    now_s: float = 1000.0
    n_passes: int = 0
    slowness: Callable[[int], float] = lambda n_passes: 1.0

    def __call__(self) -> float:
        return self.now_s

    def work(self, n_passes: int) -> None:
        self.now_s += self.slowness(self.n_passes)
        self.n_passes += n_passes


@dataclass
class Timed:
    """A part of a runtime that takes a second for each of the methods named."""

    part: Any
    clock: Clock
    n_passes: int
    methods: tuple[str, ...]

    def __getattr__(self, name):
        method = getattr(self.part, name)
        if name not in self.methods:
            return method

        def timed(*args, **options):
            self.clock.work(self.n_passes)
            return method(*args, **options)

        return timed


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def vamper(tiny_bundle, clock, monkeypatch):
    made = Vamper(tiny_bundle, threads=1)
    runtime = made._runtime
    runtime.codec = Timed(runtime.codec, clock, 0, ("encode", "decode"))
    runtime.coarse = Timed(runtime.coarse, clock, 1, ("sample",))
    runtime.fine = Timed(runtime.fine, clock, 1, ("sample",))
    monkeypatch.setattr(vamper_module, "start_watch", lambda: Watch(clock, clock()))
    made.costs = replace(costs_of(), facts=made._facts)
    return made


def loop_of(seconds=0.6):
    return (np.random.default_rng(0).standard_normal((1, round(seconds * RATE))) * 0.1).astype(np.float32)


def request(left_s=None, settings=SETTINGS, seconds=0.6, **more) -> VampRequest:
    deadline_s = None if left_s is None else 1000.0 + left_s
    return VampRequest(loop_of(seconds), RATE, settings, deadline_s=deadline_s, **more)


def test_with_time_enough_a_deadline_changes_nothing(vamper):
    free, timed = vamper.vamp(request()), vamper.vamp(request(left_s=200))
    assert (timed.audio == free.audio).all()
    assert timed.report.take_id == free.report.take_id
    assert timed.report.passes is None
    assert free.report.timing is None
    timing = timed.report.timing
    assert (timing.asked, timing.done, timing.rough, timing.replans) == ((12, 2), (12, 2), False, 0)


def test_as_many_passes_are_made_as_fit(vamper, clock):
    take = vamper.vamp(request(left_s=12))
    timing = take.report.timing
    assert 0 <= timing.left_s == pytest.approx(1012 - clock.now_s)
    assert timing.left_s < 3  # the time is used
    assert timing.took_s == pytest.approx(clock.now_s - 1000)
    assert timing.asked == (12, 2)
    assert 4 <= timing.done[0] < 12
    assert sum(timing.done) == clock.n_passes
    assert timing.rough
    assert timing.cycles_late == 0
    assert timing.plan.expected_s == pytest.approx(timing.plan.coarse_passes + timing.plan.fine_passes + 2)
    assert timing.plan.left_s == 12


def test_the_more_time_the_more_passes(vamper, clock):
    done = []
    for left_s in (7.5, 9, 11, 13, 15, 18):
        clock.now_s, vamper.costs = 1000.0, replace(costs_of(), facts=vamper._facts)
        done.append(sum(vamper.vamp(request(left_s=left_s)).report.timing.done))
    assert done == sorted(done)
    assert done[0] == 5
    assert done[-1] == 14


def test_it_makes_fewer_passes_when_they_turn_out_slower(vamper, clock):
    clock.slowness = lambda n_passes: 2.0 if n_passes >= 3 else 1.0
    timing = vamper.vamp(request(left_s=20)).report.timing
    assert (timing.plan.coarse_passes, timing.plan.fine_passes) == (12, 2)
    assert timing.replans > 0
    assert timing.rough
    assert timing.left_s >= 0


def test_it_makes_more_passes_when_they_turn_out_faster_but_never_more_than_asked(vamper, clock):
    clock.slowness = lambda n_passes: 0.2
    timing = vamper.vamp(request(left_s=10)).report.timing
    assert timing.plan.coarse_passes < 12
    assert timing.done == (12, 2)
    assert not timing.rough


def test_a_take_in_a_hurry_can_be_made_again_without_one(vamper, clock):
    clock.slowness = lambda n_passes: 2.0 if n_passes in (2, 3, 4) else 0.7
    hurried = vamper.vamp(request(left_s=13, seconds=1.9))
    assert hurried.report.passes is not None
    passes = json.loads(json.dumps(hurried.report.to_dict()))["passes"]
    again = vamper.vamp(request(seconds=1.9, passes=passes))
    assert (again.audio == hurried.audio).all()
    assert again.report.take_id == hurried.report.take_id
    assert again.report.passes == hurried.report.passes
    assert again.report.timing is None
    free = vamper.vamp(request(seconds=1.9))
    assert (free.audio != hurried.audio).any()
    assert free.report.take_id != hurried.report.take_id


@given(slowness=st.lists(st.floats(0.1, 5), min_size=1, max_size=20), left_s=st.floats(-5, 40))
@examples(max_examples=15)
def test_whatever_time_does_the_take_is_whole_and_can_be_made_again(tiny_bundle, slowness, left_s):
    clock = Clock(slowness=lambda n_passes: slowness[n_passes % len(slowness)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vamper_module, "start_watch", lambda: Watch(clock, clock()))
        vamper = Vamper(tiny_bundle, threads=1)
        vamper._runtime.coarse = Timed(vamper._runtime.coarse, clock, 1, ("sample",))
        vamper.costs = replace(costs_of(), facts=vamper._facts)
        settings = SETTINGS.changed(feedback=2, coarse_passes=6, variations=2)
        take = vamper.vamp(request(left_s=left_s, settings=settings, cycle_s=5.0))
        again = vamper.vamp(request(settings=settings, passes=take.report.passes))
    assert (again.audio == take.audio).all()
    assert again.report.take_id == take.report.take_id
    assert take.report.timing.rough == (take.report.timing.done != (12, 4))


def test_too_little_time_is_said_before_the_work_begins(vamper, clock):
    told = []
    hearers = Hearers(on_plan=lambda plan: told.append((clock.now_s, plan)))
    take = vamper.vamp(request(left_s=3, cycle_s=20.0), hearers=hearers)
    (when_s, plan), *rest = told
    assert when_s == 1000
    assert rest == []
    assert (plan.cycles_late, plan.due_s, plan.fits) == (1, 1023.0, True)
    assert (plan.coarse_passes, plan.fine_passes) == (12, 2)  # the best there is time for until then
    assert take.report.timing.left_s >= 0
    assert take.report.timing.cycles_late == 1


def test_the_next_cycle_is_that_of_the_loop_unless_told_otherwise(vamper):
    told = []
    vamper.vamp(request(left_s=-0.1), hearers=Hearers(on_plan=told.append))
    late = told[0].cycles_late
    assert late > 1
    assert told[0].due_s == pytest.approx(1000 - 0.1 + late * 0.6)


def test_a_promise_that_cannot_be_kept_is_made_anew_before_it_is_broken(vamper, clock):
    told = []
    clock.slowness = lambda n_passes: 1.0 if n_passes < 4 else 3.0
    hearers = Hearers(on_plan=lambda plan: told.append((clock.now_s, plan)))
    timing = vamper.vamp(request(left_s=18, cycle_s=18.0), hearers=hearers).report.timing
    promises = [plan.cycles_late for _, plan in told]
    assert promises == sorted(set(promises))
    assert promises[0] == 0
    assert promises[-1] == timing.cycles_late >= 1
    for (_, before), (when_s, _) in itertools.pairwise(told):
        assert when_s < before.due_s
    assert timing.left_s >= 0


def test_while_others_wait_it_stops_at_its_share(vamper, clock):
    alone = vamper.vamp(request(left_s=100)).report.timing
    clock.now_s = 1000.0
    shared = vamper.vamp(request(left_s=100), hearers=Hearers(share_until=lambda: 1012.0)).report.timing
    assert sum(shared.done) < sum(alone.done)
    assert shared.took_s <= 12
    clock.now_s = 1000.0
    least = vamper.vamp(request(left_s=100), hearers=Hearers(share_until=lambda: 1000.0)).report.timing
    assert least.done == (4, 1)


@pytest.mark.parametrize(("left_s", "rounds"), [(8, 1), (14, 2), (22, 3), (80, 3)])
def test_rounds_of_feedback_are_left_out_when_nothing_else_is_left_to_leave_out(vamper, left_s, rounds):
    report = vamper.vamp(request(left_s=left_s, settings=SETTINGS.changed(feedback=3), cycle_s=500.0)).report
    assert report.timing.cycles_late == 0
    assert report.timing.rough == (left_s < 80)
    if report.passes is None:
        assert rounds == 3
    else:
        assert len(report.passes) == rounds
        assert rounds == 3 or all(len(window) == 4 for coarse, _ in report.passes for window in coarse)


def test_all_variations_make_the_same_passes(vamper):
    three = vamper.vamp(request(left_s=25, settings=SETTINGS.changed(variations=3)))
    assert three.report.passes is not None
    two = vamper.vamp(request(settings=SETTINGS.changed(variations=2), passes=three.report.passes))
    assert (two.audio == three.audio[:2]).all()


def test_progress_never_goes_back_however_often_it_is_replanned(vamper, clock):
    seen = []
    clock.slowness = lambda n_passes: (0.2, 4.0, 1.0)[n_passes % 3]
    vamper.vamp(request(left_s=16), on_progress=lambda progress: seen.append(progress.fraction))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 1)


def test_costs_are_measured_at_the_latest_when_they_are_needed(tiny_bundle):
    vamper = Vamper(tiny_bundle, threads=1)
    assert not vamper.costs.is_measured
    vamper.vamp(request())
    assert not vamper.costs.is_measured
    assert vamper.vamp(request(left_s=1e9)).report.timing.done == (12, 2)
    assert vamper.costs.is_measured


def test_warming_up_measures_and_vamps_refine(tiny_bundle):
    vamper = Vamper(tiny_bundle, threads=1)
    vamper.warm_up(0.4)
    costs = vamper.costs
    assert costs.is_measured
    assert len(costs.curves["encode"].points) == 3
    assert all(seconds > 0 for curve in costs.curves.values() for _, seconds in curve.points)
    before = dict(costs.levels)
    vamper.vamp(request())
    assert costs.levels != before
    assert costs.facts.coarse_context == tiny_bundle.manifest.coarse_context


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"deadline_s": float("nan")}, "deadline_s must be finite, got nan"),
        ({"deadline_s": 1.0, "cycle_s": 0.0}, "cycle_s must be above 0 s, got 0"),
        ({"cycle_s": 1.0}, "give deadline_s too"),
        ({"deadline_s": 1.0, "passes": [[[[1]], [[1]]]]}, "leave out deadline_s"),
        ({"passes": [[[[2]], [[1]]]]}, "last 1"),
    ],
)
def test_a_request_that_cannot_be_is_refused(fields, text):
    with pytest.raises(SettingError, match=text):
        VampRequest(loop_of(), RATE, SETTINGS, **fields)


def test_compat_knows_no_deadline(vamper):
    settings = VampSettings(compat=True, seed=1)
    for timed in (request(left_s=9, settings=settings), request(settings=settings, passes=[[[[1]], [[1]]]])):
        with pytest.raises(SettingError, match="with compat there is no deadline"):
            vamper.vamp(timed)
