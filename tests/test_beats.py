"""Beats lie where a metronome beside the loop would strike, counted from its tempo or heard in its sound."""

import builtins
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.beats import SNAP_BEATS, counted, find_beats
from vampbridge.engine.errors import AudioError, MissingDependencyError
from vampbridge.engine.settings import VampSettings

RATE, HOP = 44_100, 768
ON = VampSettings(beat_after_ms=50)
NEEDS_LIBROSA = "tracking beats: pip install 'vampbridge[onset]'"


def drums(tempo_bpm, n_beats, *, first_s=0.0, length_s=None):
    """Decaying noise bursts on the beats of a loop, (1, N)."""
    n_samples = round((n_beats * 60 / tempo_bpm if length_s is None else length_s) * RATE)
    audio = np.zeros(n_samples, np.float32)
    burst = (np.random.default_rng(0).standard_normal(4000) * np.exp(-np.arange(4000) / 600)).astype(np.float32)
    for beat in range(n_beats):
        start = round((first_s + beat * 60 / tempo_bpm) * RATE)
        audio[(start + np.arange(burst.size)) % n_samples] += burst * (1.0 if beat % 4 == 0 else 0.7)
    return audio[None]


def find(audio, **changes):
    return find_beats(ON.changed(**changes), audio, RATE, hop_samples=HOP)


def off_by(found, tempo_bpm, n_frames, *, first_s=0.0):
    """How far each beat is from the nearest stroke of the metronome, in frames, on the ring."""
    strokes = (first_s + np.arange(len(found)) * 60 / tempo_bpm) * RATE / HOP
    apart = np.abs(found[:, None] - strokes[None])
    return np.minimum(apart, n_frames - apart).min(axis=1)


def test_beats_of_a_known_tempo_are_counted_from_the_offset():
    beats = counted(100, 25, offset=10.0, beats_per_bar=4, ring=True)
    assert beats.frames.tolist() == [10, 35, 60, 85]
    line = counted(100, 25, offset=60.0, beats_per_bar=4, ring=False)
    assert line.frames.tolist() == [10, 35, 60, 85]
    assert line.numbers.tolist() == [-2, -1, 0, 1]


@pytest.mark.parametrize("n_frames", [230, 226, 234])  # 8 beats of 28.75 frames, and up to 0.14 beats off
def test_a_loop_of_almost_a_whole_number_of_beats_has_exactly_so_many(n_frames):
    beats = counted(n_frames, 28.75, offset=0.0, beats_per_bar=4, ring=True)
    assert len(beats.frames) == 8
    gaps = np.diff([*beats.frames, n_frames])
    assert gaps.max() - gaps.min() <= 1


def test_a_loop_that_ends_between_two_beats_keeps_its_tempo():
    beats = counted(100, 40, offset=0.0, beats_per_bar=4, ring=True)
    assert beats.frames.tolist() == [0, 40, 80]


def test_a_loop_shorter_than_a_beat_has_one():
    assert counted(10, 40, offset=3.0, beats_per_bar=4, ring=True).frames.tolist() == [3]


@given(
    n_frames=st.integers(1, 3000),
    tempo=st.floats(1, 300),
    offset=st.floats(0, 5000),
    per_bar=st.integers(1, 16),
    ring=st.booleans(),
)
def test_beats_lie_inside_rise_and_keep_their_distance(n_frames, tempo, offset, per_bar, ring):
    period = 60 / tempo * RATE / HOP
    beats = counted(n_frames, period, offset=offset, beats_per_bar=per_bar, ring=ring)
    assert ((beats.frames >= 0) & (beats.frames < n_frames)).all()
    assert (np.diff(beats.numbers) == 1).all()
    if ring:
        assert abs(len(beats.frames) - n_frames / period) <= 1
        # Turned back by the offset they rise from the first frame on.
        assert beats.frames[0] == np.floor(offset + 1e-6) % n_frames
    else:
        assert (np.diff(beats.frames) >= np.floor(period) - 1).all()
        assert abs(len(beats.frames) - n_frames / period) <= 1


@given(shift=st.integers(0, 400))
def test_beats_of_a_ring_turn_with_the_offset(shift):
    still = counted(230, 28.75, offset=0.0, beats_per_bar=4, ring=True)
    turned = counted(230, 28.75, offset=float(shift), beats_per_bar=4, ring=True)
    assert ((still.frames + shift) % 230).tolist() == turned.frames.tolist()


@pytest.mark.parametrize(("tempo", "n_beats"), [(80, 4), (97.3, 8), (120, 4), (120, 16), (140, 8)])
@pytest.mark.parametrize("first_s", [0.0, 0.21])
def test_the_beats_of_a_drum_loop_are_heard(tempo, n_beats, first_s):
    pytest.importorskip("librosa", reason=NEEDS_LIBROSA)
    audio = drums(tempo, n_beats, first_s=first_s)
    beats = find(audio)
    n_frames = -(-audio.shape[1] // HOP)
    assert len(beats.frames) == n_beats
    # The tracker's spectra are 46 ms long; a stroke is heard within a token frame or two of where it is.
    assert off_by(beats.frames, tempo, n_frames, first_s=first_s).max() <= 2


def test_the_tracked_beat_nearest_the_offset_begins_a_bar():
    pytest.importorskip("librosa", reason=NEEDS_LIBROSA)
    audio = drums(120, 8)
    downbeats = [find(audio, beat_offset_ms=ms).chosen("downbeats", every=1) for ms in (0, 1040)]
    assert off_by(downbeats[0], 30, -(-audio.shape[1] // HOP)).max() <= 2
    assert off_by(downbeats[1], 30, -(-audio.shape[1] // HOP), first_s=1.0).max() <= 2


def test_a_one_shot_is_tracked_without_going_round():
    pytest.importorskip("librosa", reason=NEEDS_LIBROSA)
    audio = drums(100, 10, first_s=0.3, length_s=7.0)
    beats = find(audio, loop=False)
    inner = beats.frames[(beats.frames > 15) & (beats.frames < 320)]
    assert len(inner) >= 8
    assert off_by(inner, 100, 10**6, first_s=0.3).max() <= 2


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("n_samples", [1, 5000, 60_000])
def test_silence_has_no_beats(n_samples, ring):
    pytest.importorskip("librosa", reason=NEEDS_LIBROSA)
    assert find(np.zeros((1, n_samples), np.float32), loop=ring).frames.size == 0


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("seconds", [0.1, 0.4, 3.3])
def test_whatever_is_heard_in_noise_lies_inside_the_loop(seconds, ring):
    pytest.importorskip("librosa", reason=NEEDS_LIBROSA)
    noise = np.random.default_rng(1).standard_normal((1, round(seconds * RATE))).astype(np.float32)
    frames = find(noise, loop=ring).frames
    assert (np.diff(frames) > 0).all()
    assert ((frames >= 0) & (frames < -(-noise.shape[1] // HOP))).all()


def without_librosa(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "librosa":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    for name in [name for name in sys.modules if name.split(".")[0] == "librosa"]:
        monkeypatch.delitem(sys.modules, name)


def test_a_known_tempo_needs_no_librosa_and_an_unknown_one_says_what_to_install(monkeypatch):
    without_librosa(monkeypatch)
    audio = drums(120, 4)
    assert len(find(audio, tempo_bpm=120).frames) == 4
    with pytest.raises(MissingDependencyError, match=r"without tempo_bpm need librosa: pip install"):
        find(audio)
    assert find(audio, beat_after_ms=0).frames.size == 0


@pytest.mark.parametrize("shape", [(2, 100), (1, 0), (100,)])
def test_what_is_not_mono_audio_is_refused(shape):
    with pytest.raises(AudioError, match="beats need mono audio"):
        find(np.zeros(shape, np.float32), tempo_bpm=100)


def test_a_quarter_of_a_beat_is_forgiven_and_more_is_not():
    near, far = (100 * (8 + SNAP_BEATS * factor) for factor in (0.96, 1.04))
    assert len(counted(round(near), 100, offset=0.0, beats_per_bar=4, ring=True).frames) == 8
    assert len(counted(round(far), 100, offset=0.0, beats_per_bar=4, ring=True).frames) == 9
