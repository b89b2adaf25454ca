"""The family `checkpoints`: every weights file of the set is read as what it is, or refused for what it is."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ...engine.checkpoints.archives import read_archive
from ...engine.checkpoints.published import identify
from ...engine.errors import BundleError
from .book import Page, Target
from .fixture_set import FixtureSet
from .guard import guarded


def check_checkpoints(page: Page, fixtures: FixtureSet) -> None:
    """Weights are read, archives with code in them are refused; what holds no weights is left out."""
    for path in fixtures.checkpoints:
        with guarded(page, [Target("read", "torch", path.name)]):
            _check_file(page, path)


def _check_file(page: Page, path: Path) -> None:
    try:
        kind, reason = identify(read_archive(path)), ""
    except BundleError as error:
        kind, reason = None, str(error)
    if _holds_code(path):
        target = Target("refused: code inside", "torch", path.name)
        refused = kind is None and "torch.package" in reason
        page.hold(target, true=refused, otherwise=reason or f"it was read as {kind}")
    elif path.stem.endswith("_metadata"):
        page.skip(path.name, "the log of a training run; it holds no weights")
    else:
        page.hold(Target(f"read: {kind}", "torch", path.name), true=kind is not None, otherwise=reason)


def _holds_code(path: Path) -> bool:
    """Whether a file is an archive of torch.package: its members lie beside a folder `.data`, and some are Python."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
    return any("/.data/" in f"/{name}" and name.endswith("extern_modules") for name in names)
