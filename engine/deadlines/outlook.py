"""What loops can be vamped in time on this machine: the numbers that `vampbridge doctor` shows. Pure arithmetic."""

from __future__ import annotations

from ..settings import VampSettings
from .costs import CostModel
from .estimate import Sound, estimate_work
from .plan import asked_s, least_safe_s

SHORTEST_LOOP_S, LONGEST_LOOP_S = 0.1, 600.0
STEP = 1.1  # lengths are tried a tenth apart: costs are not known better than that


def vamp_s(costs: CostModel, settings: VampSettings, loop_s: float) -> tuple[float, float]:
    """Seconds for a loop of `loop_s` seconds: expected for all that is asked for, and safe for the least.

    Args:
        costs: Measured.
        settings: What is asked for.
        loop_s: Length of the loop, s.
    """
    if costs.facts is None:
        message = "costs that were never measured say nothing"
        raise AssertionError(message)
    rate = costs.facts.sample_rate
    work = estimate_work(costs.facts, settings, Sound(max(1, round(loop_s * rate)), rate))
    return asked_s(costs, work), least_safe_s(costs, work)


def longest_loop_s(costs: CostModel, settings: VampSettings, *, complete: bool) -> float:
    """Longest loop, s, whose vamp is safely there before it has come round once, 99 times of 100; 0 if none is.

    Args:
        costs: Measured.
        settings: What is asked for.
        complete: With everything that is asked for, or with the least that is worth delivering.
    """
    longest, loop_s = 0.0, SHORTEST_LOOP_S
    while loop_s <= LONGEST_LOOP_S:
        expected_s, least_s = vamp_s(costs, settings, loop_s)
        if (costs.safe_s(expected_s) if complete else least_s) <= loop_s:
            longest = loop_s
        loop_s *= STEP
    return longest
