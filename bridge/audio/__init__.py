"""Sound in and out: PortAudio and the looper in a process of their own, so that nothing else ever makes them wait."""

from .client import AudioClient
from .options import AudioOptions
from .reports import AudioCounters, AudioEnded, AudioEvent, AudioInfo, BlockFailed, DeviceLost, DeviceOpened, LooperLost

__all__ = [
    "AudioClient",
    "AudioCounters",
    "AudioEnded",
    "AudioEvent",
    "AudioInfo",
    "AudioOptions",
    "BlockFailed",
    "DeviceLost",
    "DeviceOpened",
    "LooperLost",
]
