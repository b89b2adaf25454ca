"""The journal: one JSON object a line, each with its number and its own checksum, only ever added to.

    {"n":7,"time":1700000000.123,"kind":"layer", … ,"crc":"0a1b2c3d"}

The checksum is the CRC-32 of the line before `,"crc"`. A line that was torn, or that a disk has changed, is known by it
and left out; all the others count. What the entries mean is not known here.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .durable import sync_file

_CRC = re.compile(rb',"crc":"([0-9a-f]{8})"\}')
_CRC_BYTES = 18
"""Of `,"crc":"0a1b2c3d"}`."""

Entry = dict[str, Any]


@dataclass(frozen=True)
class Parsed:
    """What a journal says.

    Attributes:
        entries: Those that are whole, in order, without `crc`.
        n_damaged: Lines that are not whole, a last one without its end included.
        n_missing: Entries that are not there, by the numbers of the others.
        is_torn: The last byte is not the end of a line.
    """

    entries: tuple[Entry, ...]
    n_damaged: int
    n_missing: int
    is_torn: bool

    @property
    def next_number(self) -> int:
        """The number of the next entry."""
        return int(self.entries[-1]["n"]) + 1 if self.entries else 0


def format_line(entry: Mapping[str, Any], number: int) -> bytes:
    """One line with its end.

    Args:
        entry: Plain values; not empty, no NaN, no members `n` and `crc`.
        number: From 0, each one more than the one before.

    Raises:
        ValueError: Something JSON cannot hold.
        TypeError: So too.
    """
    text = json.dumps({"n": number, **entry}, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    body = text.encode("ascii")[:-1]
    return body + b',"crc":"%08x"}\n' % zlib.crc32(body)


def parse_line(line: bytes) -> Entry | None:
    """What a line says, without its end; None if it is not whole."""
    body, end = line[:-_CRC_BYTES], line[-_CRC_BYTES:]
    found = _CRC.fullmatch(end)
    if found is None or int(found[1], 16) != zlib.crc32(body):
        return None
    try:
        entry = json.loads(body + b"}")
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(entry, dict) and isinstance(entry.get("n"), int) and isinstance(entry.get("kind"), str)
    return entry if is_ours else None


def parse(data: bytes) -> Parsed:
    """What a whole journal says. Never raises, whatever it is given."""
    entries: list[Entry] = []
    n_damaged = n_missing = expected = 0
    for line in data.split(b"\n"):
        entry = parse_line(line) if line else None
        if entry is None:
            n_damaged += bool(line)
        elif entry["n"] >= expected:  # a line that was written again after its end had not been is there twice
            n_missing += entry["n"] - expected
            expected = entry["n"] + 1
            entries.append(entry)
    return Parsed(tuple(entries), n_damaged, n_missing, is_torn=bool(data) and not data.endswith(b"\n"))


class Journal:
    """A journal that is added to, by one thread.

    Args:
        path: Made if it is not there.
        next_number: See `Parsed.next_number`.
        is_torn: The last line has no end: it gets one, so that nothing hangs on to it.

    Raises:
        OSError: It cannot be written to.
    """

    def __init__(self, path: Path, next_number: int = 0, *, is_torn: bool = False) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o644)
        self._number, self._is_torn = next_number, is_torn

    def append(self, entry: Mapping[str, Any]) -> Entry:
        """Write one line; not durable before `sync`. Returns the entry as a reader will find it.

        Raises:
            OSError: The disk refuses; what was written of the line will not count, and it may be tried again.
            ValueError: See `format_line`.
            TypeError: So too.
        """
        line = format_line(entry, self._number)
        rest = memoryview(b"\n" + line if self._is_torn else line)
        while rest:
            n_written = os.write(self._descriptor, rest)
            self._is_torn = True
            rest = rest[n_written:]
        self._is_torn = False
        self._number += 1
        return {"n": self._number - 1, **entry}

    def sync(self) -> None:
        """Wait until all of it is on the disk.

        Raises:
            OSError: The disk refuses.
        """
        sync_file(self._descriptor)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
