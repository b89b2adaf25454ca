"""What is known of checkpoint files in the library: where they came from, under which licence, and their SHA-256.

It lies beside them as `source.json`, written before the first of them, so that a half-fetched set is known as one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from .errors import PathError

RECORD = "source.json"
FileState = Literal["whole", "unchecked", "missing", "damaged"]


@dataclass(frozen=True)
class KnownFile:
    """Size in bytes and SHA-256 (hexadecimal) that a file must have."""

    size: int
    sha256: str


@dataclass(frozen=True)
class WeightsRecord:
    """Where a set of checkpoints came from.

    Attributes:
        origin: An address, or the path that they were added from.
        licence: Of the weights.
        revision: Version at the origin; empty where there is none.
        files: By file name, of every file that belongs to the set.
        base: Files of the model this one is a fine-tune of, that are needed too.
    """

    origin: str
    licence: str
    revision: str = ""
    files: dict[str, KnownFile] = field(default_factory=dict)
    base: tuple[str, ...] = ()

    def states(self, folder: Path, *, check_hashes: bool) -> dict[str, FileState]:
        """How every file is: without its hash checked, one of the right size is "unchecked"."""
        return {name: _state(folder / name, known, check_hashes) for name, known in self.files.items()}


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def read_record(folder: Path) -> WeightsRecord | None:
    """The record in a folder of checkpoints; None if there is none, or one that cannot be understood."""
    try:
        values = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _parse(values)


def write_record(folder: Path, record: WeightsRecord) -> None:
    """Put a record into a folder, which is made if need be; whole or not at all.

    Raises:
        PathError: The disk or the permissions refuse.
    """
    part = folder / f".{RECORD}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
        part.replace(folder / RECORD)
    except OSError as error:
        raise PathError(f"cannot write {folder / RECORD}: {error.strerror or error}") from error


def _state(path: Path, known: KnownFile, check_hash: bool) -> FileState:  # noqa: FBT001 - private, and named above
    try:
        if not path.is_file():
            return "missing"
        if path.stat().st_size != known.size:
            return "damaged"
        if not check_hash:
            return "unchecked"
        return "whole" if sha256_of(path) == known.sha256 else "damaged"
    except OSError:
        return "damaged"


def _parse(values: object) -> WeightsRecord | None:
    if not isinstance(values, dict):
        return None
    words = [values.get(name) for name in ("origin", "licence", "revision")]
    files, base = _parse_files(values.get("files")), values.get("base")
    if files is None or not isinstance(base, list) or not all(isinstance(item, str) for item in (*words, *base)):
        return None
    origin, licence, revision = (str(word) for word in words)
    return WeightsRecord(origin, licence, revision, files, tuple(base))


def _parse_files(values: object) -> dict[str, KnownFile] | None:
    """Names that stay in the folder, with sizes and hashes; None for anything else."""
    if not isinstance(values, dict):
        return None
    files = {}
    for name, known in values.items():
        if not _is_plain_name(name) or not _is_known_file(known):
            return None
        files[name] = KnownFile(known["size"], known["sha256"])
    return files


def _is_plain_name(name: str) -> bool:
    return bool(name) and not name.startswith(".") and not any(character in name for character in "/\\:")


def _is_known_file(known: object) -> bool:
    if not isinstance(known, Mapping):
        return False
    values: Mapping[str, Any] = known
    return isinstance(values.get("size"), int) and isinstance(values.get("sha256"), str)
