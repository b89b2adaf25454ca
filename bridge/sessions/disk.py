"""Is there room? When to warn, when to stop keeping sound, when to begin again. Numbers in, levels out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, fields
from pathlib import Path

from ...engine.settings import Range

OK, LOW, FULL = "ok", "low", "full"
_HYSTERESIS = 1.1  # so that the level does not flutter where somebody else writes and deletes


def _megabytes(default: int, text: str) -> int:
    return field(default=default, metadata={"range": Range(int, 1, 10_000_000, "MB", text)})


@dataclass(frozen=True)
class DiskLimits:
    """How much room is little. 1 MB is 10⁶ bytes; `stop_mb` above `warn_mb` counts as the same."""

    warn_mb: int = _megabytes(2_000, "With less than this left on the disk of the session there is a warning.")
    stop_mb: int = _megabytes(200, "With less than this left no more sound is kept; playing goes on.")

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, spec.metadata["range"].check(spec.name, getattr(self, spec.name)))


def free_bytes(folder: Path) -> int:
    """Room for this user on the disk that holds a folder.

    Raises:
        OSError: The folder is gone.
    """
    return shutil.disk_usage(folder).free


class DiskGuard:
    """Remembers the level.

    Args:
        limits: See there.
    """

    def __init__(self, limits: DiskLimits | None = None) -> None:
        self.limits = limits or DiskLimits()
        self.level = OK

    def judge(self, n_free: int, n_wanted: int = 0) -> str:
        """The level once `n_wanted` more bytes are written where `n_free` are left: OK, LOW or FULL."""
        n_left = n_free - n_wanted
        stop = self.limits.stop_mb * 1_000_000 * (_HYSTERESIS if self.level == FULL else 1)
        warn = self.limits.warn_mb * 1_000_000 * (1 if self.level == OK else _HYSTERESIS)
        self.level = FULL if n_left < stop else LOW if n_left < warn else OK
        return self.level
