"""Builds the package's files from the protocol table: `python -m vampbridge.max_patches.building.build [FOLDER]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..place import PACKAGE_FOLDER
from .patches import package_files


def write(folder: Path) -> None:
    """Write every built file below `folder`."""
    for name, content in package_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=PACKAGE_FOLDER)
    write(parser.parse_args().folder)
