"""What every address is worth now: dials, states and what was told last. Reads the set, changes nothing.

Dials have many hands on them: OSC clients, keys, presets, Link, a recalled session. All of them replace a small
immutable object, so looking at these objects some times a second finds every change whoever made it, and costs next to
nothing. What is no state but happens (a seam, progress) is told by the server's subscriptions.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...engine.settings import DEFAULT_PRESET, RANGES, preset
from ..clock.controls import CLOCK_RANGES
from ..live.events import StageEvent
from ..live.stage import Stage
from ..live_protocol import CLOCK_SET, LOOPER_SET, SLOT, SLOT_SET, SLOT_VAMP, slot_address
from ..looper.controls import LOOPER_RANGES, SLOT_RANGES, SlotControls
from ..looper.messages import Seam
from ..message_spec import Message
from ..own_messages import sendable
from ..positions import Positions
from ..protocol import SET_PREFIX
from ..stage_told import audio_told, clock_told, state_told
from ..subscriptions import START_RATE_HZ

log = logging.getLogger(__name__)

Value = tuple[Any, ...]
Pick = Callable[[Any], "Value | None"]


@dataclass(frozen=True)
class Source:
    """A part of the state that is read as a whole.

    Attributes:
        read: What it is now; equal objects are the same state.
        picks: Address → its value in what was read.
    """

    read: Callable[[], object]
    picks: Mapping[str, Pick]


class Board:
    """The values of all addresses that have one.

    Args:
        sources: No address may be in two of them.
        told: Addresses whose value is what was told from them last, see `tell`.
    """

    def __init__(self, sources: Iterable[Source], told: Iterable[str] = ()) -> None:
        self._told: dict[str, Value | None] = dict.fromkeys(told)
        heard = (Source(partial(self._told.get, address), {address: _itself}) for address in self._told)
        self._sources = (*sources, *heard)
        self._of = {address: source for source in self._sources for address in source.picks}
        self._before: list[object] = [None] * len(self._sources)
        self._broken: set[int] = set()  # sources whose failure was logged
        self.changed()

    def is_readable(self, address: str) -> bool:
        """Whether the address has a value, now or later."""
        return address in self._of

    def get(self, address: str) -> Value | None:
        """The value, one item for each argument; None if there is none, or none yet. From any thread."""
        source = self._of.get(address)
        return None if source is None else source.picks[address](source.read())

    def tell(self, address: str, value: Sequence[Any]) -> None:
        """Something was told to the subscribers. From any thread; what has a source of its own is read there."""
        if address in self._told:
            self._told[address] = tuple(value)

    def changed(self, listened: AbstractSet[str] | None = None) -> list[tuple[str, Value | None]]:
        """What has changed since the last call, each with its new value. For one thread.

        Args:
            listened: Addresses that anybody wants to know of; sources without any are not read. None reads all. What
                was not read the last time is told with all its values, changed or not.
        """
        found: list[tuple[str, Value | None]] = []
        for index, source in enumerate(self._sources):
            if listened is None or not listened.isdisjoint(source.picks):
                found += self._changes_of(index, source)
            else:
                self._before[index] = None
        return found

    def _changes_of(self, index: int, source: Source) -> list[tuple[str, Value | None]]:
        try:
            return list(self._compare(index, source))
        except Exception:  # one bad value must not silence all the others
            if index not in self._broken:
                self._broken.add(index)
                log.exception("reading %s failed", ", ".join(source.picks))
            return []

    def _compare(self, index: int, source: Source) -> Iterator[tuple[str, Value | None]]:
        before, now = self._before[index], source.read()
        if now is before or now == before:
            return
        self._before[index] = now
        for address, pick in source.picks.items():
            value = pick(now)
            if before is None or value != pick(before):
                yield address, value


def answers(told: Mapping[str, Callable[[], Value]]) -> list[Source]:
    """Sources of messages that the server answers a question with."""
    return [Source(read, {address: _itself}) for address, read in told.items()]


def default_settings() -> Source:
    """`/vamp/set/<setting>`: what a client starts with. Each client has settings of its own, and HTTP has no client."""
    start = preset(DEFAULT_PRESET)
    return Source(lambda: start, _dials(SET_PREFIX, RANGES))


def start_rate() -> Source:
    """`/vamp/subscribe/rate_hz`: likewise, what a client starts with."""
    return Source(lambda: (START_RATE_HZ,), {"/vamp/subscribe/rate_hz": _itself})


def stage_sources(stage: Stage) -> list[Source]:
    """The sources of a stage: of each slot its state, its place and its dials; looper, clock and sound."""
    found = [
        start_rate(),
        _places(stage),
        Source(lambda: stage.looper_controls, _dials(LOOPER_SET, LOOPER_RANGES)),
        Source(lambda: stage.time.clock.state.controls, _dials(CLOCK_SET, CLOCK_RANGES)),
        *answers({"/vamp/clock": partial(clock_told, stage), "/vamp/audio": partial(audio_told, stage)}),
    ]
    vamp_dials = [name for name in RANGES if name != "variations"]  # a slot plays one take at a time
    for slot in range(len(stage.states)):
        found += [
            *answers({slot_address(SLOT + "state", slot): partial(_state, stage, slot)}),
            Source(partial(_controls, stage, slot), _dials(slot_address(SLOT_SET, slot), SLOT_RANGES)),
            Source(partial(stage.settings, slot), _dials(slot_address(SLOT_VAMP, slot), vamp_dials)),
        ]
    return found


def told_addresses(messages: Iterable[Message], n_slots: int) -> Iterator[str]:
    """Addresses of slots that subscribers are told from, and nobody can ask: their value is what was told last.

    Args:
        messages: Of the live table; what other tables tell are replies to one client.
        n_slots: How many there are.
    """
    table = list(messages)
    asked = {message.address for message in table if message.direction == "in"}
    for message in table:
        is_told = message.direction == "out" and message.address not in asked and bool(message.arguments)
        if is_told and message.address.startswith(SLOT) and "<" not in message.address.removeprefix(SLOT):
            yield from (slot_address(message.address, slot) for slot in range(n_slots))


def _places(stage: Stage) -> Source:
    """Where slots are in their loops, worked out whenever somebody looks."""
    positions = Positions(stage)

    def hear(event: StageEvent) -> None:
        if isinstance(event, Seam):
            positions.note(event)

    stage.on_event(hear)
    addresses = {slot_address(SLOT + "position", slot): partial(_place, slot) for slot in range(len(stage.states))}
    return Source(lambda: dict(positions.at(time.monotonic())), addresses)


def _place(slot: int, places: Mapping[int, float]) -> Value | None:
    return (places[slot],) if slot in places else None


def _controls(stage: Stage, slot: int) -> SlotControls:
    return stage.controls[slot]


def _state(stage: Stage, slot: int) -> Value:
    return state_told(stage, stage.states[slot])


def _itself(value: Value | None) -> Value | None:
    return value


def _dials(prefix: str, names: Iterable[str]) -> dict[str, Pick]:
    return {prefix + name: partial(_dial, name) for name in names}


def _dial(name: str, owner: object) -> Value:
    return (sendable(getattr(owner, name)),)
