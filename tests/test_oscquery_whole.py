"""OSCQuery beside the real OSC server: what one changes the other tells, and a browser's packets play the looper."""

from __future__ import annotations

from pathlib import Path

from live_helpers import Set
from looper_helpers import noise
from oscquery_helpers import asked, listening, told
from serve_helpers import client_of, serving
from vampbridge.bridge.osc_server import build_message
from vampbridge.bridge.oscquery.start import QueryPlace, open_oscquery


def test_a_surface_in_a_browser_plays_the_looper_and_sees_what_others_do(tmp_path: Path) -> None:
    with Set() as on, serving(on.engine, tmp_path, stage=on.stage) as server, client_of(server) as other:
        query = open_oscquery(QueryPlace("127.0.0.1", None, server.address[1], server.tcp_port), on.engine, on.stage)
        try:
            server.subscriptions.listen(query.board.tell)
            assert asked(query, "/?HOST_INFO")["OSC_PORT"] == server.address[1]
            wet, seam = "/vamp/slot/1/set/wet", "/vamp/slot/1/seam"
            with listening(query, wet, seam) as surface:
                assert told(surface) == (wet, [1.0])
                other.ask(wet, 0.5)
                on.audio.play(64)
                assert told(surface) == (wet, [0.5])
                surface.send(build_message(wet, (0.25,)))
                assert told(surface) == (wet, [0.25])
                surface.send(build_message("/vamp/slot/1/set/nothing", (1,)))
                address, arguments = told(surface)
                assert (address, arguments[0]) == ("/vamp/error", "address")
                other.ask("/vamp/slot/1/record")
                on.audio.play(noise(4_000))
                other.ask("/vamp/slot/1/record")
                on.audio.play(4_200)
                assert told(surface)[0] == seam
            assert other.ask(wet) == [(wet, [0.25])]
        finally:
            query.close()
