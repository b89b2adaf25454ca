"""What crosses the pipe between client and audio process. Small plain values; sound crosses in shared memory.

Client to process: looper commands, TakeAt, AskLayer, FillLayer, Farewell, Stop. Process to client: Opened or Failed;
then Told, Counted, TakeCopied, LayerShape, LayerFilled; Leaving and WroteDown when the device has gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.errors import EngineError, SettingError, VampbridgeError
from ...engine.process.shared_array import ArrayPlace
from ..errors import DeviceError
from ..looper.config import LooperConfig
from ..looper.messages import Command, LoadTake
from .options import AudioOptions
from .reports import AudioCounters, AudioEvent, AudioInfo


@dataclass(frozen=True)
class AudioJob:
    """What an audio process is started with.

    Attributes:
        options: The device.
        config: Slots and memory; rate and channels are the device's.
        is_patient: Wait for the device; otherwise a device that cannot be opened ends the process.
        state_path: What the process before wrote down; None begins with an empty looper.
    """

    options: AudioOptions
    config: LooperConfig
    is_patient: bool = False
    state_path: str | None = None


@dataclass(frozen=True)
class TakeAt:
    """A LoadTake (without its sound) whose sound lies in shared memory until `TakeCopied`."""

    key: int
    command: LoadTake
    place: ArrayPlace


@dataclass(frozen=True)
class AskLayer:
    """How large is a layer? Answered by LayerShape."""

    key: int
    layer_id: int


@dataclass(frozen=True)
class FillLayer:
    """Room for the layer that was asked for. Answered by LayerFilled."""

    key: int
    place: ArrayPlace


@dataclass(frozen=True)
class Farewell:
    """Nothing will be sent to this process any more."""


@dataclass(frozen=True)
class Stop:
    """Fade out, close the device, end."""


@dataclass(frozen=True)
class Opened:
    """The device is open and running; from which of the looper's frames on."""

    frame: int
    info: AudioInfo


@dataclass(frozen=True)
class Failed:
    """The process ends with an error; `trace` only of one that nobody foresaw."""

    code: str
    message: str
    trace: str = ""

    def as_error(self) -> VampbridgeError:
        """The error as it was raised on the other side."""
        return _ERRORS.get(self.code, DeviceError)(self.message)


@dataclass(frozen=True)
class Told:
    """Events in the order in which they happened."""

    events: tuple[AudioEvent, ...]


@dataclass(frozen=True)
class Counted:
    """The counters now."""

    counters: AudioCounters


@dataclass(frozen=True)
class TakeCopied:
    """The take's shared memory is no longer needed."""

    key: int


@dataclass(frozen=True)
class LayerShape:
    """(C, N) of the layer; None if it is forgotten."""

    key: int
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class LayerFilled:
    """The layer lies in its place."""

    key: int


@dataclass(frozen=True)
class Leaving:
    """The device has gone, and this process goes too: after `Farewell` it writes its looper down."""


@dataclass(frozen=True)
class WroteDown:
    """The looper lies in a file, for the next process."""

    path: str


_ERRORS: dict[str, type[VampbridgeError]] = {kind.code: kind for kind in (DeviceError, SettingError, EngineError)}

ToAudio = Command | TakeAt | AskLayer | FillLayer | Farewell | Stop
FromAudio = Opened | Failed | Told | Counted | TakeCopied | LayerShape | LayerFilled | Leaving | WroteDown
