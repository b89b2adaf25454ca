"""What belongs to one `/vamp/file`: its drawn mask, its id in errors, and what is refused before any work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from serve_helpers import FakeEngine, UdpClient, client_of, serving, write_loop
from vampbridge.engine.files import write_audio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def client(engine: FakeEngine, tmp_path: Path) -> Iterator[UdpClient]:
    with serving(engine, tmp_path, max_unfinished=4) as server, client_of(server) as made:
        yield made


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    write_loop(tmp_path / "loop.wav", n_channels=2)
    return tmp_path.resolve() / "loop.wav"


def test_a_drawn_mask_decides_alone_unless_a_prompt_is_set_beside_it(
    engine: FakeEngine, client: UdpClient, loop: Path
) -> None:
    for prompt, period in ((None, 0), (5, 5)):
        client.send("/vamp/preset", "balanced")
        if prompt is not None:
            client.send("/vamp/set/period", prompt)
        client.send("/vamp/mask", 1, 2, 0, 1)
        client.send("/vamp/file", str(loop), str(loop.with_name(f"take-{period}.wav")))
        client.receive("/vamp/done")
        assert engine.requests[-1].settings.period == period
        assert engine.requests[-1].drawn_mask is not None


def test_an_error_carries_the_id_of_its_request(client: UdpClient, loop: Path) -> None:
    ((_, refused_path),) = client.ask("/vamp/file", "/etc/passwd", str(loop.with_name("a.wav")), "mine")
    assert refused_path[0] == "path"
    assert refused_path[3] == "mine"
    ((_, wrong_type),) = client.ask("/vamp/file", 3, "out.wav", "mine")
    assert (wrong_type[0], wrong_type[3]) == ("argument", "mine")
    ((_, too_many),) = client.ask("/vamp/file", "in.wav", "out.wav", 7, 8)
    assert too_many[3] == 7
    ((_, without),) = client.ask("/vamp/cancel")
    assert without[3] == ""


@pytest.mark.parametrize("request_id", ["", "x" * 65, "é" * 33])
def test_an_id_of_a_vamp_is_as_long_as_one_of_a_transfer_and_nothing_longer_is_kept(
    engine: FakeEngine, client: UdpClient, loop: Path, request_id: str
) -> None:
    out = str(loop.with_name("out.wav"))
    ((address, told),) = client.ask("/vamp/file", str(loop), out, request_id)
    assert (address, told[0]) == ("/vamp/error", "argument")
    assert "text of 1 to 64 bytes" in told[2]
    assert engine.requests == []
    client.send("/vamp/file", str(loop), out, "é" * 32)
    assert client.receive("/vamp/done")[0] == "é" * 32


def test_what_the_format_cannot_hold_is_refused_before_the_vamp(
    engine: FakeEngine, client: UdpClient, loop: Path
) -> None:
    write_audio(loop, np.full((1, 8000), 0.1, np.float32), 44_100)  # opus knows 48 kHz, not this
    client.send("/vamp/file", str(loop), str(loop.with_name("out.opus")), "o")
    while (message := client.receive_any())[0] == "/vamp/progress":
        pass
    assert message[1][0] == "audio"
    assert "cannot hold" in message[1][2]
    assert engine.requests == []


def test_a_mask_with_more_rows_than_codebooks_is_refused_at_once(client: UdpClient) -> None:
    ((_, refused),) = client.ask("/vamp/mask", 15, 1, *[1] * 15)
    assert refused[:2] == ["setting", "/vamp/mask"]
    assert "rows must be a whole number from 1 to 14" in refused[2]
    assert "got 15" in refused[2]


def test_the_busy_are_told_which_request_was_refused(tmp_path: Path, loop: Path) -> None:
    engine = FakeEngine()
    engine.holds = True
    with serving(engine, tmp_path, max_unfinished=1) as server, client_of(server) as client:
        for number in (1, 2):
            client.send("/vamp/file", str(loop), str(loop.with_name(f"{number}.wav")), f"request {number}")
        error = client.receive("/vamp/error")
    assert (error[0], error[3]) == ("busy", "request 2")
