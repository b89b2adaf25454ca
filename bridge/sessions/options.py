"""How much the writer of a session holds back, and when it warns. Defaults, ranges and help, once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from ...engine.settings import Range
from .disk import DiskLimits


def _number(default: int, low: int, high: int, unit: str, text: str) -> int:
    return field(default=default, metadata={"range": Range(int, low, high, unit, text)})


@dataclass(frozen=True)
class SessionOptions:
    """See each field's help."""

    max_waiting_mb: int = _number(512, 1, 100_000, "MB", "Sound that may wait for a slow disk; more is not kept.")
    max_waiting_entries: int = _number(
        65_536, 16, 10_000_000, "entries", "Commands and events that may wait for a slow disk; more are not kept."
    )
    disk: DiskLimits = field(default_factory=DiskLimits)

    def __post_init__(self) -> None:
        for spec in fields(self):
            if "range" in spec.metadata:
                checked = spec.metadata["range"].check(spec.name, getattr(self, spec.name))
                object.__setattr__(self, spec.name, checked)
