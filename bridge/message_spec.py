"""What one line of the protocol table says, and how received arguments are checked against it.

Plain values in, plain values out; no sockets, no OSC library, no settings of a client here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..engine.settings import Range
from .errors import ArgumentError

Direction = Literal["in", "out"]
Values = dict[str, Any]

# What each OSC type tag holds, in the words of an error message.
TAG_NAMES = {
    "i": "int",
    "h": "int64",
    "f": "float",
    "d": "double",
    "s": "string",
    "b": "blob",
    "T": "true",
    "F": "false",
    "N": "nil",
}
# Max sends whole numbers as floats whenever a dial is set to float, so every number accepts every numeric tag.
NUMBER = "ihfd"
SWITCH = "ihfdTF"
TEXT = "s"


@dataclass(frozen=True)
class Argument:
    """One argument of a message.

    Attributes:
        name: What it is called in errors and docs.
        tags: OSC type tags accepted (in) or sent (out).
        help: One sentence.
        range: Range and unit; None for free text and blobs.
        default: Value when an optional argument is missing, or the value a setting starts with; for the docs too.
        optional: May be left out; only at the end.
        repeated: Takes all remaining arguments, as a list; only the last one.
        nil_word: A word that stands for nil, for senders that have no nil.
    """

    name: str
    tags: str
    help: str = ""
    range: Range | None = None
    default: object = None
    optional: bool = False
    repeated: bool = False
    nil_word: str = ""

    def check(self, value: object, tag: str) -> object:
        """`value` in the argument's own type.

        Raises:
            ArgumentError: Wrong OSC type.
            SettingError: Out of range; names the range and the value.
        """
        if tag not in self.tags:
            raise ArgumentError(f"{self.name} must be {self.types()}, got {TAG_NAMES[tag]} {value!r}")
        if self.nil_word and value == self.nil_word:
            value = None
        if self.range is None:
            return value
        if self.range.kind is bool and isinstance(value, float) and value.is_integer():
            value = int(value)
        return self.range.check(self.name, value)

    def types(self) -> str:
        """The accepted types in words: `int, float or string`."""
        names = [TAG_NAMES[tag] for tag in self.tags]
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


@dataclass(frozen=True)
class Message:
    """One line of the protocol table.

    Attributes:
        address: Literal OSC address.
        direction: `in` is sent to the server, `out` by it.
        help: What it does, in one or two sentences.
        arguments: In order.
        may_be_empty: Without any argument it asks for the current value instead.
    """

    address: str
    direction: Direction
    help: str
    arguments: tuple[Argument, ...] = ()
    may_be_empty: bool = False

    def parse(self, values: Sequence[Any], tags: str) -> Values:
        """Check received arguments.

        Args:
            values: Arguments as received.
            tags: Their OSC type tags, one character each.

        Returns:
            Checked values by argument name; empty where nothing was sent and `may_be_empty`.

        Raises:
            ArgumentError: Wrong count or type.
            SettingError: Out of range.
        """
        if self.may_be_empty and not values:
            return {}
        self._check_count(len(values))
        parsed: Values = {}
        for index, argument in enumerate(self.arguments):
            if argument.repeated:
                pairs = zip(values[index:], tags[index:], strict=True)
                parsed[argument.name] = [argument.check(value, tag) for value, tag in pairs]
            elif index < len(values):
                parsed[argument.name] = argument.check(values[index], tags[index])
            else:
                parsed[argument.name] = argument.default
        return parsed

    def sent(self, name: str, values: Sequence[Any], tags: str) -> Any:  # noqa: ANN401 - OSC says
        """The argument of that name as it was received, for an error about another one; None if it is not there."""
        for argument, value, tag in zip(self.arguments, values, tags, strict=False):
            if argument.name == name and tag in argument.tags:
                return value
        return None

    def signature(self) -> str:
        """The arguments as they are written in docs and errors: `path_in path_out [id]`."""
        words = [argument.name + (" …" if argument.repeated else "") for argument in self.arguments]
        pairs = zip(words, self.arguments, strict=True)
        return " ".join(f"[{word}]" if argument.optional else word for word, argument in pairs)

    def _check_count(self, count: int) -> None:
        fewest = sum(not argument.optional for argument in self.arguments)
        most = len(self.arguments)
        is_open = bool(self.arguments) and self.arguments[-1].repeated
        if count < fewest or (count > most and not is_open):
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            wanted = f"at least {fewest}" if is_open else wanted
            usage = f": {self.signature()}" if self.arguments else ""
            noun = "argument" if wanted in {"1", "at least 1"} else "arguments"
            raise ArgumentError(f"{self.address} takes {wanted} {noun}, got {count}{usage}")


@dataclass(frozen=True)
class Table:
    """Messages that belong together.

    Attributes:
        title: Of their chapter in docs/protocol.md.
        head: What is to be said of all of them, in Markdown.
        messages: Both directions.
    """

    title: str
    head: str
    messages: tuple[Message, ...]
