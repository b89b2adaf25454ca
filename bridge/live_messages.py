"""Answers the messages of `live_protocol`, and tells subscribers what happens on stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..engine.settings import PROMPTS, RANGES, preset
from ..engine.take import Mask
from .clients import Address, Client
from .clock_messages import ClockMessages
from .errors import ArgumentError, RequestError, clip
from .idle_settings import told_of_slots, why_idle_on_stage
from .live.events import StageEvent, VampProgress
from .live_desk import LiveDesk
from .live_protocol import LIVE_IN, LOOPER_SET, SLOT, SLOT_SET, SLOT_VAMP, slot_address
from .looper.controls import LOOPER_RANGES, SLOT_RANGES
from .looper.messages import Seam, SetLooper, SetSlot, Verb
from .looper.verbs import VERBS
from .masks import check_rows, mask_of, rows_told, with_row
from .message_spec import Values
from .own_messages import sendable
from .parts import BasePart, Handler, no_stage
from .positions import Positions
from .stage_told import audio_told, event_told, state_told, topic_of
from .subscriptions import TOPICS, USUAL

# These name a frame of the looper, so that they may be handled a little before their time.
EXACT = frozenset(
    [SLOT + verb for verb in VERBS]
    + [SLOT_SET + name for name in SLOT_RANGES]
    + [LOOPER_SET + name for name in LOOPER_RANGES]
)


class LiveMessages(BasePart):
    """One handler for each line of the live table.

    Args:
        desk: None if this server plays no loops: every live message is then answered by saying so.
    """

    def __init__(self, desk: LiveDesk | None) -> None:
        self._desk = desk
        if desk is None:
            self.handlers: dict[str, Handler] = {message.address: no_stage for message in LIVE_IN}
            return
        self._playing = _Playing(desk)
        self.handlers = self._playing.handlers

    def tick(self, now_s: float) -> None:
        """Tell where slots are, and what others than OSC have turned."""
        if self._desk is not None:
            self._desk.watch.look()
            self._playing.tell_positions(now_s)

    def forget(self, client: Address) -> None:
        """Tell a client nothing more."""
        if self._desk is not None:
            self._desk.subscriptions.unsubscribe(client)


class _Playing:
    """The messages of a stage that there is."""

    def __init__(self, desk: LiveDesk) -> None:
        self._desk = desk
        self._positions = Positions(desk.stage)
        self._prompts_set: list[set[str]] = [set() for _ in range(desk.n_slots)]  # since each slot's last preset
        desk.stage.on_event(self._hear)
        self.handlers: dict[str, Handler] = {
            "/vamp/subscribe": self._subscribe,
            "/vamp/subscribe/rate_hz": self._rate,
            "/vamp/audio": self._audio,
            SLOT + "state": self._state,
            SLOT + "preset": self._preset,
            SLOT + "recall": self._recall,
            SLOT + "mask": self._mask,
            SLOT + "mask/row": self._mask_row,
            SLOT + "mask/clear": self._clear_mask,
        }
        self.handlers |= ClockMessages(desk).handlers
        self.handlers |= {SLOT + verb: partial(self._verb, verb) for verb in VERBS}
        self.handlers |= {SLOT_SET + name: partial(self._slot_dial, name) for name in SLOT_RANGES}
        self.handlers |= {SLOT_VAMP + name: partial(self._vamp_dial, name) for name in RANGES if name != "variations"}
        self.handlers |= {LOOPER_SET + name: partial(self._looper_dial, name) for name in LOOPER_RANGES}

    # Messages.

    def _subscribe(self, values: Values, client: Client, _: Address) -> None:
        topics = _topics_of(values["topics"])
        if not topics:
            self._desk.subscriptions.unsubscribe(client.address)
            return
        self._desk.subscriptions.subscribe(client.address, topics)
        if "state" in topics:
            for slot in range(self._desk.n_slots):
                self._tell_state(client, slot)

    def _rate(self, values: Values, client: Client, _: Address) -> None:
        if values:
            self._desk.subscriptions.set_rate(client.address, values["rate_hz"])
        else:
            rate_hz = self._desk.subscriptions.rate_hz(client.address)
            self._desk.send(client.address, "/vamp/subscribe/rate_hz", (rate_hz,))

    def _audio(self, _: Values, client: Client, __: Address) -> None:
        self._desk.send(client.address, "/vamp/audio", audio_told(self._desk.stage))

    def _verb(self, verb: str, values: Values, client: Client, _: Address) -> None:
        self._desk.slots(values)
        if values["pressed"]:
            pressed = Verb(values["slot"], verb, at_frame=self._desk.at_frame())
            self._desk.stage.send(pressed, self._refuser(client, SLOT + verb, values))

    def _slot_dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        slots = self._desk.slots(values)
        if name in values:
            command = SetSlot(values["slot"], name, values[name], at_frame=self._desk.at_frame())
            self._desk.stage.send(command, self._refuser(client, SLOT_SET + name, values))
            for slot in slots:
                self._desk.stage.controls[slot] = self._desk.stage.controls[slot].changed(**{name: values[name]})
            self._desk.turned(client.address)
        else:
            for slot in slots:
                self._tell_dial(client, SLOT_SET + name, slot, getattr(self._desk.stage.controls[slot], name))

    def _vamp_dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        stage, slots = self._desk.stage, self._desk.slots(values)
        if name not in values:
            for slot in slots:
                self._tell_dial(client, SLOT_VAMP + name, slot, getattr(stage.settings(slot), name))
            return
        has_beat, reasons = stage.time.grid is not None, {}
        for slot in slots:
            stage.set_settings(slot, stage.settings(slot).changed(**{name: values[name]}))
            self._prompts_set[slot].update(PROMPTS.intersection({name}))
            self._set_mask(slot, stage.drawn_mask(slot))
            reasons[slot] = why_idle_on_stage(name, stage.settings(slot), has_beat=has_beat)
        self._desk.turned(client.address)
        for line in told_of_slots(reasons):
            self._desk.send(client.address, "/vamp/log", (line,))

    def _looper_dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        stage = self._desk.stage
        if name in values:
            command = SetLooper(name, values[name], at_frame=self._desk.at_frame())
            stage.send(command, self._refuser(client, LOOPER_SET + name, {"slot": 0}))
            stage.looper_controls = stage.looper_controls.changed(**{name: values[name]})
            self._desk.turned(client.address)
        else:
            value = sendable(getattr(stage.looper_controls, name))
            self._desk.send(client.address, LOOPER_SET + name, (value,))

    def _preset(self, values: Values, client: Client, _: Address) -> None:
        for slot in self._desk.slots(values):
            self._desk.stage.set_settings(slot, preset(values["name"]))
            self._prompts_set[slot].clear()
            self._set_mask(slot, self._desk.stage.drawn_mask(slot))
        self._desk.turned(client.address)

    def _mask(self, values: Values, client: Client, _: Address) -> None:
        slots = self._desk.slots(values)
        if "rows" not in values:
            self._tell_masks(client, slots)
            return
        check_rows(values["rows"], self._desk.n_codebooks())
        mask = mask_of(values)
        for slot in slots:
            self._set_mask(slot, mask)

    def _mask_row(self, values: Values, _: Client, __: Address) -> None:
        slots, stage = self._desk.slots(values), self._desk.stage
        n_codebooks = self._desk.n_codebooks()
        masks = [with_row(stage.drawn_mask(slot), values, n_codebooks=n_codebooks) for slot in slots]
        for slot, mask in zip(slots, masks, strict=True):
            self._set_mask(slot, mask)

    def _clear_mask(self, values: Values, _: Client, __: Address) -> None:
        for slot in self._desk.slots(values):
            self._set_mask(slot, None)

    def _set_mask(self, slot: int, mask: Mask | None) -> None:
        self._desk.stage.draw_mask(slot, mask, alone=not self._prompts_set[slot])

    def _tell_masks(self, client: Client, slots: range | tuple[int]) -> None:
        masks = {slot: mask for slot in slots if (mask := self._desk.stage.last_mask(slot)) is not None}
        if not masks:
            raise RequestError("no variation of the slot has been made yet")
        for slot, mask in masks.items():
            for row in rows_told(mask):
                self._desk.send(client.address, slot_address(SLOT + "mask/row", slot), row)

    def _recall(self, values: Values, client: Client, _: Address) -> None:
        for slot in self._desk.slots(values):
            refuser = self._refuser(client, SLOT + "recall", {"slot": slot})
            self._desk.stage.recall(slot, values["take_id"], refuser)

    def _state(self, values: Values, client: Client, _: Address) -> None:
        for slot in self._desk.slots(values):
            self._tell_state(client, slot)

    def _refuser(self, client: Client, template: str, values: Values) -> Callable[[str], None]:
        address = template.replace("<slot>", "*" if values["slot"] < 0 else str(values["slot"] + 1))
        return lambda reason: self._desk.send(client.address, "/vamp/error", ("looper", address, clip(reason), ""))

    def _tell_dial(self, client: Client, template: str, slot: int, value: object) -> None:
        self._desk.send(client.address, slot_address(template, slot), (sendable(value),))

    def _tell_state(self, client: Client, slot: int) -> None:
        told = state_told(self._desk.stage, self._desk.stage.states[slot])
        self._desk.send(client.address, slot_address(SLOT + "state", slot), told)

    # Events: from several threads.

    def _hear(self, event: StageEvent) -> None:
        if isinstance(event, Seam):
            self._positions.note(event)
        if not self._desk.subscriptions.wants(topic_of(event)):
            return
        told = event_told(self._desk.stage, event)
        if told is not None:
            self._desk.subscriptions.publish(topic_of(event), *told, often=isinstance(event, VampProgress))

    def tell_positions(self, now_s: float) -> None:
        """Tell whoever wants to know where slots are."""
        if self._desk.subscriptions.wants("position"):
            for slot, fraction in self._positions.at(now_s):
                address = slot_address(SLOT + "position", slot)
                self._desk.subscriptions.publish("position", address, (fraction,), often=True)


def _topics_of(said: Sequence[Any]) -> frozenset[str]:
    """What a client subscribes to.

    Raises:
        ArgumentError: Neither topics, nor a single 1 or 0.
    """
    if not said or (len(said) == 1 and not isinstance(said[0], str) and said[0] == 1):
        return USUAL
    if len(said) == 1 and not isinstance(said[0], str) and said[0] == 0:
        return frozenset()
    wrong = next((word for word in said if word not in TOPICS), None)
    if wrong is not None:
        raise ArgumentError(f"topics must be 1, 0, or some of {', '.join(TOPICS)}, got {clip(repr(wrong), 40)}")
    return frozenset(said)
