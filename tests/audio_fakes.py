"""Loopers for the audio process that do one thing each, seen from outside."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path

import numpy as np
from vampbridge.bridge.looper.messages import Applied, LayerClosed, LoadTake, Refused, SetSlot, Verb
from vampbridge.engine.errors import SettingError

ECHO = "audio_fakes:Echo"


class Echo:
    """Plays what comes in, times `wet`. Keeps takes as layers 1, 2, …; its verbs break it in different ways."""

    def __init__(self, config):
        self.config = config
        self.events = deque(maxlen=10_000)
        self.rubbish = deque()
        self.frame = 0
        self.gain = 1.0
        self.layers = []
        self.fails_left = 0
        self.made_in = os.getpid()

    def process(self, block_in, block_out, commands):
        for command in commands:
            self._obey(command)
        if self.fails_left:
            self.fails_left -= 1
            block_out.fill(0.5)
            message = "a string broke"
            raise ValueError(message)
        np.multiply(block_in[:, :1], np.float32(self.gain), out=block_out)
        if block_in.shape == block_out.shape:
            np.multiply(block_in, np.float32(self.gain), out=block_out)
        self.frame += len(block_in)

    def _obey(self, command):
        if isinstance(command, SetSlot):
            self.gain = float(command.value)
        elif isinstance(command, LoadTake):
            self.layers.append(command.audio)
            self.events.append(
                LayerClosed(self.frame, command.slot, len(self.layers), 0, "take", command.audio.shape[1])
            )
        elif isinstance(command, Verb) and command.verb == "clear":
            self.fails_left = command.slot
        elif isinstance(command, Verb) and command.verb == "pause":
            os._exit(3)
        elif isinstance(command, Verb) and command.verb == "undo":
            self.events.append(Refused(self.frame, command.number, 0, f"{self.made_in} {os.getpid()}"))
            return
        self.events.append(Applied(self.frame, command.number))

    def read_layer(self, layer_id):
        if not 1 <= layer_id <= len(self.layers):
            raise KeyError(layer_id)
        return self.layers[layer_id - 1].copy()


def wait_until(is_so, timeout_s=20.0):
    """Poll until something is so; an assertion error if it never is."""
    end_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end_s, f"{is_so} was not so within {timeout_s} s"
        time.sleep(0.005)


class Heard(list):
    """Every event of a client, in order."""

    def of(self, kind):
        """Those of one kind."""
        return [event for event in list(self) if isinstance(event, kind)]

    def wait_for(self, kind, n=1):
        """The n-th of a kind, once it has come."""
        wait_until(lambda: len(self.of(kind)) >= n)
        return self.of(kind)[n - 1]


def is_alive(pid):
    """Whether a process runs, Linux only: a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


class Refusing:
    """Refuses to be made."""

    def __init__(self, config):
        message = "too many slots"
        raise SettingError(message)
