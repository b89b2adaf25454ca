"""How regularly a device asks for sound, measured in a real audio process with nothing to play."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ...engine.settings import Range
from .client import AudioClient
from .instruments import SILENCE
from .options import AudioOptions
from .reports import AudioCounters, AudioInfo

SECONDS_RANGE = Range(float, 0.5, 60.0, "s", "How long to listen to the device's callbacks.")
_LAST_REPORT_S = 0.3  # counters come every quarter of a second


@dataclass(frozen=True)
class CallbackTiming:
    """How a device keeps time.

    Attributes:
        info: The device.
        seconds: Measured for.
        expected_ms: A block's length: what the period should be.
        jitter_ms: By how much the longest 1 % of the periods exceed that.
        counters: The rest: periods, time to make a (silent) block, xruns.
    """

    info: AudioInfo
    seconds: float
    expected_ms: float
    jitter_ms: float
    counters: AudioCounters


def measure_callbacks(options: AudioOptions, seconds: float = 3.0) -> CallbackTiming:
    """Open the device, play silence for so long, and say how regularly it asked.

    Args:
        options: The device.
        seconds: See SECONDS_RANGE.

    Raises:
        DeviceError: The device cannot be opened.
        SettingError: A time out of range.
    """
    SECONDS_RANGE.check("seconds", seconds)
    with AudioClient(replace(options, factory=SILENCE)) as client:
        time.sleep(seconds + _LAST_REPORT_S)
        info, counters = client.info, client.counters
    expected_ms = 1e3 * info.block_frames / info.sample_rate
    return CallbackTiming(info, seconds, expected_ms, max(0.0, counters.period_p99_ms - expected_ms), counters)
