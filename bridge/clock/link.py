"""Ableton Link: the only file that imports aalink, and only when Link is wanted. Optional: the extra `link`.

aalink is under the GNU GPL, version 3 or later. Whoever uses it here owes nothing; whoever passes Vampbridge on
together with it passes the whole on under the GPL. Vampbridge neither contains nor installs it unasked.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from types import ModuleType
from typing import Any

from ...engine.errors import MissingDependencyError
from ..errors import DeviceError
from .clock import Clock, LinkState

log = logging.getLogger(__name__)

POLL_S = 0.02


class LinkPort:
    """A member of the Link session of the local network, in a thread of its own.

    Tells the clock of the session, and the session what the clock was set to. Joins with the clock's tempo and beat; if
    others are there, theirs count.

    Args:
        clock: Whose source is, or is about to be, `link`.

    Raises:
        MissingDependencyError: aalink is not installed.
        DeviceError: Link does not start.
    """

    def __init__(self, clock: Clock) -> None:
        self._aalink = _load()
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._is_over = asyncio.Event()
        self._has_begun = threading.Event()
        self._failures: list[Exception] = []
        self._thread = threading.Thread(target=self._run, name="vampbridge-link")
        self._thread.start()
        self._has_begun.wait()
        if self._failures:
            self._thread.join()
            raise DeviceError(f"Ableton Link does not start: {self._failures[0]}") from self._failures[0]

    def close(self) -> None:
        """Leave the session, and join the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._follow())
        except Exception as error:  # whatever a network may do, the beat goes on
            self._failures.append(error)
            log.exception("Ableton Link failed; the beat goes on without it")
        finally:
            self._has_begun.set()
            self._loop.close()

    async def _follow(self) -> None:
        link = self._join()
        self._has_begun.set()
        try:
            while not self._is_over.is_set():
                self._exchange(link)
                await asyncio.sleep(POLL_S)
        finally:
            link.enabled = False

    def _join(self) -> Any:  # noqa: ANN401 - aalink has no types
        state = self._clock.state
        link = self._aalink.Link(state.controls.tempo_bpm)  # in the loop that runs
        link.quantum = float(state.controls.beats_per_bar)
        if state.grid is not None:
            link.request_beat(state.grid.beat_at(time.monotonic()))  # nobody is there yet: that is the beat
        link.enabled = True
        return link

    def _exchange(self, link: Any) -> None:  # noqa: ANN401 - aalink has no types
        before_s = time.monotonic()
        beat = link.beat
        time_s = (before_s + time.monotonic()) / 2
        wish = self._clock.feed_link(LinkState(time_s, beat, link.tempo, link.num_peers))
        if wish.tempo_bpm is not None:
            link.tempo = wish.tempo_bpm
        if link.quantum != wish.beats_per_bar:
            link.quantum = float(wish.beats_per_bar)


def _load() -> ModuleType:
    try:
        import aalink
    except ImportError as e:
        raise MissingDependencyError(
            "Ableton Link needs aalink, which is under the GPL: pip install 'vampbridge[link]'"
        ) from e
    module: ModuleType = aalink
    return module
