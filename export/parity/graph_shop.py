"""Makes the graphs of a bundle ahead of their use, in processes of their own: exporting one takes seconds.

Nothing here runs a graph. The shop has one owner, who closes it.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ...engine.nets.transformer import TokenTransformer, TransformerConfig
from ...engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig
from ..graphs import decoder_graph, encoder_graph, token_graph
from .probes import sampler_graph

CODEC_GRAPHS = {"encoder": encoder_graph, "decoder": decoder_graph}
_MOST_PROCESSES = 4

Arrays = dict[str, NDArray[np.float32]]


class GraphShop:
    """Takes orders for graphs and makes them side by side."""

    def __init__(self) -> None:
        # Spawned: torch's threads do not survive a fork.
        self._pool = ProcessPoolExecutor(
            max_workers=max(1, min(_MOST_PROCESSES, os.cpu_count() or 1)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=torch.set_num_threads,
            initargs=(1,),
        )

    def order_tokens(self, model: TokenTransformer) -> Future[bytes]:
        """The graph of one pass of a transformer."""
        return self._pool.submit(_make_tokens, model.config, _arrays(model))

    def order_codec(self, codec: WaveformCodec) -> tuple[Future[bytes], Future[bytes]]:
        """The graphs of a codec's encoder and decoder."""
        arrays = _arrays(codec)
        encoder, decoder = (self._pool.submit(_make_codec, name, codec.config, arrays) for name in CODEC_GRAPHS)
        return encoder, decoder

    def order_sampler(self) -> Future[bytes]:
        """The sampling step of the token graphs alone."""
        return self._pool.submit(sampler_graph)

    def close(self) -> None:
        """Drop what is not begun and wait for the rest."""
        self._pool.shutdown(cancel_futures=True)


def _arrays(model: nn.Module) -> Arrays:
    # As arrays: a tensor would cross in shared memory, and its storage would move under whoever looks at it.
    return {name: value.detach().numpy() for name, value in model.state_dict().items()}


def _make_tokens(config: TransformerConfig, arrays: Arrays) -> bytes:
    graph: bytes = token_graph(_filled(TokenTransformer(config), arrays)).SerializeToString()
    return graph


def _make_codec(name: str, config: WaveformCodecConfig, arrays: Arrays) -> bytes:
    graph: bytes = CODEC_GRAPHS[name](_filled(WaveformCodec(config), arrays)).SerializeToString()
    return graph


_Model = TypeVar("_Model", bound=nn.Module)


def _filled(model: _Model, arrays: Arrays) -> _Model:
    model.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})
    return model.eval().requires_grad_(requires_grad=False)
