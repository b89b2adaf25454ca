"""Round-trip latency, measured: a known noise goes out, comes back through a cable or the air, and is looked for.

The noise is a maximum-length sequence: every frequency alike, and similar to itself at no other delay than zero. Its
level is modest, -18 dB below full scale by default; still, turn monitors down before a cable is put in.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import SettingError
from ...engine.settings import Range
from ...engine.take import Audio
from ..errors import DeviceError
from ..looper.messages import LayerClosed, LoadTake
from .client import AudioClient
from .instruments import PROBE, RECORDING_ID
from .options import AudioOptions
from .reports import AudioEvent, AudioInfo

LEVEL_RANGE = Range(float, -60.0, 0.0, "dB", "How loud the test noise is; 0 is full scale.")
LONGEST_ROUND_TRIP_S = 0.5
N_REPEATS = 3
MLS_ORDER = 14
MLS_TAPS = (14, 13, 12, 2)  # x^14 + x^13 + x^12 + x^2 + 1 is primitive
CLEAR_DB = 20.0
MAX_SPREAD_MS = 1.0


@dataclass(frozen=True)
class Delay:
    """Where a sound was found in a recording.

    Attributes:
        frames: From its start; where the match is best.
        clarity_db: How far the best match stands above the others (their root mean square), in dB. Noise alone reaches
            about 14 dB, since the best of many thousand is picked; a cable gives 35 and more.
    """

    frames: int
    clarity_db: float


@dataclass(frozen=True)
class RoundTrip:
    """A measured round trip.

    Attributes:
        frames: From a block's output to the same sound in a block's input: median of the repeats.
        spread_frames: From the shortest to the longest of the repeats.
        clarity_db: Of the least clear repeat, see `Delay`.
        ms: The same as `frames`.
        level_db: Of what came back, its peak below full scale.
        info: The device.
    """

    frames: int
    spread_frames: int
    clarity_db: float
    ms: float
    level_db: float
    info: AudioInfo


def mls(order: int = MLS_ORDER, taps: tuple[int, ...] = MLS_TAPS) -> NDArray[np.float32]:
    """A maximum-length sequence (2^order - 1,) of -1 and 1, from a shift register with feedback (Golomb 1967)."""
    register = [1] * order
    bits = np.empty(2**order - 1, np.float32)
    for index in range(len(bits)):
        bits[index] = register[-1]
        feedback = sum(register[tap - 1] for tap in taps) % 2
        register = [feedback, *register[:-1]]
    return 2 * bits - 1


def find_delay(sent: NDArray[np.float32], received: NDArray[np.float32]) -> Delay:
    """Look for a sound in a recording, upright or with its polarity turned: peak of the cross-correlation.

    Args:
        sent: (N,) the sound, not silent.
        received: (M,) the recording, M at least N; delays from 0 to M - N are looked at.

    Returns:
        The best match; its clarity says whether to believe it. 0 dB for a recording without any sound.
    """
    if len(received) < len(sent):
        raise SettingError(f"the recording must be at least as long as the sound, {len(sent)}, got {len(received)}")
    size = len(sent) + len(received)
    spectrum = np.fft.rfft(received.astype(np.float64), size) * np.conj(np.fft.rfft(sent.astype(np.float64), size))
    match = np.abs(np.fft.irfft(spectrum, size)[: len(received) - len(sent) + 1])
    best = int(match.argmax())
    rest = np.delete(match, slice(max(0, best - 32), best + 33))  # a converter's filters widen the peak
    rms = float(np.sqrt(np.mean(rest**2))) if len(rest) else 0.0
    if match[best] == 0.0 or not np.isfinite(match[best]):
        return Delay(0, 0.0)
    # Silence around a perfect copy: correlation has rounding errors only, which would count as infinitely clear.
    floor = 1e-9 * float(match[best])
    return Delay(best, 20 * float(np.log10(match[best] / max(rms, floor))))


def measure_round_trip(options: AudioOptions, *, level_db: float = -18.0) -> RoundTrip:
    """Play the noise three times, listen, and say how late it comes back. Takes about three seconds.

    Args:
        options: The device. Its first output must lead to one of its inputs: by a cable, or a JACK connection.
        level_db: See LEVEL_RANGE.

    Raises:
        DeviceError: The device cannot be opened; or nothing comes back, or not at the same time thrice.
        SettingError: A level out of range.
    """
    LEVEL_RANGE.check("level_db", level_db)
    with AudioClient(replace(options, factory=PROBE)) as client:
        rate = client.info.sample_rate
        sound = np.float32(10 ** (level_db / 20)) * mls()
        n_listen = len(sound) + round(LONGEST_ROUND_TRIP_S * rate)
        takes = [_play_and_record(client, sound, n_listen) for _ in range(N_REPEATS)]
        info = client.info
    return judge(sound, takes, info)


def judge(sound: NDArray[np.float32], takes: list[Audio], info: AudioInfo) -> RoundTrip:
    """What several recordings of the sound tell together.

    Args:
        sound: (N,) what was played.
        takes: (C, M) each, from the sound's first sample on.
        info: The device, for its rate and names.

    Raises:
        DeviceError: Nothing clear enough came back in any channel, or the repeats do not agree.
    """
    found = [max((find_delay(sound, channel) for channel in take), key=lambda d: d.clarity_db) for take in takes]
    peak = max(float(np.abs(take).max()) for take in takes)
    level_db = 20 * float(np.log10(max(peak, 1e-6)))
    clarity_db = min(delay.clarity_db for delay in found)
    delays = sorted(delay.frames for delay in found)
    frames, spread = delays[len(delays) // 2], delays[-1] - delays[0]
    if clarity_db < CLEAR_DB:
        raise DeviceError(
            f"the test noise did not come back ({info.device_in} hears at most {level_db:.0f} dB): connect the first "
            f"output of {info.device_out} to an input with a cable, turn both up, and measure again"
        )
    if spread > MAX_SPREAD_MS * info.sample_rate / 1e3:
        raise DeviceError(
            f"the round trip is not the same each time, {delays[0]} to {delays[-1]} frames: there were dropouts; take "
            "a larger block, and measure again"
        )
    return RoundTrip(frames, spread, clarity_db, 1e3 * frames / info.sample_rate, level_db, info)


def _play_and_record(client: AudioClient, sound: NDArray[np.float32], n_listen: int) -> Audio:
    """What comes in (C, n_listen) while the sound goes out and afterwards."""
    is_done = threading.Event()

    def listen(event: AudioEvent) -> None:
        if isinstance(event, LayerClosed):
            is_done.set()

    client.on_event(listen)
    take = np.zeros((1, n_listen), np.float32)
    take[0, : len(sound)] = sound
    client.send(LoadTake(0, "probe", take))
    if not is_done.wait(5.0 + 2 * n_listen / client.info.sample_rate):
        raise DeviceError("the audio device stopped while the round trip was measured")
    return client.read_layer(RECORDING_ID)
