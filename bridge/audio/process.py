"""The audio process: a device, a looper, and a control thread that speaks with the client. The main thread is that one.

It opens its device once. When the device goes away, unplugged or its driver ended, libraries under PortAudio hang or
crash as soon as they are asked to begin again (see `portaudio`); so the looper is written down, this process ends, and
the next one reads it and waits for the device. When the client dies, the loops play on for `orphan_s`, then fade out.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import NoReturn, cast

from ...engine.errors import VampbridgeError
from ..errors import DeviceError
from ..looper.config import LooperConfig
from . import portaudio
from .devices import StreamPlan, plan_stream
from .front_desk import FrontDesk
from .host import CallbackHost, Counts, Looper
from .line import Line
from .messages import AudioJob, Counted, Failed, Leaving, Opened, WroteDown
from .reports import AudioInfo, BlockFailed, DeviceLost
from .scheduling import CALLBACK_PRIORITY, CONTROL_PRIORITY, prepare_interpreter, raise_thread
from .state import SavedState, drop_state, read_state, write_state

TICK_S = 0.002
LOOK_S = 0.05
REPORT_S = 0.25
RETRY_S = 1.0
SILENT_S = 1.0
FAREWELL_TIMEOUT_S = 5.0
RETURN_FADE_MS = 10.0
STOP_FADE_MS = 20.0
ORPHAN_FADE_MS = 2_000.0


def run_audio(connection: Connection, job: AudioJob) -> None:
    """Play until told to stop. The target of the process; `connection` leads to the client."""
    # Ctrl-C reaches every process of the terminal: the client decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    audio = _AudioProcess(Line(connection), job)
    signal.signal(signal.SIGTERM, lambda *_: audio.desk.stop())
    try:
        audio.serve()
    except Exception as error:  # noqa: BLE001 - whatever it is, the client hears of it
        audio.line.send(_failure(error))
        audio.leave(1)


class _AudioProcess:
    def __init__(self, line: Line, job: AudioJob) -> None:
        self.line, self._job, self._options = line, job, job.options
        self.desk = FrontDesk(line)
        self._counts = Counts()
        self._sample_rate: int | None = job.options.sample_rate
        self._channels: tuple[int, int] | None = None  # of the looper; None until there is one
        self._n_failed_before = 0

    def serve(self) -> None:
        """From the first look for the device until the end of the process."""
        if self._job.state_path is not None:
            self._go_on_with(read_state(self._job.state_path))
        stream, host = self._wait_for_device()
        if stream is None or host is None:
            return
        try:
            lost = self._play(stream, host)
        except BaseException:
            host.retire()
            raise
        if lost is not None:
            self._give_way(host, lost)
        if not stream.close():
            self.leave(0)

    def leave(self, exit_code: int) -> NoReturn:
        """End without asking PortAudio, whose last rites hang or crash after a failure."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)

    # Opening.

    def _go_on_with(self, state: SavedState) -> None:
        self._counts, self._sample_rate, self._channels = state.counts, state.sample_rate, state.channels
        self._n_failed_before = state.counts.failed_blocks
        self.desk.looper = state.looper
        self.desk.waiting.extend(state.waiting)

    def _wait_for_device(self) -> tuple[portaudio.DuplexStream | None, CallbackHost | None]:
        """Stream and host; None if told to stop before there were any.

        Raises:
            DeviceError: There is no device, and nobody said to wait for one.
        """
        while True:
            try:
                return self._open()
            except DeviceError:
                if not self._job.is_patient:
                    raise
            if not self.desk.attend(RETRY_S):
                return None, None
            portaudio.look_again()

    def _open(self) -> tuple[portaudio.DuplexStream, CallbackHost]:
        options = replace(self._options, sample_rate=self._sample_rate)
        plan = plan_stream(portaudio.list_devices(), options)
        rate = portaudio.supported_rate(plan)
        looper, is_new = self._looper_for(plan, rate)
        host = CallbackHost(
            looper,
            channels_in=plan.channels_in,
            channels_out=plan.channels_out,
            max_block=max(self._job.config.max_block, plan.block_frames),
            sample_rate=rate,
            counts=self._counts,
        )
        if not is_new:
            host.fade(fade_in=True, fade_ms=RETURN_FADE_MS)  # in the middle of a loop
        prepare_interpreter()
        stream = portaudio.DuplexStream(plan, host, sample_rate=rate)
        if stream.facts.sample_rate != rate:
            raise DeviceError(f"{plan.sink} was asked for {rate} Hz and runs at {stream.facts.sample_rate} Hz")
        try:
            stream.start()
            scheduling = self._raise_priorities(host, plan)
        except DeviceError as error:
            # What does not close would hang the next attempt: another process makes it.
            if not stream.close() and self._job.is_patient:
                self._give_way(host, str(error))
            raise
        self.desk.open(host)
        drop_state(self._job.state_path)  # not before: should a driver crash this process, the next one reads it again
        self.line.send(Opened(looper.frame, _info(plan, stream.facts, host.block_frames, scheduling)))
        return stream, host

    def _looper_for(self, plan: StreamPlan, rate: int) -> tuple[Looper, bool]:
        """The looper, which keeps its rate and channels for life; and whether it was made for this device."""
        channels = (len(plan.channels_in), len(plan.channels_out))
        if self.desk.looper is not None:
            if channels != self._channels:
                raise DeviceError(f"the looper has {self._channels} channels in and out, {plan.sink} gives {channels}")
            return self.desk.looper, False
        config = replace(
            self._job.config,
            sample_rate=rate,
            n_inputs=channels[0],
            n_outputs=channels[1],
            max_block=max(self._job.config.max_block, plan.block_frames),
        )
        looper = _make_looper(self._options.factory, config)
        self.desk.looper, self._sample_rate, self._channels = looper, rate, channels
        return looper, True

    def _raise_priorities(self, host: CallbackHost, plan: StreamPlan) -> str:
        """Wait for the first callback, whose thread it is. What was allowed.

        Raises:
            DeviceError: No callback comes.
        """
        end_s = time.monotonic() + max(RETRY_S, SILENT_S)
        while not host.thread_id:
            if time.monotonic() > end_s:
                raise DeviceError(f"{plan.sink} was opened, but asks for no sound")
            time.sleep(TICK_S)
        raise_thread(threading.get_native_id(), CONTROL_PRIORITY)
        return raise_thread(host.thread_id, CALLBACK_PRIORITY)

    # Playing.

    def _play(self, stream: portaudio.DuplexStream, host: CallbackHost) -> str | None:
        """Until told to stop, and faded out; or until the device is lost: why."""
        watch = _Watch(stream, host)
        next_look_s = next_report_s = 0.0
        ends_s: float | None = None
        while True:
            self.desk.serve(TICK_S)
            now_s = time.monotonic()
            if now_s >= next_look_s:
                next_look_s = now_s + LOOK_S
                if (lost := watch.lost(now_s)) is not None:
                    return lost
            if now_s >= next_report_s:
                next_report_s = now_s + REPORT_S
                self._report(host)
            if ends_s is None and (fade_ms := self._fade_wanted(now_s)) is not None:
                host.fade(fade_in=False, fade_ms=fade_ms)
                ends_s = now_s + fade_ms / 1e3 + SILENT_S
            if ends_s is not None and (host.is_faded_out or now_s > ends_s):
                return None

    def _fade_wanted(self, now_s: float) -> float | None:
        """How slowly to fall silent now; None to go on."""
        if self.desk.is_stopping:
            return STOP_FADE_MS
        orphaned_s = self.desk.orphaned_at_s
        return ORPHAN_FADE_MS if orphaned_s is not None and now_s >= orphaned_s + self._options.orphan_s else None

    def _report(self, host: CallbackHost, *, is_open: bool = True) -> None:
        error, host.last_error = host.last_error, None
        n_failed = host.counts.failed_blocks - self._n_failed_before
        if error is not None and n_failed:
            self._n_failed_before += n_failed
            trace = "".join(traceback.format_exception(error))
            self.desk.tell(BlockFailed(host.looper.frame, n_failed, f"{type(error).__name__}: {error}", trace))
        if self.line.has_room():
            self.line.send(Counted(host.counters(is_open=is_open)))

    def _give_way(self, host: CallbackHost, reason: str) -> NoReturn:
        """Write the looper down for the next process, and end."""
        if self.line.is_cut:
            self.leave(0)
        if not host.retire():
            raise DeviceError(f"{reason}, in the middle of a block: the loops cannot be saved")
        self.desk.close(DeviceLost(host.looper.frame, reason))
        self._report(host, is_open=False)
        self.line.send(Leaving())
        self.desk.await_farewell(FAREWELL_TIMEOUT_S)
        waiting = (*host.commands, *self.desk.waiting)
        channels = cast("tuple[int, int]", self._channels)
        state = SavedState(host.looper, host.counts, waiting, cast("int", self._sample_rate), channels)
        self.line.send(WroteDown(write_state(state)))
        self.leave(0)


class _Watch:
    """Notices that a device has gone: it says so, or it asks for nothing any more."""

    def __init__(self, stream: portaudio.DuplexStream, host: CallbackHost) -> None:
        self._stream, self._host = stream, host
        self._n_before, self._changed_s = -1, time.monotonic()

    def lost(self, now_s: float) -> str | None:
        """Why it is gone; None while it is there."""
        if not self._stream.is_active:
            return "the audio device has gone"
        n = self._host.counts.callbacks
        if n != self._n_before:
            self._n_before, self._changed_s = n, now_s
        elif now_s - self._changed_s > SILENT_S:
            return f"the audio device has asked for no sound for {SILENT_S:g} s"
        return None


def _make_looper(factory: str, config: LooperConfig) -> Looper:
    module, _, function = factory.partition(":")
    make = cast("Callable[[LooperConfig], Looper]", getattr(importlib.import_module(module), function))
    return make(config)


def _info(plan: StreamPlan, facts: portaudio.StreamFacts, block_frames: int, scheduling: str) -> AudioInfo:
    return AudioInfo(
        plan.source.name,
        plan.sink.name,
        plan.sink.host_api,
        facts.sample_rate,
        block_frames,
        plan.channels_in,
        plan.channels_out,
        facts.latency_in_ms,
        facts.latency_out_ms,
        os.getpid(),
        scheduling,
    )


def _failure(error: Exception) -> Failed:
    if isinstance(error, VampbridgeError):
        return Failed(error.code, str(error))
    trace = "".join(traceback.format_exception(error))
    return Failed(DeviceError.code, f"unexpected {type(error).__name__} in the audio process: {error}", trace)
