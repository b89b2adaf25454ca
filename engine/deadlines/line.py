"""What a line of vamps can be promised, and how those in it share the engine. Numbers in, numbers out; no clock.

The line is in the order of the deadlines, and one vamp runs at a time, to its end. So that the first in line does not
spend on its polish what the next ones need for their least, it may go on only as long as everybody can be served the
same share of what they asked for, each before its own deadline.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from .plan import Terms


@dataclass(frozen=True)
class Need:
    """What a vamp needs of the engine.

    Attributes:
        terms: When it is needed; None if it has no deadline.
        least_s: Seconds within which its least is safely there; all of it where there is no deadline.
        asked_s: Seconds within which all of it is safely there; at least `least_s`.
        cycles_late: What it was promised before.
    """

    terms: Terms | None
    least_s: float
    asked_s: float
    cycles_late: int = 0

    @property
    def due_s(self) -> float:
        """The deadline it was promised, on the clock of `time.monotonic`; infinite without one."""
        if self.terms is None:
            return math.inf
        return self.terms.deadline_s + self.cycles_late * self.terms.cycle_s


def starts(line: Sequence[Need], free_s: float) -> list[float]:
    """When each vamp in line can begin, if those before it are kept to their least.

    Args:
        line: In the order of service.
        free_s: When the engine is free of what runs now, on the clock of `time.monotonic`; so are the results.
    """
    return list(itertools.accumulate((need.least_s for need in line[:-1]), initial=free_s))[: len(line)]


def share_until(now_s: float, first: Need, line: Sequence[Need]) -> float | None:
    """Until when the first may go on, on the clock of `time.monotonic`; None if there is time enough for everything.

    Args:
        now_s: The present, on that clock.
        first: What runs or is about to; its needs from now on.
        line: Who waits, in the order of service.
    """
    until_s = math.inf
    asked_s, least_s = first.asked_s, 0.0
    for need in line:
        asked_s, least_s = asked_s + need.asked_s, least_s + need.least_s
        time_s = need.due_s - now_s  # infinite without a deadline: it waits for whoever stands before it
        if asked_s > time_s:
            fair_s = max(0.0, min(time_s * first.asked_s / asked_s, time_s - least_s))
            until_s = min(until_s, now_s + fair_s)
    return until_s if until_s < first.due_s else None
