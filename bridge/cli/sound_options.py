"""The options that choose a sound card, for every command that opens one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from ...engine.settings import Range
from ..audio.options import AUDIO_RANGES, AudioOptions, parse_channels, parse_device


def number(spec: Range) -> Any:  # noqa: ANN401 - an Annotated part
    """An option for a number, whose help has its range."""
    metavar = "INTEGER" if spec.kind is int else "NUMBER"
    return typer.Option(metavar=metavar, help=f"{spec.help} [{spec.describe()}]")


@dataclass(frozen=True)
class SoundOptions:
    """Which sound card, and how to open it."""

    device_in: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|NAME",
            help="Sound card to record from, as `vampbridge devices` lists it: its number or a part of its name. "
            "[default: the system's]",
        ),
    ] = None
    device_out: Annotated[
        str | None, typer.Option(metavar="NUMBER|NAME", help="Sound card to play on. [default: the system's]")
    ] = None
    host_api: Annotated[
        str | None, typer.Option(metavar="NAME", help="Driver system, such as ASIO, WASAPI, JACK. [default: any]")
    ] = None
    sample_rate: Annotated[int | None, AUDIO_RANGES["sample_rate"], number(AUDIO_RANGES["sample_rate"])] = None
    block: Annotated[int | None, AUDIO_RANGES["block_frames"], number(AUDIO_RANGES["block_frames"])] = None
    channels_in: Annotated[
        str | None, typer.Option(metavar="A,B", help="Inputs of the card, from 1, such as 3,4. [default: the first]")
    ] = None
    channels_out: Annotated[
        str | None, typer.Option(metavar="A,B", help="Outputs of the card, from 1. [default: the first]")
    ] = None
    latency: Annotated[str, typer.Option(metavar="low|high|SECONDS", help="What the driver is asked for.")] = "low"

    def audio(self) -> AudioOptions:
        """The sound card.

        Raises:
            SettingError: A value out of range.
        """
        latency: str | float = self.latency
        with contextlib.suppress(ValueError):
            latency = float(self.latency)
        return AudioOptions(
            device_in=None if self.device_in is None else parse_device(self.device_in),
            device_out=None if self.device_out is None else parse_device(self.device_out),
            host_api=self.host_api,
            sample_rate=self.sample_rate,
            block_frames=self.block,
            latency=latency,
            channels_in=_channels("channels_in", self.channels_in),
            channels_out=_channels("channels_out", self.channels_out),
        )


def _channels(name: str, text: str | None) -> tuple[int, ...] | None:
    return None if text is None else parse_channels(name, text)
