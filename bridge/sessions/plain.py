"""Values as JSON holds them, and back: dataclasses, masks, the looper's commands and events."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar, get_args

import numpy as np

from ...engine.take import Mask
from ..looper.messages import Command, Event, LoadTake

_MESSAGES: dict[str, type[Any]] = {kind.__name__: kind for kind in (*get_args(Command), *get_args(Event))}
_Made = TypeVar("_Made")


class RecordError(Exception):
    """A journal entry that does not say what it should. Never leaves the sessions."""


def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A value as JSON holds it: tuples become lists, NaN and infinities null, what is unknown its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _plain_parts(value)


def _plain_parts(value: object) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return str(value)


def message_to_dict(message: Command | Event) -> dict[str, Any]:
    """A command or event with its type; the sound of a `LoadTake` is left out, it is kept elsewhere."""
    names = [spec.name for spec in fields(message) if not (isinstance(message, LoadTake) and spec.name == "audio")]
    return {"type": type(message).__name__, **{name: plain(getattr(message, name)) for name in names}}


def message_from_dict(values: object) -> Command | Event:
    """What `message_to_dict` was given.

    Raises:
        RecordError: No message of the looper.
    """
    kind = _MESSAGES.get(str(values.get("type"))) if isinstance(values, Mapping) else None
    if kind is None or not isinstance(values, Mapping):
        raise RecordError(f"there is no message {values!r:.100}")
    given = {name: value for name, value in values.items() if name != "type"}
    message: Command | Event = made(kind, {"audio": None, **given} if kind is LoadTake else given)
    return message


def made(kind: type[_Made], values: Mapping[str, Any]) -> _Made:
    """A dataclass of those values that it knows: others may come from a newer version.

    Raises:
        RecordError: One is missing, or of the wrong kind.
    """
    known = {spec.name for spec in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{name: value for name, value in values.items() if name in known})
    except (TypeError, ValueError) as error:
        raise RecordError(f"{kind.__name__}: {error}") from error


def mask_to_dict(mask: Mask | None) -> dict[str, Any] | None:
    """A mask (rows, columns) bool, eight positions a byte, rows one after another."""
    if mask is None:
        return None
    bits = base64.b64encode(np.packbits(np.asarray(mask, dtype=np.bool_)).tobytes()).decode("ascii")
    return {"rows": int(mask.shape[0]), "columns": int(mask.shape[1]), "bits": bits}


def mask_from_dict(values: object) -> Mask | None:
    """What `mask_to_dict` was given.

    Raises:
        RecordError: No mask.
    """
    if values is None:
        return None
    try:
        rows, columns = int(values["rows"]), int(values["columns"])  # type: ignore[index]
        packed = np.frombuffer(base64.b64decode(values["bits"]), dtype=np.uint8)  # type: ignore[index]
        if min(rows, columns) < 0 or -(-rows * columns // 8) != packed.size:
            raise RecordError(f"a mask of {rows} × {columns} does not have {packed.size} bytes")
        bits: Mask = np.unpackbits(packed, count=rows * columns).astype(np.bool_).reshape(rows, columns)
    except (TypeError, KeyError, ValueError) as error:
        raise RecordError(f"no mask: {error}") from error
    return bits
