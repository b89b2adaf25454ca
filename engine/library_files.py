"""Files of the library of models: put in their places whole, and removed. What they hold is not looked at."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import PathError


def is_taken(place: Path) -> bool:
    """Whether anything lies there, whole or not, that a new bundle could not simply replace."""
    try:
        return place.is_symlink() or (any(place.iterdir()) if place.is_dir() else place.exists())
    except OSError:
        return True


def children(folder: Path) -> list[Path]:
    """What lies in a folder, by name; nothing where there is none or it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def names_for(files: Sequence[Path]) -> dict[str, Path]:
    """Names in one flat folder. Every training run calls its file last.pt, so those are named after their run.

    Raises:
        PathError: A file is missing, two would have one name, or there are none.
    """
    named: dict[str, Path] = {}
    for path in files:
        if not path.is_file():
            raise PathError(f"there is no checkpoint file {path}")
        name = f"{path.absolute().parent.name}{path.suffix}" if path.stem == "last" else path.name
        if name in named or name.startswith("."):
            raise PathError(f"two checkpoints would have the name {name}: {named.get(name, path)} and {path}")
        named[name] = path
    if not named:
        raise PathError("no checkpoint files to add")
    return named


def put_in_place(place: Path, write: Callable[[Path], None]) -> None:
    """Write beside `place` first and rename, so that it is there whole or not at all.

    Raises:
        PathError: The disk refuses.
    """
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.partial")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        if place.is_dir() and not is_taken(place):
            place.rmdir()  # an empty folder, which not every system renames over
        part.rename(place)
    except OSError as error:
        raise PathError(f"cannot write {place}: {error.strerror or error}") from error
    finally:
        delete(part)


def delete(place: Path) -> None:
    """Remove a file, a folder with all in it, or a link and never what it points to; nothing there is fine too.

    Raises:
        PathError: The disk refuses.
    """
    try:
        if place.is_symlink() or place.is_file():
            place.unlink()
        elif place.exists():
            shutil.rmtree(place)
    except OSError as error:
        raise PathError(f"cannot remove {place}: {error.strerror or error}") from error
