"""Loopers that measure: one that is silent, and one that plays a sound once and records what comes back.

Made in the audio process in place of the looper, so that what they measure is true of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from ...engine.take import Audio
from ..looper.config import LooperConfig
from ..looper.messages import Applied, Command, Event, LayerClosed, LoadTake, Refused
from .host import Block

SILENCE = "vampbridge.bridge.audio.instruments:Silence"
PROBE = "vampbridge.bridge.audio.instruments:Probe"
RECORDING_ID = 1


class Silence:
    """Plays nothing; refuses every command."""

    def __init__(self, config: LooperConfig) -> None:
        self.config = config
        self.frame = 0
        self.events: deque[Event] = deque(maxlen=10_000)
        self.rubbish: deque[object] = deque()

    def process(self, block_in: Block, block_out: Block, commands: Sequence[Command]) -> None:
        """See `host.Looper`."""
        for command in commands:
            self._obey(command)
        block_out.fill(0.0)
        self._hear(block_in, block_out)
        self.frame += len(block_in)

    def read_layer(self, layer_id: int) -> Audio:
        """There is none."""
        raise KeyError(layer_id)

    def _obey(self, command: Command) -> None:
        self.events.append(Refused(self.frame, command.number, 0, "this looper only measures"))

    def _hear(self, block_in: Block, block_out: Block) -> None:
        pass  # silence listens to nothing


class Probe(Silence):
    """Plays the take it is sent (C, N) once, on all outputs, and records as many frames from its first sample on."""

    def __init__(self, config: LooperConfig) -> None:
        super().__init__(config)
        self._sound: Block | None = None  # (N, C_out)
        self._heard: Block = np.zeros((0, config.n_inputs), np.float32)
        self._n_done = 0

    def read_layer(self, layer_id: int) -> Audio:
        """The recording (C_in, N), once LayerClosed has told that it is complete."""
        if layer_id != RECORDING_ID or self._sound is None or self._n_done < len(self._sound):
            raise KeyError(layer_id)
        recording: Audio = self._heard.T.copy()
        return recording

    def _obey(self, command: Command) -> None:
        if not isinstance(command, LoadTake) or command.audio is None:
            super()._obey(command)
            return
        self._sound = command.audio.T
        self._heard = np.zeros((len(self._sound), self.config.n_inputs), np.float32)  # not in a callback that matters
        self._n_done = 0
        self.events.append(Applied(self.frame, command.number))

    def _hear(self, block_in: Block, block_out: Block) -> None:
        if self._sound is None or self._n_done >= len(self._sound):
            return
        n = min(len(block_in), len(self._sound) - self._n_done)
        here = slice(self._n_done, self._n_done + n)
        block_out[:n] = self._sound[here, :1]
        self._heard[here] = block_in[:n]
        self._n_done += n
        if self._n_done == len(self._sound):
            self.events.append(LayerClosed(self.frame + n, 0, RECORDING_ID, 0, "recording", self._n_done))
