"""The options that say who is heard and where the models run, for every command that serves OSC."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ..serve_options import SERVE_RANGES, ServeOptions
from .options import BundleOption, DeviceOption, JsonOption, ThreadsOption
from .sound_options import number

DEFAULTS = ServeOptions()


@dataclass(frozen=True)
class NetworkOptions:
    """OSC, OSCQuery and the engine."""

    host: Annotated[
        str, typer.Option(help="IP address of the interface to listen on. Other than loopback needs --peer.")
    ] = DEFAULTS.host
    port: Annotated[int, SERVE_RANGES["port"], number(SERVE_RANGES["port"])] = DEFAULTS.port
    reply_port: Annotated[int, SERVE_RANGES["reply_port"], number(SERVE_RANGES["reply_port"])] = DEFAULTS.reply_port
    no_tcp: Annotated[bool, typer.Option("--no-tcp", help="Listen on UDP only.")] = not DEFAULTS.tcp
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Holds the word that a client from another machine must show over TCP; without, one is drawn and "
            "printed. Only with --host.",
        ),
    ] = DEFAULTS.token_file
    lease_s: Annotated[float, SERVE_RANGES["lease_s"], number(SERVE_RANGES["lease_s"])] = DEFAULTS.lease_s
    rate_limit: Annotated[int, SERVE_RANGES["rate_limit"], number(SERVE_RANGES["rate_limit"])] = DEFAULTS.rate_limit
    oscquery_port: Annotated[int | None, SERVE_RANGES["oscquery_port"], number(SERVE_RANGES["oscquery_port"])] = (
        DEFAULTS.oscquery_port
    )
    no_oscquery: Annotated[
        bool, typer.Option("--no-oscquery", help="Do not tell touch apps what there is (OSCQuery).")
    ] = not DEFAULTS.oscquery
    peer: Annotated[
        list[str] | None,
        typer.Option(
            help="IP address that may send; repeat it for more. All others are then dropped.", metavar="ADDRESS"
        ),
    ] = None
    allow: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder below which files may be read and written; repeat it for more. "
            "Without any: the current folder and the folder for temporary files.",
            metavar="DIR",
        ),
    ] = None
    bundle: BundleOption = DEFAULTS.bundle
    threads: ThreadsOption = DEFAULTS.threads
    device: DeviceOption = DEFAULTS.device
    max_unfinished: Annotated[int, SERVE_RANGES["max_unfinished"], number(SERVE_RANGES["max_unfinished"])] = (
        DEFAULTS.max_unfinished
    )
    upload_mb: Annotated[int, SERVE_RANGES["upload_mb"], number(SERVE_RANGES["upload_mb"])] = DEFAULTS.upload_mb
    upload_all_mb: Annotated[int | None, SERVE_RANGES["upload_all_mb"], number(SERVE_RANGES["upload_all_mb"])] = (
        DEFAULTS.upload_all_mb
    )
    as_json: JsonOption = False

    def serve(self) -> ServeOptions:
        """How to serve.

        Raises:
            SettingError: A value out of range, or a host without peers.
        """
        return ServeOptions(
            host=self.host,
            port=self.port,
            reply_port=self.reply_port,
            tcp=not self.no_tcp,
            token_file=self.token_file,
            lease_s=self.lease_s,
            rate_limit=self.rate_limit,
            oscquery=not self.no_oscquery,
            oscquery_port=self.oscquery_port,
            peers=tuple(self.peer or ()),
            folders=tuple(self.allow or ()),
            bundle=self.bundle,
            threads=self.threads,
            device=self.device,
            max_unfinished=self.max_unfinished,
            upload_mb=self.upload_mb,
            upload_all_mb=self.upload_all_mb,
        )
