"""`vampbridge doctor` as a user runs it: everything is looked at, whatever else does not work."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from test_doctor import CARD, INFO, costs_of, plan_of, timing, trip
from vampbridge.bridge.audio.options import AudioOptions
from vampbridge.bridge.cli import main
from vampbridge.bridge.doctor import examine, measure
from vampbridge.bridge.doctor.examine import BUSY, IDLE
from vampbridge.bridge.doctor.models import Runtime
from vampbridge.bridge.errors import DeviceError
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.engine.errors import BundleError
from vampbridge.engine.process import EngineInfo

HERE = Path(__file__).parent
VAMPBRIDGE = [sys.executable, "-c", "import sys; from vampbridge.bridge.start import main; sys.exit(main())"]
PORTS = ["OSC ports", "TCP port", "OSCQuery port"]
ALWAYS = ["packages", "processes", *PORTS]
OF_ENGINE = ["engine", "ONNX Runtime", "loops"]


class Engine:
    """In the place of the real one."""

    error: Exception | None = None
    options: list[object] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, options):
        self.options.append(options)
        self.info = EngineInfo("fake", 44_100, 768, 14, 1, device="cpu", costs=costs_of())
        self.is_closed = False

    def start(self):
        if self.error is not None:
            raise self.error

    def close(self):
        self.is_closed = True


@pytest.fixture
def well(monkeypatch, tmp_path):
    """A machine on which everything works; tests break it."""
    monkeypatch.setenv("VAMPBRIDGE_DATA", str(tmp_path))
    monkeypatch.setattr(measure, "portaudio_version", lambda: "V19")
    monkeypatch.setattr(measure, "spawn", lambda: (None, 0.4))
    for kind in ("port_problem", "tcp_port_problem", "query_port_problem"):
        monkeypatch.setattr(measure, kind, lambda _host, _port: None)
    monkeypatch.setattr(measure, "shared_memory_bytes", lambda: None)
    monkeypatch.setattr(measure, "onnx_runtime", lambda: Runtime("onnxruntime 1.23", "no driver"))
    monkeypatch.setattr(measure, "choose_devices", lambda _options: (plan_of(CARD, CARD), 48_000))
    monkeypatch.setattr(measure, "measure_callbacks", lambda _options, _seconds: timing())
    monkeypatch.setattr(measure, "measure_round_trip", lambda _options: trip(12.0))
    monkeypatch.setattr(measure, "vamping", lambda _engine, _settings: contextlib.nullcontext())
    monkeypatch.setattr("vampbridge.engine.process.EngineClient", Engine)
    monkeypatch.setattr(Engine, "error", None)
    Engine.options.clear()
    return monkeypatch


@pytest.fixture
def run(capsys):
    """Run it with --json: status, verdicts by name in their order, and all that was said."""

    def line(*args):
        status = main(["doctor", "--json", *args])
        captured = capsys.readouterr()
        assert captured.err == ""
        said = json.loads(captured.out)
        return status, {found["name"]: found["verdict"] for found in said["findings"]}, said

    return line


def refuse(error):
    def raise_it(*_args):
        raise error

    return raise_it


def test_where_everything_works_the_status_is_0(well, run):
    status, verdicts, said = run()
    assert (status, said["verdict"]) == (0, "ok")
    assert set(verdicts.values()) == {"ok"}
    sound = ["PortAudio", "devices", "sessions", "shared memory", "callbacks", IDLE]
    assert list(verdicts) == [*ALWAYS, *sound, *OF_ENGINE, BUSY]


def test_a_warning_is_no_failure(well, run):
    well.setattr(measure, "measure_callbacks", lambda _options, _seconds: timing(late_blocks=2))
    status, verdicts, said = run()
    assert (status, said["verdict"]) == (0, "warn")
    assert verdicts[IDLE] == verdicts[BUSY] == "warn"


@pytest.mark.parametrize(
    ("broken", "error", "failed"),
    [
        ("portaudio_version", DeviceError("apt install libportaudio2"), "PortAudio"),
        ("choose_devices", DeviceError("plug in a sound card"), "devices"),
    ],
)
def test_without_a_sound_card_the_rest_is_still_looked_at(well, run, broken, error, failed):
    well.setattr(measure, broken, refuse(error))
    status, verdicts, said = run("--loopback")
    assert status == 1
    assert [name for name, verdict in verdicts.items() if verdict == "fail"] == [failed, "round trip"]
    assert {*ALWAYS, "sessions", "shared memory", *OF_ENGINE} <= set(verdicts)
    assert not {"callbacks", IDLE, BUSY} & set(verdicts)
    assert str(error) in [found["advice"] for found in said["findings"]]


def test_a_device_that_cannot_be_opened_keeps_nothing_else_from_being_looked_at(well, run):
    well.setattr(measure, "measure_callbacks", refuse(DeviceError("another program may hold it")))
    status, verdicts, _ = run()
    assert status == 1
    assert [name for name, verdict in verdicts.items() if verdict == "fail"] == ["callbacks", BUSY]
    assert set(OF_ENGINE) <= set(verdicts)


def test_an_engine_that_does_not_start_is_one_finding(well, run):
    well.setattr(Engine, "error", BundleError("the bundle is damaged"))
    status, verdicts, said = run()
    assert (status, verdicts["engine"]) == (1, "fail")
    assert said["findings"][-1]["advice"] == "the bundle is damaged"
    assert verdicts[IDLE] == "ok"


def test_without_onnx_runtime_the_advice_is_to_install_it(well, run):
    well.setattr(measure, "onnx_runtime", refuse(ImportError("libstdc++")))
    status, verdicts, said = run()
    assert (status, verdicts["engine"]) == (1, "fail")
    assert "onnxruntime" in said["findings"][-1]["advice"]


def test_the_round_trip_is_measured_only_when_asked_for(well, run):
    well.setattr(measure, "measure_round_trip", refuse(AssertionError("noise came out")))
    _, verdicts, _ = run()
    assert "round trip" not in verdicts


def test_loopback_says_what_to_set(well, capsys):
    assert main(["doctor", "--loopback"]) == 0
    shown = capsys.readouterr().out
    assert "/vamp/looper/set/input_latency_ms 3\n" in shown
    assert "/vamp/looper/set/output_latency_ms 9\n" in shown
    assert "vampbridge live --input-latency-ms 3 --output-latency-ms 9\n" in shown


def test_a_missing_cable_fails_and_says_how_to_connect_it(well, run):
    well.setattr(measure, "measure_round_trip", refuse(DeviceError("connect the first output to an input")))
    status, verdicts, said = run("--loopback")
    assert (status, verdicts["round trip"]) == (1, "fail")
    assert "connect the first output to an input" in [found["advice"] for found in said["findings"]]


def test_for_people_there_is_a_line_for_each_check_advice_below_and_a_last_word(well, capsys):
    well.setattr(measure, "port_problem", lambda _host, port: "port in use" if port == 9_001 else None)
    assert main(["doctor", "--port", "9001"]) == 1
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert captured.err == ""  # nothing moves where nobody looks
    assert lines[2].startswith("fail  OSC ports         UDP 9001 is in use")
    assert lines[3].startswith("      → port in use; with --port NUMBER")
    assert lines[-1] == "will not work on stage: OSC ports"


def test_only_the_ports_that_would_be_opened_are_looked_at(well, run):
    asked = []
    for kind in ("tcp_port_problem", "query_port_problem"):
        well.setattr(measure, kind, lambda _host, port: asked.append(port))
    run("--port", "9000")
    run("--port", "9000", "--oscquery-port", "9100")
    assert asked == [9000, 9001, 9000, 9100]
    assert {"TCP port", "OSCQuery port"}.isdisjoint(run("--no-tcp", "--no-oscquery")[1])
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("args", "audio"),
    [
        (["--device-in", "3"], {"device_in": 3}),
        (["--device-out", "Out"], {"device_out": "Out"}),
        (["--host-api", "JACK"], {"host_api": "JACK"}),
        (["--block", "64", "--sample-rate", "44100"], {"block_frames": 64, "sample_rate": 44_100}),
        (["--channels-in", "3", "--channels-out", "1,2"], {"channels_in": (3,), "channels_out": (1, 2)}),
        (["--latency", "high"], {"latency": "high"}),
    ],
)
def test_the_sound_card_is_chosen_and_opened_as_live_would(well, run, args, audio):
    asked = []
    well.setattr(measure, "choose_devices", lambda options: asked.append(options) or (plan_of(CARD, CARD), 48_000))
    well.setattr(measure, "measure_callbacks", lambda options, _: asked.append(options) or timing())
    well.setattr(measure, "measure_round_trip", lambda options: asked.append(options) or trip())
    run("--loopback", *args)
    assert asked == [AudioOptions(**audio)] * 4


def test_the_engine_is_started_as_live_would(well, run, repo_root):
    bundle = repo_root / "engine" / "models" / "default"
    run("--bundle", str(bundle), "--threads", "3", "--device", "cpu")
    (options,) = Engine.options
    assert (options.bundle_path, options.threads, options.device) == (bundle, 3, "cpu")


def test_the_preset_decides_what_a_loop_costs(well, run):
    def loops(name):
        return run("--preset", name)[2]["findings"][-2]["facts"]["loops"][-1]["full_s"]

    well.setattr(Engine, "error", None)
    assert loops("wild") != loops("faithful")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--block", "16"], "block must be a whole number from 32 to 2048 frames, got 16"),
        (["--preset", "tame"], "preset must be one of"),
        (["--port", "x"], "port must be a whole number"),
    ],
)
def test_a_wrong_option_is_one_line_and_status_2(capsys, args, message):
    assert main(["doctor", *args]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert message in captured.err


# What is measured, for real.


def test_a_port_in_use_is_seen_and_a_free_one_left_free():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert f"port {port}" in measure.port_problem("127.0.0.1", port)
    assert measure.port_problem("127.0.0.1", port) is None
    assert measure.port_problem("127.0.0.1", port) is None


@pytest.mark.parametrize("problem_of", [measure.tcp_port_problem, measure.query_port_problem])
def test_a_tcp_port_that_another_program_has_is_seen_and_a_free_one_left_free(problem_of):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        problem = problem_of("127.0.0.1", port)
    assert f"cannot listen on TCP 127.0.0.1 port {port}" in problem
    assert "perhaps another Vampbridge" in problem
    assert problem_of("127.0.0.1", port) is None
    assert problem_of("127.0.0.1", port) is None


def test_whoever_has_all_three_ports_is_told_of_with_what_to_do():
    with ExitStack() as stack:
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        tcp, query = (stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2))
        port, query_port = (taken.getsockname()[1] for taken in (tcp, query))
        udp.bind(("127.0.0.1", port))
        found = {finding.name: finding for finding in examine.ports(ServeOptions(port=port, oscquery_port=query_port))}
    assert {name: finding.verdict for name, finding in found.items()} == dict.fromkeys(PORTS, "fail")
    for switch, finding in zip(("--port", "--no-tcp", "--no-oscquery"), found.values(), strict=True):
        assert switch in finding.advice
        assert "another Vampbridge" in finding.advice


def test_the_folder_of_sessions_need_not_be_there_yet_and_is_not_made(tmp_path):
    folder = tmp_path / "data" / "sessions"
    found = measure.disk(folder)
    assert found.folder == str(folder)
    assert found.is_writable
    assert found.n_free > 0
    assert list(tmp_path.iterdir()) == []


def test_packages_are_those_that_the_metadata_names():
    found = measure.packages()
    assert "numpy>=1.26" in found.needs
    assert found.installed["numpy"]
    assert "torch" not in found.installed
    assert not [text for text in found.needs if "extra ==" in text]


def test_a_process_starts():
    problem, seconds = measure.spawn()
    assert problem is None
    assert seconds > 0


def test_on_a_whole_machine_every_check_is_made(tmp_path, tiny_bundle_folder):
    """The program as it is, with a sound card that is a thread."""
    card = tmp_path / "card.json"
    card.write_text("{}", encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE / "fake_soundcard"),
        "FAKE_SOUNDCARD": str(card),
        "VAMPBRIDGE_DATA": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [*VAMPBRIDGE, "doctor", "--json", "--bundle", str(tiny_bundle_folder), "--threads", "1", "--port", "0"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    said = json.loads(done.stdout)
    found = {finding["name"]: finding for finding in said["findings"]}
    assert {*ALWAYS, "PortAudio", "devices", "callbacks", IDLE, *OF_ENGINE, BUSY} <= set(found)
    assert found["devices"]["facts"]["in"]["name"] == "Fake Card"
    assert found["callbacks"]["facts"]["block_frames"] == INFO.block_frames
    assert found["callbacks"]["facts"]["callbacks"] > 0
    assert len(found["loops"]["facts"]["loops"]) == 6
    assert done.returncode == (1 if said["verdict"] == "fail" else 0)
    assert not (tmp_path / "data").exists()
    assert examine.SECONDS >= 3  # so long the device is listened to, twice
