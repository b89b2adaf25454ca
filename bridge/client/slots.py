"""Slots of a server that plays loops, for both clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..live_protocol import SLOTS
from .operations import absolute

if TYPE_CHECKING:
    from pathlib import Path

    from .asynchronous import AsyncVampbridgeClient
    from .events import SlotState
    from .synchronous import VampbridgeClient


class Slot:
    """One slot, or all, of a server that plays loops: `client.slot(1).press("record")`."""

    def __init__(self, client: VampbridgeClient, number: str) -> None:
        self._client = client
        self._prefix = f"{SLOTS}{number}/"

    def press(self, verb: str) -> None:
        """A verb of `vampbridge.bridge.looper.verbs.VERBS`. What the looper itself refuses comes as an event."""
        self._client.send(self._prefix + verb)

    def set(self, **values: object) -> None:
        """Change controls of the slot."""
        self._client.change(self._prefix + "set/", values)

    def set_vamp(self, **values: object) -> None:
        """Change settings of the slot's next variations."""
        self._client.change(self._prefix + "vamp/set/", values)

    def preset(self, name: str) -> None:
        """Replace the settings of the slot's variations by those of a preset."""
        self._client.send(self._prefix + "preset", name)

    def recall(self, take_id: str) -> None:
        """Play a take of this session again, from the next seam on."""
        self._client.send(self._prefix + "recall", take_id)

    def load(self, path: Path | str) -> None:
        """Play an audio file of the server's machine from the next seam on. Then comes a `Loaded`, or a `Refused`."""
        self._client.send(self._prefix + "load", absolute(path))

    def save(self, path: Path | str, take_id: str = "") -> None:
        """Write what plays, or another take, to a .wav file of the server's machine. Then a `Saved`, or a `Refused`."""
        self._client.send(self._prefix + "save", absolute(path), take_id)

    def state(self) -> SlotState:
        """What the slot does; of a single one."""
        return self._client.state(self._prefix + "state")


class AsyncSlot:
    """One slot, or all, of a server that plays loops: `await client.slot(1).press("record")`."""

    def __init__(self, client: AsyncVampbridgeClient, number: str) -> None:
        self._client = client
        self._prefix = f"{SLOTS}{number}/"

    async def press(self, verb: str) -> None:
        """A verb of `vampbridge.bridge.looper.verbs.VERBS`. What the looper itself refuses comes as an event."""
        await self._client.send(self._prefix + verb)

    async def set(self, **values: object) -> None:
        """Change controls of the slot."""
        await self._client.change(self._prefix + "set/", values)

    async def set_vamp(self, **values: object) -> None:
        """Change settings of the slot's next variations."""
        await self._client.change(self._prefix + "vamp/set/", values)

    async def preset(self, name: str) -> None:
        """Replace the settings of the slot's variations by those of a preset."""
        await self._client.send(self._prefix + "preset", name)

    async def recall(self, take_id: str) -> None:
        """Play a take of this session again, from the next seam on."""
        await self._client.send(self._prefix + "recall", take_id)

    async def load(self, path: Path | str) -> None:
        """Play an audio file of the server's machine from the next seam on. Then comes a `Loaded`, or a `Refused`."""
        await self._client.send(self._prefix + "load", absolute(path))

    async def save(self, path: Path | str, take_id: str = "") -> None:
        """Write what plays, or another take, to a .wav file of the server's machine. Then a `Saved`, or a `Refused`."""
        await self._client.send(self._prefix + "save", absolute(path), take_id)

    async def state(self) -> SlotState:
        """What the slot does; of a single one."""
        return await self._client.state(self._prefix + "state")
