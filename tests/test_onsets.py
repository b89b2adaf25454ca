import builtins
import sys
from pathlib import Path

import numpy as np
import pytest
from vampbridge.engine.errors import AudioError, MissingDependencyError
from vampbridge.engine.onsets import onset_frames

HOP = 768
RATE = 44100


@pytest.fixture(scope="module")
def clicks():
    return dict(np.load(Path(__file__).parent / "fixtures" / "published" / "masks.npz"))


def click_loop(n_frames, at_frames):
    """Decaying noise bursts at the starts of frames, (1, n_frames * HOP)."""
    audio = np.zeros((1, n_frames * HOP), np.float32)
    burst = np.random.default_rng(0).standard_normal(2000) * np.exp(-np.arange(2000) / 300)
    for frame in at_frames:
        places = (frame * HOP + np.arange(burst.size)) % audio.shape[1]
        audio[0, places] += burst.astype(np.float32)
    return audio


@pytest.mark.parametrize(("backtrack", "name"), [(True, "onset_frames_backtracked"), (False, "onset_frames_plain")])
def test_onsets_are_the_published_ones_on_the_line(clicks, backtrack, name):
    pytest.importorskip("librosa", reason="onset prompts: pip install 'vampbridge[onset]'")
    found = onset_frames(clicks["onset_audio"][None], RATE, hop_samples=HOP, ring=False, backtrack=backtrack)
    np.testing.assert_array_equal(found, clicks[name])
    assert found.dtype == np.int64


def test_a_note_on_the_first_frame_of_a_loop_is_found_on_the_ring_only():
    pytest.importorskip("librosa", reason="onset prompts: pip install 'vampbridge[onset]'")
    audio = click_loop(100, [0, 40, 70])
    on_ring = onset_frames(audio, RATE, hop_samples=HOP, ring=True)
    on_line = onset_frames(audio, RATE, hop_samples=HOP, ring=False)
    distance_to_seam = np.minimum(on_ring, 100 - on_ring)
    assert distance_to_seam.min() <= 3
    assert len(on_ring) == 3
    assert len(on_line) == 2


def test_ring_onsets_turn_with_the_loop():
    pytest.importorskip("librosa", reason="onset prompts: pip install 'vampbridge[onset]'")
    audio = click_loop(100, [5, 40, 70])
    still = onset_frames(audio, RATE, hop_samples=HOP, ring=True)
    turned = onset_frames(np.roll(audio, 33 * HOP, axis=1), RATE, hop_samples=HOP, ring=True)
    assert len(still) == 3
    np.testing.assert_array_equal(np.sort((still + 33) % 100), turned)


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("n_samples", [1, 100, 5000, 44100])
def test_silence_of_any_length_has_no_onsets(n_samples, ring):
    pytest.importorskip("librosa", reason="onset prompts: pip install 'vampbridge[onset]'")
    assert onset_frames(np.zeros((1, n_samples), np.float32), RATE, hop_samples=HOP, ring=ring).size == 0


@pytest.mark.parametrize("shape", [(2, 100), (1, 0), (100,)])
def test_what_is_not_mono_audio_is_refused(shape):
    with pytest.raises(AudioError, match=r"mono audio \(1, N\) with at least 1 sample, got \("):
        onset_frames(np.zeros(shape, np.float32), RATE, hop_samples=HOP, ring=True)


def test_without_librosa_the_error_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "librosa":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    for name in [name for name in sys.modules if name.split(".")[0] == "librosa"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingDependencyError, match=r"pip install 'vampbridge\[onset\]'"):
        onset_frames(np.zeros((1, 100), np.float32), RATE, hop_samples=HOP, ring=True)
