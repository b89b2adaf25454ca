"""The benchmarks' measures say what they claim to: known values, and the right sign and direction."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tiny_bundle import TINY_CODEC
from vampbridge.engine.nets.codec import SpectralCodec
from vampbridge.export.graphs import decoder_graph

RATE = 44100


@pytest.fixture(scope="module")
def bench(repo_root):
    """The benchmarks' modules, which are scripts and no package."""
    folder = str(repo_root / "benchmarks")
    sys.path.insert(0, folder)
    try:
        import codec_levels
        import codec_quality
        import loops
        import metrics
        import report
        import vamp_quality
    finally:
        sys.path.remove(folder)
    return SimpleNamespace(
        metrics=metrics, report=report, codec=codec_quality, levels=codec_levels, loops=loops, vamps=vamp_quality
    )


def noise(n_samples: int = RATE, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(n_samples) * 0.1).astype(np.float32)


def chord(*hz: float, n_samples: int = 4 * RATE) -> np.ndarray:
    t = np.arange(n_samples) / RATE
    return sum(np.sin(2 * np.pi * f * t) for f in hz).astype(np.float32) * np.float32(0.1)


def strokes(*at: float, n_samples: int = 2 * RATE) -> np.ndarray:
    """Short noises that start at these shares of the whole."""
    audio = np.zeros(n_samples, dtype=np.float32)
    stroke = noise(2000) * np.exp(-np.arange(2000) / 400).astype(np.float32)
    for share in at:
        start = int(share * n_samples)
        audio[start : start + 2000] += stroke
    return audio


def test_log_mel_distance_of_a_loop_to_itself_is_zero(bench):
    assert bench.metrics.log_mel_distance(noise(), noise(), rate=RATE) == 0
    assert bench.metrics.log_mel_distance_2048(noise(), noise(), rate=RATE) == 0


@pytest.mark.parametrize("gain_db", [-20, -6, 6])
def test_log_mel_distance_of_a_gain_is_that_gain_in_each_of_seven_scales(bench, gain_db):
    louder = noise() * np.float32(10 ** (gain_db / 20))
    # Of the shortest windows a few mel bands hold no bin at all: they stay at the clamp and count as equal.
    assert bench.metrics.log_mel_distance_2048(noise(), louder, rate=RATE) == pytest.approx(abs(gain_db) / 20, rel=0.01)
    distance = bench.metrics.log_mel_distance(noise(), louder, rate=RATE)
    assert 0.85 * 7 * abs(gain_db) / 20 < distance <= 7 * abs(gain_db) / 20 * 1.001


def test_log_mel_distance_does_not_care_which_is_the_reference(bench):
    forth = bench.metrics.log_mel_distance(noise(), noise(seed=1), rate=RATE)
    assert forth == pytest.approx(bench.metrics.log_mel_distance(noise(seed=1), noise(), rate=RATE))
    assert forth > 0.5


@pytest.mark.filterwarnings("ignore:Empty filters")  # published: the low bands of long filter banks hold no bin
def test_mel_filters_are_those_of_librosa(bench):
    librosa = pytest.importorskip("librosa")
    for window, bands in [(2048, 320), (512, 80)]:
        theirs = librosa.filters.mel(sr=RATE, n_fft=window, n_mels=bands)
        np.testing.assert_allclose(bench.metrics.mel_filters(RATE, window, bands), theirs, atol=1e-6)


@given(gain=st.floats(0.01, 100).flatmap(lambda g: st.sampled_from([g, -g])), offset=st.floats(-1, 1))
@examples(max_examples=30)
def test_si_sdr_of_a_scaled_copy_is_infinite(bench, gain, offset):
    reference = noise(4096).astype(np.float64)
    assert bench.metrics.si_sdr_db(reference, gain * reference + offset) == math.inf


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 10.0, 30.0])
@pytest.mark.parametrize("gain", [1.0, 0.2])
def test_si_sdr_is_the_ratio_of_sound_to_unrelated_noise(bench, snr_db, gain):
    reference, unrelated = noise().astype(np.float64), noise(seed=1).astype(np.float64)
    reference -= reference.mean()
    unrelated -= unrelated.mean()
    unrelated -= reference * (unrelated @ reference) / (reference @ reference)
    unrelated *= np.linalg.norm(reference) / np.linalg.norm(unrelated) * 10 ** (-snr_db / 20)
    assert bench.metrics.si_sdr_db(reference, gain * (reference + unrelated)) == pytest.approx(snr_db, abs=1e-6)


def test_si_sdr_of_silence_is_minus_infinity(bench):
    assert bench.metrics.si_sdr_db(noise(), np.zeros(RATE, dtype=np.float32)) == -math.inf
    assert bench.metrics.si_sdr_db(np.zeros(RATE, dtype=np.float32), noise()) == -math.inf


def test_chroma_knows_a_chord_again_and_tells_another_from_it(bench):
    pytest.importorskip("librosa")
    c_major, octave_up, f_sharp = chord(261.6, 329.6, 392), chord(523.3, 659.3, 784), chord(370, 466.2, 554.4)
    assert bench.metrics.chroma_correlation(c_major, c_major, rate=RATE) == pytest.approx(1)
    assert bench.metrics.chroma_correlation(c_major, octave_up, rate=RATE) > 0.8
    assert bench.metrics.chroma_correlation(c_major, f_sharp, rate=RATE) < 0.1


def test_onset_strength_knows_a_rhythm_again_and_tells_another_from_it(bench):
    pytest.importorskip("librosa")
    rhythm, softer, other = (
        strokes(0.1, 0.35, 0.6, 0.85),
        strokes(0.1, 0.35, 0.6, 0.85) * np.float32(0.5),
        strokes(0.2, 0.5, 0.7, 0.95),
    )
    assert bench.metrics.onset_correlation(rhythm, rhythm, rate=RATE) == pytest.approx(1)
    assert bench.metrics.onset_correlation(rhythm, softer, rate=RATE) > 0.95
    assert bench.metrics.onset_correlation(rhythm, other, rate=RATE) < 0.3


def test_silence_correlates_with_nothing(bench):
    pytest.importorskip("librosa")
    silence = np.zeros(4 * RATE, dtype=np.float32)
    assert bench.metrics.chroma_correlation(silence, chord(440), rate=RATE) == 0
    assert bench.metrics.onset_correlation(noise(4 * RATE), silence, rate=RATE) == 0


def test_a_closed_loop_has_no_seam_and_a_cut_one_has(bench):
    t = np.arange(RATE) / RATE
    closed, cut = np.sin(2 * np.pi * 100 * t), np.sin(2 * np.pi * 100.25 * t)
    assert bench.metrics.seam_ratio(closed) <= 1.001
    assert bench.metrics.seam_ratio(cut) > 50
    assert bench.metrics.seam_ratio(np.zeros(100)) == 0
    assert bench.metrics.seam_ratio(np.r_[np.ones(500), np.zeros(500)]) == math.inf


@pytest.mark.parametrize("name", ["log_mel_distance", "log_mel_distance_2048", "chroma_correlation"])
def test_loops_of_two_lengths_are_refused(bench, name):
    with pytest.raises(ValueError, match="of one length"):
        getattr(bench.metrics, name)(noise(), noise(RATE + 1), rate=RATE)


def test_the_last_line_is_json_even_with_infinite_numbers(bench, capsys):
    bench.report.print_table("A table", [{"name": "loop", "value": 1.5, "none": None}])
    bench.report.print_json({"a": [math.inf, -math.inf, math.nan, 1.25], "b": {"c": np.float64(2.0), "d": True}})
    printed = capsys.readouterr().out
    assert "1.500" in printed
    assert json.loads(printed.splitlines()[-1]) == {"a": [None, None, None, 1.25], "b": {"c": 2.0, "d": True}}


def test_a_codec_is_measured_at_its_own_loudness_and_averaged_by_level(bench, monkeypatch):
    monkeypatch.setattr(bench.codec.metrics, "chroma_correlation", lambda *_, **__: 0.5)
    loops = {"drums_a": noise(2 * RATE), "tune_b": noise(2 * RATE, seed=1) * np.float32(0.1)}
    heard = []

    def halves(audio: np.ndarray, levels: int) -> np.ndarray:
        heard.append(float(np.sqrt((audio**2).mean())))
        return np.pad(audio if levels > 1 else audio * np.float32(0.5), (0, 700))

    rows = bench.codec.evaluate_codec(halves, 2, loops)
    assert max(heard) / min(heard) == pytest.approx(1, abs=0.05)  # both at -24 LUFS
    assert [(row["loop"], row["levels"]) for row in rows] == [(loop, k) for k in (1, 2) for loop in loops]
    assert rows[0]["chroma"] is None
    assert rows[1]["chroma"] == 0.5
    means = bench.codec.averages(rows)
    assert means[1]["log_mel"] == pytest.approx(0, abs=1e-4)
    assert means[0]["log_mel"] > 1.7


def test_a_round_trip_that_loses_samples_is_refused(bench):
    with pytest.raises(ValueError, match="at least"):
        bench.codec.evaluate_codec(lambda audio, _: audio[:-1], 1, {"drums": noise()})


def test_the_first_levels_of_a_decoder_graph_decode_as_the_codec_says(bench):
    onnxruntime = pytest.importorskip("onnxruntime")
    torch.manual_seed(0)
    codec = SpectralCodec(TINY_CODEC).eval()
    graph = decoder_graph(codec).SerializeToString()
    codes = np.random.default_rng(0).integers(0, TINY_CODEC.codebook_size, (1, TINY_CODEC.n_codebooks, 20))
    for levels in (1, 2, TINY_CODEC.n_codebooks):
        session = onnxruntime.InferenceSession(
            bench.levels.prefix_decoder(graph, levels), providers=["CPUExecutionProvider"]
        )
        (ours,) = session.run(None, {"codes": codes})
        with torch.inference_mode():
            theirs = codec.decode(torch.from_numpy(codes[:, :levels])).numpy()
        np.testing.assert_allclose(ours, theirs, atol=2e-5)
    with pytest.raises(SystemExit, match=r"levels must be in \[1, 6\], got 7"):
        bench.levels.prefix_decoder(graph, 7)


def test_a_folder_without_loops_says_what_to_do(bench, tmp_path: Path):
    with pytest.raises(SystemExit, match="--loops"):
        bench.loops.read_loops(tmp_path)


def test_the_verdicts_tell_a_near_preset_from_a_far_one(bench, monkeypatch):
    monkeypatch.setattr(bench.vamps.metrics, "chroma_correlation", lambda *_, **__: 0.5)
    pytest.importorskip("librosa")
    loops = {"drums": strokes(0.1, 0.35, 0.6, 0.85) + noise(2 * RATE) * np.float32(0.01)}

    def vary(audio: np.ndarray, name: str, seed: int) -> np.ndarray:
        share = np.float32({"faithful": 0.01, "balanced": 0.1, "wild": 1.0}[name])
        return audio + share * noise(audio.size, seed=seed + 5)

    rows = bench.vamps.evaluate_presets(vary, loops, [0])
    found = bench.vamps.verdicts(bench.vamps.averages(rows, "preset"), rows)
    assert found["faithful is nearer than wild in log_mel"]
    assert found["faithful is nearer than wild in onset"]
    assert found["every vamp is as long as its loop"]
    assert not found["every vamp is within 0.5 LU of its loop"]
    swapped = bench.vamps.evaluate_presets(
        lambda audio, name, seed: vary(audio, {"faithful": "wild", "wild": "faithful"}.get(name, name), seed)[:-1],
        loops,
        [0],
    )
    found = bench.vamps.verdicts(bench.vamps.averages(swapped, "preset"), swapped)
    assert not found["faithful is nearer than wild in log_mel"]
    assert not found["every vamp is as long as its loop"]
