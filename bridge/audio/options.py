"""How to open a sound card: every option, its range and its default, once."""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.errors import SettingError
from ...engine.settings import Range

LATENCIES = ("low", "high")
MAX_LOOPER_CHANNELS = 2
DEFAULT_BLOCK_FRAMES = 256

AUDIO_RANGES: dict[str, Range] = {
    "sample_rate": Range(int, 8_000, 192_000, "Hz", "Of the sound card; none takes the card's own.", optional=True),
    "block_frames": Range(
        int,
        32,
        2_048,
        "frames",
        "How much sound is made at a time; less is sooner and riskier. None is 256, under JACK the server's period.",
        optional=True,
    ),
    "orphan_s": Range(
        float, 0.0, 3_600.0, "s", "How long the loops play on when the program that controls them has died."
    ),
}
LATENCY_RANGE = Range(float, 0.001, 1.0, "s", "How much sound the driver keeps ready.")
CHANNEL_RANGE = Range(int, 1, 256, "", "A channel of the sound card, counted from 1.")
DEVICE_RANGE = Range(int, 0, 10_000, "", "A device's number in `vampbridge devices`.")


@dataclass(frozen=True)
class AudioOptions:
    """How to open a sound card.

    Attributes:
        device_in: Number in `vampbridge devices`, or a part of the name in upper or lower case; None is the device of
            `device_out` if that has inputs, else the system's.
        device_out: The same for what is heard.
        host_api: Part of the name of the driver system, such as "ASIO", "WASAPI" or "JACK"; None is any.
        sample_rate: See AUDIO_RANGES, as for the other numbers; None is the device's own.
        block_frames: Frames per callback; None takes DEFAULT_BLOCK_FRAMES, under JACK the server's period. Under JACK
            PortAudio buffers a size that is asked for, even the server's own, which makes it one block later.
        channels_in: Channels of the card, from 1, that become the looper's first and second input; None takes the
            first two, or the only one. The same channel twice is allowed: a mono source in a stereo loop.
        channels_out: The same for the outputs, each at most once.
        latency: "low", "high", or seconds, LATENCY_RANGE: what the driver is asked for.
        orphan_s: Time to play on without a controlling program.
        factory: `module:function` that makes the looper in the audio process, called with a LooperConfig.

    Raises:
        SettingError: A value out of range; names the range and the value.
    """

    device_in: int | str | None = None
    device_out: int | str | None = None
    host_api: str | None = None
    sample_rate: int | None = None
    block_frames: int | None = None
    channels_in: tuple[int, ...] | None = None
    channels_out: tuple[int, ...] | None = None
    latency: str | float = "low"
    orphan_s: float = 60.0
    factory: str = "vampbridge.bridge.looper.looper:Looper"

    def __post_init__(self) -> None:
        for name, limits in AUDIO_RANGES.items():
            object.__setattr__(self, name, limits.check(name, getattr(self, name)))
        for name in ("device_in", "device_out"):
            _check_device(name, getattr(self, name))
        if self.host_api is not None and not self.host_api.strip():
            raise SettingError("host_api must be a part of a host API's name, got an empty one")
        for name in ("channels_in", "channels_out"):
            _check_channels(name, getattr(self, name))
        if self.channels_out is not None and len(set(self.channels_out)) < len(self.channels_out):
            raise SettingError(f"channels_out must be different channels, got {self.channels_out}")
        object.__setattr__(self, "latency", _checked_latency(self.latency))
        if not all(self.factory.partition(":")):
            raise SettingError(f"factory must be 'module:function', got {self.factory!r}")


def parse_device(text: str) -> int | str:
    """A device as it was typed: digits alone are its number."""
    return int(text) if text.strip().isdecimal() else text


def parse_channels(name: str, text: str) -> tuple[int, ...]:
    """A channel map as it was typed: `3,4`.

    Raises:
        SettingError: Not one or two whole numbers with a comma between.
    """
    try:
        channels = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise SettingError(f"{name} must be channel numbers with commas between, such as 1,2, got {text!r}") from None
    _check_channels(name, channels)
    return channels


def _check_device(name: str, device: object) -> None:
    if isinstance(device, str):
        if not device.strip():
            raise SettingError(f"{name} must be a device's number or a part of its name, got an empty one")
    elif device is not None:
        DEVICE_RANGE.check(name, device)


def _check_channels(name: str, channels: tuple[int, ...] | None) -> None:
    if channels is None:
        return
    if not 1 <= len(channels) <= MAX_LOOPER_CHANNELS:
        raise SettingError(f"{name} must be 1 or {MAX_LOOPER_CHANNELS} channels, got {len(channels)}")
    for channel in channels:
        CHANNEL_RANGE.check(name, channel)


def _checked_latency(latency: str | float) -> str | float:
    if latency in LATENCIES:
        return latency
    if isinstance(latency, str):
        raise SettingError(f"latency must be {' or '.join(LATENCIES)}, or a number of seconds, got {latency!r}")
    return float(LATENCY_RANGE.check("latency", latency) or 0.0)
