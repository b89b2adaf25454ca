"""The networks of a fixture set, read from its checkpoints once, with a torch side and an ONNX Runtime side each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial

import torch
from torch import Tensor

from ...engine.checkpoints.archives import Archive, read_archive
from ...engine.checkpoints.published import read_vampnet, read_waveform_codec
from ...engine.checkpoints.vampnet_weights import build_vampnet
from ...engine.checkpoints.weights import ADAPTER_A, ADAPTER_B
from ...engine.errors import BundleError
from ...engine.nets.transformer import TokenTransformer
from ...engine.nets.waveform_codec import WaveformCodec
from .fixture_set import FixtureSet
from .graph_shop import GraphShop
from .ort_side import OrtCodec, OrtSampler, OrtTokens
from .sides import CodecSide, SamplerSide, TokenSide
from .torch_side import TorchCodec, TorchSampler, TorchTokens

COARSE, FINE, DAC = "coarse", "c2f", "dac"
CODEC = "codec"
"""The checkpoint of the codec that the set's transformers belong to."""


class Models:
    """Reads each checkpoint, and orders its graphs, when it is first asked for."""

    def __init__(self, fixtures: FixtureSet, shop: GraphShop) -> None:
        self._fixtures, self._shop = fixtures, shop
        self.codec = cache(self._read_codec)
        self.codec_sides = cache(self._codec_sides)
        self.tokens = cache(self._read_tokens)
        self.token_sides = cache(self._token_sides)
        self.sampler_sides = cache(self._sampler_sides)

    def order_ahead(self) -> None:
        """Order the graphs that the set's families need, so that they are made while others are checked."""
        families = set(self._fixtures.arrays)
        orders: tuple[tuple[set[str], Callable[[], object]], ...] = (
            ({"transformer", "decode"}, partial(self.token_sides, COARSE)),
            ({"transformer", "decode"}, partial(self.token_sides, FINE)),
            ({"codec_lac", "decode"}, partial(self.codec_sides, CODEC)),
            ({"sampling"}, self.sampler_sides),
            ({"codec_dac"}, partial(self.codec_sides, DAC)),
        )
        for needed_by, order in orders:
            # What cannot be read is reported by the family that needs it.
            with suppress(BundleError):
                if families & needed_by:
                    order()

    def _read_codec(self, name: str) -> WaveformCodec:
        return read_waveform_codec(self._fixtures.checkpoint(name))

    def _codec_sides(self, name: str) -> tuple[CodecSide, ...]:
        codec = self.codec(name)
        return TorchCodec(codec), OrtCodec(codec, self._shop)

    def _read_tokens(self, name: str) -> TokenTransformer:
        return read_vampnet(self._fixtures.checkpoint(name), self._codebooks())

    def _token_sides(self, name: str) -> tuple[TokenSide, ...]:
        model = self.tokens(name)
        return TorchTokens(model), OrtTokens(model, self._shop)

    def _sampler_sides(self) -> tuple[SamplerSide, ...]:
        return TorchSampler(), OrtSampler(self._shop)

    def adapted(self, name: str, adapter: str) -> TokenTransformer:
        """A transformer with adapters from a file of their own."""
        return read_vampnet(
            self._fixtures.checkpoint(name), self._codebooks(), adapter=self._fixtures.checkpoint(adapter)
        )

    def without_adapters(self, name: str) -> TokenTransformer:
        """A transformer as a reader would give it that drops the adapters."""
        archive = read_archive(self._fixtures.checkpoint(name))
        state = {
            key: torch.zeros_like(value) if key.endswith(ADAPTER_B) else value for key, value in archive.state.items()
        }
        return build_vampnet(replace(archive, state=state), self._codebooks())

    def saved_merged(self, name: str) -> TokenTransformer:
        """A transformer as it comes back from a file that was saved with its adapters in the weights, and beside them.

        The published program adds them once more on loading, and so must the reader.
        """
        archive = read_archive(self._fixtures.checkpoint(name))
        return build_vampnet(replace(archive, state=_merged(archive)), self._codebooks())

    def _codebooks(self) -> Tensor:
        return self.codec(CODEC).quantizer.codebooks


def logits_sides(model: TokenTransformer) -> tuple[TokenSide, ...]:
    """A transformer in torch and in ONNX Runtime, the latter for its logits alone."""
    return TorchTokens(model), OrtTokens(model)


def _merged(archive: Archive) -> dict[str, Tensor]:
    state = dict(archive.state)
    for key, low in archive.state.items():
        if key.endswith(ADAPTER_A):
            base = key.removesuffix(ADAPTER_A)
            state[f"{base}.weight"] = state[f"{base}.weight"] + archive.state[base + ADAPTER_B] @ low / low.shape[0]
    return state
