"""The set begins before its engine is there: keys and messages are answered, a variation comes as soon as it can."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import signal
import socket
import sys
import threading
import time

import numpy as np
import pytest
from engine_process_helpers import WAIT_S, request
from fake_vamper import FACTORY
from live_helpers import HandAudio, Set
from serve_helpers import FakeEngine, UdpClient, write_loop
from vampbridge.bridge.cli import live, main
from vampbridge.bridge.cli import serve as serve_command
from vampbridge.bridge.engine_port import NOT_YET
from vampbridge.bridge.live.events import Note, TakeMade
from vampbridge.bridge.live.loading import EngineLoading
from vampbridge.bridge.looper.messages import Verb
from vampbridge.engine.errors import BundleError, EngineError
from vampbridge.engine.process import EngineClient, EngineOptions


@pytest.fixture
def slow(tmp_path):
    """A launched engine that loads until the file `stuck` in its bundle is gone."""
    (tmp_path / "stuck").touch()
    client = EngineClient(EngineOptions(bundle_path=tmp_path, factory=FACTORY))
    client.launch()
    yield client
    client.close()


def test_what_is_asked_for_while_the_engine_loads_is_made_when_it_is_there(slow, tmp_path):
    first, second = slow.submit(request(seed=1), slot="a"), slow.submit(request(seed=2), slot="b")
    assert not slow.info.ready
    assert not first.done()
    (tmp_path / "stuck").unlink()
    slow.wait_until_ready()
    assert slow.info.ready
    assert [one.result(WAIT_S).report.seed for one in (first, second)] == [1, 2]


def test_an_engine_that_is_closed_while_it_loads_leaves_nobody_waiting(slow):
    pending = slow.submit(request())
    slow.close()
    with pytest.raises(EngineError, match="closed"):
        pending.result(WAIT_S)
    with pytest.raises(EngineError, match="closed"):
        slow.wait_until_ready()


def test_what_waits_for_an_engine_that_cannot_be_loaded_ends_with_the_reason(tmp_path):
    client = EngineClient(EngineOptions(bundle_path=tmp_path / "gone", factory=FACTORY))
    client.launch()
    with pytest.raises(BundleError, match="there is no bundle"):
        client.submit(request()).result(WAIT_S)
    with pytest.raises(BundleError, match="there is no bundle"):
        client.wait_until_ready()


def test_a_vamp_before_the_engine_is_there_is_answered_at_once_and_comes():
    with Set() as on:
        on.engine.info.ready, on.engine.holds = False, True
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.engine.held)
        assert on.of(Note) == [Note(0, NOT_YET)]
        on.audio.play(9_000)  # two seams pass
        (_, asked) = on.engine.held[0]
        on.engine.release()
        on.wait(lambda: on.of(TakeMade))
        on.audio.play(4_000)
        heard = on.audio.play(4_000)
        assert np.abs(heard).max() == np.abs(asked.audio * np.float32(0.5)).max()


class CardlessAudio(HandAudio):
    """A sound card for `play_live`, moved by a thread."""

    def __init__(self):
        super().__init__()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._roll)

    def start(self):
        self.open()
        self._thread.start()

    def close(self):
        self._is_over.set()
        self._thread.join()

    def _roll(self):
        while not self._is_over.wait(0.005):
            self.play(64)


class LateEngine(FakeEngine):
    """An engine that is loaded when a test says so."""

    def __init__(self):
        super().__init__()
        self.info.ready = False
        self.may_load, self.is_closed = threading.Event(), threading.Event()
        self.fault = None

    def launch(self):
        """Begin to load."""

    def wait_until_ready(self):
        while not (self.may_load.wait(0.01) or self.is_closed.is_set()):
            pass
        if self.is_closed.is_set():
            raise EngineError("the engine was closed while it started")
        if self.fault is not None:
            raise self.fault
        self.info.ready = True

    def close(self):
        self.is_closed.set()
        super().close()


@pytest.fixture
def stand_ins(monkeypatch):
    """What `play_live` plays on: its audio and its engine; and a port that is free."""
    engine, audio = LateEngine(), CardlessAudio()
    monkeypatch.setattr(live, "_make_engine", lambda _: engine)
    monkeypatch.setattr(live, "_make_audio", lambda *_: audio)
    return engine, audio, free_port()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def arguments(port):
    return ["live", "--no-session", "--json", "--slots", "2", "--reply-port", "0", "--port", str(port)]


def wait_for_server(client):
    """Until somebody answers: the port is known before it is open."""
    client.socket.settimeout(0.05)
    for _ in range(round(WAIT_S / 0.05)):
        with contextlib.suppress(TimeoutError):
            client.send("/vamp/ping")
            client.socket.recv(65_535)
            return


def wait_for(client, address, seen, is_it=lambda _: True):
    """Until a message has come; everything that came is kept."""
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        got, told = client.receive_any()
        seen.setdefault(got, []).append(told)
        if got == address and is_it(told):
            return
    raise AssertionError(seen)


def test_osc_plays_loops_while_the_models_are_loaded_and_the_ready_line_comes_with_them(stand_ins, capsys):
    engine, _, port = stand_ins
    seen, printed = {}, []

    def perform():
        client = UdpClient(("127.0.0.1", port))
        try:
            wait_for_server(client)
            client.ask("/vamp/subscribe")
            client.send("/vamp/slot/1/record")
            wait_for(client, "/vamp/slot/1/state", seen, lambda told: told[0] == "recording")
            time.sleep(0.2)
            client.send("/vamp/slot/1/play")
            wait_for(client, "/vamp/slot/1/state", seen, lambda told: told[0] == "playing")
            client.send("/vamp/slot/1/vamp")
            wait_for(client, "/vamp/slot/1/made", seen)
            printed.append(capsys.readouterr().out)
            engine.may_load.set()
            wait_for(client, "/vamp/log", seen, lambda told: "ready" in told[0])
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            client.socket.close()

    performer = threading.Thread(target=perform)
    performer.start()
    assert main(arguments(port)) == 0
    performer.join()
    assert printed == [""]
    assert [f"slot 1: {NOT_YET}"] in seen["/vamp/log"]
    ready = json.loads(capsys.readouterr().out)
    assert (ready["port"], ready["bundle"], ready["device"]) == (port, "fake", "cpu")
    assert {"host", "reply_port", "folders", "sound"} <= set(ready)


def test_an_engine_that_cannot_be_loaded_ends_the_set_with_one_line(stand_ins, capsys):
    engine, _, port = stand_ins
    engine.fault = BundleError("the bundle is broken")
    engine.may_load.set()
    assert main([word for word in arguments(port) if word != "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["loading the models …", "error: the bundle is broken"]
    assert engine.is_closed.is_set()


@pytest.fixture
def serve_late(monkeypatch, tmp_path):
    """An engine for `vampbridge serve`, its port, and its command line."""
    engine, port = LateEngine(), free_port()
    monkeypatch.setattr("vampbridge.engine.process.EngineClient", lambda _options: engine)
    ports = ["--reply-port", "0", "--port", str(port), "--oscquery-port", "0"]
    return engine, port, ["serve", "--allow", str(tmp_path), *ports]


def test_a_server_answers_while_the_models_are_loaded_and_vamps_wait_for_them(serve_late, tmp_path, capsys):
    engine, port, args = serve_late
    engine.holds = True
    write_loop(tmp_path / "loop.wav")
    seen, answers, printed = {}, [], []

    def perform():
        client = UdpClient(("127.0.0.1", port))
        try:
            wait_for_server(client)
            client.received_before_pong()
            answers.extend(client.ask("/vamp/version") + client.ask("/vamp/set/period", 7))
            answers.extend(client.ask("/vamp/set/period") + client.ask("/vamp/slot/1/record"))
            printed.extend((client.ask("/vamp/status")[0][1][1], capsys.readouterr().out))
            client.send("/vamp/file", str(tmp_path / "loop.wav"), str(tmp_path / "out.wav"), "early")
            wait_for(client, "/vamp/log", seen)
            engine.await_submit()
            engine.may_load.set()
            while client.ask("/vamp/status")[-1][1][1] == 0:
                pass
            engine.release()
            wait_for(client, "/vamp/done", seen)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            client.socket.close()

    performer = threading.Thread(target=perform)
    performer.start()
    assert main([*args, "--json"]) == 0
    performer.join()
    assert [address for address, _ in answers] == ["/vamp/version", "/vamp/set/period", "/vamp/error"]
    assert printed == [0, ""]  # neither ready, nor said to be
    assert seen["/vamp/log"][0] == [NOT_YET]
    assert seen["/vamp/done"][0][0] == "early"
    assert json.loads(capsys.readouterr().out)["port"] == port


def test_models_that_cannot_be_loaded_end_the_server_with_one_line(serve_late, capsys):
    engine, _, args = serve_late
    engine.fault = BundleError("the bundle is broken")
    engine.may_load.set()
    assert main(args) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["loading the models …", "error: the bundle is broken"]
    assert engine.is_closed.is_set()


@pytest.mark.parametrize("trouble", [BrokenPipeError(errno.EPIPE, "Broken pipe"), ValueError("a bug")])
def test_who_cannot_be_told_that_the_engine_is_ready_is_told_why_it_ends(trouble):
    engine, is_over = LateEngine(), threading.Event()

    def on_ready():
        raise trouble

    loading = EngineLoading(engine, on_ready=on_ready, on_failed=is_over.set)
    loading.start()
    engine.may_load.set()
    assert is_over.wait(5.0)
    loading.close()
    assert loading.error is trouble


class Unheard(io.StringIO):
    """A standard output that nobody reads any more."""

    def write(self, _text):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_a_server_whose_ready_line_nobody_reads_ends_quietly(serve_late, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", sys.stderr)  # both are put back, whatever typer makes of them
    monkeypatch.setattr(sys, "stdout", Unheard())
    engine, _, args = serve_late
    engine.may_load.set()
    rescue = threading.Timer(WAIT_S, os.kill, (os.getpid(), signal.SIGINT))  # it used to serve on, and for ever
    rescue.start()
    with pytest.raises(SystemExit) as ended:
        main([*args, "--json"])
    rescue.cancel()
    assert ended.value.code == 1
    assert capsys.readouterr().err == ""
    assert engine.is_closed.is_set()


def test_an_interrupt_while_oscquery_begins_ends_the_server_and_leaves_nothing(serve_late, monkeypatch, capsys):
    _, port, args = serve_late
    open_query = serve_command.open_query

    def interrupted(*given, **more):
        open_query(*given, **more)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(serve_command, "open_query", interrupted)
    assert main(args) == 0
    assert capsys.readouterr() == ("", "stopped\n")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("vampbridge")]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", port))
