"""Brings looper and engine together: verbs go in, events come out, and variations come at their seams.

One thread of its own reads loops and hands over takes, so that neither the thread of the sound card's events nor the
engine's ever waits for a copy. Verbs and dials do not pass through it: they go straight to the looper.
"""

from __future__ import annotations

import itertools
import logging
import queue
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from ...engine.errors import EngineError, VampbridgeError
from ...engine.settings import DEFAULT_PRESET, VampSettings, preset
from ...engine.take import Mask
from ..audio.reports import AudioEnded, AudioEvent, DeviceLost, DeviceOpened, LooperLost
from ..looper.controls import LooperControls, SlotControls
from ..looper.messages import (
    Applied,
    Command,
    Forgotten,
    LayerClosed,
    LoadTake,
    Refused,
    SetLooper,
    SetSlot,
    StateChanged,
    Swapped,
    VampWanted,
)
from .events import StageEvent, VampFailed
from .frame_clock import FrameClock
from .ports import AudioPort, Recorder, VampEngine
from .timekeeper import Timekeeper
from .vamping import StageParts, Vamping

log = logging.getLogger(__name__)

MAX_COMMANDS_REMEMBERED = 4096
_LAYER_NAME = re.compile(r"L(\d{1,12})")

OnEvent = Callable[[StageEvent], None]
OnRefused = Callable[[str], None]


class Stage:
    """Plays and varies loops. Make it before the audio is started, so that no event is missed.

    Args:
        parts: See there.
        settings: Of every slot's variations at first; None is the default preset.
    """

    def __init__(self, parts: StageParts, settings: VampSettings | None = None) -> None:
        self._parts = parts
        self.clock: FrameClock | None = None
        self._vamping = Vamping(parts, self, settings or preset(DEFAULT_PRESET))
        self.states: list[StateChanged | None] = [None] * parts.n_slots  # as the looper told last
        self.controls = [SlotControls() for _ in range(parts.n_slots)]  # as they were set last
        self.looper_controls = LooperControls()
        self.time = Timekeeper(self, parts.clock)
        self._listeners: tuple[OnEvent, ...] = ()
        self._numbers = itertools.count(1)
        self._sent: OrderedDict[int, tuple[Command, OnRefused | None]] = OrderedDict()
        self._lock = threading.Lock()  # guards _sent; held for moments only
        self._is_over = False
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="vampbridge-stage")
        parts.audio.on_event(self._hear)

    @property
    def audio(self) -> AudioPort:
        """The looper's sound card."""
        return self._parts.audio

    @property
    def engine(self) -> VampEngine:
        """What makes the takes."""
        return self._parts.engine

    @property
    def recorder(self) -> Recorder | None:
        """Keeps the set; None if nothing is kept."""
        return self._parts.recorder

    def start(self) -> None:
        """Begin to hand over loops and takes, and to keep time."""
        self._thread.start()
        self.time.start()

    def close(self) -> None:
        """Give up on what is unfinished, and join the threads. What the looper tells from now on is told nobody."""
        self.time.close()
        self._vamping.cancel_all()
        self._work.put(None)
        if self._thread.ident is not None:
            self._thread.join()
        self._is_over = True

    def on_event(self, callback: OnEvent) -> None:
        """Call with every event from now on: from several threads, and it must return soon."""
        self._listeners = (*self._listeners, callback)

    # For those who play: from any thread.

    def send(self, command: Command, on_refused: OnRefused | None = None) -> None:
        """Have the looper do something.

        Args:
            command: Its number is given here.
            on_refused: Called with the reason if it cannot be done.

        Raises:
            DeviceError: There is no sound.
        """
        number = next(self._numbers)
        numbered = replace(command, number=number)
        kept = replace(numbered, audio=None) if isinstance(numbered, LoadTake) else numbered
        with self._lock:
            self._sent[number] = (kept, on_refused)
            while len(self._sent) > MAX_COMMANDS_REMEMBERED:
                self._sent.popitem(last=False)
        self._parts.audio.send(numbered)

    def settings(self, slot: int) -> VampSettings:
        """How the next variations of a slot are made."""
        return self._vamping.slots[slot].settings

    def set_settings(self, slot: int, settings: VampSettings) -> None:
        """Change them."""
        self._vamping.slots[slot].settings = settings

    def draw_mask(self, slot: int, mask: Mask | None, *, alone: bool) -> None:
        """Draw a mask for a slot's variations, (rows, columns), True = vary; `alone` does without its prompts."""
        slot_vamps = self._vamping.slots[slot]
        slot_vamps.drawn_mask, slot_vamps.mask_alone = mask, alone

    def drawn_mask(self, slot: int) -> Mask | None:
        """That mask, None if there is none."""
        return self._vamping.slots[slot].drawn_mask

    def last_mask(self, slot: int) -> Mask | None:
        """What a slot's last variation varied, (K, T); None before there is one."""
        return self._vamping.slots[slot].last_mask

    def tap(self) -> float | None:
        """A tap on the beat; the tempo in bpm, None after a first tap.

        Raises:
            SettingError: MIDI clock gives the tempo.
        """
        tempo_bpm = self.time.clock.tap(time.monotonic())
        self.time.hurry()
        return tempo_bpm

    def recall(self, slot: int, take_id: str, on_failed: OnRefused | None = None) -> None:
        """Have a take of the session, or a layer such as `L12`, played again, from the next seam on."""
        self.later(partial(self._recall, slot, take_id, on_failed), slot, on_failed)

    # What the looper tells: in the audio client's thread.

    def _hear(self, event: AudioEvent) -> None:
        if self._is_over:  # the end of the sound that belongs to the end of the set is no news
            return
        self._keep_time(event)
        if isinstance(event, Applied | Refused):
            self._answer(event)
        elif isinstance(event, StateChanged):
            self.states[event.slot] = event
        elif isinstance(event, LayerClosed | VampWanted | Swapped | Forgotten):
            self.later(partial(self._do, event), event.slot)
        elif isinstance(event, LooperLost):
            self.later(self._begin_again, 0)
        self.tell(event)
        if isinstance(event, LooperLost | AudioEnded):
            self._empty_slots()

    def _empty_slots(self) -> None:
        """The loops went with their looper, which cannot tell it any more."""
        before, self.states = self.states, [None] * self._parts.n_slots
        for slot, state in enumerate(before):
            if state is not None:
                self.tell(StateChanged(0, slot, "off", "off", 0, 0, "", 0, 0))

    def _keep_time(self, event: AudioEvent) -> None:
        if isinstance(event, DeviceOpened):
            self.clock = FrameClock(event.info.sample_rate)
            self.clock.observe(event.frame, time.monotonic())
        elif isinstance(event, DeviceLost | LooperLost | AudioEnded):
            self.clock = None
        elif self.clock is not None and hasattr(event, "frame"):
            self.clock.observe(event.frame, time.monotonic())

    def _answer(self, event: Applied | Refused) -> None:
        with self._lock:
            command, on_refused = self._sent.pop(event.number, (None, None))
        if isinstance(event, Refused):
            if on_refused is not None:
                on_refused(event.reason)
        elif command is not None and self._parts.recorder is not None:
            self._parts.recorder.record_command(command, event.frame)

    # In the stage's own thread.

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def later(self, work: Callable[[], None], slot: int, on_failed: OnRefused | None = None) -> None:
        """Have something done in the stage's thread; what goes wrong is told as the slot's, and to `on_failed`."""
        self._work.put(partial(self._guard, work, slot, on_failed))

    def _guard(self, work: Callable[[], None], slot: int, on_failed: OnRefused | None) -> None:
        try:
            work()
        except VampbridgeError as error:
            failure = error
        except Exception as error:  # a bug here must reach the performer, and end the set for nobody
            log.exception("the stage failed")
            failure = EngineError(f"unexpected {type(error).__name__}: {error}")
        else:
            return
        if on_failed is not None:
            on_failed(str(failure))
        else:
            self.tell(VampFailed(slot, failure.code, str(failure)))

    def _do(self, event: LayerClosed | VampWanted | Swapped | Forgotten) -> None:
        if isinstance(event, LayerClosed):
            self._keep_layer(event)
        elif isinstance(event, VampWanted):
            self._vamping.ask(event)
        elif isinstance(event, Swapped):
            self._vamping.note_heard(event)
        else:
            self._vamping.forget_loop(event.slot, event.layer_id)
            if self._parts.recorder is not None:
                self._parts.recorder.record_event(event)

    def _begin_again(self) -> None:
        """The looper is a new one: its dials stand as they were made."""
        self._vamping.forget_all()
        for slot, controls in enumerate(self.controls):
            for name, value in _turned(controls, SlotControls()).items():
                self.send(SetSlot(slot, name, value))
        for name, value in _turned(self.looper_controls, LooperControls()).items():
            self.send(SetLooper(name, value))

    def _keep_layer(self, event: LayerClosed) -> None:
        self._adopt_tempo(event)
        audio = self._vamping.loop(event.slot, event.layer_id)
        if audio is not None and self._parts.recorder is not None:
            self._parts.recorder.record_layer(event, audio)

    def _adopt_tempo(self, event: LayerClosed) -> None:
        """The first loop of a set without a beat sets it."""
        clock, frames = self.time.clock, self.clock
        is_first = event.kind == "recording" and sum(state is not None and state.n_frames > 0 for state in self.states)
        if is_first != 1 or frames is None or clock.state.grid is not None:
            return
        rate = self._parts.audio.info.sample_rate
        start_s = frames.time_of(event.frame - event.n_frames)
        if start_s is not None and clock.adopt_loop(event.n_frames / rate, start_s) is not None:
            self.time.hurry()

    def _recall(self, slot: int, take_id: str, on_failed: OnRefused | None) -> None:
        recorder, layer = self._parts.recorder, _LAYER_NAME.fullmatch(take_id)
        if recorder is None:
            raise EngineError("takes are recalled from a session, and none is being kept")
        audio = recorder.read_take(take_id) if layer is None else recorder.layer_audio(int(layer[1]))
        self.send(LoadTake(slot, take_id, audio), on_failed)

    def tell(self, event: StageEvent) -> None:
        """Tell whoever listens. From any thread."""
        for listener in self._listeners:
            self._tell_one(listener, event)

    def _tell_one(self, listener: OnEvent, event: StageEvent) -> None:
        try:
            listener(event)
        except Exception:  # a display's bug must not stop the set
            log.exception("a listener of the stage failed")


def _turned(controls: SlotControls | LooperControls, start: SlotControls | LooperControls) -> dict[str, Any]:
    """The dials that stand elsewhere than at the start."""
    before = asdict(start)
    return {name: value for name, value in asdict(controls).items() if value != before[name]}
