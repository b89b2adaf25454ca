"""However the engine process begins or ends, every vamp ends exactly once and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from engine_process_helpers import WAIT_S, assert_same_take, hold, request, segments
from fake_vamper import FACTORY, FakeVamper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vampbridge.engine.errors import AudioError, BundleError, CancelledError, EngineError, SettingError
from vampbridge.engine.process import EngineClient, EngineOptions, PendingVamp, supervisor

HERE = Path(__file__).resolve().parent
THREAD = "vampbridge-engine-client"
needs_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")

# Starts an engine, has it vamp, says so, and goes on as its argument says. `release` never comes.
PARENT = """
import os, sys, time
sys.path.insert(0, {here!r})
from pathlib import Path
from engine_process_helpers import hold
from fake_vamper import FACTORY
from vampbridge.engine.process import EngineClient, EngineOptions

if __name__ == "__main__":
    client = EngineClient(EngineOptions(bundle_path=Path.cwd(), factory=FACTORY))
    client.start()
    hold(client, "deaf" if sys.argv[1] == "wait" else "hold")
    print(client.info.pid, flush=True)
    if sys.argv[1] == "wait":
        time.sleep(600)
"""


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    yield
    assert segments() == []


@pytest.fixture
def stage(tmp_path):
    """Folder of the fake bundle."""
    return tmp_path


@pytest.fixture
def options(stage):
    return EngineOptions(bundle_path=stage, factory=FACTORY)


def is_running(pid: int) -> bool:
    """Whether a process exists and is not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def becomes_true(condition) -> bool:
    end_s = time.monotonic() + WAIT_S
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.01)
    return condition()


def assert_no_thread() -> None:
    assert THREAD not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"threads": -1}, "threads must be at least 0, got -1"),
        ({"max_waiting": 0}, "max_waiting must be at least 1, got 0"),
        ({"warm_up_s": 0.05}, r"warm_up_s must be 0 or in \[0.1, 60\] s, got 0.05"),
        ({"warm_up_s": float("nan")}, "got nan"),
        ({"start_timeout_s": 0}, "start_timeout_s must be above 0 s, got 0"),
        ({"factory": "module"}, "factory must be 'module:function', got 'module'"),
    ],
)
def test_an_option_out_of_range_is_refused(changes, text):
    with pytest.raises(SettingError, match=text):
        EngineOptions(**changes)


def test_a_bad_bundle_is_a_bundle_error_at_start(tmp_path):
    client = EngineClient(EngineOptions(bundle_path=tmp_path / "gone", factory=FACTORY))
    with pytest.raises(BundleError, match=r"there is no bundle at .*gone"):
        client.start()
    with pytest.raises(EngineError, match="closed"):
        client.submit(request())
    assert_no_thread()


def test_whatever_else_goes_wrong_at_start_is_an_engine_error(stage, caplog):
    broken = EngineOptions(bundle_path=stage, factory="fake_vamper:make_oversized")
    with pytest.raises(EngineError, match=r"MemoryError.*no room for the graphs"):
        EngineClient(broken).start()
    assert "in make_oversized" in caplog.text
    (stage / "deadly").touch()
    with pytest.raises(EngineError, match=r"died \(exit code 7\) while it started"):
        EngineClient(EngineOptions(bundle_path=stage, factory=FACTORY)).start()
    assert_no_thread()


def test_an_engine_that_is_not_ready_in_time_is_ended(stage):
    (stage / "stuck").touch()
    with pytest.raises(EngineError, match=r"not ready within 0.4 s"):
        EngineClient(EngineOptions(bundle_path=stage, factory=FACTORY, start_timeout_s=0.4)).start()
    assert_no_thread()


def test_a_client_serves_only_while_it_is_started(options):
    client = EngineClient(options)
    with pytest.raises(EngineError, match="not started"):
        client.submit(request())
    with client:
        pid = client.info.pid
        with pytest.raises(EngineError, match="started once"):
            client.start()
        client.submit(request()).result(WAIT_S)
    client.close()
    assert not client.info.ready
    assert not is_running(pid)
    assert_no_thread()
    with pytest.raises(EngineError, match="closed"):
        client.submit(request())


@pytest.mark.parametrize("word", ["hold", "deaf"])
def test_closing_ends_the_running_vamp_and_those_that_wait(options, word, monkeypatch):
    monkeypatch.setattr("vampbridge.engine.process.handle.STOP_TIMEOUT_S", 0.3)
    ended = []
    with EngineClient(options) as client:
        pid = client.info.pid
        pendings = [hold(client, word), client.submit(request(), slot="a"), client.submit(request(), slot="b")]
        for pending in pendings:
            pending.add_done_callback(ended.append)
        assert pendings[2].cancel()
    for pending in pendings[:2]:
        with pytest.raises(EngineError, match="the engine was closed"):
            pending.result(0)
    with pytest.raises(CancelledError):
        pendings[2].result(0)
    assert sorted(p.id for p in ended) == [p.id for p in pendings]
    assert not is_running(pid)
    assert_no_thread()


def test_a_callback_cannot_close_the_client(options, caplog):
    with EngineClient(options) as client:
        pending = hold(client)
        pending.add_done_callback(lambda _: client.close())
        pending.cancel()
        client.submit(request(), slot="after").result(WAIT_S)
    assert "must not close" in caplog.text


def test_after_three_failed_starts_in_a_row_everything_fails_with_the_reason(options, stage, monkeypatch):
    monkeypatch.setattr(supervisor, "RESTART_DELAYS_S", (0.0,))
    with EngineClient(options) as client:
        running, waiting = hold(client), client.submit(request(), slot="waiting")
        (stage / "deadly").touch()
        os.kill(client.info.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match=r"died \(exit code -9\) while it made this take"):
            running.result(WAIT_S)
        text = r"did not start again, 3 times in a row: .*died \(exit code 7\)"
        with pytest.raises(EngineError, match=text):
            waiting.result(WAIT_S)
        with pytest.raises(EngineError, match=text):
            client.submit(request())
        assert not client.info.ready


def test_one_failed_restart_is_survived(options, stage, monkeypatch):
    monkeypatch.setattr(supervisor, "RESTART_DELAYS_S", (0.0,))
    started = []
    make = supervisor.WorkerHandle

    def make_after_repair(options) -> supervisor.WorkerHandle:
        started.append(1)
        (stage / "deadly").unlink(missing_ok=True)
        if len(started) == 1:
            (stage / "deadly").touch()
        return make(options)

    with EngineClient(options) as client:
        running, waiting = hold(client), client.submit(request(), slot="waiting")
        monkeypatch.setattr(supervisor, "WorkerHandle", make_after_repair)
        os.kill(client.info.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="send the loop again"):
            running.result(WAIT_S)
        waiting.result(WAIT_S)
        assert len(started) == 2
        assert client.info.restarts == 1


@needs_proc
def test_the_engine_ends_with_its_parent_even_in_the_middle_of_a_pass(stage):
    with run_parent("wait", stage) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert is_running(worker)
        assert segments(parent.pid)
        parent.kill()
        parent.wait(WAIT_S)
        assert becomes_true(lambda: not is_running(worker))
        assert becomes_true(lambda: not segments(parent.pid))


@needs_proc
def test_a_program_that_forgets_to_close_ends_cleanly(stage):
    with run_parent("end", stage) as parent:
        out, err = parent.communicate(timeout=WAIT_S)
    assert (parent.returncode, err) == (0, "")
    assert not is_running(int(out))
    assert segments(parent.pid) == []


def run_parent(how: str, stage: Path) -> subprocess.Popen[str]:
    script = stage / "parent.py"
    script.write_text(PARENT.format(here=str(HERE)), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), how], cwd=stage, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def shared_stage(tmp_path_factory):
    return tmp_path_factory.mktemp("bundle")


@pytest.fixture(scope="module")
def shared_engine(shared_stage):
    with (
        pytest.MonkeyPatch.context() as patch,
        EngineClient(EngineOptions(bundle_path=shared_stage, factory=FACTORY, max_waiting=4)) as client,
    ):
        patch.setattr(supervisor, "RESTART_DELAYS_S", (0.0,))
        yield client


@pytest.mark.parametrize(("word", "exit_code"), [("kill", -9), ("exit", 3)])
def test_a_vamp_that_kills_the_engine_fails_alone(shared_engine, word, exit_code):
    restarts = shared_engine.info.restarts
    deadly = shared_engine.submit(request(word), slot="deadly")
    waiting = shared_engine.submit(request(), slot="waiting")
    with pytest.raises(EngineError, match=rf"died \(exit code {exit_code}\).*send the loop again"):
        deadly.result(WAIT_S)
    assert_same_take(waiting.result(WAIT_S), FakeVamper().vamp(request()))
    assert shared_engine.info.restarts == restarts + 1


def test_killing_the_engine_between_vamps_loses_nothing(shared_engine):
    shared_engine.submit(request()).result(WAIT_S)
    pid = shared_engine.info.pid
    os.kill(pid, signal.SIGKILL)
    # Whether this one is sent before the death is noticed or after: it was never begun.
    shared_engine.submit(request()).result(WAIT_S)
    assert shared_engine.info.pid != pid


@dataclass
class Played:
    """One vamp of a random sequence."""

    words: tuple[str, ...]
    slot: str
    pending: PendingVamp
    ends: list[PendingVamp]
    is_cancelled: bool = False


def play(operations, engine) -> tuple[list[Played], int]:
    """Play a sequence of operations; the vamps, and how often the engine was killed."""
    vamps: list[Played] = []
    n_kills = 0
    for operation, number in operations:
        if operation == "submit":
            words = ((), ("hold",), ("bug",), ("audio",))[number % 4]
            with suppress(EngineError):  # the line is full
                pending = engine.submit(request(*words, seed=number), slot=str(number % 5))
                vamps.append(Played(words, str(number % 5), pending, []))
                pending.add_done_callback(vamps[-1].ends.append)
        elif operation == "cancel" and vamps:
            vamp = vamps[number % len(vamps)]
            vamp.is_cancelled |= vamp.pending.cancel()
        elif operation == "kill":
            assert becomes_true(lambda: engine.info.ready)
            with suppress(ProcessLookupError):  # dead since the last time, and nobody has noticed yet
                os.kill(engine.info.pid, signal.SIGKILL)
                n_kills += 1
    return vamps, n_kills


def how_it_ended(vamp: Played, newer: list[Played]) -> str:
    """In a word; fails where a vamp ends as none of its kind may."""
    try:
        take = vamp.pending.result(WAIT_S)
    except CancelledError as error:
        was_replaced = "replaced" in str(error)
        assert any(other.slot == vamp.slot for other in newer) if was_replaced else vamp.is_cancelled
        return "cancelled"
    except AudioError:
        assert vamp.words == ("audio",)
        return "failed"
    except EngineError as error:
        text = str(error)
        assert "died" in text or (vamp.words == ("bug",) and "ZeroDivisionError" in text)
        return "died" if "died" in text else "failed"
    assert vamp.words in ((), ("hold",))
    assert not vamp.is_cancelled
    assert_same_take(take, FakeVamper().vamp(request(seed=take.report.seed)), lineage=vamp.words)
    return "taken"


OPERATIONS = st.tuples(st.sampled_from(["submit"] * 7 + ["cancel"] * 3 + ["kill"]), st.integers(0, 39))


@given(st.lists(OPERATIONS, min_size=5, max_size=25))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_vamp_ends_exactly_once_whatever_happens(shared_engine, shared_stage, operations):
    (shared_stage / "release").unlink(missing_ok=True)
    vamps, n_kills = play(operations, shared_engine)
    (shared_stage / "release").touch()
    ends = [how_it_ended(vamp, vamps[n + 1 :]) for n, vamp in enumerate(vamps)]
    # One more through the same thread: all callbacks of those before have been called by then.
    shared_engine.submit(request(), slot="last").result(WAIT_S)
    assert ends.count("died") <= n_kills
    assert all(vamp.ends == [vamp.pending] for vamp in vamps)
    assert segments() == []
