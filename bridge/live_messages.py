"""Answers the messages of `live_protocol`, and tells subscribers what happens on stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..engine.settings import RANGES, preset
from .audio.reports import DeviceLost, DeviceOpened, LooperLost
from .clients import Address, Client
from .clock.controls import CLOCK_RANGES
from .errors import RequestError, clip
from .live.events import Note, StageEvent, TakeHeard, TakeMade, VampFailed, VampPlanned, VampProgress
from .live.stage import Stage
from .live_protocol import CLOCK_SET, LIVE_IN, LOOPER_SET, SLOT, SLOT_SET, SLOT_VAMP, slot_address
from .looper.controls import LOOPER_RANGES, SLOT_RANGES
from .looper.messages import Seam, SetLooper, SetSlot, StateChanged, Verb
from .looper.verbs import VERBS
from .message_spec import Values
from .own_messages import Send, sendable

Handler = Callable[[Values, Client, Address], None]

MAX_SUBSCRIBERS = 64


@dataclass(frozen=True)
class LiveDesk:
    """What answering live messages needs: a stage, how many slots it has, and how to send."""

    stage: Stage
    n_slots: int
    send: Send


class LiveMessages:
    """One handler for each line of the live table.

    Args:
        desk: None if this server plays no loops: every live message is then answered by saying so.
    """

    def __init__(self, desk: LiveDesk | None) -> None:
        self._subscribers: tuple[Address, ...] = ()
        if desk is None:
            self.handlers: dict[str, Handler] = {message.address: _no_stage for message in LIVE_IN}
            return
        self._desk = desk
        desk.stage.on_event(self._hear)
        self.handlers = {
            "/vamp/subscribe": self._subscribe,
            "/vamp/audio": self._audio,
            SLOT + "state": self._state,
            SLOT + "preset": self._preset,
            SLOT + "recall": self._recall,
        }
        self.handlers |= ClockMessages(desk).handlers
        self.handlers |= {SLOT + verb: partial(self._verb, verb) for verb in VERBS}
        self.handlers |= {SLOT_SET + name: partial(self._slot_dial, name) for name in SLOT_RANGES}
        self.handlers |= {SLOT_VAMP + name: partial(self._vamp_dial, name) for name in RANGES if name != "variations"}
        self.handlers |= {LOOPER_SET + name: partial(self._looper_dial, name) for name in LOOPER_RANGES}

    # Messages.

    def _subscribe(self, values: Values, client: Client, _: Address) -> None:
        others = tuple(address for address in self._subscribers if address != client.address)
        if not values["on"]:
            self._subscribers = others
            return
        if len(others) >= MAX_SUBSCRIBERS:
            raise RequestError(f"at most {MAX_SUBSCRIBERS} clients may subscribe, and so many do")
        self._subscribers = (*others, client.address)
        for slot in range(self._desk.n_slots):
            self._tell_state(client, slot)

    def _audio(self, _: Values, client: Client, __: Address) -> None:
        info, counters = self._desk.stage.audio.info, self._desk.stage.audio.counters
        told = (
            info.device_out,
            int(counters.is_open),
            info.sample_rate,
            info.block_frames,
            counters.xruns_in,
            counters.xruns_out,
            counters.late_blocks,
            counters.callback_p99_ms,
        )
        self._desk.send(client.address, "/vamp/audio", told)

    def _verb(self, verb: str, values: Values, client: Client, _: Address) -> None:
        self._slots(values)
        if values["pressed"]:
            self._desk.stage.send(Verb(values["slot"], verb), self._refuser(client, SLOT + verb, values))

    def _slot_dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        slots = self._slots(values)
        if name in values:
            command = SetSlot(values["slot"], name, values[name])
            self._desk.stage.send(command, self._refuser(client, SLOT_SET + name, values))
            for slot in slots:
                self._desk.stage.controls[slot] = self._desk.stage.controls[slot].changed(**{name: values[name]})
        else:
            for slot in slots:
                self._tell_dial(client, SLOT_SET + name, slot, getattr(self._desk.stage.controls[slot], name))

    def _vamp_dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        stage = self._desk.stage
        for slot in self._slots(values):
            if name in values:
                stage.set_settings(slot, stage.settings(slot).changed(**{name: values[name]}))
            else:
                self._tell_dial(client, SLOT_VAMP + name, slot, getattr(stage.settings(slot), name))

    def _looper_dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        stage = self._desk.stage
        if name in values:
            stage.send(SetLooper(name, values[name]), self._refuser(client, LOOPER_SET + name, {"slot": 0}))
            stage.looper_controls = stage.looper_controls.changed(**{name: values[name]})
        else:
            value = sendable(getattr(stage.looper_controls, name))
            self._desk.send(client.address, LOOPER_SET + name, (value,))

    def _preset(self, values: Values, _: Client, __: Address) -> None:
        for slot in self._slots(values):
            self._desk.stage.set_settings(slot, preset(values["name"]))

    def _recall(self, values: Values, client: Client, _: Address) -> None:
        for slot in self._slots(values):
            refuser = self._refuser(client, SLOT + "recall", {"slot": slot})
            self._desk.stage.recall(slot, values["take_id"], refuser)

    def _state(self, values: Values, client: Client, _: Address) -> None:
        for slot in self._slots(values):
            self._tell_state(client, slot)

    def _slots(self, values: Values) -> Sequence[int]:
        """The slots that an address means, from 0."""
        slot, n_slots = values["slot"], self._desk.n_slots
        if slot >= n_slots:
            raise RequestError(f"there are {n_slots} slots, 1 to {n_slots}, got slot {slot + 1}")
        return range(n_slots) if slot < 0 else (slot,)

    def _refuser(self, client: Client, template: str, values: Values) -> Callable[[str], None]:
        address = template.replace("<slot>", "*" if values["slot"] < 0 else str(values["slot"] + 1))
        return lambda reason: self._desk.send(client.address, "/vamp/error", ("looper", address, clip(reason), ""))

    def _tell_dial(self, client: Client, template: str, slot: int, value: object) -> None:
        self._desk.send(client.address, slot_address(template, slot), (sendable(value),))

    def _tell_state(self, client: Client, slot: int) -> None:
        self._desk.send(client.address, slot_address(SLOT + "state", slot), self._state_of(slot))

    def _state_of(self, slot: int) -> tuple[Any, ...]:
        state = self._desk.stage.states[slot]
        return ("off", "off", 0.0, "", 0, 0) if state is None else self._told_state(state)

    def _told_state(self, state: StateChanged) -> tuple[Any, ...]:
        loop_s = state.n_frames / max(1, self._desk.stage.audio.info.sample_rate)
        return (state.state, state.next_state, loop_s, state.take_id, state.n_undo, state.n_redo)

    # Events: from several threads.

    def _hear(self, event: StageEvent) -> None:
        if not self._subscribers:
            return
        told = self._message_of(event)
        if told is not None:
            for subscriber in self._subscribers:
                self._desk.send(subscriber, *told)

    def _message_of(self, event: StageEvent) -> tuple[str, tuple[Any, ...]] | None:
        if isinstance(event, StateChanged):
            return slot_address(SLOT + "state", event.slot), self._told_state(event)
        slot = getattr(event, "slot", -1)
        found = _TOLD.get(type(event))
        if found is not None:
            return slot_address(SLOT + found[0], slot), found[1](event)
        if isinstance(event, VampFailed):
            return "/vamp/error", (event.code, slot_address(SLOT + "vamp", slot), clip(event.reason), "")
        if isinstance(event, Note):
            of = f"slot {slot + 1}: " if slot >= 0 else ""
            return "/vamp/log", (clip(of + event.text),)
        text = _text_of(event)
        return None if text is None else ("/vamp/log", (clip(text),))


class ClockMessages:
    """The messages of the clock.

    Args:
        desk: See there.
    """

    def __init__(self, desk: LiveDesk) -> None:
        self._desk = desk
        self.handlers: dict[str, Handler] = {
            "/vamp/clock": self._state,
            "/vamp/clock/tap": self._tap,
            "/vamp/clock/start": self._start,
            "/vamp/clock/stop": self._stop,
            "/vamp/clock/nudge": self._nudge,
        }
        self.handlers |= {CLOCK_SET + name: partial(self._dial, name) for name in CLOCK_RANGES}

    def _state(self, _: Values, client: Client, __: Address) -> None:
        state = self._desk.stage.time.clock.state
        controls = state.controls
        told = (int(state.is_running), controls.tempo_bpm, controls.beats_per_bar, controls.source, state.n_peers)
        self._desk.send(client.address, "/vamp/clock", told)

    def _tap(self, values: Values, client: Client, sender: Address) -> None:
        if values["pressed"] and self._desk.stage.tap() is not None:
            self._state({}, client, sender)

    def _start(self, values: Values, _: Client, __: Address) -> None:
        if values["pressed"]:
            self._desk.stage.time.clock.start(time.monotonic())
            self._desk.stage.time.hurry()

    def _stop(self, values: Values, _: Client, __: Address) -> None:
        if values["pressed"]:
            self._desk.stage.time.clock.stop()
            self._desk.stage.time.hurry()

    def _nudge(self, values: Values, _: Client, __: Address) -> None:
        self._desk.stage.time.clock.nudge(values["nudge_ms"])
        self._desk.stage.time.hurry()

    def _dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        keeper = self._desk.stage.time
        if values:
            keeper.set(**values)
        else:
            value = sendable(getattr(keeper.clock.state.controls, name))
            self._desk.send(client.address, CLOCK_SET + name, (value,))


_TOLD: dict[type, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    Seam: ("seam", lambda event: (event.cycle,)),
    VampPlanned: (
        "planned",
        lambda event: (event.coarse_passes, event.fine_passes, event.expected_s, event.cycles_late),
    ),
    VampProgress: ("progress", lambda event: (event.stage, event.fraction)),
    TakeMade: (
        "made",
        lambda event: (
            event.take_id,
            event.seed,
            event.coarse_passes,
            event.fine_passes,
            event.left_s,
            int(event.is_rough),
        ),
    ),
    TakeHeard: ("heard", lambda event: (event.take_id, int(event.is_late))),
}


def _text_of(event: StageEvent) -> str | None:
    """What a subscriber reads of the sound card's fate."""
    if isinstance(event, DeviceLost):
        return f"the sound card is gone: {event.reason}; it is looked for every second"
    if isinstance(event, DeviceOpened):
        return f"sound on {event.info.device_out}, {event.info.sample_rate} Hz"
    if isinstance(event, LooperLost):
        return f"the loops are lost, recall them from the session: {event.reason}"
    return None


def _no_stage(_values: Values, _client: Client, _sender: Address) -> None:
    raise RequestError("this server plays no loops by itself: start it with `vampbridge live`")
