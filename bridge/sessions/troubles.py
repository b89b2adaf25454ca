"""What the owner of a session is told: each trouble once when it begins and once when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trouble:
    """Something the user should know.

    Attributes:
        code: `disk-low`, `disk-full`, `disk-error` or `disk-slow`.
        text: A full sentence that says what to do.
        is_over: It is well again.
    """

    code: str
    text: str
    is_over: bool = False


class Troubles:
    """Remembers what was told.

    Args:
        tell: Called by whoever calls here; what it raises is logged and goes no further.
    """

    def __init__(self, tell: Callable[[Trouble], None]) -> None:
        self._tell = tell
        self._told: dict[str, str] = {}  # topic → code

    def begin(self, topic: str, code: str, text: str) -> None:
        """There is trouble of a kind; told unless it was, since it last ended."""
        if self._told.get(topic) != code:
            self._told[topic] = code
            self._say(Trouble(code, text))

    def end(self, topic: str, text: str) -> None:
        """It is over; told if it had been told."""
        code = self._told.pop(topic, None)
        if code is not None:
            self._say(Trouble(code, text, is_over=True))

    def _say(self, trouble: Trouble) -> None:
        try:
            self._tell(trouble)
        except Exception:  # the owner's bug must not end the writing
            log.exception("could not tell: %s", trouble.text)
