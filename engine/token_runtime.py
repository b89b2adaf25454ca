"""The token graphs: codes in, drawn tokens and their log-probabilities out. As they come, or in padded lengths.

Padded frames are masked in the position bias, so that no real frame hears them, and rows are drawn for real frames
only. 8-bit graphs scale activations per tensor and would hear the padding: they are run as they come.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .buckets import buckets, padded, padded_rows
from .devices import CPU
from .position_bias import position_bias
from .sessions import NOT_CAPTURED, BoundRun, DeviceArray, Session
from .settings import VampSettings

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]

LEAST_TEMPERATURE = 1e-3
UNHEARD = -30_000.0
"""Position bias of a padded key: exp() of it is 0 beside any real one, and half precision can hold it."""
_CACHED_BIASES = 8
_CACHED_RUNS = 64


@dataclass(frozen=True)
class TokenShape:
    """Sizes of a token model: it reads codebooks 0 … `n_codebooks`, and predicts those from `n_conditioning` on."""

    vocabulary: int
    n_conditioning: int
    n_codebooks: int
    context_frames: int

    @property
    def n_predicted(self) -> int:
        """Codebooks predicted, P."""
        return self.n_codebooks - self.n_conditioning


class TokenRuntime:
    """A transformer with its sampling step. `reentrant`: whether several threads may be in `sample` at once."""

    reentrant = True

    def __init__(self, session: Session, bias_weights: Floats, shape: TokenShape) -> None:
        self._session, self._bias_weights = session, bias_weights
        self.shape = shape
        self._biases: dict[tuple[int, bool], Floats] = {}
        self._lock = threading.Lock()  # of the biases

    def sample(
        self, codes: Codes, rows: Codes, uniforms: Floats, *, settings: VampSettings, ring: bool
    ) -> tuple[Codes, Floats]:
        """Run one pass.

        Args:
            codes: (K, T) with `vocabulary` where masked.
            rows: (M,) flat positions t·P + p to draw.
            uniforms: (M,) in [0, 1).
            settings: Temperature and filters are read from it.
            ring: Whether frame T - 1 is next to frame 0.

        Returns:
            Tokens (M,) int64 and their log-probabilities (M,) float32.
        """
        bias = self._bias(codes.shape[1], ring=ring)
        inputs: dict[str, NDArray[Any]] = {"codes": codes[None], "position_bias": bias}
        inputs |= {"rows": rows, "uniforms": uniforms, **sampling_inputs(settings)}
        tokens, log_probs = self._session.run(None, inputs)
        return tokens, log_probs

    def warm_up(self) -> None:
        """Nothing to do: every length is as fast the first time."""

    def _bias(self, n_frames: int, *, ring: bool) -> Floats:
        key = (n_frames, ring)
        with self._lock:
            if key not in self._biases:
                _drop_oldest(self._biases, _CACHED_BIASES)
                self._biases[key] = position_bias(self._bias_weights, n_frames, ring=ring)
            return self._biases[key]


class BoundTokenRuntime(TokenRuntime):
    """The same in few padded lengths, with everything in memory of the device: what a GPU wants; same tokens."""

    reentrant = False  # the arrays on the device are one pass's

    def __init__(
        self,
        session: Session,
        bias_weights: Floats,
        shape: TokenShape,
        *,
        device: str = CPU,
        cuda_graphs: bool = False,
    ) -> None:
        """`cuda_graphs` as the session was opened."""
        super().__init__(session, bias_weights, shape)
        self._device = device
        self._lengths = buckets(shape.context_frames)
        self._padded_biases: dict[int, _PaddedBias] = {}
        self._passes: dict[tuple[int, int], _Pass] = {}
        # Never given twice: a captured run replays addresses that a second one would not have.
        self._graph_ids: Iterator[int | None] = itertools.count(1) if cuda_graphs else itertools.repeat(None)

    def sample(
        self, codes: Codes, rows: Codes, uniforms: Floats, *, settings: VampSettings, ring: bool
    ) -> tuple[Codes, Floats]:
        """See `TokenRuntime.sample`."""
        n_frames = codes.shape[1]
        bucket = padded(n_frames, self._lengths)
        if bucket not in self._padded_biases:
            if len(self._padded_biases) >= _CACHED_RUNS:  # lengths far beyond the context, each its own bucket
                self._padded_biases.clear()
                self._passes.clear()
            self._padded_biases[bucket] = _PaddedBias(bucket, self._bias_weights.shape[1], self._device)
        self._padded_biases[bucket].hold((n_frames, ring), self._bias(n_frames, ring=ring))
        n_rows = padded_rows(len(rows), bucket * self.shape.n_predicted)
        return self._pass(bucket, n_rows).run(codes, rows, uniforms, settings=settings)

    def warm_up(self) -> None:
        """Meet every length and every number of rows once."""
        shape = self.shape
        for bucket in self._lengths:
            n_frames = min(bucket, shape.context_frames)
            codes = np.full((shape.n_codebooks, n_frames), shape.vocabulary)
            n_all = n_frames * shape.n_predicted
            for n_rows in sorted({max(1, n_all // 2**power) for power in range(4)}):
                rows, uniforms = np.arange(n_rows), np.zeros(n_rows, dtype=np.float32)
                self.sample(codes, rows, uniforms, settings=VampSettings(), ring=True)

    def _pass(self, bucket: int, n_rows: int) -> _Pass:
        key = (bucket, n_rows)
        if key not in self._passes:
            bias = self._padded_biases[bucket].array
            shape = (self.shape.n_codebooks, bucket, n_rows)
            self._passes[key] = _Pass(
                self._session,
                bias,
                shape,
                device=self._device,
                mask=self.shape.vocabulary,
                graph_id=self._graph_id(bucket),
            )
        return self._passes[key]

    def _graph_id(self, bucket: int) -> int | None:
        # A capture lives as long as its session: lengths beyond the context, of which there is no end, get none.
        graph_id = next(self._graph_ids)
        return NOT_CAPTURED if graph_id is not None and bucket not in self._lengths else graph_id


class _PaddedBias:
    """The bias of one bucket, (1, H, T', T') on the device; rewritten in place when the length in it changes."""

    def __init__(self, bucket: int, n_heads: int, device: str) -> None:
        self._shape = (1, n_heads, bucket, bucket)
        self._held: tuple[int, bool] | None = None
        self.array = DeviceArray(np.zeros(self._shape, dtype=np.float32), device)

    def hold(self, key: tuple[int, bool], bias: Floats) -> None:
        """Hold the bias (1, H, T, T) of a length on ring or line. Padded keys are unheard, padded queries unread."""
        if key == self._held:
            return
        n_frames = key[0]
        whole = np.zeros(self._shape, dtype=np.float32)
        whole[..., n_frames:] = UNHEARD
        whole[..., :n_frames, :n_frames] = bias
        self.array.write(whole)
        self._held = key


class _Pass:
    """One run of fixed shapes: codes (1, K, T') and M' rows in, M' tokens and log-probabilities out."""

    def __init__(
        self,
        session: Session,
        bias: DeviceArray,
        shape: tuple[int, int, int],
        *,
        device: str,
        mask: int,
        graph_id: int | None,
    ) -> None:
        n_codebooks, bucket, self._n_rows = shape
        self._codes = np.full((1, n_codebooks, bucket), mask, dtype=np.int64)
        self._mask = mask
        firsts: dict[str, NDArray[Any]] = {
            "codes": self._codes,
            "rows": np.zeros(self._n_rows, dtype=np.int64),
            "uniforms": np.zeros(self._n_rows, dtype=np.float32),
            **sampling_inputs(VampSettings()),
        }
        self._inputs = {name: DeviceArray(first, device) for name, first in firsts.items()}
        self._tokens = DeviceArray(firsts["rows"], device)
        self._log_probs = DeviceArray(firsts["uniforms"], device)
        self._run = BoundRun(
            session,
            {**self._inputs, "position_bias": bias},
            {"tokens": self._tokens, "log_probs": self._log_probs},
            graph_id=graph_id,
        )

    def run(self, codes: Codes, rows: Codes, uniforms: Floats, *, settings: VampSettings) -> tuple[Codes, Floats]:
        """Codes (K, T) with T ≤ T', M ≤ M' rows → tokens and log-probabilities (M,). The other rows draw position 0."""
        n_frames, n_rows = codes.shape[1], len(rows)
        self._codes[0, :, :n_frames] = codes
        self._codes[0, :, n_frames:] = self._mask
        more = (0, self._n_rows - n_rows)
        given: dict[str, NDArray[Any]] = {"codes": self._codes, **sampling_inputs(settings)}
        given |= {"rows": np.pad(rows, more), "uniforms": np.pad(uniforms, more)}
        for name, array in given.items():
            self._inputs[name].write(array)
        self._run.run()
        return self._tokens.read()[:n_rows], self._log_probs.read()[:n_rows]


def sampling_inputs(settings: VampSettings) -> dict[str, Floats]:
    """The inputs of a token graph that hold the sampling settings, () float32 each."""
    # Below a thousandth the likeliest token wins by more than float32 can tell, and dividing by it overflows.
    values = {
        "temperature": settings.temperature if settings.temperature >= LEAST_TEMPERATURE else 0.0,
        "typical_mass": settings.typical_mass if settings.typical else 1.0,
        "typical_min_tokens": settings.typical_min_tokens,
        "top_p": settings.top_p,
    }
    return {name: np.array(value, dtype=np.float32) for name, value in values.items()}


def _drop_oldest(cache: dict[tuple[int, bool], Floats], size: int) -> None:
    if len(cache) >= size:
        del cache[next(iter(cache))]
