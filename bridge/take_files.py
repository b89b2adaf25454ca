"""Writes the files of one take: all appear in their places at once, or none does. Knows no clients and no OSC."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from ..engine.audio import Audio
from ..engine.errors import PathError
from ..engine.files import write_audio
from .paths import AllowedFolders


class TakeFiles:
    """Files under hidden names beside their places, until they are put there together.

    Whoever makes one calls `discard` in the end, whatever happened.
    """

    def __init__(self, folders: AllowedFolders) -> None:
        self._folders = folders
        self._waiting: list[tuple[Path, Path]] = []  # hidden file, its place

    def write(self, place: Path, audio: Audio, sample_rate: int, *, subtype: str | None = None) -> int:
        """Write one file that is to be at `place`; how many samples were clipped. Errors are those of `write_audio`.

        Args:
            place: Its suffix decides the format.
            audio: (C, N) float32.
            sample_rate: In Hz.
            subtype: As in `write_audio`.

        Raises:
            PathError: The place may not be written.
        """
        place = self._folders.writable(str(place))
        hidden = place.with_name(f".vampbridge-{secrets.token_hex(8)}{place.suffix}")
        self._waiting.append((hidden, place))
        return write_audio(hidden, audio, sample_rate, subtype=subtype)

    def put_in_place(self, lineage: tuple[str, ...]) -> list[Path]:
        """Give every file its name, and return them in the order of writing. Earlier takes there are replaced.

        Args:
            lineage: The takes that the files come from, the last one being themselves.

        Raises:
            PathError: A place is not free any more, or refuses; every place is then as it was.
        """
        # Asked again, because seconds have passed: never overwrite what somebody put there meanwhile.
        places = [self._folders.writable(str(place)) for _, place in self._waiting]
        moves: list[tuple[Path, Path]] = []  # where a file was, where it is
        replaced: list[Path] = []
        try:
            for hidden, place in self._waiting:
                if place.exists():
                    replaced.append(hidden.with_suffix(".old"))
                    place.rename(replaced[-1])
                    moves.append((place, replaced[-1]))
                hidden.rename(place)
                moves.append((hidden, place))
        except OSError as error:
            for before, now in reversed(moves):
                with suppress(OSError):
                    now.rename(before)
            raise PathError(f"cannot write {str(place)!r}: {error.strerror or error}") from error
        self._waiting.clear()
        for path in replaced:
            with suppress(OSError):  # a player may hold it open
                path.unlink()
        for place in places:
            self._folders.record(place, lineage)
        return places

    def discard(self) -> None:
        """Delete what is still waiting; a file that cannot be deleted keeps no other one."""
        for hidden, _ in self._waiting:
            with suppress(OSError):
                hidden.unlink(missing_ok=True)
        self._waiting.clear()
