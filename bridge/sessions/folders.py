"""Where sessions lie, and which there are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import platformdirs

from ..errors import SessionError
from .locking import is_locked
from .recover import is_session
from .store import SessionIndex, read_session

DATA_VARIABLE = "VAMPBRIDGE_DATA"
LATEST = "latest"
LIVE, COMPLETE, RECOVERED, INTERRUPTED = "live", "complete", "recovered", "interrupted"
"""States: somebody adds to it · ended in an orderly way · did so after it was put right · ended by a power cut."""


def sessions_folder() -> Path:
    """Where sessions are kept: below VAMPBRIDGE_DATA, read at every call, or the platform's folder for data."""
    given = os.environ.get(DATA_VARIABLE, "").strip()
    data = Path(given).expanduser() if given else platformdirs.user_data_path("vampbridge", appauthor=False)
    return (data / "sessions").absolute()


def new_session_folder(root: Path) -> Path:
    """A name for a session that begins now, in local time; it is not there yet."""
    stem = f"{datetime.now().astimezone():%Y-%m-%d_%H-%M-%S}"
    path, number = root / stem, 1
    while path.exists():
        number += 1
        path = root / f"{stem}_{number}"
    return path


def session_folders(root: Path) -> list[Path]:
    """The sessions in a folder, oldest name first; none if it does not exist."""
    try:
        return sorted(path for path in root.iterdir() if path.is_dir() and is_session(path))
    except OSError:
        return []


def find_session(name_or_path: str, root: Path) -> Path:
    """The folder of a session that a user means: its name below `root`, `latest`, or any path.

    `latest` is the one that was begun last of those in which something was played.

    Raises:
        SessionError: There is none; says which there are.
    """
    there = session_folders(root)
    if name_or_path == LATEST and there:
        return _latest(there, root)
    for path in (root / name_or_path, Path(name_or_path).expanduser()):
        if name_or_path not in ("", LATEST) and is_session(path):
            return path
    if not there:
        raise SessionError(f"there are no sessions yet in {root}, and {name_or_path!r} is not the path of one")
    names = ", ".join(path.name for path in there[-5:])
    raise SessionError(f"there is no session {name_or_path!r} in {root} and none at that path; the newest are: {names}")


def session_to_keep(name_or_path: str, root: Path) -> Path:
    """The folder in which a user wants a set to be kept: `latest`, a name below `root`, or any path, new or old.

    Raises:
        SessionError: No name at all, or `latest` where there is none.
    """
    if not name_or_path.strip():
        raise SessionError(f"session must be a name, `{LATEST}` or a folder, got {name_or_path!r}")
    if name_or_path == LATEST or is_session(root / name_or_path):
        return find_session(name_or_path, root)
    return Path(name_or_path).expanduser()


@dataclass(frozen=True)
class Overview:
    """A line of the list of sessions.

    Attributes:
        begun_s, ended_s: First and last entry, in s since 1970; 0 if there is none.
        n_slots: Slots that something was played or made in.
        n_bytes: Of all files.
        state: LIVE, COMPLETE, RECOVERED or INTERRUPTED.
        problems: In full sentences.
    """

    name: str
    begun_s: float
    ended_s: float
    n_slots: int
    n_layers: int
    n_takes: int
    n_bytes: int
    state: str
    problems: tuple[str, ...]


def overview(folder: Path) -> Overview:
    """The line of one session.

    Raises:
        SessionError: It cannot be read.
    """
    was_locked = is_locked(folder)  # before it is read: one that ends meanwhile is not taken for interrupted
    session = read_session(folder)
    contents = session.contents
    return Overview(
        name=folder.name,
        begun_s=contents.first_s,
        ended_s=contents.last_s,
        n_slots=len({record.slot for record in contents.records.values() if record.slot >= 0}),
        n_layers=len(contents.layers),
        n_takes=len(contents.takes),
        n_bytes=_bytes_in(folder),
        state=_state(session, was_locked=was_locked),
        problems=() if was_locked else tuple(session.recovery.sentences()),
    )


def _state(session: SessionIndex, *, was_locked: bool) -> str:
    if was_locked:
        return LIVE
    if not session.recovery.was_closed:
        return INTERRUPTED
    is_mended = bool(session.recovery.sentences()) or any("recovery" in note.details for note in session.contents.notes)
    return RECOVERED if is_mended else COMPLETE


def _latest(there: list[Path], root: Path) -> Path:
    begun_s = {folder: played_s for folder in there if (played_s := _played_s(folder)) is not None}
    if not begun_s:
        raise SessionError(f"nothing was played in any session in {root}")
    return max(begun_s, key=lambda folder: begun_s[folder])


def _played_s(folder: Path) -> float | None:
    """When a session was begun, in s since 1970; None if it holds no sound, 0 if it cannot be read."""
    try:
        contents = read_session(folder).contents
    except SessionError:
        return 0.0
    return contents.first_s if contents.records else None


def _bytes_in(folder: Path) -> int:
    return sum(_bytes_of(path) for path in folder.rglob("*"))


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # deleted while we look
        return 0
