"""Keys and display on a real terminal: a pseudo-terminal, and for the whole program a JACK server without hardware."""

from __future__ import annotations

import logging
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from jack_server import Patchbay, make_jack  # noqa: F401 - a fixture
from live_helpers import Set
from vampbridge.bridge.cli.terminal import act, log_lines_on, play_by_keys, single_keys
from vampbridge.bridge.errors import DeviceError
from vampbridge.bridge.live.display import Display, Size, Sound
from vampbridge.bridge.live.keys import Tap, UsePreset
from vampbridge.bridge.looper.messages import SetSlot, Verb
from vampbridge.engine.settings import preset

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals like these", allow_module_level=True)

import fcntl
import pty
import struct
import termios

WAIT_S = 90.0  # never reached unless something is broken
VAMPBRIDGE = [sys.executable, "-c", "import sys; from vampbridge.bridge.start import main; sys.exit(main())"]


class Terminal:
    """A terminal of 100 by 30, with a person at the other end."""

    def __init__(self):
        self.person, self.program = pty.openpty()
        fcntl.ioctl(self.program, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.seen = ""

    def press(self, keys):
        os.write(self.person, keys.encode())

    def wait_for(self, pattern):
        """Look on until something new matches; forgets what was seen before that."""
        end_s = time.monotonic() + WAIT_S
        while not (match := re.search(pattern, self.seen)):
            assert time.monotonic() < end_s, f"never saw {pattern!r} in {self.seen[-3000:]!r}"
            self.look()
        self.seen = self.seen[match.end() :]

    def look(self):
        if select.select([self.person], [], [], 0.05)[0]:
            self.seen += os.read(self.person, 65_536).decode(errors="replace")

    @property
    def mode(self):
        return termios.tcgetattr(self.program)

    def close(self):
        os.close(self.person)
        os.close(self.program)


@pytest.fixture
def terminal():
    made = Terminal()
    yield made
    made.close()


@pytest.fixture
def as_stdin(terminal, monkeypatch):
    with open(terminal.program, encoding="utf-8", closefd=False) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield terminal


def test_keys_come_without_enter_and_none_is_lost(as_stdin):
    with single_keys() as read:
        as_stdin.press("1rrv\x1b[Cq\x1b[B")
        assert read(5.0) == ["1", "r", "r", "v", "q", "down"]
        assert read(0.0) == []


def test_keys_are_not_echoed_and_the_mode_comes_back_even_after_an_error(as_stdin):
    before = as_stdin.mode

    def play():
        with single_keys():
            flags = as_stdin.mode[3]
            assert not flags & (termios.ECHO | termios.ICANON)
            assert flags & termios.ISIG  # Ctrl-C still ends it
            raise DeviceError("unplugged")

    with pytest.raises(DeviceError):
        play()
    assert as_stdin.mode == before


def test_one_stray_quit_key_ends_nothing_while_something_plays(as_stdin):
    stopped, over = threading.Event(), threading.Event()
    with Set() as on:
        on.record()
        player = threading.Thread(target=play_by_keys, args=(on.stage, stopped.set, over))
        player.start()
        try:
            as_stdin.press("q+q")  # what is between says that the performer plays on
            on.wait(lambda: on.stage.controls[0].wet == 1.1)
            as_stdin.press("+")
            on.wait(lambda: on.stage.controls[0].wet == 1.2)
            assert not stopped.is_set()
            as_stdin.press("qq")
            assert stopped.wait(WAIT_S)
        finally:
            over.set()
            player.join()


def test_with_nothing_to_lose_one_quit_key_ends_the_set(as_stdin):
    stopped, over = threading.Event(), threading.Event()
    with Set() as on:
        player = threading.Thread(target=play_by_keys, args=(on.stage, stopped.set, over))
        player.start()
        try:
            as_stdin.press("q")
            assert stopped.wait(WAIT_S)
        finally:
            over.set()
            player.join()


def shown(display, stage):
    return display.lines(0, Sound(stage.audio.info, stage.audio.counters), size=Size(120, 40))


def test_a_key_reaches_the_looper_and_the_volume_is_remembered():
    with Set() as on:
        display = Display(2)
        act(on.stage, Verb(0, "record"), display)
        on.audio.play(64)
        assert on.stage.states[0].state == "recording"
        act(on.stage, SetSlot(0, "wet", 0.9), display)
        assert on.stage.controls[0].wet == 0.9
        assert "slot 1: wet 0.9" in shown(display, on.stage)


def test_a_preset_key_changes_the_next_variations():
    with Set() as on:
        display = Display(2)
        act(on.stage, UsePreset(1, "wild"), display)
        assert on.stage.settings(1) == preset("wild")
        assert on.stage.settings(0) != preset("wild")
        assert "slot 2: the next variations are wild" in shown(display, on.stage)


def test_taps_set_the_tempo_and_say_so():
    with Set() as on:
        display = Display(2)
        act(on.stage, Tap(), display)
        assert "tap again" in shown(display, on.stage)
        time.sleep(0.3)
        act(on.stage, Tap(), display)
        (said,) = [line for line in shown(display, on.stage) if line.startswith("tempo ")]
        assert 60 < float(said.split()[1]) < 201  # 0.3 s are 200 bpm, later on a busy machine
        assert on.stage.time.grid is not None


def test_what_cannot_be_done_is_said_and_ends_nothing(monkeypatch):
    def refuse(_command):
        raise DeviceError("there is no sound")

    with Set() as on:
        monkeypatch.setattr(on.audio, "send", refuse)
        display = Display(2)
        act(on.stage, SetSlot(0, "wet", 0.5), display)
        assert "there is no sound" in shown(display, on.stage)
        assert on.stage.controls[0].wet == 1.0


def test_log_lines_stand_in_the_display_and_come_in_full_afterwards(caplog):
    display = Display(1)
    with Set() as on:
        with log_lines_on(display):
            logging.getLogger("vampbridge.test").warning("the driver coughs")
            assert caplog.records == []
        assert "warning: the driver coughs" in shown(display, on.stage)
    assert [record.getMessage() for record in caplog.records] == ["the driver coughs"]


@pytest.fixture
def live(terminal, mode, make_jack, tiny_bundle_folder, tmp_path):  # noqa: F811
    """`vampbridge live` on that terminal, ready to be played; and its JACK server."""
    server = make_jack(256)
    card = ["--device-in", "system", "--host-api", "JACK", "--bundle", str(tiny_bundle_folder)]
    environment = {**os.environ, "VAMPBRIDGE_DATA": str(tmp_path), "TERM": "xterm"}
    process = subprocess.Popen(
        [*VAMPBRIDGE, "live", *card, "--port", "0", "--threads", "1"],
        stdin=terminal.program,
        stdout=terminal.program,
        stderr=terminal.program,
        env=environment,
    )
    try:
        terminal.wait_for("q quit")
        yield process, server
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for_end(process, terminal):
    """Its exit status; what it prints meanwhile is read, or it would wait for that."""
    end_s = time.monotonic() + WAIT_S
    while process.poll() is None:
        assert time.monotonic() < end_s, "it does not end"
        terminal.look()
    return process.returncode


@pytest.fixture
def mode(terminal):
    """Of the terminal, before anything ran on it."""
    return terminal.mode


def play_noise(patchbay, rng):
    patchbay._sound = rng.normal(0, 0.1, (2, 60 * 48_000)).astype(np.float32)
    patchbay._record, patchbay._is_armed = np.zeros_like(patchbay._sound), True


@pytest.mark.jack
def test_a_set_is_played_by_keys(terminal, mode, live, rng, tmp_path):
    process, server = live
    patchbay = Patchbay(server)
    try:
        play_noise(patchbay, rng)
        terminal.press("2")
        terminal.wait_for("> 2  –")
        terminal.press("1r")
        terminal.wait_for("> 1  recording")
        time.sleep(1.0)  # the length of the loop
        terminal.press("r")
        terminal.wait_for(r"> 1  playing +\d\.\d\d s")
        terminal.press("v")
        terminal.wait_for(r"> 1  playing[^\n]*take [0-9a-f]{12}\s*\n")
        terminal.press("q")
        terminal.wait_for("q again within 2 s ends the set")
        terminal.press("C")
        terminal.wait_for("> 1  –")
        terminal.press("q")
        assert wait_for_end(process, terminal) == 0
    finally:
        patchbay.close()
    assert terminal.mode == mode
    assert "Traceback" not in terminal.seen
    assert "vampbridge session show latest" in terminal.seen
    (session,) = (tmp_path / "sessions").iterdir()
    assert len(list(session.rglob("*.wav"))) == 2  # what was played, and its variation


@pytest.mark.jack
def test_ctrl_c_leaves_the_terminal_as_it_was(terminal, mode, live):
    process, _ = live
    assert terminal.mode != mode
    process.send_signal(signal.SIGINT)
    assert wait_for_end(process, terminal) == 0
    assert terminal.mode == mode
