"""Sets for the looper's tests: what comes in, which verbs when, and how it is cut into blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import Command, Event, StateChanged, Verb

RATE = 8_000
CONFIG = LooperConfig(sample_rate=RATE, n_slots=2, max_block=8_193, max_loop_s=3.0, memory_mb=16)

Frames = NDArray[np.float32]


def tone(n_frames: int, hz: float = 200.0, gain: float = 0.5) -> Frames:
    """Stereo sine, (n, 2): a loop of a whole number of periods has no jump anywhere."""
    time_s = np.arange(n_frames) / RATE
    left = gain * np.sin(2 * np.pi * hz * time_s)
    return np.stack([left, 0.5 * left], axis=1).astype(np.float32)


def noise(n_frames: int, seed: int = 0, gain: float = 0.1) -> Frames:
    """Stereo noise, (n, 2): every frame is its own."""
    return (np.random.default_rng(seed).standard_normal((n_frames, 2)) * gain).astype(np.float32)


def at(frame: int, command: Command) -> Command:
    """A command that acts at a frame."""
    return replace(command, at_frame=frame)


def press(frame: int, verb: str, slot: int = 0, number: int = 0) -> Command:
    """A verb at a frame."""
    return Verb(slot, verb, number, at_frame=frame)


def play(
    looper: Looper, sound: Frames, commands: Sequence[Command] = (), blocks: Iterable[int] = ()
) -> tuple[Frames, list[Event]]:
    """Run a looper over a sound; what comes out, (N, C_out), and what it told. Blocks of 64 unless said otherwise."""
    out = np.full((len(sound), looper.config.n_outputs), np.nan, dtype=np.float32)
    sizes, done = iter(blocks), 0
    first: Sequence[Command] = commands
    while done < len(sound):
        part = slice(done, min(len(sound), done + next(sizes, 64)))
        looper.process(sound[part], out[part], first)
        looper.rubbish.clear()
        first, done = (), part.stop
    events = list(looper.events)
    looper.events.clear()
    return out, events


def run(
    sound: Frames, commands: Sequence[Command] = (), blocks: Iterable[int] = (), config: LooperConfig = CONFIG
) -> tuple[Frames, list[Event]]:
    """`play` on a new looper."""
    return play(Looper(config), sound, commands, blocks)


def only(events: Iterable[Event], kind: type[Event]) -> list[Event]:
    """The events of one kind."""
    return [event for event in events if isinstance(event, kind)]


LOOP = 4_000  # frames: half a second
RECORD = [press(1_000, "record"), press(1_000 + LOOP, "record")]
START = 1_000 + LOOP  # where the loop begins to play
FADE = round(0.010 * RATE)
LEAD_IN = round(0.030 * RATE)


def states(events: list[Event], slot: int = 0) -> list[tuple[int, str, str]]:
    """Frame, state and next state of every change."""
    found = [event for event in only(events, StateChanged) if isinstance(event, StateChanged) and event.slot == slot]
    return [(event.frame, event.state, event.next_state) for event in found]
