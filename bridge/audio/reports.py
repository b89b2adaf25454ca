"""What the audio side says of itself: facts, counters, events. Small plain values beside those of the looper."""

from __future__ import annotations

from dataclasses import dataclass

from ..looper.messages import Event


@dataclass(frozen=True)
class AudioInfo:
    """The sound card as it was opened.

    Attributes:
        device_in: Name.
        device_out: Name.
        host_api: Name of the driver system.
        sample_rate: In Hz.
        block_frames: Frames per callback, as the first one had them.
        channels_in: Of the card, from 1; the looper's first and second.
        channels_out: The same for the outputs.
        latency_in_ms: As PortAudio reports it; `loopback` measures what is true.
        latency_out_ms: The same for the output.
        pid: Of the audio process.
        scheduling: Of the callback: `driver` (its own real-time priority), `fifo`, `nice` or `normal`.
    """

    device_in: str = ""
    device_out: str = ""
    host_api: str = ""
    sample_rate: int = 0
    block_frames: int = 0
    channels_in: tuple[int, ...] = ()
    channels_out: tuple[int, ...] = ()
    latency_in_ms: float = 0.0
    latency_out_ms: float = 0.0
    pid: int = 0
    scheduling: str = "normal"


@dataclass(frozen=True)
class AudioCounters:
    """What has been counted, a quarter of a second ago at most.

    Counts are since the client's start; times are of the last 16,384 callbacks since the device was opened.

    Attributes:
        callbacks: How often a block was asked for.
        xruns_in: Blocks before which input was lost.
        xruns_out: Blocks before which output was missing.
        late_blocks: Blocks that took longer to make than to play.
        failed_blocks: Blocks that are silence because the looper raised an error.
        callback_p50_ms: Time to make a block: median.
        callback_p99_ms: 99 % take at most as long.
        callback_max_ms: The longest.
        period_p50_ms: Time from one callback to the next: median.
        period_p99_ms: 99 % are at most as long.
        period_max_ms: The longest.
        frame: The looper's.
        is_open: Whether a device is open and asks for blocks.
    """

    callbacks: int = 0
    xruns_in: int = 0
    xruns_out: int = 0
    late_blocks: int = 0
    failed_blocks: int = 0
    callback_p50_ms: float = 0.0
    callback_p99_ms: float = 0.0
    callback_max_ms: float = 0.0
    period_p50_ms: float = 0.0
    period_p99_ms: float = 0.0
    period_max_ms: float = 0.0
    frame: int = 0
    is_open: bool = False


@dataclass(frozen=True)
class DeviceOpened:
    """Sound from this frame on: at the start, and when a device has come back. Loops go on where they stopped."""

    frame: int
    info: AudioInfo


@dataclass(frozen=True)
class DeviceLost:
    """No sound after this frame: unplugged, or its driver has ended. It is looked for every second."""

    frame: int
    reason: str


@dataclass(frozen=True)
class BlockFailed:
    """The looper raised an error and silence was played instead; told at most once a quarter of a second.

    Attributes:
        frame: The looper's, afterwards.
        n_blocks: So many since the last report.
        text: The last error.
        trace: Where it was raised.
    """

    frame: int
    n_blocks: int
    text: str
    trace: str


@dataclass(frozen=True)
class LooperLost:
    """The audio process has died and was started again with an empty looper; frames count from 0 again."""

    reason: str


@dataclass(frozen=True)
class AudioEnded:
    """There will be no more sound: the audio process died too often, or ended by itself."""

    reason: str


AudioEvent = Event | DeviceOpened | DeviceLost | BlockFailed | LooperLost | AudioEnded
