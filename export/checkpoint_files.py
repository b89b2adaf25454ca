"""Which files in a folder are checkpoints, by their names. What is in them is found out in `sources`."""

from __future__ import annotations

from pathlib import Path

from ..engine.library import CHECKPOINT_SUFFIXES
from ..engine.training import CHECKPOINT


def checkpoint_files(folder: Path) -> list[Path]:
    """The files of a folder that are named like checkpoints, in the order of their names; none of a missing folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in CHECKPOINT_SUFFIXES and path.is_file())


def checkpoints_in(folder: Path) -> list[Path]:
    """What a folder offers: the checkpoint of its own run alone, or else its files and the runs one level below."""
    if (folder / CHECKPOINT).is_file():
        return [folder / CHECKPOINT]
    return checkpoint_files(folder) + sorted(path for path in folder.glob(f"*/{CHECKPOINT}") if path.is_file())
