"""`vampbridge serve`: the OSC server on the command line."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..serve_options import SERVE_RANGES, ServeOptions
from .options import BundleOption, DeviceOption, parse

if TYPE_CHECKING:
    from ...engine.process import EngineInfo
    from ..server import Server

DEFAULTS = ServeOptions()


def _number(name: str) -> Any:  # noqa: ANN401 - what typer.Option returns
    limits = SERVE_RANGES[name]
    text = f"{limits.help} [{limits.low:g} to {limits.high:g}{' ' + limits.unit if limits.unit else ''}]"
    return typer.Option(metavar="INTEGER", help=text)


def _parse(name: str, text: str) -> int:
    return int(parse(name, SERVE_RANGES[name], text) or 0)


def serve(
    *,
    host: Annotated[
        str, typer.Option(help="IP address of the interface to listen on. Other than loopback needs --peer.")
    ] = DEFAULTS.host,
    port: Annotated[str, _number("port")] = str(DEFAULTS.port),
    reply_port: Annotated[str, _number("reply_port")] = str(DEFAULTS.reply_port),
    peer: Annotated[
        list[str] | None,
        typer.Option(
            help="IP address that may send; repeat it for more. All others are then dropped.", metavar="ADDRESS"
        ),
    ] = None,
    allow: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder below which files may be read and written; repeat it for more. "
            "Without any: the current folder and the folder for temporary files.",
            metavar="DIR",
        ),
    ] = None,
    bundle: BundleOption = DEFAULTS.bundle,
    threads: Annotated[str, _number("threads")] = str(DEFAULTS.threads),
    device: DeviceOption = DEFAULTS.device,
    max_unfinished: Annotated[str, _number("max_unfinished")] = str(DEFAULTS.max_unfinished),
    as_json: Annotated[bool, typer.Option("--json", help="Print the line that says it is ready as JSON.")] = False,
) -> None:
    """Serve OSC: vamp the loops of Max, Ableton Live or any OSC program until Ctrl-C. See docs/protocol.md."""
    options = ServeOptions(
        host=host,
        port=_parse("port", port),
        reply_port=_parse("reply_port", reply_port),
        peers=tuple(peer or ()),
        folders=tuple(allow or ()),
        bundle=bundle,
        threads=_parse("threads", threads),
        device=device,
        max_unfinished=_parse("max_unfinished", max_unfinished),
    )

    def tell(text: str) -> None:
        if not as_json:
            print(text, file=sys.stderr, flush=True)

    run_server(
        options,
        on_ready=lambda ready: print_ready(ready, as_json=as_json),
        on_loading=lambda: tell("loading the models …"),
    )
    tell("stopped")


def run_server(
    options: ServeOptions,
    *,
    on_ready: Callable[[dict[str, Any]], None],
    on_loading: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGINT or SIGTERM, then leave nothing behind: ports freed, threads and the engine process joined.

    Args:
        options: See there.
        on_ready: Called once when messages are handled, with what the ready line says.
        on_loading: Called once when the port is open and the models are about to be loaded, which takes seconds.

    Raises:
        VampbridgeError: The port, a folder or the bundle cannot be used.
    """
    from ...engine.process import EngineClient, EngineOptions
    from ..server import Server

    engine = EngineClient(
        EngineOptions(
            bundle_path=options.bundle,
            threads=options.threads,
            device=options.device,
            max_waiting=options.max_unfinished,
        )
    )
    with ExitStack() as stack:
        server = Server(options, engine)  # first the port: in use is known at once, a bundle takes seconds
        stack.callback(server.close)
        stack.callback(engine.close)
        with stopped_by_signals(server), contextlib.suppress(KeyboardInterrupt):
            on_loading()
            engine.start()
            on_ready(describe(server, options, engine.info))
            server.run()


def describe(server: Server, options: ServeOptions, engine: EngineInfo) -> dict[str, Any]:
    """What the ready line says."""
    return {
        "host": server.address[0],
        "port": server.address[1],
        "reply_port": options.reply_port,
        "bundle": engine.bundle,
        "device": engine.device,
        "folders": [str(folder) for folder in server.folders],
    }


def print_ready(ready: dict[str, Any], *, as_json: bool) -> None:
    """The line that says it is ready, on stdout."""
    if as_json:
        print(json.dumps(ready), flush=True)
        return
    replies = f"port {ready['reply_port']}" if ready["reply_port"] else "the sending port"
    print(
        f"ready on UDP {ready['host']} port {ready['port']}, replies to {replies}, "
        f"bundle {ready['bundle']} on {ready['device']}, files below {', '.join(ready['folders'])}",
        flush=True,
    )


def stopped_by_signals(server: Server) -> ExitStack:
    """While open, SIGINT and SIGTERM stop the server; before it runs, they interrupt what is going on."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if not server.is_running:
            raise KeyboardInterrupt
        server.stop()

    stack = ExitStack()
    for number in (signal.SIGINT, signal.SIGTERM):
        stack.callback(signal.signal, number, signal.signal(number, stop))
    return stack
