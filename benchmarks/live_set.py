"""A set that plays itself: four loops of different lengths, each varied all the time by the real engine."""

from __future__ import annotations

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from live_jack import RATE, JackServer, Tape, demo_sound, wait_until
from live_offline import Comparison, Log, compare, marker_frame
from vampbridge.bridge.audio import AudioClient, AudioOptions
from vampbridge.bridge.live.events import StageEvent
from vampbridge.bridge.live.stage import Stage
from vampbridge.bridge.live.vamping import StageParts
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.messages import Command, SetLooper, SetSlot, Verb
from vampbridge.engine.process import EngineClient

LOOPS_S = (1.7, 2.3, 3.1, 4.3)
CONFIG = LooperConfig(sample_rate=RATE, n_slots=len(LOOPS_S), max_loop_s=10.0, memory_mb=512)
NOW_AND_THEN_S = 5.0
# Played now and then, each as a whole: the set goes on as before, but for what was overdubbed.
PHRASES: tuple[tuple[str, ...], ...] = (
    ("overdub", "overdub"),
    ("mute", "play"),
    ("reverse", "reverse"),
    ("half_speed", "half_speed"),
    ("double_speed", "double_speed"),
    ("undo", "redo"),
    ("trigger",),
    ("pause", "play"),
    ("replace", "replace"),
    ("one_shot", "play"),
)


class LiveSet:
    """Looper, engine and stage on a server, and a tape that plays in and records.

    Args:
        server: Where.
        engine: Started.
        seconds: To be recorded.
        folder: For takes and the record.
        pace: See `Tape`.
    """

    def __init__(self, server: JackServer, engine: EngineClient, seconds: float, folder: Path, pace: float) -> None:
        self._dice = random.Random(1)
        self._server = server
        self.log = Log(folder)
        self.audio = AudioClient(AudioOptions(host_api="JACK", device_in="system"), CONFIG)
        self.stage = Stage(StageParts(self.audio, engine, self.log, n_slots=CONFIG.n_slots, rng=self._dice))
        self.told: list[tuple[float, StageEvent]] = []
        self.stage.on_event(self._hear)
        self.audio.start()
        self.stage.start()
        record = np.lib.format.open_memmap(
            folder / "record.npy", mode="w+", dtype=np.float32, shape=(round(seconds * RATE), 2)
        )
        self.tape = Tape(server, demo_sound(), record, pace=pace)

    def _hear(self, event: StageEvent) -> None:
        if type(event).__name__ in ("TakeMade", "TakeHeard", "VampFailed", "VampProgress"):
            self.told.append((time.monotonic(), event))

    def send(self, command: Command) -> None:
        """Have the looper do something."""
        self.stage.send(command)

    def wait(self, seconds: float) -> None:
        """So much of the record, or to its end."""
        until = min(self.tape.n_done + round(seconds * RATE), len(self.tape.record))
        wait_until(lambda: self.tape.n_done >= until, 3_600.0)

    def begin(self) -> None:
        """Roll the tape, record the loops, have each varied all the time."""
        self.tape.roll()
        self.wait(0.5)
        self.send(SetLooper("dry", 0.1))  # the marker: until it acts all is silent
        wait_until(lambda: self.log.marker)
        self.send(Verb(-1, "record"))
        done_s = 0.0
        for slot, loop_s in enumerate(LOOPS_S):
            self.wait(loop_s - done_s)
            self.send(Verb(slot, "play"))
            self.send(Verb(slot, "auto"))
            self.send(SetSlot(slot, "wet", 0.6))
            done_s = loop_s

    def play_on(self) -> None:
        """Something now and then, until the record is full."""
        while not self.tape.is_full:
            slot = self._dice.randrange(CONFIG.n_slots)
            for verb in self._dice.choice(PHRASES):
                self.wait(self._dice.uniform(0.2, NOW_AND_THEN_S / 2))
                self.send(Verb(slot, verb))
            self.send(SetSlot(slot, "wet", round(self._dice.uniform(0.3, 0.8), 2)))
            self.wait(NOW_AND_THEN_S / 2)

    def compare(self) -> Comparison:
        """The record beside the offline set; when the set is over, and the log complete."""
        return compare(self.tape, self.log, CONFIG, marker_frame(self.tape, self.log))

    @contextlib.contextmanager
    def freewheeling(self) -> Iterator[None]:
        """While open, time goes as fast as the tape lets it; afterwards the set is over."""
        try:
            with self._server.freewheeling():
                yield
        finally:
            self.tape.close()
            self.stage.close()
            self.audio.close()


@contextlib.contextmanager
def live_set(engine: EngineClient, block: int, seconds: float, pace: float = 0.0) -> Iterator[LiveSet]:
    """A set on a server and in a folder of its own, which are gone afterwards."""
    folder = tempfile.TemporaryDirectory(prefix="vampbridge-bench-")
    with folder as name, contextlib.closing(JackServer(block)) as server:
        yield LiveSet(server, engine, seconds, Path(name), pace)
