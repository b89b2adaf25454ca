"""Names and texts that more than one patch uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SERVER_PORT: Final = 8001
FIRST_REPLY_PORT: Final = 8003  # where `vampbridge serve` answers unless it is told otherwise
HEIGHT: Final = 169  # of every part, px: what Live gives a device
LINK_WIDTH: Final = 156
SLOT_WIDTH: Final = 776

LOADED_MS: Final = 1500  # after a patch or set was opened: stored values are surely restored by then

SELF_TEST: Final = "/vampbridge-self"  # from a patch to itself; never sent to the server

START_SERVER: Final = "No server (port 8001): run vampbridge serve --allow FOLDER"


@dataclass(frozen=True)
class Home:
    """Where a patch lives, which decides how its names are made unique.

    Attributes:
        prefix: Put before names of buffers; Max replaces it by something that no other copy has.
        slot: The slot's number, which is the id of its requests.
        is_device: In Ableton Live.
    """

    prefix: str
    slot: str
    is_device: bool

    def unique(self, name: str) -> str:
        """A name that no other copy of the patch uses."""
        return f"{self.prefix}-{name}" if self.prefix == "#0" else f"{self.prefix}{name}"


IN_MAX: Final = Home("#0", "#1", is_device=False)
IN_LIVE: Final = Home("---", "1", is_device=True)
