"""Keeps count of a replay: which array was checked on which side, how far it was off, what was left out and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Side = Literal["numpy", "torch", "ort"]
Array = NDArray[Any]
_SHOWN = 3


@dataclass(frozen=True)
class Target:
    """What a check is about: a kind of number, the side that computed it, and the array that says what it must be."""

    what: str
    side: Side
    array: str


@dataclass(frozen=True)
class Check:
    """One comparison. `error` is the largest difference, `failure` says where and what, or is empty."""

    target: Target
    error: float
    tolerance: float
    failure: str = ""


@dataclass
class Page:
    """The checks of one family, as they come in.

    Attributes:
        family: Name of the family.
        names: Every array of the family's file that has to be accounted for.
        checks: In order.
        inputs: Arrays that other checks start from, and no results themselves.
        skipped: Reason, by array.
    """

    family: str
    names: tuple[str, ...]
    checks: list[Check] = field(default_factory=list)
    inputs: set[str] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)

    def close(self, target: Target, wanted: Array, got: Array, *, tolerance: float) -> None:
        """Check that every number is within `tolerance` (0 = equal); shapes must agree."""
        wanted, got = np.asarray(wanted), np.asarray(got)
        if wanted.shape != got.shape:
            self._fail(target, f"shape: wanted {wanted.shape}, got {got.shape}", tolerance)
            return
        difference = (wanted != got).astype(np.float64) if tolerance == 0 else _difference(wanted, got)
        # Written this way round, NaN fails.
        bad = ~(difference <= tolerance)
        error = float(difference.max(initial=0.0))
        self.checks.append(Check(target, error, tolerance, _describe(bad, wanted, got)))

    def same(self, target: Target, wanted: Array, got: Array) -> None:
        """Check that every number is equal."""
        self.close(target, wanted, got, tolerance=0)

    def hold(self, target: Target, *, true: bool, otherwise: str) -> None:
        """Check a fact that is no array of numbers."""
        self.checks.append(Check(target, 0.0 if true else float("inf"), 0.0, "" if true else otherwise))

    def fail(self, target: Target, reason: str) -> None:
        """Note that an array could not be computed at all."""
        self._fail(target, reason, 0.0)

    def take(self, *names: str) -> None:
        """Note arrays that are inputs of checks."""
        self.inputs.update(names)

    def skip(self, names: str | Iterable[str], reason: str) -> None:
        """Note arrays that are not checked, and why."""
        for name in [names] if isinstance(names, str) else names:
            self.skipped.setdefault(name, reason)

    def close_account(self) -> None:
        """What is neither checked, nor an input, nor skipped until now is skipped as unknown."""
        known = {check.target.array for check in self.checks} | self.inputs
        for name in list(self.skipped):
            if name in known:
                del self.skipped[name]
        self.skip(set(self.names) - known, "unknown: this version of Vampbridge does not know what it means")

    def _fail(self, target: Target, reason: str, tolerance: float) -> None:
        self.checks.append(Check(target, float("inf"), tolerance, reason))


def _difference(wanted: Array, got: Array) -> NDArray[np.float64]:
    """|wanted - got|, 0 where both are the same infinity."""
    wanted, got = wanted.astype(np.float64), got.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(wanted == got, 0.0, np.abs(wanted - got))


def _describe(bad: Array, wanted: Array, got: Array) -> str:
    places = np.argwhere(bad)
    if not len(places):
        return ""
    shown = []
    for place in places[:_SHOWN]:
        index = tuple(int(i) for i in place)
        shown.append(f"{list(index)}: wanted {wanted[index]:g}, got {got[index]:g}")
    more = f"; {len(places)} of {wanted.size} differ" if len(places) > 1 else ""
    return "; ".join(shown) + more
