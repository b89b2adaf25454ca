"""32-bit float WAV files, exact to the bit, with a note inside. Nothing but bytes and samples here.

Written by hand and not by libsndfile, because the same sound must give the same bytes, the note must stand before the
samples, and not even the payload of a NaN may change. Layout: `fmt ` (format 3, IEEE float), `fact`, `vamp` (the note),
`data`, all little-endian, as in Microsoft's "Multimedia Programming Interface and Data Specifications" (1991).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...engine.audio import MAX_CHANNELS
from ...engine.errors import AudioError
from ...engine.take import Audio

MAX_BYTES = 2**31 - 2**16
"""Of one sound: 46 min of stereo at 48 kHz. Programs that count in 31 bits still open the file."""
MAX_NOTE_BYTES = 2**24
NOTE_CHUNK = b"vamp"
_FLOAT = 3
_BLOCK_BYTES = 2**20


class WavError(Exception):
    """A file that was not written here, was changed since, or is cut short. Never leaves the sessions."""


@dataclass(frozen=True)
class WavHeader:
    """What stands before the samples; `offset` is where in the file they begin."""

    n_frames: int
    n_channels: int
    sample_rate: int
    note: bytes
    offset: int


def as_bytes(audio: Audio) -> NDArray[np.float32]:
    """(C, N) float32 as it lies in the file: (N, C), little-endian, contiguous.

    Raises:
        AudioError: Another type or shape, 0 or too many channels, no samples, or too many.
    """
    if audio.dtype != np.float32 or audio.ndim != 2:
        raise AudioError(f"a session keeps float32 of shape (C, N), got {audio.dtype} of shape {audio.shape}")
    if not 1 <= audio.shape[0] <= MAX_CHANNELS or audio.shape[1] == 0:
        raise AudioError(f"a session keeps 1 to {MAX_CHANNELS} channels of at least 1 sample, got {audio.shape}")
    if audio.size * 4 > MAX_BYTES:
        raise AudioError(f"a session keeps sounds of up to {MAX_BYTES} bytes, got {audio.size * 4}")
    return np.ascontiguousarray(audio.T, dtype="<f4")


def sha256_of(frames: NDArray[np.float32]) -> str:
    """Fingerprint of the samples alone, of (N, C) as in the file."""
    return hashlib.sha256(frames.data).hexdigest()


def write_wav(file: BinaryIO, frames: NDArray[np.float32], sample_rate: int, note: bytes) -> None:
    """Write frames (N, C), from `as_bytes`, with a note.

    Raises:
        OSError: The disk refuses.
        ValueError: The note is too long.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise ValueError(f"a note has at most {MAX_NOTE_BYTES} bytes, got {len(note)}")
    n_frames, n_channels = frames.shape
    form = struct.pack("<HHIIHHH", _FLOAT, n_channels, sample_rate, sample_rate * n_channels * 4, n_channels * 4, 32, 0)
    before = _chunk(b"fmt ", form) + _chunk(b"fact", struct.pack("<I", n_frames)) + _chunk(NOTE_CHUNK, note)
    n_bytes = frames.nbytes
    file.write(b"RIFF" + struct.pack("<I", 4 + len(before) + 8 + n_bytes) + b"WAVE" + before)
    file.write(b"data" + struct.pack("<I", n_bytes))
    data = frames.data.cast("B")
    file.writelines(data[start : start + _BLOCK_BYTES] for start in range(0, n_bytes, _BLOCK_BYTES))


def read_header(path: Path) -> WavHeader:
    """What a file of ours holds, without its samples.

    Raises:
        WavError: It is not one of ours, or not whole.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return _read_header(file, path.stat().st_size)


def read_wav(path: Path) -> tuple[WavHeader, Audio]:
    """Header and sound, (C, N) float32.

    Raises:
        WavError: It is not one of ours, or not whole.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        header = _read_header(file, path.stat().st_size)
        frames = np.empty((header.n_frames, header.n_channels), dtype="<f4")
        file.seek(header.offset)
        if file.readinto(frames.data.cast("B")) != frames.nbytes:
            raise WavError(f"{path} is cut short")
    return header, np.ascontiguousarray(frames.T, dtype=np.float32)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _read_header(file: BinaryIO, n_bytes: int) -> WavHeader:
    start = file.read(12)
    if len(start) < 12 or start[:4] != b"RIFF" or start[8:] != b"WAVE":
        raise WavError(f"{file.name} is no WAV file")
    if struct.unpack("<I", start[4:8])[0] + 8 != n_bytes:
        raise WavError(f"{file.name} is cut short, or was changed by another program")
    form = note = b""
    while len(head := file.read(8)) == 8:
        name, length = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"data":
            return _header(file, form, note, length)
        if length > MAX_NOTE_BYTES:
            break
        data = file.read(length + length % 2)[:length]
        form = data if name == b"fmt " else form
        note = data if name == NOTE_CHUNK else note
    raise WavError(f"{file.name} has no samples")


def _header(file: BinaryIO, form: bytes, note: bytes, n_bytes: int) -> WavHeader:
    if len(form) < 16:
        raise WavError(f"{file.name} does not say its format")
    tag, n_channels, sample_rate, _, n_frame_bytes, n_bits = struct.unpack("<HHIIHH", form[:16])
    is_ours = (tag, n_bits, n_frame_bytes) == (_FLOAT, 32, 4 * n_channels) and 1 <= n_channels <= MAX_CHANNELS
    if not is_ours or n_bytes % n_frame_bytes or n_bytes > MAX_BYTES:
        raise WavError(f"{file.name} was changed by another program: it is not 32-bit float any more")
    return WavHeader(n_bytes // n_frame_bytes, n_channels, sample_rate, note, file.tell())
