"""The thread that watches over the audio process: hears what it says, and starts the next one when it goes."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import resource_tracker

from ...engine.errors import VampbridgeError
from ...engine.process.shared_array import SharedArray
from ..errors import DeviceError
from .link import AudioLink, ProcessGoneError
from .messages import (
    AudioJob,
    Counted,
    Failed,
    FromAudio,
    LayerFilled,
    LayerShape,
    Leaving,
    Opened,
    TakeCopied,
    Told,
    WroteDown,
)
from .outbox import Outbox
from .readings import Readings
from .reports import AudioCounters, AudioEnded, AudioEvent, AudioInfo, DeviceOpened, LooperLost
from .state import drop_state

log = logging.getLogger(__name__)

MAX_DEATHS = 3
FORGIVEN_AFTER_S = 30.0
LISTEN_S = 0.2
END_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 60.0


class Watchman:
    """Runs from `start` until `stop`, or until the process cannot be kept alive.

    Args:
        job: What to start.
        outbox: Where callers send.
        readings: Where callers wait for layers.
        takes: Shared memory of takes by key, released when they have been copied.
    """

    def __init__(self, job: AudioJob, outbox: Outbox, readings: Readings, takes: dict[int, SharedArray]) -> None:
        self._job, self._outbox, self._readings, self._takes = job, outbox, readings, takes
        self.info = AudioInfo()  # replaced, never changed, as are the two below: safe to read from any thread
        self.counters = AudioCounters()
        self.listeners: tuple[Callable[[AudioEvent], None], ...] = ()
        self._has_started = threading.Event()
        self._start_error: VampbridgeError | None = None
        self._is_stopping = False
        self._link: AudioLink | None = None
        self._state_path: str | None = None  # where the process that has gone left its looper
        self._last_words: Failed | None = None
        # A daemon only so that a program that forgets `close` can end; its exit handler joins it all the same.
        self.thread = threading.Thread(target=self._run, name="vampbridge-audio-client", daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether a process is, or will be, there."""
        return self.thread.is_alive() and not self._is_stopping

    def start(self, timeout_s: float) -> None:
        """Start the process; returns when the device plays.

        Raises:
            VampbridgeError: It could not be started; in the class and words of the process.
        """
        self.thread.start()
        end_s = time.monotonic() + timeout_s
        while not self._has_started.wait(LISTEN_S):  # in slices, because Windows lets Ctrl-C through only between them
            if time.monotonic() > end_s:
                raise DeviceError(f"the audio device did not open within {timeout_s:g} s")
        if self._start_error is not None:
            raise self._start_error

    def stop(self, timeout_s: float) -> None:
        """End the process and join the thread; kills what does not end in that time."""
        self._is_stopping = True
        self._outbox.close("the audio client is closed")
        if self.thread.ident is None:
            return
        self.thread.join(timeout_s)
        if self.thread.is_alive() and self._link is not None:
            self._link.kill()
        self.thread.join()

    def _run(self) -> None:
        reason: VampbridgeError = DeviceError("the audio client failed unexpectedly; the log says why")
        try:
            _block_interrupts()
            reason = self._keep_running()
        except VampbridgeError as error:
            reason = error
        except Exception:  # our bug: nobody may be left waiting
            log.exception("the audio client failed")
        finally:
            self._outbox.close(str(reason))
            drop_state(self._state_path)
            self._readings.fail_all(str(reason))
            self.counters = replace(self.counters, is_open=False)
            if self._has_started.is_set():
                self._tell(AudioEnded(str(reason)))
            else:
                self._start_error = reason
                self._has_started.set()

    def _keep_running(self) -> VampbridgeError:
        """Processes, one after the other, until there is a reason to end; returns it."""
        deaths_s: list[float] = []
        while True:
            has_started = self._has_started.is_set()
            job = replace(self._job, is_patient=has_started, state_path=self._state_path)
            exit_code = self._serve(job)
            if self._must_stop():
                return DeviceError("the audio client was closed")
            if not self._has_started.is_set():
                return self._why(exit_code)
            if exit_code == 0 and self._state_path is not None:
                continue  # it has given way to the next
            if exit_code == 0:
                return DeviceError("the audio process was told to end")
            why, now_s = self._why(exit_code), time.monotonic()
            deaths_s = [*(then_s for then_s in deaths_s if now_s - then_s < FORGIVEN_AFTER_S), now_s]
            if len(deaths_s) == MAX_DEATHS:
                return DeviceError(f"the audio process died {MAX_DEATHS} times within {FORGIVEN_AFTER_S:g} s: {why}")
            log.warning("%s; it is started again", why)
            if self._state_path is None:
                self._tell(LooperLost(str(why)))

    def _serve(self, job: AudioJob) -> int:
        """One process, from its start to its end; returns its exit code."""
        self._last_words = None
        link = self._link = AudioLink(job)
        self._outbox.connect(link)
        timeout_s = END_TIMEOUT_S
        try:
            while True:
                message = link.receive(LISTEN_S)
                if message is not None:
                    self._hear(link, message)
        except ProcessGoneError:
            self._outbox.hold()
            self._readings.ask_again()
        except BaseException:
            timeout_s = 0.0
            raise
        finally:
            exit_code = link.end(timeout_s)
            self.counters = replace(self.counters, is_open=False)
        return exit_code

    def _hear(self, link: AudioLink, message: FromAudio) -> None:
        if isinstance(message, Told):
            for event in message.events:
                self._tell(event)
        elif isinstance(message, Counted):
            self.counters = message.counters
        elif isinstance(message, TakeCopied):
            shared = self._takes.pop(message.key, None)
            if shared is not None:
                shared.release()
        elif isinstance(message, LayerShape):
            answer = self._readings.measured(message)
            if answer is not None:
                self._outbox.send(answer)
        elif isinstance(message, LayerFilled):
            self._readings.filled(message.key)
        else:
            self._hear_of_life(link, message)

    def _hear_of_life(self, link: AudioLink, message: Opened | Failed | Leaving | WroteDown) -> None:
        if isinstance(message, Opened):
            self.info, self._state_path = message.info, None
            self._tell(DeviceOpened(message.frame, message.info))
            self._has_started.set()
        elif isinstance(message, Leaving):
            self._outbox.hold(say_farewell=True)
            self._readings.ask_again()
        elif isinstance(message, WroteDown):
            self._state_path = message.path
        else:
            self._last_words = message
            if message.trace:
                log.error("unexpected error in the audio process (pid %d):\n%s", link.pid, message.trace)

    def _must_stop(self) -> bool:
        return self._is_stopping  # set by another thread, which a type checker does not see

    def _why(self, exit_code: int) -> VampbridgeError:
        if self._last_words is not None:
            return self._last_words.as_error()
        return DeviceError(f"the audio process died (exit code {exit_code})")

    def _tell(self, event: AudioEvent) -> None:
        for listener in self.listeners:
            _call(listener, event)


def _call(listener: Callable[[AudioEvent], None], event: AudioEvent) -> None:
    try:
        listener(event)
    except Exception:  # theirs: the others still hear it
        log.exception("a callback failed on %r", event)


def _block_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; a process starts with what this thread blocks blocked."""
    if sys.platform != "win32":
        # Before, because starting the tracker unblocks the signal again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
