"""Layers that somebody waits for, on their way out of the audio process."""

from __future__ import annotations

import threading

from ...engine.errors import VampbridgeError
from ...engine.process.shared_array import SharedArray
from ...engine.take import Audio
from ..errors import DeviceError
from .messages import AskLayer, FillLayer, LayerShape


class AskAgainError(Exception):
    """The process went before it answered; the next one has the same layers."""


class Reading:
    """One layer on its way. Its shared memory is the client's, so that none is left over whoever dies."""

    def __init__(self, question: AskLayer) -> None:
        self.question = question
        self._is_over = threading.Event()
        self._outcome: Audio | Exception | None = None
        self._room: SharedArray | None = None

    def wait(self, timeout_s: float) -> Audio:
        """The layer.

        Raises:
            AskAgainError: The process went.
            KeyError: Forgotten.
            DeviceError: No answer.
            EngineError: No room.
        """
        self._is_over.wait(timeout_s)
        if self._outcome is None:
            raise DeviceError("the audio process did not answer in time")
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def make_room(self, answer: LayerShape) -> FillLayer | None:
        """What to send for the layer to be written; None if there is nothing to write."""
        if answer.shape is None:
            self.end(KeyError(self.question.layer_id))
            return None
        try:
            self._room = SharedArray(answer.shape, "float32")
        except VampbridgeError as error:
            self.end(error)
            return None
        return FillLayer(answer.key, self._room.place)

    def finish(self) -> None:
        """The layer has been written."""
        if self._room is not None:
            self.end(self._room.read())

    def end(self, outcome: Audio | Exception) -> None:
        """What the one who waits gets."""
        self._outcome = outcome
        self._is_over.set()

    def release(self) -> None:
        """Give the memory back."""
        if self._room is not None:
            self._room.release()


class Readings:
    """All of them, by key. Opened and dropped by those who wait, answered by the watchman."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, Reading] = {}

    def open(self, key: int, layer_id: int) -> Reading:
        """Begin one; send its `question`, and `drop` it in the end."""
        reading = Reading(AskLayer(key, layer_id))
        with self._lock:
            self._open[key] = reading
        return reading

    def drop(self, key: int) -> None:
        """Nobody waits any more."""
        with self._lock:
            self._open.pop(key).release()

    def measured(self, answer: LayerShape) -> FillLayer | None:
        """What to send next; None if nobody waits, or there is nothing to send."""
        with self._lock:
            reading = self._open.get(answer.key)
            return None if reading is None else reading.make_room(answer)

    def filled(self, key: int) -> None:
        """It lies in its place."""
        with self._lock:
            reading = self._open.get(key)
            if reading is not None:
                reading.finish()

    def ask_again(self) -> None:
        """The process goes: those who wait must ask the next one."""
        with self._lock:
            for reading in self._open.values():
                reading.end(AskAgainError())

    def fail_all(self, reason: str) -> None:
        """There will be no answers."""
        with self._lock:
            for reading in self._open.values():
                reading.end(DeviceError(reason))
