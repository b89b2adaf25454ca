"""Where the package lies, and where Max looks for packages. Needs nothing but Python."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from ..engine.errors import PathError

PACKAGE_NAME: Final = "Vampbridge"
PACKAGE_FOLDER: Final = Path(__file__).parent / "package"
MARK: Final = "package-info.json"
MAX_VERSIONS: Final = ("Max 9", "Max 8")


def packages_folder() -> Path:
    """The folder in which Max looks for packages; the newest Max's that this user has started.

    Max makes its folder in the documents when it is first started; `Packages` in it is made here where it is missing.

    Raises:
        PathError: There is none: no Max has been started by this user, or there is no Max for this system.
    """
    documents = documents_folder()
    for name in MAX_VERSIONS:
        folder = documents / name
        if folder.is_dir():
            try:
                (folder / "Packages").mkdir(exist_ok=True)
            except OSError as error:
                raise PathError(f"cannot make Packages in {str(folder)!r}: {error.strerror or error}") from error
            return folder / "Packages"
    looked = " or ".join(str(documents / name) for name in MAX_VERSIONS)
    raise PathError(
        f"there is no {looked}, where Max keeps its packages: start Max once, "
        "or name the folder of packages: `vampbridge max install FOLDER`"
    )


def documents_folder() -> Path:
    """The user's documents; on Windows where they were moved to (OneDrive does that)."""
    home = Path.home()
    moved = home / "OneDrive" / "Documents"
    if sys.platform == "win32" and "OneDrive" in os.environ and moved.is_dir():
        return moved
    return home / "Documents"


def install(folder: Path) -> Path:
    """Copy the package into a folder of packages, in place of an earlier copy of it.

    Args:
        folder: Holds the packages, such as `~/Documents/Max 9/Packages`; it must exist.

    Returns:
        Where the package lies now.

    Raises:
        PathError: The folder is missing or cannot be written, or something else is there under the package's name.
    """
    if not folder.is_dir():
        raise PathError(f"the folder of packages must exist, got {str(folder)!r}")
    target = folder / PACKAGE_NAME
    if target.exists() and not _is_ours(target):
        raise PathError(f"will not replace {str(target)!r}: it is no Vampbridge package")
    fresh = folder / f".{PACKAGE_NAME}.new"
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(PACKAGE_FOLDER, fresh)
        if target.exists():
            shutil.rmtree(target)
        fresh.rename(target)
    except OSError as error:
        raise PathError(f"cannot install into {str(folder)!r}: {error.strerror or error}") from error
    return target


def _is_ours(target: Path) -> bool:
    info = target / MARK
    return info.is_file() and f'"name": "{PACKAGE_NAME}"' in info.read_text(encoding="utf-8", errors="replace")
