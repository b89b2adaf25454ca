"""Audio files in and out, and masks drawn by hand. Any format libsndfile or pedalboard reads; no models here.

One of the two files that import soundfile. What libsndfile cannot read is given to pedalboard, which reads what the
operating system does (m4a on macOS and Windows).
"""

import io
import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from .audio import MAX_CHANNELS, MAX_INPUT_S, MAX_RATE_HZ, MIN_RATE_HZ, Audio, as_channels_first, check_audio, minutes
from .errors import AudioError, PathError, SettingError, VampbridgeError
from .masks import check_drawn

# Phones and browsers write these; only macOS and Windows bring a decoder.
FOR_FFMPEG = (".m4a", ".mp4", ".aac", ".wma", ".webm")

logger = logging.getLogger(__name__)

# Suffix → libsndfile's format, and the subtype of a file that nobody chose one for: 24 bits where the format has them,
# so that quiet passages keep their detail and every audio program still opens the file.
WRITABLE: dict[str, tuple[str, str]] = {
    ".wav": ("WAV", "PCM_24"),
    ".flac": ("FLAC", "PCM_24"),
    ".aif": ("AIFF", "PCM_24"),
    ".aiff": ("AIFF", "PCM_24"),
    ".caf": ("CAF", "PCM_24"),
    ".w64": ("W64", "PCM_24"),
    ".rf64": ("RF64", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
UNCLIPPED_SUBTYPES = ("FLOAT", "DOUBLE")

# libsndfile's Vorbis encoder keeps a whole write on the stack and crashes on long ones.
BLOCK_SAMPLES = 65536


@dataclass(frozen=True)
class AudioFile:
    """A decoded file.

    Attributes:
        audio: (C, N) float32, full scale ±1.
        sample_rate: in Hz.
    """

    audio: Audio
    sample_rate: int


def read_audio(path: Path) -> AudioFile:
    """Read a whole audio file, after its header has shown that it is not too long.

    Raises:
        PathError: The path does not exist, is a folder, or may not be read.
        AudioError: Empty, not an audio file, no samples, longer than 10 min, not finite, or of a rate or channel count
            out of range.
    """
    path = Path(path)
    _check_file(path)
    try:
        decoded = _read_with_libsndfile(path)
    except sf.LibsndfileError as reason:
        decoded = _read_with_pedalboard(path, reason)
    try:
        check_audio(decoded.audio, decoded.sample_rate)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error
    return decoded


def _check_file(path: Path) -> None:
    if not path.exists():
        raise PathError(f"there is no file {path}")
    if path.is_dir():
        raise PathError(f"{path} is a folder, not an audio file")
    if not os.access(path, os.R_OK):
        raise PathError(f"{path} may not be read: its permissions forbid it")
    if path.stat().st_size == 0:
        raise AudioError(f"{path} is empty: the file has 0 bytes")


def _read_with_libsndfile(path: Path) -> AudioFile:
    if path.suffix.lower() == ".raw":
        raise AudioError(f"{path} is raw audio, which does not say its rate or format: save it as .wav first")
    with sf.SoundFile(path) as file:
        check_header(path, file.frames, rate=file.samplerate, n_channels=file.channels)
        try:
            frames = file.read(dtype="float32", always_2d=True)  # (N, C)
        except sf.LibsndfileError as error:  # not for the second reader, which fills up with silence and says nothing
            raise AudioError(f"{path} is damaged or cut short: {_one_line(error)}; save or convert it again") from error
        if len(frames) < file.frames:
            logger.warning("%s is cut short: %d of %d samples could be read", path, len(frames), file.frames)
        return AudioFile(as_channels_first(frames), int(file.samplerate))


def _read_with_pedalboard(path: Path, reason: sf.LibsndfileError) -> AudioFile:
    from .effects import decode_file

    def check(n_samples: int, rate: int, n_channels: int) -> None:
        check_header(path, n_samples, rate=rate, n_channels=n_channels)

    try:
        audio, rate = decode_file(path, check)
    except VampbridgeError:
        raise
    except (ValueError, RuntimeError, OSError) as error:
        hint = f"; convert it first: ffmpeg -i {path.name} {path.stem}.wav" if path.suffix.lower() in FOR_FFMPEG else ""
        # Without the path again, and without a full stop ahead of the hint.
        why = " ".join(reason.error_string.split()).rstrip(".")
        raise AudioError(f"{path} could not be read as audio: {why}{hint}") from error
    return AudioFile(audio, rate)


def check_header(path: Path, n_samples: int, *, rate: int, n_channels: int) -> None:
    """Refuse what is out of range before a single sample is decoded.

    Raises:
        AudioError: with the range and the value.
    """
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise AudioError(f"{path}: sample rate must be in [{MIN_RATE_HZ}, {MAX_RATE_HZ}] Hz, got {rate}")
    if not 1 <= n_channels <= MAX_CHANNELS:
        raise AudioError(f"{path}: channels must be in [1, {MAX_CHANNELS}], got {n_channels}")
    if n_samples > MAX_INPUT_S * rate:
        raise AudioError(
            f"{path} is {minutes(n_samples / rate)} min long, the limit is {minutes(MAX_INPUT_S)} min: "
            "cut it, or render it in parts"
        )


def output_format(path: Path, subtype: str | None = None) -> tuple[str, str]:
    """Format and subtype, in libsndfile's names, of a file to be written; to be asked before the work begins.

    Args:
        path: its suffix decides the format.
        subtype: libsndfile's name, such as PCM_16 or FLOAT; None takes the format's own.

    Raises:
        PathError: Unknown suffix (lists those there are), a folder, or a folder that does not exist.
        SettingError: A subtype that the format does not have (lists those it has).
    """
    path = Path(path)
    if path.suffix.lower() not in WRITABLE:
        raise PathError(f"{path} must end in one of {', '.join(WRITABLE)}, got {path.suffix!r}")
    if path.is_dir():
        raise PathError(f"{path} is a folder, not a file to write")
    if not path.parent.is_dir():
        raise PathError(f"{path} cannot be written: there is no folder {path.parent}")
    file_format, default = WRITABLE[path.suffix.lower()]
    if subtype is None:
        return file_format, default
    if not sf.check_format(file_format, subtype.upper()):
        allowed = [name for name in sf.available_subtypes(file_format) if sf.check_format(file_format, name)]
        raise SettingError(f"subtype of a {path.suffix} file must be one of {', '.join(allowed)}, got {subtype!r}")
    return file_format, subtype.upper()


def check_target(path: Path, sound: AudioFile, subtype: str | None = None) -> None:
    """Whether a file of that name can hold a sound of this rate and these channels; to be asked before the work begins.

    Raises:
        PathError, SettingError: see `output_format`.
        AudioError: More channels or another rate than the format can hold.
    """
    file_format, chosen = output_format(path, subtype)
    n_channels = sound.audio.shape[0]
    try:
        sf.SoundFile(io.BytesIO(), "w", sound.sample_rate, n_channels, chosen, format=file_format).close()
    except sf.LibsndfileError as error:
        channels = "1 channel" if n_channels == 1 else f"{n_channels} channels"
        raise AudioError(
            f"{path}: a {path.suffix} file ({chosen}) cannot hold {channels} at {sound.sample_rate} Hz; "
            "write a .wav or .flac"
        ) from error


def write_audio(path: Path, audio: Audio, sample_rate: int, *, subtype: str | None = None) -> int:
    """Write a whole file or none: under another name first, then in place of whatever was there.

    Args:
        path: its suffix decides the format (see WRITABLE).
        audio: (C, N) float32, full scale ±1.
        sample_rate: in Hz.
        subtype: see `output_format`.

    Returns:
        How many samples were beyond full scale and had to be clipped: always 0 in FLOAT and DOUBLE files.

    Raises:
        PathError: see `output_format`; also if the disk or the permissions refuse.
        SettingError: see `output_format`.
        AudioError: Not usable audio, or more channels or another rate than the format can hold.
    """
    path = Path(path)
    file_format, chosen = output_format(path, subtype)
    check_audio(audio, sample_rate)
    clips = chosen not in UNCLIPPED_SUBTYPES
    frames = np.ascontiguousarray((np.clip(audio, -1.0, 1.0) if clips else audio).T)  # (N, C)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with sf.SoundFile(part, "w", sample_rate, audio.shape[0], chosen, format=file_format) as file:
            for start in range(0, len(frames), BLOCK_SAMPLES):
                file.write(frames[start : start + BLOCK_SAMPLES])
        part.replace(path)
    except sf.LibsndfileError as error:
        if not os.access(path.parent, os.W_OK):
            raise PathError(f"{path} cannot be written: the folder's permissions forbid it") from error
        raise AudioError(
            f"{path} cannot hold {audio.shape[0]} channels at {sample_rate} Hz as {chosen}: {_one_line(error)}"
        ) from error
    except OSError as error:
        raise PathError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return int(np.count_nonzero(np.abs(audio) > 1.0)) if clips else 0


def read_mask(path: Path) -> NDArray[np.bool_]:
    """A mask drawn by hand: .npy (bool or 0/1) or .csv (0/1, a line for each row), 1 = regenerate.

    One line, or an array of one axis, is one row for all codebooks.

    Returns:
        (rows, columns) bool, at least 1 × 1; the first row is the coarsest codebook.

    Raises:
        PathError: No such file, or neither .npy nor .csv.
        SettingError: Not two-dimensional, empty, or other values than 0 and 1.
    """
    path = Path(path)
    _check_file(path)
    if path.suffix.lower() not in (".npy", ".csv"):
        raise PathError(f"a mask must be a .npy or .csv file, got {path}")
    try:
        if path.suffix.lower() == ".npy":
            drawn = np.asarray(np.load(path, allow_pickle=False))
        else:
            drawn = np.array(_read_table(path))
    except (ValueError, EOFError, OSError) as error:
        raise SettingError(f"{path} could not be read as a mask of 0 and 1: {_one_line(error)}") from error
    try:
        return check_drawn(drawn)
    except SettingError as error:
        raise SettingError(f"{path}: {error}") from error


def _read_table(path: Path) -> list[list[float]]:
    """Numbers in rows; commas, semicolons, tabs or spaces between them, whichever the spreadsheet wrote.

    Raises:
        ValueError: A cell that is no number, or rows of different lengths; says where.
    """
    rows: list[list[float]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        separator = next((mark for mark in ",;\t" if mark in line), None)
        row = [
            _read_cell(cell.strip(), f"line {number}, cell {column}")
            for column, cell in enumerate(line.split(separator), 1)
        ]
        rows.append(row)
        if len(row) != len(rows[0]):
            raise ValueError(f"line {number} has {len(row)} cells, the lines above have {len(rows[0])}")
    return rows


def _read_cell(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"each cell must be 0 (keep) or 1 (draw anew), got {text!r} in {where}") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
