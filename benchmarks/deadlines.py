"""Whether takes are there at the seam they were promised for, while the machine has other things to do.

    python benchmarks/deadlines.py [--bundle FOLDER] [--vamps 1000] [--slots 4] [--busy 2]

Several loops of 0.5 to 16 s go round side by side, and each asks for a new take of itself when it has come round: to be
there at its next seam. Beside them, processes that do nothing useful keep the processor busy for a random time and
rest for a random time. A take is kept to the last promise that was made before the promise before it was due: if one
is going to be late that must have been said in advance. The bar is 99.5 %.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from machine import describe_machine
from report import print_json, print_table
from vampbridge.engine.deadlines.plan import Plan
from vampbridge.engine.errors import VampbridgeError
from vampbridge.engine.process import EngineClient, EngineOptions, PendingVamp
from vampbridge.engine.settings import PRESETS
from vampbridge.engine.take import TakeReport, VampRequest

BAR = 0.995
RATE = 48_000
SHORTEST_S, LONGEST_S = 0.5, 16.0
MOST_BUSY_S, MOST_REST_S = 4.0, 4.0
HURRY = 0.3
"""Share of the requests that come in the middle of the loop instead of at its seam, so that there is less time."""


@dataclass
class Asked:
    """One vamp: when it was asked for, what it was promised and when, and what came of it. Moments in s."""

    loop_s: float
    asked_s: float
    deadline_s: float
    plans: list[tuple[float, Plan]] = field(default_factory=list)
    ended_s: float = 0.0
    report: TakeReport | None = None
    error: str = ""

    def hear(self, plan: Plan) -> None:
        """A promise."""
        self.plans.append((time.monotonic(), plan))

    @property
    def promised_s(self) -> float:
        """When it had to be there: the last promise, unless that one came when the one before was broken already."""
        due_s = self.deadline_s
        for when_s, plan in self.plans:
            if when_s > due_s:
                break
            due_s = plan.due_s
        return due_s

    @property
    def is_kept(self) -> bool:
        """Whether it was there when it was promised."""
        return self.report is not None and self.ended_s <= self.promised_s


class Player(threading.Thread):
    """One slot: asks, waits for the seam after the take, asks again, each time with a loop of another length."""

    def __init__(self, engine: EngineClient, number: int, n_vamps: int) -> None:
        super().__init__(name=f"slot-{number}")
        self._engine, self._number, self._n_vamps = engine, number, n_vamps
        self._dice = random.Random(number)
        self.asked: list[Asked] = []

    def run(self) -> None:
        """Play all vamps of this slot."""
        for _ in range(self._n_vamps):
            loop_s = SHORTEST_S * (LONGEST_S / SHORTEST_S) ** self._dice.random()
            left_s = loop_s * (self._dice.uniform(0.2, 1.0) if self._dice.random() < HURRY else 1.0)
            asked = self._ask(loop_s, left_s)
            self.asked.append(asked)
            # The next one is asked for at the first seam that comes after the take.
            n_cycles = max(0, -(-(asked.ended_s - asked.deadline_s) // loop_s))
            time.sleep(max(0.0, asked.deadline_s + n_cycles * loop_s - time.monotonic()))

    def _ask(self, loop_s: float, left_s: float) -> Asked:
        noise = np.random.default_rng(self._number).standard_normal((2, round(loop_s * RATE)), dtype=np.float32)
        preset = PRESETS[self._dice.choice(list(PRESETS))].changed(seed=self._dice.randrange(2**31))
        now_s = time.monotonic()
        asked = Asked(loop_s, now_s, now_s + left_s)
        request = VampRequest(noise * np.float32(0.1), RATE, preset, deadline_s=asked.deadline_s)
        over = threading.Event()

        def end(pending: PendingVamp) -> None:
            asked.ended_s = time.monotonic()
            try:
                asked.report = pending.result(0).report
            except VampbridgeError as error:
                asked.error = str(error)
            over.set()

        pending = self._engine.submit(request, slot=self.name, on_plan=asked.hear)
        pending.add_done_callback(end)
        over.wait()
        return asked


def keep_busy(seed: int) -> None:
    """Work and rest for random times, until it is ended or its parent is."""
    dice, parent = random.Random(seed), os.getppid()
    while os.getppid() == parent:
        end_s = time.monotonic() + dice.uniform(0, MOST_BUSY_S)
        while time.monotonic() < end_s:
            pass
        time.sleep(dice.uniform(0, MOST_REST_S))


@contextmanager
def busy(n_processes: int) -> Iterator[None]:
    """While open, so many processes work beside us."""
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=keep_busy, args=(seed,), daemon=True) for seed in range(n_processes)]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.join()


def summary(asked: list[Asked]) -> dict[str, float | int]:
    """What all vamps came to."""
    made = [one for one in asked if one.report is not None and one.report.timing is not None]
    timings = [one.report.timing for one in made if one.report is not None and one.report.timing is not None]
    late = [one for one in asked if one.plans and one.plans[-1][1].cycles_late > 0]
    first_plan_s = [one.plans[0][0] - one.asked_s for one in asked if one.plans]
    left_s = [one.promised_s - one.ended_s for one in made]
    return {
        "vamps": len(asked),
        "errors": sum(bool(one.error) for one in asked),
        "kept": sum(one.is_kept for one in asked) / max(1, len(asked)),
        "in_time": sum(one.report is not None and one.ended_s <= one.deadline_s for one in asked) / max(1, len(asked)),
        "late_in_advance": len(late),
        "broken": sum(not one.is_kept for one in asked),
        "rough": sum(timing.rough for timing in timings) / max(1, len(timings)),
        "passes_done": sum(sum(t.done) for t in timings) / max(1, sum(sum(t.asked) for t in timings)),
        "replanned": sum(timing.replans > 0 for timing in timings) / max(1, len(timings)),
        "first_plan_ms_p50": 1000 * float(np.median(first_plan_s)) if first_plan_s else 0.0,
        "left_s_min": min(left_s, default=0.0),
        "left_s_p50": float(np.median(left_s)) if left_s else 0.0,
    }


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bundle", type=Path, default=None, help="folder of a model bundle; the embedded one without")
    parser.add_argument("--vamps", type=int, default=1000, help="over all slots")
    parser.add_argument("--slots", type=int, default=4, help="loops that go round side by side")
    parser.add_argument("--busy", type=int, default=2, help="processes that keep the processor busy")
    options = parser.parse_args()
    with EngineClient(EngineOptions(bundle_path=options.bundle)) as engine, busy(options.busy):
        players = [Player(engine, n, -(-options.vamps // options.slots)) for n in range(options.slots)]
        started_s = time.monotonic()
        for player in players:
            player.start()
        for player in players:
            player.join()
        took_s = time.monotonic() - started_s
        costs = engine.info.costs.to_dict()
    asked = [one for player in players for one in player.asked]
    result = summary(asked)
    print_table("Takes at the promised seam", [{"what": name, "value": value} for name, value in result.items()])
    for one in (one for one in asked if not one.is_kept):
        plans = [
            (round(when_s - one.asked_s, 3), plan.cycles_late, round(plan.safe_s, 3)) for when_s, plan in one.plans
        ]
        print(
            f"broken: loop {one.loop_s:.2f} s, asked for within {one.deadline_s - one.asked_s:.2f} s, promised within "
            f"{one.promised_s - one.asked_s:.2f} s, there after {one.ended_s - one.asked_s:.2f} s; plans {plans} "
            f"{one.error}"
        )
    kept = float(result["kept"])
    setup = {"slots": options.slots, "busy": options.busy, "took_s": took_s}
    print_json(
        {"benchmark": "deadlines", **result, "bar": BAR, "passed": kept >= BAR, **setup, "costs": costs}
        | describe_machine()
    )


if __name__ == "__main__":
    main()
