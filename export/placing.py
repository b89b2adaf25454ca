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
        overwrite: Whether a bundle that is there already is replaced. Anything else that is there never is.

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
        _put_in_place(partial, out)
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
        is_bundle = _is_zipped_bundle(out) if out.is_file() else (out / MANIFEST).exists()
    except OSError as error:
        raise PathError(f"cannot write {out}: {error.strerror or error}") from error
    if is_bundle and overwrite:
        return
    if is_bundle:
        raise PathError(f"there is a bundle at {out}: choose another name, or replace it with --force")
    what = "a folder with other things in it" if out.is_dir() else "a file"
    raise PathError(f"cannot write {out}: it is {what}, no bundle; choose another name")


def _is_zipped_bundle(path: Path) -> bool:
    if path.suffix != ZIP or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return MANIFEST in archive.namelist()


def _put_in_place(partial: Path, out: Path) -> None:
    if out.suffix == ZIP:
        packed = partial / out.name
        with zipfile.ZipFile(packed, "w") as archive:  # stored: weights do not get smaller
            for file in sorted(partial.iterdir()):
                if file != packed:
                    archive.write(file, file.name)
        packed.replace(out)
        return
    if not out.exists():
        partial.rename(out)
        return
    # A folder cannot be renamed over another one everywhere; the old one steps aside and comes back if need be.
    aside = partial.with_suffix(".old")
    out.rename(aside)
    try:
        partial.rename(out)
    except OSError:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
