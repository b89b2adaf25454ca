"""`vampbridge serve`: the OSC server on the command line."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Any

from .network_options import NetworkOptions

if TYPE_CHECKING:
    from ...engine.process import EngineClient, EngineInfo
    from ..live.stage import Stage
    from ..serve_options import ServeOptions
    from ..server import Server


def announce_token(server: Server, options: ServeOptions) -> None:
    """Print a token that was drawn, on stderr: whoever is to connect from another machine must read it somewhere."""
    if server.token and options.token_file is None:
        print(f"token for TCP from other machines: {server.token}", file=sys.stderr, flush=True)


def serve(options: NetworkOptions) -> None:
    """Serve OSC: vamp the loops of Max, Ableton Live or any OSC program until Ctrl-C. See docs/protocol.md."""

    def tell(text: str) -> None:
        if not options.as_json:
            print(text, file=sys.stderr, flush=True)

    run_server(
        options.serve(),
        on_ready=lambda ready: print_ready(ready, as_json=options.as_json),
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
        on_ready: Called once, from another thread, when the models are loaded, with what the ready line says.
        on_loading: Called once when messages are handled and the models are about to be loaded, which takes seconds:
            meanwhile vamps wait, and everything else is answered.

    Raises:
        VampbridgeError: The port, a folder or the bundle cannot be used.
    """
    from ...engine.process import EngineClient, EngineOptions
    from ..live.loading import EngineLoading
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
        announce_token(server, options)
        with stopped_by_signals(server), contextlib.suppress(KeyboardInterrupt):
            query_port = open_query(server, options, engine, stack)

            def tell_ready() -> None:
                on_ready({**describe(server, options, engine.info), "oscquery_port": query_port})

            loading = EngineLoading(engine, on_ready=tell_ready, on_failed=server.stop)
            stack.callback(loading.close)
            on_loading()
            loading.start()
            server.run()
            if loading.error is not None:
                raise loading.error


def open_query(
    server: Server, options: ServeOptions, engine: EngineClient, stack: ExitStack, *, stage: Stage | None = None
) -> int:
    """Serve OSCQuery until the stack is unwound; its port, 0 if it is not wanted.

    Nobody asked for it where no port was named: if it fails there, that is said on stderr, and the port is 0.

    Raises:
        PortError: Nothing can be served on the port that was asked for.
    """
    if not options.oscquery:
        return 0
    from ..errors import PortError
    from ..oscquery.start import QueryPlace, open_oscquery

    host, port = server.address
    place = QueryPlace(host, options.oscquery_port, port, server.tcp_port, options.peers)
    try:
        query = open_oscquery(place, engine, stage, questions={"/vamp/status": server.status})
    except PortError as error:
        if options.oscquery_port is not None:
            raise
        print(f"touch apps will not find this server: {error}", file=sys.stderr, flush=True)
        return 0
    stack.callback(query.close)
    server.subscriptions.listen(query.board.tell, wants=query.wants)
    usual, found = port + 1, int(query.service.port)
    if options.oscquery_port is None and options.port and found != usual:
        print(f"TCP port {usual} is in use: touch apps find this server on port {found}", file=sys.stderr, flush=True)
    return found


def describe(server: Server, options: ServeOptions, engine: EngineInfo) -> dict[str, Any]:
    """What the ready line says."""
    return {
        "host": server.address[0],
        "port": server.address[1],
        "tcp_port": server.tcp_port,
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
    query = f"OSCQuery on port {ready['oscquery_port']}, " if ready["oscquery_port"] else ""
    print(
        f"ready on {'UDP and TCP' if ready['tcp_port'] else 'UDP'} {ready['host']} port {ready['port']}, "
        f"replies to {replies}, {query}"
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
