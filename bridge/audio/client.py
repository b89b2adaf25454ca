"""The sound card and its looper as the rest of the program sees them: commands in, events out, from any thread."""

from __future__ import annotations

import atexit
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from ...engine.errors import VampbridgeError
from ...engine.process.shared_array import SharedArray
from ...engine.take import Audio
from ..errors import DeviceError
from ..looper.config import LooperConfig
from ..looper.messages import Command, LoadTake
from .messages import AudioJob, TakeAt
from .options import AudioOptions
from .outbox import Outbox
from .readings import AskAgainError, Readings
from .reports import AudioCounters, AudioEvent, AudioInfo
from .watchman import Watchman

if TYPE_CHECKING:
    from typing_extensions import Self

START_TIMEOUT_S = 60.0
CLOSE_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 5.0

OnEvent = Callable[[AudioEvent], None]


class AudioClient:
    """A looper on a sound card, in a process of its own.

    The process outlives what happens here: if this program hangs the sound goes on, and if it dies, for a while
    (`AudioOptions.orphan_s`). Its device may go away: DeviceLost is told, the loops are kept, and when the device is
    back DeviceOpened is told and they go on. Should the process itself die it is started again with an empty looper,
    and LooperLost is told.

    Events are told from one thread, the client's own, in the order in which they happened. A callback must return soon;
    it may `send`, but must neither `read_layer` nor `close`: both would wait for itself.

    The process is spawned: a script that starts a client at its top level needs `if __name__ == "__main__":`.

    Args:
        options: The device.
        config: Slots and memory of the looper; its rate and channels are the device's.
    """

    def __init__(self, options: AudioOptions, config: LooperConfig | None = None) -> None:
        self._keys = itertools.count(1)
        self._outbox = Outbox()
        self._readings = Readings()
        self._takes: dict[int, SharedArray] = {}  # until they have been copied; each key is popped once
        job = AudioJob(options, config or LooperConfig())
        self._watchman = Watchman(job, self._outbox, self._readings, self._takes)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def info(self) -> AudioInfo:
        """The device as it was last opened."""
        return self._watchman.info

    @property
    def counters(self) -> AudioCounters:
        """What has been counted, at most a quarter of a second ago."""
        return self._watchman.counters

    @property
    def is_running(self) -> bool:
        """Whether there is a process, or there will be again; False before `start`, and after AudioEnded or `close`."""
        return self._watchman.is_running

    def on_event(self, callback: OnEvent) -> None:
        """Have a function called with every event from now on; several are called in turn.

        To miss none, do so before `start`.
        """
        self._watchman.listeners = (*self._watchman.listeners, callback)

    def start(self) -> None:
        """Start the process and open the device; returns when it plays. Once in a client's life.

        Raises:
            DeviceError: The device cannot be opened; says why and what to do. The client is closed then.
            SettingError: The looper refuses its settings.
        """
        if self._watchman.thread.ident is not None:
            raise DeviceError("an audio client is started once: make a new one")
        atexit.register(self.close)
        try:
            self._watchman.start(START_TIMEOUT_S)
        except VampbridgeError:
            self.close()
            raise

    def send(self, command: Command) -> None:
        """Have the looper do something at the start of its next block, or at the command's frame.

        What becomes of it is told by an Applied or a Refused event with the command's number. The sound of a LoadTake
        is copied before this returns.

        Raises:
            DeviceError: There is no audio process, and there will be none.
            EngineError: Not enough shared memory for a take.
        """
        if isinstance(command, LoadTake):
            self._send_take(command)
        else:
            self._outbox.send(command)

    def read_layer(self, layer_id: int) -> Audio:
        """What was played in: a copy (C, N) at the device's rate. Takes some milliseconds.

        Raises:
            KeyError: The looper has forgotten it, or never had it.
            DeviceError: There is no audio process, or no answer within 5 s.
            EngineError: Not enough shared memory.
        """
        self._refuse_own_thread("read a layer")
        end_s = time.monotonic() + READ_TIMEOUT_S
        while True:
            key = next(self._keys)
            reading = self._readings.open(key, layer_id)
            try:
                self._outbox.send(reading.question)
                return reading.wait(max(0.0, end_s - time.monotonic()))
            except AskAgainError:
                continue
            finally:
                self._readings.drop(key)

    def close(self) -> None:
        """Fade out, end the process and join the thread. More than once is fine."""
        self._refuse_own_thread("close the client")
        self._watchman.stop(CLOSE_TIMEOUT_S)
        self._readings.fail_all("the audio client was closed")
        self._release_takes()
        atexit.unregister(self.close)

    def _send_take(self, command: LoadTake) -> None:
        if command.audio is None:
            raise DeviceError(f"take {command.take_id!r} has no sound to load")
        key = next(self._keys)
        shared = SharedArray.holding(command.audio)
        self._takes[key] = shared
        try:
            self._outbox.send(TakeAt(key, replace(command, audio=None), shared.place))
        except VampbridgeError:
            self._takes.pop(key).release()
            raise

    def _release_takes(self) -> None:
        while self._takes:
            self._takes.popitem()[1].release()

    def _refuse_own_thread(self, what: str) -> None:
        if threading.current_thread() is self._watchman.thread:
            message = f"a callback must not {what}: it would wait for itself"
            raise RuntimeError(message)
