"""How many passes fit into the time that is left. Numbers in, numbers out: no clock, no models, no threads.

There is less to do on every rung of a ladder than on the one above it. At the top stands what was asked for. Going
down, coarse and fine passes become fewer together, in the same share of what was asked; when they have reached the
least, rounds of feedback are left out. Rounds go last because each makes other music, where a pass only polishes it.
The plan is the highest rung that is safe in the time left, and it is made anew before every pass, for the passes that
are still to come.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from .costs import CostModel, PassCounts
from .work import COARSE, DECODE, FINE, StageWork, Work

LEAST_COARSE_PASSES = 4
"""With four, no pass of the cosine schedule settles more than two fifths of the tokens at once, blind to one another
(1 - cos π/8 = 8 %, then 22 %, 32 %, 38 %); with two the last settles 71 %. Fewer only where fewer were asked for."""
LEAST_FINE_PASSES = 1
"""The fine model hears all coarse tokens, so that its tokens depend little on one another."""
MOST_CYCLES_LATE = 1000


@dataclass(frozen=True)
class Plan:
    """What is going to be done, and when it will be there.

    Attributes:
        coarse_passes: In each window of the coarse stage.
        fine_passes: In each window of the fine stage.
        feedback: Rounds.
        expected_s: Seconds from the making of this plan until the take is there, as expected.
        safe_s: The same, such that 99 of 100 takes are there.
        due_s: When the take is promised, on the clock of `time.monotonic`.
        left_s: Seconds from the making of this plan until `due_s`.
        cycles_late: 0 if that is the deadline asked for, otherwise by how many cycles it is later.
    """

    coarse_passes: int
    fine_passes: int
    feedback: int
    expected_s: float
    safe_s: float
    due_s: float
    left_s: float
    cycles_late: int = 0

    @property
    def fits(self) -> bool:
        """Whether the take is safely there when it is promised."""
        return self.safe_s <= self.left_s


@dataclass(frozen=True)
class Timing:
    """How a take with a deadline came about in time.

    Attributes:
        plan: The first plan.
        asked: Coarse and fine passes asked for, over all rounds and windows.
        done: The same, as made.
        took_s: Seconds the engine spent on it.
        left_s: Seconds that were left until it was promised when the engine was done; negative = late.
        cycles_late: By how many cycles it was promised later than asked for, in the end.
        replans: How often the number of passes was changed on the way.
        rough: Whether fewer passes or rounds were made than asked for.
    """

    plan: Plan
    asked: tuple[int, int]
    done: tuple[int, int]
    took_s: float
    left_s: float
    cycles_late: int
    replans: int
    rough: bool


@dataclass(frozen=True)
class Terms:
    """When a take is needed: on the clock of `time.monotonic`, and if that is missed, a cycle (s) later, or two …."""

    deadline_s: float
    cycle_s: float


@dataclass(frozen=True)
class Position:
    """How far a vamp has come.

    Attributes:
        is_encoded: Whether the loop is tokens.
        round_index: Of feedback.
        stage: COARSE, FINE, or DECODE when all passes of the round are made.
        window: Index of the window that is filled.
        n_done: Passes made in it.
        progress: How far its schedule is, 0 … 1.
    """

    is_encoded: bool = False
    round_index: int = 0
    stage: int = COARSE
    window: int = 0
    n_done: int = 0
    progress: float = 0.0


START = Position()


@dataclass(frozen=True)
class Rung:
    """A step of the ladder: coarse passes, fine passes, rounds."""

    coarse: int
    fine: int
    feedback: int

    def passes(self, stage: int) -> int:
        """Passes in each window of COARSE or FINE."""
        return self.coarse if stage == COARSE else self.fine


@lru_cache(maxsize=256)
def ladder(coarse: int, fine: int, feedback: int) -> tuple[Rung, ...]:
    """From the least up to what was asked for; nothing goes down on the way up. At least one rung."""
    least_coarse, least_fine = min(coarse, LEAST_COARSE_PASSES), min(fine, LEAST_FINE_PASSES)
    rungs = [Rung(least_coarse, least_fine, rounds) for rounds in range(1, feedback + 1)]
    n_steps = max(coarse, fine)
    for step in range(1, n_steps + 1):
        wanted = (max(least_coarse, -(-coarse * step // n_steps)), max(least_fine, -(-fine * step // n_steps)))
        rung = Rung(*wanted, feedback)
        if rung != rungs[-1]:
            rungs.append(rung)
    return tuple(rungs)


def expected_s(costs: CostModel, work: Work, rung: Rung, at: Position = START) -> float:
    """Seconds that are still to come from a position, if a rung is followed from there on.

    A window that was begun takes at least one more pass, whatever the rung says.
    """
    seconds = 0.0 if at.is_encoded else costs.encode_s(work.n_frames)
    seconds += costs.decode_s(work.n_frames_out, variations=work.variations)
    for stage in range(at.stage, DECODE):
        begun = at if stage == at.stage else START
        seconds += _stage_s(costs, work, stage, (rung.passes(stage), begun))
    n_more = max(0, rung.feedback - at.round_index - 1)
    if n_more:
        seconds += n_more * sum(_stage_s(costs, work, s, (rung.passes(s), START)) for s in (COARSE, FINE))
    return seconds


def choose(costs: CostModel, work: Work, left_s: float, at: Position = START) -> tuple[Rung, float]:
    """The highest rung that is safe in `left_s` seconds, the lowest if none is; and the seconds expected for it."""
    rungs = ladder(work.coarse.n_passes, work.fine.n_passes, work.feedback)
    # Costs never fall on the way up, so that the highest one that fits is found by halving.
    index = bisect_right(rungs, left_s, key=lambda rung: costs.safe_s(expected_s(costs, work, rung, at)))
    rung = rungs[max(0, index - 1)]
    return rung, expected_s(costs, work, rung, at)


def least_safe_s(costs: CostModel, work: Work, at: Position = START) -> float:
    """Seconds within which the least that is worth delivering is safely there."""
    rung = ladder(work.coarse.n_passes, work.fine.n_passes, work.feedback)[0]
    return costs.safe_s(expected_s(costs, work, rung, at))


def asked_s(costs: CostModel, work: Work, at: Position = START) -> float:
    """Seconds expected for all that was asked for."""
    return expected_s(costs, work, ladder(work.coarse.n_passes, work.fine.n_passes, work.feedback)[-1], at)


@dataclass(frozen=True)
class Moment:
    """When a plan is made.

    Attributes:
        now_s: On the clock of `time.monotonic`.
        at: How far the vamp has come.
        share_until_s: Others wait: be done by then, unless the least takes longer. None: nobody does.
        cycles_late: What was promised before; a plan for the same vamp promises nothing earlier.
    """

    now_s: float
    at: Position = START
    share_until_s: float | None = None
    cycles_late: int = 0


def make_plan(costs: CostModel, work: Work, terms: Terms, moment: Moment) -> Plan:
    """The best take for the first deadline that the least safely meets."""
    least_s = least_safe_s(costs, work, moment.at)
    late = moment.cycles_late
    missing_s = moment.now_s + least_s - terms.deadline_s
    if missing_s > late * terms.cycle_s:
        late = min(MOST_CYCLES_LATE, math.ceil(missing_s / terms.cycle_s))
    due_s = terms.deadline_s + late * terms.cycle_s
    left_s = due_s - moment.now_s
    wanted_s = left_s
    if moment.share_until_s is not None:
        wanted_s = min(left_s, max(least_s, moment.share_until_s - moment.now_s))
    rung, seconds = choose(costs, work, wanted_s, moment.at)
    return Plan(rung.coarse, rung.fine, rung.feedback, seconds, costs.safe_s(seconds), due_s, left_s, late)


def _stage_s(costs: CostModel, work: Work, stage: int, wanted: tuple[int, Position]) -> float:
    """Seconds of what is left of a stage: passes for each window, and where in the stage the vamp is."""
    (n_passes, at), todo = wanted, work.stage(stage)
    n_now = max(1, n_passes - at.n_done)
    n_after = todo.n_windows - at.window - 1
    n_rows = _rows(todo, n_now, at.progress) + n_after * _rows(todo, n_passes, 0.0)
    counts = PassCounts(todo.window_frames, n_now + n_after * n_passes, n_rows)
    return costs.passes_s(stage, counts, variations=work.variations, filtered=work.filtered)


def _rows(todo: StageWork, n_passes: int, progress: float) -> float:
    """Tokens drawn in the passes that are left of a window: those that are masked before each of them, summed."""
    return todo.n_rows / todo.n_windows * _masked_sum(n_passes, progress)


@lru_cache(maxsize=4096)
def _masked_sum(n_passes: int, progress: float) -> float:
    """Σ cos(π/2 · progress before the pass), for passes that share the rest of the schedule evenly."""
    return sum(math.cos(math.pi / 2 * (progress + (1 - progress) * i / n_passes)) for i in range(n_passes))
