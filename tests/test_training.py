"""The training stages, start to end, at the smallest size: a folder of sounds becomes a bundle that vamps."""

import dataclasses
import re

import numpy as np
import pytest
import soundfile
import torch
from tiny_bundle import TINY_CODEC
from vampbridge.bridge.cli import main
from vampbridge.engine.errors import AudioError, BundleError, SettingError
from vampbridge.engine.nets.transformer import TransformerConfig
from vampbridge.engine.training.checkpoints import read_codec, read_transformer
from vampbridge.engine.training.data import CropSampler, load_folder, resample_by, tilt
from vampbridge.engine.training.frozen_codec import open_frozen
from vampbridge.engine.training.loop import Run
from vampbridge.engine.training.tokens import load_tokens, tokenise_folder
from vampbridge.engine.training.train_codec import CodecTraining, train_codec
from vampbridge.engine.training.train_tokens import TokenCrops, TokenTraining, train_tokens

RATE = 44_100
SECONDS = 4 / 3600  # hours


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    for index, seconds in enumerate((0.4, 2.0, 3.0, 22.0)):
        time = np.arange(round(seconds * RATE)) / RATE
        tone = 0.3 * np.sin(2 * np.pi * 220 * (index + 1) * time) * np.exp(-(time % 0.5) * 6)
        noisy = tone + 0.01 * rng.standard_normal(len(time))
        stereo = np.stack([noisy, noisy], axis=1)
        soundfile.write(folder / f"{index}.flac", stereo, RATE if index else 22_050)
    return folder


@pytest.fixture(scope="module")
def codec_checkpoint(sounds, tmp_path_factory):
    settings = CodecTraining(hours=SECONDS, batch_size=2, crop_frames=12, bypass_steps=2, fade_steps=2, threads=1)
    return train_codec(sounds, tmp_path_factory.mktemp("codec"), settings, config=TINY_CODEC)


@pytest.fixture(scope="module")
def tokens(sounds, codec_checkpoint, tmp_path_factory):
    out = tmp_path_factory.mktemp("tokens") / "tokens.npz"
    return tokenise_folder(sounds, open_frozen(codec_checkpoint), out, copies=2)


def test_a_folder_is_read_as_mono_at_the_codec_rate_and_level(sounds):
    clips = load_folder(sounds, RATE)
    assert [len(clip.audio) for clip in clips] == [round(0.8 * RATE), 2 * RATE, 3 * RATE, 22 * RATE]
    assert all(clip.audio.dtype == np.float32 and clip.audio.ndim == 1 for clip in clips)


def test_an_empty_folder_and_a_broken_file_are_named(tmp_path):
    with pytest.raises(AudioError, match="no audio files below"):
        load_folder(tmp_path, RATE)
    (tmp_path / "broken.wav").write_bytes(b"RIFFnothing")
    with pytest.raises(AudioError, match=r"broken\.wav"):
        load_folder(tmp_path, RATE)
    (tmp_path / "broken.wav").unlink()
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    with pytest.raises(AudioError, match=r"empty\.wav holds no sound"):
        load_folder(tmp_path, RATE)


def test_crops_have_one_length_and_follow_the_generator(sounds):
    clips = load_folder(sounds, RATE)
    first = CropSampler(clips, 9000, sample_rate=RATE, rng=np.random.default_rng(1)).batch(6)
    again = CropSampler(clips, 9000, sample_rate=RATE, rng=np.random.default_rng(1)).batch(6)
    assert first.shape == (6, 9000)
    assert first.dtype == np.float32
    assert (first == again).all()
    assert np.isfinite(first).all()


def test_augmentations_do_what_they_say():
    time = np.arange(RATE) / RATE
    audio = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    faster = resample_by(audio, 2.0)
    assert abs(len(faster) - RATE / 2) <= 2
    assert np.argmax(np.abs(np.fft.rfft(faster, RATE))) == pytest.approx(880, abs=2)
    low, high = (np.sin(2 * np.pi * f * time).astype(np.float32) for f in (100, 8000))
    assert np.abs(tilt(low, 4, RATE)).max() < np.abs(low).max() < np.abs(tilt(low, -4, RATE)).max()
    assert np.abs(tilt(high, 4, RATE)).max() > np.abs(high).max()


def test_the_tilt_turns_at_1_khz_at_any_rate():
    for rate in (16_000, 44_100, 96_000):
        time = np.arange(rate) / rate
        pivot, above = (np.sin(2 * np.pi * f * time).astype(np.float32) for f in (1000, 4000))
        np.testing.assert_allclose(tilt(pivot, 6, rate), pivot, atol=1e-4)
        np.testing.assert_allclose(tilt(above, 6, rate), above * 10 ** (6 / 20), atol=1e-4)  # two octaves


def test_codec_training_resumes_where_it_stopped(sounds, tmp_path):
    settings = CodecTraining(hours=SECONDS, batch_size=1, crop_frames=8, bypass_steps=1, fade_steps=1, threads=1)
    path = train_codec(sounds, tmp_path, settings, config=TINY_CODEC)
    before = Run(tmp_path, SECONDS, 1e-3).resume()["step"]
    assert before > 1
    longer = CodecTraining(hours=2 * SECONDS, batch_size=1, crop_frames=8, bypass_steps=1, fade_steps=1, threads=1)
    train_codec(sounds, tmp_path, longer, config=TINY_CODEC)
    assert Run(tmp_path, SECONDS, 1e-3).resume()["step"] > before
    assert read_codec(path).config == TINY_CODEC


def test_tokens_know_rings_from_lines_and_keep_to_the_vocabulary(tokens):
    clips = load_tokens(tokens)
    assert len(clips) == 8
    assert [clip.ring for clip in clips[:4]] == [False, True, True, False]
    assert all(clip.codes.shape[0] == TINY_CODEC.n_codebooks for clip in clips)
    assert all(set(np.unique(clip.codes)) <= set(range(TINY_CODEC.codebook_size)) for clip in clips)
    assert clips[1].codes.shape[1] == round(2 * RATE / TINY_CODEC.hop)


def test_masks_follow_the_schedule_and_spare_the_conditioning(tokens):
    config = TransformerConfig(n_codebooks=6, n_conditioning=2)
    crops = TokenCrops(load_tokens(tokens), config, np.random.default_rng(0))
    mask = crops.masks((200, 6, 50))
    assert not mask[:, :2].any()
    assert mask.any(axis=(1, 2)).all()
    share = mask[:, 2:].mean(axis=(1, 2))
    assert share.min() < 0.2
    assert share.max() > 0.95


def test_a_circular_shift_of_a_loop_stays_that_loop(tokens):
    config = TransformerConfig(n_codebooks=2)
    loop = [clip for clip in load_tokens(tokens) if clip.ring][:1]
    crops = TokenCrops(loop, config, np.random.default_rng(0))
    length = loop[0].codes.shape[1]
    crop = crops.batch(1, length)[0]
    assert any((np.roll(loop[0].codes[:2], -shift, axis=1) == crop).all() for shift in range(length))


@pytest.mark.parametrize("n_conditioning", [0, 2])
def test_transformers_learn_and_are_read_back(tokens, codec_checkpoint, tmp_path, n_conditioning):
    config = TransformerConfig(
        n_codebooks=2 if n_conditioning == 0 else 6,
        n_conditioning=n_conditioning,
        vocabulary=64,
        latent_dim=4,
        width=32,
        n_heads=4,
        n_layers=1,
    )
    books = read_codec(codec_checkpoint).quantiser.codebooks
    settings = TokenTraining(hours=SECONDS, batch_size=2, crop_frames=40, threads=1)
    path = train_tokens(tokens, tmp_path, settings, config, books)
    assert read_transformer(path).config == config
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert "cross_entropy" in lines[0]


def test_a_checkpoint_of_something_else_is_refused(codec_checkpoint, tmp_path):
    with pytest.raises(BundleError, match="no transformer checkpoint"):
        read_transformer(codec_checkpoint)
    (tmp_path / "junk.pt").write_bytes(b"junk")
    with pytest.raises(BundleError, match="cannot read checkpoint"):
        read_codec(tmp_path / "junk.pt")


def test_a_checkpoint_never_runs_code(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (exec, ("raise SystemExit('ran')",))

    torch.save({"config": Bomb(), "model": {}}, tmp_path / "bomb.pt")
    with pytest.raises(BundleError, match="cannot read checkpoint"):
        read_codec(tmp_path / "bomb.pt")


def write_tokens(path, **arrays):
    np.savez(path, **arrays)
    return path


def train_coarse(path, folder, codec_checkpoint):
    config = TransformerConfig(n_codebooks=2, vocabulary=64, latent_dim=4, width=32, n_heads=4, n_layers=1)
    books = read_codec(codec_checkpoint).quantiser.codebooks
    settings = TokenTraining(hours=SECONDS / 4, batch_size=1, crop_frames=8, threads=1)
    return train_tokens(path, folder, settings, config, books)


@pytest.mark.parametrize("junk", [b"", b"junk", b"PK\x03\x04junk", b"\x93NUMPY"])
def test_a_file_that_holds_no_tokens_is_refused_with_the_way_out(tmp_path, junk):
    (tmp_path / "tokens.npz").write_bytes(junk)
    with pytest.raises(AudioError, match=r"tokens\.npz.*vampbridge train tokens"):
        load_tokens(tmp_path / "tokens.npz")


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"weights": np.zeros((6, 9), np.int16)},
        {"00-00000-ring-train": np.zeros(9, np.int16)},
        {"00-00000-ring-train": np.zeros((6, 0), np.int16)},
        {"00-00000-ring-train": np.zeros((6, 9), np.float32)},
        {"00-00000-ring-train": np.array([{}], dtype=object)},
    ],
)
def test_an_archive_of_something_else_is_no_tokens(tmp_path, arrays):
    with pytest.raises(AudioError, match="vampbridge train tokens"):
        load_tokens(write_tokens(tmp_path / "other.npz", **arrays))


def test_a_training_set_with_every_file_held_out_is_refused(tmp_path, codec_checkpoint):
    path = write_tokens(tmp_path / "t.npz", **{"00-00000-ring-held": np.zeros((6, 40), np.int16)})
    with pytest.raises(AudioError, match="nothing to train on"):
        train_coarse(path, tmp_path / "run", codec_checkpoint)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("codes", [np.full((6, 40), 64), np.full((6, 40), -1), np.zeros((1, 40))])
def test_tokens_of_another_codec_are_refused(tmp_path, codec_checkpoint, codes):
    path = write_tokens(tmp_path / "t.npz", **{"00-00000-ring-train": codes.astype(np.int16)})
    with pytest.raises(AudioError, match="comes from another codec"):
        train_coarse(path, tmp_path / "run", codec_checkpoint)


@pytest.mark.parametrize(
    ("stage", "option", "value", "reason"),
    [
        ("coarse", "--n-coarse", "9", r"n_coarse must be in \[1, 5\].*got 9"),
        ("coarse", "--n-coarse", "6", r"n_coarse must be in \[1, 5\].*got 6"),
        ("fine", "--n-coarse", "6", r"n_coarse must be in \[1, 5\].*got 6"),
        ("coarse", "--width", "100", "width must be a multiple of the 8 heads, got 100"),
        ("fine", "--width", "100", "width must be a multiple of the 8 heads, got 100"),
    ],
)
def test_sizes_that_do_not_fit_are_one_line(stage, option, value, reason, tokens, codec_checkpoint, tmp_path, capsys):
    run = tmp_path / "run"
    assert main(["train", stage, str(tokens), str(codec_checkpoint), str(run), option, value]) == 2
    error = capsys.readouterr().err
    assert re.search(f"^error: {reason}", error)
    assert error.count("\n") == 1
    assert not run.exists()


def test_a_run_needs_a_time(tmp_path):
    with pytest.raises(SettingError, match="hours must be in"):
        Run(tmp_path, 0, 1e-3)


def test_a_codec_run_of_other_sizes_is_not_resumed(sounds, codec_checkpoint):
    other = dataclasses.replace(TINY_CODEC, d_high=24)
    settings = CodecTraining(hours=1, batch_size=1, crop_frames=8, threads=1)
    with pytest.raises(SettingError, match=r"holds a run with d_high 16, got d_high 24: .* another run folder"):
        train_codec(sounds, codec_checkpoint.parent, settings, config=other)


def test_a_transformer_run_of_other_sizes_is_not_resumed(tokens, codec_checkpoint, tmp_path):
    path = train_coarse(tokens, tmp_path, codec_checkpoint)
    books = read_codec(codec_checkpoint).quantiser.codebooks
    before = path.read_bytes()
    config = TransformerConfig(n_codebooks=2, vocabulary=64, latent_dim=4, width=64, n_heads=8, n_layers=1)
    settings = TokenTraining(hours=1, batch_size=1, crop_frames=8, threads=1)
    with pytest.raises(SettingError, match="holds a run with width 32, n_heads 4, got width 64, n_heads 8"):
        train_tokens(tokens, tmp_path, settings, config, books)
    with pytest.raises(SettingError, match="another stage"):
        train_tokens(tokens, codec_checkpoint.parent, settings, config, books)
    assert path.read_bytes() == before
