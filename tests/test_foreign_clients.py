"""Promises about the clients for other programs: Pure Data and SuperCollider, as they are, with the real server."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from foreign_helpers import LOOP_RATE, WAIT_S, Program, free_port, need, program, real_server, write_tones
from jack_server import make_jack  # noqa: F401 - a fixture
from pythonosc.osc_message import OscMessage
from vampbridge.bridge.client import VampbridgeClient
from vampbridge.bridge.client.events import Audio, Heard
from vampbridge.bridge.looper.verbs import VERBS
from vampbridge.engine.files import read_audio

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTROLLERS = Path(__file__).resolve().parent.parent / "controllers"
SECONDS = 1.0

PD_HARNESS = """\
#N canvas 50 60 600 400 12;
#X obj 20 20 netreceive {port};
#X obj 20 60 route send vamp file folder write period;
#X obj 20 100 s vb-send;
#X obj 90 100 s vb-vamp-now;
#X obj 160 100 s vb-loop-file;
#X obj 260 100 s vb-folder;
#X msg 360 100 write -wave -bytes 4 \\$1 vb-vamp;
#X obj 360 130 soundfiler;
#X obj 360 160 print written;
#X obj 20 140 vampbridge-example;
#X obj 20 240 loadbang;
#X obj 20 300 print ready;
#X obj 460 60 symbol;
#X obj 420 100 s vb-period;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 1 1 3 0;
#X connect 1 2 4 0;
#X connect 1 3 5 0;
#X connect 1 4 12 0;
#X connect 1 5 13 0;
#X connect 12 0 6 0;
#X connect 6 0 7 0;
#X connect 7 0 8 0;
#X connect 10 0 11 0;
"""

SC_SCRIPT = """\
(
var v = Vampbridge("127.0.0.1", {port}), every = Vampbridge("127.0.0.1", {every});
"{help}/*.schelp".pathMatch.do {{ |file| if(SCDoc.parseFileFull(file).isNil) {{ ("UNREADABLE" + file).postln }} }};
v.onProgress = {{ |id, stage, fraction| ("PROGRESS" + stage).postln }};
v.onError = {{ |code, address, reason| ("ERROR" + code + address + reason).postln }};
v.ping {{ "PONG".postln }};
v.status {{ |bundle, ready, unfinished| ("STATUS" + bundle + ready + unfinished).postln }};
v.set(\\coarse_passes, 1, \\fine_passes, 1, \\typical, false, \\seed, 7);
v.get(\\coarse_passes) {{ |value| ("PASSES" + value).postln }};
v.get(\\seed) {{ |value| ("SEED" + value).postln }};
v.set(\\temperature, 50);
v.mask([[1, 0, 1, 1]]);
v.vamp("{folder}/nothing.wav", "{folder}/no.wav", {{ "WRONG".postln }}, {{ |code| ("FAILED" + code).postln }});
v.vamp("{folder}/loop.wav", "{folder}/sc.wav", {{ |path, seed|
    var file = SoundFile.openRead(path);
    ("DONE" + seed + file.numFrames + file.sampleRate.asInteger).postln;
    SystemClock.sched(0.7, {{ every.version; v.free; every.free; 0.exit; nil }})
}});
VampbridgeSlot.methods.do {{ |method|
    if(method.argNames.size == 1 and: {{ #[\\bridge, \\number].includes(method.name).not }}) {{
        every.slot(2).perform(method.name)
    }}
}};
every.slot(2).set(\\wet, 0.5).vampSet(\\temperature, 1.5);
every.allSlots.recall("L1");
every.subscribe(false);
)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("foreign")
    write_tones(made / "loop.wav", SECONDS)
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[dict[str, Any]]:
    with real_server("serve", folder) as ready:
        yield ready


class Pd:
    """Pure Data with a patch, told what to do over a connection of its own."""

    def __init__(self, running: Program, port: int) -> None:
        self._running = running
        running.wait_for("ready")
        self._socket = socket.create_connection(("127.0.0.1", port), WAIT_S)

    def tell(self, text: str) -> None:
        self._socket.sendall(f"{text};\n".encode())

    def wait_for(self, start: str) -> list[str]:
        """The words behind the first line that begins so."""
        return self._running.wait_for(start).removeprefix(start).split()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def pd(tmp_path: Path) -> Iterator[Pd]:
    command = need("pd", "puredata-core", "VAMPBRIDGE_REQUIRE_PD")
    port = free_port(socket.SOCK_STREAM)
    (tmp_path / "harness.pd").write_text(PD_HARNESS.format(port=port), encoding="utf-8")
    flags = ("-nogui", "-noaudio", "-nomidi", "-noprefs", "-stderr", "-path", str(CONTROLLERS / "puredata"))
    with program([command, *flags, str(tmp_path / "harness.pd")]) as running:
        made = Pd(running, port)
        yield made
        made.close()


def test_pure_data_vamps_an_array_into_another(pd: Pd, server: dict[str, Any], folder: Path) -> None:
    pd.tell(f"send connect 127.0.0.1 {server['port']} {free_port()}")
    pd.tell("send /vamp/status")
    assert pd.wait_for("other: status ")[:3] == [server["bundle"], "1", "0"]
    for name, value in {"coarse_passes": 1, "fine_passes": 1, "seed": 7, "period": 5}.items():
        pd.tell(f"send /vamp/set/{name} {value}")
    pd.tell("send /vamp/set/period")
    assert pd.wait_for("other: set period ") == ["5"]
    pd.tell(f"file {folder}/loop.wav")
    pd.tell(f"folder {folder}")
    pd.tell("vamp bang")
    path, seed, *_ = pd.wait_for("done: vb-vamp ")
    assert (Path(path), seed) == (folder / "vb-vamp-vamp.wav", "7")
    pd.tell(f"write {folder}/heard.wav")
    assert pd.wait_for("written: ") == [str(round(SECONDS * LOOP_RATE))]
    heard = read_audio(folder / "heard.wav").audio
    made = read_audio(folder / "vb-vamp-vamp.wav").audio
    assert np.abs(made).max() > 0.01
    np.testing.assert_array_equal(heard, made[:1])
    sent = read_audio(folder / "vb-loop-loop.wav").audio
    np.testing.assert_allclose(sent, read_audio(folder / "loop.wav").audio, atol=2**-15)  # in case it was 16 bits


def test_pure_data_hears_why_it_was_refused(pd: Pd, server: dict[str, Any]) -> None:
    pd.tell(f"send connect 127.0.0.1 {server['port']} {free_port()}")
    pd.tell("send /vamp/set/temperature 50")
    code, address, *reason = pd.wait_for("error: ")
    assert (code, address) == ("setting", "/vamp/set/temperature")
    assert "from 0 to 5, got 50" in " ".join(reason).replace("\\", "")
    pd.tell("send /vamp/file relative.wav /nowhere.wav mine")
    assert pd.wait_for("error: path /vamp/file ")[-1] == "mine"
    pd.tell("send disconnect")
    pd.tell("send /vamp/ping")
    pd.tell("write /nowhere/at/all.wav")  # handled behind the ping
    pd.wait_for("written: ")
    assert not [line for line in pd._running.lines if line.startswith("other: pong")]


def test_pure_data_says_where_it_listens_ahead_of_what_it_asks(pd: Pd) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:  # a server that comes after Pd's first word
        late.bind(("127.0.0.1", 0))
        port, own = late.getsockname()[1], free_port()
    pd.tell(f"send connect 127.0.0.1 {port} {own}")
    pd.tell("send /vamp/ping")
    pd.tell("write /nowhere/at/all.wav")  # handled behind the ping
    pd.wait_for("written: ")
    time.sleep(0.6)  # above the half second for which it takes its word for heard
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
        late.bind(("127.0.0.1", port))
        late.settimeout(WAIT_S)
        pd.tell("send /vamp/version")
        heard = [OscMessage(late.recv(65_535)) for _ in range(2)]
    assert [(message.address, message.params) for message in heard] == [
        ("/vamp/reply_port", [own]),
        ("/vamp/version", []),
    ]


def test_pure_data_sets_a_width_with_each_period(pd: Pd) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(WAIT_S)
        pd.tell(f"send connect 127.0.0.1 {listener.getsockname()[1]} {free_port()}")
        told = dict[str, list[float]]()
        for cell in range(8):
            pd.tell(f"period {cell}")
            for name in ("period", "period_width"):
                while (message := OscMessage(listener.recv(65_535))).address == "/vamp/reply_port":
                    pass
                assert message.address == f"/vamp/set/{name}"
                told.setdefault(name, []).append(message.params[0])
    assert told == {"period": [8 * n for n in range(1, 9)], "period_width": [4 * n for n in range(1, 9)]}


@pytest.mark.jack
def test_loops_are_played_from_pure_data_and_python(pd: Pd, make_jack: Any, tmp_path: Path) -> None:  # noqa: F811
    jack = make_jack(256)
    write_tones(tmp_path / "loop.wav", SECONDS)
    options = ("--host-api", "JACK", "--session", str(tmp_path / "set"))
    environment = {"JACK_DEFAULT_SERVER": jack.name, "VAMPBRIDGE_DATA": str(tmp_path / "data")}
    with real_server("live", tmp_path, *options, **environment) as ready:
        pd.tell(f"send connect 127.0.0.1 {ready['port']} {free_port()}")
        pd.tell("send /vamp/subscribe 1")
        assert pd.wait_for("other: slot 1 state ")[:2] == ["off", "off"]
        pd.tell("send /vamp/slot/2/set/wet 0.5")
        pd.tell("send /vamp/slot/2/set/wet")
        assert pd.wait_for("other: slot 2 set wet ") == ["0.5"]
        pd.tell("send /vamp/slot/2/undo 1")
        assert pd.wait_for("error: looper /vamp/slot/2/undo ")
        pd.tell("send /vamp/slot/1/vamp/set/coarse_passes 1")
        pd.tell(f"send /vamp/slot/1/load {tmp_path}/loop.wav")
        assert pd.wait_for("other: slot 1 state playing ")[0] == "playing"
        with VampbridgeClient("127.0.0.1", ready["port"], transport="tcp") as client:
            assert client.hello().n_slots > 1
            assert client.slot(2).state().state == "off"
            client.subscribe()
            pd.tell("send /vamp/slot/1/vamp 1")
            take_id = pd.wait_for("other: slot 1 made ")[0]
            pd.wait_for(f"other: slot 1 heard {take_id} ")
            heard = (event for event in client.events(WAIT_S) if isinstance(event, Heard))
            assert next(event.slot for event in heard if event.take_id == take_id) == 1
            assert client.slot(1).state().take_id == take_id
            assert client.download(take_id).audio.shape[1] == round(SECONDS * ready_rate(client))
            client.slot(1).press("undo")
            client.slot(1).set(wet=0.25)
            assert pd.wait_for("other: slot 1 set wet ") == ["0.25"]  # told to the others


def ready_rate(client: VampbridgeClient) -> int:
    """Of the sound card, in Hz."""
    (told,) = client.send("/vamp/audio", replies=["/vamp/audio"])
    assert isinstance(told, Audio)
    return told.sample_rate


@pytest.fixture(scope="module")
def supercollider(server: dict[str, Any], folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What sclang said, and what it sent to a server that only listens."""
    command = need("sclang", "supercollider-language", "VAMPBRIDGE_REQUIRE_SC")
    home = tmp_path_factory.mktemp("sc")
    library = CONTROLLERS / "supercollider"
    settings = f"includePaths:\n    - {library}\nexcludePaths:\n    []\npostInlineWarnings: true\n"
    (home / "config.yaml").write_text(settings, encoding="utf-8")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.5)
        names = {"port": server["port"], "every": listener.getsockname()[1], "folder": folder}
        script = SC_SCRIPT.format(**names, help=library / "HelpSource" / "Classes")
        (home / "test.scd").write_text(script, encoding="utf-8")
        environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_DATA_HOME": str(home),
            "QT_QPA_PLATFORM": "offscreen",
            "QTWEBENGINE_DISABLE_SANDBOX": "1",
        }
        with program([command, "-l", str(home / "config.yaml"), str(home / "test.scd")], env=environment) as running:
            running.wait_for("DONE")
            running.process.wait(WAIT_S)
            said = running.lines
        messages = []
        with contextlib.suppress(TimeoutError):
            while True:
                messages.append(OscMessage(listener.recv(65_535)))
        sent = {message.address: message.params for message in messages}
        return {"said": said, "sent": sent, "last": [message.address for message in messages[-2:]]}


def test_supercollider_vamps_a_file(supercollider: dict[str, Any], server: dict[str, Any], folder: Path) -> None:
    said = supercollider["said"]
    assert f"STATUS {server['bundle']} 1 0" in said
    assert {"PONG", "PASSES 1", "SEED 7"} <= set(said)
    assert any(line.startswith("PROGRESS ") for line in said)
    assert f"DONE 7 {round(SECONDS * LOOP_RATE)} {LOOP_RATE}" in said
    assert np.abs(read_audio(folder / "sc.wav").audio).max() > 0.01


def test_supercollider_hears_why_it_was_refused(supercollider: dict[str, Any]) -> None:
    errors = [line.split()[1:] for line in supercollider["said"] if line.startswith("ERROR ")]
    assert ["setting", "/vamp/set/temperature"] in [error[:2] for error in errors]
    assert any(line.startswith("FAILED ") for line in supercollider["said"])
    assert "WRONG" not in supercollider["said"]


def test_supercollider_says_where_it_listens_ahead_of_what_it_asks(supercollider: dict[str, Any]) -> None:
    assert supercollider["last"] == ["/vamp/reply_port", "/vamp/version"]


def test_supercollider_has_a_method_for_every_verb(supercollider: dict[str, Any]) -> None:
    sent = supercollider["sent"]
    assert {verb for verb in VERBS if sent.get(f"/vamp/slot/2/{verb}") == [1]} == set(VERBS)
    assert sent["/vamp/slot/2/set/wet"] == [0.5]
    assert sent["/vamp/slot/2/vamp/set/temperature"] == [1.5]
    assert sent["/vamp/slot/*/recall"] == ["L1"]
    assert sent["/vamp/subscribe"] == [0]


def test_supercollider_has_help_for_every_method(supercollider: dict[str, Any]) -> None:
    assert not [line for line in supercollider["said"] if "UNREADABLE" in line or "schelp" in line]
    code = (CONTROLLERS / "supercollider/Classes/Vampbridge.sc").read_text(encoding="utf-8")
    for part in re.split(r"^(?=Vampbridge)", code, flags=re.MULTILINE)[1:]:
        name = part.split()[0]
        page = (CONTROLLERS / f"supercollider/HelpSource/Classes/{name}.schelp").read_text(encoding="utf-8")
        documented = set(re.findall(r"^METHOD:: (\w+)", page, flags=re.MULTILINE))
        methods = {found.rstrip("_") for found in re.findall(r"^\t\*?([a-z]\w*) \{", part, flags=re.MULTILINE)}
        variables = set(re.findall(r"<>?(\w+)", "".join(re.findall(r"^\t(?:class)?var .*", part, flags=re.MULTILINE))))
        public = {word for word in methods | variables if not re.match(r"pr[A-Z]|init$", word)}
        assert documented == public
