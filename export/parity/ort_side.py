"""The ONNX Runtime side: the graphs that a bundle would hold, run by ONNX Runtime.

Tokens are drawn through `engine.runtime.TokenRuntime`, as they are on stage, and the logits come out of the same graph.
The codec's graphs are run as they are: the engine gives them surroundings, which the published codec does not know.
What no graph of a bundle shows comes from `probes`. Graphs are ordered at once (`graph_shop`) and waited for when they
are first needed.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ...engine.nets.transformer import TokenTransformer
from ...engine.nets.waveform_codec import WaveformCodec
from ...engine.position_bias import position_bias
from ...engine.runtime import TokenRuntime, TokenShape
from ...engine.sessions import Session
from ...engine.settings import VampSettings
from ..graphs import LOGITS, with_logits
from ..sessions import open_session
from .book import Side
from .graph_shop import GraphShop
from .probes import encoder_probe_graph, levels_probe_graph, token_probe_graph
from .sides import Codes, Filters, Floats, every_codebook


class OrtTokens:
    """A `TokenTransformer` exported; see `sides.TokenSide`."""

    side: Side = "ort"

    def __init__(self, model: TokenTransformer, shop: GraphShop | None = None) -> None:
        """Without a shop there is no graph of a bundle: the logits are those of a probe, and nothing is drawn."""
        config = model.config
        self._model = model
        self._order = None if shop is None else shop.order_tokens(model)
        self._bias_weights: Floats = model.relative_attention_bias.detach().numpy().copy()
        self.shape = TokenShape(config.vocabulary, config.n_conditioning, config.n_codebooks, context_frames=2**31)

    def look(self, codes: Codes) -> tuple[Floats, Floats]:
        """See `TokenSide`."""
        bias = position_bias(self._bias_weights, codes.shape[-1], ring=False)
        embedded, logits = self._probe.run(None, {"codes": codes, "position_bias": bias})
        if self._order is not None:
            logits = np.stack([self._logits(item, bias) for item in codes])
        return embedded, logits

    def _logits(self, codes: Codes, bias: Floats) -> Floats:
        """Logits (T·P, V) of one item (K, T), from inside the graph of a bundle."""
        nothing = np.zeros(1, dtype=np.float32)
        settings = dict.fromkeys(("temperature", "typical_mass", "typical_min_tokens", "top_p"), np.float32(1))
        given = {name: np.array(value) for name, value in settings.items()}
        given |= {"codes": codes[None], "position_bias": bias, "rows": nothing.astype(np.int64), "uniforms": nothing}
        logits: Floats = self._open_graph.run([LOGITS], given)[0]
        return logits

    def sample(
        self, codes: Codes, rows: Codes, uniforms: Floats, *, settings: VampSettings, ring: bool
    ) -> tuple[Codes, Floats]:
        """See `engine.decoding.TokenModel`."""
        return self._runtime.sample(codes, rows, uniforms, settings=settings, ring=ring)

    @property
    def _graph(self) -> bytes:
        if self._order is None:
            raise RuntimeError("no token graph was ordered for this model")
        return self._order.result()

    @cached_property
    def _runtime(self) -> TokenRuntime:
        return TokenRuntime(open_session(self._graph), self._bias_weights, self.shape)

    @cached_property
    def _open_graph(self) -> Session:
        return open_session(with_logits(self._graph))

    @cached_property
    def _probe(self) -> Session:
        return open_session(token_probe_graph(self._model))


class OrtCodec:
    """A `WaveformCodec` exported; see `sides.CodecSide`."""

    side: Side = "ort"

    def __init__(self, codec: WaveformCodec, shop: GraphShop) -> None:
        self._codec = codec
        self._orders = shop.order_codec(codec)

    def encode(self, audio: Floats) -> Codes:
        """See `CodecSide`."""
        return np.concatenate([self._encoder.run(None, {"audio": item[None]})[0] for item in audio])

    def decode(self, codes: Codes) -> Floats:
        """See `CodecSide`."""
        return np.concatenate([self._decoder.run(None, {"codes": item[None]})[0] for item in codes])

    def decode_levels(self, codes: Codes, n_levels: int) -> Floats:
        """See `CodecSide`."""
        n_codebooks = self._codec.config.n_codebooks
        weights = (np.arange(n_codebooks) < n_levels).astype(np.float32)
        given = every_codebook(codes[:, :n_levels], n_codebooks)
        audio: Floats = self._levels.run(None, {"codes": given, "weights": weights})[0]
        return audio

    def look(self, audio: Floats) -> tuple[Floats, Floats, Floats]:
        """See `CodecSide`."""
        encoded, latents, quantised = self._probe.run(None, {"audio": audio})
        return encoded, latents, quantised

    @cached_property
    def _encoder(self) -> Session:
        return open_session(self._orders[0].result())

    @cached_property
    def _decoder(self) -> Session:
        return open_session(self._orders[1].result())

    @cached_property
    def _probe(self) -> Session:
        return open_session(encoder_probe_graph(self._codec))

    @cached_property
    def _levels(self) -> Session:
        return open_session(levels_probe_graph(self._codec))


class OrtSampler:
    """The sampling step of the token graphs alone; see `sides.SamplerSide`."""

    side: Side = "ort"

    def __init__(self, shop: GraphShop) -> None:
        self._order = shop.order_sampler()

    def draw(self, logits: Floats, uniforms: Floats, filters: Filters) -> tuple[Codes, Floats]:
        """See `SamplerSide`."""
        numbers = {
            "temperature": 1.0,
            "typical_mass": filters.typical_mass,
            "typical_min_tokens": filters.typical_min_tokens,
            "top_p": filters.top_p,
        }
        given = {name: np.array(number, dtype=np.float32) for name, number in numbers.items()}
        tokens, log_probs = self._session.run(None, {"logits": logits, "uniforms": uniforms, **given})
        return tokens, log_probs

    @cached_property
    def _session(self) -> Session:
        return open_session(self._order.result())
