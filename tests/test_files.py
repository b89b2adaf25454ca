"""What comes in and out of audio files and drawn masks."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.engine.errors import AudioError, PathError, SettingError
from vampbridge.engine.files import WRITABLE, output_format, read_audio, read_mask, write_audio

LOSSLESS = (".wav", ".flac", ".aif", ".aiff", ".caf", ".w64", ".rf64")
ONE_STEP_24_BIT = 2.0**-23


def noise(n_channels, n_samples):
    return np.random.default_rng(0).uniform(-0.9, 0.9, (n_channels, n_samples)).astype(np.float32)


def wav_header_claiming(n_samples, rate=44100):
    """A 16-bit mono WAV whose header speaks of more samples than follow."""
    fmt = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    n_bytes = n_samples * 2
    return (
        b"RIFF" + struct.pack("<I", 36 + n_bytes) + b"WAVEfmt " + struct.pack("<I", 16) + fmt
        + b"data" + struct.pack("<I", n_bytes)
    )  # fmt: skip


@pytest.mark.parametrize("suffix", LOSSLESS)
@pytest.mark.parametrize(("n_channels", "rate"), [(1, 8000), (2, 44100), (6, 48000), (2, 192000)])
def test_what_is_written_is_read_back(tmp_path, suffix, n_channels, rate):
    audio = noise(n_channels, 1234)
    path = tmp_path / f"a{suffix}"
    assert write_audio(path, audio, rate) == 0
    back = read_audio(path)
    assert back.sample_rate == rate
    assert back.audio.dtype == np.float32
    assert back.audio.flags["C_CONTIGUOUS"]
    np.testing.assert_allclose(back.audio, audio, atol=ONE_STEP_24_BIT)


@pytest.mark.parametrize("suffix", [".ogg", ".opus", ".mp3"])
def test_lossy_formats_hold_the_sound(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(60_000) / 48000)
    write_audio(path, np.stack([tone, tone]).astype(np.float32), 48000)
    back = read_audio(path)
    assert back.audio.shape[0] == 2
    assert abs(back.audio.shape[1] - 60_000) < 4000
    # A sine of amplitude 0.5 has an RMS of 0.354; lossy codecs keep it within a few per cent.
    assert np.sqrt(np.mean(back.audio[:, 10_000:50_000] ** 2)) == pytest.approx(0.354, rel=0.05)


def test_every_writable_suffix_has_a_format_that_libsndfile_can_write():
    assert all(sf.check_format(file_format, subtype) for file_format, subtype in WRITABLE.values())


def test_samples_beyond_full_scale_are_counted_and_clipped_unless_the_format_holds_them(tmp_path):
    audio = np.array([[0.5, 1.5, -2.0, 1.0]], dtype=np.float32)
    assert write_audio(tmp_path / "a.wav", audio, 44100) == 2
    assert np.abs(read_audio(tmp_path / "a.wav").audio).max() <= 1.0
    assert write_audio(tmp_path / "f.wav", audio, 44100, subtype="float") == 0
    np.testing.assert_array_equal(read_audio(tmp_path / "f.wav").audio, audio)


@pytest.mark.parametrize(
    ("name", "message"),
    [("x.xyz", "must end in one of .wav, .flac"), ("x", "must end in"), ("none/x.wav", "there is no folder")],
)
def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path, name, message):
    with pytest.raises(PathError, match=message):
        output_format(tmp_path / name)


def test_a_subtype_the_format_lacks_is_refused_with_those_it_has(tmp_path):
    with pytest.raises(SettingError, match=r"must be one of .*PCM_16.*got 'FLOAT'"):
        output_format(tmp_path / "x.flac", "FLOAT")


def test_a_failed_write_leaves_what_was_there_and_no_fragments(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_bytes(b"precious")
    with pytest.raises(AudioError, match="6 channels"):
        write_audio(path, noise(6, 1000), 44100)
    assert [(item.name, item.read_bytes()) for item in tmp_path.iterdir()] == [("a.mp3", b"precious")]


def test_a_folder_that_may_not_be_written_is_a_path_error(tmp_path, monkeypatch):
    def no_access(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.replace", no_access)
    with pytest.raises(PathError, match="Permission denied"):
        write_audio(tmp_path / "a.wav", noise(1, 10), 44100)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(PathError, match=r"no file .*gone\.wav"):
        read_audio(tmp_path / "gone.wav")
    with pytest.raises(PathError, match="is a folder"):
        read_audio(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.wav", b"", "0 bytes"),
        ("text.wav", b"this is not audio" * 100, "could not be read as audio"),
        ("noise.mp3", bytes(range(256)) * 40, "could not be read as audio|at least 1 sample"),
        ("half.flac", b"fLaC" + b"\0" * 20, "could not be read as audio|at least 1 sample|sample rate"),
        ("bytes.raw", b"\1\2" * 100, "raw audio"),
        ("none.wav", wav_header_claiming(0), "at least 1 sample"),
    ],
)
def test_a_file_without_audio_is_refused_with_its_name_and_the_reason(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError, match=message) as caught:
        read_audio(path)
    assert name in str(caught.value)


@settings(max_examples=40)
@given(
    content=st.binary(min_size=1, max_size=400),
    start=st.sampled_from([b"", b"RIFF\x24\0\0\0WAVEfmt ", b"OggS", b"fLaC"]),
)
def test_no_bytes_whatever_escape_as_another_error(tmp_path_factory, content, start):
    path = tmp_path_factory.mktemp("bytes") / "x.wav"
    path.write_bytes(start + content)
    try:
        audio = read_audio(path).audio
    except AudioError:
        return
    assert np.isfinite(audio).all()


def test_a_30_minute_file_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(wav_header_claiming(30 * 60 * 8000, 8000))
        file.truncate(44 + 30 * 60 * 8000 * 2)

    def decoded(*_args, **_kwargs):
        pytest.fail("the file was decoded")

    monkeypatch.setattr(sf.SoundFile, "read", decoded)
    with pytest.raises(AudioError, match=r"30:00 min long, the limit is 10:00 min"):
        read_audio(path)


def test_a_header_that_claims_more_than_there_is_gives_what_there_is(tmp_path):
    path = tmp_path / "cut.wav"
    path.write_bytes(wav_header_claiming(44100 * 60) + b"\1\0" * 500)
    assert read_audio(path).audio.shape == (1, 500)


@pytest.mark.parametrize(
    ("n_channels", "rate", "message"), [(1, 4000, "sample rate must be in"), (9, 44100, "channels must be in")]
)
def test_a_rate_or_channel_count_out_of_range_is_refused(tmp_path, n_channels, rate, message):
    sf.write(tmp_path / "x.wav", np.zeros((100, n_channels)), rate)
    with pytest.raises(AudioError, match=message):
        read_audio(tmp_path / "x.wav")


def test_nan_is_refused_and_one_sample_silence_and_clipping_are_not(tmp_path):
    path = tmp_path / "x.wav"
    sf.write(path, np.array([0.1, np.nan]), 44100, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"x\.wav: audio must be finite"):
        read_audio(path)
    for samples in ([0.5], [0.0] * 100, [1.0, -1.0] * 50):
        sf.write(path, np.array(samples), 44100)
        assert read_audio(path).audio.shape == (1, len(samples))


def test_what_libsndfile_cannot_read_is_given_to_pedalboard(tmp_path, monkeypatch):
    path = tmp_path / "x.wav"
    audio = noise(2, 500)
    write_audio(path, audio, 44100)

    def refuse(*_args, **_kwargs):
        raise sf.LibsndfileError(1, "unknown format. ")

    monkeypatch.setattr("vampbridge.engine.files.sf.SoundFile", refuse)
    back = read_audio(path)
    assert back.sample_rate == 44100
    np.testing.assert_allclose(back.audio, audio, atol=ONE_STEP_24_BIT)


def test_a_phones_recording_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "memo.m4a"
    path.write_bytes(b"\0\0\0\x1cftypM4A " + bytes(200))
    with pytest.raises(AudioError, match=r"could not be read as audio: \w[\w ]+; convert it first: ffmpeg -i") as error:
        read_audio(path)
    assert str(error.value).count(str(path)) == 1


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    path = tmp_path / "x.wav"
    write_audio(path, noise(1, 10), 44100)
    monkeypatch.setattr(os, "access", lambda *_args: False)  # the tests may run as root, who may read everything
    with pytest.raises(PathError, match="permissions"):
        read_audio(path)


@pytest.mark.parametrize("dtype", [np.bool_, np.int64, np.float32])
def test_masks_of_zeros_and_ones_are_read(tmp_path, dtype):
    drawn = np.array([[0, 1, 1], [1, 0, 0]])
    np.save(tmp_path / "m.npy", drawn.astype(dtype))
    (tmp_path / "m.csv").write_text("0,1,1\n1,0,0\n")
    for name in ("m.npy", "m.csv"):
        mask = read_mask(tmp_path / name)
        assert mask.dtype == np.bool_
        np.testing.assert_array_equal(mask, drawn.astype(bool))


@pytest.mark.parametrize(
    "text", ["0;1;1\n1;0;0", "0\t1\t1\n1\t0\t0\n\n", "0 1  1\n1 0 0", "\ufeff0, 1, 1\r\n1.0,0e+00,0\r\n"]
)
def test_a_table_may_be_separated_as_any_spreadsheet_does_it(tmp_path, text):
    (tmp_path / "m.csv").write_text(text, encoding="utf-8", newline="")
    np.testing.assert_array_equal(read_mask(tmp_path / "m.csv"), [[0, 1, 1], [1, 0, 0]])


def test_one_row_is_a_mask(tmp_path):
    np.save(tmp_path / "m.npy", np.array([0, 1, 1]))
    (tmp_path / "m.csv").write_text("0,1,1")
    for name in ("m.npy", "m.csv"):
        np.testing.assert_array_equal(read_mask(tmp_path / name), [[False, True, True]])


def test_masks_that_are_none_are_refused(tmp_path):
    np.save(tmp_path / "three.npy", np.zeros((2, 2, 2)))
    np.save(tmp_path / "grey.npy", np.full((2, 2), 0.5))
    np.save(tmp_path / "code.npy", np.array([object()]), allow_pickle=True)
    (tmp_path / "ragged.csv").write_text("0,1\n1\n")
    (tmp_path / "word.csv").write_text("yes,no\n")
    (tmp_path / "hole.csv").write_text("0,1\n1,\n")
    (tmp_path / "grey.csv").write_text("0;1\n0.5;0\n")
    for name, message in {
        "three.npy": r"three\.npy: a drawn mask must have rows .* got the shape 2 x 2 x 2",
        "grey.npy": "got 0.5 in row 1, column 1",
        "code.npy": "could not be read",
        "ragged.csv": "line 2 has 1 cells, the lines above have 2",
        "word.csv": "word.csv could not be read .* got 'yes' in line 1, cell 1",
        "hole.csv": "got '' in line 2, cell 2",
        "grey.csv": r"grey\.csv: .* got 0\.5 in row 2, column 1",
    }.items():
        with pytest.raises(SettingError, match=message):
            read_mask(tmp_path / name)
    (tmp_path / "m.png").write_bytes(b"x")
    with pytest.raises(PathError, match=r"\.npy or \.csv"):
        read_mask(tmp_path / "m.png")
    with pytest.raises(PathError, match="there is no file"):
        read_mask(tmp_path / "gone.npy")
