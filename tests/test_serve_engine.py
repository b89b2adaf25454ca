"""The OSC server in front of the real engine process; only the model in it is fake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fake_vamper import FACTORY, fake_take
from serve_helpers import RATE, UdpClient, client_of, serving, write_loop
from vampbridge.engine.files import read_audio
from vampbridge.engine.process import EngineClient, EngineOptions
from vampbridge.engine.settings import DEFAULT_PRESET, preset
from vampbridge.engine.take import VampRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vampbridge.bridge.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    engine = EngineClient(EngineOptions(bundle_path=tmp_path, warm_up_s=0, factory=FACTORY))
    engine.start()
    with serving(engine, tmp_path) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[UdpClient]:
    with client_of(server) as made:
        yield made


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    write_loop(tmp_path / "loop.wav")
    return tmp_path.resolve() / "loop.wav"


def first_after_progress(client: UdpClient) -> tuple[str, list[Any]]:
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    return message


def test_a_take_comes_through_unchanged(client: UdpClient, loop: Path) -> None:
    ((_, status),) = client.ask("/vamp/status")
    assert status[:5] == ["fake", 1, 0, 0, 0]
    client.send("/vamp/set/seed", 7)
    client.send("/vamp/file", str(loop), str(loop.with_name("out.wav")), "x")
    assert client.receive("/vamp/done")[:4] == ["x", str(loop.with_name("out.wav")), 7, f"{7:012x}"]
    request = VampRequest(read_audio(loop).audio, RATE, preset(DEFAULT_PRESET).changed(seed=7))
    np.testing.assert_allclose(
        read_audio(loop.with_name("out.wav")).audio, fake_take(request).audio[0], atol=2e-7
    )  # one step of 24 bits


def test_an_engine_killed_in_a_vamp_is_told_and_the_next_vamp_served(
    server: Server, client: UdpClient, loop: Path
) -> None:
    server.desk.folders.record(loop, ("kill",))  # the fake vamper reads what to do in the lineage
    client.send("/vamp/file", str(loop), str(loop.with_name("a.wav")), "a")
    address, (code, about, reason, _) = first_after_progress(client)
    assert (address, code, about) == ("/vamp/error", "engine", "/vamp/file")
    assert reason.startswith("request a: ")
    write_loop(loop)
    client.send("/vamp/file", str(loop), str(loop.with_name("b.wav")), "b")
    assert client.receive("/vamp/done")[0] == "b"
    assert not loop.with_name("a.wav").exists()


def test_a_newer_vamp_of_an_id_replaces_one_that_waits(server: Server, client: UdpClient, loop: Path) -> None:
    held = loop.with_name("held.wav")
    write_loop(held)
    server.desk.folders.record(held, ("hold",))
    client.send("/vamp/file", str(held), str(loop.with_name("first.wav")), "first")
    while client.receive("/vamp/progress")[1] != "coarse":
        pass
    client.send("/vamp/file", str(loop), str(loop.with_name("old.wav")), "x")
    client.send("/vamp/file", str(loop), str(loop.with_name("new.wav")), "x")
    address, (code, _, reason, request_id) = first_after_progress(client)
    assert (address, code, request_id) == ("/vamp/error", "cancelled", "x")
    assert "request x: " in reason
    client.send("/vamp/cancel", "first")
    assert first_after_progress(client)[1][0] == "cancelled"
    assert client.receive("/vamp/done")[1] == str(loop.with_name("new.wav"))
    assert not loop.with_name("old.wav").exists()
