"""Keys and display of `vampbridge live` on a terminal: the only place that reads single keys."""

from __future__ import annotations

import codecs
import contextlib
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ...engine.errors import VampbridgeError
from ...engine.settings import preset
from ..live.display import Display, Size, Sound
from ..live.keys import (
    DOWN,
    QUIT,
    QUIT_WITHIN_S,
    UP,
    Action,
    Choose,
    KeyReader,
    Quit,
    QuitKey,
    Tap,
    UsePreset,
    action_of,
)
from ..live.stage import Stage
from ..looper.messages import SetSlot

WAIT_S = 0.05
REFRESH_HZ = 8
MAX_LOG_RECORDS = 100
_READ_BYTES = 1024
_WINDOWS_PREFIXES = "\x00\xe0"  # of a key without a character; its second part would otherwise be one
_WINDOWS_ARROWS = {"H": UP, "P": DOWN}

ReadKeys = Callable[[float], list[str]]


def has_terminal() -> bool:
    """Whether somebody sits at a keyboard and sees what is printed."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def play_by_keys(stage: Stage, stop: Callable[[], None], over: threading.Event) -> None:
    """Read keys and show the set until `over`, or until somebody quits: then `stop` is called."""
    display, console, quit_key = Display(len(stage.states)), Console(), QuitKey()
    stage.on_event(display.hear)
    for state in stage.states:  # what happened before somebody looked
        if state is not None:
            display.hear(state)
    chosen = 0

    def page() -> Text:
        size = Size(console.size.width, max(1, console.size.height - 1))  # the cursor stands on the last line
        grid = stage.time.grid
        tempo_bpm = None if grid is None else grid.tempo_bpm
        sound = Sound(stage.audio.info, stage.audio.counters, tempo_bpm, has_engine=stage.engine.info.ready)
        return Text("\n".join(display.lines(chosen, sound, size=size)), no_wrap=True)

    with (
        single_keys() as read_keys,
        log_lines_on(display),
        Live(get_renderable=page, console=console, refresh_per_second=REFRESH_HZ),
    ):
        while not over.is_set():
            for key in read_keys(WAIT_S):
                action = action_of(key, chosen, n_slots=len(stage.states), controls=stage.controls[chosen])
                if isinstance(action, Quit):
                    if quit_key.press(time.monotonic(), is_playing=_is_playing(stage)):
                        stop()
                        return
                    display.say(f"something plays: {QUIT} again within {QUIT_WITHIN_S:g} s ends the set")
                    continue
                quit_key.forget()
                if isinstance(action, Choose):
                    chosen = action.slot
                elif action is not None:
                    act(stage, action, display)


def _is_playing(stage: Stage) -> bool:
    """Whether any slot would be cut off, or waits to begin."""
    states = [state for state in stage.states if state is not None]
    return any((state.state, state.next_state) != ("off", "off") for state in states)


def act(stage: Stage, action: Action, display: Display) -> None:
    """Do what a key means to a slot; what cannot be done is said."""
    try:
        if isinstance(action, UsePreset):
            stage.set_settings(action.slot, preset(action.name))
            display.say(f"slot {action.slot + 1}: the next variations are {action.name}")
        elif isinstance(action, Tap):
            tempo_bpm = stage.tap()
            display.say("tap again" if tempo_bpm is None else f"tempo {tempo_bpm:.1f} bpm")
        elif not isinstance(action, Quit | Choose):
            stage.send(action)
        if isinstance(action, SetSlot):
            stage.controls[action.slot] = stage.controls[action.slot].changed(**{action.name: action.value})
            display.say(f"slot {action.slot + 1}: {action.name} {action.value}")
    except VampbridgeError as error:
        display.say(str(error))


@contextlib.contextmanager
def log_lines_on(display: Display) -> Iterator[None]:
    """While open, what is logged is shown as lines of the display, and not across it; afterwards as always, in full."""
    root = logging.getLogger()
    handlers, kept = root.handlers, deque[logging.LogRecord](maxlen=MAX_LOG_RECORDS)
    root.handlers = [_LogLines(display, kept)]
    try:
        yield
    finally:
        root.handlers = handlers
        for record in kept:
            root.handle(record)


class _LogLines(logging.Handler):
    def __init__(self, display: Display, kept: deque[logging.LogRecord]) -> None:
        super().__init__()
        self._display, self._kept = display, kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(record)
        self._display.say(f"{record.levelname.lower()}: {record.getMessage()}")


@contextlib.contextmanager
def single_keys() -> Iterator[ReadKeys]:
    """While open, a function that waits for keys, at most so many seconds, and returns those that came."""
    if sys.platform == "win32":
        yield _windows_keys
        return
    import select
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    reader, decoder = KeyReader(), codecs.getincrementaldecoder("utf-8")(errors="ignore")
    before = termios.tcgetattr(descriptor)

    def read(timeout_s: float) -> list[str]:
        ready, _, _ = select.select([descriptor], [], [], timeout_s)
        # Not sys.stdin.read: what it has read ahead, select does not see.
        came = os.read(descriptor, _READ_BYTES) if ready else b""
        if ready and not came:  # the keyboard has been taken away: without this, the loop would never rest
            time.sleep(timeout_s)
        return reader.feed(decoder.decode(came))

    tty.setcbreak(descriptor, termios.TCSADRAIN)  # not FLUSH, which would lose a key that was pressed just before
    try:
        yield read
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _windows_keys(timeout_s: float) -> list[str]:
    if sys.platform == "win32":
        import msvcrt

        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            if msvcrt.kbhit():
                key = msvcrt.getwch()
                arrow = _WINDOWS_ARROWS.get(msvcrt.getwch()) if key in _WINDOWS_PREFIXES else key
                return [] if arrow is None else [arrow]
            time.sleep(0.01)
    return []
