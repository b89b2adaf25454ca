"""A sound as bytes, and back: what is said of it before its chunks travel. No chunks and no messages here."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ...engine.audio import MAX_INPUT_S, Audio
from ...engine.errors import AudioError
from ..errors import ArgumentError

if TYPE_CHECKING:
    from ...engine.files import AudioFile

Buffer = bytes | bytearray | memoryview

FORMATS: Final = {"f32": 4, "s24": 3, "s16": 2}
"""Name → bytes of a sample: little-endian, of interleaved channels; float, or signed whole numbers."""

_CHECKSUM: Final = re.compile(r"[0-9a-f]{8}|[0-9a-f]{64}")


@dataclass(frozen=True)
class SoundFacts:
    """What is known of a sound before it arrives. N frames, C channels.

    Attributes:
        n_frames: N, at least 1, at most 10 min.
        n_channels: C, 1 to 8.
        sample_rate: In Hz.
        checksum: Of all its bytes: CRC-32 as 8 hexadecimal digits, or SHA-256 as 64.
        format: One of FORMATS.

    Raises:
        ArgumentError: Too long, or no checksum.
    """

    n_frames: int
    n_channels: int
    sample_rate: int
    checksum: str
    format: str = "f32"

    def __post_init__(self) -> None:
        object.__setattr__(self, "checksum", self.checksum.lower())
        most = MAX_INPUT_S * self.sample_rate
        if not 1 <= self.n_frames <= most:
            raise ArgumentError(
                f"n_frames must be a whole number from 1 to {most}, which is {MAX_INPUT_S // 60} min at "
                f"{self.sample_rate} Hz, got {self.n_frames}"
            )
        if _CHECKSUM.fullmatch(self.checksum) is None:
            raise ArgumentError(
                "checksum must be 8 hexadecimal digits (CRC-32) or 64 (SHA-256), "
                f"got {len(self.checksum)} characters {self.checksum[:20]!r}"
            )

    @property
    def n_bytes(self) -> int:
        """Of the sound."""
        return self.n_frames * self.n_channels * FORMATS[self.format]

    def fits(self, payload: Buffer) -> bool:
        """Whether these bytes are the sound. Some milliseconds for a minute of it."""
        is_long = len(self.checksum) > len("00000000")
        found = sha256_of(payload) if is_long else crc32_text(payload)
        return len(payload) == self.n_bytes and found == self.checksum

    def decode(self, payload: Buffer) -> AudioFile:
        """The sound of its bytes: (C, N) float32, full scale ±1.

        Raises:
            AudioError: A sample is not finite.
        """
        from ...engine.files import AudioFile  # late: the protocol table needs to know of formats only

        shape = (self.n_frames, self.n_channels)
        if self.format == "f32":
            frames = np.frombuffer(payload, "<f4").reshape(shape)  # (N, C)
        elif self.format == "s16":
            frames = np.frombuffer(payload, "<i2").reshape(shape) / np.float32(2**15)
        else:
            wide = np.zeros((self.n_frames * self.n_channels, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(payload, np.uint8).reshape(-1, 3)
            frames = wide.view("<i4").reshape(shape) / np.float32(2**31)
        audio = np.array(frames.T, np.float32, order="C")
        if not np.isfinite(audio).all():
            raise AudioError("a sound must be finite, got a sample that is not")
        return AudioFile(audio, self.sample_rate)


def encode(audio: Audio) -> bytes:
    """The bytes of a sound (C, N): float32, little-endian, interleaved."""
    return np.ascontiguousarray(audio.T, dtype="<f4").tobytes()


def facts_of(payload: Buffer, n_channels: int, sample_rate: int) -> SoundFacts:
    """What is said of the bytes of a sound that `encode` made."""
    n_frames = len(payload) // (n_channels * FORMATS["f32"])
    return SoundFacts(n_frames, n_channels, sample_rate, crc32_text(payload))


def crc32_of(data: Buffer) -> int:
    """CRC-32 as zlib and Ethernet have it, signed, since OSC's `i` is what every controller can send."""
    return signed(zlib.crc32(data))


def signed(crc32: int) -> int:
    """The 32 bits of a checksum as an OSC `i`, whichever sign they came with."""
    return ((crc32 & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000


def crc32_text(data: Buffer) -> str:
    """CRC-32 in 8 hexadecimal digits."""
    return f"{zlib.crc32(data):08x}"


def sha256_of(data: Buffer) -> str:
    """SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
