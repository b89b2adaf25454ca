"""What a vamp of a loop of some length takes on this machine: what `vampbridge doctor` shows. Pure arithmetic."""

from __future__ import annotations

from ..settings import VampSettings
from .costs import CostModel
from .estimate import Sound, estimate_work
from .plan import asked_s, least_safe_s


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
