"""What the tests of deadlines share: costs that can be reckoned in the head, and strategies for any others."""

from __future__ import annotations

from hypothesis import strategies as st
from vampbridge.engine.deadlines.costs import STAGES, CostModel, Curve
from vampbridge.engine.deadlines.plan import Position
from vampbridge.engine.deadlines.work import DECODE, ModelFacts, StageWork, Work

FACTS = ModelFacts(44_100, 768, 14, 4, 575, 345)


def costs_of(encode=1.0, coarse=1.0, fine=1.0, decode=1.0, row=0.0, ratios=(1.0,)) -> CostModel:
    """Seconds of each stage, of any length."""
    curves = {
        name: Curve(((1, seconds), (2, seconds)))
        for name, seconds in zip(STAGES, (encode, coarse, fine, decode), strict=True)
    }
    rows = {(name, filtered): row for name in ("coarse", "fine") for filtered in (False, True)}
    return CostModel(FACTS, curves, rows, ratios=list(ratios))


def work_of(coarse=12, fine=2, feedback=1, variations=1, windows=(1, 1), rows=0) -> Work:
    return Work(
        100,
        100,
        StageWork(windows[0], 100, rows, coarse),
        StageWork(windows[1], 100, rows, fine),
        feedback=feedback,
        variations=variations,
    )


SECONDS = st.floats(1e-4, 10)
COSTS = st.builds(
    costs_of, SECONDS, SECONDS, SECONDS, SECONDS, st.floats(0, 1e-3), st.lists(st.floats(0.1, 5), min_size=1)
)
WORKS = st.builds(
    work_of,
    st.integers(1, 64),
    st.integers(1, 64),
    st.integers(1, 6),
    st.integers(1, 4),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.integers(0, 2000),
)


@st.composite
def positions(draw, work: Work) -> Position:
    """Anywhere in a vamp."""
    round_index, stage = draw(st.integers(0, work.feedback - 1)), draw(st.integers(0, DECODE))
    if stage == DECODE:
        return Position(True, round_index, stage)
    window = draw(st.integers(0, work.stage(stage).n_windows - 1))
    n_done = draw(st.integers(0, 70))
    return Position(True, round_index, stage, window, n_done, draw(st.floats(0, 0.99)) if n_done else 0.0)
