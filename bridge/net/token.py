"""The word that lets another machine in over TCP: from a file, or drawn. Never logged."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from ...engine.errors import SettingError

MIN_CHARACTERS, MAX_CHARACTERS = 16, 256
_DRAWN_BYTES = 16  # 128 bits: nobody guesses them, at 64 connections every 5 s or at any rate


def draw_token() -> str:
    """A new one, 22 characters."""
    return secrets.token_urlsafe(_DRAWN_BYTES)


def read_token(path: Path) -> str:
    """What a file holds, without the spaces and line ends round it.

    Raises:
        SettingError: It cannot be read, or is no token.
    """
    try:
        with path.open("rb") as file:
            text = file.read(4 * MAX_CHARACTERS).decode("ascii").strip()
    except OSError as error:
        raise SettingError(f"cannot read the token from {str(path)!r}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"a token is ASCII, {str(path)!r} holds something else") from error
    if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS or not text.isprintable() or " " in text:
        raise SettingError(
            f"a token is a line of {MIN_CHARACTERS} to {MAX_CHARACTERS} characters without spaces, "
            f"{str(path)!r} holds {len(text)}"
        )
    return text


def is_same(given: str, token: str) -> bool:
    """Whether they are the same, found out in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())
