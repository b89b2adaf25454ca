"""A stage for tests: a real looper that is driven by hand, block by block, in the place of a sound card."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from looper_helpers import CONFIG, Frames, noise
from serve_helpers import FakeEngine
from vampbridge.bridge.audio.reports import AudioCounters, AudioInfo, DeviceOpened
from vampbridge.bridge.errors import SessionError
from vampbridge.bridge.live.events import StageEvent
from vampbridge.bridge.live.stage import Stage
from vampbridge.bridge.live.vamping import StageParts
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import Command, Event, LayerClosed, Verb
from vampbridge.engine.deadlines.plan import Plan
from vampbridge.engine.take import Audio, Take

WAIT_S = 30.0  # never reached unless something is broken


class HandAudio:
    """An audio port whose time goes on only when a test says so."""

    def __init__(self, config: LooperConfig = CONFIG) -> None:
        self.looper = Looper(config)
        self.info = AudioInfo("in", "out", "hand", config.sample_rate, 64)
        self.counters = AudioCounters(is_open=True, xruns_in=2, callback_p99_ms=0.5)
        self._listeners: list[Callable[[Any], None]] = []
        self._inbox: list[Command] = []

    def on_event(self, callback: Callable[[Any], None]) -> None:
        self._listeners.append(callback)

    def send(self, command: Command) -> None:
        self._inbox.append(command)

    def is_asked(self, kind: type[Command]) -> bool:
        """Whether a command of a kind waits for the next block."""
        return any(isinstance(command, kind) for command in self._inbox)

    def read_layer(self, layer_id: int) -> Audio:
        return self.looper.read_layer(layer_id)

    def tell(self, event: Any) -> None:
        for listener in self._listeners:
            listener(event)

    def open(self) -> None:
        self.tell(DeviceOpened(self.looper.frame, self.info))

    def play(self, sound: Frames | int) -> Frames:
        """A sound, or so many frames of silence; what comes out."""
        block_in = np.zeros((sound, 2), np.float32) if isinstance(sound, int) else sound
        out = np.empty_like(block_in)
        for start in range(0, len(block_in), 64):
            commands, self._inbox = self._inbox, []
            self.looper.process(block_in[start : start + 64], out[start : start + 64], commands)
            while self.looper.events:
                self.tell(self.looper.events.popleft())
        return out


class MemoryRecorder:
    """A session in memory."""

    def __init__(self) -> None:
        self.sounds: dict[str, Audio] = {}
        self.layers: list[tuple[int, int, int, str]] = []
        self.takes: list[tuple[int, int, str]] = []
        self.drawn_masks: list[Any] = []  # of each
        self.commands: list[tuple[Command, int]] = []
        self.heards: list[Event] = []

    def record_layer(self, closed: LayerClosed, audio: Audio) -> None:
        self.layers.append((closed.slot, closed.layer_id, closed.parent_id, closed.kind))
        self.sounds[str(closed.layer_id)] = audio

    def record_take(self, take: Take, *, slot: int, layer_id: int = 0, drawn_mask: Any = None) -> None:
        self.takes.append((slot, layer_id, take.report.take_id))
        self.drawn_masks.append(drawn_mask)
        self.sounds[take.report.take_id] = take.audio[0]

    def record_command(self, command: Command, frame: int) -> None:
        self.commands.append((command, frame))

    def record_event(self, event: Event) -> None:
        self.heards.append(event)

    def read_take(self, take_id: str) -> Audio:
        if take_id not in self.sounds:
            raise SessionError(f"there is no take {take_id!r} in this session")
        return self.sounds[take_id]

    def layer_audio(self, layer_id: int) -> Audio:
        return self.read_take(str(layer_id))


class Set:
    """A stage with everything round it, and what it told."""

    def __init__(self) -> None:
        self.audio, self.engine, self.recorder = HandAudio(), FakeEngine(), MemoryRecorder()
        self.engine.plan = Plan(12, 2, 1, 0.1, 0.2, 0.0, 1.0)
        self.stage = Stage(StageParts(self.audio, self.engine, self.recorder, CONFIG.n_slots))
        self.told: list[StageEvent] = []
        self.stage.on_event(self.told.append)

    def __enter__(self) -> Set:  # noqa: PYI034 - nobody subclasses it
        self.stage.start()
        self.audio.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.close()

    def record(self, length: int = 4_000, seed: int = 0) -> Frames:
        """Record a loop into the first slot; what was played, of which the end is blended."""
        sound = noise(length, seed)
        self.stage.send(Verb(0, "record"))
        self.audio.play(sound)
        self.stage.send(Verb(0, "play"))
        self.audio.play(64)
        return sound

    def of(self, *kinds: type) -> Sequence[Any]:
        """What was told of these kinds."""
        return [event for event in self.told if isinstance(event, kinds)]

    def wait(self, is_so: Callable[[], object]) -> None:
        """Until the stage's own thread has done something."""
        end_s = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < end_s, self.told[-5:]
            time.sleep(0.001)
