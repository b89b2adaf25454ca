"""The namespace: every address of the protocol table as a tree, slots as their numbers. Values come from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ..live_protocol import SLOTS, slot_address
from ..message_spec import Message
from .nodes import READ, Attributes, describe

ROOT: Final = "/"
_SLOT_TOKEN: Final = "<slot>"
_TEMPLATE_TOKEN: Final = "<"  # <setting>, <control>: replies of addresses that the table names one by one


class Readable(Protocol):
    """Where values come from, see `values.Board`."""

    def get(self, address: str) -> tuple[Any, ...] | None:
        """The present value, one item for each argument; None if there is none (yet)."""
        ...


@dataclass
class Node:
    """One address, or a part of one.

    Attributes:
        path: The whole address.
        attributes: What it says of itself, but for FULL_PATH, VALUE and CONTENTS.
        children: The next part of the address → node, in the order of the table.
    """

    path: str
    attributes: Attributes = field(default_factory=lambda: {"ACCESS": 0})
    children: dict[str, Node] = field(default_factory=dict)

    @property
    def is_readable(self) -> bool:
        """Whether it has a value."""
        return bool(self.attributes["ACCESS"] & READ)


class Namespace:
    """The tree. Built once: the addresses of a server never change.

    Args:
        messages: The protocol table, both directions.
        n_slots: How many numbers `<slot>` stands for; 0 leaves the slots out.
        is_readable: Whether an address has a value.
    """

    def __init__(self, messages: Iterable[Message], n_slots: int, is_readable: Callable[[str], bool]) -> None:
        self._nodes: dict[str, Node] = {ROOT: Node(ROOT)}
        incoming: dict[str, Message] = {}
        outgoing: dict[str, Message] = {}
        for message in messages:
            for address in _addresses(message.address, n_slots):
                (incoming if message.direction == "in" else outgoing)[address] = message
        for address in dict.fromkeys((*incoming, *outgoing)):
            told = describe(incoming.get(address), outgoing.get(address), is_readable=is_readable(address))
            self._grow(address).attributes = told
        self._nodes[ROOT].attributes["DESCRIPTION"] = (
            "Vampbridge: loops that are played back as variations of themselves."
        )
        for slot in range(n_slots):
            if (node := self.find(f"{SLOTS}{slot + 1}")) is not None:
                node.attributes["DESCRIPTION"] = f"Slot {slot + 1}: one loop, its verbs, dials and variations."

    def find(self, path: str) -> Node | None:
        """The node of a path; a slash at the end is no other path."""
        return self._nodes.get(path.rstrip("/") or ROOT)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def _grow(self, address: str) -> Node:
        found = self._nodes.get(address)
        if found is None:
            parent, _, name = address.rpartition("/")
            found = self._nodes[address] = Node(address)
            self._grow(parent or ROOT).children[name] = found
        return found


def _addresses(address: str, n_slots: int) -> Iterator[str]:
    if _SLOT_TOKEN in address:
        for slot in range(n_slots):
            yield from _addresses(slot_address(address, slot), n_slots)
    elif _TEMPLATE_TOKEN not in address:
        yield address


def document(node: Node, values: Readable) -> Attributes:
    """The JSON object of a node with everything below it."""
    told: Attributes = {"FULL_PATH": node.path, **node.attributes}
    value = json_value(node, values)
    if value is not None:
        told["VALUE"] = value
    if node.children:
        told["CONTENTS"] = {name: document(child, values) for name, child in node.children.items()}
    return told


def json_value(node: Node, values: Readable) -> list[Any] | None:
    """VALUE: one item for each argument; None where there is none to read, or none yet."""
    value = values.get(node.path) if node.is_readable else None
    return None if value is None else [_json_item(item) for item in value]


def _json_item(item: object) -> object:
    # JSON knows neither infinity nor bytes; the proposal's placeholder for what it cannot say is null.
    if isinstance(item, float) and not math.isfinite(item):
        return None
    return None if isinstance(item, bytes) else item
