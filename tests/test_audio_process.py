"""Promises of the audio process's life: devices come and go, programs die, and the loops stay. On a fake sound card."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from audio_fakes import ECHO, Heard, is_alive, wait_until
from vampbridge.bridge.audio import (
    AudioClient,
    AudioEnded,
    AudioOptions,
    BlockFailed,
    DeviceLost,
    DeviceOpened,
    LooperLost,
)
from vampbridge.bridge.errors import DeviceError
from vampbridge.bridge.looper.messages import Applied, LayerClosed, LoadTake, Refused, SetSlot, Verb
from vampbridge.engine.errors import SettingError

HERE = Path(__file__).parent


class Card:
    """What the fake card does, for this process's children."""

    def __init__(self, path):
        self._path = path
        self.set()

    def set(self, **does):
        self._path.with_suffix(".new").write_text(json.dumps(does), encoding="utf-8")
        self._path.with_suffix(".new").replace(self._path)

    @property
    def opened(self):
        return json.loads(Path(f"{self._path}.opened").read_text(encoding="utf-8"))


@pytest.fixture
def card(monkeypatch, tmp_path):
    """A sound card that can be unplugged."""
    monkeypatch.setenv("FAKE_SOUNDCARD", str(tmp_path / "card"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.syspath_prepend(HERE / "fake_soundcard")
    return Card(tmp_path / "card")


def start(**changes):
    """A client that plays, and what it hears."""
    client, heard = AudioClient(AudioOptions(**{"factory": ECHO, **changes})), Heard()
    client.on_event(heard.append)
    client.start()
    return client, heard


@pytest.fixture
def live(card):
    """A client that plays, and what it hears."""
    client, heard = start()
    yield client, heard
    client.close()


def test_it_opens_what_was_asked_for_and_says_so(card):
    card.set(rate=44_100)
    client, heard = start(block_frames=128, channels_in=(4,), channels_out=(3, 1), latency=0.02)
    with client_closed(client):
        info = client.info
        assert (info.device_in, info.host_api, info.sample_rate) == ("Fake Card", "Fake API", 44_100)
        assert (info.block_frames, info.channels_in, info.channels_out) == (128, (4,), (3, 1))
        assert (info.latency_in_ms, info.latency_out_ms) == (3.0, 4.0)
        assert card.opened == {
            "device": [0, 0],
            "channels": [4, 3],
            "blocksize": 128,
            "dtype": "float32",
            "latency": 0.02,
        }
        assert heard.of(DeviceOpened) == [DeviceOpened(heard[0].frame, info)]
        assert info.pid != os.getpid()
        wait_until(lambda: client.counters.callbacks > 5)
        assert client.counters.is_open
    assert not client.counters.is_open


class client_closed:  # noqa: N801 - reads as what it does
    """Closes a client that was started by hand."""

    def __init__(self, client):
        self._client = client

    def __enter__(self):
        return self._client

    def __exit__(self, *_):
        self._client.close()


@pytest.mark.parametrize(
    ("does", "changes", "told"),
    [
        ({"is_there": False}, {}, "plug in a sound card"),
        ({}, {"device_in": "Babyface"}, "0 Fake Card"),
        ({}, {"sample_rate": 96_000}, "96000 Hz.*its own rate is 48000"),
        ({"calls_back": False}, {}, "asks for no sound"),
        ({}, {"factory": "audio_fakes:Nobody"}, "Nobody"),
    ],
)
def test_what_cannot_start_says_why_and_leaves_no_process(card, does, changes, told):
    card.set(**does)
    client = AudioClient(AudioOptions(**{"factory": ECHO, **changes}))
    with pytest.raises(DeviceError, match=told):
        client.start()
    assert not client.is_running
    with pytest.raises(DeviceError):
        client.send(Verb(0, "record"))
    with pytest.raises(DeviceError, match="once"):
        client.start()


def test_commands_are_answered_with_their_numbers(live):
    client, heard = live
    for number in range(1, 200):
        client.send(SetSlot(0, "wet", 0.5, number=number))
    wait_until(lambda: len(heard.of(Applied)) == 199)
    assert [event.number for event in heard.of(Applied)] == list(range(1, 200))


def test_takes_go_in_and_layers_come_out_unchanged(live, rng):
    client, heard = live
    take = rng.uniform(-1, 1, (2, 100_000)).astype(np.float32)
    client.send(LoadTake(3, "a", take, number=1))
    take_copy, take[:] = take.copy(), 0.0  # ours again as soon as it was sent
    assert heard.wait_for(LayerClosed).slot == 3
    layer = client.read_layer(1)
    assert layer.dtype == np.float32
    np.testing.assert_array_equal(layer, take_copy)
    with pytest.raises(KeyError):
        client.read_layer(2)
    assert not list(Path("/dev/shm").glob(f"vampb{os.getpid()}-*"))  # noqa: S108 - where shared memory lies


def test_many_threads_may_read_and_send_at_once(live, rng):
    client, heard = live
    takes = [rng.uniform(-1, 1, (2, 1_000 + n)).astype(np.float32) for n in range(4)]
    for take in takes:
        client.send(LoadTake(0, "t", take))
    heard.wait_for(LayerClosed, 4)
    wrong = []

    def work(layer_id):
        for _ in range(10):
            client.send(SetSlot(0, "wet", 1.0, number=layer_id))
            if not np.array_equal(client.read_layer(layer_id), takes[layer_id - 1]):
                wrong.append(layer_id)

    threads = [threading.Thread(target=work, args=(layer_id,)) for layer_id in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    wait_until(lambda: len([event for event in heard.of(Applied) if event.number]) == 40)


def test_a_callback_must_not_wait_for_itself(live):
    client, _ = live
    caught = []

    def listen(event):
        if not isinstance(event, Applied):
            return
        for forbidden in (lambda: client.read_layer(1), client.close):
            with pytest.raises(RuntimeError, match="wait for itself"):
                forbidden()
        caught.append(event)
        message = "this listener is broken"
        raise RuntimeError(message)

    client.on_event(listen)
    last = Heard()
    client.on_event(last.append)
    client.send(SetSlot(0, "wet", 1.0, number=1))
    last.wait_for(Applied)  # hears it although the one before is broken
    assert len(caught) == 1


def test_an_error_in_the_looper_is_reported_and_the_sound_goes_on(live):
    client, heard = live
    client.send(Verb(3, "clear", number=1))
    failed = heard.wait_for(BlockFailed)
    assert "a string broke" in failed.text
    assert "_obey" in failed.trace or "process" in failed.trace
    wait_until(lambda: client.counters.failed_blocks == 3)
    frame = client.counters.frame
    wait_until(lambda: client.counters.frame > frame)


@pytest.mark.parametrize("gone", [{"is_active": False}, {"calls_back": False}])
def test_an_unplugged_card_is_told_and_the_loops_go_on_when_it_is_back(card, live, rng, gone):
    client, heard = live
    take = rng.uniform(-1, 1, (2, 5_000)).astype(np.float32)
    client.send(LoadTake(0, "a", take))
    heard.wait_for(LayerClosed)
    card.set(**gone)
    lost = heard.wait_for(DeviceLost)
    card.set()
    opened = heard.wait_for(DeviceOpened, 2)
    assert opened.frame >= lost.frame > 0
    np.testing.assert_array_equal(client.read_layer(1), take)
    wait_until(lambda: client.counters.frame > opened.frame)
    assert heard.of(LooperLost) == []


def test_while_the_card_is_gone_pedals_are_refused_and_dials_are_kept(card, live):
    client, heard = live
    card.set(is_there=False, is_active=False)
    heard.wait_for(DeviceLost)
    client.send(Verb(4, "record", number=11))
    refused = heard.wait_for(Refused)
    assert (refused.number, refused.slot) == (11, 4)
    assert "no audio device" in refused.reason
    client.send(SetSlot(0, "wet", 0.5, number=12))
    assert heard.of(Applied) == []
    card.set()
    assert heard.wait_for(Applied).number == 12


def test_a_card_that_comes_back_different_is_waited_for(card, live):
    _, heard = live
    card.set(is_there=False, is_active=False)
    heard.wait_for(DeviceLost)
    card.set(channels=1)
    time.sleep(1.5)
    assert len(heard.of(DeviceOpened)) == 1
    card.set()
    heard.wait_for(DeviceOpened, 2)


def test_a_process_that_dies_is_started_again_with_an_empty_looper(live, rng):
    client, heard = live
    client.send(LoadTake(0, "a", rng.uniform(-1, 1, (2, 5_000)).astype(np.float32)))
    heard.wait_for(LayerClosed)
    client.send(Verb(0, "pause"))  # exits
    assert "exit code 3" in heard.wait_for(LooperLost).reason
    opened = heard.wait_for(DeviceOpened, 2)
    assert opened.info.pid != heard.of(DeviceOpened)[0].info.pid
    with pytest.raises(KeyError):
        client.read_layer(1)


def test_a_process_that_dies_again_and_again_is_given_up(live):
    client, heard = live
    for n in (1, 2, 3):
        heard.wait_for(DeviceOpened, n)
        client.send(Verb(0, "pause"))
    assert "3 times" in heard.wait_for(AudioEnded).reason
    with pytest.raises(DeviceError, match="3 times"):
        client.send(Verb(0, "record"))
    assert not client.is_running


def test_closing_ends_the_process_and_may_be_done_twice(live):
    client, _ = live
    pid = client.info.pid
    client.close()
    client.close()
    assert not is_alive(pid)
    with pytest.raises(DeviceError, match="closed"):
        client.read_layer(1)


def test_closing_while_the_card_is_gone_ends_the_process_and_leaves_no_file(card, live, tmp_path):
    client, heard = live
    card.set(is_there=False, is_active=False)
    heard.wait_for(DeviceLost)
    wait_until(lambda: list(tmp_path.glob("*.looper")))
    client.close()
    assert list(tmp_path.glob("*.looper")) == []
    assert heard.of(LooperLost) == []


def test_settings_the_looper_refuses_come_back_as_they_are(card):
    with pytest.raises(SettingError, match="too many slots"):
        start(factory="audio_fakes:Refusing")


ORPHAN = """
import sys, time
from vampbridge.bridge.audio import AudioClient, AudioOptions
if __name__ == "__main__":
    client = AudioClient(AudioOptions(factory="audio_fakes:Echo", orphan_s=float(sys.argv[1])))
    client.start()
    print(client.info.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("orphan_s", [0.0, 60.0])
def test_when_the_program_dies_the_sound_goes_on_for_as_long_as_was_said(card, tmp_path, orphan_s):
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN, encoding="utf-8")
    path = os.pathsep.join([str(HERE), str(HERE / "fake_soundcard")])
    parent = subprocess.Popen(
        [sys.executable, script, str(orphan_s)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    if orphan_s:
        time.sleep(1.0)
        assert is_alive(pid)
        os.kill(pid, signal.SIGTERM)  # how somebody tells it otherwise
    wait_until(lambda: not is_alive(pid))
