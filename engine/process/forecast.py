"""Tells those in line what they are promised, and the one that runs how long it may go on. Arithmetic on jobs; no pipe.

Owned by the supervisor's thread. As long as costs were not measured nothing is promised here: the engine does when it
begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..deadlines.costs import CostModel
from ..deadlines.estimate import estimate_work
from ..deadlines.line import Need, share_until, starts
from ..deadlines.plan import Moment, Plan, asked_s, least_safe_s, make_plan
from ..deadlines.work import Work
from ..errors import SettingError
from .pending import Job


def look_ahead(costs: CostModel, running: Job | None, line: Sequence[Job], now_s: float) -> None:
    """Promise a take to everyone in line who was promised none yet, or whose promise can no longer be kept.

    Args:
        costs: As they are known now.
        running: What runs.
        line: Who waits, in the order of service.
        now_s: The present, on the clock of `time.monotonic`.
    """
    if not costs.is_measured or not any(job.terms for job in line):
        return
    needs = [_need(costs, job, now_s) for job in line]
    free_s = now_s if running is None else now_s + _need(costs, running, now_s).least_s
    for job, start_s in zip(line, starts(needs, free_s), strict=True):
        plan = _plan(costs, job, start_s, now_s)
        if plan is not None and (job.cycles_late is None or plan.cycles_late > job.cycles_late):
            job.promise(plan)


def time_to_share(costs: CostModel, job: Job, line: Sequence[Job], now_s: float) -> float | None:
    """Until when a job that runs, or is about to, may go on; see `line.share_until`. None: as long as it likes."""
    if job.terms is None or not costs.is_measured:
        return None
    return share_until(now_s, _need(costs, job, now_s), [_need(costs, other, now_s) for other in line])


def _need(costs: CostModel, job: Job, now_s: float) -> Need:
    """What a job still needs, as far as can be told from here."""
    work = _work(costs, job)
    if work is None:
        return Need(job.terms, 0.0, 0.0, job.cycles_late or 0)  # it will fail at once
    all_s = costs.safe_s(asked_s(costs, work))
    least_s = all_s if job.terms is None else least_safe_s(costs, work)
    spent_s = 0.0 if job.begun_s is None else now_s - job.begun_s
    return Need(job.terms, max(0.0, least_s - spent_s), max(0.0, all_s - spent_s), job.cycles_late or 0)


def _plan(costs: CostModel, job: Job, start_s: float, now_s: float) -> Plan | None:
    work = _work(costs, job)
    if job.terms is None or work is None:
        return None
    plan = make_plan(costs, work, job.terms, Moment(start_s, cycles_late=job.cycles_late or 0))
    wait_s = start_s - now_s
    return replace(plan, expected_s=plan.expected_s + wait_s, safe_s=plan.safe_s + wait_s, left_s=plan.left_s + wait_s)


def _work(costs: CostModel, job: Job) -> Work | None:
    """What there is to do; None where the request is one that the engine will refuse."""
    facts = costs.facts
    if facts is None or job.sound.sample_rate < 1 or job.settings.compat:
        return None
    try:
        return job.work_once(lambda: estimate_work(facts, job.settings, job.sound))
    except SettingError:
        return None
