"""Promises about the Max patch and the server together: what a slot asks for is done, and shown in that slot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from max_player import MAIN, Player
from serve_helpers import FakeEngine, UdpClient, client_of, fake_take, serving, write_loop

if TYPE_CHECKING:
    from max_machine import Node

SHORT, LONG = 4000, 5000  # samples of the loops in slots 1 and 3
MASKS = {SHORT: np.eye(14, 3, dtype=np.bool_), LONG: np.eye(14, 5, dtype=np.bool_)[::-1]}
LOCAL = {"/vamp/reply_port", "/vamp/ping"}  # the test's socket is the patch's


def told_mask(request: Any, name: str = "") -> Any:
    return replace(fake_take(request, name), mask=MASKS[request.audio.shape[-1]])


def carry(players: list[Player], client: UdpClient, *, until: int, sent: int) -> int:
    """Messages between patch and server, from the `sent`th on, until so many rows of masks have come."""
    machine, rows = players[0].machine, 0
    while True:
        for message in machine.sent[sent:]:
            if message[0] not in LOCAL:
                client.send(*message)
        sent = len(machine.sent)
        if rows == until:
            return sent
        address, values = client.receive_any()
        assert address != "/vamp/error", values
        rows += address == "/vamp/mask/of"
        machine.receive(address, *values)


def shown(grid: Node) -> np.ndarray:
    """(rows, columns) bool."""
    size = grid.state.get("rows", 14), grid.state.get("columns", 32)
    cells = grid.state.get("cells", {})
    return np.array([[bool(cells.get((x, y))) for x in range(size[1])] for y in range(size[0])])


def test_slots_that_vamp_at_once_show_their_takes_and_masks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_helpers.fake_take", told_mask)
    engine = FakeEngine()
    first = Player(MAIN).connect(str(tmp_path))
    third = Player(MAIN, slot=2)
    third.machine = machine = first.machine
    first.record()
    third.record()
    loops = [Path(path) for what, path in machine.files if what == "writewave"]
    for loop, n_samples in zip(loops, (SHORT, LONG), strict=True):
        write_loop(loop, n_samples)
    with serving(engine, tmp_path) as server, client_of(server) as client:
        sent = len(machine.sent)
        third.vamp()
        first.vamp()
        sent = carry([first, third], client, until=28, sent=sent)
        assert all(Path(path).is_file() for path in first.loaded())
        grids = machine.find("matrixctrl")
        np.testing.assert_array_equal(shown(grids[0]), MASKS[SHORT])
        np.testing.assert_array_equal(shown(grids[2]), MASKS[LONG])
        assert "cells" not in grids[1].state

        machine.give(grids[2], 0, ["set", 1, 0, 1])
        third.set("Draw", 1)
        third.vamp()
        carry([first, third], client, until=14, sent=sent)
        drawn = MASKS[LONG].copy()
        drawn[0, 1] = True
        np.testing.assert_array_equal(engine.requests[-1].drawn_mask, drawn)
        assert engine.requests[-1].settings.period == 0  # the grid decides alone
