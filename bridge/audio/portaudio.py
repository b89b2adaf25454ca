"""The one file that imports sounddevice, late: devices, and a stream that calls back for every block.

Measured with Debian's PortAudio 19.6 and jackd2 1.9.21, dummy driver:

- Under JACK the callback runs in the server's freewheel mode too, once per period, no block lost or doubled: what goes
  in and what comes out is exact to the sample, ten to a hundred times as fast as real time.
- A block size that is asked for, even the server's own, makes PortAudio's JACK side buffer one block more: with the
  period 256, 256 frames of delay; where the size is left to the driver, none. `devices` leaves it.
- PortAudio attaches to JACK while it is initialised, to the server that JACK_DEFAULT_SERVER names, and never starts
  one. Whatever ports other programs had at that moment make up the list of devices.
- When the server ends, the stream is inactive; but closing that stream waits for minutes for a callback that never
  comes, and a second attachment in the same process crashes inside libjack. So a process opens one stream in its life,
  and gives way to another process when it is gone (`process`).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from ..errors import DeviceError
from .devices import Device, StreamPlan

Callback = Callable[..., None]

CLOSE_TIMEOUT_S = 2.0
_INSTALL = {
    "linux": "install it: apt install libportaudio2 (Debian, Ubuntu), dnf install portaudio (Fedora), "
    "pacman -S portaudio (Arch)",
    "darwin": "it comes with sounddevice: pip install --force-reinstall sounddevice",
    "win32": "it comes with sounddevice: pip install --force-reinstall sounddevice",
}


def list_devices() -> tuple[Device, ...]:
    """Every device there was when PortAudio was initialised, see `look_again`.

    Raises:
        DeviceError: There is no PortAudio.
    """
    library = _library()
    try:
        apis, found = library.query_hostapis(), library.query_devices()
        default_in, default_out = _default(library, "input"), _default(library, "output")
    except library.PortAudioError as error:
        raise DeviceError(f"PortAudio cannot list the audio devices: {error}") from error
    return tuple(
        Device(
            number,
            str(entry["name"]),
            str(apis[entry["hostapi"]]["name"]),
            int(entry["max_input_channels"]),
            int(entry["max_output_channels"]),
            round(entry["default_samplerate"]),
            number == default_in,
            number == default_out,
            number == apis[entry["hostapi"]]["default_input_device"],
            number == apis[entry["hostapi"]]["default_output_device"],
        )
        for number, entry in enumerate(found)
    )


def look_again() -> None:
    """Have PortAudio look for devices anew. Only while no stream is open: this would end it.

    Raises:
        DeviceError: PortAudio does not start again.
    """
    library = _library()
    try:
        library._terminate()  # noqa: SLF001 - the only way; its documentation names both for this use
        library._initialize()  # noqa: SLF001
    except library.PortAudioError as error:
        raise DeviceError(f"PortAudio does not start again: {error}") from error


def version() -> str:
    """PortAudio's name and version.

    Raises:
        DeviceError: There is no PortAudio.
    """
    return str(_library().get_portaudio_version()[1])


@dataclass(frozen=True)
class StreamFacts:
    """What was opened: the rate in Hz, and the latencies as PortAudio reports them."""

    sample_rate: int
    latency_in_ms: float
    latency_out_ms: float


class DuplexStream:
    """An open stream, float32 (N, C) in and out.

    Channels from the first to the highest that is wanted are opened; the callback selects. Host APIs have no common way
    to open others, and the copy of a block costs a microsecond.

    Args:
        plan: What to open.
        callback: Called with (indata, outdata, frames, time, status) as sounddevice documents, from the driver's
            thread, once `start` was called.
        sample_rate: One that `supported_rate` returned.

    Raises:
        DeviceError: It cannot be opened; says which device and why.
    """

    def __init__(self, plan: StreamPlan, callback: Callback, *, sample_rate: int) -> None:
        library = _library()
        self._errors = (library.PortAudioError, ValueError)
        self._plan = plan
        try:
            self._stream: Any = library.Stream(
                device=(plan.source.number, plan.sink.number),
                channels=(max(plan.channels_in), max(plan.channels_out)),
                samplerate=sample_rate,
                blocksize=plan.block_frames,
                dtype="float32",
                latency=plan.latency,
                callback=callback,
            )
        except self._errors as error:
            raise _cannot_open(plan, error) from error
        latency_in_s, latency_out_s = self._stream.latency
        self.facts = StreamFacts(round(self._stream.samplerate), 1e3 * latency_in_s, 1e3 * latency_out_s)

    def start(self) -> None:
        """Let the callbacks begin.

        Raises:
            DeviceError: The device does not start.
        """
        try:
            self._stream.start()
        except self._errors as error:
            raise _cannot_open(self._plan, error) from error

    @property
    def is_active(self) -> bool:
        """Whether the device still asks for blocks, as far as PortAudio knows."""
        try:
            return bool(self._stream.active)
        except self._errors:
            return False

    def close(self) -> bool:
        """Stop at once and give the device back. False if the driver does not answer within 2 s: exit without it."""
        helper = threading.Thread(target=self._close, name="vampbridge-close", daemon=True)
        helper.start()
        helper.join(CLOSE_TIMEOUT_S)
        return not helper.is_alive()

    def _close(self) -> None:
        self._stream.close(ignore_errors=True)  # stops it first; a device that has gone answers with errors


def supported_rate(plan: StreamPlan) -> int:
    """The first rate of the plan that both devices take, Hz.

    Raises:
        DeviceError: None of them is.
    """
    library = _library()
    refusals = {rate: _refusal(library, plan, rate) for rate in plan.sample_rates}
    for rate, refusal in refusals.items():
        if refusal is None:
            return rate
    rates = " or ".join(str(rate) for rate in refusals)
    reason = refusals[plan.sample_rates[0]]
    raise DeviceError(
        f"{_pair(plan)} cannot run at {rates} Hz ({reason}); its own rate is {plan.sink.sample_rate} Hz"
    ) from reason


def _refusal(library: Any, plan: StreamPlan, rate: int) -> Exception | None:  # noqa: ANN401
    try:
        library.check_input_settings(plan.source.number, max(plan.channels_in), "float32", samplerate=rate)
        library.check_output_settings(plan.sink.number, max(plan.channels_out), "float32", samplerate=rate)
    except (library.PortAudioError, ValueError) as error:
        return cast("Exception", error)
    return None


def _library() -> Any:  # noqa: ANN401 - a module without types
    """The sounddevice module.

    Raises:
        DeviceError: It, or the PortAudio library under it, is not installed or does not start.
    """
    try:
        import sounddevice
    except ImportError as error:
        raise DeviceError(f"sounddevice is not installed ({error}): pip install sounddevice") from error
    except OSError as error:
        advice = _INSTALL.get(sys.platform, "install PortAudio")
        raise DeviceError(f"the PortAudio library is missing ({error}): {advice}") from error
    except Exception as error:  # PortAudioError, of a module that is only half imported
        raise DeviceError(f"PortAudio does not start: {error}") from error
    return sounddevice


def _default(library: Any, kind: str) -> int:  # noqa: ANN401
    """Number of the system's own input or output device, -1 if there is none."""
    try:
        return int(library.query_devices(kind=kind)["index"])
    except (library.PortAudioError, ValueError):
        return -1


def _pair(plan: StreamPlan) -> str:
    return str(plan.sink) if plan.source == plan.sink else f"{plan.source} with {plan.sink}"


def _cannot_open(plan: StreamPlan, error: Exception) -> DeviceError:
    return DeviceError(
        f"cannot open {_pair(plan)}: {error}. Another program may hold it; otherwise try another host API, rate or "
        "block size (`vampbridge devices` lists what there is)"
    )
