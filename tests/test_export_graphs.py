"""Exported graphs give torch's numbers at any length, and what a check counts."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tiny_bundle import TINY_CODEC, tiny_models
from vampbridge.engine.errors import BundleError
from vampbridge.engine.nets.codec import CONTEXT_FRAMES, CodecConfig, SpectralCodec
from vampbridge.engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig
from vampbridge.engine.position_bias import position_bias
from vampbridge.engine.runtime import Runtime
from vampbridge.engine.settings import VampSettings
from vampbridge.export.bundle_codec import codec_of, read_codebooks
from vampbridge.export.checks import decisions_in
from vampbridge.export.exporter import OPSET
from vampbridge.export.graphs import LOGITS, decoder_graph, encoder_graph, with_logits
from vampbridge.export.precision import with_precision
from vampbridge.export.receptive_field import context_frames
from vampbridge.export.sessions import open_codec, open_session


def test_the_logits_inside_a_token_graph_are_those_of_torch(tiny_bundle):
    model = tiny_models().fine
    session = open_session(with_logits(tiny_bundle.graph("fine")))
    for n_frames in (1, 9):
        codes = np.random.default_rng(0).integers(0, 65, (1, 6, n_frames))
        bias = position_bias(model.relative_attention_bias.detach().numpy(), n_frames, ring=False)
        with torch.inference_mode():
            wanted = model(torch.from_numpy(codes), torch.from_numpy(bias)).numpy()
        tail = {"rows": np.arange(1), "uniforms": np.zeros(1, np.float32)}
        tail |= dict.fromkeys(("temperature", "typical_mass", "typical_min_tokens", "top_p"), np.array(1, np.float32))
        (logits,) = session.run([LOGITS], {"codes": codes, "position_bias": bias, **tail})
        assert logits.shape == (4 * n_frames, 64)
        assert np.abs(logits - wanted[0]).max() < 1e-5


def test_two_transformers_share_one_sampling_step_and_no_names(tiny_bundle):
    coarse, fine = (onnx.load_from_string(tiny_bundle.graph(part)).graph for part in ("coarse", "fine"))
    for graph in (coarse, fine):
        made = [name for node in graph.node for name in node.output] + [tensor.name for tensor in graph.initializer]
        assert len(made) == len(set(made))
        onnx.checker.check_model(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)]))
    steps = [[node for node in graph.node if node.name.startswith("draw_")] for graph in (coarse, fine)]
    assert steps[0] == steps[1] != []


def test_one_frame_is_enough(tiny_bundle):
    runtime, model = Runtime(tiny_bundle, threads=1), tiny_models().coarse
    codes = np.array([[3], [64]])
    bias = torch.from_numpy(position_bias(model.relative_attention_bias.detach().numpy(), 1, ring=False))
    with torch.inference_mode():
        wanted = model(torch.from_numpy(codes)[None], bias)[0].argmax(-1).numpy()
    tokens, _ = runtime.coarse.sample(
        codes, np.arange(2), np.zeros(2, np.float32), settings=VampSettings(temperature=0, typical=False), ring=False
    )
    assert (tokens == wanted).all()
    audio = np.zeros(TINY_CODEC.hop, np.float32) + 0.1
    assert runtime.codec.decode(runtime.codec.encode(audio, ring=True), ring=True).shape == (TINY_CODEC.hop,)


CODECS = {
    "spectral": SpectralCodec(replace(TINY_CODEC, n_low_decoder=2)),
    "lac": WaveformCodec(WaveformCodecConfig("lac", 44_100, 2, (2, 4, 3), 8, (3, 4, 2), 0, 2, 16, 2)),
    "dac": WaveformCodec(WaveformCodecConfig("dac", 44_100, 2, (3, 5), 8, (5, 3), 4, 2, 16, 2)),
    "lac, even": WaveformCodec(WaveformCodecConfig("lac", 44_100, 2, (2, 4), 8, (4, 2), 0, 2, 16, 2)),
}


@pytest.mark.parametrize("name", CODECS)
def test_the_surroundings_are_all_that_a_frame_hears(name):
    codec = CODECS[name].eval()
    n, hop = context_frames(codec), codec.config.hop
    audio, frame = torch.randn(1, 1, (4 * n + 9) * hop), 2 * n + 4
    codes = torch.randint(0, 16, (1, 2, 4 * n + 9))
    with torch.inference_mode():
        around = audio[..., (frame - n) * hop : (frame + n + 1) * hop]
        assert (codec.encode(around)[..., n] == codec.encode(audio)[..., frame]).all()
        piece = codec.decode(codes[..., frame - n : frame + n + 1])[..., n * hop : (n + 1) * hop]
        whole = codec.decode(codes)[..., frame * hop : (frame + 1) * hop]
    # The same sums; a vectorised convolution orders them by the length of its input.
    assert (piece - whole).abs().max() < 1e-6


def test_the_default_codec_needs_no_more_surroundings_than_training_gives_it():
    assert context_frames(SpectralCodec(CodecConfig())) <= CONTEXT_FRAMES


@pytest.mark.parametrize("family", ["lac", "dac"])
def test_odd_strides_are_coded_like_torch(family):
    codec = WaveformCodec(WaveformCodecConfig(family, 44_100, 2, (5,), 2, (5,), 0, 2, 16, 2)).eval()
    n, hop = context_frames(codec), codec.config.hop
    runtime = open_codec(
        *(graph(codec).SerializeToString() for graph in (encoder_graph, decoder_graph)), hop=hop, context=n
    )
    audio = np.random.default_rng(0).standard_normal(60 * hop).astype(np.float32)
    padded = torch.from_numpy(np.pad(audio, n * hop, mode="wrap"))[None, None]
    codes = runtime.encode(audio, ring=True)
    with torch.inference_mode():
        assert (codec.encode(padded)[0, :, n : n + 60].numpy() == codes).mean() > 0.98
        around = torch.from_numpy(np.pad(codes, ((0, 0), (n, n)), mode="wrap"))[None]
        wanted = codec.decode(around)[0, 0, n * hop : (n + 60) * hop].numpy()
    assert np.abs(runtime.decode(codes, ring=True) - wanted).max() < 2e-5


# The codec of a bundle


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_codebooks_are_read_back_from_a_decoder(tiny_bundle, precision):
    graph = with_precision(onnx.load_from_string(tiny_bundle.graph("decoder")), precision)
    found = read_codebooks(graph.SerializeToString(), "tiny")
    wanted = tiny_models().codec.quantiser.codebooks.detach()
    # Half precision keeps 11 bits.
    assert (found - wanted).abs().max() <= (0 if precision == "fp32" else wanted.abs().max() * 2**-11)


def test_a_decoder_without_codebooks_lends_nothing(tiny_bundle):
    with pytest.raises(BundleError, match="bundle tiny: its decoder holds no codebooks"):
        read_codebooks(onnx.ModelProto().SerializeToString(), "tiny")
    graphs = {f"{name}.onnx": tiny_bundle.graph(name) for name in ("encoder", "decoder")}  # as bundles were before
    with pytest.raises(BundleError, match="manifest says"):
        codec_of(replace(tiny_bundle, contents=graphs, manifest=replace(tiny_bundle.manifest, n_codebooks=7)))


# Checks


@given(
    hnp.arrays(np.int64, (5, 4), elements=st.integers(0, 2)), hnp.arrays(np.int64, (5, 4), elements=st.integers(0, 2))
)
def test_a_token_is_judged_only_after_equal_ones(codes, wanted):
    judged = []
    for frame in range(4):
        for level in range(5):
            judged.append(codes[level, frame] == wanted[level, frame])
            if not judged[-1]:
                break
    assert decisions_in(codes, wanted) == pytest.approx(np.mean(judged))
