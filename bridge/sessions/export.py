"""Layers and takes out of a session, as files that any program opens, each with its lineage beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...engine.errors import PathError, SettingError
from ...engine.files import write_audio
from ..errors import SessionError
from .durable import place_file
from .plain import plain
from .records import LayerRecord, Record, record_to_entry
from .store import SessionIndex
from .tree import TakeTree

FORMATS: dict[str, str] = {"wav": "FLOAT", "flac": "PCM_24"}
"""Suffix → how samples are written: as they are, or 24 bits where the format has no floats."""


@dataclass(frozen=True)
class Exported:
    """One file.

    Attributes:
        key: What it holds.
        audio, lineage: The two files.
        n_clipped: Samples beyond full scale that the format could not hold.
    """

    key: str
    audio: Path
    lineage: Path
    n_clipped: int


def chosen_keys(session: SessionIndex, keys: Sequence[str], *, layers: bool) -> list[str]:
    """What is meant: the keys, or all takes if there are none, and all layers if wanted.

    Raises:
        SessionError: A key that is not there, or nothing to export.
    """
    contents = session.contents
    found = []
    for key in keys:
        record = contents.get(key)
        if record is None:
            there = ", ".join(list(contents.records)[-8:]) or "nothing"
            raise SessionError(f"there is no layer or take {key!r} in {session.folder}; the newest are: {there}")
        found.append(record.key)
    if not keys:
        found = [take.key for take in contents.takes]
    if layers:
        found += [layer.key for layer in contents.layers]
    if not found and contents.layers:
        raise SessionError(f"{session.folder} has no takes; --layers exports what was played in")
    if not found:
        raise SessionError(f"{session.folder} has nothing to export: nothing was played in it")
    return list(dict.fromkeys(found))


def export(
    session: SessionIndex, keys: Sequence[str], folder: Path, *, suffix: str = "wav", force: bool = False
) -> tuple[list[Exported], list[str]]:
    """Write sounds and lineages into a folder, which is made if its parent is there.

    Args:
        session: To read from.
        keys: Of layers and takes that are there.
        folder: To write to.
        suffix: One of FORMATS; in wav files the samples are those of the session, to the bit.
        force: Replace files that are there.

    Returns:
        What was written, and in full sentences what could not be, because its sound is lost.

    Raises:
        SettingError: Another suffix.
        PathError: A file is there already (nothing is written then), or the disk refuses.
        SessionError: Not one of the sounds could be read.
    """
    if suffix not in FORMATS:
        raise SettingError(f"format must be one of {', '.join(FORMATS)}, got {suffix!r}")
    targets = {key: folder / f"{_stem(session.contents.records[key])}.{suffix}" for key in keys}
    if not force:
        _check_free([path for target in targets.values() for path in (target, target.with_suffix(".json"))])
    _make(folder)
    tree, written, missing = session.tree(), list[Exported](), list[str]()
    for key, target in targets.items():
        try:
            audio = session.read(key)
        except SessionError as error:
            missing.append(str(error))
            continue
        facts = tree.records[key].audio
        n_clipped = write_audio(target, audio, facts.sample_rate if facts else 0, subtype=FORMATS[suffix])
        told = json.dumps(lineage(tree, key), indent=1, ensure_ascii=False).encode()
        _write(target.with_suffix(".json"), told)
        written.append(Exported(key, target, target.with_suffix(".json"), n_clipped))
    if not written:
        raise SessionError(missing[0])
    return written, missing


def lineage(tree: TakeTree, key: str) -> dict[str, Any]:
    """What something is and all it came from, oldest first, as plain values.

    Raises:
        KeyError: There is no such record.
    """
    return {"key": key, "lineage": [facts_of(tree, ancestor) for ancestor in tree.lineage(key)]}


def facts_of(tree: TakeTree, key: str) -> dict[str, Any]:
    """Everything that is known of a layer or take, as plain values.

    Raises:
        KeyError: There is no such record.
    """
    return {"key": key, "parent": tree.parent(key), **plain(record_to_entry(tree.records[key]))}


def _stem(record: Record) -> str:
    name = record.key.replace(".", "-")
    return f"layer-{name[1:]}" if isinstance(record, LayerRecord) else f"take-{name}"


def _check_free(paths: Sequence[Path]) -> None:
    taken = [path for path in paths if path.exists()]
    if taken:
        raise PathError(f"{taken[0]} is there already: choose another folder, or replace it with --force")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise PathError(f"cannot make the folder {folder}: {error.strerror or error}") from error


def _write(path: Path, data: bytes) -> None:
    try:
        place_file(path, lambda file: file.write(data))
    except OSError as error:
        raise PathError(f"cannot write {path}: {error.strerror or error}") from error
