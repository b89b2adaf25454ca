"""The engine process gives what the vamper in it gives, in order, and says what went wrong in the words it was said."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from engine_process_helpers import SHM, WAIT_S, assert_same_take, hold, loop, request, segments
from fake_vamper import ERRORS, FACTORY, N_PASSES, FakeVamper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vampbridge.engine.errors import AudioError, CancelledError, EngineError, SettingError
from vampbridge.engine.process import EngineClient, EngineOptions
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest

needs_dev_shm = pytest.mark.skipif(not SHM.is_dir(), reason="shared memory is visible as files on Linux only")


@pytest.fixture(autouse=True)
def nothing_is_left_in_shared_memory():
    yield
    assert segments() == []


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Folder of the fake bundle of `engine`."""
    return tmp_path_factory.mktemp("bundle")


@pytest.fixture(scope="module")
def shared_engine(stage):
    with EngineClient(EngineOptions(bundle_path=stage, factory=FACTORY, max_waiting=4)) as client:
        yield client


@pytest.fixture
def engine(shared_engine, stage):
    """A running engine with nothing to do; one process serves all tests, as on stage."""
    (stage / "release").unlink(missing_ok=True)
    return shared_engine


@given(
    shape=st.tuples(st.integers(1, 8), st.integers(1, 3000)),
    rate=st.integers(8000, 192_000),
    changes=st.fixed_dictionaries(
        {"seed": st.integers(0, 2**63 - 1), "variations": st.integers(1, 4), "stretch": st.integers(1, 3)}
    ),
    mask_shape=st.none() | st.tuples(st.integers(1, 14), st.integers(0, 40)),
    lineage=st.lists(st.text("0123456789", min_size=12, max_size=12), max_size=3).map(tuple),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_take_is_bit_for_bit_that_of_the_vamper_in_this_process(engine, shape, rate, changes, mask_shape, lineage):
    rng = np.random.default_rng(changes["seed"])
    audio = rng.standard_normal(shape).astype(np.float32)
    audio[0, 0] = np.nan  # checking is the vamper's affair
    mask = None if mask_shape is None else rng.random(mask_shape) < 0.5
    wanted = VampRequest(audio, rate, VampSettings(**changes), mask, lineage)
    assert_same_take(engine.submit(wanted).result(WAIT_S), FakeVamper().vamp(wanted))


def test_a_real_bundle_gives_the_take_it_gives_without_a_process(tiny_bundle, tiny_bundle_folder):
    from vampbridge.engine.vamper import Vamper

    wanted = VampRequest(loop(n_samples=30_000) * np.float32(0.1), 44_100, VampSettings(seed=3, coarse_passes=2))
    with EngineClient(EngineOptions(bundle_path=tiny_bundle_folder, threads=1, warm_up_s=0.5)) as client:
        assert (client.info.bundle, client.info.hop) == ("tiny", tiny_bundle.manifest.hop)
        take = client.submit(wanted).result(WAIT_S)
        with pytest.raises(AudioError, match="silent"):
            client.submit(VampRequest(np.zeros((1, 30_000), np.float32), 44_100, VampSettings())).result(WAIT_S)
    here = Vamper(tiny_bundle, threads=1).vamp(wanted)
    assert_same_take(take, here)
    assert take.report.take_id == here.report.take_id


def test_the_callers_arrays_may_change_after_submit(engine, stage):
    held = hold(engine)
    wanted = request(seed=5)
    mine = VampRequest(wanted.audio.copy(), 44_100, wanted.settings)
    pending = engine.submit(mine, slot="mine")
    mine.audio[:] = 0
    (stage / "release").touch()
    assert_same_take(pending.result(WAIT_S), FakeVamper().vamp(wanted))
    held.result(WAIT_S)


def test_it_warms_up_as_long_as_asked_and_loads_nothing_heavy(engine):
    report = engine.submit(request("imports")).result(WAIT_S).report
    assert report.warnings == ("warmed up for 4 s",)


def test_info_names_the_bundle_and_the_process(engine):
    info = engine.info
    assert (info.bundle, info.sample_rate, info.hop, info.n_codebooks, info.ready) == ("fake", 44_100, 768, 14, True)
    assert info.pid not in (0, os.getpid())


def test_progress_rises_to_the_end_and_comes_with_all_else_from_one_thread(engine):
    heard, threads = [], set()

    def hear(what) -> None:
        heard.append(what)
        threads.add(threading.current_thread().name)

    ended = threading.Event()
    pending = engine.submit(request(), on_progress=hear)
    pending.add_done_callback(lambda done: (hear(done), ended.set()))
    assert ended.wait(WAIT_S)
    assert [p.fraction for p in heard[:-1]] == [(n + 1) / N_PASSES for n in range(N_PASSES)]
    assert heard[-1] is pending
    assert len(threads) == 1


def test_a_callback_that_fails_hurts_nobody(engine, caplog):
    def fail(_what) -> None:
        raise KeyError("the caller's bug")

    pending = engine.submit(request(), on_progress=fail)
    pending.add_done_callback(fail)
    pending.result(WAIT_S)
    engine.submit(request()).result(WAIT_S)
    assert "the caller's bug" in caplog.text


def test_vamps_are_served_in_the_order_of_submission(engine, stage):
    order = []
    held = hold(engine)
    pendings = [engine.submit(request(), slot=str(n)) for n in range(4)]
    for pending in pendings:
        pending.add_done_callback(lambda done: order.append(done.id))
    (stage / "release").touch()
    pendings[-1].result(WAIT_S)
    assert held.done()
    assert order == [pending.id for pending in pendings]


def test_a_waiting_vamp_is_cancelled_at_once(engine, stage):
    held = hold(engine)
    waiting = engine.submit(request(), slot="waiting")
    assert waiting.cancel()
    with pytest.raises(CancelledError):
        waiting.result(WAIT_S)
    assert not held.done()
    assert not waiting.cancel()
    (stage / "release").touch()
    held.result(WAIT_S)


def test_a_running_vamp_is_cancelled_between_passes(engine):
    held = hold(engine)
    follower = engine.submit(request(), slot="next")
    assert held.cancel()
    with pytest.raises(CancelledError):
        held.result(WAIT_S)
    follower.result(WAIT_S)


def test_a_cancelled_vamp_never_ends_with_a_take(engine, stage):
    deaf = hold(engine, "deaf")
    assert deaf.cancel()
    (stage / "release").touch()
    with pytest.raises(CancelledError):
        deaf.result(WAIT_S)


def test_cancelling_what_is_over_changes_nothing(engine):
    pending = engine.submit(request())
    take = pending.result(WAIT_S)
    assert not pending.cancel()
    assert pending.result() is take


def test_a_newer_request_takes_the_place_of_a_waiting_one_of_its_slot(engine, stage):
    order = []
    held = hold(engine, slot="a")
    old, other = engine.submit(request(), slot="a"), engine.submit(request(), slot="b")
    new = engine.submit(request(seed=2), slot="a")
    for pending in (new, other):
        pending.add_done_callback(lambda done: order.append(done.id))
    with pytest.raises(CancelledError, match="replaced by a newer request"):
        old.result(WAIT_S)
    assert not held.done()
    (stage / "release").touch()
    assert held.result(WAIT_S).report.seed == 1
    assert new.result(WAIT_S).report.seed == 2
    other.result(WAIT_S)
    assert order == [new.id, other.id]


def test_a_full_line_refuses_and_names_its_limit_but_lets_a_slot_replace(engine, stage):
    held = hold(engine)
    waiting = [engine.submit(request(), slot=str(n)) for n in range(4)]
    with pytest.raises(EngineError, match="at most 4 vamps may wait"):
        engine.submit(request(), slot="4")
    newer = engine.submit(request(), slot="3")
    (stage / "release").touch()
    for pending in (held, *waiting[:3], newer):
        pending.result(WAIT_S)


def test_waiting_too_short_for_a_result_harms_nothing(engine, stage):
    held = hold(engine)
    with pytest.raises(TimeoutError):
        held.result(0.001)
    (stage / "release").touch()
    held.result(WAIT_S)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_an_error_keeps_its_class_and_message(engine, code):
    with pytest.raises(ERRORS[code], match=rf"^the {code} you asked for: 7 is not in \[0, 5\]$") as caught:
        engine.submit(request(code)).result(WAIT_S)
    assert type(caught.value) is ERRORS[code]


def test_an_unforeseen_error_is_an_engine_error_and_its_traceback_is_logged(engine, caplog):
    pid = engine.info.pid
    with pytest.raises(EngineError, match=r"ZeroDivisionError.*division by zero"):
        engine.submit(request("bug")).result(WAIT_S)
    assert "1 / len(word[3:])" in caplog.text
    engine.submit(request()).result(WAIT_S)
    assert engine.info.pid == pid


def test_a_take_that_does_not_fit_is_an_error(engine):
    with pytest.raises(EngineError, match=r"\(1, 2, 499\).*expected \(1, 2, 500\)"):
        engine.submit(request("shape")).result(WAIT_S)


def test_arrays_of_the_wrong_kind_are_refused_at_once(engine):
    with pytest.raises(AudioError, match=r"\(C, N\) float32, got \(500,\)"):
        engine.submit(VampRequest(loop()[0], 44_100, VampSettings()))
    with pytest.raises(AudioError, match="float64"):
        engine.submit(VampRequest(loop().astype(np.float64), 44_100, VampSettings()))
    with pytest.raises(SettingError, match=r"got .* int64"):
        engine.submit(VampRequest(loop(), 44_100, VampSettings(), np.ones((1, 4), np.int64)))


@needs_dev_shm
def test_no_room_in_shared_memory_is_an_error_and_leaves_nothing(engine, monkeypatch):
    def refuse(*_args) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", refuse)
        with pytest.raises(EngineError, match=r"no room for 0.0 MB .*No space left"):
            engine.submit(request())
    engine.submit(request()).result(WAIT_S)


@needs_dev_shm
def test_audio_crosses_in_shared_memory(engine, stage):
    held = hold(engine)
    assert len(segments()) == 2  # the loop and the take
    (stage / "release").touch()
    held.result(WAIT_S)


@pytest.mark.skipif(os.name != "posix", reason="signals to another process are POSIX")
def test_ctrl_c_does_not_reach_the_engine(engine, stage):
    held = hold(engine)
    os.kill(engine.info.pid, signal.SIGINT)
    (stage / "release").touch()
    held.result(WAIT_S)
    assert engine.info.restarts == 0
