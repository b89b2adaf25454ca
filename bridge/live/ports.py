"""What the stage needs of others. The real ones have it, and so do the fakes of the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ...engine.take import Audio, Mask, OnPlan, OnProgress, Take, VampRequest
from ..audio.reports import AudioCounters, AudioEvent, AudioInfo
from ..engine_port import Info, Pending
from ..looper.messages import Command, Event, LayerClosed


class AudioPort(Protocol):
    """A looper that sounds, see `audio.client.AudioClient`."""

    @property
    def info(self) -> AudioInfo:
        """The device."""
        ...

    @property
    def counters(self) -> AudioCounters:
        """What was counted."""
        ...

    def on_event(self, callback: Callable[[AudioEvent], None]) -> None:
        """Call with every event from now on."""
        ...

    def send(self, command: Command) -> None:
        """Have the looper do something."""
        ...

    def read_layer(self, layer_id: int) -> Audio:
        """A layer, (C, N). Raises KeyError if it is forgotten."""
        ...


class VampEngine(Protocol):
    """Makes takes in time, see `vampbridge.engine.process.EngineClient`."""

    @property
    def info(self) -> Info:
        """The present state."""
        ...

    def submit(
        self,
        request: VampRequest,
        *,
        slot: str = ...,
        on_progress: OnProgress | None = ...,
        on_plan: OnPlan | None = ...,
        on_rough: Callable[[Take], None] | None = ...,
        replace_running: bool = ...,
    ) -> Pending:
        """Queue a vamp; a newer one of the same slot replaces one that waits, and if told to one that runs."""
        ...


class Recorder(Protocol):
    """Keeps what was played and made, see `sessions.writer.SessionWriter`. Never waits for a disk."""

    def record_layer(self, closed: LayerClosed, audio: Audio) -> object:
        """Something was played in."""
        ...

    def record_take(self, take: Take, *, slot: int, layer_id: int = ..., drawn_mask: Mask | None = ...) -> object:
        """A variation was made of a layer."""
        ...

    def record_command(self, command: Command, frame: int) -> object:
        """A command acted at a frame."""
        ...

    def record_event(self, event: Event) -> object:
        """Something happened in the looper."""
        ...

    def read_take(self, take_id: str) -> Audio:
        """A take, (C, N), bit for bit. Raises SessionError."""
        ...

    def layer_audio(self, layer_id: int) -> Audio:
        """A layer, likewise."""
        ...
