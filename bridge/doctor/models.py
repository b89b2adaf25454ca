"""Verdicts on the engine: where the models run, and which loops can be vamped in time. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.deadlines.costs import CostModel
from ...engine.deadlines.estimate import Sound, estimate_work
from ...engine.deadlines.outlook import vamp_s
from ...engine.deadlines.plan import Moment, Plan, Terms, make_plan
from ...engine.devices import AUTO, CPU, CUDA
from ...engine.settings import VampSettings
from ..live.vamping import HAND_OVER_S
from ..looper.config import LooperConfig
from ..looper.controls import SlotControls
from .findings import FAIL, OK, WARN, Finding

LOOPS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
LONGEST_S = LooperConfig().max_loop_s
STEP, N_STEPS = 1.05, 112  # lengths that are tried, down to 0.27 s: costs are not known better than by 5 %


@dataclass(frozen=True)
class Runtime:
    """ONNX Runtime: version and build, and why CUDA is out of the question; None if it may work."""

    version: str
    cuda_obstacle: str | None


@dataclass(frozen=True)
class Outlook:
    """A loop of some length: seconds expected for all that is asked for, and what would be planned for its next seam.

    Attributes:
        loop_s: Its length.
        full_s: Expected for everything.
        plan: For the next seam, asked for at the seam before.
        is_complete: Whether that is everything, and in time.
    """

    loop_s: float
    full_s: float
    plan: Plan
    is_complete: bool


def judge_runtime(runtime: Runtime, wanted: str, used: str) -> Finding:
    """Where the models run, as they say themselves.

    Args:
        runtime: What is installed.
        wanted: Of `devices.DEVICES`.
        used: `cpu` or `cuda`, as the engine reports; empty if it did not start.
    """
    facts = {"runtime": runtime.version, "device": used, "cuda_obstacle": runtime.cuda_obstacle}
    if used == CUDA:
        return Finding("ONNX Runtime", OK, f"{runtime.version}: cuda works", facts=facts)
    if runtime.cuda_obstacle is not None:
        words = f"{runtime.version}: {CPU} works, {CUDA} does not ({runtime.cuda_obstacle})"
        return Finding("ONNX Runtime", OK, words, facts=facts)
    if wanted != AUTO:
        return Finding("ONNX Runtime", OK, f"{runtime.version}: {used or wanted} was asked for", facts=facts)
    advice = "there is a GPU, but the models do not run on it: pip install 'vampbridge[cuda]'; --device cuda says why"
    return Finding("ONNX Runtime", WARN, f"{runtime.version}: {CPU} works, {CUDA} does not", advice, facts=facts)


def outlook(costs: CostModel, settings: VampSettings, loop_s: float) -> Outlook:
    """What can be expected of a loop.

    Args:
        costs: Measured.
        settings: What is asked for.
        loop_s: Its length, s.
    """
    if costs.facts is None:
        message = "costs that were never measured say nothing"
        raise AssertionError(message)
    rate = costs.facts.sample_rate
    work = estimate_work(costs.facts, settings, Sound(round(loop_s * rate), rate))
    plan = make_plan(costs, work, Terms(_time_s(loop_s), loop_s), Moment(0.0))
    everything = (settings.coarse_passes, settings.fine_passes, settings.feedback)
    is_complete = plan.cycles_late == 0 and (plan.coarse_passes, plan.fine_passes, plan.feedback) == everything
    return Outlook(loop_s, vamp_s(costs, settings, loop_s)[0], plan, is_complete)


def reach(costs: CostModel, settings: VampSettings, *, complete: bool) -> tuple[float, float]:
    """Shortest and longest loop, s, of the widest span in which every loop is varied within one round; 0, 0 if none is.

    There is a shortest, too: some of the work does not become less with the length. And what lies beyond a loop that is
    not ready in time may be ready again, since windows are filled whole; that counts for nothing here.

    Args:
        costs: Measured.
        settings: What is asked for.
        complete: With everything that is asked for, or with the least that is worth delivering.
    """
    best, span = (0.0, 0.0), (0.0, 0.0)
    for loop_s in (LONGEST_S / STEP**n for n in reversed(range(N_STEPS))):
        expected_s, least_s = vamp_s(costs, settings, loop_s)
        fits = (costs.safe_s(expected_s) if complete else least_s) <= _time_s(loop_s)
        span = (span[0] or loop_s, loop_s) if fits else (0.0, 0.0)
        if span[1] and (not best[1] or span[1] * best[0] >= span[0] * best[1]):
            best = span
    return best


def _time_s(loop_s: float) -> float:
    """From one seam until the take for the next one must be made: a crossfade and the way to the looper before it."""
    return loop_s - min(SlotControls().fade_ms / 1000, loop_s / 4) - HAND_OVER_S


def judge_costs(costs: CostModel, settings: VampSettings) -> Finding:
    """Which loops can be varied from one round to the next.

    Args:
        costs: Measured.
        settings: What is asked for.
    """
    found = [outlook(costs, settings, loop_s) for loop_s in LOOPS_S]
    full, least = (reach(costs, settings, complete=complete) for complete in (True, False))
    facts = {
        "complete_from_s": round(full[0], 2),
        "complete_to_s": round(full[1], 2),
        "in_time_from_s": round(least[0], 2),
        "in_time_to_s": round(least[1], 2),
        "loops": [_facts(each) for each in found],
        "costs": costs.to_dict(),
    }
    details = tuple(_line(each, settings) for each in found)
    in_time = [each for each in found if each.plan.cycles_late == 0]
    reached = f"{_span(full)} with every pass" + (f", {_span(least)} with fewer" if least != full else "")
    measured = f"varied within one round, 99 times of 100: {reached}"
    if not in_time:
        advice = (
            "no loop is varied within one round: close other programs, take a smaller bundle (the one that ships with "
            "Vampbridge), or a GPU; takes then come some rounds later"
        )
        return Finding("loops", FAIL, measured, advice, details, facts)
    late = [f"{each.loop_s:g}" for each in found if each.plan.cycles_late]
    if late:
        advice = f"variations of loops of {', '.join(late)} s come a round or more later; they are announced as such"
        return Finding("loops", WARN, measured, advice, details, facts)
    return Finding("loops", OK, measured, "", details, facts)


def judge_engine(bundle: str, seconds: float) -> Finding:
    """It has loaded its models, and measured what they cost, in so many seconds."""
    measured = f"bundle {bundle} is ready after {seconds:.1f} s"
    return Finding("engine", OK, measured, facts={"bundle": bundle, "seconds": round(seconds, 2)})


def no_engine(problem: str) -> Finding:
    """There is nothing that could vary a loop; `problem` says why."""
    return Finding("engine", FAIL, "does not start", problem)


def _span(lengths_s: tuple[float, float]) -> str:
    shortest_s, longest_s = lengths_s
    return f"loops of {shortest_s:.2g} to {longest_s:.2g} s" if longest_s else "no loop"


def _line(each: Outlook, settings: VampSettings) -> str:
    plan = each.plan
    if each.is_complete:
        words = "every pass"
    elif plan.cycles_late:
        words = "not, a round later" if plan.cycles_late == 1 else f"not, {plan.cycles_late} rounds later"
    else:
        of = f"{settings.coarse_passes} + {settings.fine_passes}"
        words = f"{plan.coarse_passes} + {plan.fine_passes} of {of} passes"
    return f"loop {each.loop_s:4g} s: {each.full_s:6.2f} s for everything; by the next seam: {words}"


def _facts(each: Outlook) -> dict[str, float | bool]:
    return {
        "loop_s": each.loop_s,
        "full_s": round(each.full_s, 4),
        "planned_coarse_passes": each.plan.coarse_passes,
        "planned_fine_passes": each.plan.fine_passes,
        "planned_safe_s": round(each.plan.safe_s, 4),
        "cycles_late": each.plan.cycles_late,
        "complete": each.is_complete,
    }
