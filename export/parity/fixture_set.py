"""A fixture set on disk: its arrays, its case lists, its checkpoints and what its README says of each array."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import BundleError

Array = NDArray[Any]
CHECKPOINTS = "checkpoints"
_DAMAGE = (OSError, ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error)
_ROW = re.compile(r"^\|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|(.+)\|\s*$")
_HEAD = ("array", "---")
_HEADING = re.compile(r"^##\s+(\S+)\.npz\s*$")


@dataclass(frozen=True)
class FixtureSet:
    """Everything of a set but the weights.

    Attributes:
        folder: Where it lies.
        arrays: The arrays of every .npz file, by file name without suffix, by array name.
        cases: The contents of every .json file, by file name without suffix.
        notes: What the README says each array holds, by (file, array); empty without a README.
    """

    folder: Path
    arrays: dict[str, dict[str, Array]]
    cases: dict[str, Any]
    notes: dict[tuple[str, str], str]

    def checkpoint(self, name: str) -> Path:
        """Path of a weights file of the set, whether it is there or not."""
        return self.folder / CHECKPOINTS / f"{name}.pth"

    @property
    def checkpoints(self) -> list[Path]:
        """Every weights file, by name."""
        return sorted((self.folder / CHECKPOINTS).glob("*.pth"))


def read_fixture_set(folder: Path) -> FixtureSet:
    """Read a set.

    Raises:
        BundleError: No such folder, no arrays in it, or a file that cannot be read.
    """
    if not folder.is_dir():
        raise BundleError(f"there is no folder {folder}")
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise BundleError(f"{folder} holds no fixture set: there is no .npz file in it")
    return FixtureSet(
        folder=folder,
        arrays={path.stem: _read_arrays(path) for path in files},
        cases={path.stem: _read_cases(path) for path in sorted(folder.glob("*.json"))},
        notes=_read_notes(folder / "README.md"),
    )


def _read_arrays(path: Path) -> dict[str, Array]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    # A file that holds one array alone has no names (AttributeError, TypeError).
    except (*_DAMAGE, AttributeError, TypeError) as error:
        raise BundleError(f"cannot read {path}: {error}") from error


def _read_cases(path: Path) -> Any:  # noqa: ANN401  a JSON value
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"cannot read {path}: {error}") from error


def _read_notes(path: Path) -> dict[tuple[str, str], str]:
    """The last column of the README's tables `| array | shape | dtype | unit | content |`, under `## FILE.npz`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BundleError(f"cannot read {path}: {error}") from error
    notes: dict[tuple[str, str], str] = {}
    file = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = _HEADING.match(line)
            file = heading.group(1) if heading else ""
        elif file and (row := _ROW.match(line)) and (name := row.group(1).strip()) not in _HEAD:
            notes[file, name] = row.group(5).strip()
    return notes
