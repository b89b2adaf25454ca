"""Sounds that travel in chunks: what both clients need beside the two halves in `transfers.sender`. No sockets here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from numpy.typing import ArrayLike

from ...engine.audio import MAX_CHANNELS, as_float32
from ...engine.errors import AudioError
from ...engine.files import AudioFile
from ..transfers.sender import Downloader, Uploader
from ..transfers.sound import encode, facts_of
from .errors import ServerError
from .events import Event, Refused

Half = TypeVar("Half", Uploader, Downloader)


def new_id() -> str:
    """A name that nobody else has given."""
    return f"py-{uuid.uuid4().hex[:12]}"


def upload_of(audio: ArrayLike, sample_rate: int, *, is_stream: bool) -> Uploader:
    """The client's half of bringing a sound, (C, N) or (N,) float in [-1, 1], to the server.

    Raises:
        AudioError: It has another shape, or no floats: whole numbers would be played as loud as they are.
    """
    floats = as_float32(audio)
    sound = floats[None] if floats.ndim == 1 else floats  # (C, N)
    if sound.ndim != 2 or len(sound) > MAX_CHANNELS:
        cure = ": pass audio.T" if sound.ndim == 2 and sound.shape[1] <= MAX_CHANNELS else ""
        raise AudioError(
            f"audio must have the shape (channels, samples), at most {MAX_CHANNELS} channels, or (samples,), "
            f"got {floats.shape}{cure}"
        )
    payload = encode(sound)
    return Uploader(new_id(), payload, facts_of(payload, len(sound), sample_rate), is_stream=is_stream)


def sound_of(half: Downloader) -> AudioFile:
    """What has been fetched.

    Raises:
        AudioError: A sample is not finite.
    """
    if half.facts is None:
        raise ServerError("checksum", "/vamp/download", "nothing has been fetched", half.request_id)
    return half.facts.decode(half.payload)


def is_about(half: Uploader | Downloader) -> Callable[[Event], bool]:
    """Tells the events of a transfer from all others."""

    def wants(event: Event) -> bool:
        if isinstance(event, Refused):
            return bool(event.request_id == half.request_id)
        is_told = event.address.startswith(("/vamp/upload/", "/vamp/download/"))
        return is_told and event.arguments[:1] == (half.request_id,)

    return wants


def raise_failure(half: Uploader | Downloader) -> None:
    """Raise what the server refused a transfer for.

    Raises:
        ServerError: It has.
    """
    if half.failure is not None:
        code, reason = half.failure
        raise ServerError(
            code, f"/vamp/{'upload' if isinstance(half, Uploader) else 'download'}", reason, half.request_id
        )
