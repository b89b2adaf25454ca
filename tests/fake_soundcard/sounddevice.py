"""A stand-in for sounddevice: one card with four inputs and four outputs, played by a thread.

The file that FAKE_SOUNDCARD names says what the card does, as JSON, and may be written while it plays: `is_there`,
`is_active`, `calls_back`, `channels`, `rate`; each has a default. Input is a ramp that counts frames, in steps of
2^-16; output is dropped. What a stream was asked for is written beside, as FAKE_SOUNDCARD.opened.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import numpy as np


class PortAudioError(Exception):
    pass


def _card():
    given = json.loads(Path(os.environ["FAKE_SOUNDCARD"]).read_text(encoding="utf-8") or "{}")
    return {"is_there": True, "is_active": True, "calls_back": True, "channels": 4, "rate": 48_000, **given}


_seen = _card()


def _terminate():
    pass


def _initialize():
    global _seen  # noqa: PLW0603 - as the real one: what is there is looked at once
    _seen = _card()


def get_portaudio_version():
    return (1, "Fake PortAudio")


def query_hostapis():
    there = 0 if _seen["is_there"] else -1
    return ({"name": "Fake API", "default_input_device": there, "default_output_device": there},)


def query_devices(kind=None):
    n = _seen["channels"]
    card = {
        "index": 0,
        "name": "Fake Card",
        "hostapi": 0,
        "max_input_channels": n,
        "max_output_channels": n,
        "default_samplerate": float(_seen["rate"]),
    }
    if kind and not _seen["is_there"]:
        raise PortAudioError("no default device")
    return card if kind else ((card,) if _seen["is_there"] else ())


def check_input_settings(_device, _channels, _dtype, *, samplerate):
    if samplerate != _seen["rate"]:
        raise PortAudioError("Invalid sample rate")


check_output_settings = check_input_settings


class _Flags:
    input_underflow = input_overflow = output_underflow = output_overflow = False

    def __bool__(self):
        return False


class Stream:
    def __init__(self, *, device, channels, samplerate, blocksize, dtype, latency, callback):
        if not _card()["is_there"]:
            raise PortAudioError("Device unavailable")
        asked = {"device": device, "channels": channels, "blocksize": blocksize, "dtype": dtype, "latency": latency}
        Path(os.environ["FAKE_SOUNDCARD"] + ".opened").write_text(json.dumps(asked), encoding="utf-8")
        self.samplerate, self.latency = samplerate, (0.003, 0.004)
        self._callback, self._blocksize, self._channels = callback, blocksize, channels
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def active(self):
        return _card()["is_active"]

    def start(self):
        self._thread.start()

    def close(self, *, ignore_errors):
        self._is_closed = True
        self._thread.join()

    def _run(self):
        frame = 0
        indata = np.zeros((self._blocksize, self._channels[0]), np.float32)
        outdata = np.zeros((self._blocksize, self._channels[1]), np.float32)
        while not self._is_closed:
            time.sleep(self._blocksize / self.samplerate)
            if _card()["calls_back"] and _card()["is_active"]:
                indata[:] = (np.arange(frame, frame + self._blocksize)[:, None] % 65_536) / 65_536
                self._callback(indata, outdata, self._blocksize, None, _Flags())
                frame += self._blocksize
