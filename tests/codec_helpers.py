"""A small published codec with random weights, in torch and exported, and sessions that stand in for it."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import onnx
import torch
from vampbridge.engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig
from vampbridge.engine.runtime import CodecRuntime
from vampbridge.export.graphs import decoder_graph, encoder_graph
from vampbridge.export.precision import with_precision
from vampbridge.export.receptive_field import context_frames

EVEN = (2, 4, 4)
# Samples below 1, from float32 sums of a few hundred products in another order: some steps of 2^-24 each.
REORDERED = 2e-6


@cache
def waveform_codec(family="lac", rates=EVEN):
    torch.manual_seed(0)
    config = WaveformCodecConfig(
        family=family,
        encoder_dim=4,
        encoder_rates=rates,
        decoder_dim=32,
        decoder_rates=rates[::-1],
        latent_dim=16,
        n_codebooks=3,
        codebook_size=16,
    )
    return WaveformCodec(config).eval()


@cache
def exported():
    """Serialised encoder and decoder; exporting is slow."""
    codec = waveform_codec()
    return encoder_graph(codec).SerializeToString(), decoder_graph(codec).SerializeToString()


def in_precision(graph, precision):
    return with_precision(onnx.load_from_string(graph), precision).SerializeToString()


class TorchSession:
    """A codec's encoder or decoder as a session, with nothing exported."""

    def __init__(self, run):
        self._run = run

    def run(self, _outputs, inputs):
        with torch.inference_mode():
            return [self._run(torch.from_numpy(array)).numpy() for array in inputs.values()]

    def get_modelmeta(self):
        return SimpleNamespace(custom_metadata_map={})


def torch_codec(family="lac", rates=EVEN, limits=None):
    codec = waveform_codec(family, rates)
    sessions = TorchSession(codec.encode), TorchSession(codec.decode)
    return CodecRuntime(*sessions, hop=codec.config.hop, context=context_frames(codec), limits=limits)


def noise(n_samples):
    return (np.random.default_rng(0).standard_normal(n_samples) * 0.1).astype(np.float32)


class Watched:
    """A session that notes the shapes it is given."""

    def __init__(self, session, seen):
        self._session, self._seen = session, seen

    def run(self, outputs, inputs):
        self._seen.extend((name, array.shape) for name, array in inputs.items())
        return self._session.run(outputs, inputs)


class Shortened:
    """An encoder that loses frames at the end."""

    def __init__(self, session, n_lost):
        self._session, self._n_lost = session, n_lost

    def run(self, outputs, inputs):
        return [self._session.run(outputs, inputs)[0][..., : -self._n_lost]]
