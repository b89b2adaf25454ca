"""Which files the server may read, write and delete. Paths only; no audio here."""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from ..engine.errors import PathError

_Signature = tuple[int, int, int, int]


def default_folders() -> tuple[Path, ...]:
    """The current folder and the system's folder for temporary files.

    The root of a file system, where programs started from a desktop often stand, would allow everything: left out.
    """
    here = Path.cwd()
    temporary = Path(tempfile.gettempdir())
    return (temporary,) if here.parent == here else (here, temporary)


def variation_paths(path: Path, n_variations: int) -> list[Path]:
    """`path` for one variation; for more with -1, -2 … before the suffix."""
    if n_variations == 1:
        return [path]
    return [path.with_stem(f"{path.stem}-{number}") for number in range(1, n_variations + 1)]


class AllowedFolders:
    """The folders named by the user, and which files below them this server wrote.

    A file counts as ours while device, inode, size and modification time are those we left; a file that somebody else
    put in its place does not. Safe to use from several threads.

    Args:
        folders: Existing folders; symbolic links are resolved once, here.

    Raises:
        PathError: One is not a folder.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        for folder in folders:
            if not folder.is_dir():
                raise PathError(f"an allowed folder must exist, got {str(folder)!r}")
        self.folders = tuple(dict.fromkeys(Path(os.path.realpath(folder)) for folder in folders))
        self._written: dict[Path, tuple[_Signature, tuple[str, ...]]] = {}
        self._lock = threading.Lock()

    def resolve(self, text: str) -> Path:
        """The absolute path that `text` leads to, links resolved; it need not exist.

        Raises:
            PathError: Empty, with a NUL character, or outside the folders.
        """
        if not text or "\0" in text:
            raise PathError(f"a path must not be empty or hold a NUL character, got {text!r}")
        try:
            path = Path(os.path.realpath(text))
        except (OSError, ValueError) as error:
            raise PathError(f"cannot use the path {text!r}: {error}") from error
        if not any(folder in path.parents for folder in self.folders):
            allowed = ", ".join(map(str, self.folders))
            if path in self.folders:
                raise PathError(f"{text!r} is an allowed folder itself, not a file below it")
            hint = "" if Path(text).is_absolute() else " It is relative to the server's folder: send an absolute path."
            raise PathError(f"{text!r} is outside the allowed folders: {allowed}. --allow adds another one.{hint}")
        return path

    def readable(self, text: str) -> Path:
        """The resolved path of an existing regular file.

        Raises:
            PathError: Outside the folders, missing, not readable, or not a regular file.
        """
        path = self.resolve(text)
        self._check_regular(path, text)
        if not os.access(path, os.R_OK):
            raise PathError(f"cannot read {text!r}: no permission")
        return path

    def writable(self, text: str) -> Path:
        """The resolved path of a file that may be written: new, or written by this server and not changed since.

        Raises:
            PathError: Outside the folders, in a missing folder, not a regular file, or a file that is not ours.
        """
        path = self.resolve(text)
        if not path.parent.is_dir():
            raise PathError(f"cannot write {text!r}: the folder {str(path.parent)!r} does not exist")
        try:
            path.lstat()
        except FileNotFoundError:
            if not os.access(path.parent, os.W_OK):
                raise PathError(f"cannot write {text!r}: no permission in {str(path.parent)!r}") from None
            return path
        except OSError as error:  # a name that is too long, for one
            raise PathError(f"cannot write {text!r}: {error.strerror}") from error
        self._check_regular(path, text)
        if not self.owns(path):
            raise PathError(f"will not overwrite {text!r}: this server did not write it; choose another name")
        return path

    def delete(self, text: str) -> Path:
        """Delete a file that this server wrote, and return its path.

        Raises:
            PathError: Any other file.
        """
        path = self.resolve(text)
        self._check_regular(path, text)
        if not self.owns(path):
            raise PathError(f"will not delete {text!r}: it is not a result of this server")
        try:
            path.unlink()
        except OSError as error:
            raise PathError(f"cannot delete {text!r}: {error.strerror}") from error
        with self._lock:
            self._written.pop(path, None)
        return path

    def record(self, path: Path, lineage: tuple[str, ...] = ()) -> None:
        """Remember that this server has just written `path`, and the takes it comes from, oldest first."""
        with self._lock:
            self._written[path] = (_signature(path), lineage)

    def owns(self, path: Path) -> bool:
        """Whether this server wrote the file at a resolved path, and nobody has changed it since."""
        return self._entry(path) is not None

    def lineage(self, path: Path) -> tuple[str, ...]:
        """The takes that a file of ours comes from, oldest first; empty for any other file."""
        entry = self._entry(path)
        return entry[1] if entry else ()

    def unused(self, path: Path) -> Path:
        """`path`, or with -2, -3 … before the suffix the first name that is free or ours."""
        candidate, number = path, 1
        while os.path.lexists(candidate) and not self.owns(candidate):
            number += 1
            candidate = path.with_stem(f"{path.stem}-{number}")
        return candidate

    def _entry(self, path: Path) -> tuple[_Signature, tuple[str, ...]] | None:
        with self._lock:
            entry = self._written.get(path)
        try:
            return entry if entry and entry[0] == _signature(path) else None
        except OSError:  # deleted meanwhile
            return None

    def _check_regular(self, path: Path, text: str) -> None:
        try:
            mode = path.stat().st_mode
        except OSError as error:
            hint = "" if Path(text).is_absolute() else f"; send an absolute path, here it would be {path}"
            raise PathError(f"cannot use {text!r}: {error.strerror}{hint}") from error
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a special file"
            raise PathError(f"{text!r} must be a regular file, got {kind}")


def _signature(path: Path) -> _Signature:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
