"""The whole road of a loop, on a bundle with tiny random weights: what is promised whatever the weights are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.engine import vamper as vamper_module
from vampbridge.engine.dynamics import CEILING
from vampbridge.engine.errors import AudioError, CancelledError, SettingError
from vampbridge.engine.loudness import integrated_lufs
from vampbridge.engine.seam import FALL_MS, NEAR_SILENCE, RISE_MS
from vampbridge.engine.settings import PRESETS, RANGES, VampSettings
from vampbridge.engine.take import VampRequest
from vampbridge.engine.vamper import Vamper

RATE = 44_100
QUICK = VampSettings(seed=1, coarse_passes=2, fine_passes=1, typical=False)


@pytest.fixture(scope="module")
def vamper(tiny_bundle):
    return Vamper(tiny_bundle, threads=1)


def loop_of(seconds=1.0, rate=RATE, channels=1, seed=0):
    """A ring of a few decaying tones with a little noise: (C, N)."""
    n_samples = round(seconds * rate)
    rng = np.random.default_rng(seed)
    time = np.arange(n_samples) / n_samples
    cycles = np.maximum(1, np.round(np.array([110, 220, 330]) * seconds))
    tone = sum(np.sin(2 * np.pi * c * time + p) for c, p in zip(cycles, (0, 1, 2), strict=True)) * 0.1
    audio = np.stack([tone * (0.5 + 0.5 * channel) for channel in range(1, channels + 1)])
    return (audio + 0.003 * rng.standard_normal(audio.shape)).astype(np.float32)


def vamp(vamper, audio=None, vamp_settings=QUICK, rate=RATE, **more):
    return vamper.vamp(VampRequest(loop_of() if audio is None else audio, rate, vamp_settings, **more))


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("loop", [True, False])
def test_length_rate_and_channels_are_those_of_the_input_to_the_sample(vamper, rate, loop):
    audio = loop_of(0.7311, rate, channels=2)
    take = vamp(vamper, audio, QUICK.changed(loop=loop), rate)
    assert take.audio.shape == (1, *audio.shape)
    assert take.audio.dtype == np.float32
    assert take.sample_rate == rate
    assert np.isfinite(take.audio).all()


@given(n_samples=st.integers(4410, 60_000), channels=st.integers(1, 3), loop=st.booleans())
@settings(max_examples=12)
def test_any_length_comes_back_at_that_length(vamper, n_samples, channels, loop):
    audio = loop_of(n_samples / RATE, channels=channels)[:, :n_samples]
    assert vamp(vamper, audio, QUICK.changed(loop=loop)).audio.shape == (1, *audio.shape)


@pytest.mark.parametrize("gain_db", [-30, 0, 10])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_loudness_stays_within_half_a_unit(vamper, gain_db, channels):
    audio = loop_of(2.0, channels=channels) * np.float32(10 ** (gain_db / 20)) / channels
    take = vamp(vamper, audio)
    assert integrated_lufs(take.audio[0], RATE) == pytest.approx(integrated_lufs(audio, RATE), abs=0.5)
    assert np.abs(take.audio).max() <= 1.0


def test_the_seam_is_a_place_like_any_other(vamper):
    for seed in range(4):
        out = vamp(vamper, loop_of(1.3, seed=seed), QUICK.changed(seed=seed)).audio[0, 0]
        assert abs(out[0] - out[-1]) <= np.quantile(np.abs(np.diff(out)), 0.99)


def test_the_same_seed_gives_the_same_samples_and_another_seed_others(vamper):
    first, again = vamp(vamper), vamp(vamper)
    assert (first.audio == again.audio).all()
    assert first.report.take_id == again.report.take_id
    other = vamp(vamper, vamp_settings=QUICK.changed(seed=2))
    assert (other.audio != first.audio).any()
    assert other.report.take_id != first.report.take_id


def test_a_drawn_seed_is_reported_and_repeats_the_take(vamper):
    free = vamp(vamper, vamp_settings=QUICK.changed(seed=None))
    again = vamp(vamper, vamp_settings=QUICK.changed(seed=free.report.seed))
    assert (free.audio == again.audio).all()


def test_a_variation_does_not_depend_on_how_many_there_are(vamper):
    two, three = (vamp(vamper, vamp_settings=QUICK.changed(variations=n)).audio for n in (2, 3))
    assert (two == three[:2]).all()
    assert (three[0] != three[1]).any()


TYPICAL = {"typical": True, "typical_mass": 0.05, "typical_min_tokens": 1}
BEATS = {"period": 0, "beat_after_ms": 60, "tempo_bpm": 240}
# What is changed, and what else must be so for it to show.
CHANGES = [
    ({"period": 3}, {}),
    ({"period_width": 3}, {}),
    ({"period_offset": 2}, {}),
    ({"codebooks_kept": 1}, {}),
    ({"prefix_s": 0.4}, {}),
    ({"suffix_s": 0.4}, {}),
    ({"random_keep": 0.5}, {}),
    ({"onset_width": 9}, {}),
    ({"beat_before_ms": 90}, BEATS),
    ({"beat_after_ms": 200}, BEATS),
    ({"beat_kind": "downbeats"}, BEATS),
    ({"beat_downsample": 3}, BEATS),
    ({"beat_dropout": 0.5}, BEATS),
    ({"beat_invert": True}, BEATS),
    ({"tempo_bpm": 120}, BEATS),
    ({"beats_per_bar": 2}, {**BEATS, "beat_kind": "upbeats"}),
    ({"beat_offset_ms": 100}, BEATS),
    ({"combine": "all"}, {"prefix_s": 0.5}),
    ({"dropout": 0.9}, {}),
    ({"feedback": 2}, {}),
    ({"temperature": 0.2}, {}),
    ({"mask_temperature": 0.0}, {}),
    ({"typical": True}, {"typical_mass": 0.05, "typical_min_tokens": 1}),
    ({"typical_mass": 0.6}, TYPICAL),
    ({"typical_min_tokens": 40}, TYPICAL),
    ({"top_p": 0.1}, {}),
    ({"coarse_passes": 5}, {}),
    ({"fine_passes": 4}, {}),
    ({"loop": False}, {}),
    ({"stretch": 2}, {}),
    ({"variations": 2}, {}),
    ({"compat": True}, {"fine_passes": 2}),
    ({"seed": 9}, {}),
]


@pytest.mark.parametrize(("change", "given"), CHANGES, ids=lambda change: "-".join(change) or "plain")
def test_every_setting_changes_the_result(vamper, change, given):
    base = QUICK.changed(codebooks_kept=6, mask_temperature=10.0, temperature=1.0, **given)
    before, after = (vamp(vamper, vamp_settings=s).audio for s in (base, base.changed(**change)))
    assert before.shape != after.shape or (before != after).any()


def test_no_setting_is_left_out_above():
    assert {name for change, _ in CHANGES for name in change} == set(RANGES)


@pytest.mark.parametrize("stretch", [2, 3, 8])
def test_the_prompt_keeps_the_same_frames_of_the_loop_however_it_is_stretched(vamper, stretch):
    prompt = QUICK.changed(period=2, period_offset=1, codebooks_kept=6)
    plain = vamp(vamper, vamp_settings=prompt).mask
    stretched = vamp(vamper, vamp_settings=prompt.changed(stretch=stretch)).mask
    assert (stretched[:, ::stretch] == plain).all()
    assert (~stretched).sum() == (~plain).sum() > 0


def test_the_report_counts_what_any_round_of_feedback_has_drawn(vamper):
    prompt = QUICK.changed(period=8, codebooks_kept=6)
    once, twice = (vamp(vamper, vamp_settings=prompt.changed(feedback=n)).report for n in (1, 2))
    assert twice.share_regenerated > once.share_regenerated


def test_stretching_makes_it_that_many_times_longer(vamper):
    take = vamp(vamper, vamp_settings=QUICK.changed(stretch=3))
    assert take.audio.shape == (1, 1, 3 * RATE)


def test_a_drawn_mask_decides_what_is_drawn_anew(vamper):
    nothing_else = QUICK.changed(period=0, codebooks_kept=6)
    take = vamp(vamper, vamp_settings=nothing_else, drawn_mask=np.array([[True, False, False, False]]))
    assert take.report.share_regenerated == pytest.approx(0.25, abs=0.02)
    with pytest.raises(SettingError, match="drawn mask"):
        vamp(vamper, vamp_settings=nothing_else, drawn_mask=np.zeros((65, 4), dtype=bool))


def test_equal_channels_stay_equal_and_a_silent_one_stays_silent(vamper):
    mono = loop_of()
    take = vamp(vamper, np.concatenate([mono, mono]))
    assert np.abs(take.audio[0, 0] - take.audio[0, 1]).max() < 1e-5
    panned = vamp(vamper, np.concatenate([mono, np.zeros_like(mono)])).audio[0]
    left, right = (float(np.sqrt((channel**2).mean())) for channel in panned)
    assert right < 0.05 * left


@pytest.mark.parametrize("change", [{"variations": 2}, {"period": 1, "codebooks_kept": 6, "feedback": 3}])
def test_progress_never_goes_back_and_ends_at_one(vamper, change):
    seen = []
    vamper.vamp(VampRequest(loop_of(), RATE, QUICK.changed(**change)), on_progress=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert list(dict.fromkeys(progress.stage for progress in seen)) == ["encode", "coarse", "fine", "decode"]


def test_it_stops_between_passes_when_cancelled(vamper):
    calls = []

    def cancelled():
        calls.append(1)
        return len(calls) > 4

    with pytest.raises(CancelledError):
        vamper.vamp(VampRequest(loop_of(), RATE, QUICK.changed(coarse_passes=30)), is_cancelled=cancelled)
    assert len(calls) == 5


def test_a_loop_longer_than_the_context_is_vamped_in_windows(vamper):
    audio = loop_of(4.0)
    take = vamp(vamper, audio)
    assert take.report.n_frames > 96
    assert take.audio.shape == (1, *audio.shape)


@pytest.mark.parametrize(
    ("audio", "rate", "reason"),
    [
        (np.zeros((1, 0), np.float32), RATE, "empty"),
        (np.ones((1, 1), np.float32), RATE, "at least 100 ms"),
        (np.zeros((1, RATE), np.float32), RATE, "silent"),
        (np.full((1, RATE), np.nan, np.float32), RATE, "finite"),
        (np.ones((9, RATE), np.float32), RATE, "channels must be in"),
        (np.ones((1, RATE), np.float32), 4000, "sample rate must be in"),
        (np.broadcast_to(np.float32(0.1), (1, 30 * 60 * 8000)), 8000, "30:00 min long"),
        (np.zeros(RATE, np.float32), RATE, r"\(C, N\)"),
        (np.concatenate([loop_of(), -loop_of()]), RATE, "cancel each other"),
    ],
)
def test_audio_that_cannot_be_used_is_refused_with_the_reason(vamper, audio, rate, reason):
    with pytest.raises(AudioError, match=reason):
        vamp(vamper, audio, rate=rate)


def test_a_clipped_loop_is_vamped_with_a_warning(vamper):
    take = vamp(vamper, np.clip(loop_of() * 20, -1, 1))
    assert any("clipped" in warning for warning in take.report.warnings)
    loud_sine = 0.99 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE, dtype=np.float32)[None]
    assert vamp(vamper, loud_sine).report.warnings == ()


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_runs_on_every_bundle(vamper, name):
    take = vamp(vamper, vamp_settings=PRESETS[name].changed(seed=1))
    assert 0 < take.report.share_regenerated < 1


def test_the_report_is_enough_to_make_the_take_again(vamper):
    report = vamp(vamper, vamp_settings=QUICK.changed(seed=None), lineage=("abc",)).report
    again = vamp(vamper, vamp_settings=VampSettings(**report.to_dict()["settings"]), lineage=report.lineage).report
    assert again.take_id == report.take_id
    assert again.lineage == ("abc",)


def test_warming_up_leaves_no_trace(vamper):
    before = vamp(vamper).audio
    vamper.warm_up(0.5)
    assert (vamp(vamper).audio == before).all()


def test_a_loop_stretched_beyond_the_limit_is_refused_at_once(vamper):
    loop = np.random.default_rng(0).standard_normal((1, 8000 * 100)).astype(np.float32) * 0.1
    with pytest.raises(AudioError, match="stretched 8 times the loop is 13:20 min long, the limit is 10:00 min"):
        vamper.vamp(VampRequest(loop, 8000, VampSettings(stretch=8)))


def test_a_take_with_nothing_new_says_so(vamper):
    kept = vamp(vamper, vamp_settings=QUICK.changed(period=1, codebooks_kept=64))
    assert kept.report.share_regenerated == 0
    assert "Nothing of the loop is drawn anew" in kept.report.warnings[0]
    assert vamp(vamper).report.warnings == ()


@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("peak", [0.97, 1.0])
def test_a_hot_loop_gives_a_take_that_no_integer_file_clips(vamper, loop, peak):
    strokes = loop_of(seed=3)
    strokes *= peak / np.abs(strokes).max()
    take = vamp(vamper, strokes, vamp_settings=QUICK.changed(loop=loop))
    assert np.abs(take.audio).max() <= max(peak, CEILING)


def test_a_sound_that_is_played_once_neither_begins_nor_ends_on_a_step(vamper, monkeypatch):
    audio = loop_of(0.5, channels=2)[:, :-77]
    faded = {loop: vamp(vamper, audio, QUICK.changed(loop=loop)).audio[0] for loop in (False, True)}
    monkeypatch.setattr(vamper_module, "fade_ends", lambda sound, _rate: sound)
    plain = {loop: vamp(vamper, audio, QUICK.changed(loop=loop)).audio[0] for loop in (False, True)}
    assert np.abs(plain[False][:, [0, -1]]).max() > NEAR_SILENCE  # or this would promise nothing
    assert np.abs(faded[False][:, [0, -1]]).max() <= NEAR_SILENCE
    inside = slice(round(RISE_MS / 1000 * RATE), -round(FALL_MS / 1000 * RATE))
    assert (faded[False][:, inside] == plain[False][:, inside]).all()
    assert (faded[True] == plain[True]).all()


def test_a_published_take_is_never_faded(vamper, monkeypatch):
    monkeypatch.setattr(vamper_module, "fade_ends", lambda sound, _rate: sound * 0)
    settings = QUICK.changed(compat=True, loop=False, fine_passes=2, mask_temperature=1.0, period=5, codebooks_kept=6)
    assert np.abs(vamp(vamper, vamp_settings=settings).audio).max() > 0
