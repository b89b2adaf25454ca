"""Promises of the control thread: no client holds it up, every queue has an end, nothing is dropped in silence."""

from __future__ import annotations

import multiprocessing
import sys
import threading

import numpy as np
import pytest
from audio_fakes import Echo
from vampbridge.bridge.audio.front_desk import MAX_OWN_EVENTS, FrontDesk
from vampbridge.bridge.audio.host import MAX_WAITING, CallbackHost
from vampbridge.bridge.audio.line import Line
from vampbridge.bridge.audio.messages import (
    AskLayer,
    FillLayer,
    LayerFilled,
    LayerShape,
    Stop,
    TakeAt,
    TakeCopied,
    Told,
)
from vampbridge.bridge.audio.scheduling import raise_thread
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.messages import Applied, LoadTake, Refused, SetSlot, Verb
from vampbridge.engine.process.shared_array import SharedArray


@pytest.fixture
def desk():
    """A desk with a looper but no device, and the client's end of its pipe."""
    theirs, ours = multiprocessing.Pipe()
    desk = FrontDesk(Line(ours))
    desk.looper = Echo(LooperConfig())
    yield desk, theirs
    theirs.close()
    ours.close()


def heard(client):
    """Everything that was sent to the client."""
    messages = []
    while client.poll(0.0):
        messages.append(client.recv())
    return messages


def told(client):
    return [event for message in heard(client) if isinstance(message, Told) for event in message.events]


def host_of(desk):
    return CallbackHost(desk.looper, channels_in=(1, 2), channels_out=(1, 2), max_block=64, sample_rate=48_000)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot tell whether a pipe has room")
def test_a_client_that_does_not_listen_holds_up_nothing(desk):
    desk, client = desk
    for frame in range(3 * MAX_OWN_EVENTS):
        desk.tell(Applied(frame, 0))
        if frame % 100 == 0:
            desk.serve(0.0)  # would wait for ever
    frames = []
    while events := told(client):
        frames += [event.frame for event in events]
        desk.serve(0.0)
    assert frames == sorted(frames)
    assert frames[-1] == 3 * MAX_OWN_EVENTS - 1


def test_what_cannot_wait_for_the_device_is_refused(desk):
    desk, client = desk
    for number in range(MAX_WAITING + 3):
        client.send(SetSlot(0, "wet", 1.0, number=number))
        desk.serve(0.0)
    for _ in range(5):
        desk.serve(0.0)
    assert [event.number for event in told(client)] == [MAX_WAITING, MAX_WAITING + 1, MAX_WAITING + 2]
    host = host_of(desk)
    desk.open(host)
    assert [command.number for command in host.commands] == list(range(MAX_WAITING))


def test_what_came_before_there_was_a_looper_acts_once_there_is_one(desk):
    desk, client = desk
    looper, desk.looper = desk.looper, None
    client.send(Verb(0, "record", number=1))
    client.send(AskLayer(5, 1))
    desk.serve(0.0)
    assert heard(client) == [LayerShape(5, None)]
    desk.looper = looper
    host = host_of(desk)
    desk.open(host)
    assert list(host.commands) == [Verb(0, "record", number=1)]


def test_a_take_whose_sound_has_gone_is_refused(desk):
    desk, client = desk
    shared = SharedArray.holding(np.ones((2, 10), np.float32))
    shared.release()
    client.send(TakeAt(1, LoadTake(2, "gone", None, number=9), shared.place))
    desk.serve(0.0)
    (refused,) = told(client)
    assert isinstance(refused, Refused)
    assert (refused.number, refused.slot) == (9, 2)


def test_a_layer_crosses_in_shared_memory_and_one_that_nobody_waits_for_is_dropped(desk):
    desk, client = desk
    desk.looper.layers.append(np.arange(20, dtype=np.float32).reshape(2, 10))
    gone = SharedArray((2, 10), "float32")
    gone.release()
    room = SharedArray((2, 10), "float32")
    for message in (AskLayer(1, 1), FillLayer(1, gone.place), AskLayer(2, 1), FillLayer(2, room.place), AskLayer(3, 2)):
        client.send(message)
    desk.serve(0.0)
    assert heard(client) == [LayerShape(1, (2, 10)), LayerShape(2, (2, 10)), LayerFilled(2), LayerShape(3, None)]
    np.testing.assert_array_equal(room.read(), desk.looper.layers[0])
    room.release()


def test_a_take_is_copied_before_the_callback_sees_it(desk):
    desk, client = desk
    host = host_of(desk)
    desk.open(host)
    shared = SharedArray.holding(np.ones((2, 10), np.float32))
    client.send(TakeAt(4, LoadTake(0, "t", None, number=9), shared.place))
    desk.serve(0.0)
    shared.release()
    assert heard(client) == [TakeCopied(4)]
    (command,) = host.commands
    assert (command.take_id, command.number) == ("t", 9)
    np.testing.assert_array_equal(command.audio, np.ones((2, 10), np.float32))


def test_it_stops_when_told_and_notices_that_its_client_has_died(desk):
    desk, client = desk
    assert desk.attend(0.01)
    client.send(Stop())
    assert not desk.attend(10.0)
    assert desk.orphaned_at_s is None
    client.close()
    desk.serve(0.0)
    assert desk.orphaned_at_s is not None
    desk.tell(Applied(0, 0))
    desk.looper.rubbish.append(object())
    desk.serve(0.0)
    assert not desk.looper.rubbish


def test_raising_a_priority_never_fails():
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(raise_thread(threading.get_native_id(), 5)))
    thread.start()
    thread.join()
    assert outcomes[0] in {"driver", "fifo", "nice", "normal"}
    if sys.platform == "linux":
        assert raise_thread(2**22 + 1, 5) == "normal"  # no such thread
