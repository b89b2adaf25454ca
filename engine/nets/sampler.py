"""The sampling step inside the token graphs (torch side of `vampbridge.engine.sampling`, which is the reference).

Logits in, tokens and their log-probabilities out, so that nothing of vocabulary size leaves the device. The filters
need the order of 1024 scores per position, and sorting them costs ONNX Runtime more than the transformer does. But a
filter keeps whatever lies on one side of a threshold: halving an interval brackets it with comparisons and sums, and
the few scores left in the bracket are sorted.
"""

from __future__ import annotations

import torch
from torch import Tensor

HALVINGS = 16
"""Halvings before the bracket is sorted: even 1000 near-equal scores beside one likely token leave only a few in it."""
CANDIDATES = 8
"""Scores of the bracket that are sorted. Were there ever more in it, the filter would keep all of them."""
_LARGEST_SCORE = 100.0  # below exp(-100) nothing is ever drawn, and the bracket stays narrow
_LOWEST = -3.0e38  # stands for a removed logit: exp() of it is 0 and, unlike -inf, it never turns into NaN


def sample_tokens(
    logits: Tensor, uniforms: Tensor, temperature: Tensor, filters: tuple[Tensor, Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """Choose one token per row.

    Args:
        logits: (M, V) float32.
        uniforms: (M,) float32 in [0, 1).
        temperature: () float32; 0 takes the likeliest token.
        filters: typical_mass (1 = off), typical_min_tokens (as float32), top_p (1 = off), each ().

    Returns:
        Tokens (M,) int64 and log-probabilities (M,) in the filtered, renormalised distribution.
    """
    typical_mass, typical_min_tokens, top_p = filters
    # torch.cond takes operands only, no closures: hence the constants travel as tensors.
    kept = torch.cond(typical_mass < 1, _typical, _keep_all, (logits, typical_mass, typical_min_tokens))
    kept = torch.cond(top_p < 1, _nucleus, _keep_all, (kept, top_p, typical_min_tokens))
    greedy = temperature <= 0
    divisor = torch.where(greedy, torch.ones_like(temperature), temperature)
    log_p = torch.log_softmax(torch.where(kept > _LOWEST, kept / divisor, kept), dim=-1)
    cumulative = torch.exp(log_p).cumsum(-1)
    target = uniforms[:, None] * cumulative[:, -1:]
    # The first id whose cumulative probability is greater than the target; a removed token adds nothing and is passed.
    drawn = (cumulative <= target).to(cumulative.dtype).sum(-1, keepdim=True)
    last_possible = (cumulative < cumulative[:, -1:]).to(cumulative.dtype).sum(-1, keepdim=True)
    tokens = torch.where(greedy, log_p.argmax(-1, keepdim=True), torch.minimum(drawn, last_possible).to(torch.int64))
    return tokens[:, 0], log_p.gather(-1, tokens)[:, 0]


def _keep_all(logits: Tensor, _a: Tensor, _b: Tensor) -> Tensor:
    return logits + 0.0


def _typical(logits: Tensor, mass: Tensor, min_tokens: Tensor) -> Tensor:
    """Keep the tokens whose surprise is closest to the entropy (arXiv 2202.00666)."""
    log_p = torch.log_softmax(logits, dim=-1)
    p = torch.exp(log_p)
    entropy = -(p * log_p).sum(-1, keepdim=True)
    atypicality = torch.clamp((-log_p - entropy).abs(), max=_LARGEST_SCORE)
    # Markov: a share of at most E[score] / t lies above t, so at least `mass` lies below E[score] / (1 - mass); the
    # same for counts, with the plain mean. Both bounds follow the row's own scale, whatever its outliers.
    n_tokens = logits.shape[-1]
    by_mass = (p * atypicality).sum(-1, keepdim=True) / torch.clamp(1 - mass, min=1e-6)
    by_count = atypicality.mean(-1, keepdim=True) / torch.clamp(1 - min_tokens / n_tokens, min=1e-6)
    high = torch.minimum(1.001 * torch.maximum(by_mass, by_count), atypicality.amax(-1, keepdim=True))
    low = torch.full_like(high, -1e-9)
    for _ in range(HALVINGS):
        middle = (low + high) * 0.5
        # Cast and multiplied: ONNX Runtime's Where costs more than both.
        inside = (atypicality <= middle).to(p.dtype)
        enough = ((inside * p).sum(-1, keepdim=True) >= mass) & (inside.sum(-1, keepdim=True) >= min_tokens)
        high, low = torch.where(enough, middle, high), torch.where(enough, low, middle)
    scores, held, count = _candidates(atypicality, p, low)
    threshold = _first(scores, (held >= mass) & (count >= min_tokens), high)
    return logits.masked_fill(atypicality > threshold, _LOWEST)


def _nucleus(logits: Tensor, top_p: Tensor, _unused: Tensor) -> Tensor:
    """Keep the likeliest tokens, up to and with the one that passes `top_p` (arXiv 1904.09751)."""
    log_p = torch.log_softmax(logits, dim=-1)
    p = torch.exp(log_p)
    depth = torch.clamp(log_p.amax(-1, keepdim=True) - log_p, max=_LARGEST_SCORE)  # 0 for the likeliest
    by_mass = (p * depth).sum(-1, keepdim=True) / torch.clamp(1 - top_p, min=1e-6)
    high = torch.minimum(1.001 * by_mass, depth.amax(-1, keepdim=True))
    low = torch.full_like(high, -1e-9)
    for _ in range(HALVINGS):
        middle = (low + high) * 0.5
        enough = ((depth <= middle).to(p.dtype) * p).sum(-1, keepdim=True) > top_p
        high, low = torch.where(enough, middle, high), torch.where(enough, low, middle)
    scores, held, _ = _candidates(depth, p, low)
    threshold = _first(scores, held > top_p, high)
    return logits.masked_fill(depth > threshold, _LOWEST)


def _candidates(scores: Tensor, p: Tensor, low: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The lowest scores above `low` (M, 1), in order, with probability and count up to and with each: (M, c) each."""
    beyond = scores.masked_fill(scores <= low, 2 * _LARGEST_SCORE)
    lowest, index = beyond.topk(min(CANDIDATES, scores.shape[-1]), dim=-1, largest=False, sorted=True)
    below = (scores <= low).to(p.dtype)
    held = (below * p).sum(-1, keepdim=True) + p.gather(-1, index).cumsum(-1)
    count = below.sum(-1, keepdim=True) + torch.ones_like(lowest).cumsum(-1)
    return lowest, held, count


def _first(scores: Tensor, enough: Tensor, otherwise: Tensor) -> Tensor:
    """The first score that is enough, (M, 1), or `otherwise` where none is."""
    found = scores.masked_fill(~enough, 2 * _LARGEST_SCORE).amin(-1, keepdim=True)
    return torch.minimum(found, otherwise)
