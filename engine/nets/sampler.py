"""The sampling step inside the token graphs (torch side of `vampbridge.engine.sampling`, which is the reference).

Logits in, tokens and their log-probabilities out, so that nothing of vocabulary size leaves the device. The filters
need the order of 1024 scores per position, and sorting them costs ONNX Runtime more than the transformer does. But a
filter keeps whatever lies on one side of a threshold, and the threshold can be found by halving an interval: each
halving is a comparison and a sum, and after `HALVINGS` of them the interval is one float32 wide.
"""

from __future__ import annotations

import torch
from torch import Tensor

HALVINGS = 30
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
    drawn = (cumulative <= target).to(torch.int64).sum(-1, keepdim=True)
    last_possible = (cumulative < cumulative[:, -1:]).to(torch.int64).sum(-1, keepdim=True)
    tokens = torch.where(greedy, log_p.argmax(-1, keepdim=True), torch.minimum(drawn, last_possible))
    return tokens[:, 0], log_p.gather(-1, tokens)[:, 0]


def _keep_all(logits: Tensor, _a: Tensor, _b: Tensor) -> Tensor:
    return logits + 0.0


def _typical(logits: Tensor, mass: Tensor, min_tokens: Tensor) -> Tensor:
    """Keep the tokens whose surprise is closest to the entropy (arXiv 2202.00666)."""
    log_p = torch.log_softmax(logits, dim=-1)
    p = torch.exp(log_p)
    entropy = -(p * log_p).sum(-1, keepdim=True)
    atypicality = (-log_p - entropy).abs()
    low, high = torch.zeros_like(entropy), atypicality.amax(-1, keepdim=True)
    for _ in range(HALVINGS):
        middle = (low + high) * 0.5
        inside = atypicality <= middle
        held = torch.where(inside, p, torch.zeros_like(p)).sum(-1, keepdim=True)
        count = inside.to(p.dtype).sum(-1, keepdim=True)
        enough = (held >= mass) & (count >= min_tokens)
        high, low = torch.where(enough, middle, high), torch.where(enough, low, middle)
    return torch.where(atypicality <= high, logits, torch.full_like(logits, _LOWEST))


def _nucleus(logits: Tensor, top_p: Tensor, _unused: Tensor) -> Tensor:
    """Keep the likeliest tokens, up to and with the one that passes `top_p` (arXiv 1904.09751)."""
    log_p = torch.log_softmax(logits, dim=-1)
    p = torch.exp(log_p)
    best = log_p.amax(-1, keepdim=True)
    depth = torch.clamp(best - log_p, max=200.0)  # 0 for the likeliest; below exp(-200) nothing is ever drawn
    low, high = torch.full_like(best, -1.0), torch.full_like(best, 200.0)
    for _ in range(HALVINGS):
        middle = (low + high) * 0.5
        held = torch.where(depth <= middle, p, torch.zeros_like(p)).sum(-1, keepdim=True)
        enough = held > top_p
        high, low = torch.where(enough, middle, high), torch.where(enough, low, middle)
    return torch.where(depth <= high, logits, torch.full_like(logits, _LOWEST))
