"""What a server tells its clients, as typed values: read from packets by the protocol table.

Packets in, events out; no sockets here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from ...engine.errors import VampbridgeError
from ..errors import MalformedError
from ..message_spec import Message
from ..osc_server import parse_packet
from ..protocol import LIVE_MESSAGES, OWN_MESSAGES

_OUTGOING: Final = [message for message in (*OWN_MESSAGES, *LIVE_MESSAGES) if message.direction == "out"]
_PLACEHOLDERS: Final = ("<slot>", "<setting>", "<control>")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One message from the server.

    A message that has no class of its own here is a plain `Event`, and so is one that the table does not know, as from
    a newer server.

    Attributes:
        address: As received, such as `/vamp/slot/2/state`.
        arguments: As received.
    """

    address: str
    arguments: tuple[Any, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Version(Event):
    """Versions of the server: of Vampbridge, of the protocol; and the name of its bundle."""

    version: str
    protocol: int
    bundle: str


@dataclass(frozen=True, kw_only=True)
class Hello(Event):
    """The server's greeting. Without a sign of life from you, your lease ends after `lease_s` seconds; 0 = never."""

    version: str
    protocol: int
    lease_s: float
    n_slots: int
    bundle: str
    max_packet_bytes: int
    capabilities: list[str]


@dataclass(frozen=True, kw_only=True)
class Bye(Event):
    """Your lease has ended, and with it your subscriptions."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Pong(Event):
    """The server lives."""


@dataclass(frozen=True, kw_only=True)
class Status(Event):
    """How the server is; `unfinished` counts the vamps of all clients."""

    bundle: str
    engine_ready: int
    unfinished: int
    malformed: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class SettingTold(Event):
    """The value of a setting of your next vamps; a seed that is drawn anew is the word random."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """A vamp goes on; `fraction` of the whole, 0 to 1."""

    request_id: Any
    stage: str
    fraction: float


@dataclass(frozen=True, kw_only=True)
class Done(Event):
    """A take is written."""

    request_id: Any
    path: str
    seed: int
    take_id: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Log(Event):
    """Something you should know."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Refused(Event):
    """A message was refused, or a vamp failed. `refused_address` is the address of what was sent."""

    code: str
    refused_address: str = field(metadata={"argument": "address"})
    reason: str
    request_id: Any


@dataclass(frozen=True, kw_only=True)
class SlotEvent(Event):
    """Something of a slot, which is counted from 1."""

    slot: int


@dataclass(frozen=True, kw_only=True)
class SlotState(SlotEvent):
    """What a slot does."""

    state: str
    next_state: str
    loop_s: float
    take_id: str
    undo: int
    redo: int
    auto: int
    held: int


@dataclass(frozen=True, kw_only=True)
class Seam(SlotEvent):
    """The loop begins again."""

    cycle: int


@dataclass(frozen=True, kw_only=True)
class Position(SlotEvent):
    """Where in its loop a slot is, 0 to 1."""

    fraction: float


@dataclass(frozen=True, kw_only=True)
class Planned(SlotEvent):
    """A variation is on its way."""

    coarse_passes: int
    fine_passes: int
    expected_s: float
    cycles_late: int


@dataclass(frozen=True, kw_only=True)
class SlotProgress(SlotEvent):
    """How far a variation is."""

    stage: str
    fraction: float


@dataclass(frozen=True, kw_only=True)
class Made(SlotEvent):
    """A variation is made and waits for its seam."""

    take_id: str
    seed: int
    coarse_passes: int
    fine_passes: int
    left_s: float
    rough: int


@dataclass(frozen=True, kw_only=True)
class Heard(SlotEvent):
    """A take has taken over at a seam."""

    take_id: str
    late: int


@dataclass(frozen=True, kw_only=True)
class SlotControlTold(SlotEvent):
    """The value of a slot's control."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class SlotSettingTold(SlotEvent):
    """The value of a setting of a slot's variations."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class LooperControlTold(Event):
    """The value of a control of the looper."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class ClockControlTold(Event):
    """The value of a control of the clock."""

    name: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class Clock(Event):
    """The beat."""

    running: int
    tempo_bpm: float
    beats_per_bar: int
    source: str
    peers: int


@dataclass(frozen=True, kw_only=True)
class Audio(Event):
    """The sound card."""

    device: str
    is_open: int
    sample_rate: int
    block: int
    xruns_in: int
    xruns_out: int
    late_blocks: int
    p99_ms: float


CLASSES: Final[dict[str, type[Event]]] = {
    "/vamp/version": Version,
    "/vamp/hello": Hello,
    "/vamp/bye": Bye,
    "/vamp/pong": Pong,
    "/vamp/status": Status,
    "/vamp/set/<setting>": SettingTold,
    "/vamp/progress": Progress,
    "/vamp/done": Done,
    "/vamp/log": Log,
    "/vamp/error": Refused,
    "/vamp/slot/<slot>/state": SlotState,
    "/vamp/slot/<slot>/seam": Seam,
    "/vamp/slot/<slot>/position": Position,
    "/vamp/slot/<slot>/planned": Planned,
    "/vamp/slot/<slot>/progress": SlotProgress,
    "/vamp/slot/<slot>/made": Made,
    "/vamp/slot/<slot>/heard": Heard,
    "/vamp/slot/<slot>/set/<control>": SlotControlTold,
    "/vamp/slot/<slot>/vamp/set/<setting>": SlotSettingTold,
    "/vamp/looper/set/<control>": LooperControlTold,
    "/vamp/clock/set/<control>": ClockControlTold,
    "/vamp/clock": Clock,
    "/vamp/audio": Audio,
}
"""Address in the table → class. Fields bear the names of the table's arguments."""


def events_in(packet: bytes) -> Iterator[Event]:
    """The events of a packet, in order; none if it is no OSC: it is not the server's, and there is nobody to tell."""
    with contextlib.suppress(MalformedError):
        for message in parse_packet(packet):
            yield event_of(message.address, message.arguments, message.tags)


def event_of(address: str, arguments: Sequence[Any], tags: str) -> Event:
    """The event of a received message.

    Args:
        address: Its OSC address.
        arguments: As received.
        tags: Their OSC type tags, one character each.

    Returns:
        One of `CLASSES`; a plain `Event` if the table does not know the address, or knows other arguments for it.
    """
    plain = Event(address=address, arguments=tuple(arguments))
    for message, found in _matches(address):
        made = CLASSES.get(message.address)
        if made is None:
            return plain
        try:
            # A newer server may say more than this table knows: what is behind is left to `arguments`.
            is_open = bool(message.arguments) and message.arguments[-1].repeated
            known = len(arguments) if is_open else len(message.arguments)
            values = message.parse(arguments[:known], tags[:known]) | found
        except VampbridgeError:
            return plain
        return _make(made, plain, values)
    return plain


def _make(made: type[Event], plain: Event, values: dict[str, Any]) -> Event:
    own = [spec for spec in fields(made) if spec.name not in {"address", "arguments"}]
    wanted = {spec.name: values.get(spec.metadata.get("argument", spec.name)) for spec in own}
    return made(address=plain.address, arguments=plain.arguments, **wanted)


def _matches(address: str) -> Iterator[tuple[Message, dict[str, Any]]]:
    """The lines of the table that an address fits, and what stands for their placeholders."""
    parts = address.split("/")
    for message in _OUTGOING:
        wanted = message.address.split("/")
        if len(parts) != len(wanted):
            continue
        pairs = [(want, part) for want, part in zip(wanted, parts, strict=True) if want != part]
        if not all(want in _PLACEHOLDERS for want, _ in pairs):
            continue
        found: dict[str, Any] = dict(pairs)
        slot = found.pop("<slot>", "0")
        if slot.isascii() and slot.isdecimal():
            named = {"name": found.popitem()[1]} if found else {}
            yield message, named | {"slot": int(slot)}
