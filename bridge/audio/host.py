"""The audio callback: moves blocks between the sound card and the looper, and counts. No device and no pipe here.

The callback's law: it never waits, logs or takes a lock, makes no arrays, and fills all of its output on every path.
What it shares with the control thread are deques, plain numbers, and references that are replaced as a whole.
sounddevice itself makes a few small objects around each block (two arrays, the status); they are gone when it returns.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...engine.take import Audio
from ..looper.messages import Command, Event
from .reports import AudioCounters
from .timing import DurationRing

MAX_WAITING = 1_024
"""Commands that wait for the next block; more are refused by whoever hands them over."""

Block = NDArray[np.float32]


class Looper(Protocol):
    """What is played: `vampbridge.bridge.looper`, or a fake. It is pickled when the device goes away."""

    @property
    def events(self) -> deque[Event]:
        """What happened; appended by `process`, popped by somebody else."""
        ...

    @property
    def frame(self) -> int:
        """Frames processed so far."""
        ...

    @property
    def rubbish(self) -> deque[object]:
        """What `process` has dropped: freed by another thread, because to free much takes long."""
        ...

    def process(self, block_in: Block, block_out: Block, commands: Sequence[Command]) -> None:
        """From block_in (N, C_in) fill all of block_out (N, C_out). Keeps none of its arguments."""
        ...

    def read_layer(self, layer_id: int) -> Audio:
        """A copy (C, N) of a layer, from any thread; KeyError if it is forgotten."""
        ...


class StatusFlags(Protocol):
    """sounddevice's CallbackFlags."""

    input_underflow: bool
    input_overflow: bool
    output_underflow: bool
    output_overflow: bool

    def __bool__(self) -> bool: ...


@dataclass
class Counts:
    """Counted by the callback; kept when a process gives way to another."""

    callbacks: int = 0
    xruns_in: int = 0
    xruns_out: int = 0
    late_blocks: int = 0
    failed_blocks: int = 0


@dataclass
class _Fade:
    """Gains (M, 1) for the frames to come, and the gain after them."""

    gains: Block
    after: float
    n_done: int = 0


class CallbackHost:
    """Owns a looper, and is the callback of a stream.

    Args:
        looper: What is played.
        channels_in: Columns of the device's input, from 1, that become the looper's.
        channels_out: Columns of the device's output, from 1, that the looper's go to; the others stay silent.
        max_block: Longest block that the looper takes; the device may ask for longer ones.
        sample_rate: Hz.
        counts: To count on from.
    """

    def __init__(
        self,
        looper: Looper,
        *,
        channels_in: Sequence[int],
        channels_out: Sequence[int],
        max_block: int,
        sample_rate: int,
        counts: Counts | None = None,
    ) -> None:
        self.looper = looper
        self.counts = counts or Counts()
        self.commands: deque[Command] = deque()  # at most MAX_WAITING, see `offer`
        self.thread_id = 0  # of the callback, once it has run
        self.block_frames = 0  # of the last callback
        self.last_error: Exception | None = None
        self._batch: list[Command] = []
        self._columns_in = [channel - 1 for channel in channels_in]
        self._columns_out = [channel - 1 for channel in channels_out]
        # np.full and not np.zeros: the memory must be there before the callback touches it.
        self._in: Block = np.full((max_block, len(self._columns_in)), 0, np.float32)
        self._out: Block = np.full((max_block, len(self._columns_out)), 0, np.float32)
        self._sample_rate = sample_rate
        self._fade: _Fade | None = None
        self._is_retired = self._is_busy = False
        self._took, self._periods = DurationRing(), DurationRing()
        self._began_before_ns = 0

    # For the control thread.

    def offer(self, command: Command) -> bool:
        """Have a command act at the start of the next block; False if too many wait."""
        if len(self.commands) >= MAX_WAITING:
            return False
        self.commands.append(command)
        return True

    def fade(self, *, fade_in: bool, fade_ms: float) -> None:
        """Rise from silence, or fall to silence and stay there, over so many ms; a raised cosine."""
        n = max(1, round(fade_ms * self._sample_rate / 1e3))
        gains = np.sin(np.linspace(0.0, np.pi / 2, n))[:, None] ** 2  # (M, 1)
        gains = gains if fade_in else gains[::-1]
        self._fade = _Fade(np.ascontiguousarray(gains, np.float32), after=1.0 if fade_in else 0.0)

    @property
    def is_faded_out(self) -> bool:
        """Whether a fade to silence is complete."""
        fade = self._fade
        return fade is not None and fade.after == 0.0 and fade.n_done >= len(fade.gains)

    def retire(self, timeout_s: float = 1.0) -> bool:
        """Play silence and leave the looper alone from now on; False if a block is being made all the while."""
        self._is_retired = True
        end_s = time.monotonic() + timeout_s
        while self._is_busy and time.monotonic() < end_s:
            time.sleep(0.001)
        return not self._is_busy

    def counters(self, *, is_open: bool) -> AudioCounters:
        """Everything counted so far."""
        counts, took, periods = self.counts, self._took.spread(), self._periods.spread()
        return AudioCounters(
            counts.callbacks,
            counts.xruns_in,
            counts.xruns_out,
            counts.late_blocks,
            counts.failed_blocks,
            took.p50_ms,
            took.p99_ms,
            took.max_ms,
            periods.p50_ms,
            periods.p99_ms,
            periods.max_ms,
            self.looper.frame,
            is_open,
        )

    # For the device's thread.

    def __call__(self, indata: Block, outdata: Block, _frames: int, _time: Any, status: StatusFlags) -> None:  # noqa: ANN401 - a C struct
        """The callback, see sounddevice.Stream: indata (N, ≥ C_in), outdata (N, ≥ C_out), any N."""
        began_ns = time.perf_counter_ns()
        self._is_busy = True  # before the look at _is_retired: `retire` sets that first and looks here afterwards
        if self._is_retired:
            outdata.fill(0.0)
            self._is_busy = False
            return
        if status:
            self._count_xruns(status)
        try:
            self._render(indata, outdata)
        except Exception as error:  # noqa: BLE001 - silence is played, the control thread says why
            outdata.fill(0.0)
            self.counts.failed_blocks += 1
            self.last_error = error
        self._is_busy = False
        self._note(began_ns, len(outdata))

    def _render(self, indata: Block, outdata: Block) -> None:
        batch = self._batch
        while self.commands:
            batch.append(self.commands.popleft())
        outdata.fill(0.0)
        try:
            for begin in range(0, len(outdata), len(self._out)):
                end = begin + len(self._out)
                self._process(indata[begin:end], outdata[begin:end], batch)
                batch.clear()
        finally:
            batch.clear()
        if self._fade is not None:
            self._apply_fade(self._fade, outdata)

    def _process(self, part_in: Block, part_out: Block, commands: Sequence[Command]) -> None:
        n = len(part_out)
        block_in, block_out = self._in[:n], self._out[:n]  # views
        for to, column in enumerate(self._columns_in):
            block_in[:, to] = part_in[:, column]
        self.looper.process(block_in, block_out, commands)
        for at, column in enumerate(self._columns_out):
            part_out[:, column] = block_out[:, at]

    def _apply_fade(self, fade: _Fade, outdata: Block) -> None:
        n = min(len(outdata), len(fade.gains) - fade.n_done)
        outdata[:n] *= fade.gains[fade.n_done : fade.n_done + n]
        outdata[n:] *= fade.after
        fade.n_done += n
        if fade.after == 1.0 and fade.n_done >= len(fade.gains) and self._fade is fade:
            self._fade = None

    def _count_xruns(self, status: StatusFlags) -> None:
        self.counts.xruns_in += bool(status.input_underflow or status.input_overflow)
        self.counts.xruns_out += bool(status.output_underflow or status.output_overflow)

    def _note(self, began_ns: int, n_frames: int) -> None:
        took_ns = time.perf_counter_ns() - began_ns
        self._took.add(took_ns)
        self.counts.late_blocks += took_ns * self._sample_rate > n_frames * 1_000_000_000
        if self._began_before_ns:
            self._periods.add(began_ns - self._began_before_ns)
        else:
            self.thread_id = threading.get_native_id()  # once: the control thread sets its priority
        self._began_before_ns = began_ns
        self.block_frames = n_frames
        self.counts.callbacks += 1
