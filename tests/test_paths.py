"""What the server may read, write and delete."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest
from vampbridge.bridge import paths
from vampbridge.bridge.paths import AllowedFolders, default_folders
from vampbridge.engine.errors import PathError


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    return folder.resolve()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    secret = tmp_path / "allowed-not" / "secret.wav"  # its folder's name starts like the allowed one's
    secret.parent.mkdir()
    secret.write_bytes(b"secret")
    return secret.resolve()


@pytest.fixture
def folders(inside: Path) -> AllowedFolders:
    return AllowedFolders([inside])


def test_a_file_below_an_allowed_folder_is_readable(inside: Path, folders: AllowedFolders) -> None:
    file = inside / "deep" / "loop.wav"
    file.parent.mkdir()
    file.write_bytes(b"x")
    assert folders.readable(str(file)) == file


def test_a_relative_path_starts_at_the_current_folder(
    inside: Path, folders: AllowedFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inside / "loop.wav").write_bytes(b"x")
    monkeypatch.chdir(inside)
    assert folders.readable("loop.wav") == inside / "loop.wav"


@pytest.mark.parametrize("verb", ["readable", "writable", "delete"])
def test_nothing_outside_is_touched(verb: str, inside: Path, outside: Path, folders: AllowedFolders) -> None:
    (inside / "link.wav").symlink_to(outside)
    (inside / "linked").symlink_to(outside.parent)
    (inside / "dangling.wav").symlink_to(outside.parent / "new.wav")
    escapes = [
        outside,
        f"{inside}/../{outside.parent.name}/secret.wav",
        inside / "link.wav",
        inside / "linked" / "secret.wav",
        inside / "linked" / "new.wav",
        inside / "dangling.wav",
        "/etc/passwd",
        "/dev/null",
    ]
    for escape in escapes:
        with pytest.raises(PathError, match="outside the allowed folders") as caught:
            getattr(folders, verb)(str(escape))
        assert str(inside) in str(caught.value)
    assert outside.read_bytes() == b"secret"
    assert not (outside.parent / "new.wav").exists()


@pytest.mark.parametrize("verb", ["readable", "writable", "delete"])
@pytest.mark.parametrize("text", ["", "a\0b", "x" * 5000])
def test_text_that_is_no_path_is_refused(verb: str, text: str, inside: Path, folders: AllowedFolders) -> None:
    with pytest.raises(PathError):
        getattr(folders, verb)(f"{inside}/{text}" if len(text) > 3 else text)


@pytest.mark.parametrize("verb", ["readable", "writable", "delete"])
def test_folders_are_no_files(verb: str, inside: Path, folders: AllowedFolders) -> None:
    (inside / "folder.wav").mkdir()
    with pytest.raises(PathError, match="regular file, got a folder"):
        getattr(folders, verb)(str(inside / "folder.wav"))
    with pytest.raises(PathError):
        getattr(folders, verb)(str(inside))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes, which Windows has not")
@pytest.mark.parametrize("verb", ["readable", "writable", "delete"])
def test_a_named_pipe_cannot_hang_the_server(verb: str, inside: Path, folders: AllowedFolders) -> None:
    os.mkfifo(inside / "pipe.wav")
    with pytest.raises(PathError, match="special file"):
        getattr(folders, verb)(str(inside / "pipe.wav"))


def test_a_relative_path_that_leads_nowhere_is_answered_with_where_it_leads(
    inside: Path, folders: AllowedFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(inside)
    with pytest.raises(
        PathError, match=r"'gone\.wav': No such file.*send an absolute path, here it would be .*gone\.wav"
    ):
        folders.readable("gone.wav")


def test_missing_files_and_folders_are_named(inside: Path, folders: AllowedFolders) -> None:
    with pytest.raises(PathError, match=r"gone\.wav.*No such file"):
        folders.readable(str(inside / "gone.wav"))
    with pytest.raises(PathError, match="does not exist"):
        folders.writable(str(inside / "gone" / "take.wav"))


def test_missing_permission_is_told_before_work_begins(
    inside: Path, folders: AllowedFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inside / "loop.wav").write_bytes(b"x")
    monkeypatch.setattr(paths.os, "access", lambda *_: False)  # chmod would not stop root
    with pytest.raises(PathError, match=r"cannot read .* no permission"):
        folders.readable(str(inside / "loop.wav"))
    with pytest.raises(PathError, match=r"cannot write .* no permission"):
        folders.writable(str(inside / "take.wav"))


def test_only_a_file_of_ours_is_overwritten_or_deleted(inside: Path, folders: AllowedFolders) -> None:
    file = inside / "take.wav"
    file.write_bytes(b"theirs")
    with pytest.raises(PathError, match="did not write it"):
        folders.writable(str(file))
    with pytest.raises(PathError, match="not a result"):
        folders.delete(str(file))
    folders.record(file)
    assert folders.writable(str(file)) == file
    assert folders.delete(str(file)) == file
    assert not file.exists()
    file.write_bytes(b"theirs again")
    assert not folders.owns(file)


def test_a_result_that_somebody_changed_is_no_longer_ours(inside: Path, folders: AllowedFolders) -> None:
    file = inside / "take.wav"
    file.write_bytes(b"ours")
    folders.record(file, ("take-1",))
    assert folders.lineage(file) == ("take-1",)
    file.write_bytes(b"theirs")
    os.utime(file, ns=(1, 1))
    assert folders.lineage(file) == ()
    with pytest.raises(PathError, match="did not write it"):
        folders.writable(str(file))
    with pytest.raises(PathError, match="not a result"):
        folders.delete(str(file))
    assert file.read_bytes() == b"theirs"


def test_a_free_name_is_found_beside_files_of_others(inside: Path, folders: AllowedFolders) -> None:
    file = inside / "take.wav"
    assert folders.unused(file) == file
    file.write_bytes(b"theirs")
    assert folders.unused(file) == inside / "take-2.wav"
    (inside / "take-2.wav").write_bytes(b"theirs")
    assert folders.unused(file) == inside / "take-3.wav"


def test_an_allowed_folder_must_exist(inside: Path) -> None:
    (inside / "file").write_bytes(b"x")
    for wrong in ("gone", "file"):
        with pytest.raises(PathError, match="must exist"):
            AllowedFolders([inside / wrong])


def test_default_folders_are_here_and_temporary(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inside)
    assert default_folders() == (inside, Path(tempfile.gettempdir()))


@pytest.mark.skipif(sys.platform == "win32", reason="tests the root of a POSIX file system")
def test_starting_at_the_root_does_not_allow_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert default_folders() == (Path(tempfile.gettempdir()),)
