"""The command line of `vampbridge live`: every option reaches its place, and a wrong one is one line."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from sessions_helpers import INFO
from vampbridge.bridge.audio.options import AudioOptions
from vampbridge.bridge.audio.reports import AudioInfo, DeviceLost, DeviceOpened
from vampbridge.bridge.cli import live, main
from vampbridge.bridge.cli.live import LiveOptions
from vampbridge.bridge.cli.options import plain_command
from vampbridge.bridge.live.events import Note
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.controls import LooperControls
from vampbridge.bridge.looper.messages import SetLooper
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.sessions.store import create_session
from vampbridge.engine.errors import MissingDependencyError

VAMPBRIDGE = [sys.executable, "-c", "import sys; from vampbridge.bridge.start import main; sys.exit(main())"]


def read(*args) -> LiveOptions:
    """The options of a command line, as the command gets them."""
    got: list[LiveOptions] = []
    app = typer.Typer()
    app.command()(plain_command(got.append, LiveOptions))
    typer.main.get_command(app).main(args=list(args), standalone_mode=False)
    return got[0]


def test_without_options_every_part_has_its_own_defaults():
    options = read()
    assert options.audio() == AudioOptions()
    assert options.serve() == ServeOptions()
    assert options.looper() == LooperConfig()
    assert (options.input_latency_ms, options.output_latency_ms) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("args", "field", "value"),
    [
        (["--device-in", "3"], "device_in", 3),
        (["--device-in", "Scarlett"], "device_in", "Scarlett"),
        (["--device-out", "4"], "device_out", 4),
        (["--host-api", "JACK"], "host_api", "JACK"),
        (["--sample-rate", "44100"], "sample_rate", 44_100),
        (["--block", "64"], "block_frames", 64),
        (["--channels-in", "3,4"], "channels_in", (3, 4)),
        (["--channels-in", "2"], "channels_in", (2,)),
        (["--channels-out", "2,1"], "channels_out", (2, 1)),
        (["--latency", "high"], "latency", "high"),
        (["--latency", "0.02"], "latency", 0.02),
    ],
)
def test_an_option_of_the_sound_card_reaches_it(args, field, value):
    assert read(*args).audio() == dataclasses.replace(AudioOptions(), **{field: value})


@pytest.mark.parametrize(
    ("args", "field", "value"),
    [
        (["--slots", "12"], "n_slots", 12),
        (["--max-loop-s", "20"], "max_loop_s", 20.0),
        (["--memory-mb", "64"], "memory_mb", 64),
    ],
)
def test_an_option_of_the_looper_reaches_it(args, field, value):
    assert read(*args).looper() == dataclasses.replace(LooperConfig(), **{field: value})


@pytest.mark.parametrize(
    ("args", "changes"),
    [
        (["--port", "9001"], {"port": 9001}),
        (["--reply-port", "9003"], {"reply_port": 9003}),
        (["--host", "0.0.0.0", "--peer", "192.0.2.7"], {"host": "0.0.0.0", "peers": ("192.0.2.7",)}),  # noqa: S104
        (["--allow", "a", "--allow", "b"], {"folders": (Path("a"), Path("b"))}),
        (["--threads", "2"], {"threads": 2}),
        (["--device", "cpu"], {"device": "cpu"}),
        (["--upload-mb", "1000"], {"upload_mb": 1000}),
        (["--upload-mb", "0", "--upload-all-mb", "64"], {"upload_mb": 0, "upload_all_mb": 64}),
    ],
)
def test_an_option_of_the_server_reaches_it(args, changes):
    assert read(*args).serve() == dataclasses.replace(ServeOptions(), **changes)


def test_the_bundle_reaches_the_engine(repo_root):
    bundle = repo_root / "engine" / "models" / "default"
    assert read("--bundle", str(bundle)).serve().bundle == bundle


def test_measured_latencies_reach_the_looper_and_are_remembered():
    sent = []
    stage = SimpleNamespace(looper_controls=LooperControls(), send=sent.append)
    live._set_latencies(read("--input-latency-ms", "3.5", "--output-latency-ms", "7"), stage)
    assert sent == [SetLooper("input_latency_ms", 3.5), SetLooper("output_latency_ms", 7.0)]
    assert stage.looper_controls == LooperControls(input_latency_ms=3.5, output_latency_ms=7.0)
    live._set_latencies(read(), SimpleNamespace(looper_controls=LooperControls(), send=pytest.fail))


def test_the_clock_and_its_tempo_are_set_only_if_asked_for():
    asked = []
    stage = SimpleNamespace(time=SimpleNamespace(set=lambda **values: asked.append(values)))
    live._set_clock(read(), stage)
    assert asked == []
    live._set_clock(read("--clock", "link", "--tempo-bpm", "93.5"), stage)
    assert asked == [{"source": "link"}, {"tempo_bpm": 93.5}]
    assert read("--midi-port", "Launch").midi_port == "Launch"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--block", "16"], "block must be a whole number from 32 to 2048 frames, got 16"),
        (["--sample-rate", "1000"], "sample_rate must be a whole number from 8000 to 192000 Hz, got 1000"),
        (["--channels-in", "1,2,3"], "channels_in must be 1 or 2 channels, got 3"),
        (["--channels-in", "left"], "channels_in must be channel numbers with commas between"),
        (["--channels-out", "0"], "channels_out must be a whole number from 1 to 256, got 0"),
        (["--channels-out", "1,1"], "channels_out must be different channels"),
        (["--latency", "medium"], "latency must be low or high, or a number of seconds, got 'medium'"),
        (["--latency", "5"], "latency must be a number from 0.001 to 1 s, got 5"),
        (["--device-in", ""], "device_in must be a device's number or a part of its name"),
        (["--host-api", " "], "host_api must be a part of a host API's name"),
        (["--slots", "0"], "slots must be a whole number from 1 to 32 slots, got 0"),
        (["--slots", "many"], "slots must be a whole number from 1 to 32 slots, got 'many'"),
        (["--max-loop-s", "0.1"], "max_loop_s must be a number from 1 to 600 s, got 0.1"),
        (["--memory-mb", "0"], "memory_mb must be a whole number from 1 to 65536 MB, got 0"),
        (["--input-latency-ms", "501"], "input_latency_ms must be a number from 0 to 500 ms, got 501"),
        (["--output-latency-ms", "-1"], "output_latency_ms must be a number from 0 to 500 ms, got -1"),
        (["--clock", "sundial"], "clock must be one of internal, midi, link, got 'sundial'"),
        (["--tempo-bpm", "10"], "tempo_bpm must be a number from 20 to 300 bpm, got 10"),
        (["--port", "70000"], "port must be a whole number from 0 to 65535"),
        (["--reply-port", "x"], "reply_port must be a whole number from 0 to 65535"),
        (["--host", "0.0.0.0"], "name those that may send with --peer"),  # noqa: S104
        (["--device", "tpu"], "device must be one of auto, cpu, cuda, got 'tpu'"),
        (["--threads", "-1"], "threads must be a whole number from 0 to 256"),
        (["--preset", "tame"], "preset must be one of faithful"),
    ],
)
def test_a_wrong_value_is_one_line_with_the_range_and_opens_nothing(capsys, monkeypatch, args, message):
    monkeypatch.setattr("vampbridge.bridge.audio.client.AudioClient.start", lambda _: pytest.fail("a device opened"))
    assert main(["live", *args]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err


def test_a_set_that_cannot_begin_leaves_no_session_behind(capsys, monkeypatch, tmp_path):
    def no_link(_clock):
        raise MissingDependencyError("Ableton Link needs aalink: pip install '.[link]'")

    monkeypatch.setenv("VAMPBRIDGE_DATA", str(tmp_path))
    monkeypatch.setattr("vampbridge.bridge.audio.client.AudioClient.start", lambda _: None)
    monkeypatch.setattr("vampbridge.bridge.clock.sources.LinkPort", no_link)
    assert main(["live", "--no-keys", "--port", "0", "--clock", "link"]) == 2
    assert "needs aalink" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_latest_is_a_session_and_no_folder_of_that_name(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("VAMPBRIDGE_DATA", str(tmp_path))
    monkeypatch.setattr("vampbridge.bridge.audio.client.AudioClient.start", lambda _: pytest.fail("a device opened"))
    assert main(["live", "--session", "latest"]) == 2
    assert "there are no sessions yet in" in capsys.readouterr().err
    create_session(tmp_path / "sessions" / "monday", INFO).close()
    assert live._session_folder(read("--session", "monday")) == tmp_path / "sessions" / "monday"
    assert live._session_folder(read("--session", "there/new")) == Path("there/new")
    assert live._session_folder(read()).parent == tmp_path / "sessions"


def test_the_end_says_where_the_set_is_kept_if_something_was_played(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("VAMPBRIDGE_DATA", str(tmp_path))
    listed, own = tmp_path / "sessions" / "monday", tmp_path / "my set"

    def said(folder, *args, records=("L1",)):
        session = SimpleNamespace(folder=folder, contents=SimpleNamespace(records=records))
        live._say_kept(read(*args), SimpleNamespace(session=session))
        return capsys.readouterr().err

    assert said(listed) == f"kept in {listed}; see it with: vampbridge session show latest\n"
    assert said(listed, "--session", "monday").endswith(" vampbridge session show monday\n")
    assert said(own, "--session", str(own)).endswith(f' vampbridge session show "{own}"\n')
    assert said(listed, records=()) == ""


def test_without_a_display_the_fate_of_the_sound_is_said_on_stderr(capsys):
    listeners = []
    live._tell_fate(read("--no-keys"), SimpleNamespace(on_event=listeners.append))
    again = DeviceOpened(0, AudioInfo("in", "Card", sample_rate=48_000))
    for event in (DeviceLost(0, "unplugged"), again, Note(-1, "x")):
        listeners[0](event)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "the sound card is gone: unplugged; it is looked for every second",
        "sound on Card, 48000 Hz",
    ]


NO_CARD = """
class PortAudioError(Exception): pass
def query_hostapis(): return ()
def query_devices(kind=None):
    if kind: raise PortAudioError('none')
    return ()
"""


@pytest.mark.parametrize(
    ("sounddevice", "advice"),
    [
        ('raise OSError("PortAudio library not found")', "the PortAudio library is missing"),
        (NO_CARD, "plug in a sound card, or start its driver"),
    ],
    ids=["without PortAudio", "without a sound card"],
)
def test_without_sound_it_is_one_line_that_says_what_to_do(tmp_path, sounddevice, advice):
    (tmp_path / "sounddevice.py").write_text(sounddevice, encoding="utf-8")
    done = subprocess.run(
        [*VAMPBRIDGE, "live", "--port", "0", "--no-session"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert advice in done.stderr
