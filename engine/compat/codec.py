"""The codec as the published code runs it: beyond the ends of a sound there is nothing but the graph's own padding.

Ours gives the codec surroundings: the ring's other end, or on the line silence to hear and held frames to decode.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..runtime import CodecRuntime

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]


def encode(codec: CodecRuntime, audio: Floats) -> Codes:
    """Mono audio (T·hop,) → codes (K, T)."""
    bare, pieces = codec.without_surroundings(), []
    for start, stop, around in _chunks(codec, len(audio) // codec.hop, codec.limits.encoded_frames):
        codes = bare.encode(audio[around.start * codec.hop : around.stop * codec.hop], ring=False)
        pieces.append(codes[:, start - around.start : stop - around.start])
    return np.concatenate(pieces, axis=1)


def decode(codec: CodecRuntime, codes: Codes) -> Floats:
    """Codes (K, T) → mono audio (T·hop,)."""
    bare, pieces = codec.without_surroundings(), []
    for start, stop, around in _chunks(codec, codes.shape[1], codec.limits.decoded_frames):
        audio = bare.decode(codes[:, around], ring=False)
        pieces.append(audio[(start - around.start) * codec.hop : (stop - around.start) * codec.hop])
    return np.concatenate(pieces)


def _chunks(codec: CodecRuntime, n_frames: int, most: int | None) -> list[tuple[int, int, slice]]:
    """Start and stop of each chunk, and the frames to run it on: with its neighbours, as far as there are any."""
    context = codec.context
    # A chunk with its neighbours is one piece of the bare codec, which would split a longer one without surroundings.
    step = max(1, min(codec.step(most, context), runtime.CODEC_CHUNK_FRAMES - 2 * context))
    return [
        (start, stop, slice(max(0, start - context), min(n_frames, stop + context)))
        for start in range(0, n_frames, step)
        for stop in (min(start + step, n_frames),)
    ]
