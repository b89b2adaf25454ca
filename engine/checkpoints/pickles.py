"""Reads a pickle as data: a small machine that knows containers, numbers and text, and calls nothing by name.

A pickle is a program; `pickle.Unpickler` runs it, and even with an allow-list it can be led to set attributes of what
is on the list or to reserve gigabytes for its memo. torch.load(weights_only=True) has a machine of its own, but that
one refuses the training logs in published files (nested `defaultdict`s) however it is set up. This machine has no calls
at all: what a pickle names is looked up in a table that the caller passes in, and whatever is not there is refused by
name.

Opcodes: `pickletools` in the standard library, which also decodes them; torch.save writes protocol 2.
"""

from __future__ import annotations

import pickle
import pickletools
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Maker = Callable[[tuple[Any, ...]], Any]

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
_LITERALS = frozenset(
    (
        *("INT", "LONG", "LONG1", "LONG4", "BININT", "BININT1", "BININT2", "FLOAT", "BINFLOAT"),
        *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    )
)
_SHORT_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_FRAMING = frozenset({"PROTO", "FRAME"})
_MARK = object()
_MOST_QUOTED = 100
_QUOTE = reprlib.Repr()
_QUOTE.maxlevel, _QUOTE.maxlist, _QUOTE.maxtuple, _QUOTE.maxdict = 2, 8, 8, 8


@dataclass(frozen=True)
class Named:
    """Something that a pickle refers to as `module.name`."""

    name: str


def quoted(value: object) -> str:
    """A value of a pickle in few words, for an error: a small file can describe one that would print as gigabytes."""
    return value[:_MOST_QUOTED] if isinstance(value, str) else _QUOTE.repr(value)


def read_pickle(data: bytes, *, makers: Mapping[str, Maker], persistent: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    """The data that a pickle describes.

    Args:
        data: the pickle.
        makers: what may be named in it, as `module.name`; where the pickle calls it, its maker gets the arguments.
        persistent: gives the value of a persistent id.

    Raises:
        pickle.UnpicklingError: The pickle is damaged, names something else, or uses an operation that data do not need.
            Whatever the makers raise passes through.
    """
    machine = _Machine(makers, persistent)
    try:
        for opcode, argument, _position in pickletools.genops(data):
            machine.step(opcode.name, argument)
        return machine.result()
    except (IndexError, KeyError, ValueError, TypeError, AttributeError, UnicodeError) as error:
        raise pickle.UnpicklingError(f"its pickle is damaged ({type(error).__name__}: {error})") from error


@dataclass
class _Machine:
    """Stack and memo of one run."""

    makers: Mapping[str, Maker]
    persistent: Callable[[Any], Any]
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def step(self, opcode: str, argument: Any) -> None:  # noqa: ANN401
        """Carry out one operation."""
        if opcode in _LITERALS:
            self.stack.append(argument)
        elif opcode in _CONSTANTS:
            self.stack.append(_CONSTANTS[opcode])
        elif opcode in _EMPTY:
            self.stack.append(_EMPTY[opcode]())
        elif opcode in _SHORT_TUPLES:
            size = _SHORT_TUPLES[opcode]
            self.stack[-size:] = [tuple(self._last(size))]
        elif opcode in _OPERATIONS:
            _OPERATIONS[opcode](self, argument)
        elif opcode not in _FRAMING:
            raise pickle.UnpicklingError(f"its pickle uses {opcode}, which weights do not need")

    def result(self) -> Any:  # noqa: ANN401
        """What is left when the program has stopped."""
        (value,) = self.stack
        if isinstance(value, Named):
            raise pickle.UnpicklingError(f"its pickle is nothing but the name {value.name}")
        return value

    def _last(self, count: int) -> list[Any]:
        """The `count` topmost values, which must be there and hold no mark."""
        values = self.stack[-count:]
        if len(values) < count or any(value is _MARK for value in values):
            raise IndexError("stack is empty")
        return values

    def _pop(self) -> Any:  # noqa: ANN401
        (value,) = self._last(1)
        self.stack.pop()
        return value

    def _to_mark(self) -> list[Any]:
        """Everything above the topmost mark, taken off together with the mark."""
        values: list[Any] = []
        while (value := self.stack.pop()) is not _MARK:
            values.append(value)
        return values[::-1]

    def mark(self, _argument: object) -> None:
        self.stack.append(_MARK)

    def tuple_(self, _argument: object) -> None:
        self.stack.append(tuple(self._to_mark()))

    def list_(self, _argument: object) -> None:
        self.stack.append(self._to_mark())

    def dict_(self, _argument: object) -> None:
        values = self._to_mark()
        self.stack.append({})
        self._set_items(values)

    def append(self, _argument: object) -> None:
        self._extend([self._pop()])

    def appends(self, _argument: object) -> None:
        self._extend(self._to_mark())

    def _extend(self, values: list[Any]) -> None:
        (target,) = self._last(1)
        if type(target) is not list:
            raise TypeError(f"appends to a {type(target).__name__}")
        target.extend(values)

    def set_item(self, _argument: object) -> None:
        value, key = self._pop(), self._pop()
        self._set_items([key, value])

    def set_items(self, _argument: object) -> None:
        self._set_items(self._to_mark())

    def _set_items(self, values: list[Any]) -> None:
        (target,) = self._last(1)
        if type(target) is not dict:
            raise TypeError(f"sets items of a {type(target).__name__}")
        for key, value in zip(values[::2], values[1::2], strict=True):
            # Hashing a deeply nested tuple overflows the interpreter's own stack; weights and settings need none.
            if not isinstance(key, (str, int, float, type(None))):
                raise TypeError(f"has a {type(key).__name__} as a key")
            target[key] = value

    def put(self, index: int) -> None:
        (self.memo[index],) = self._last(1)

    def memoize(self, _argument: object) -> None:
        self.put(len(self.memo))

    def get(self, index: int) -> None:
        self.stack.append(self.memo[index])

    def pop(self, _argument: object) -> None:
        self.stack.pop()

    def global_(self, argument: str) -> None:
        self._push_name(argument.replace(" ", "."))

    def stack_global(self, _argument: object) -> None:
        name, module = self._pop(), self._pop()
        self._push_name(f"{module}.{name}")

    def _push_name(self, name: str) -> None:
        if name not in self.makers:
            raise pickle.UnpicklingError(
                f"its pickle names {name[:100]!r}, which could run code; only weights are read"
            )
        self.stack.append(Named(name))

    def reduce(self, _argument: object) -> None:
        arguments, named = self._pop(), self._pop()
        if not isinstance(named, Named) or not isinstance(arguments, tuple):
            raise TypeError("calls something that is no name")
        self.stack.append(self.makers[named.name](arguments))

    def build(self, _argument: object) -> None:
        """Attributes of the object below: of a dict they are torch's notes about module versions, and left out."""
        self._pop()
        (target,) = self._last(1)
        if type(target) is not dict:
            raise TypeError(f"sets attributes of a {type(target).__name__}")

    def persistent_id(self, _argument: object) -> None:
        self.stack.append(self.persistent(self._pop()))

    def stop(self, _argument: object) -> None:
        """The end; `genops` stops by itself."""


_OPERATIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "MARK": _Machine.mark,
    "TUPLE": _Machine.tuple_,
    "LIST": _Machine.list_,
    "DICT": _Machine.dict_,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.memoize,
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "POP": _Machine.pop,
    "GLOBAL": _Machine.global_,
    "STACK_GLOBAL": _Machine.stack_global,
    "REDUCE": _Machine.reduce,
    "NEWOBJ": _Machine.reduce,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent_id,
    "STOP": _Machine.stop,
}
