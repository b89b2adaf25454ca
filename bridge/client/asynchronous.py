"""The client for asyncio: the same verbs, awaited. One task reads; it ends with the client."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...engine.audio import Audio
from ...engine.files import AudioFile
from ...engine.settings import VampSettings
from ...engine.take import Mask
from ..live_protocol import CLOCK_SET, LOOPER_SET
from ..protocol import SET_PREFIX
from ..transfers.sender import Downloader
from .async_conversation import Conversation
from .errors import DisconnectedError
from .events import Done, Event, Hello, SlotState, Status, Version
from .operations import VAMP_TIMEOUT_S, OnProgress
from .slots import AsyncSlot
from .sounds import new_id, sound_of, upload_of


class AsyncVampbridgeClient(Conversation):
    """Talks with a server. Every call returns when the server has handled it, and raises what the server refused.

    To be opened as a context manager: `async with AsyncVampbridgeClient() as client`. Several tasks may use it at once;
    signs of life are given by itself.

    Args:
        host: Name or address of the server.
        port: Its port.
        transport: `udp`; or `tcp`, for other machines and for anything that must not get lost.
        timeout_s: How long an answer may take.
        token: The server's, for TCP from another machine.
    """

    # The server.

    async def send(self, address: str, *arguments: Any, replies: Sequence[str] = ()) -> list[Event]:  # noqa: ANN401
        """Send any message of the protocol, and wait until it is handled.

        Returns:
            What it was answered with at once, of the addresses in `replies`.
        """
        return await self.run(self.do.send_all([(address, *arguments)], *replies))

    async def ping(self) -> None:
        """Return when the server has answered."""
        await self.run(self.do.send_all([]))

    async def hello(self) -> Hello:
        """Who the server is, how many slots it has, and how long a lease lasts."""
        return await self.run(self.do.ask(Hello, "/vamp/hello"))

    async def version(self) -> Version:
        """Versions of the server."""
        return await self.run(self.do.ask(Version, "/vamp/version"))

    async def status(self) -> Status:
        """How the server is."""
        return await self.run(self.do.ask(Status, "/vamp/status"))

    # Vamping files.

    async def settings(self) -> VampSettings:
        """The settings of your next vamps."""
        return await self.run(self.do.settings())

    async def set(self, **values: object) -> None:
        """Change settings of your next vamps, named as in `VampSettings`. Those before a refused one are changed."""
        await self.change(SET_PREFIX, values)

    async def preset(self, name: str) -> None:
        """Replace your settings by those of a preset."""
        await self.send("/vamp/preset", name)

    async def mask(self, mask: Mask) -> None:
        """Draw a mask for your next vamp: (rows, columns) bool, True = vary; stretched over codebooks and loop."""
        await self.run(self.do.mask("/vamp/mask", mask))

    async def clear_mask(self) -> None:
        """Forget the drawn mask."""
        await self.send("/vamp/mask/clear")

    async def vamp_file(
        self,
        path_in: Path | str,
        path_out: Path | str,
        *,
        timeout_s: float = VAMP_TIMEOUT_S,
        on_progress: OnProgress | None = None,
    ) -> tuple[Done, ...]:
        """Vamp a file on the server's machine, and wait for it. A task that is cancelled meanwhile cancels the vamp.

        Args:
            path_in: The loop.
            path_out: Where the take is written; several get -1, -2 … before the suffix, and `Done.path` says so.
            timeout_s: How long it may take.
            on_progress: Called now and then.

        Returns:
            One for each variation.
        """
        return await self.run(self.do.vamp(path_in, path_out, timeout_s=timeout_s, on_progress=on_progress))

    # Vamping sounds that the server's machine does not have.

    async def upload(self, audio: Audio, sample_rate: int) -> str:
        """Bring a sound, (C, N) or (N,) float32, to the server. Returns its id there, for messages that take one."""
        half = await self.carry(upload_of(audio, sample_rate, is_stream=self.is_stream))
        return half.request_id

    async def drop_upload(self, upload_id: str) -> None:
        """Have the server forget an upload, which makes room for others."""
        await self.send("/vamp/upload/cancel", upload_id)

    async def download(self, source: str | int) -> AudioFile:
        """Fetch a take by its id, or what a slot plays by its number from 1."""
        return sound_of(await self.carry(Downloader(new_id(), source, is_stream=self.is_stream)))

    async def vamp_audio(
        self,
        audio: Audio,
        sample_rate: int,
        *,
        timeout_s: float = VAMP_TIMEOUT_S,
        on_progress: OnProgress | None = None,
    ) -> tuple[AudioFile, ...]:
        """Vamp a sound, (C, N) or (N,) float32, with your settings; one for each variation. No file is written."""
        upload_id = await self.upload(audio, sample_rate)
        try:
            takes = await self.run(self.do.vamp_upload(upload_id, timeout_s=timeout_s, on_progress=on_progress))
            return tuple([await self.download(take.take_id) for take in takes])
        finally:
            with contextlib.suppress(DisconnectedError):
                self.post("/vamp/upload/cancel", upload_id)

    # Playing live.

    def slot(self, number: int | None = None) -> AsyncSlot:
        """A slot of `vampbridge live`, from 1; None for all."""
        return AsyncSlot(self, "*" if number is None else str(number))

    async def set_looper(self, **values: object) -> None:
        """Change controls of the looper."""
        await self.change(LOOPER_SET, values)

    async def set_clock(self, **values: object) -> None:
        """Change controls of the clock."""
        await self.change(CLOCK_SET, values)

    async def subscribe(self, *, on: bool = True) -> None:
        """Be told what the slots do, or no more: see `events`."""
        await self.send("/vamp/subscribe", on)

    # For slots.

    async def change(self, prefix: str, values: Mapping[str, object]) -> None:
        """Set what lies below an address, one message each."""
        await self.run(self.do.change(prefix, values))

    async def state(self, address: str) -> SlotState:
        """Ask for the state of a slot by the address that tells it."""
        return await self.run(self.do.ask(SlotState, address))
