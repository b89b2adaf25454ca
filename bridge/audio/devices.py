"""Which sound card and which of its channels: pure choice among devices, no PortAudio here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import DeviceError
from .options import DEFAULT_BLOCK_FRAMES, MAX_LOOPER_CHANNELS, AudioOptions

JACK = "JACK"
"""In the name of its host API."""


@dataclass(frozen=True)
class Device:
    """A sound card as PortAudio sees it; one card has a device for each host API.

    Attributes:
        number: In PortAudio's list, from 0.
        name: As the driver gives it.
        host_api: Name of the driver system.
        n_inputs: Channels in.
        n_outputs: Channels out.
        sample_rate: Its own, Hz.
        is_default_in: The system records from it where nothing is chosen.
        is_default_out: The system plays on it where nothing is chosen.
        is_api_default_in: As `is_default_in`, within its host API.
        is_api_default_out: As `is_default_out`, within its host API.
    """

    number: int
    name: str
    host_api: str
    n_inputs: int
    n_outputs: int
    sample_rate: int
    is_default_in: bool = False
    is_default_out: bool = False
    is_api_default_in: bool = False
    is_api_default_out: bool = False

    def __str__(self) -> str:
        return f"{self.number} {self.name} ({self.host_api}, {self.n_inputs} in, {self.n_outputs} out)"


@dataclass(frozen=True)
class StreamPlan:
    """What to open, decided before anything is opened.

    Attributes:
        source: The device that is recorded from.
        sink: The device that is played on; may be the same.
        channels_in: Of the source, from 1.
        channels_out: Of the sink, from 1.
        sample_rates: To try, best first, Hz.
        block_frames: Frames per callback; 0 leaves them to the driver.
        latency: "low", "high" or seconds.
    """

    source: Device
    sink: Device
    channels_in: tuple[int, ...]
    channels_out: tuple[int, ...]
    sample_rates: tuple[int, ...]
    block_frames: int
    latency: str | float


def plan_stream(devices: Sequence[Device], options: AudioOptions) -> StreamPlan:
    """Choose devices and channels.

    Args:
        devices: All there are, now.
        options: What is wanted.

    Raises:
        DeviceError: Nothing fits, or more than one thing does; the message names the candidates.
    """
    known = _of_host_api(devices, options.host_api)
    source, sink = _pick_pair(known, options)
    if source.host_api != sink.host_api:
        raise DeviceError(
            f"input and output must belong to one host API, got {source} and {sink}: choose one with --host-api"
        )
    rates = (sink.sample_rate, source.sample_rate) if options.sample_rate is None else (options.sample_rate,)
    return StreamPlan(
        source,
        sink,
        _channels("channels_in", options.channels_in, source.n_inputs, source),
        _channels("channels_out", options.channels_out, sink.n_outputs, sink),
        tuple(dict.fromkeys(rates)),
        _block_frames(options.block_frames, sink.host_api),
        options.latency,
    )


def _of_host_api(devices: Sequence[Device], wanted: str | None) -> list[Device]:
    if wanted is None:
        return list(devices)
    found = [device for device in devices if wanted.lower() in device.host_api.lower()]
    if not found:
        names = ", ".join(dict.fromkeys(device.host_api for device in devices)) or "none"
        raise DeviceError(f"no host API with devices has {wanted!r} in its name; there are: {names}")
    return found


def _pick_pair(devices: list[Device], options: AudioOptions) -> tuple[Device, Device]:
    """Source and sink. Where one side is chosen the other follows it: two clocks drift apart, one card does not."""
    source = None if options.device_in is None else _pick(devices, options.device_in, is_input=True)
    sink = None if options.device_out is None else _pick(devices, options.device_out, is_input=False)
    if source is None and sink is not None and sink.n_inputs:
        source = sink
    if sink is None and source is not None and source.n_outputs:
        sink = source
    host_api = next((device.host_api for device in (source, sink) if device is not None), None)
    return (
        source or _default(devices, host_api, is_input=True),
        sink or _default(devices, host_api, is_input=False),
    )


def _pick(devices: list[Device], wanted: int | str, *, is_input: bool) -> Device:
    side = "input" if is_input else "output"
    usable = [device for device in devices if _n_channels(device, is_input=is_input)]
    if isinstance(wanted, int):
        found = [device for device in usable if device.number == wanted]
    else:
        exact = [device for device in usable if device.name.lower() == wanted.lower()]
        found = exact or [device for device in usable if wanted.lower() in device.name.lower()]
    if not found:
        raise DeviceError(f"no {side} device {_words(wanted)}; there are: {_list(usable)}")
    # The system's own choice among equals: the same card often appears once for each host API.
    preferred = [device for device in found if _is_default(device, is_input=is_input)]
    if len(found) > 1 and len(preferred) != 1:
        raise DeviceError(f"more than one {side} device {_words(wanted)}: {_list(found)}; give its number")
    return preferred[0] if len(found) > 1 else found[0]


def _default(devices: list[Device], host_api: str | None, *, is_input: bool) -> Device:
    side = "input" if is_input else "output"
    usable = [
        device for device in devices if _n_channels(device, is_input=is_input) and host_api in (None, device.host_api)
    ]
    if not usable:
        where = "" if host_api is None else f" under {host_api}"
        raise DeviceError(f"there is no {side} device{where}: plug in a sound card, or start its driver (JACK, ASIO)")
    of_system = [device for device in usable if _is_default(device, is_input=is_input)]
    of_api = [d for d in usable if (d.is_api_default_in if is_input else d.is_api_default_out)]
    return (of_system or of_api or usable)[0]


def _is_default(device: Device, *, is_input: bool) -> bool:
    return device.is_default_in if is_input else device.is_default_out


def _n_channels(device: Device, *, is_input: bool) -> int:
    return device.n_inputs if is_input else device.n_outputs


def _channels(name: str, wanted: tuple[int, ...] | None, n_there: int, device: Device) -> tuple[int, ...]:
    if wanted is None:
        return tuple(range(1, min(n_there, MAX_LOOPER_CHANNELS) + 1))
    if max(wanted) > n_there:
        raise DeviceError(f"{name} must be channels from 1 to {n_there} of {device}, got {max(wanted)}")
    return wanted


def _block_frames(wanted: int | None, host_api: str) -> int:
    if wanted is not None:
        return wanted
    return 0 if JACK in host_api else DEFAULT_BLOCK_FRAMES


def _words(wanted: int | str) -> str:
    return f"has the number {wanted}" if isinstance(wanted, int) else f"has {wanted!r} in its name"


def _list(devices: Sequence[Device]) -> str:
    return "; ".join(str(device) for device in devices) or "none"
