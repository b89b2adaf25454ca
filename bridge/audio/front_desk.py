"""What the control thread does with the client's messages, with a device and while there is none."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace

from ...engine.take import Audio
from ..looper.messages import ALL_SLOTS, Command, Refused, Verb
from .host import MAX_WAITING, CallbackHost, Looper
from .line import Line
from .messages import AskLayer, Farewell, FillLayer, LayerFilled, LayerShape, Stop, TakeAt, TakeCopied, ToAudio, Told
from .reports import AudioEvent, DeviceLost

MAX_TOLD = 200  # events in one message, about 20 KB
MAX_OWN_EVENTS = 10_000
MAX_READ = 16  # layers that wait for room
MAX_HEARD = 64  # messages before the events have their turn


class FrontDesk:
    """Between the pipe, the looper and the callback.

    Args:
        line: To the client.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._host: CallbackHost | None = None
        self.looper: Looper | None = None
        self.waiting: list[Command] = []  # for the next device; at most MAX_WAITING
        self.is_stopping = False
        self.orphaned_at_s: float | None = None
        self._own_events: deque[AudioEvent] = deque(maxlen=MAX_OWN_EVENTS)
        self._early: list[ToAudio] = []  # came before there was a looper; at most MAX_WAITING
        self._layers: dict[int, Audio] = {}  # that were asked for, until there is room for them
        self._said_farewell = False

    def open(self, host: CallbackHost) -> None:
        """There is a device: what waited acts now."""
        self._host = host
        waiting, self.waiting = self.waiting, []
        for command in waiting:
            self._offer(command)
        early, self._early = self._early, []
        for message in early:
            self._handle(message)

    def close(self, event: DeviceLost) -> None:
        """There is no device any more."""
        self._host = None
        self._tell_waiting()
        self.tell(event)
        self._tell_waiting()

    def stop(self) -> None:
        """End soon. May be called from a signal handler."""
        self.is_stopping = True

    def tell(self, event: AudioEvent) -> None:
        """Add an event of the audio side to those of the looper."""
        self._own_events.append(event)

    def serve(self, timeout_s: float) -> None:
        """Wait so long for a message; handle what has come; tell what has happened."""
        message = self._line.hear(timeout_s)
        for _ in range(MAX_HEARD):
            if message is None:
                break
            self._handle(message)
            message = self._line.hear(0.0) if not self._line.is_cut else None
        if message is not None:
            self._handle(message)
        if self._line.is_cut and self.orphaned_at_s is None:
            self.orphaned_at_s = time.monotonic()
        self._tell_waiting()
        if self.looper is not None:
            self.looper.rubbish.clear()

    def attend(self, seconds: float) -> bool:
        """Serve so long while there is no device. False if there is nobody left to wait for one."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self.serve(min(0.05, seconds))
            if self.is_stopping or self._line.is_cut:
                return False
        return True

    def await_farewell(self, timeout_s: float) -> None:
        """Serve until the client says that nothing more will come."""
        end_s = time.monotonic() + timeout_s
        while not self._said_farewell and not self._line.is_cut and time.monotonic() < end_s:
            self.serve(0.05)

    def _handle(self, message: ToAudio) -> None:
        if isinstance(message, Stop):
            self.stop()
        elif isinstance(message, Farewell):
            self._said_farewell = True
        elif self.looper is None:
            self._keep_early(message)
        elif isinstance(message, AskLayer):
            self._measure_layer(message, self.looper)
        elif isinstance(message, FillLayer):
            self._fill_layer(message)
        elif isinstance(message, TakeAt):
            self._copy_take(message)
        else:
            self._offer(message)

    def _keep_early(self, message: AskLayer | FillLayer | TakeAt | Command) -> None:
        if isinstance(message, AskLayer):
            self._line.send(LayerShape(message.key, None))
        elif len(self._early) < MAX_WAITING:
            self._early.append(message)
        elif not isinstance(message, FillLayer):
            command = message.command if isinstance(message, TakeAt) else message
            self._refuse(command, f"at most {MAX_WAITING} commands may wait for the audio device, and so many do")

    def _measure_layer(self, message: AskLayer, looper: Looper) -> None:
        try:
            self._layers[message.key] = looper.read_layer(message.layer_id)
        except KeyError:
            self._line.send(LayerShape(message.key, None))
        else:
            self._line.send(LayerShape(message.key, self._layers[message.key].shape))
            while len(self._layers) > MAX_READ:  # whoever asked for the oldest has given up
                del self._layers[next(iter(self._layers))]

    def _fill_layer(self, message: FillLayer) -> None:
        audio = self._layers.pop(message.key, None)
        if audio is not None:
            try:
                message.place.write(audio)
            except FileNotFoundError:
                return  # the client has given it up, so nobody waits for an answer
            self._line.send(LayerFilled(message.key))

    def _copy_take(self, message: TakeAt) -> None:
        try:
            audio = message.place.read()  # a copy, every page of it touched before the callback sees it
        except FileNotFoundError:
            self._refuse(message.command, "its sound has been taken away")
            return
        self._line.send(TakeCopied(message.key))
        self._offer(replace(message.command, audio=audio))

    def _offer(self, command: Command) -> None:
        if self._host is not None:
            if not self._host.offer(command):
                self._refuse(command, f"at most {MAX_WAITING} commands may wait for the next block, and so many do")
        elif isinstance(command, Verb):
            # Not kept: a pedal that acts when the cable is back in would act at no moment anybody meant.
            self._refuse(command, "there is no audio device now; it is looked for every second")
        elif len(self.waiting) < MAX_WAITING:
            self.waiting.append(command)
        else:
            self._refuse(command, f"at most {MAX_WAITING} commands may wait for the audio device, and so many do")

    def _refuse(self, command: Command, reason: str) -> None:
        frame = 0 if self.looper is None else self.looper.frame
        self.tell(Refused(frame, command.number, getattr(command, "slot", ALL_SLOTS), reason))

    def _tell_waiting(self) -> None:
        """Send the events there are; those of the looper first, because the others may be about them."""
        queues = ([] if self.looper is None else [self.looper.events]) + [self._own_events]
        if self._line.is_cut:
            for queue in queues:
                queue.clear()
        while any(queues) and self._line.has_room():
            events = tuple(queue.popleft() for queue in queues for _ in range(min(len(queue), MAX_TOLD)))
            self._line.send(Told(events))
