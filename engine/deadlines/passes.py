"""The passes that a take was made with, written down so that the same take can be made again. Plain numbers.

A pass is written as the number of passes that its window still had in view, itself included: 12, 11, 10 … 1 for twelve
passes as asked for, 12, 11, 4, 3, 2, 1 where after two of them only four more fitted. Each pass moves the schedule on
by its share of what was left of it, 1 / that number, so these numbers are all it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ..errors import SettingError
from .work import COARSE, FINE, Work

Window = tuple[int, ...]
Stage = tuple[Window, ...]
Passes = tuple[tuple[Stage, Stage], ...]
"""By round, stage (coarse, fine), window and pass."""

MOST_PASSES = 4096  # in one window; a plan that grows back goes on longer than was asked for, but never for long


def as_asked(work: Work, n_rounds: int | None = None) -> Passes:
    """Every pass that was asked for."""
    stages = [(tuple(range(s.n_passes, 0, -1)),) * s.n_windows for s in (work.coarse, work.fine)]
    return ((stages[COARSE], stages[FINE]),) * (work.feedback if n_rounds is None else n_rounds)


def count(passes: Passes, stage: int) -> int:
    """Passes of one stage, COARSE or FINE, over all rounds and windows."""
    return sum(len(window) for stages in passes for window in stages[stage])


def check_passes(value: object) -> Passes:
    """Passes from plain values, also from JSON's lists.

    Raises:
        SettingError: They cannot be the passes of a take; says where.
    """
    rounds = tuple(_check_round(number, item) for number, item in enumerate(_items("passes", value)))
    if not rounds:
        raise SettingError("passes must have at least one round, got none")
    return rounds


def check_against(passes: Passes, work: Work) -> None:
    """Check that passes belong to a vamp of this size.

    Raises:
        SettingError: Another number of rounds or windows.
    """
    if len(passes) > work.feedback:
        raise SettingError(f"passes must have at most {work.feedback} rounds, as feedback says, got {len(passes)}")
    for number, stages in enumerate(passes):
        for name, stage, todo in zip(("coarse", "fine"), stages, (work.coarse, work.fine), strict=True):
            if len(stage) != todo.n_windows:
                raise SettingError(
                    f"passes of round {number + 1}, {name}, must have {todo.n_windows} windows, as this loop has, "
                    f"got {len(stage)}: they are of another loop or bundle"
                )


def _check_round(number: int, value: object) -> tuple[Stage, Stage]:
    stages = [
        tuple(_check_window(f"passes of round {number + 1}", window) for window in _items("a stage of passes", stage))
        for stage in _items("a round of passes", value)
    ]
    if len(stages) != 2:
        raise SettingError(f"a round of passes must have two stages, coarse and fine, got {len(stages)}")
    return stages[0], stages[1]


def _check_window(where: str, value: object) -> Window:
    window = tuple(_items(where, value))
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in window):
        raise SettingError(f"{where} must be whole numbers, got {window!r}")
    numbers = cast("Window", window)
    ends_well = bool(numbers) and numbers[-1] == 1 and min(numbers[:-1], default=2) > 1
    if not ends_well or len(numbers) > MOST_PASSES or max(numbers) > MOST_PASSES:
        raise SettingError(f"{where}, in a window, must be numbers above 1 and then a last 1, got {numbers!r}")
    return numbers


def _items(what: str, value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise SettingError(f"{what} must be a list, got {value!r}")
    return value
