"""The short words that `/vamp/error` carries and what each means, read from the classes of the errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Final

from ..engine import errors as of_engine
from ..engine.errors import DownloadError, VampbridgeError
from . import errors as of_bridge
from .errors import PortError
from .transfers import errors as of_transfers

# Raised where there is no client that could be told: before anybody is served, and by `vampbridge models`.
_UNTOLD: Final = (VampbridgeError, PortError, DownloadError)
# The looper refuses by a reason and no class: it knows of no errors that travel.
_LOOPER: Final = "The looper cannot do it just then; the reason says why."


def error_codes() -> dict[str, str]:
    """Code → what it means, in order of the alphabet."""
    modules = (of_engine, of_bridge, of_transfers)
    told = {kind.code: _meaning(kind) for module in modules for kind in _kinds(module) if kind not in _UNTOLD}
    return dict(sorted({**told, "looper": _LOOPER}.items()))


def _kinds(module: ModuleType) -> Iterator[type[VampbridgeError]]:
    for kind in vars(module).values():
        if inspect.isclass(kind) and issubclass(kind, VampbridgeError) and kind.__module__ == module.__name__:
            yield kind


def _meaning(kind: type[VampbridgeError]) -> str:
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())
