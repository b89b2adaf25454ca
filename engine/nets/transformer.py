"""The token transformer of VampNet, coarse or fine, at any size (torch side). Token ids in, logits out; no audio here.

Garcia et al. 2023 (arXiv 2307.04686): pre-norm layers with RMSNorm, self-attention without bias terms, one T5 position
bias shared by all layers, gated-GELU feed-forward, a linear classifier per predicted codebook. Bidirectional, no
padding mask. The position bias comes in from outside because it depends on the length and on ring or line alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of a `TokenTransformer`. It reads `n_codebooks` and predicts those from `n_conditioning` on."""

    n_codebooks: int = 4
    n_conditioning: int = 0
    vocabulary: int = 1024
    latent_dim: int = 8
    width: int = 256
    n_heads: int = 8
    n_layers: int = 8
    n_buckets: int = 32

    @property
    def n_predicted(self) -> int:
        """Codebooks predicted, P."""
        return self.n_codebooks - self.n_conditioning

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for checkpoints and manifests."""
        return asdict(self)


class RMSNorm(nn.Module):
    """x / rms(x) · scale, eps 1e-6 (arXiv 1910.07467)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        x32 = x.float()
        return (x32 * torch.rsqrt(x32.square().mean(-1, keepdim=True) + 1e-6)).to(x.dtype) * self.weight


class Layer(nn.Module):
    """One pre-norm layer: (B, T, D) → (B, T, D)."""

    def __init__(self, width: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.norm_attention = RMSNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.norm_feed = RMSNorm(width)
        self.feed_in = nn.Linear(width, 4 * width, bias=False)
        self.feed_out = nn.Linear(2 * width, width, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm_attention(x), bias))
        value, gate = self.feed_in(self.norm_feed(x)).chunk(2, dim=-1)
        return x + self.dropout(self.feed_out(value * F.gelu(gate, approximate="tanh")))

    def attention(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, frames, width = x.shape
        parts = self.query_key_value(x).reshape(batch, frames, 3, self.n_heads, width // self.n_heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (B, H, T, d)
        if torch.onnx.is_in_onnx_export():
            scores = query @ key.transpose(-1, -2) * (width // self.n_heads) ** -0.5 + bias
            mixed = torch.softmax(scores, dim=-1) @ value
        else:
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        return self.attention_out(mixed.transpose(1, 2).reshape(batch, frames, width))


def local_heads(n_buckets: int, n_heads: int) -> Tensor:
    """Position bias to start from, (buckets, H): most heads look at one near frame each, the last two everywhere.

    The bias is one learned table for all layers and grows slowly from zero; a network that starts blind to order takes
    thousands of steps to find that a frame resembles its neighbours. Buckets 1 … are earlier frames, n/2 + 1 … later
    ones (`position_bias.bucket`).
    """
    bias = torch.randn(n_buckets, n_heads) * 0.02
    later = n_buckets // 2
    for head, bucket in zip(range(n_heads - 2), (1, later + 1, 2, later + 2, 3, later + 3), strict=False):
        bias[bucket, head] += 5.0
    return bias


class CodebookGeometry(nn.Module):
    """A second path to the logits, through where the entries of a codebook lie: for training only.

    A plain classifier learns each of the 1024 rows of a codebook from that token's own occurrences. This one predicts,
    per codebook, the parameters of a Gaussian over the entries (their coordinates and squared coordinates are its
    sufficient statistics), which all tokens share, so that near entries become likely together from the first hundred
    steps on. It is linear in the hidden state: `folded` adds it to the plain classifier, and the published architecture
    is what remains.
    """

    features: Tensor

    def __init__(self, width: int, codebooks: Tensor) -> None:
        """`codebooks` (P, V, latent_dim): the entries of the predicted codebooks."""
        super().__init__()
        scaled = codebooks / codebooks.std(dim=(1, 2), keepdim=True).clamp_min(1e-6)
        features = torch.cat((scaled, scaled.square() - scaled.square().mean(dim=1, keepdim=True)), dim=-1)
        self.register_buffer("features", features)  # (P, V, F)
        self.head = nn.Linear(width, features.shape[0] * features.shape[2])
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor, index: int) -> Tensor:
        """Hidden states (…, D) → logits (…, V) of predicted codebook `index`."""
        n_features = self.features.shape[2]
        rows = slice(index * n_features, (index + 1) * n_features)
        parameters = F.linear(x, self.head.weight[rows], self.head.bias[rows])
        return F.linear(parameters, self.features[index])


def folded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """State of a trained model with its `CodebookGeometry` added to the plain classifier, and gone."""
    plain = {name: value for name, value in state.items() if not name.startswith("geometry.")}
    if "geometry.features" in state:
        features = state["geometry.features"]  # (P, V, F)
        for name in ("weight", "bias"):
            head = state[f"geometry.head.{name}"].reshape(features.shape[0], features.shape[2], -1)  # (P, F, D or 1)
            plain[f"classifier.{name}"] = state[f"classifier.{name}"] + (features @ head).reshape_as(
                state[f"classifier.{name}"]
            )
    return plain


class TokenTransformer(nn.Module):
    """Codes (B, K, T) int64 with the mask token = `vocabulary` → logits (B, T·P, V); flat position t·P + p."""

    def __init__(self, config: TransformerConfig, codebooks: Tensor | None = None, dropout: float = 0.0) -> None:
        """For training, `codebooks` (≥ K, V, latent_dim): the codec's entries, where embedding and logits start."""
        super().__init__()
        self.config = config
        tables = torch.randn(config.n_codebooks, config.vocabulary + 1, config.latent_dim)
        if codebooks is not None:
            known = codebooks[: config.n_codebooks]
            tables[:, :-1] = known / known.std(dim=(1, 2), keepdim=True).clamp_min(1e-6)
            # A masked token starts as the mean of all: to the linear parts of the network it says nothing.
            tables[:, -1] = 0.0
        # One table for all codebooks, rows codebook-major; the last row of each codebook is its mask token.
        self.embedding = nn.Parameter(tables.reshape(-1, config.latent_dim))
        self.embedding_out = nn.Linear(config.n_codebooks * config.latent_dim, config.width)
        self.relative_attention_bias = nn.Parameter(local_heads(config.n_buckets, config.n_heads))
        self.layers = nn.ModuleList(Layer(config.width, config.n_heads, dropout) for _ in range(config.n_layers))
        self.norm_out = RMSNorm(config.width)
        self.classifier = nn.Linear(config.width, config.n_predicted * config.vocabulary)
        self.geometry: CodebookGeometry | None = None
        if codebooks is not None:
            nn.init.normal_(self.classifier.weight, std=0.002)
            self.geometry = CodebookGeometry(config.width, codebooks[config.n_conditioning : config.n_codebooks])

    def hidden(self, codes: Tensor, position_bias: Tensor) -> Tensor:
        """Codes (B, K, T) → normalised hidden states (B, T, D)."""
        config = self.config
        batch, n_codebooks, frames = codes.shape
        offsets = torch.arange(config.n_codebooks, device=codes.device)[None, :, None] * (config.vocabulary + 1)
        rows = F.embedding(codes + offsets, self.embedding)  # (B, K, T, latent)
        x = self.embedding_out(rows.permute(0, 2, 1, 3).reshape(batch, frames, n_codebooks * config.latent_dim))
        for layer in self.layers:
            x = layer(x, position_bias)
        return self.norm_out(x)

    def forward(self, codes: Tensor, position_bias: Tensor) -> Tensor:
        config = self.config
        x = self.hidden(codes, position_bias)
        logits = self.classifier(x)  # (B, T, P·V)
        if self.geometry is not None:
            every = [self.geometry(x, index) for index in range(config.n_predicted)]
            logits = logits + torch.cat(every, dim=-1)
        return logits.reshape(x.shape[0], -1, config.vocabulary)

    def logits_of(self, hidden: Tensor, index: int) -> Tensor:
        """Logits (M, V) of predicted codebook `index` alone, for some hidden states (M, D); for training."""
        rows = slice(index * self.config.vocabulary, (index + 1) * self.config.vocabulary)
        logits = F.linear(hidden, self.classifier.weight[rows], self.classifier.bias[rows])
        return logits if self.geometry is None else logits + self.geometry(hidden, index)

    def bias(self, buckets: Tensor) -> Tensor:
        """Position bias (1, H, T, T) for bucket numbers (T, T), with gradient; for training."""
        return self.relative_attention_bias[buckets].permute(2, 0, 1)[None]
