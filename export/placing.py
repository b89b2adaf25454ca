"""Puts a new bundle in its place whole or not at all: it is written beside it and then renamed."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..engine.bundle import MANIFEST
from ..engine.errors import PathError

ZIP = ".zip"


@contextmanager
def new_bundle(out: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A folder to write a bundle's files into; it becomes `out` when the block ends well and is gone when it does not.

    Args:
        out: Folder of the bundle, or a path ending in .zip for one file. Folders above it are made.
        overwrite: Whether a bundle that is there already is replaced. Anything else that is there never is, neither
            what is there now nor what appears while the block runs.

    Raises:
        PathError: Something is at `out`, or it cannot be written.
    """
    out = out.resolve()
    check_free(out, overwrite=overwrite)
    partial = out.with_name(f".{out.name}.{secrets.token_hex(4)}.partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
    except OSError as error:
        raise PathError(f"cannot write {out}: {error.strerror or error}") from error
    try:
        yield partial
        ready = _packed(partial, out.name) if out.suffix == ZIP else partial
        # Asked again: an export takes minutes, and somebody may have put something there meanwhile.
        check_free(out, overwrite=overwrite)
        _put_in_place(ready, out)
    except OSError as error:
        raise PathError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_free(out: Path, *, overwrite: bool) -> None:
    """Refuse a place that is taken, before any work is done.

    Raises:
        PathError: As for `new_bundle`.
    """
    try:
        if not out.exists() or (out.is_dir() and not any(out.iterdir())):
            return
        is_bundle = is_bundle_at(out)
    except OSError as error:
        raise PathError(f"cannot write {out}: {error.strerror or error}") from error
    if is_bundle and overwrite:
        return
    if is_bundle:
        raise PathError(f"there is a bundle at {out}: choose another name, or replace it with --force")
    what = "a folder with other things in it" if out.is_dir() else "a file"
    raise PathError(f"cannot write {out}: it is {what}, no bundle; choose another name")


def is_bundle_at(path: Path) -> bool:
    """Whether a bundle lies there, as far as it has a manifest.

    Raises:
        OSError: The disk refuses to say.
    """
    if not path.is_file():
        return (path / MANIFEST).exists()
    try:
        with zipfile.ZipFile(path) as archive:
            return path.suffix == ZIP and MANIFEST in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _packed(folder: Path, name: str) -> Path:
    """The files of a folder as one file inside it."""
    packed = folder / name
    with zipfile.ZipFile(packed, "w") as archive:  # stored: weights do not get smaller
        for file in sorted(folder.iterdir()):
            if file != packed:
                archive.write(file, file.name)
    return packed


def _put_in_place(ready: Path, out: Path) -> None:
    if ready.is_file():
        ready.replace(out)
        return
    if not out.exists():
        ready.rename(out)
        return
    # A folder cannot be renamed over another one everywhere; the old one steps aside and comes back if need be.
    aside = ready.with_suffix(".old")
    out.rename(aside)
    try:
        ready.rename(out)
    except OSError:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
