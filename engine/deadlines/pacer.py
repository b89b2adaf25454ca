"""Says before every pass how many are left, and measures what each takes. Knows the time; no tokens, no models.

One pacer paces one vamp. Its variations go side by side, pass by pass, so that one plan holds for all of them. A
`Pacer` has all passes made that were asked for, a `Replay` those of an earlier take, a `DeadlinePacer` as many as fit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from ..schedule import next_progress
from .costs import DECODE_STAGE, ENCODE_STAGE, CostModel, PassCounts, stage_name
from .passes import Passes, as_asked, check_against, count
from .plan import Moment, Plan, Position, Terms, Timing, make_plan
from .work import COARSE, DECODE, FINE, StageWork, Work

Clock = Callable[[], float]
OnPlan = Callable[[Plan], None]


@dataclass(frozen=True)
class Watch:
    """A clock in seconds, on the scale of `time.monotonic`, and when the vamp began on it."""

    clock: Clock
    started_s: float


def start_watch() -> Watch:
    """A watch that runs from now. As fine as `time.perf_counter`: on Windows `time.monotonic` may tick every 16 ms."""
    offset_s = time.monotonic() - time.perf_counter()
    return Watch(lambda: offset_s + time.perf_counter(), time.monotonic())


class Pacer:
    """As many passes as were asked for.

    Args:
        costs: What things cost; learns from this vamp, if it was measured.
        work: What there is to do. How much of it is drawn anew may be an estimate: it is corrected as it shows.
        watch: Tells the time.

    Attributes:
        spent_s: Seconds spent on each stage so far, by name, with all that happens there beside the models.
    """

    def __init__(self, costs: CostModel, work: Work, watch: Watch) -> None:
        self.work = work
        self.spent_s: dict[str, float] = {}
        self._costs, self._clock = costs, watch.clock
        self._at = Position()
        self._progress = Fraction(0)
        self._made: list[tuple[list[list[int]], list[list[int]]]] = []
        self._started_s = self._mark_s = watch.started_s
        self._predicted_s = 0.0  # for what has been made, each part as it was predicted at the start
        self._at_start = replace(costs, levels=dict(costs.levels), ratios=[])

    # What is left.

    @property
    def n_rounds(self) -> int:
        """Rounds of feedback, the present one included."""
        return self.work.feedback

    @property
    def n_passes_left(self) -> int:
        """Passes still to come, for each variation."""
        whole = {stage: self.work.stage(stage).n_windows * self._passes_of(stage) for stage in (COARSE, FINE)}
        left = max(0, self.n_rounds - self._at.round_index - 1) * sum(whole.values())
        if self._at.stage == DECODE:
            return left
        todo, wanted = self.work.stage(self._at.stage), self._passes_of(self._at.stage)
        left += max(1, wanted - self._at.n_done) + (todo.n_windows - self._at.window - 1) * wanted
        return left + (whole[FINE] if self._at.stage == COARSE else 0)

    # The vamp says how far it has come, in this order.

    def encoded(self) -> None:
        """The loop is tokens, and the prompts are built."""
        self._at = replace(self._at, is_encoded=True)
        self._observe(ENCODE_STAGE, lambda costs: costs.encode_s(self.work.n_frames))

    def begin_stage(self, round_index: int, stage: int, n_rows: int) -> None:
        """COARSE or FINE begins, with so many tokens to draw, over all its windows and on average of the variations."""
        todo = replace(self.work.stage(stage), n_rows=n_rows)
        self.work = replace(self.work, coarse=todo) if stage == COARSE else replace(self.work, fine=todo)
        self._at = Position(is_encoded=True, round_index=round_index, stage=stage)
        self._progress = Fraction(0)
        if stage == COARSE:
            self._made.append(([], []))
        self._mark_s = self._clock()

    def n_left(self) -> int:
        """Passes left in this window, the one that comes next included; at least 1."""
        left = self._choose()
        windows = self._made[-1][self._at.stage]
        if self._at.n_done == 0:
            windows.append([])
        windows[-1].append(left)
        self._mark_s = self._clock()
        return left

    def passed(self, n_rows: float) -> None:
        """The pass is made in all variations; so many tokens were drawn in it, on average."""
        todo, at = self.work.stage(self._at.stage), self._at
        left = self._made[-1][at.stage][-1][-1]
        self._progress = next_progress(self._progress, left)
        if n_rows:
            counts, work = PassCounts(todo.window_frames, 1, n_rows), self.work
            self._observe(
                stage_name(at.stage),
                lambda costs: costs.passes_s(at.stage, counts, variations=work.variations, filtered=work.filtered),
            )
        if left > 1:
            self._at = replace(at, n_done=at.n_done + 1, progress=float(self._progress))
        else:
            self._progress = Fraction(0)
            self._at = replace(at, window=at.window + 1, n_done=0, progress=0.0)
            self._leave_stage(todo)

    def begin_decode(self) -> None:
        """All passes are made."""
        self._at = Position(is_encoded=True, stage=DECODE, round_index=self.work.feedback - 1)  # no round comes after
        self._mark_s = self._clock()

    def decoded(self) -> None:
        """The take is there."""
        frames, variations = self.work.n_frames_out, self.work.variations
        self._observe(DECODE_STAGE, lambda costs: costs.decode_s(frames, variations=variations))
        if self._costs.is_measured:
            self._costs.observe_take(self._predicted_s, self._clock() - self._started_s)

    # What was made.

    @property
    def made(self) -> Passes:
        """The passes that were made."""
        return tuple((tuple(tuple(w) for w in coarse), tuple(tuple(w) for w in fine)) for coarse, fine in self._made)

    @property
    def deviation(self) -> Passes | None:
        """The passes that were made; None if they are those asked for."""
        return None if self.made == as_asked(self.work) else self.made

    def timing(self) -> Timing | None:
        """What was planned and what became of it; None where there is no deadline."""
        return None

    # What another pacer does otherwise.

    def _passes_of(self, stage: int) -> int:
        return self.work.stage(stage).n_passes

    def _choose(self) -> int:
        return max(1, self._passes_of(self._at.stage) - self._at.n_done)

    def _leave_stage(self, todo: StageWork) -> None:
        """Where the last window is full the next stage begins, as far as planning is concerned."""
        if self._at.window == todo.n_windows:
            self._at = replace(self._at, stage=self._at.stage + 1, window=0)

    def _observe(self, name: str, predict: Callable[[CostModel], float]) -> None:
        measured_s = self._clock() - self._mark_s
        self.spent_s[name] = self.spent_s.get(name, 0.0) + measured_s
        if not self._costs.is_measured:
            return
        self._predicted_s += predict(self._at_start)
        self._costs.observe(name, predict(self._costs), measured_s, variations=self.work.variations)


class Replay(Pacer):
    """The passes of an earlier take.

    Raises:
        SettingError: They are of another loop, or of more rounds than are asked for.
    """

    def __init__(self, costs: CostModel, work: Work, watch: Watch, *, passes: Passes) -> None:
        super().__init__(costs, work, watch)
        check_against(passes, work)
        self._passes = passes

    @property
    def n_rounds(self) -> int:
        """See `Pacer`."""
        return len(self._passes)

    def _choose(self) -> int:
        at = self._at
        return self._passes[at.round_index][at.stage][at.window][at.n_done]


@dataclass(frozen=True)
class Hearers:
    """Whom a pacer speaks with.

    Attributes:
        on_plan: Hears the first plan, and every one that promises the take later than the one before.
        share_until: Says until when the vamp may go on while others wait, on its clock; None = nobody does.
    """

    on_plan: OnPlan = lambda _: None
    share_until: Callable[[], float | None] = lambda: None


class DeadlinePacer(Pacer):
    """As many passes as fit before a deadline."""

    def __init__(self, costs: CostModel, work: Work, watch: Watch, *, terms: Terms, hearers: Hearers) -> None:
        """Makes the first plan and tells it."""
        super().__init__(costs, work, watch)
        self._terms, self._hearers = terms, hearers
        self._asked = work
        self._replans = 0
        self._first = self._plan = self._make_plan(0)
        hearers.on_plan(self._first)

    @property
    def n_rounds(self) -> int:
        """See `Pacer`."""
        return self._plan.feedback

    def encoded(self) -> None:
        """See `Pacer`."""
        super().encoded()
        self._replan()

    def begin_decode(self) -> None:
        """See `Pacer`."""
        super().begin_decode()
        self._replan()

    def timing(self) -> Timing:
        """See `Pacer`."""
        made, asked = self.made, as_asked(self._asked)
        done_s = self._clock()
        return Timing(
            self._first,
            (count(asked, COARSE), count(asked, FINE)),
            (count(made, COARSE), count(made, FINE)),
            done_s - self._started_s,
            self._plan.due_s - done_s,
            self._plan.cycles_late,
            self._replans,
            rough=count(made, COARSE) < count(asked, COARSE) or count(made, FINE) < count(asked, FINE),
        )

    def _passes_of(self, stage: int) -> int:
        return self._plan.coarse_passes if stage == COARSE else self._plan.fine_passes

    def _choose(self) -> int:
        self._replan()
        return super()._choose()

    def _leave_stage(self, todo: StageWork) -> None:
        super()._leave_stage(todo)
        self._replan()  # or `n_rounds` would be asked for with the plan of the pass before

    def _make_plan(self, cycles_late: int) -> Plan:
        moment = Moment(self._clock(), self._at, self._hearers.share_until(), cycles_late)
        return make_plan(self._costs, self.work, self._terms, moment)

    def _replan(self) -> None:
        before, self._plan = self._plan, self._make_plan(self._plan.cycles_late)
        # A round that has begun is finished.
        rounds = max(self._plan.feedback, self._at.round_index + 1)
        self._plan = replace(self._plan, feedback=rounds)
        self._replans += _numbers(before) != _numbers(self._plan)
        if self._plan.cycles_late > before.cycles_late:
            self._hearers.on_plan(self._plan)


def _numbers(plan: Plan) -> tuple[int, int, int]:
    return plan.coarse_passes, plan.fine_passes, plan.feedback
