"""What the tests of the engine process share: requests, a vamp that stays, and what to compare."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
from fake_vamper import N_PASSES
from vampbridge.engine.process import EngineClient
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest

WAIT_S = 20.0  # never reached unless something is broken; nothing here measures time
SHM = Path("/dev/shm")  # noqa: S108 - where shared memory is seen on Linux


def segments(pid: int | None = None) -> list[str]:
    """Shared memory that a process owns at the moment, this one by default."""
    return [path.name for path in SHM.glob(f"vampb{pid or os.getpid()}-*")] if SHM.is_dir() else []


def loop(n_channels: int = 2, n_samples: int = 500, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n_channels, n_samples)).astype(np.float32)


def request(*words: str, seed: int = 1, **changes) -> VampRequest:
    return VampRequest(loop(seed=seed), 44_100, VampSettings(seed=seed, **changes), lineage=words)


def hold(engine: EngineClient, word: str = "hold", slot: str = "held"):
    """A vamp that runs until it is released or cancelled; returns when it does run."""
    runs = threading.Event()
    held = engine.submit(
        request(word), slot=slot, on_progress=lambda p: runs.set() if p.fraction >= 2 / N_PASSES else None
    )
    assert runs.wait(WAIT_S)
    return held


def assert_same_take(take, wanted, *, lineage=None) -> None:
    assert take.audio.dtype == np.float32
    assert take.audio.shape == wanted.audio.shape
    assert take.audio.tobytes() == wanted.audio.tobytes()
    assert np.array_equal(take.mask, wanted.mask)
    assert take.sample_rate == wanted.sample_rate
    assert take.report.settings == wanted.report.settings
    assert take.report.seed == wanted.report.seed
    assert take.report.lineage == (wanted.report.lineage if lineage is None else lineage)
