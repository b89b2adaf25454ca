"""What models in the library may be called, and what their folders are called. Strings only."""

from __future__ import annotations

import re

from .errors import SettingError

MAX_NAME = 80

# A folder inside a bundle's folder would be part of the bundle; so `vampnet/choir` lies beside it.
_SLASH = "--"
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_PART}(?:/{_PART})?")
_ZIP = ".zip"


def is_name(text: str) -> bool:
    """Whether this could be the name of a model: one part, or two with a slash between them."""
    if len(text) > MAX_NAME or _SLASH in text or text.lower().endswith(_ZIP):
        return False
    return _NAME.fullmatch(text) is not None


def check_name(name: str) -> str:
    """The name, if it may be one.

    Raises:
        SettingError: Says what names look like.
    """
    if not is_name(name):
        raise SettingError(
            f"a model's name must be letters, digits, '.', '_' and '-', or two such parts with a slash, at most "
            f"{MAX_NAME} long, without {_SLASH!r} or {_ZIP!r} at its end, got {name!r}"
        )
    return name


def folder_of(name: str) -> str:
    """Name of a model's folder.

    Raises:
        SettingError: As for `check_name`.
    """
    return check_name(name).replace("/", _SLASH)


def name_in(folder: str) -> str:
    """The way back; empty for what is no model's folder, such as a half-written one."""
    name = folder.replace(_SLASH, "/")
    return name if is_name(name) else ""
