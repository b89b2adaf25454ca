"""What a listener of OSCQuery is told: what it wants to know, each change once, and nothing is read for nobody."""

from __future__ import annotations

import json

from live_helpers import Set
from vampbridge.bridge.oscquery.listening import Listener
from vampbridge.bridge.oscquery.start import make_board
from vampbridge.bridge.oscquery.tree import Namespace
from vampbridge.bridge.oscquery.values import Board, Source
from vampbridge.bridge.protocol import TABLES

TABLE = tuple(message for part in TABLES for message in part.messages)
N_SLOTS = 2


def test_what_nobody_listens_to_is_not_read_and_who_comes_late_misses_no_change() -> None:
    reads: list[str] = []
    values = {"/a": 1, "/b": 1}

    def source(address: str) -> Source:
        def read() -> tuple[int]:
            reads.append(address)
            return (values[address],)

        return Source(read, {address: lambda value: value})

    board = Board([source("/a"), source("/b")])
    reads.clear()
    assert board.changed({"/a"}) == []
    values["/a"] = values["/b"] = 2
    assert board.changed({"/a"}) == [("/a", (2,))]
    assert reads == ["/a", "/a"]
    assert board.changed({"/b"}) == [("/b", (2,))]
    values["/b"] = 3
    assert board.changed({"/b"}) == [("/b", (3,))]


def test_a_listener_is_told_a_value_that_it_knows_only_if_it_asks_again() -> None:
    with Set() as on:
        board = make_board(on.engine, on.stage, {})
        listener, dry = Listener(Namespace(TABLE, N_SLOTS, board.is_readable), board), "/vamp/looper/set/dry"
        for _ in range(2):
            listener.obey(json.dumps({"COMMAND": "LISTEN", "DATA": dry}))
            assert listener.take_pending() == [(dry, (0.0,))]
        assert not listener.note(dry, (0.0,))
        assert listener.note(dry, (0.5,))
        assert not listener.note("/vamp/slot/1/set/wet", (0.5,))
        assert listener.take_pending() == [(dry, (0.5,))]
