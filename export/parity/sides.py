"""What a side of the comparison must be able to do. Torch and ONNX Runtime each have a class for either interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...engine.decoding import Shape
from ...engine.settings import VampSettings
from .book import Side

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]


class TokenSide(Protocol):
    """A token transformer on the line; it is a `TokenModel` too."""

    @property
    def side(self) -> Side:
        """Which side this is."""

    @property
    def shape(self) -> Shape:
        """Sizes of the model."""

    def look(self, codes: Codes) -> tuple[Floats, Floats]:
        """Embedded codes (B, K·d, T) and logits (B, T·P, V) of codes (B, K, T)."""

    def sample(
        self, codes: Codes, rows: Codes, uniforms: Floats, *, settings: VampSettings, ring: bool
    ) -> tuple[Codes, Floats]:
        """See `engine.decoding.TokenModel`."""


class CodecSide(Protocol):
    """A waveform codec on the line, without surroundings, as published."""

    @property
    def side(self) -> Side:
        """Which side this is."""

    def encode(self, audio: Floats) -> Codes:
        """Codes (B, K, T) of audio (B, 1, T·hop)."""

    def decode(self, codes: Codes) -> Floats:
        """Audio (B, 1, T·hop) of codes (B, K, T), all K levels."""

    def decode_levels(self, codes: Codes, n_levels: int) -> Floats:
        """Audio (B, 1, T·hop) of the first levels of codes (B, ≥ n_levels, T)."""

    def look(self, audio: Floats) -> tuple[Floats, Floats, Floats]:
        """Encoder output (B, D, T), projected latents (B, K·d, T) and quantised sum (B, D, T)."""


@dataclass(frozen=True)
class Filters:
    """What a sampler leaves to draw from: typical mass (1 = off), least tokens of it, top-p (1 = off)."""

    typical_mass: float
    typical_min_tokens: int
    top_p: float


class SamplerSide(Protocol):
    """The sampling step alone, at temperature 1."""

    @property
    def side(self) -> Side:
        """Which side this is."""

    def draw(self, logits: Floats, uniforms: Floats, filters: Filters) -> tuple[Codes, Floats]:
        """Tokens (M,) and log-probabilities (M,) for logits (M, V) and uniform numbers (M,)."""


def every_codebook(codes: NDArray[Any], n_codebooks: int) -> Codes:
    """Codes (B, k, T) with code 0 in the codebooks that are not there: (B, n_codebooks, T) int64."""
    return np.pad(codes.astype(np.int64), ((0, 0), (0, n_codebooks - codes.shape[1]), (0, 0)))
