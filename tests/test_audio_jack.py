"""Promises about real audio: PortAudio on a JACK server without hardware, and the audio process as it is shipped."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import numpy as np
import pytest
from audio_fakes import ECHO, Heard, wait_until
from jack_server import Patchbay, make_jack  # noqa: F401 - a fixture
from vampbridge.bridge.audio import AudioClient, AudioOptions, DeviceLost, DeviceOpened
from vampbridge.bridge.audio.jitter import measure_callbacks
from vampbridge.bridge.audio.loopback import measure_round_trip
from vampbridge.bridge.looper.messages import Applied, LayerClosed, LoadTake, Refused, SetSlot, Verb

pytestmark = pytest.mark.jack


def options(block_frames=None, factory=ECHO, **changes):
    return AudioOptions(device_in="system", host_api="JACK", block_frames=block_frames, factory=factory, **changes)


@pytest.mark.parametrize("block_frames", [64, 256, 512])
def test_every_sample_passes_unchanged_and_in_its_place(make_jack, rng, block_frames):  # noqa: F811
    server = make_jack(block_frames)
    sound = rng.uniform(-1, 1, (2, 4 * 48_000)).astype(np.float32)
    with AudioClient(options()) as client:
        assert (client.info.sample_rate, client.info.block_frames) == (48_000, block_frames)
        patchbay = Patchbay(server)
        try:
            with server.freewheeling():
                heard = patchbay.play_and_record(sound)
        finally:
            patchbay.close()
        wait_until(lambda: client.counters.callbacks >= sound.shape[1] // block_frames)
        assert client.counters.failed_blocks == 0
    np.testing.assert_array_equal(heard, sound)


def test_a_command_acts_at_the_start_of_a_block_and_on_all_channels(make_jack):  # noqa: F811
    server = make_jack(128)
    heard = Heard()
    client = AudioClient(options())
    client.on_event(heard.append)
    with client:
        patchbay = Patchbay(server)
        sound = np.ones((2, 20 * 48_000), np.float32)

        def press():
            wait_until(lambda: patchbay.n_done > 10_000)
            client.send(SetSlot(0, "wet", 0.5, number=7))

        presser = threading.Thread(target=press)
        with server.freewheeling():
            presser.start()
            record = patchbay.play_and_record(sound)
        presser.join()
        patchbay.close()
        applied = heard.wait_for(Applied)
    assert applied.number == 7
    assert applied.frame % 128 == 0
    change = int(np.argmax(record[0] == 0.5))
    assert change > 10_000
    assert change % 128 == 0
    assert (record[:, :change] == 1.0).all()
    assert (record[:, change:] == 0.5).all()


def test_a_server_that_dies_takes_no_loop_along(make_jack, rng):  # noqa: F811
    server = make_jack(256)
    heard = Heard()
    client = AudioClient(options())
    client.on_event(heard.append)
    take = rng.uniform(-1, 1, (2, 30_000)).astype(np.float32)
    with client:
        client.send(LoadTake(0, "kept", take, number=1))
        heard.wait_for(LayerClosed)
        old_pid = client.info.pid
        server.stop()
        lost = heard.wait_for(DeviceLost)
        wait_until(lambda: not client.counters.is_open)
        client.send(Verb(2, "record", number=5))
        refused = heard.wait_for(Refused)
        assert (refused.number, refused.slot) == (5, 2)
        client.send(SetSlot(0, "wet", 0.25, number=6))
        np.testing.assert_array_equal(client.read_layer(1), take)
        make_jack(256, server.name)
        opened = heard.wait_for(DeviceOpened, 2)
        assert client.info.pid != old_pid
        assert opened.frame >= lost.frame > 0
        wait_until(lambda: any(event.number == 6 for event in heard.of(Applied)))
        np.testing.assert_array_equal(client.read_layer(1), take)
        wait_until(lambda: client.counters.is_open and client.counters.frame > opened.frame)


def test_the_round_trip_through_a_cable_is_measured_to_the_frame(make_jack):  # noqa: F811
    server = make_jack(256)
    cable = server.client("cable")
    cable.activate()

    def plug_in():
        wait_until(lambda: len(cable.get_ports("PortAudio")) == 4)
        cable.connect(cable.get_ports("PortAudio", is_output=True)[0], cable.get_ports("PortAudio", is_input=True)[1])

    plugger = threading.Thread(target=plug_in)
    plugger.start()
    trip = measure_round_trip(options(factory="x:y"))
    plugger.join()
    cable.deactivate()
    cable.close()
    assert trip.frames == 256  # JACK hands a loop on one period later
    assert trip.spread_frames == 0
    assert trip.clarity_db > 30
    assert trip.ms == pytest.approx(1e3 * 256 / 48_000)


def test_callbacks_are_timed(make_jack):  # noqa: F811
    make_jack(256)
    timing = measure_callbacks(options(), 0.5)
    assert timing.expected_ms == pytest.approx(1e3 * 256 / 48_000)
    assert timing.counters.callbacks > 50
    assert timing.counters.period_p50_ms == pytest.approx(timing.expected_ms, rel=0.5)
    assert 0 < timing.counters.callback_p50_ms <= timing.counters.callback_p99_ms <= timing.counters.callback_max_ms


def test_the_server_is_listed_as_a_device(make_jack):  # noqa: F811
    make_jack(256)
    # In a process of its own: PortAudio aborts a process that is attached to a server when that ends.
    command = [sys.executable, "-c", "from vampbridge.bridge.start import main; main()", "devices", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = [device for device in json.loads(done.stdout)["devices"] if "JACK" in device["host_api"]]
    assert [(device["name"], device["n_inputs"], device["n_outputs"], device["sample_rate"]) for device in found] == [
        ("system", 2, 2, 48_000)
    ]
