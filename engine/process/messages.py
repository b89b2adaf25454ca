"""What crosses the pipe between client and engine process. Small plain values; audio crosses in shared memory.

Client to engine: Order, Share, Cancel, Stop. Engine to client: Ready or Failed, once; then for each Order: Began, Plan
and Progress …, and Done or Failed.

Moments are on the clock of `time.monotonic`, which Python promises to be one for the whole system (Linux, macOS and
Windows count from the start of the machine), so that they mean the same in both processes.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import errors
from ..deadlines.costs import CostModel
from ..deadlines.passes import Passes
from ..deadlines.plan import Plan, Terms
from ..errors import EngineError, VampbridgeError
from ..settings import VampSettings
from ..take import Mask, Progress, TakeReport, VampRequest
from .shared_array import ArrayPlace


@dataclass(frozen=True)
class Order:
    """Make a take.

    Attributes:
        id: Of the vamp, unique in a client.
        loop: (C, N) float32.
        drawn_mask: (rows, columns) bool, if one was drawn.
        take: Where the take goes, (V, C, N·stretch) float32.
        sample_rate: In Hz.
        settings: As in `VampRequest`.
        lineage: As in `VampRequest`.
        terms: When it is needed, if there is a deadline.
        passes: As in `VampRequest`.
        share_until_s: As in `Share`.
    """

    id: int
    loop: ArrayPlace
    drawn_mask: ArrayPlace | None
    take: ArrayPlace
    sample_rate: int
    settings: VampSettings
    lineage: tuple[str, ...]
    terms: Terms | None = None
    passes: Passes | None = None
    share_until_s: float | None = None

    def read_request(self) -> VampRequest:
        """The request as it was submitted, in memory of the engine process."""
        mask = None if self.drawn_mask is None else self.drawn_mask.read()
        deadline_s, cycle_s = (None, None) if self.terms is None else (self.terms.deadline_s, self.terms.cycle_s)
        return VampRequest(
            self.loop.read(),
            self.sample_rate,
            self.settings,
            mask,
            self.lineage,
            deadline_s=deadline_s,
            cycle_s=cycle_s,
            passes=self.passes,
        )


@dataclass(frozen=True)
class Share:
    """Others wait: a vamp with a deadline is to be done by `until_s`, unless its least takes longer. None: none do."""

    id: int
    until_s: float | None


@dataclass(frozen=True)
class Cancel:
    """Give up on a vamp at the next pass. Comes too late for one that is done: the number tells."""

    id: int


@dataclass(frozen=True)
class Stop:
    """Give up on what runs, and exit."""


@dataclass(frozen=True)
class Ready:
    """Loaded and warm. The attributes are those of `EngineInfo`."""

    bundle: str
    sample_rate: int
    hop: int
    n_codebooks: int
    device: str
    costs: CostModel


@dataclass(frozen=True)
class Began:
    """The order has been received. One that is lost before this was never seen, and can be sent again."""


@dataclass(frozen=True)
class Done:
    """The take lies in its place; the rest of it is here, and what has been learned of what vamps cost."""

    mask: Mask
    report: TakeReport
    costs: CostModel


@dataclass(frozen=True)
class Failed:
    """An error, in words; `trace` only of one that nobody foresaw."""

    code: str
    message: str
    trace: str = ""

    def as_error(self) -> VampbridgeError:
        """The error as it was raised on the other side."""
        return _ERRORS.get(self.code, EngineError)(self.message)


_ERRORS: dict[str, type[VampbridgeError]] = {
    value.code: value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, VampbridgeError)
}

ToWorker = Order | Share | Cancel | Stop
FromWorker = Ready | Began | Plan | Progress | Done | Failed
