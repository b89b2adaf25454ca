"""Exported graphs equal torch, and the sampling step in them equals its numpy reference."""

import logging
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_bundle import TINY_CODEC, tiny_models
from vampbridge.engine import sampling
from vampbridge.engine.nets.sampler import _nucleus, _typical, sample_tokens
from vampbridge.engine.nets.spectrum import compand, expand, inverse_stft, stft
from vampbridge.engine.nets.transformer import TokenTransformer, TransformerConfig, folded
from vampbridge.engine.position_bias import position_bias
from vampbridge.engine.runtime import Runtime
from vampbridge.engine.settings import VampSettings
from vampbridge.export.exporter import quiet_exporter


@pytest.fixture(scope="module")
def runtime(tiny_bundle):
    return Runtime(tiny_bundle, threads=1)


def test_the_exporter_leaves_its_log_and_the_warnings_as_they_were():
    log = logging.getLogger("torch.onnx")
    before, filters = log.level, list(warnings.filters)
    levels = []

    def break_off():
        with quiet_exporter():
            levels.append(log.level)
            raise ZeroDivisionError

    try:
        log.setLevel(logging.DEBUG)
        with pytest.raises(ZeroDivisionError):
            break_off()
        assert (levels, log.level) == ([logging.ERROR], logging.DEBUG)
        assert warnings.filters == filters
    finally:
        log.setLevel(before)


def test_analysis_and_synthesis_are_inverse():
    audio = torch.randn(2, 768 * 5)
    back = inverse_stft(expand(compand(stft(audio, 1024, 256))), 1024, 256)
    # Float32 rounding; the outer 1024 samples lack the frames beyond the ends.
    assert (back - audio)[:, 1024:-1024].abs().max() < 1e-5


def test_encoder_and_decoder_equal_torch(runtime):
    codec, context = tiny_models().codec, 16
    rng = np.random.default_rng(0)
    audio = rng.standard_normal(40 * TINY_CODEC.hop).astype(np.float32) * 0.1
    with torch.inference_mode():
        wrapped = torch.from_numpy(np.pad(audio, context * TINY_CODEC.hop, mode="wrap"))[None, None]
        codes = codec.encode(wrapped)[0, :, context:-context].numpy()
        around = torch.from_numpy(np.pad(codes, ((0, 0), (context, context)), mode="wrap"))[None]
        decoded = codec.decode(around)[0, 0, context * TINY_CODEC.hop : -context * TINY_CODEC.hop].numpy()
    assert (runtime.codec.encode(audio, ring=True) == codes).mean() > 0.99
    assert np.abs(runtime.codec.decode(codes, ring=True) - decoded).max() < 2e-5


@pytest.mark.parametrize("ring", [True, False])
def test_long_sounds_are_coded_in_chunks_without_a_trace(runtime, monkeypatch, ring):
    audio = np.random.default_rng(1).standard_normal(90 * TINY_CODEC.hop).astype(np.float32) * 0.1
    codes = runtime.codec.encode(audio, ring=ring)
    whole = runtime.codec.decode(codes, ring=ring)
    monkeypatch.setattr("vampbridge.engine.runtime.CODEC_CHUNK_FRAMES", 32)
    assert (runtime.codec.encode(audio, ring=ring) == codes).mean() > 0.995
    assert np.abs(runtime.codec.decode(codes, ring=ring) - whole).max() < 2e-5


def test_turning_the_ring_turns_the_codes(runtime):
    audio = np.random.default_rng(2).standard_normal(50 * TINY_CODEC.hop).astype(np.float32) * 0.1
    codes = runtime.codec.encode(audio, ring=True)
    turned = runtime.codec.encode(np.roll(audio, 7 * TINY_CODEC.hop), ring=True)
    assert (turned == np.roll(codes, 7, axis=1)).mean() > 0.995


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("n_frames", [2, 17, 60])
def test_the_likeliest_tokens_equal_torch(runtime, ring, n_frames):
    model = tiny_models().fine
    codes = np.random.default_rng(3).integers(0, 65, (6, n_frames))
    bias = torch.from_numpy(position_bias(model.relative_attention_bias.detach().numpy(), n_frames, ring=ring))
    with torch.inference_mode():
        wanted = model(torch.from_numpy(codes)[None], bias)[0].argmax(-1).numpy()
    rows = np.arange(n_frames * 4)
    tokens, _ = runtime.fine.sample(
        codes, rows, np.zeros(len(rows), np.float32), settings=VampSettings(temperature=0, typical=False), ring=ring
    )
    assert (tokens == wanted).all()


@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([0.1, 1.0, 4.0]),
    temperature=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    typical_mass=st.sampled_from([1.0, 0.05, 0.15, 0.9]),
    min_tokens=st.sampled_from([1, 8, 64]),
    top_p=st.sampled_from([1.0, 0.3, 0.95]),
)
@settings(max_examples=80, deadline=None)
def test_the_sampling_step_draws_what_its_reference_draws(seed, scale, temperature, typical_mass, min_tokens, top_p):
    rng = np.random.default_rng(seed)
    logits = (rng.standard_normal((12, 128)) * scale).astype(np.float32)
    uniforms = rng.random(12, dtype=np.float32)
    wanted, log_p = sampling.sample(
        logits, uniforms, temperature=temperature, typical_mass=typical_mass, typical_min_tokens=min_tokens, top_p=top_p
    )
    filters = tuple(torch.tensor(float(value)) for value in (typical_mass, min_tokens, top_p))
    tokens, ours = sample_tokens(
        torch.from_numpy(logits), torch.from_numpy(uniforms), torch.tensor(float(temperature)), filters
    )
    # A uniform or a threshold within float32 rounding of a border may fall on its other side: at most one row of 12.
    same = tokens.numpy() == wanted
    assert same.sum() >= 11
    assert np.abs(ours.numpy() - log_p)[same].max() < 0.2


@pytest.mark.parametrize("kind", ["normal", "one likely token", "one lost token", "nearly flat"])
@pytest.mark.parametrize("vocabulary", [5, 64, 1024])
def test_the_filters_keep_exactly_what_sorting_keeps(kind, vocabulary):
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((100, vocabulary)) * (0.01 if kind == "nearly flat" else 2.0)
    if kind.startswith("one"):
        logits[:, 1] += 8.0 if kind == "one likely token" else -1000.0
    logits = logits.astype(np.float32)
    for first, second in ((0.05, 1), (0.15, 64), (0.5, 4), (0.9, 1024)):
        typical = sampling.typical_filter(logits, mass=first, min_tokens=second)
        ours = _typical(torch.from_numpy(logits), torch.tensor(first), torch.tensor(float(second))).numpy() > -1e38
        nucleus = sampling.top_p_filter(logits, top_p=first)
        theirs = _nucleus(torch.from_numpy(logits), torch.tensor(first), torch.tensor(0.0)).numpy() > -1e38
        # Scores and sums within float32 rounding of each other may change places; then the sets differ by one token.
        assert (typical == ours).all(axis=1).mean() > 0.9
        assert (nucleus == theirs).all(axis=1).mean() > 0.9
        assert (np.abs(typical.sum(1) - ours.sum(1)) <= 1).all()
        assert (np.abs(nucleus.sum(1) - theirs.sum(1)) <= 1).all()


FILTERED = {"typical": True, "typical_mass": 0.05, "typical_min_tokens": 2}


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ({"temperature": 3.0}, {}),
        ({"temperature": 0.0}, {}),
        ({"typical": True}, {"typical_mass": 0.05, "typical_min_tokens": 2}),
        ({"typical_mass": 0.6}, FILTERED),
        ({"typical_min_tokens": 40}, FILTERED),
        ({"top_p": 0.2}, {}),
    ],
)
def test_every_sampling_setting_reaches_the_graph(runtime, change, given):
    codes = np.full((2, 60), 64)
    rows, uniforms = np.arange(120), np.random.default_rng(0).random(120, dtype=np.float32)
    base = VampSettings(temperature=1.0, typical=False).changed(**given)
    before, _ = runtime.coarse.sample(codes, rows, uniforms, settings=base, ring=True)
    after, _ = runtime.coarse.sample(codes, rows, uniforms, settings=base.changed(**change), ring=True)
    assert (before != after).any()


@pytest.mark.parametrize("temperature", [1e-300, 1e-38, 1e-6])
def test_a_vanishing_temperature_takes_the_likeliest_token(runtime, temperature):
    codes, rows = np.full((2, 30), 64), np.arange(60)
    codes[0, ::3] = 5
    uniforms = np.full(60, 0.3, dtype=np.float32)
    results = [
        runtime.coarse.sample(codes, rows, uniforms, settings=VampSettings(temperature=t, typical=False), ring=True)
        for t in (0.0, temperature)
    ]
    assert (results[0][0] == results[1][0]).all()
    assert np.isfinite(results[1][1]).all()


def test_folding_the_codebook_geometry_changes_no_logit():
    config = TransformerConfig(
        n_codebooks=6, n_conditioning=2, vocabulary=64, latent_dim=4, width=32, n_heads=4, n_layers=1
    )
    torch.manual_seed(0)
    trained = TokenTransformer(config, torch.randn(6, 64, 4)).eval()
    torch.nn.init.normal_(trained.geometry.head.weight)
    torch.nn.init.normal_(trained.geometry.head.bias)
    plain = TokenTransformer(config).eval()
    plain.load_state_dict(folded(trained.state_dict()))
    codes, bias = torch.randint(0, 65, (2, 6, 9)), torch.randn(1, 4, 9, 9)
    with torch.inference_mode():
        # Float32 sums in another order.
        assert (trained(codes, bias) - plain(codes, bias)).abs().max() < 1e-3
        hidden = trained.hidden(codes, bias)
        apart = torch.stack([trained.logits_of(hidden, index) for index in range(4)], dim=2)
        assert (apart.flatten(1, 2) - trained(codes, bias)).abs().max() < 1e-4
