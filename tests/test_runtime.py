"""Padded lengths and bound memory change nothing but speed; the codec is given no more than memory allows."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from codec_helpers import REORDERED, Shortened, Watched, exported, in_precision, noise, torch_codec, waveform_codec
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from vampbridge.engine import runtime as runtime_module
from vampbridge.engine.buckets import CODEC_GROWTH, TOKEN_GROWTH, buckets, padded, padded_rows
from vampbridge.engine.errors import BundleError
from vampbridge.engine.graph_facts import control_flow, floats_per_frame, operators
from vampbridge.engine.runtime import CodecLimits, CodecRuntime, Runtime
from vampbridge.engine.sessions import open_session
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest
from vampbridge.engine.token_runtime import BoundTokenRuntime
from vampbridge.engine.vamper import Vamper

SETTINGS = VampSettings(temperature=0.9, typical=True, top_p=0.9)


@pytest.fixture(scope="module")
def plain(tiny_bundle):
    return Runtime(tiny_bundle, threads=1, device="cpu")


@pytest.fixture(scope="module")
def bound(tiny_bundle):
    return Runtime(tiny_bundle, threads=1, device="cpu", pad=True)


def one_pass(model, n_frames, *, ring, seed=0, share=0.6):
    rng, shape = np.random.default_rng(seed), model.shape
    codes = rng.integers(0, shape.vocabulary + 1, (shape.n_codebooks, n_frames))
    n_all = n_frames * shape.n_predicted
    rows = np.sort(rng.choice(n_all, max(1, round(share * n_all)), replace=False))
    uniforms = rng.random(len(rows), dtype=np.float32)
    return model.sample(codes, rows, uniforms, settings=SETTINGS, ring=ring)


@pytest.mark.parametrize("stage", ["coarse", "fine"])
@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("n_frames", [1, 2, 7, 8, 9, 41, 64, 65, 96, 150])
def test_padded_and_bound_passes_draw_the_same_tokens(plain, bound, stage, ring, n_frames):
    tokens, log_probs = one_pass(getattr(plain, stage), n_frames, ring=ring)
    ours, our_log_probs = one_pass(getattr(bound, stage), n_frames, ring=ring)
    assert isinstance(getattr(bound, stage), BoundTokenRuntime)
    assert (ours == tokens).all()
    # Float32 sums over another number of keys, the padded of which are exactly 0.
    np.testing.assert_allclose(our_log_probs, log_probs, atol=1e-5)


def test_lengths_that_share_a_bucket_do_not_hear_each_other(plain, bound):
    for n_frames, ring in ((40, True), (33, True), (40, False), (40, True), (33, False), (33, True)):
        tokens, _ = one_pass(bound.coarse, n_frames, ring=ring, seed=n_frames)
        assert (tokens == one_pass(plain.coarse, n_frames, ring=ring, seed=n_frames)[0]).all()


@pytest.mark.parametrize("share", [0.001, 0.12, 0.3, 0.51, 1.0])
def test_padded_rows_are_not_returned(plain, bound, share):
    tokens, _ = one_pass(bound.fine, 24, ring=True, share=share)
    assert (tokens == one_pass(plain.fine, 24, ring=True, share=share)[0]).all()


def test_a_result_stays_when_the_next_pass_is_drawn(bound):
    first, log_probs = one_pass(bound.coarse, 20, ring=True, seed=1)
    kept = first.copy(), log_probs.copy()
    one_pass(bound.coarse, 20, ring=True, seed=2)
    assert (first == kept[0]).all()
    assert (log_probs == kept[1]).all()


def test_a_whole_vamp_is_the_same_padded_and_not(tiny_bundle, bound):
    audio = np.random.default_rng(0).standard_normal((1, 60_000)).astype(np.float32) * 0.1
    request = VampRequest(audio, 44_100, VampSettings(seed=3, coarse_passes=4))
    vamper = Vamper(tiny_bundle, threads=1, device="cpu")
    take = vamper.vamp(request)
    vamper._runtime = bound
    again = vamper.vamp(request)
    # The same tokens; float32 sums in another order in the decoder, and again where loudness and image are put back.
    np.testing.assert_allclose(again.audio, take.audio, atol=1e-5)
    assert take.report.device == again.report.device == "cpu"


def test_warming_up_meets_every_length_of_a_vamp(tiny_bundle, monkeypatch):
    loaded = Runtime(tiny_bundle, threads=1, device="cpu", pad=True)
    seen = []
    loaded.codec._encoder = Watched(loaded.codec._encoder, seen)
    loaded.codec._decoder = Watched(loaded.codec._decoder, seen)
    monkeypatch.setattr(runtime_module, "CODEC_CHUNK_FRAMES", 40)
    loaded.warm_up()
    passes, shapes = set(loaded.coarse._passes), set(seen)
    assert {bucket for bucket, _ in passes} == set(buckets(96))
    audio = np.zeros(90 * 768, dtype=np.float32)
    loaded.codec.decode(loaded.codec.encode(audio, ring=True), ring=True)
    for n_frames in (1, 5, 30, 96):
        for share in (0.01, 0.2, 0.4, 0.9):
            one_pass(loaded.coarse, n_frames, ring=True, share=share)
    assert set(loaded.coarse._passes) == passes
    assert set(seen) == shapes


@given(longest=st.integers(1, 3000), growth=st.sampled_from([TOKEN_GROWTH, CODEC_GROWTH]), share=st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_buckets_are_multiples_of_8_that_hold_every_length_with_little_to_spare(longest, growth, share):
    sizes = buckets(longest, growth)
    length = max(1, round(share * longest))
    bucket = padded(length, sizes)
    assert bucket in sizes
    assert bucket % 8 == 0
    assert length <= bucket < growth * length + 8
    assert sizes[-1] < longest + 8
    assert 1 <= padded_rows(length, longest) <= max(2 * length, -(-longest // 8))
    assert padded_rows(length, longest) >= length


def test_8_bit_activations_do_not_hear_padding(tiny_bundle):
    contents = tiny_bundle.contents | {"coarse.onnx": in_precision(tiny_bundle.graph("coarse"), "int8")}
    bundle = replace(tiny_bundle, contents=contents)
    loaded = Runtime(bundle, threads=1, device="cpu", pad=True)
    assert not isinstance(loaded.coarse, BoundTokenRuntime)
    assert isinstance(loaded.fine, BoundTokenRuntime)
    bare = Runtime(bundle, threads=1, device="cpu", pad=False)
    for n_frames in (1, 7, 33):
        tokens, log_probs = one_pass(loaded.coarse, n_frames, ring=True)
        theirs, their_log_probs = one_pass(bare.coarse, n_frames, ring=True)
        assert (tokens == theirs).all()
        assert (log_probs == their_log_probs).all()


# The codec.


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("limits", [CodecLimits(60, 50), CodecLimits(pad=True), CodecLimits(60, 50, pad=True)])
def test_pieces_and_padding_leave_no_trace(ring, limits):
    whole = torch_codec()
    audio = noise(150 * whole.hop)
    codes = whole.encode(audio, ring=ring)
    sound = whole.decode(codes, ring=ring)
    whole.limits = limits
    # A latent within rounding of the border between two entries may fall on its other side.
    assert (whole.encode(audio, ring=ring) == codes).mean() > 0.995
    np.testing.assert_allclose(whole.decode(codes, ring=ring), sound, atol=REORDERED)


def test_no_piece_is_larger_than_the_limit_but_for_its_surroundings():
    codec = torch_codec()
    seen = []
    codec._decoder = Watched(codec._decoder, seen)
    codec.limits = CodecLimits(decoded_frames=100)
    codec.decode(np.zeros((3, 500), np.int64), ring=True)
    lengths = [shape[2] for _, shape in seen]
    assert max(lengths) == max(100, 3 * codec.context)
    codec.limits = CodecLimits(decoded_frames=1)
    seen.clear()
    codec.decode(np.zeros((3, 500), np.int64), ring=True)
    assert max(shape[2] for _, shape in seen) <= 3 * codec.context


@pytest.mark.parametrize("family", ["lac", "dac"])
@pytest.mark.parametrize("rates", [(3, 5), (2, 3, 4), (5, 2)])
@pytest.mark.parametrize("limits", [CodecLimits(), CodecLimits(30, 30), CodecLimits(pad=True)])
def test_odd_strides_give_whole_frames_and_every_sample(family, rates, limits):
    network, codec = waveform_codec(family, rates), torch_codec(family, rates, limits)
    audio = noise(80 * codec.hop)
    codes = codec.encode(audio, ring=True)
    sound = codec.decode(codes, ring=True)
    assert codes.shape == (3, 80)
    assert sound.shape == audio.shape
    with torch.inference_mode():
        around = np.pad(codes, ((0, 0), (40, 40)), mode="wrap")
        wanted = network.decode(torch.from_numpy(around)[None])[0, 0, 40 * codec.hop : 120 * codec.hop]
    np.testing.assert_allclose(sound, wanted.numpy(), atol=REORDERED)


@pytest.mark.parametrize("family", ["lac", "dac"])
def test_without_surroundings_missing_samples_are_silent_and_others_are_cut(family):
    network, bare = waveform_codec(family, (3, 5)), torch_codec(family, (3, 5)).without_surroundings()
    codes = np.random.default_rng(0).integers(0, 16, (3, 20))
    sound = bare.decode(codes, ring=False)
    with torch.inference_mode():
        graph = network.decode(torch.from_numpy(codes)[None])[0, 0].numpy()
    assert len(graph) != len(sound) == 20 * bare.hop
    shared = min(len(graph), len(sound))
    np.testing.assert_allclose(sound[:shared], graph[:shared], atol=REORDERED)
    assert (sound[shared:] == 0).all()


def test_surroundings_that_do_not_make_up_for_lost_frames_are_refused():
    codec = torch_codec()
    codec._encoder = Shortened(codec._encoder, codec.context + 1)
    with pytest.raises(BundleError, match="codec_context"):
        codec.encode(noise(30 * codec.hop), ring=True)


@pytest.mark.parametrize("limits", [CodecLimits(), CodecLimits(40, 40), CodecLimits(pad=True)])
@pytest.mark.parametrize("ring", [True, False])
def test_a_decoder_that_trims_its_surroundings_is_heard_at_the_right_place(limits, ring):
    encoder, decoder = exported()
    graphs = encoder, in_precision(decoder, "mixed")
    sessions = [open_session(graph, what="codec", threads=1) for graph in graphs]
    plain = torch_codec()
    mixed = CodecRuntime(*sessions, hop=plain.hop, context=plain.context, limits=limits)
    assert mixed._trimmed > 0
    codes = np.random.default_rng(0).integers(0, 16, (3, 70))
    wanted, sound = plain.decode(codes, ring=ring), mixed.decode(codes, ring=ring)
    assert sound.shape == wanted.shape
    # 8-bit activations, so not equal; a shift by even one sample of this noise would leave nothing in common.
    assert np.corrcoef(sound, wanted)[0, 1] > 0.98
    bare = mixed.without_surroundings().decode(codes, ring=False)
    assert np.corrcoef(bare, plain.without_surroundings().decode(codes, ring=False))[0, 1] > 0.95


# What a graph says of itself.


def test_operators_are_found_inside_branches_and_again_after_a_suffix(tiny_bundle):
    graph = tiny_bundle.graph("coarse")
    assert control_flow(graph) == ("If",)
    model = onnx.load_from_string(graph)
    wanted, waiting = set(), [model.graph]
    while waiting:
        part = waiting.pop()
        wanted |= {node.op_type for node in part.node}
        waiting += [attribute.g for node in part.node for attribute in node.attribute if attribute.HasField("g")]
    assert operators(graph) == wanted
    more = onnx.ModelProto()
    more.graph.node.append(helper.make_node("Loop", [], []))
    assert control_flow(graph + more.SerializeToString()) == ("If", "Loop")


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_the_largest_activation_is_known_from_the_graph(precision):
    config = waveform_codec().config
    encoder, decoder = (in_precision(graph, precision) for graph in exported())
    # The widest layers: before the first stride, and after the last one.
    assert floats_per_frame(encoder, samples_per_frame=config.hop) == config.encoder_dim * config.hop
    if precision != "int8":
        assert floats_per_frame(decoder) == config.decoder_dim // 2**3 * config.hop


def test_the_limits_follow_the_memory_and_not_the_length(tiny_bundle, monkeypatch):
    encoder, decoder = exported()
    contents = tiny_bundle.contents | {"encoder.onnx": encoder, "decoder.onnx": decoder}
    bundle = replace(tiny_bundle, contents=contents)
    limits = []
    for size in (2**20, 2**21):
        monkeypatch.setitem(runtime_module.CODEC_CHUNK_BYTES, "cpu", size)
        limits.append(CodecLimits.of(bundle, "cpu", pad=False))
    assert limits[1].decoded_frames == pytest.approx(2 * limits[0].decoded_frames, abs=1)
    assert limits[0].decoded_frames == 2**20 // (4 * runtime_module.LIVE_ACTIVATIONS * 4 * 32)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_what_is_no_graph_is_a_bundle_error_or_holds_no_operators(data):
    try:
        found = operators(data)
    except BundleError:
        return
    assert isinstance(found, frozenset)
