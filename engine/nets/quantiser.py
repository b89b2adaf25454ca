"""Residual vector quantiser: latents to codes and back (torch side).

Each level projects what the levels before left over to a few dimensions, takes the nearest codebook entry, and
projects the entry back; the next level works on the rest. Decoding sums the projected entries, so any prefix of levels
decodes. Zeghidour et al. 2021 (arXiv 2107.03312) for the residual levels; Kumar et al. 2023 (arXiv 2306.06546) for the
low-dimensional lookup.

DIFFERS: the published codec picks the entry by cosine similarity; this one by Euclidean distance. The entry carries
gain as well as direction, and in 8 dimensions a cosine lookup cannot choose between loud and soft.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

USAGE_DECAY = 0.98
"""Of the moving averages that entries follow: half of what they know is from the last 34 batches."""
DEAD_USAGE = 0.03
"""An entry that is chosen less often than this per batch, on average, starts anew at a vector of the batch."""
NEW_USAGE = 0.2
"""What it starts with: enough for some ninety batches in which to be chosen."""


@dataclass(frozen=True)
class Quantised:
    """What one training pass through the quantiser gives."""

    latents: Tensor  # (B, T, D), straight-through gradient
    commitment: Tensor  # scalar loss
    codes: Tensor  # (B, K, T) int64


class ResidualQuantiser(nn.Module):
    """K levels of `codebook_size` entries in `codebook_dim` dimensions over latents of width `dim`."""

    def __init__(self, dim: int, n_codebooks: int, codebook_size: int, codebook_dim: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(QuantiserLevel(dim, codebook_size, codebook_dim) for _ in range(n_codebooks))

    def forward(self, latents: Tensor, keep_levels: Tensor) -> Quantised:
        """Quantise for training.

        Args:
            latents: (B, T, D) float32.
            keep_levels: (B,) how many levels each item uses, 1 … K; the rest add nothing to it (quantiser dropout),
                so that every prefix of levels learns to decode.
        """
        residual, total, losses, codes = latents, torch.zeros_like(latents), [], []
        for index, level in enumerate(self._levels):
            active = (keep_levels > index).to(latents.dtype)[:, None, None]
            quantised, loss, code = level(residual)
            residual = residual - quantised.detach()
            total = total + quantised * active
            losses.append((loss * active[:, 0, 0]).mean())
            codes.append(code)
        return Quantised(total, torch.stack(losses).mean(), torch.stack(codes, dim=1))

    def encode(self, latents: Tensor) -> Tensor:
        """Codes (B, K, T) of latents (B, T, D)."""
        residual, codes = latents, []
        for level in self._levels:
            code = level.nearest(level.project_in(residual))
            residual = residual - level.lookup(code)
            codes.append(code)
        return torch.stack(codes, dim=1)

    def decode(self, codes: Tensor) -> Tensor:
        """Latents (B, T, D) of codes (B, k, T), k ≤ K."""
        total = self._levels[0].lookup(codes[:, 0])
        for index in range(1, codes.shape[1]):
            total = total + self._levels[index].lookup(codes[:, index])
        return total

    @property
    def _levels(self) -> list[QuantiserLevel]:
        """The levels under their own type, which a ModuleList forgets."""
        return [level for level in self.levels if isinstance(level, QuantiserLevel)]

    @property
    def codebooks(self) -> Tensor:
        """All entries, (K, V, codebook_dim)."""
        return torch.stack([level.codebook for level in self._levels])


class QuantiserLevel(nn.Module):
    """One level; the codebook follows its vectors by moving averages, entries that fall out of use start anew."""

    codebook: Tensor
    usage: Tensor
    sums: Tensor
    ready: Tensor

    def __init__(self, dim: int, codebook_size: int, codebook_dim: int) -> None:
        super().__init__()
        self.project_in = nn.Linear(dim, codebook_dim)
        self.project_out = nn.Linear(codebook_dim, dim)
        self.register_buffer("codebook", torch.randn(codebook_size, codebook_dim) * 0.1)
        self.register_buffer("usage", torch.ones(codebook_size))
        self.register_buffer("sums", self.codebook.clone())
        self.register_buffer("ready", torch.zeros((), dtype=torch.bool))

    def nearest(self, vectors: Tensor) -> Tensor:
        """Index of the nearest entry: (…, d) → (…) int64. |v - e|² without |v|², which is the same for every entry."""
        distance = self.codebook.square().sum(dim=1) - 2 * vectors @ self.codebook.T
        return distance.argmin(dim=-1)

    def lookup(self, code: Tensor) -> Tensor:
        """Entries projected back to the latent width: (…) int64 → (…, D)."""
        return self.project_out(F.embedding(code, self.codebook))

    def forward(self, residual: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        vectors = self.project_in(residual)
        if self.training:
            self._start_from(vectors.detach())
        code = self.nearest(vectors.detach())
        entries = F.embedding(code, self.codebook)
        if self.training:
            self._follow(vectors.detach(), code)
        loss = (vectors - entries).square().mean(dim=(1, 2))  # (B,)
        straight_through = vectors + (entries - vectors).detach()
        return self.project_out(straight_through), loss, code

    @torch.no_grad()
    def _start_from(self, vectors: Tensor) -> None:
        if bool(self.ready):
            return
        flat = vectors.reshape(-1, vectors.shape[-1])
        picks = flat[torch.randint(len(flat), (len(self.codebook),))]
        self.codebook.copy_(picks + 0.01 * flat.std() * torch.randn_like(picks))
        self.sums.copy_(self.codebook)
        self.ready.fill_(1)

    @torch.no_grad()
    def _follow(self, vectors: Tensor, code: Tensor) -> None:
        flat, index = vectors.reshape(-1, vectors.shape[-1]), code.reshape(-1)
        counts = torch.bincount(index, minlength=len(self.codebook)).to(flat.dtype)
        self.usage.mul_(USAGE_DECAY).add_(counts, alpha=1 - USAGE_DECAY)
        self.sums.mul_(USAGE_DECAY).index_add_(0, index, flat, alpha=1 - USAGE_DECAY)
        self.codebook.copy_(self.sums / self.usage.clamp_min(1e-5)[:, None])
        dead = (self.usage < DEAD_USAGE).nonzero()[:, 0]
        if len(dead):
            picks = flat[torch.randint(len(flat), (len(dead),))]
            self.codebook[dead] = picks
            self.sums[dead] = picks * NEW_USAGE
            self.usage[dead] = NEW_USAGE
