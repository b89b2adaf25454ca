"""Stages 3 and 4: train the coarse or the fine transformer on tokens. Resumable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ..errors import AudioError
from ..nets.transformer import TokenTransformer, TransformerConfig
from ..position_bias import bucket, relative_distance
from . import CHECKPOINT
from .checkpoints import check_resumable
from .loop import Run, flushed_denormals, progress_bar
from .tokens import TokenClip, load_tokens

SAVE_EVERY_S = 180


@dataclass(frozen=True)
class TokenTraining:
    """Settings of one run. Half of the batches see their crop as a ring, half as a line."""

    hours: float = 0.6
    batch_size: int = 16
    crop_frames: int = 128
    peak_rate: float = 3e-3
    weight_decay: float = 0.03
    dropout: float = 0.0
    seed: int = 0
    threads: int = 2


@flushed_denormals()
def train_tokens(
    tokens: Path, run_folder: Path, settings: TokenTraining, config: TransformerConfig, codebooks: Tensor
) -> Path:
    """Train until the planned time is over; returns the checkpoint's path.

    Args:
        tokens: What `tokenise_folder` wrote.
        run_folder: Holds `last.pt` and `log.jsonl`; an earlier run in it is resumed.
        settings: Time, batch and rates.
        config: Sizes; `n_conditioning` 0 makes a coarse model, more a fine one.
        codebooks: (≥ K, V, latent_dim) the codec's entries.

    Raises:
        AudioError: The tokens cannot be read, come from another codec, or leave nothing to train on.
        SettingError: The run folder holds a run of other sizes.
    """
    clips = load_tokens(tokens)
    _check_tokens(clips, config, tokens)
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    run = Run(run_folder, settings.hours, settings.peak_rate)
    model = TokenTransformer(config, codebooks, dropout=settings.dropout)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings.peak_rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay, fused=True
    )
    if (state := run.resume()) is not None:
        check_resumable(state, config.to_dict(), run_folder)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
    rng = np.random.default_rng((settings.seed, run.step))
    crops = TokenCrops([clip for clip in clips if not clip.held_out], config, rng)
    held = [clip for clip in clips if clip.held_out]

    def checkpoint() -> None:
        run.save(model=model.state_dict(), optimiser=optimiser.state_dict(), config=config.to_dict())

    smooth, saved_at = math.nan, run.fraction
    with progress_bar() as bar:
        task = bar.add_task("coarse" if config.n_conditioning == 0 else "fine", total=1.0, status="")
        while not run.finished:
            for group in optimiser.param_groups:
                group["lr"] = run.learning_rate()
            loss = _step(model, optimiser, crops, settings)
            smooth = loss if math.isnan(smooth) else 0.98 * smooth + 0.02 * loss
            run.step += 1
            if run.step % 50 == 0:
                bar.update(task, completed=run.fraction, status=f"step {run.step} cross-entropy {smooth:.3f}")
                run.log(cross_entropy=smooth)
            if (run.fraction - saved_at) * run.hours * 3600 > SAVE_EVERY_S:
                saved_at = run.fraction
                checkpoint()
                if held:
                    run.log(**evaluate(model, held, settings.crop_frames))
    if not math.isnan(smooth):
        run.log(cross_entropy=smooth)
    checkpoint()
    return run_folder / CHECKPOINT


def _check_tokens(clips: list[TokenClip], config: TransformerConfig, path: Path) -> None:
    for clip in clips:
        n_codebooks, low, high = len(clip.codes), int(clip.codes.min()), int(clip.codes.max())
        if n_codebooks < config.n_codebooks or low < 0 or high >= config.vocabulary:
            raise AudioError(
                f"{path} comes from another codec: it has {n_codebooks} codebooks and tokens in [{low}, {high}], "
                f"{config.n_codebooks} of {config.vocabulary} are needed; write it again with `vampbridge train tokens`"
            )
    if all(clip.held_out for clip in clips):
        raise AudioError(
            f"{path} leaves nothing to train on: every file in it is held out for validation; "
            "add more files to the folder and write it again with `vampbridge train tokens`"
        )


def _step(
    model: TokenTransformer, optimiser: torch.optim.Optimizer, crops: TokenCrops, settings: TokenTraining
) -> float:
    codes = crops.batch(settings.batch_size, settings.crop_frames)  # (B, K, T)
    mask = crops.masks(codes.shape)
    ring = bool(crops.rng.random() < 0.5)
    with torch.autocast("cpu", torch.bfloat16):
        loss = masked_cross_entropy(model, torch.from_numpy(codes), torch.from_numpy(mask), ring=ring)[0]
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def masked_cross_entropy(model: TokenTransformer, codes: Tensor, mask: Tensor, *, ring: bool) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy in nats and accuracy over the masked tokens; codes and mask (B, K, T), True = masked."""
    config = model.config
    buckets = torch.from_numpy(bucket(relative_distance(codes.shape[-1], ring=ring)))
    hidden = model.hidden(codes.masked_fill(mask, config.vocabulary), model.bias(buckets))  # (B, T, D)
    loss, hits, n_asked = hidden.new_zeros(()), hidden.new_zeros(()), 0
    for index in range(config.n_predicted):
        # Logits of masked tokens alone: all of them would cost more than the network.
        asked = mask[:, config.n_conditioning + index]  # (B, T)
        wanted = codes[:, config.n_conditioning + index][asked]
        logits = model.logits_of(hidden[asked], index).float()
        loss = loss + F.cross_entropy(logits, wanted, reduction="sum")
        hits = hits + (logits.detach().argmax(-1) == wanted).sum()
        n_asked += len(wanted)
    return loss / n_asked, hits / n_asked


@torch.inference_mode()
def evaluate(model: TokenTransformer, clips: list[TokenClip], crop_frames: int) -> dict[str, float]:
    """Held-out cross-entropy and accuracy at four mask ratios, always on the same crops and masks."""
    model.eval()
    crops = TokenCrops(clips, model.config, np.random.default_rng(1234))
    results: dict[str, float] = {}
    for ratio in (0.2, 0.5, 0.8, 1.0):
        codes = crops.batch(16, crop_frames)
        mask = crops.rng.random(codes.shape) < ratio
        mask[:, : model.config.n_conditioning] = False
        with torch.autocast("cpu", torch.bfloat16):
            loss, accuracy = masked_cross_entropy(model, torch.from_numpy(codes), torch.from_numpy(mask), ring=False)
        results[f"held_out_ce_{ratio}"], results[f"held_out_accuracy_{ratio}"] = float(loss), float(accuracy)
    model.train()
    return results


class TokenCrops:
    """Draws crops of tokens, starting anywhere on a loop, and the masks to train on."""

    def __init__(self, clips: list[TokenClip], config: TransformerConfig, rng: np.random.Generator) -> None:
        self.clips, self.config, self.rng = clips, config, rng
        weights = np.array([clip.codes.shape[1] + 30 for clip in clips], dtype=np.float64)
        self._cumulative = np.cumsum(weights / weights.sum())

    def batch(self, size: int, frames: int) -> NDArray[np.int64]:
        """(size, K, frames) int64."""
        return np.stack([self._crop(frames) for _ in range(size)])

    def _crop(self, frames: int) -> NDArray[np.int64]:
        clip = self.clips[int(np.searchsorted(self._cumulative, self.rng.random()))]
        codes = clip.codes[: self.config.n_codebooks].astype(np.int64)
        length = codes.shape[1]
        if clip.ring or length < frames:
            # A circular shift; a one-shot shorter than the crop repeats, like a pattern.
            start = int(self.rng.integers(length))
            return codes[:, (start + np.arange(frames)) % length]
        start = int(self.rng.integers(length - frames + 1))
        return codes[:, start : start + frames]

    def masks(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Masks to train on, (B, K, T) bool, at least one True each.

        Mostly the variable schedule of the paper, cos(π/2·r) of the tokens with r uniform; the rest in the shapes that
        prompts have: whole frames, upper codebooks, both.
        """
        batch, n_codebooks, frames = shape
        first = self.config.n_conditioning
        mask = np.zeros(shape, dtype=np.bool_)
        for item in range(batch):
            ratio = math.cos(math.pi / 2 * self.rng.random())
            kind = self.rng.random()
            drawn = self.rng.random((n_codebooks, frames)) < ratio
            if kind < 0.25:
                drawn[:] = self.rng.random(frames) < ratio
            elif kind < 0.4:
                drawn[int(self.rng.integers(first, n_codebooks)) :] = True
            elif kind < 0.6:
                drawn[:] = np.arange(frames) % int(self.rng.integers(2, 24)) != 0
                drawn[int(self.rng.integers(first + 1, n_codebooks + 1)) :] = True
            mask[item, first:] = drawn[first:]
            if not mask[item].any():
                mask[item, first, int(self.rng.integers(frames))] = True
        return mask
