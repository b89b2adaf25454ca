"""A vamper without a model: same interface, same arithmetic every time, and on request it does what can go wrong.

What it does is written in a request's `lineage`, the one field that crosses to the engine process unread:

    ("hold",)       stay between two passes until `release` exists in the bundle's folder, or until cancelled
    ("deaf",)       as "hold", but never look whether it is cancelled
    ("kill",)       die of SIGKILL
    ("exit",)       leave with os._exit(3)
    ("bug",)        raise ZeroDivisionError
    ("shape",)      return a take of the wrong length
    ("imports",)    name the heavy modules that are loaded, in the report's warnings
    ("CODE",)       raise the VampbridgeError of that code
    ("rough",)      the first time, say that a few passes only were made; promise what was asked for, or later if "late"
    ("share",)      name until when it may go on, in the report's warnings
    ("nice",)       name the priority of the process, likewise

With a file `costs` in the bundle's folder a second is what everything costs.

The bundle is any folder, or None. A file `deadly` in it kills the process while it loads, with `stuck` it never loads.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from vampbridge.engine import errors
from vampbridge.engine.deadlines.costs import STAGES, CostModel, Curve
from vampbridge.engine.deadlines.pacer import Hearers
from vampbridge.engine.deadlines.plan import Plan, Timing
from vampbridge.engine.deadlines.work import ModelFacts
from vampbridge.engine.errors import BundleError, CancelledError, VampbridgeError
from vampbridge.engine.take import IsCancelled, OnProgress, Progress, Take, TakeReport, VampRequest

FACTORY = "fake_vamper:make_fake"
N_PASSES = 4
HEAVY = ("torch", "onnxruntime", "soxr", "pedalboard", "sounddevice", "vampbridge.bridge")
ERRORS = {c.code: c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, VampbridgeError)}


FAKE_COSTS = CostModel(
    ModelFacts(44_100, 768, 14, 4, 575, 173),
    {name: Curve(((1, 1.0), (2, 1.0))) for name in STAGES},
    {(name, filtered): 0.0 for name in ("coarse", "fine") for filtered in (False, True)},
)


@dataclass(frozen=True)
class FakeManifest:
    name: str = "fake"
    sample_rate: int = 44_100
    hop: int = 768
    n_codebooks: int = 14


@dataclass(frozen=True)
class FakeBundle:
    manifest: FakeManifest = FakeManifest()


def make_fake(bundle_path: Path | None, threads: int, device: str) -> FakeVamper:
    if bundle_path is not None:
        if not bundle_path.is_dir():
            raise BundleError(f"there is no bundle at {bundle_path}")
        if (bundle_path / "deadly").exists():
            os._exit(7)
        while (bundle_path / "stuck").exists():
            time.sleep(0.01)
    return FakeVamper(bundle_path)


def make_oversized(bundle_path: Path | None, threads: int, device: str) -> FakeVamper:
    raise MemoryError("no room for the graphs")


class FakeVamper:
    def __init__(self, folder: Path | None = None) -> None:
        self.bundle = FakeBundle()
        self.device = "cpu"
        self.costs = FAKE_COSTS if folder is not None and (folder / "costs").exists() else CostModel()
        self._n_rough = 0
        self._folder = folder
        self._warm_up_s = 0.0

    def warm_up(self, loop_s: float = 4.0, *, costs: CostModel | None = None) -> None:
        self._warm_up_s = loop_s if costs is None else 0.0
        self.costs = costs or self.costs

    def vamp(
        self,
        request: VampRequest,
        *,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        hearers: Hearers | None = None,
    ) -> Take:
        hearers = hearers or Hearers()
        plan = self._plan(request, hearers)
        for number in range(N_PASSES):
            if is_cancelled is not None and is_cancelled():
                raise CancelledError("cancelled")
            if on_progress is not None:
                on_progress(Progress("coarse", (number + 1) / N_PASSES))
            if number == 1:
                self._act(request.lineage, is_cancelled)
        warnings = [f"warmed up for {self._warm_up_s:g} s", *_imports(request.lineage)]
        if "share" in request.lineage:
            warnings.append(f"until {hearers.share_until()}")
        if "nice" in request.lineage:
            warnings.append(f"nice {os.nice(0)}")
        take = fake_take(request, warnings=tuple(warnings))
        if plan is None:
            return take
        timing = Timing(plan, (12, 2), (4, 1), 0.1, 0.2, plan.cycles_late, 1, rough=self._is_rough(request))
        return replace(take, report=replace(take.report, timing=timing))

    def _plan(self, request: VampRequest, hearers: Hearers) -> Plan | None:
        if request.deadline_s is None:
            return None
        late = 1 if "late" in request.lineage else 0
        due_s = request.deadline_s + late * (request.cycle_s or 0.0)
        plan = Plan(12, 2, 1, 0.1, 0.1, due_s, due_s - time.monotonic(), late)
        hearers.on_plan(plan)
        return plan

    def _is_rough(self, request: VampRequest) -> bool:
        self._n_rough += "rough" in request.lineage
        return "rough" in request.lineage and self._n_rough == 1

    def _act(self, lineage: tuple[str, ...], is_cancelled: IsCancelled | None) -> None:
        for word in lineage:
            if word in ("hold", "deaf"):
                self._hold(is_cancelled if word == "hold" else None)
            elif word == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif word == "exit":
                os._exit(3)
            elif word == "bug":
                _ = 1 / len(word[3:])
            elif word in ERRORS:
                raise ERRORS[word](f"the {word} you asked for: 7 is not in [0, 5]")

    def _hold(self, is_cancelled: IsCancelled | None) -> None:
        assert self._folder is not None
        while not (self._folder / "release").exists() and not (is_cancelled is not None and is_cancelled()):
            time.sleep(0.002)


def fake_take(request: VampRequest, *, warnings: tuple[str, ...] = ()) -> Take:
    """The loop backwards, in gains that depend on everything that can be asked for."""
    settings, seed = request.settings, request.settings.seed or 0
    gains = np.random.default_rng(seed).random(settings.variations, dtype=np.float32) * np.float32(settings.temperature)
    loop = np.repeat(request.audio[:, ::-1], settings.stretch, axis=1)  # (C, N·stretch)
    audio = gains[:, None, None] * loop  # (V, C, N·stretch)
    if "shape" in request.lineage:
        audio = audio[:, :, 1:]
    mask = np.ones((14, 5), dtype=np.bool_) if request.drawn_mask is None else request.drawn_mask
    report = TakeReport(
        take_id=f"{seed:012x}"[-12:],
        seed=seed,
        settings=settings,
        bundle="fake",
        bundle_sha256="0" * 64,
        lineage=request.lineage,
        n_frames=mask.shape[1],
        share_regenerated=float(np.count_nonzero(mask)) / max(1, mask.size),
        warnings=warnings,
    )
    return Take(audio, request.sample_rate, mask, report)


def _imports(lineage: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in HEAVY if name in sys.modules) if "imports" in lineage else ()
