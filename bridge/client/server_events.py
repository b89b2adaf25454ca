"""What a server tells of itself and of the vamps of files, as typed values. See `events`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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

    def __repr__(self) -> str:
        """With the arguments, which the classes below show as fields of their own."""
        return f"{type(self).__name__}(address={self.address!r}, arguments={self.arguments!r})"


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
class TakeTold(Event):
    """A take there is. `seed` is -1 if it was not made here, `slot` 0 if it is of none."""

    take_id: str
    seed: int
    length_s: float
    parent: str
    slot: int


@dataclass(frozen=True, kw_only=True)
class TakesTold(Event):
    """All takes have been told, so many."""

    count: int


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
class MaskRow(Event):
    """A row of what your last vamp varied: codebook `row`, from 1; each of `cells` is 1 where it was varied."""

    row: int
    cells: list[int]


@dataclass(frozen=True, kw_only=True)
class VampMaskRow(MaskRow):
    """A row of what the vamp of that id varied, and how many rows there are."""

    request_id: Any
    rows: int
