"""Stage 2: encode a folder of audio into tokens, several augmented copies of each file, for the transformers to read.

A file between 1.5 and 20 s is taken for a loop: it is fitted to the ring and encoded with wrapped context, as the
engine does it, so that training can start anywhere on it. Longer and shorter files lie on the line.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..audio import resample_ring
from ..errors import AudioError
from .data import Audio, Clip, load_folder, resample_by, tilt
from .frozen_codec import FrozenCodec
from .loop import flushed_denormals, progress_bar

LOOP_S = (1.5, 20.0)
_NAME = re.compile(r"\d+-\d+-(ring|line)-(held|train)")
_WAY_OUT = "write it with `vampbridge train tokens`"


@dataclass(frozen=True)
class TokenClip:
    """Tokens of one augmented copy of one file: codes (K, T) int16; `ring` if its end meets its start."""

    codes: NDArray[np.int16]
    ring: bool
    held_out: bool


def held_out(name: str, share: float = 0.05) -> bool:
    """Whether a file is kept for validation; decided by its name, so that every run agrees."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) < share * 2**32


@flushed_denormals()
def tokenise_folder(data: Path, codec: FrozenCodec, out: Path, *, copies: int = 8, seed: int = 0) -> Path:
    """Encode every file below `data` `copies` times, the first time as it is; writes one .npz and returns its path."""
    rng = np.random.default_rng(seed)
    clips = load_folder(data, codec.sample_rate)
    arrays: dict[str, NDArray[np.int16]] = {}
    with progress_bar() as bar:
        task = bar.add_task("tokens", total=copies * len(clips), status="")
        for copy in range(copies):
            for index, clip in enumerate(clips):
                audio = clip.audio if copy == 0 else _augment(clip, clips, codec.sample_rate, rng)
                ring = LOOP_S[0] <= len(audio) / codec.sample_rate <= LOOP_S[1]
                kind = f"{'ring' if ring else 'line'}-{'held' if held_out(clip.name) else 'train'}"
                arrays[f"{copy:02d}-{index:05d}-{kind}"] = encode_clip(codec, audio, ring=ring)
                bar.advance(task)
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
    return out


def load_tokens(path: Path) -> list[TokenClip]:
    """Read what `tokenise_folder` wrote.

    Raises:
        AudioError: Not such a file, or nothing in it.
    """
    try:
        # Opened here, because numpy leaves a broken archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            codes = {str(key): arrays[key] for key in arrays.files}
    # What is no archive is a ValueError or EOFError; an array alone has no names (TypeError, AttributeError).
    except (OSError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise AudioError(f"cannot read tokens from {path}: {error}; {_WAY_OUT}") from error
    for key, array in codes.items():
        if not _NAME.fullmatch(key) or array.ndim != 2 or array.size == 0 or array.dtype != np.int16:
            raise AudioError(f"{path} holds no tokens: {key} is {array.shape} of {array.dtype}; {_WAY_OUT}")
    if not codes:
        raise AudioError(f"{path} is empty; {_WAY_OUT}")
    return [TokenClip(array, "-ring-" in key, key.endswith("-held")) for key, array in codes.items()]


def encode_clip(codec: FrozenCodec, audio: Audio, *, ring: bool) -> NDArray[np.int16]:
    """Codes (K, T) of mono audio (N,), with wrapped context on the ring and silence round it on the line."""
    hop = codec.hop
    frames = max(1, round(len(audio) / hop) if ring else -(-len(audio) // hop))
    n_samples = frames * hop
    fitted = resample_ring(audio[None], n_samples)[0] if ring else np.pad(audio, (0, n_samples - len(audio)))
    return codec.encode(fitted, ring=ring).astype(np.int16)


def _augment(clip: Clip, clips: list[Clip], rate: int, rng: np.random.Generator) -> Audio:
    """Another speed, tilt and level; one time in three a part of another file mixed in (stem mix)."""
    audio = clip.audio
    ratio = 2 ** (rng.uniform(-5, 5) / 12)
    audio = resample_by(audio, ratio)
    if rng.random() < 0.35:
        other = clips[int(rng.integers(len(clips)))]
        if held_out(other.name) == held_out(clip.name):
            start = int(rng.integers(len(other.audio)))
            layer = np.resize(np.roll(other.audio, -start), len(audio))
            audio = audio + layer * np.float32(10 ** (rng.uniform(-9, 0) / 20))
    audio = tilt(audio, rng.uniform(-3, 3), rate)
    # The engine always encodes near -24 LUFS: the level moves only a little round it.
    return np.asarray(audio * np.float32(10 ** (rng.uniform(-4, 3) / 20)), dtype=np.float32)
