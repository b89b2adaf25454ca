"""Deadlines between processes: who is served first, what is promised while it waits, and the rough take first."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
from engine_process_helpers import WAIT_S, assert_same_take, hold, loop, request, segments
from fake_vamper import FACTORY, FAKE_COSTS, FakeVamper
from vampbridge.engine.errors import CancelledError, EngineError, SettingError
from vampbridge.engine.process import EngineClient, EngineOptions, pending, priority
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest


@pytest.fixture(autouse=True)
def nothing_is_left_in_shared_memory():
    yield
    assert segments() == []


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "costs").touch()
    return folder


@pytest.fixture
def engine(stage):
    (stage / "release").unlink(missing_ok=True)
    with EngineClient(EngineOptions(bundle_path=stage, factory=FACTORY, nice=3)) as client:
        yield client


def due(in_s, *words, seed=1, cycle_s=1000.0, **changes) -> VampRequest:
    """A request with a deadline in so many seconds; with the fake's costs the least takes seven."""
    settings = VampSettings(seed=seed, **changes)
    deadline_s = time.monotonic() + in_s
    return VampRequest(loop(seed=seed), 44_100, settings, lineage=words, deadline_s=deadline_s, cycle_s=cycle_s)


def order_of(pendings) -> list[int]:
    """Numbers of vamps in the order in which they end."""
    ended = []
    for one in pendings:
        one.add_done_callback(lambda done: ended.append(done.id))
    return ended


def test_the_earliest_deadline_is_served_first_and_who_has_none_comes_last(engine, stage, monkeypatch):
    monkeypatch.setattr(pending, "PATIENCE_S", 5000.0)
    held = hold(engine)
    pendings = [
        engine.submit(wanted, slot=str(n))
        for n, wanted in enumerate([request(), due(3000), due(1000), request(), due(2000)])
    ]
    ended = order_of(pendings)
    (stage / "release").touch()
    for one in (held, *pendings):
        one.result(WAIT_S)
    assert ended == [pendings[n].id for n in (2, 4, 1, 0, 3)]


def test_who_has_waited_long_enough_is_served_before_later_deadlines(engine, stage, monkeypatch):
    monkeypatch.setattr(pending, "PATIENCE_S", 0.0)
    held = hold(engine)
    pendings = [engine.submit(wanted, slot=str(n)) for n, wanted in enumerate([request(), due(1000), request()])]
    ended = order_of(pendings)
    (stage / "release").touch()
    for one in (held, *pendings):
        one.result(WAIT_S)
    assert ended == [one.id for one in pendings]


def test_replacing_a_request_does_not_send_its_slot_to_the_end_of_the_line(engine, stage):
    held = hold(engine)
    first, other = engine.submit(request(), slot="a"), engine.submit(request(), slot="b")
    newer = engine.submit(request(seed=2), slot="a")
    ended = order_of([newer, other])
    (stage / "release").touch()
    for one in (held, newer, other):
        one.result(WAIT_S)
    assert ended == [newer.id, other.id]
    with pytest.raises(CancelledError, match="replaced"):
        first.result(WAIT_S)


def test_who_waits_is_promised_a_deadline_at_once(engine, stage):
    held, told = hold(engine), threading.Event()
    plans = []
    waiting = engine.submit(due(500), slot="a", on_plan=lambda plan: (plans.append(plan), told.set()))
    assert told.wait(WAIT_S)
    assert not waiting.done()
    assert (plans[0].cycles_late, plans[0].fits) == (0, True)
    assert 499 < plans[0].left_s <= 500
    waiting.cancel()
    held.cancel()


def test_who_waits_too_long_is_told_that_it_will_be_late_while_it_still_waits(engine, stage):
    held, told = hold(engine), threading.Event()
    plans = []
    # Twenty seconds' work stands before it, as far as is known, and it needs seven.
    waiting = engine.submit(due(10), slot="a", on_plan=lambda plan: (plans.append(plan), told.set()))
    assert told.wait(WAIT_S)
    assert not waiting.done()
    assert plans[0].cycles_late == 1
    assert plans[0].left_s == pytest.approx(1010, abs=1)
    waiting.cancel()
    held.cancel()


def test_the_engine_has_the_last_word_on_what_is_promised(engine):
    plans = []
    take = engine.submit(due(500, "late"), on_plan=plans.append).result(WAIT_S)
    assert plans[-1].cycles_late == take.report.timing.cycles_late == 1


def test_the_one_that_runs_hears_that_others_wait(engine, stage):
    alone = engine.submit(due(18, "share")).result(WAIT_S)
    assert alone.report.warnings[-1] == "until None"
    runs = threading.Event()
    first = engine.submit(
        due(500, "hold", "share"), slot="a", on_progress=lambda p: runs.set() if p.fraction >= 0.5 else None
    )
    assert runs.wait(WAIT_S)
    told = threading.Event()
    other = engine.submit(due(30), slot="b", on_plan=lambda _: told.set())
    assert told.wait(WAIT_S)
    time.sleep(0.2)  # the message to the one that runs follows the promise to the one that waits
    (stage / "release").touch()
    before_s = time.monotonic()
    warning = first.result(WAIT_S).report.warnings[-1]
    assert before_s < float(warning.removeprefix("until ")) < before_s + 30
    other.result(WAIT_S)


def test_a_running_vamp_is_replaced_only_if_asked(engine, stage):
    held = hold(engine, slot="a")
    patient = engine.submit(request(seed=2), slot="a")
    assert not held.done()
    newer = engine.submit(request(seed=3), slot="a", replace_running=True)
    for old in (held, patient):
        with pytest.raises(CancelledError, match="replaced by a newer request"):
            old.result(WAIT_S)
    assert newer.result(WAIT_S).report.seed == 3


def test_another_slots_running_vamp_is_never_replaced(engine, stage):
    held = hold(engine, slot="a")
    engine.submit(request(), slot="b", replace_running=True)
    (stage / "release").touch()
    held.result(WAIT_S)


def test_the_rough_take_comes_first_then_the_refined_one_a_cycle_later(engine):
    rough, plans = [], []
    wanted = due(500, "rough")
    vamp = engine.submit(wanted, on_rough=rough.append, on_plan=plans.append)
    refined = vamp.result(WAIT_S)
    assert len(rough) == 1
    assert rough[0].report.timing.rough
    assert not refined.report.timing.rough
    assert refined.report.seed == rough[0].report.seed
    assert plans[-1].due_s == pytest.approx(wanted.deadline_s + wanted.cycle_s)
    assert_same_take(refined, FakeVamper().vamp(request()), lineage=("rough",))


def test_a_take_that_is_not_rough_needs_no_other(engine):
    rough = []
    take = engine.submit(due(500), on_rough=rough.append).result(WAIT_S)
    assert rough == []
    assert not take.report.timing.rough


def test_a_rough_take_that_nobody_asked_for_is_the_take(engine):
    assert engine.submit(due(500, "rough")).result(WAIT_S).report.timing.rough


def test_a_newer_request_ends_the_refinement_but_not_the_rough_take(engine, stage):
    rough = threading.Event()
    old = engine.submit(
        due(500, "rough"), slot="a", on_rough=lambda _: (engine.submit(request(), slot="a"), rough.set())
    )
    assert rough.wait(WAIT_S)
    with pytest.raises(CancelledError, match="replaced by a newer request"):
        old.result(WAIT_S)


def test_a_refinement_that_runs_gives_way_to_a_newer_request_of_its_slot(engine, stage):
    runs, newer = threading.Event(), []
    rough = threading.Event()

    def on_progress(progress) -> None:
        if rough.is_set() and progress.fraction >= 0.5:
            runs.set()

    (stage / "release").touch()  # for the rough one
    old = engine.submit(
        due(500, "rough", "hold"),
        slot="a",
        on_progress=on_progress,
        on_rough=lambda _: ((stage / "release").unlink(), rough.set()),
    )
    assert runs.wait(WAIT_S)
    newer.append(engine.submit(request(seed=2), slot="a"))
    with pytest.raises(CancelledError, match="replaced by a newer request"):
        old.result(WAIT_S)
    assert newer[0].result(WAIT_S).report.seed == 2


def test_cancelling_after_the_rough_take_ends_the_vamp(engine, stage):
    held = []
    rough = threading.Event()
    vamp = engine.submit(
        due(500, "rough"),
        slot="a",
        on_rough=lambda _: (held.append(engine.submit(request("hold"), slot="b")), rough.set()),
    )
    assert rough.wait(WAIT_S)
    vamp.cancel()
    (stage / "release").touch()
    held[0].result(WAIT_S)
    with pytest.raises(CancelledError):
        vamp.result(WAIT_S)


def test_a_rough_take_needs_a_deadline(engine):
    with pytest.raises(SettingError, match="give the request a deadline_s"):
        engine.submit(request(), on_rough=print)


def test_info_carries_the_costs(engine):
    assert engine.info.costs == FAKE_COSTS
    engine.submit(request()).result(WAIT_S)
    assert engine.info.costs.is_measured


@pytest.mark.skipif(os.name != "posix", reason="priorities are numbers on POSIX only")
def test_the_engine_stands_back_behind_the_audio(engine):
    warning = engine.submit(request("nice")).result(WAIT_S).report.warnings[-1]
    assert warning == f"nice {min(19, os.nice(0) + 3)}"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a priority is that of the whole process")
def test_threads_that_run_already_stand_back_too():
    program = """if True:
        import os, threading
        from vampbridge.engine.process.priority import lower_priority
        runs, may_end, ids = threading.Event(), threading.Event(), []
        def work():
            ids.append(threading.get_native_id())
            runs.set()
            may_end.wait()
        thread = threading.Thread(target=work)
        thread.start()
        runs.wait()
        lower_priority(3)
        print(*(os.getpriority(os.PRIO_PROCESS, id) for id in (ids[0], threading.get_native_id())))
        may_end.set()
        thread.join()
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(min(19, os.nice(0) + 3))] * 2


@pytest.mark.skipif(os.name != "posix", reason="os.nice is POSIX")
def test_a_system_that_refuses_the_priority_changes_nothing(monkeypatch):
    def refuse(*_arguments) -> int:
        raise PermissionError("not allowed")

    monkeypatch.setattr(os, "nice", refuse)
    monkeypatch.setattr(os, "setpriority", refuse)
    priority.lower_priority(5)


@pytest.mark.parametrize("nice", [-1, 20, 2.5])
def test_a_priority_out_of_range_is_refused(nice):
    with pytest.raises(SettingError, match="nice must be a whole number from 0 to 19, got"):
        EngineOptions(nice=nice)


def test_an_engine_that_was_started_again_measures_nothing_and_knows_its_costs(engine, stage):
    assert "warmed up for 4 s" in engine.submit(request()).result(WAIT_S).report.warnings
    with pytest.raises(EngineError):
        engine.submit(request("exit")).result(WAIT_S)
    assert "warmed up for 0 s" in engine.submit(request()).result(WAIT_S).report.warnings
    assert engine.info.restarts == 1
    assert engine.info.costs == FAKE_COSTS
