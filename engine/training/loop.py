"""What every training stage shares: a run folder that can be resumed, a schedule over wall time, a progress bar."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ..errors import SettingError
from . import CHECKPOINT

LOG = "log.jsonl"


@dataclass
class Run:
    """A training run in a folder: `last.pt` to resume from, `log.jsonl` with the losses.

    The learning rate warms up over `warmup_steps`, then follows a half cosine over the *time* the run was given, so
    that a run planned for an hour anneals within the hour on any machine.
    """

    folder: Path
    hours: float
    peak_rate: float
    warmup_steps: int = 200
    step: int = 0
    spent_s: float = 0.0
    _started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if not 0 < self.hours <= 1000:
            raise SettingError(f"hours must be in (0, 1000], got {self.hours}")
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def fraction(self) -> float:
        """Share of the planned time that is over, 0 … 1."""
        return min(1.0, (self.spent_s + time.monotonic() - self._started) / (self.hours * 3600))

    @property
    def finished(self) -> bool:
        """Whether the planned time is over."""
        return self.fraction >= 1.0

    def learning_rate(self) -> float:
        """Rate for the step to come."""
        warm = min(1.0, (self.step + 1) / self.warmup_steps)
        return self.peak_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.fraction)))

    def log(self, **values: float) -> None:
        """Append one line to `log.jsonl`."""
        line = {"step": self.step, "fraction": round(self.fraction, 4), **{k: round(v, 5) for k, v in values.items()}}
        with (self.folder / LOG).open("a") as file:
            file.write(json.dumps(line) + "\n")

    def save(self, **state: object) -> None:
        """Write `last.pt` whole or not at all."""
        now = time.monotonic()
        self.spent_s, self._started = self.spent_s + now - self._started, now
        partial = self.folder / (CHECKPOINT + ".partial")
        torch.save({"step": self.step, "spent_s": self.spent_s, **state}, partial)
        partial.replace(self.folder / CHECKPOINT)

    def resume(self) -> dict[str, Any] | None:
        """State of the checkpoint in the folder, or None where there is none yet."""
        path = self.folder / CHECKPOINT
        if not path.exists():
            return None
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        self.step, self.spent_s, self._started = state["step"], state["spent_s"], time.monotonic()
        return state


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Treat denormal numbers as zero while training.

    Silence in the data makes denormal gradients, each operation on which traps: a step took 2.0 s instead of 0.35 s.
    It is a switch of the processor for the whole thread, so it is put back.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def progress_bar() -> Progress:
    """Bar with time spent, time left and the latest losses."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:5.1f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[status]}"),
    )
