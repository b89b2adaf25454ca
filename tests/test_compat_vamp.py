"""The setting `compat`: a whole vamp on a bundle's graphs as the published code would do it."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from vampbridge.engine import loudness
from vampbridge.engine.compat import codec as published_codec
from vampbridge.engine.compat import vamp as published_road
from vampbridge.engine.compat.decoding import generate
from vampbridge.engine.compat.vamp import PublishedVamp
from vampbridge.engine.errors import SettingError
from vampbridge.engine.progress import PassCounter
from vampbridge.engine.runtime import CodecLimits
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest
from vampbridge.engine.vamper import Vamper

QUICK = VampSettings(
    seed=1, period=5, codebooks_kept=6, coarse_passes=2, typical=False, mask_temperature=1.0, loop=False
)


def request_of(n_samples=30000, rate=44100, channels=1, vamp_settings=QUICK):
    noise = np.random.default_rng(0).standard_normal((channels, n_samples)).astype(np.float32) * np.float32(0.1)
    return VampRequest(noise, rate, vamp_settings)


@pytest.fixture(scope="module")
def vamper(tiny_bundle):
    return Vamper(tiny_bundle, threads=1)


def published_vamp(vamper, request):
    road = PublishedVamp(vamper._runtime, vamper.bundle.manifest)
    told = []
    audio, mask = road.run(request, request.settings, PassCounter(told.append, None))
    return audio, mask, told


def test_typical_sampling_acts_and_published_it_does_not(vamper):
    loop = request_of()
    for compat in (False, True):
        base = QUICK.changed(compat=compat)
        narrow = base.changed(typical=True, typical_mass=0.05, typical_min_tokens=1)
        first, second = (vamper.vamp(replace(loop, settings=chosen)).audio for chosen in (base, narrow))
        assert np.array_equal(first, second) == compat


def test_a_published_vamp_is_not_cut_to_the_loops_length_and_a_take_is(vamper):
    request = request_of(channels=2, vamp_settings=QUICK.changed(compat=True, variations=2, stretch=2))
    audio, mask, told = published_vamp(vamper, request)
    n_frames = -(-30000 // vamper.bundle.manifest.hop)
    assert audio.shape == (2, 1, 2 * n_frames * vamper.bundle.manifest.hop)
    assert mask.shape[1] == 2 * n_frames
    assert told[-1].fraction == 1
    take = vamper.vamp(request)
    assert take.audio.shape == (2, 2, 60000)
    assert (take.audio[:, :1] == audio[:, :, :60000]).all()
    assert (take.audio[:, 0] == take.audio[:, 1]).all()


def test_a_published_vamp_has_the_loudness_of_its_input(vamper):
    request = request_of(60000)
    audio, _, _ = published_vamp(vamper, request)
    wanted = loudness.integrated_lufs(request.audio, 44100)
    # One gain in float32 takes it there; 1e-3 LU is also what parity with the published loudness is measured at.
    assert loudness.integrated_lufs(audio[0], 44100) == pytest.approx(wanted, abs=1e-3)


def test_the_same_seed_repeats_a_published_take_and_the_default_is_another(vamper):
    first, again = (vamper.vamp(request_of(vamp_settings=QUICK.changed(compat=True))) for _ in range(2))
    assert (first.audio == again.audio).all()
    assert first.report.settings.compat
    default = vamper.vamp(request_of())
    assert (default.audio != first.audio).any()
    assert default.report.take_id != first.report.take_id


def test_the_mask_temperature_of_the_fine_model_is_the_published_one(vamper, monkeypatch):
    seen = []

    def watch(source, codes, mask, passes):
        seen.append((source.model is vamper._runtime.fine, passes.mask_temperature))
        return generate(source, codes, mask, passes)

    monkeypatch.setattr(published_road, "generate", watch)
    published_vamp(vamper, request_of(vamp_settings=QUICK.changed(mask_temperature=1.0)))
    assert set(seen) == {(False, 1.0), (True, 10.5)}


@pytest.mark.parametrize("name", ["temperature", "top_p"])
def test_published_settings_of_the_coarse_model_never_reach_the_fine_one(name, vamper, monkeypatch):
    seen = []
    fine = type(vamper._runtime.fine).sample

    def watch(self, codes, rows, uniforms, *, settings, ring):
        seen.append((self is vamper._runtime.fine, getattr(settings, name)))
        return fine(self, codes, rows, uniforms, settings=settings, ring=ring)

    monkeypatch.setattr(type(vamper._runtime.fine), "sample", watch)
    published_vamp(vamper, request_of(vamp_settings=QUICK.changed(temperature=0.3, top_p=0.5)))
    values = {"temperature": 0.3, "top_p": 0.5}
    assert {value for is_fine, value in seen if not is_fine} == {values[name]}
    assert {value for is_fine, value in seen if is_fine} == {getattr(VampSettings(), name)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"combine": "all"}, "combine must be any, got all: the published prompts"),
        ({"period_offset": 3}, "period_offset must be 0, got 3: the published prompt"),
        ({"fine_passes": 4}, "fine_passes must be 2, got 4: the published fine model"),
        ({"beat_before_ms": 20}, "beat_before_ms must be 0, got 20.0: the published prompt hears"),
        ({"beat_after_ms": 20}, "beat_after_ms must be 0, got 20.0: the published prompt hears"),
        ({"feedback": 2}, "feedback must be 1, got 2: every published round"),
    ],
)
def test_what_the_published_code_cannot_do_is_refused(change, words, vamper):
    with pytest.raises(SettingError, match=words):
        vamper.vamp(request_of(vamp_settings=QUICK.changed(compat=True, **change)))


def test_a_drawn_mask_is_refused_with_compat(vamper):
    request = replace(request_of(vamp_settings=QUICK.changed(compat=True)), drawn_mask=np.ones((1, 8), dtype=bool))
    with pytest.raises(SettingError, match="no drawn mask"):
        vamper.vamp(request)


PROMPTS = [
    {"period": 3},
    {"period_width": 4},
    {"codebooks_kept": 1},
    {"prefix_s": 0.3},
    {"suffix_s": 0.3},
    {"random_keep": 0.5},
    {"onset_width": 4},
    {"dropout": 0.9},
    {"stretch": 2},
    {"temperature": 0.2},
    {"mask_temperature": 9.0},
    {"top_p": 0.1},
    {"coarse_passes": 5},
    {"variations": 2},
    {"seed": 4},
]


@pytest.mark.parametrize("change", PROMPTS, ids=lambda change: next(iter(change)))
def test_every_other_setting_reaches_a_published_vamp(change, vamper):
    base = QUICK.changed(compat=True)
    before, after = (vamper.vamp(request_of(vamp_settings=chosen)) for chosen in (base, base.changed(**change)))
    assert before.audio.shape != after.audio.shape or (before.audio != after.audio).any()


def test_the_codec_hears_nothing_beyond_the_ends_and_chunks_change_nothing(vamper, monkeypatch):
    runtime, hop = vamper._runtime.codec, vamper.bundle.manifest.hop
    audio = (np.random.default_rng(0).standard_normal(120 * hop) * 0.1).astype(np.float32)
    whole = published_codec.encode(runtime, audio)
    sound = published_codec.decode(runtime, whole)
    assert whole.shape[1] * hop == sound.size == audio.size
    assert (whole[:, 40:80] == runtime.encode(audio, ring=False)[:, 40:80]).all()
    monkeypatch.setattr("vampbridge.engine.runtime.CODEC_CHUNK_FRAMES", 2 * runtime.context + 17)
    assert (published_codec.encode(runtime, audio) == whole).all()
    # Float32 sums over pieces of another length, of samples below 1.
    np.testing.assert_allclose(published_codec.decode(runtime, whole), sound, atol=2e-6)


@pytest.mark.parametrize("most", [0, 1, 20, 40])
def test_a_small_limit_does_not_make_surroundings_the_work(most, vamper, monkeypatch):
    codec, hop = copy.copy(vamper._runtime.codec), vamper.bundle.manifest.hop
    codec.limits = CodecLimits(most, most)
    lengths = []

    class Watched:
        def __init__(self, session):
            self._session = session

        def run(self, outputs, inputs):
            lengths.extend(array.shape[2] // (hop if name == "audio" else 1) for name, array in inputs.items())
            return self._session.run(outputs, inputs)

    codec._encoder, codec._decoder = Watched(codec._encoder), Watched(codec._decoder)
    codes = published_codec.encode(codec, request_of(120 * hop).audio[0])
    published_codec.decode(codec, codes)
    assert max(lengths) <= max(most, 3 * codec.context)
    assert len(lengths) <= 2 * -(-120 // codec.context)
