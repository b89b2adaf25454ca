"""Lengths that a GPU meets: a few sizes to pad up to, so that its searches and captures are done once. Numbers only."""

from __future__ import annotations

from functools import lru_cache

MULTIPLE = 8
"""Lengths are multiples of this: half-precision matrix products want them."""
TOKEN_GROWTH = 1.25
"""Each token bucket is at most so much longer than the one before: at most a fifth of a pass is padding."""
CODEC_GROWTH = 2.0
"""The codec runs twice per vamp and not once per pass; fewer sizes make the warm-up shorter."""
_ROW_HALVINGS = 3


@lru_cache(maxsize=64)
def buckets(longest: int, growth: float = TOKEN_GROWTH) -> tuple[int, ...]:
    """Multiples of 8, from 8 up to the first that holds `longest`, each at most `growth` times the one before.

    Steps are never smaller than 8, so the shortest ones stand further apart than `growth`.
    """
    last = -(-longest // MULTIPLE) * MULTIPLE
    sizes = [MULTIPLE]
    while sizes[-1] < last:
        further = int(sizes[-1] * growth) // MULTIPLE * MULTIPLE
        sizes.append(min(last, max(sizes[-1] + MULTIPLE, further)))
    return tuple(sizes)


def padded(length: int, sizes: tuple[int, ...]) -> int:
    """The smallest bucket that holds `length`; beyond the last one the next multiple of 8."""
    return next((size for size in sizes if size >= length), -(-length // MULTIPLE) * MULTIPLE)


def padded_rows(n_rows: int, n_all: int) -> int:
    """Rows of a pass, padded to `n_all`, or to a half, a quarter or an eighth of it where that holds them."""
    sizes = [-(-n_all // 2**power) for power in range(_ROW_HALVINGS, -1, -1)]
    return next((size for size in sizes if size >= n_rows), n_rows)
