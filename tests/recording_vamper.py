"""A vamper without models, for tests of what stands round one: notes every request, answers by playing backwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
from vampbridge.engine.audio import check_audio
from vampbridge.engine.errors import AudioError
from vampbridge.engine.take import STAGES, Progress, Take, TakeReport, VampRequest

N_CODEBOOKS = 14
RATE = 44_100
FRAME_SAMPLES = 768


@dataclass
class RecordingVamper:
    """Same interface and same refusals as the real one; the take depends on audio and seed only."""

    requests: list[VampRequest] = field(default_factory=list)
    bundle: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(manifest=SimpleNamespace(sample_rate=RATE, hop=FRAME_SAMPLES))
    )

    def vamp(self, request, *, on_progress=None, is_cancelled=None):
        self.requests.append(request)
        check_audio(request.audio, request.sample_rate)
        if request.audio.shape[1] < 0.1 * request.sample_rate:
            raise AudioError("audio must be at least 0.1 s long")
        if not request.audio.any():
            raise AudioError("audio is silent: there is nothing to vary")
        settings = request.settings
        seed = 12345 if settings.seed is None else settings.seed
        for index, stage in enumerate(STAGES):
            if on_progress is not None:
                on_progress(Progress(stage, (index + 1) / len(STAGES)))
        gains = np.random.default_rng(seed).uniform(0.5, 0.9, settings.variations).astype(np.float32)
        backwards = np.repeat(request.audio[:, ::-1], settings.stretch, axis=1)
        n_frames = -(-backwards.shape[1] // FRAME_SAMPLES)
        mask = np.arange(N_CODEBOOKS * n_frames).reshape(N_CODEBOOKS, n_frames) % 7 != 0
        report = TakeReport(
            take_id="0123456789ab",
            seed=seed,
            settings=settings.changed(seed=seed),
            bundle="recording",
            bundle_sha256="0" * 64,
            lineage=request.lineage,
            n_frames=n_frames,
            share_regenerated=float(mask.mean()),
            stage_s=dict.fromkeys(STAGES, 0.0),
            warnings=("this is a test.",),
        )
        return Take(gains[:, None, None] * backwards[None], request.sample_rate, mask, report)
