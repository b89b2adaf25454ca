"""Stage 1: train the codec on a folder of audio. Resumable; the checkpoint is what `vampbridge.export` reads."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..nets.codec import CodecConfig, SpectralCodec
from . import CHECKPOINT
from .checkpoints import check_resumable
from .data import CropSampler, load_folder
from .loop import Run, flushed_denormals, progress_bar
from .losses import ReconstructionLoss

SAVE_EVERY_S = 180


@dataclass(frozen=True)
class CodecTraining:
    """Settings of one run.

    `bypass_steps` go round the quantiser and `fade_steps` more fade it in: without that the codebooks collapse within
    the first hundred steps.
    """

    hours: float = 2.0
    batch_size: int = 8
    crop_frames: int = 42
    peak_rate: float = 8e-4
    bypass_steps: int = 300
    fade_steps: int = 300
    commitment_weight: float = 0.25
    mel_weight: float = 1.5
    seed: int = 0
    threads: int = 2


@flushed_denormals()
def train_codec(data: Path, run_folder: Path, settings: CodecTraining, *, config: CodecConfig | None = None) -> Path:
    """Train until the planned time is over; returns the checkpoint's path.

    Raises:
        SettingError: The run folder holds a run of other sizes.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    config = config or CodecConfig()
    run = Run(run_folder, settings.hours, settings.peak_rate)
    model = SpectralCodec(config)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings.peak_rate, betas=(0.8, 0.98), weight_decay=1e-3, fused=True
    )
    if (state := run.resume()) is not None:
        check_resumable(state, config.to_dict(), run_folder)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
    rng = np.random.default_rng((settings.seed, run.step))
    clips = load_folder(data, config.sample_rate)
    sampler = CropSampler(clips, settings.crop_frames * config.hop, sample_rate=config.sample_rate, rng=rng)
    loss_function = ReconstructionLoss(config.sample_rate, settings.mel_weight)
    draw = random.Random(settings.seed + run.step)

    def checkpoint() -> None:
        run.save(model=model.state_dict(), optimiser=optimiser.state_dict(), config=config.to_dict())

    smooth: dict[str, float] = {}
    saved_at = run.fraction
    with progress_bar() as bar:
        task = bar.add_task("codec", total=1.0, status="")
        while not run.finished:
            for group in optimiser.param_groups:
                group["lr"] = run.learning_rate()
            audio = torch.from_numpy(sampler.batch(settings.batch_size))
            parts = _step(model, optimiser, loss_function, audio, _Blend(settings, run.step, draw))
            for name, value in parts.items():
                smooth[name] = value if name not in smooth else 0.98 * smooth[name] + 0.02 * value
            run.step += 1
            if run.step % 50 == 0:
                run.log(**smooth)
                bar.update(task, completed=run.fraction, status=f"step {run.step} log-mel {smooth['log_mel']:.3f}")
            if (run.fraction - saved_at) * run.hours * 3600 > SAVE_EVERY_S:
                saved_at = run.fraction
                checkpoint()
    checkpoint()
    return run_folder / CHECKPOINT


@dataclass
class _Blend:
    """How much of the quantiser this step hears, and the draws of the step."""

    settings: CodecTraining
    step: int
    draw: random.Random

    @property
    def quantised_share(self) -> float:
        return min(1.0, max(0.0, (self.step - self.settings.bypass_steps) / max(self.settings.fade_steps, 1)))

    def levels(self, batch: int, n_codebooks: int) -> Tensor:
        """Half of the items use every level, the others a random number of them."""
        drawn = [n_codebooks if self.draw.random() < 0.5 else self.draw.randint(1, n_codebooks) for _ in range(batch)]
        return torch.tensor(drawn)


def _step(
    model: SpectralCodec,
    optimiser: torch.optim.Optimizer,
    loss_function: ReconstructionLoss,
    audio: Tensor,
    blend: _Blend,
) -> dict[str, float]:
    """One optimiser step on audio (B, N); returns the parts of the loss."""
    with torch.autocast("cpu", torch.bfloat16):
        latents = model.encoder(audio[:, None])
    latents, commitment = latents.float(), audio.new_zeros(())
    if blend.step >= blend.settings.bypass_steps:
        quantised = model.quantiser(latents, blend.levels(len(audio), model.config.n_codebooks))
        share = blend.quantised_share
        latents = quantised.latents if share == 1.0 else torch.lerp(latents, quantised.latents, share)
        commitment = quantised.commitment
    with torch.autocast("cpu", torch.bfloat16):
        estimate = model.decoder(latents)[:, 0]
    loss, parts = loss_function(estimate.float(), audio, blend.draw)
    total = loss + blend.settings.commitment_weight * commitment
    optimiser.zero_grad(set_to_none=True)
    total.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    if torch.isfinite(norm):
        optimiser.step()
    return {**parts, "commitment": float(commitment.detach()), "grad_norm": float(norm)}
