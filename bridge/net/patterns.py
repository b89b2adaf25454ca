"""OSC address patterns where an address names a slot: `?`, `*`, `[1-3]`, `[!2]`, `{1,3}`. Text only.

Each pattern is matched by walking the text once with the set of places in the pattern that it may have come to, so that
no pattern, however made, takes longer than its length times that of the text. Regular expressions do not promise that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import AddressError

SPECIAL = frozenset("?*[]{}")
MAX_PATTERN = 64


@dataclass(frozen=True)
class _One:
    """One character: of a set, or outside it."""

    characters: frozenset[str]
    is_outside: bool = False


@dataclass(frozen=True)
class _Any:
    """Any number of any characters."""


@dataclass(frozen=True)
class _Words:
    """One of several words."""

    words: tuple[str, ...]


_Part = _One | _Any | _Words
_PLAIN: dict[str, _Part] = {"?": _One(frozenset(), is_outside=True), "*": _Any()}


def is_pattern(text: str) -> bool:
    """Whether it is more than a plain name."""
    return not SPECIAL.isdisjoint(text)


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """Those of the names that a pattern matches, in their order.

    Raises:
        AddressError: Not a pattern.
    """
    parts = _parse(pattern)
    return [name for name in names if _matches(parts, name)]


def _parse(pattern: str) -> list[_Part]:
    if len(pattern) > MAX_PATTERN:
        raise AddressError(f"a pattern is at most {MAX_PATTERN} characters long, got {len(pattern)}")
    parts: list[_Part] = []
    index = 0
    while index < len(pattern):
        letter = pattern[index]
        if letter in "[{":
            close = pattern.find("]" if letter == "[" else "}", index + 1)
            if close < 0:
                raise AddressError(f"{letter} is never closed in the pattern {pattern!r}")
            inside = pattern[index + 1 : close]
            parts.append(_set_of(inside, pattern) if letter == "[" else _Words(tuple(inside.split(","))))
            index = close
        elif letter in "]}":
            raise AddressError(f"{letter} was never opened in the pattern {pattern!r}")
        else:
            parts.append(_PLAIN.get(letter) or _One(frozenset(letter)))
        index += 1
    return parts


def _set_of(inside: str, pattern: str) -> _One:
    is_outside = inside.startswith("!")
    letters = inside[1:] if is_outside else inside
    found: set[str] = set()
    index = 0
    while index < len(letters):
        if letters[index + 1 : index + 2] == "-" and index + 2 < len(letters):
            first, last = ord(letters[index]), ord(letters[index + 2])
            if not first <= last < 128:  # addresses are ASCII
                raise AddressError(f"a range goes upwards in ASCII, got {letters[index : index + 3]!r} in {pattern!r}")
            found.update(map(chr, range(first, last + 1)))
            index += 3
        else:
            found.add(letters[index])
            index += 1
    return _One(frozenset(found), is_outside)


def _matches(parts: list[_Part], name: str) -> bool:
    """Whether the whole name is matched. (place in the parts, place in the name), forwards only."""
    reached: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        place = waiting.pop()
        if place in reached:
            continue
        reached.add(place)
        at, read = place
        if at < len(parts):
            waiting += _steps(parts[at], at, name, read)
    return (len(parts), len(name)) in reached


def _steps(part: _Part, at: int, name: str, read: int) -> list[tuple[int, int]]:
    if isinstance(part, _Words):
        return [(at + 1, read + len(word)) for word in part.words if name.startswith(word, read)]
    more = [(at + 1, read)] if isinstance(part, _Any) else []
    if read < len(name):
        if isinstance(part, _Any):
            more.append((at, read + 1))
        elif (name[read] in part.characters) != part.is_outside:
            more.append((at + 1, read + 1))
    return more
