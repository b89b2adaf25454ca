"""One line of the protocol table in the words of OSCQuery: what a node says of itself. No values, no tree here."""

from __future__ import annotations

from typing import Any, Final

from ..message_spec import Argument, Message
from ..osc_server import INT32

READ: Final = 1
WRITE: Final = 2

# The units of the proposal's list (its units.md) that our table uses under other names.
_UNITS: Final = {"bpm": "time.bpm", "ms": "time.ms", "s": "time.second", "Hz": "time.hz"}
_NO_UNIT: Final = ("", "share")
_WIDE: Final = "hd"  # a client that can send these can send the narrow ones too
_BUTTON: Final = "pressed"

Attributes = dict[str, Any]


def describe(incoming: Message | None, outgoing: Message | None, *, is_readable: bool) -> Attributes:
    """The attributes of one address, but for FULL_PATH, VALUE and CONTENTS.

    ACCESS is what the proposal says of it: bit 1 has a value to read, bit 2 takes one. A message without arguments that
    only asks for something has neither, and no TYPE; so has a reply to one client, which is listed for its TYPE.

    Args:
        incoming: What the server takes at this address, None if nothing.
        outgoing: What it sends from it, None if nothing.
        is_readable: Whether there is a value to read.
    """
    is_settable = incoming is not None and bool(incoming.arguments)
    spec = incoming if is_settable or outgoing is None else outgoing
    if spec is None:
        raise ValueError("a node needs a message")
    told: Attributes = {
        "DESCRIPTION": _description(spec),
        "ACCESS": READ * is_readable + WRITE * is_settable,
        "TAGS": _tags(spec, is_readable=is_readable),
    }
    if spec.arguments:
        told["TYPE"] = "".join(tag_of_argument(argument) for argument in spec.arguments)
        told["EXTENDED_TYPE"] = [_extended_type(argument) for argument in spec.arguments]
        told |= _limits(spec)
    if is_settable and (overloads := _overloads(spec)):
        told["OVERLOADS"] = [{"TYPE": tags} for tags in overloads]
    return told


def tag_of_argument(argument: Argument) -> str:
    """The one OSC type tag that TYPE names for an argument; most accept others too, see OVERLOADS.

    Switches are `i`, 0 or 1, as the server tells them: the proposal gives the tags T and F no JSON value, so a client
    could not read which of them holds.
    """
    limits = argument.range
    if limits is None:
        return "h" if set(argument.tags) == set("ih") else argument.tags[0]
    if limits.kind is int and any(end is not None and int(end) not in INT32 for end in (limits.low, limits.high)):
        return "h"
    return {bool: "i", int: "i", float: "f", str: "s"}[limits.kind]


def range_of(argument: Argument) -> Attributes:
    """MIN, MAX and VALS of one argument, as its range in the table has them; empty where it has none."""
    limits = argument.range
    if limits is None:
        return {}
    if limits.kind is bool:
        return {"MIN": 0, "MAX": 1, "VALS": [0, 1]}
    if limits.choices:
        return {"VALS": list(limits.choices)}
    ends = {"MIN": limits.low, "MAX": limits.high}
    return {name: limits.kind(end) for name, end in ends.items() if end is not None}


def _limits(spec: Message) -> Attributes:
    told: Attributes = {}
    ranges = [range_of(argument) for argument in spec.arguments]
    if any(ranges):
        told["RANGE"] = ranges
        if spec.direction == "in":
            # Nothing is clipped: a value out of range is refused with an error. The proposal has no word for that.
            told["CLIPMODE"] = ["none"] * len(ranges)
    units = [_unit(argument) for argument in spec.arguments]
    if any(units):
        told["UNIT"] = units
    return told


def _unit(argument: Argument) -> str | None:
    unit = argument.range.unit if argument.range else ""
    return None if unit in _NO_UNIT else _UNITS.get(unit, unit)


def _extended_type(argument: Argument) -> str:
    # The one word of the proposal's own example, by which clients offer a file picker.
    return "filepath" if argument.name == "path" or argument.name.startswith("path_") else argument.name


def _tags(spec: Message, *, is_readable: bool) -> list[str]:
    """What kind of control suits the node, for clients that filter by it."""
    if spec.direction == "out":
        return ["display" if is_readable else "reply"]
    if not spec.arguments:
        return ["question"]
    only = spec.arguments[0] if len(spec.arguments) == 1 else None
    if only is None or only.range is None:
        return ["message"]
    if only.name == _BUTTON:
        return ["button"]
    kind = {bool: "switch", str: "menu"}.get(only.range.kind, "dial")
    return [kind] if spec.may_be_empty else [kind, "message"]


def _overloads(spec: Message) -> list[str]:
    """Other type tags that the address takes: those of its only argument, and without the optional arguments."""
    tags = [tag_of_argument(argument) for argument in spec.arguments]
    if len(tags) == 1:
        return [tag for tag in spec.arguments[0].tags if tag != tags[0] and tag not in _WIDE]
    needed = sum(not argument.optional for argument in spec.arguments)
    return ["".join(tags[:count]) for count in range(max(1, needed), len(tags))]


def _description(spec: Message) -> str:
    if len(spec.arguments) == 1 and spec.arguments[0].help:
        # What a dial does comes first: a surface shows few words.
        return f"{spec.arguments[0].help} {spec.help}"
    parts = [f"{argument.name}: {argument.help}" for argument in spec.arguments if argument.help]
    return " ".join([spec.help, *parts])
