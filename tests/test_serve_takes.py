"""The files of a take stand in their places all together or not at all, and an earlier take is not lost for nothing."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from serve_helpers import WAIT_S, FakeEngine, UdpClient, client_of, serving, write_loop
from vampbridge.bridge import take_files
from vampbridge.bridge.paths import AllowedFolders
from vampbridge.bridge.take_files import TakeFiles
from vampbridge.engine.errors import PathError
from vampbridge.engine.files import read_audio, write_audio

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def ask(client: UdpClient, loop: Path, request_id: Any = "x") -> None:
    client.send("/vamp/file", str(loop), str(loop.with_name("out.wav")), request_id)


def failed(client: UdpClient) -> list[Any]:
    """Arguments of the error that a vamp ends with."""
    while (message := client.receive_any())[0] in ("/vamp/progress", "/vamp/log"):
        pass
    assert message[0] == "/vamp/error"
    return message[1]


class FullDisk:
    """Writes so many files of a take and then no more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = 100
        monkeypatch.setattr(take_files, "write_audio", self)

    def __call__(self, path: Path, audio: Any, rate: int, *, subtype: str | None = None) -> int:
        if self.room < 1:
            raise PathError(f"{path} cannot be written: No space left on device")
        self.room -= 1
        return write_audio(path, audio, rate, subtype=subtype)


def test_a_disk_that_fails_between_two_variations_leaves_neither(
    client: UdpClient, loop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FullDisk(monkeypatch).room = 1
    client.send("/vamp/set/variations", 3)
    ask(client, loop)
    code, _, reason, _ = failed(client)
    assert code == "path"
    assert "No space left" in reason
    assert [path.name for path in loop.parent.iterdir()] == ["loop.wav"]


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_an_earlier_take_stays_when_the_one_that_was_to_replace_it_does_not_come(
    client: UdpClient, loop: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    disk = FullDisk(monkeypatch)
    client.send("/vamp/set/variations", 2)
    ask(client, loop)
    earlier = {path: path.read_bytes() for path in (Path(client.receive("/vamp/done")[1]) for _ in range(2))}
    write_loop(loop, n_samples=5000)
    if how == "failed":
        disk.room = 1
        ask(client, loop)
    else:
        cancel_before_the_second_file(client, loop, monkeypatch)
    assert failed(client)[0] == ("cancelled" if how == "cancelled" else "path")
    assert {path: path.read_bytes() for path in earlier} == earlier
    assert len(list(loop.parent.iterdir())) == 3
    disk.room = 100
    monkeypatch.setattr(take_files, "write_audio", write_audio)
    ask(client, loop)  # still known as the server's own
    paths = [Path(client.receive("/vamp/done")[1]) for _ in range(2)]
    assert [read_audio(path).audio.shape[1] for path in paths] == [5000, 5000]
    assert len(list(loop.parent.iterdir())) == 3


def cancel_before_the_second_file(client: UdpClient, loop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = threading.Event(), threading.Event()
    n_calls = 0

    def held(*arguments: Any, **options: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls == 2:
            reached.set()
            assert go_on.wait(WAIT_S)
        return write_audio(*arguments, **options)

    monkeypatch.setattr(take_files, "write_audio", held)
    ask(client, loop)
    assert reached.wait(WAIT_S)
    client.send("/vamp/cancel", "x")
    assert all(address != "/vamp/error" for address, _ in client.received_before_pong())
    go_on.set()


@pytest.fixture
def folders(tmp_path: Path) -> AllowedFolders:
    return AllowedFolders([tmp_path])


def staged(folders: AllowedFolders, loop: Path, n_samples: int) -> TakeFiles:
    """Two files that wait for their places."""
    files = TakeFiles(folders)
    audio = read_audio(loop).audio[:, :n_samples]
    for name in ("a.wav", "b.wav"):
        files.write(loop.with_name(name), audio, 16_000)
    return files


def test_a_place_that_refuses_gives_all_places_back(
    folders: AllowedFolders, loop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = staged(folders, loop, 100)
    places = first.put_in_place(("one",))
    first.discard()
    before = {path: path.read_bytes() for path in places}
    second = staged(folders, loop, 200)
    rename = Path.rename

    def refuse(path: Path, to: Path) -> Path:
        if Path(to).name == "b.wav" and path.suffix != ".old":  # as Windows does while a player holds the file open
            raise PermissionError(13, "in use", str(to))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PathError, match=r"b\.wav.* in use"):
        second.put_in_place(("two",))
    monkeypatch.undo()
    second.discard()
    assert {path: path.read_bytes() for path in before} == before
    assert all(folders.owns(path) and folders.lineage(path) == ("one",) for path in before)
    assert sorted(path.name for path in loop.parent.iterdir()) == ["a.wav", "b.wav", "loop.wav"]


def test_one_file_that_cannot_be_taken_away_does_not_save_the_others(
    folders: AllowedFolders, loop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = staged(folders, loop, 100)
    unlink, refused = Path.unlink, []

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if not refused:
            refused.append(path)
            raise PermissionError(13, "in use", str(path))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    files.discard()
    monkeypatch.undo()
    assert sorted(loop.parent.iterdir()) == sorted([loop, *refused])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission to write into a folder")
def test_a_folder_that_may_not_be_written_is_refused_before_the_vamp(
    engine: FakeEngine, client: UdpClient, loop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and access(path, mode))  # root may all
    usual: list[Any] = [13, 0.25, 77, 0, 1, 0.25, 32, 5, 2, 24, 0.75, 0.5, 0, 2]
    answers = client.ask("/process", "q1", "vampnet", str(loop), "default", *usual)
    assert [address for address, _ in answers] == ["/error"]
    assert "no permission" in answers[0][1][0]
    assert engine.requests == []


@pytest.mark.parametrize(("first", "second"), [(7, 7.0), (7.0, 7), (0, -0.0)])
def test_equal_numbers_are_one_id(
    engine: FakeEngine, client: UdpClient, loop: Path, first: float, second: float
) -> None:
    for request_id in (first, second, "7"):
        ask(client, loop, request_id)
        assert repr(client.receive("/vamp/done")[0]) == repr(request_id)
    assert engine.slots[0] == engine.slots[1] != engine.slots[2]
