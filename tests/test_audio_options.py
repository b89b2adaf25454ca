"""Promises about choosing a sound card: ranges, names, channels, and errors that say what there is."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.bridge.audio import AudioOptions, portaudio
from vampbridge.bridge.audio.devices import Device, plan_stream
from vampbridge.bridge.audio.options import parse_channels, parse_device
from vampbridge.bridge.cli import main
from vampbridge.bridge.cli.devices import table
from vampbridge.bridge.errors import DeviceError
from vampbridge.engine.errors import SettingError

MIC = Device(0, "Built-in Microphone", "Core Audio", 1, 0, 44_100, is_default_in=True, is_api_default_in=True)
SPEAKER = Device(1, "Built-in Output", "Core Audio", 0, 2, 48_000, is_default_out=True, is_api_default_out=True)
CARD = Device(2, "Scarlett 18i8 USB", "Core Audio", 18, 8, 96_000)
TWIN = Device(3, "Scarlett 18i8 USB", "ASIO", 18, 8, 44_100, is_api_default_in=True, is_api_default_out=True)
JACK = Device(4, "system", "JACK Audio Connection Kit", 2, 2, 48_000)
ALL = (MIC, SPEAKER, CARD, TWIN, JACK)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sample_rate": 7_999}, "8000 to 192000"),
        ({"sample_rate": 192_001}, "got 192001"),
        ({"block_frames": 31}, "32 to 2048"),
        ({"block_frames": 2_049}, "got 2049"),
        ({"channels_in": (0,)}, "1 to 256"),
        ({"channels_in": ()}, "1 or 2 channels"),
        ({"channels_in": (1, 2, 3)}, "got 3"),
        ({"channels_out": (4, 4)}, "different channels"),
        ({"latency": "lowest"}, "low or high"),
        ({"latency": 0.0}, "0.001 to 1"),
        ({"latency": float("nan")}, "got nan"),
        ({"device_in": -1}, "got -1"),
        ({"device_out": " "}, "device_out"),
        ({"host_api": ""}, "host_api"),
        ({"orphan_s": -1.0}, "got -1"),
        ({"factory": "Looper"}, "'Looper'"),
    ],
)
def test_an_option_out_of_range_is_refused_with_range_and_value(changes, told):
    with pytest.raises(SettingError, match=told):
        AudioOptions(**changes)


def test_both_ends_of_every_range_are_allowed():
    AudioOptions(sample_rate=8_000, block_frames=32, orphan_s=0, latency=0.001, channels_in=(256,), device_in=0)
    AudioOptions(sample_rate=192_000, block_frames=2_048, orphan_s=3_600, latency=1, channels_in=(3, 3))


def test_what_was_typed_is_understood():
    assert parse_device("12") == 12
    assert parse_device("USB 12") == "USB 12"
    assert parse_channels("channels_in", "3, 4") == (3, 4)
    for text in ("", "1,", "1;2", "one", "1,2,3"):
        with pytest.raises(SettingError, match="channels_in"):
            parse_channels("channels_in", text)


@pytest.mark.parametrize(
    ("options", "source", "sink"),
    [
        ({}, MIC, SPEAKER),
        ({"device_in": 2}, CARD, CARD),  # one clock, where there is a choice
        ({"device_out": 2}, CARD, CARD),
        ({"device_in": 2, "device_out": 1}, CARD, SPEAKER),
        ({"device_in": "microphone"}, MIC, SPEAKER),
        ({"host_api": "asio"}, TWIN, TWIN),
        ({"device_in": "scarlett", "host_api": "core"}, CARD, CARD),
        ({"device_in": "SYSTEM"}, JACK, JACK),
    ],
)
def test_a_device_is_found_by_number_part_of_its_name_or_host_api(options, source, sink):
    plan = plan_stream(ALL, AudioOptions(**options))
    assert (plan.source, plan.sink) == (source, sink)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"device_in": "Babyface"}, r"'Babyface'.*0 Built-in Microphone.*4 system"),
        ({"device_in": 1}, "input device has the number 1"),  # has no inputs
        ({"device_out": 99}, "1 Built-in Output"),
        ({"device_in": "scarlett"}, r"more than one.*2 Scarlett.*3 Scarlett.*number"),
        ({"host_api": "WASAPI"}, "Core Audio, ASIO, JACK"),
        ({"device_in": 3, "device_out": 1}, "one host API"),
        ({"device_in": 0, "channels_in": (2,)}, "from 1 to 1 of 0 Built-in Microphone.*got 2"),
        ({"device_out": 1, "channels_out": (2, 3)}, "got 3"),
    ],
)
def test_what_cannot_be_chosen_is_told_with_what_can(options, told):
    with pytest.raises(DeviceError, match=told):
        plan_stream(ALL, AudioOptions(**options))


def test_without_any_device_the_error_says_what_to_do():
    with pytest.raises(DeviceError, match="plug in a sound card"):
        plan_stream((), AudioOptions())


def test_channels_and_rate_are_the_devices_unless_asked_for():
    plan = plan_stream(ALL, AudioOptions())
    assert (plan.channels_in, plan.channels_out) == ((1,), (1, 2))
    assert plan.sample_rates == (48_000, 44_100)  # what is heard comes first
    assert plan_stream(ALL, AudioOptions(sample_rate=8_000)).sample_rates == (8_000,)
    assert plan_stream(ALL, AudioOptions(device_in=2, channels_in=(7, 3))).channels_in == (7, 3)


def test_under_jack_the_block_is_the_servers_unless_asked_for():
    assert plan_stream(ALL, AudioOptions(device_in=4)).block_frames == 0
    assert plan_stream(ALL, AudioOptions(device_in=4, block_frames=64)).block_frames == 64
    assert plan_stream(ALL, AudioOptions(device_in=2)).block_frames == 256


@given(st.text(max_size=20), st.one_of(st.none(), st.text(max_size=5)))
def test_any_name_is_found_or_refused_in_words(name, host_api):
    with contextlib.suppress(SettingError, DeviceError):
        plan = plan_stream(ALL, AudioOptions(device_in=name, host_api=host_api))
        assert name.lower() in plan.source.name.lower()
        assert (host_api or "").lower() in plan.source.host_api.lower()


@pytest.fixture
def no_portaudio(monkeypatch, tmp_path):
    """A sounddevice that fails as the real one does where the library is missing."""
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)


@pytest.mark.parametrize(
    ("platform", "cure"), [("linux", "apt install libportaudio2"), ("darwin", "pip install"), ("win32", "pip install")]
)
def test_a_missing_library_is_one_line_that_says_what_to_install(no_portaudio, monkeypatch, platform, cure):
    monkeypatch.setattr(portaudio.sys, "platform", platform)
    with pytest.raises(DeviceError, match=cure) as caught:
        portaudio.list_devices()
    assert "\n" not in str(caught.value)
    assert caught.value.code == "device"


def test_a_missing_sounddevice_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="pip install sounddevice"):
        portaudio.list_devices()


def test_devices_are_listed_as_a_table(monkeypatch, capsys):
    monkeypatch.setattr(portaudio, "list_devices", lambda: ALL)
    assert main(["devices"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["no.", "name", "host", "API", "in", "out", "rate", "Hz"]
    assert lines[1].startswith("< ")
    assert lines[2].startswith(" >")
    assert lines[3].split() == ["2", "Scarlett", "18i8", "USB", "Core", "Audio", "18", "8", "96000"]
    assert len({len(line) for line in table(ALL)}) == 1


def test_devices_are_listed_as_json(monkeypatch, capsys):
    monkeypatch.setattr(portaudio, "list_devices", lambda: ALL)
    monkeypatch.setattr(portaudio, "version", lambda: "PortAudio V19")
    assert main(["devices", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"portaudio": "PortAudio V19", "devices": [dataclasses.asdict(device) for device in ALL]}


def test_no_device_at_all_is_an_error_with_advice(monkeypatch, capsys):
    monkeypatch.setattr(portaudio, "list_devices", lambda: ())
    assert main(["devices"]) == 2
    assert "plug one in" in capsys.readouterr().err


def test_sounddevices_answers_become_devices(monkeypatch):
    card = {"index": 0, "name": "Card", "hostapi": 0, "max_input_channels": 4, "max_output_channels": 2}
    fake = types.SimpleNamespace(
        PortAudioError=RuntimeError,
        query_hostapis=lambda: ({"name": "API", "default_input_device": 0, "default_output_device": -1},),
        query_devices=lambda kind=None: card if kind else ({**card, "default_samplerate": 44_100.0},),
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    assert portaudio.list_devices() == (
        Device(0, "Card", "API", 4, 2, 44_100, is_default_in=True, is_default_out=True, is_api_default_in=True),
    )
