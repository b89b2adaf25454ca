"""What the token graphs do inside, in numpy: the readable reference that the exported graphs are tested against.

Logits in, tokens and log-probabilities out; no models and no schedule here. Order, as published: the filters look at
the logits as they are, then the temperature shapes what is left. All arithmetic is float32, like the graphs'.
Randomness comes from a `numpy.random.Generator(PCG64(seed))` that the caller owns: one uniform per position chooses
the token, one Gumbel number per position stirs the confidence.
"""

import numpy as np
from numpy.typing import NDArray

from .errors import SettingError

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

MAX_TEMPERATURE = 5.0


def log_softmax(logits: Floats) -> Floats:
    """Log-probabilities (..., V); -inf logits stay -inf."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32)


def typical_filter(logits: Floats, *, mass: float, min_tokens: int) -> Bools:
    """Locally typical sampling (arXiv 2202.00666): keep the tokens whose surprise is closest to the entropy.

    Tokens are taken in the order of |-log p - H| until their probability reaches `mass`; tokens as typical as the last
    one taken stay too.

    DIFFERS: the published call drops the filter's result, so that it never acts; and a mass above 1 ends in an index
    error there, here it is refused, and 1 keeps everything.

    Args:
        logits: (..., V) float32.
        mass: probability to keep, in (0, 1]; 1 switches the filter off.
        min_tokens: the most typical `min_tokens` tokens always stay, at least 1.

    Returns:
        (..., V) bool, True = stays; at least one per row.
    """
    _check_share("typical_mass", mass)
    if min_tokens < 1:
        raise SettingError(f"typical_min_tokens must be at least 1, got {min_tokens}")
    if mass == 1:
        return np.ones(logits.shape, dtype=np.bool_)
    log_p = log_softmax(logits)
    p = np.exp(log_p)
    entropy = -(np.where(p > 0, log_p, 0) * p).sum(axis=-1, keepdims=True)
    atypicality = np.abs(-log_p - entropy)  # (..., V), +inf where a logit is -inf
    order = np.argsort(atypicality, axis=-1, kind="stable")
    taken = np.cumsum(np.take_along_axis(p, order, axis=-1), axis=-1)
    last = np.minimum((taken < mass).sum(axis=-1, keepdims=True), logits.shape[-1] - 1)
    in_order = np.take_along_axis(atypicality, order, axis=-1)
    keep_in_order = in_order <= np.take_along_axis(in_order, last, axis=-1)
    keep_in_order[..., :min_tokens] = True
    return _scatter(keep_in_order, order)


def top_p_filter(logits: Floats, *, top_p: float) -> Bools:
    """Nucleus sampling (arXiv 1904.09751): keep the likeliest tokens, up to and with the one that passes `top_p`.

    Args:
        logits: (..., V) float32.
        top_p: probability to keep, in (0, 1]; 1 switches the filter off.

    Returns:
        (..., V) bool, True = stays; at least one per row.
    """
    _check_share("top_p", top_p)
    if top_p == 1:
        return np.ones(logits.shape, dtype=np.bool_)
    order = np.argsort(-logits, axis=-1, kind="stable")
    reached = np.cumsum(np.exp(log_softmax(np.take_along_axis(logits, order, axis=-1))), axis=-1)
    keep_in_order = np.ones(logits.shape, dtype=np.bool_)
    keep_in_order[..., 1:] = reached[..., :-1] <= top_p  # the first token past top_p stays
    return _scatter(keep_in_order, order)


def sample(
    logits: Floats,
    uniforms: Floats,
    *,
    temperature: float,
    typical_mass: float = 1.0,
    typical_min_tokens: int = 1,
    top_p: float = 1.0,
) -> tuple[Ints, Floats]:
    """Choose one token per position by the inverse of the cumulative distribution.

    Tokens stand in the order of their ids; the filtered distribution is renormalised; the token chosen is the first
    whose cumulative probability is greater than the uniform. A token that a filter removed is never chosen.

    DIFFERS: at temperature 0 the published code samples as if it were 1; here it takes the likeliest token (the lowest
    id among equals), with its probability at temperature 1.

    Args:
        logits: (..., V) float32.
        uniforms: (...) float32 in [0, 1), one per position.
        temperature: in [0, 5].
        typical_mass: in (0, 1]; 1 = off. See `typical_filter`.
        typical_min_tokens: at least 1.
        top_p: in (0, 1]; 1 = off. See `top_p_filter`.

    Returns:
        Tokens (...) int64 and their log-probabilities (...) float32 in the filtered, renormalised distribution.
    """
    if not 0 <= temperature <= MAX_TEMPERATURE:
        raise SettingError(f"temperature must be in [0, {MAX_TEMPERATURE:g}], got {temperature}")
    keep = typical_filter(logits, mass=typical_mass, min_tokens=typical_min_tokens)
    keep &= top_p_filter(np.where(keep, logits, -np.inf), top_p=top_p)
    divisor = np.float32(temperature) if temperature > 0 else np.float32(1)
    log_p = log_softmax(np.where(keep, logits / divisor, np.float32(-np.inf)))
    tokens = draw(np.exp(log_p), uniforms) if temperature > 0 else log_p.argmax(axis=-1)
    return tokens.astype(np.int64), np.take_along_axis(log_p, tokens[..., None], axis=-1)[..., 0]


def draw(probabilities: Floats, uniforms: Floats) -> Ints:
    """Inverse-CDF draw: the first id whose cumulative probability is greater than uniform · total.

    Args:
        probabilities: (..., V) float32, not negative, at least one positive per row; need not sum to 1.
        uniforms: (...) float32 in [0, 1).

    Returns:
        (...) int64 ids of positive probability.
    """
    cumulative = np.cumsum(probabilities, axis=-1, dtype=np.float32)
    target = uniforms[..., None] * cumulative[..., -1:]
    chosen = (cumulative <= target).sum(axis=-1)
    # uniform · total can round up to the total: then the last token that can occur is meant.
    n_tokens = probabilities.shape[-1]
    last_possible = n_tokens - 1 - np.argmax(probabilities[..., ::-1] > 0, axis=-1)
    return np.asarray(np.minimum(chosen, last_possible), dtype=np.int64)


def draw_uniforms(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Uniform numbers in [0, 1), float32, for `sample`."""
    return rng.random(shape, dtype=np.float32)


def draw_gumbel(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Standard Gumbel numbers -log(-log u), float32 and always finite, for `confidence`."""
    # Kept off 0 and 1, where the logarithms leave the real line.
    uniforms = np.clip(rng.random(shape), 1e-20, 1 - 2**-53)
    return (-np.log(-np.log(uniforms))).astype(np.float32)


def confidence(log_probs: Floats, known: Bools, *, gumbel: Floats, mask_temperature: float, progress: float) -> Floats:
    """Confidence in each token of one item: log p + mask_temperature · (1 - progress) · Gumbel (arXiv 2307.04686 §3.3).

    Args:
        log_probs: (...) float32, from `sample`.
        known: (...) bool, True where the token was known before this pass.
        gumbel: (...) float32, from `draw_gumbel`.
        mask_temperature: at least 0; the published default is 10.5.
        progress: share of the passes done with this one, (step + 1) / n_steps, in (0, 1].

    Returns:
        (...) float32, +inf where `known`.
    """
    if mask_temperature < 0:
        raise SettingError(f"mask_temperature must be at least 0, got {mask_temperature}")
    if not 0 < progress <= 1:
        raise SettingError(f"progress must be in (0, 1], got {progress}")
    noisy = log_probs + np.float32(mask_temperature * (1 - progress)) * gumbel
    return np.asarray(np.where(known, np.inf, noisy), dtype=np.float32)


def remask(confidence: Floats, n: int) -> Bools:
    """The `n` least confident tokens of one item, True = mask again.

    Among equals the lowest flat index is kept first, so that the choice never depends on a sort's whims.

    DIFFERS: the published code masks everything below the n-th confidence, which is fewer than n where values tie.

    Args:
        confidence: (L,) float32 of one item; flat index = frame · P + predicted codebook.
        n: in [0, number of tokens that are not known (+inf)].

    Returns:
        (L,) bool with exactly n True.
    """
    n_open = int((confidence < np.inf).sum())
    if not 0 <= n <= n_open:
        raise SettingError(f"tokens to mask again must be in [0, {n_open}], got {n}")
    mask = np.zeros(confidence.shape, dtype=np.bool_)
    # Reversed, a stable sort puts the highest index first among equals.
    order = confidence.size - 1 - np.argsort(confidence[::-1], kind="stable")
    mask[order[:n]] = True
    return mask


def _scatter(keep_in_order: Bools, order: Ints) -> Bools:
    keep = np.empty_like(keep_in_order)
    np.put_along_axis(keep, order, keep_in_order, axis=-1)
    return keep


def _check_share(name: str, value: float) -> None:
    if not 0 < value <= 1:
        raise SettingError(f"{name} must be in (0, 1], got {value}")
