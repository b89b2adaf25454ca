"""What becomes of the sound, in the words that display, subscribers and terminal are told it with."""

from __future__ import annotations

from ..audio.reports import AudioEnded, DeviceLost, DeviceOpened, LooperLost
from .events import StageEvent


def fate_of_sound(event: StageEvent) -> str | None:
    """What a performer should know of it; None for what is no matter of the sound card."""
    if isinstance(event, DeviceOpened):
        return f"sound on {event.info.device_out}, {event.info.sample_rate} Hz"
    if isinstance(event, DeviceLost):
        return f"the sound card is gone: {event.reason}; it is looked for every second"
    if isinstance(event, LooperLost):
        return f"the loops are lost, recall them from the session: {event.reason}"
    if isinstance(event, AudioEnded):
        return f"there will be no more sound, start again: {event.reason}"
    return None
