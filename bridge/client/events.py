"""What a server tells its clients, as typed values: read from packets by the protocol table.

Packets in, events out; no sockets here. The classes are in `server_events` and `live_events`, and offered here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Final

from ...engine.errors import VampbridgeError
from ..errors import MalformedError
from ..message_spec import Message
from ..osc_server import parse_packet
from ..protocol import LIVE_MESSAGES, OWN_MESSAGES
from ..transfers.protocol import TRANSFERS_OUT
from .live_events import (
    Audio,
    Clock,
    ClockControlTold,
    Heard,
    Loaded,
    LooperControlTold,
    Made,
    Planned,
    Position,
    Saved,
    Seam,
    SlotControlTold,
    SlotEvent,
    SlotMaskRow,
    SlotProgress,
    SlotSettingTold,
    SlotState,
    SlotTakesTold,
    SlotTakeTold,
)
from .server_events import (
    Bye,
    Done,
    Event,
    Hello,
    Log,
    MaskRow,
    Pong,
    Progress,
    Refused,
    SettingTold,
    Status,
    TakesTold,
    TakeTold,
    VampMaskRow,
    Version,
)

__all__ = [
    "CLASSES",
    "Audio",
    "Bye",
    "Clock",
    "ClockControlTold",
    "Done",
    "Event",
    "Heard",
    "Hello",
    "Loaded",
    "Log",
    "LooperControlTold",
    "Made",
    "MaskRow",
    "Planned",
    "Pong",
    "Position",
    "Progress",
    "Refused",
    "Saved",
    "Seam",
    "SettingTold",
    "SlotControlTold",
    "SlotEvent",
    "SlotMaskRow",
    "SlotProgress",
    "SlotSettingTold",
    "SlotState",
    "SlotTakeTold",
    "SlotTakesTold",
    "Status",
    "TakeTold",
    "TakesTold",
    "VampMaskRow",
    "Version",
    "event_of",
    "events_in",
]

_OUTGOING: Final = [
    message for message in (*OWN_MESSAGES, *LIVE_MESSAGES, *TRANSFERS_OUT) if message.direction == "out"
]
_PLACEHOLDERS: Final = ("<slot>", "<setting>", "<control>")

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
    "/vamp/mask/row": MaskRow,
    "/vamp/mask/of": VampMaskRow,
    "/vamp/take": TakeTold,
    "/vamp/takes": TakesTold,
    "/vamp/slot/<slot>/state": SlotState,
    "/vamp/slot/<slot>/seam": Seam,
    "/vamp/slot/<slot>/position": Position,
    "/vamp/slot/<slot>/planned": Planned,
    "/vamp/slot/<slot>/progress": SlotProgress,
    "/vamp/slot/<slot>/made": Made,
    "/vamp/slot/<slot>/heard": Heard,
    "/vamp/slot/<slot>/mask/row": SlotMaskRow,
    "/vamp/slot/<slot>/take": SlotTakeTold,
    "/vamp/slot/<slot>/takes": SlotTakesTold,
    "/vamp/slot/<slot>/loaded": Loaded,
    "/vamp/slot/<slot>/saved": Saved,
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
            values = found | message.parse(arguments[:known], tags[:known])
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
