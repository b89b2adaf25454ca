"""Compares a wheel with the tree it was built from: every file is in it, and nothing else.

Usage: python .ci/check_wheel.py WHEEL TREE
"""

import sys
import zipfile
from pathlib import Path

FOLDERS = ("engine", "bridge", "export", "max_patches")


def main(wheel: str, tree: str) -> None:
    """Exits with the differences, or prints how much the wheel holds."""
    root = Path(tree)
    expected = {
        f"vampbridge/{path.relative_to(root).as_posix()}"
        for folder in FOLDERS
        for path in (root / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    if expected != held:
        sys.exit(f"missing from the wheel: {sorted(expected - held)}\nonly in the wheel: {sorted(held - expected)}")
    print(f"{Path(wheel).name}: {len(held)} files, {Path(wheel).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
