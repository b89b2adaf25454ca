"""`/vamp/file` from the message to the written take; and `vampbridge serve` as a program."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from serve_helpers import WAIT_S, FakeEngine, UdpClient, client_of, serving, write_loop
from vampbridge.bridge import take_files
from vampbridge.bridge.cli import main
from vampbridge.bridge.own_messages import OwnReplies
from vampbridge.bridge.vamps import Order
from vampbridge.engine.files import read_audio, write_audio
from vampbridge.engine.settings import VampSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vampbridge.bridge.server import Server

SERVE_WITH_A_FAKE_ENGINE = """
import sys
import vampbridge.engine.process as process
from serve_helpers import FakeEngine
process.EngineClient = FakeEngine
from vampbridge.bridge.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(engine: FakeEngine, tmp_path: Path) -> Iterator[Server]:
    with serving(engine, tmp_path, max_unfinished=4) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[UdpClient]:
    with client_of(server) as made:
        yield made


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    write_loop(tmp_path / "loop.wav", n_channels=2)
    return tmp_path.resolve() / "loop.wav"


def refused(client: UdpClient, *arguments: Any) -> tuple[str, str]:
    """Code and reason with which a message is refused."""
    ((address, (code, _, reason, _)),) = client.ask(*arguments)
    assert address == "/vamp/error"
    return code, reason


def test_a_file_is_vamped_to_the_place_that_was_asked_for(client: UdpClient, loop: Path, tmp_path: Path) -> None:
    out = tmp_path.resolve() / "take.flac"
    client.send("/vamp/set/seed", 99)
    client.send("/vamp/file", str(loop), str(out), "mine")
    assert client.receive_any() == ("/vamp/progress", ["mine", "queued", 0.0])
    request_id, path, seed, take_id, seconds = client.receive("/vamp/done")
    assert (request_id, path, seed) == ("mine", str(out), 99)
    assert len(take_id) == 12
    assert seconds > 0
    np.testing.assert_allclose(read_audio(out).audio, read_audio(loop).audio[:, ::-1] * 0.5, atol=2e-7)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["loop.wav", "take.flac"]  # no temporary files


def test_a_seed_is_drawn_that_max_can_send_back(engine: FakeEngine, client: UdpClient, loop: Path) -> None:
    for _ in range(2):
        client.send("/vamp/file", str(loop), str(loop.with_name("out.wav")))
        assert 1 <= client.receive("/vamp/done")[2] < 2**31
    first, second = (request.settings.seed for request in engine.requests)
    assert first != second


def test_variations_get_numbers_and_an_end_each(client: UdpClient, loop: Path) -> None:
    client.send("/vamp/set/variations", 3)
    client.send("/vamp/file", str(loop), str(loop.with_name("out.wav")), 5)
    paths = [client.receive("/vamp/done")[1] for _ in range(3)]
    assert paths == [str(loop.with_name(f"out-{number}.wav")) for number in (1, 2, 3)]
    assert all(Path(path).exists() for path in paths)


def test_a_vamp_of_a_take_descends_from_it(engine: FakeEngine, client: UdpClient, loop: Path) -> None:
    parent, child = str(loop.with_name("a.wav")), str(loop.with_name("b.wav"))
    client.send("/vamp/file", str(loop), parent)
    take_id = client.receive("/vamp/done")[3]
    client.send("/vamp/file", parent, child)
    client.receive("/vamp/done")
    assert [request.lineage for request in engine.requests] == [(), (take_id,)]


def test_progress_is_told_and_ends_before_the_take(engine: FakeEngine, client: UdpClient, loop: Path) -> None:
    engine.holds = True
    client.send("/vamp/file", str(loop), str(loop.with_name("out.wav")), "x")
    assert client.receive("/vamp/progress")[1] == "queued"
    assert client.receive("/vamp/progress") == ["x", "coarse", 0.5]
    engine.release()
    client.receive("/vamp/done")
    assert client.received_before_pong() == []


def test_a_vamp_is_cancelled_by_its_own_client_only(
    engine: FakeEngine, server: Server, client: UdpClient, loop: Path
) -> None:
    engine.holds = True
    client.send("/vamp/file", str(loop), str(loop.with_name("out.wav")), "x")
    engine.await_submit()
    with client_of(server) as other:
        assert refused(other, "/vamp/cancel", "x")[0] == "request"
    client.send("/vamp/cancel", "x")
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[1][0] == "cancelled"
    code, reason = refused(client, "/vamp/cancel", "x")
    assert (code, "'x'" in reason) == ("request", True)
    assert not loop.with_name("out.wav").exists()


@pytest.mark.parametrize("n_variations", [1, 3])
@pytest.mark.parametrize("n_written", [0, 1])
def test_a_vamp_cancelled_after_the_engine_has_done_leaves_no_file(
    client: UdpClient, loop: Path, monkeypatch: pytest.MonkeyPatch, n_variations: int, n_written: int
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    n_calls = 0

    def held(*arguments: Any, **options: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls > n_written:
            reached.set()
            assert go_on.wait(WAIT_S)
        return write_audio(*arguments, **options)

    monkeypatch.setattr(take_files, "write_audio", held)
    client.send("/vamp/set/variations", max(n_variations, n_written + 1))
    client.send("/vamp/file", str(loop), str(loop.with_name("out.wav")), "x")
    assert reached.wait(WAIT_S)
    client.send("/vamp/cancel", "x")
    assert all(address == "/vamp/progress" for address, _ in client.received_before_pong())  # it was accepted
    go_on.set()
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[0] == "/vamp/error"
    assert message[1][0] == "cancelled"
    assert client.received_before_pong() == []
    assert [path.name for path in loop.parent.iterdir()] == ["loop.wav"]


def test_a_vamp_whose_client_cannot_be_told_is_not_kept(server: Server, loop: Path) -> None:
    class Mute(OwnReplies):
        def queued(self) -> None:
            raise OverflowError

    order = Order("x", ("127.0.0.1", 9), loop, loop.with_name("out.wav"), VampSettings())
    with pytest.raises(OverflowError):
        server.desk.vamps.accept(order, Mute(server.desk.send, order.owner, "x"))
    assert server.desk.vamps.unfinished == 0


def test_the_same_id_of_two_clients_are_two_slots(
    engine: FakeEngine, server: Server, client: UdpClient, loop: Path
) -> None:
    with client_of(server) as other:
        for sender, name in ((client, "a.wav"), (client, "a.wav"), (other, "b.wav")):
            sender.send("/vamp/file", str(loop), str(loop.with_name(name)), "x")
            sender.receive("/vamp/done")
    first, second, third = engine.slots
    assert first == second != third


def test_more_vamps_than_the_server_holds_are_refused(engine: FakeEngine, client: UdpClient, loop: Path) -> None:
    engine.holds = True
    for number in range(4):
        client.send("/vamp/file", str(loop), str(loop.with_name(f"{number}.wav")), number)
        engine.await_submit()
    client.send("/vamp/file", str(loop), str(loop.with_name("4.wav")), 4)
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[1][0] == "busy"
    assert "at most 4 vamps" in message[1][2]
    engine.release()
    assert sorted(client.receive("/vamp/done")[0] for _ in range(4)) == [0, 1, 2, 3]


def test_paths_that_may_not_be_used_are_refused_at_once(
    engine: FakeEngine, client: UdpClient, loop: Path, tmp_path: Path
) -> None:
    (tmp_path / "theirs.wav").write_bytes(b"theirs")
    (tmp_path / "link.wav").symlink_to("/etc/passwd")
    (tmp_path / "same.wav").hardlink_to(loop)
    out = str(tmp_path / "out.wav")
    for path_in, path_out, says in [
        ("/etc/passwd", out, "outside the allowed folders"),
        (f"{tmp_path}/../../etc/passwd", out, "outside the allowed folders"),
        (str(tmp_path / "link.wav"), out, "outside the allowed folders"),
        (str(tmp_path / "gone.wav"), out, "No such file"),
        (str(tmp_path), out, "allowed folder itself"),
        ("in.wav", out, "send an absolute path"),
        (str(loop), f"{tmp_path}/../../out.wav", "outside the allowed folders"),
        (str(loop), str(tmp_path / "gone" / "out.wav"), "does not exist"),
        (str(loop), str(tmp_path / "theirs.wav"), "did not write it"),
        (str(loop), str(loop), "may not replace the loop"),
        (str(loop), str(tmp_path / "same.wav"), "may not replace the loop"),
        (str(loop), str(tmp_path / "out.txt"), "must end in one of"),
        (str(loop), "", "must not be empty"),
    ]:
        code, reason = refused(client, "/vamp/file", path_in, path_out)
        assert (code, says in reason) == ("path", True), reason
    assert engine.requests == []
    assert (tmp_path / "theirs.wav").read_bytes() == b"theirs"


def test_a_take_never_replaces_its_own_input(client: UdpClient, loop: Path) -> None:
    take = str(loop.with_name("take.wav"))
    client.send("/vamp/file", str(loop), take)
    client.receive("/vamp/done")
    assert "may not replace the loop" in refused(client, "/vamp/file", take, take)[1]


def test_a_file_that_appears_meanwhile_is_not_overwritten(engine: FakeEngine, client: UdpClient, loop: Path) -> None:
    engine.holds = True
    out = loop.with_name("out.wav")
    client.send("/vamp/file", str(loop), str(out))
    engine.await_submit()
    out.write_bytes(b"theirs")
    engine.release()
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[1][0] == "path"
    assert out.read_bytes() == b"theirs"


def test_an_unreadable_file_is_an_error_of_its_request(client: UdpClient, loop: Path) -> None:
    loop.with_name("noise.wav").write_bytes(b"not audio")
    client.send("/vamp/file", str(loop.with_name("noise.wav")), str(loop.with_name("out.wav")), "n")
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[1][0] == "audio"
    assert message[1][2].startswith("request n: ")


def test_a_client_that_vanishes_harms_nobody(engine: FakeEngine, server: Server, client: UdpClient, loop: Path) -> None:
    engine.holds = True
    with client_of(server) as gone:
        gone.send("/vamp/file", str(loop), str(loop.with_name("gone.wav")), "x")
        engine.await_submit()
    client.send("/vamp/file", str(loop), str(loop.with_name("here.wav")), "y")
    engine.await_submit()
    engine.release()
    assert client.receive("/vamp/done")[0] == "y"
    assert loop.with_name("gone.wav").exists()
    assert client.ask("/vamp/status")[0][1][2] == 0


def test_stopping_tells_the_clients_of_unfinished_vamps(engine: FakeEngine, tmp_path: Path, loop: Path) -> None:
    engine.holds = True
    with serving(engine, tmp_path) as server:
        client = UdpClient(server.address)
        client.send("/vamp/file", str(loop), str(tmp_path / "out.wav"), "x")
        engine.await_submit()
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[1][0] == "cancelled"
    client.socket.close()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Any]:
    """Starts `vampbridge serve` with a fake engine as a program."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SERVE_WITH_A_FAKE_ENGINE, "serve", "--allow", str(tmp_path), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        started.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send a single process these signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_it_is_ready_and_stops_when_asked(program: Any, tmp_path: Path, number: signal.Signals) -> None:
    process = program("--port", "0", "--reply-port", "0", "--json")
    ready = json.loads(process.stdout.readline())
    assert ready["bundle"] == "fake"
    assert ready["device"] == "cpu"
    assert ready["folders"] == [str(tmp_path.resolve())]
    assert ready["reply_port"] == 0
    client = UdpClient((ready["host"], ready["port"]))
    assert client.received_before_pong() == []
    client.socket.close()
    process.send_signal(number)
    output, errors = process.communicate(timeout=WAIT_S)
    assert (process.returncode, output, errors) == (0, "", "")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((ready["host"], ready["port"]))


def test_a_port_in_use_is_one_line_and_status_2(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", str(server.address[1]), "--allow", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: cannot listen on UDP 127.0.0.1 port")
    assert "another program has it, perhaps another Vampbridge" in said.err
    assert said.err.count("\n") == 1


def test_help_has_every_option_with_its_range_and_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for part in ("--host", "--peer", "--allow", "--bundle", "--json", "0 to 65535", "8001", "8003", "1 to 256 vamps"):
        assert part in text
