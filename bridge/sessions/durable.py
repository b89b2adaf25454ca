"""Files that are there whole or not at all, also after a power cut. Bytes and folders only.

A file is durable once its bytes *and* its name are: the bytes by flushing the file, the name by flushing its folder.
All of this waits for the disk: only the session's own writer thread may call it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")
"""Names of files that are still being written, or that a power cut left behind."""


def sync_file(descriptor: int) -> None:
    """Wait until the bytes of an open file are on the disk.

    macOS keeps them in the drive's own cache unless told otherwise; file systems that cannot do better are asked in the
    ordinary way.

    Raises:
        OSError: The disk refuses.
    """
    if sys.platform == "darwin":
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Windows has no such call and needs none (NTFS logs names).

    Raises:
        OSError: The disk refuses.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def place_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under another name, flush it, rename it and flush the folder.

    Args:
        path: Replaced if it exists.
        write: Writes the content.

    Raises:
        OSError: The disk refuses; nothing is left behind.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            write(file)
            file.flush()
            sync_file(file.fileno())
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # what was wrong is being raised
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
