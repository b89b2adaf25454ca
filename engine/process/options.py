"""What an engine process is started with, and what it says of itself. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..deadlines.costs import CostModel
from ..devices import DEFAULT_DEVICE, check_device
from ..errors import SettingError
from ..settings import Range

MAX_WARM_UP_S = 60.0
NICE = Range(int, 0, 19, "", "By how much the engine stands back behind everything else that runs; audio goes first.")


@dataclass(frozen=True)
class EngineOptions:
    """How the engine process is started and how many vamps may wait for it.

    Attributes:
        bundle_path: Folder or .zip of a model bundle; None is the embedded default.
        threads: Threads for each operation, 0 = the runtime chooses.
        device: Where the graphs run, one of `devices.DEVICES`.
        max_waiting: So many vamps may wait behind the running one, at least 1; more are refused.
        warm_up_s: Before the engine says it is ready, it measures what vamps cost, of loops of an eighth of this
            length, half of it and twice as long; 0 = not before the first deadline, else 0.1 … 60 s.
        costs: What vamps cost on this machine, if it is known: then nothing is measured. A restart takes them over.
        start_timeout_s: Loading and warming up may take so long, s; a GPU tries every convolution first.
        nice: By how much the priority of the process is lowered, 0 … 19, so that audio goes first; Windows has fewer
            steps.
        factory: `module:function` that makes the vamper in the engine process, called with (bundle_path, threads,
            device).

    Raises:
        SettingError: A value out of range; names the range and the value.
    """

    bundle_path: Path | None = None
    threads: int = 0
    device: str = DEFAULT_DEVICE
    max_waiting: int = 16
    warm_up_s: float = 4.0
    costs: CostModel | None = None
    start_timeout_s: float = 300.0
    nice: int = 5
    factory: str = "vampbridge.engine.process.factory:make_vamper"

    def __post_init__(self) -> None:
        check_device(self.device)
        if self.threads < 0:
            raise SettingError(f"threads must be at least 0, got {self.threads}")
        if self.max_waiting < 1:
            raise SettingError(f"max_waiting must be at least 1, got {self.max_waiting}")
        if self.warm_up_s != 0 and not 0.1 <= self.warm_up_s <= MAX_WARM_UP_S:
            raise SettingError(f"warm_up_s must be 0 or in [0.1, {MAX_WARM_UP_S:g}] s, got {self.warm_up_s!r}")
        if not self.start_timeout_s > 0:
            raise SettingError(f"start_timeout_s must be above 0 s, got {self.start_timeout_s!r}")
        object.__setattr__(self, "nice", NICE.check("nice", self.nice))
        if not all(self.factory.partition(":")):
            raise SettingError(f"factory must be 'module:function', got {self.factory!r}")


@dataclass(frozen=True)
class EngineInfo:
    """What the engine is at this moment.

    Attributes:
        bundle: Name of the bundle; empty before the first start.
        sample_rate: Of the bundle's codec, Hz.
        hop: Samples per token frame.
        n_codebooks: Levels of the codec.
        pid: Of the engine process; 0 while there is none that is ready.
        device: Where its graphs run, `cpu` or `cuda`; empty before the first start.
        restarts: How often it died and was started again.
        ready: Whether a vamp that is submitted now can begin.
    """

    bundle: str = ""
    sample_rate: int = 0
    hop: int = 0
    n_codebooks: int = 0
    pid: int = 0
    restarts: int = 0
    ready: bool = False
    device: str = ""
    costs: CostModel = field(default_factory=CostModel)
