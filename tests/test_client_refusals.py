"""Promises about clients over TCP that are turned away: both Python clients are told why."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from serve_helpers import WAIT_S, FakeEngine, serving
from vampbridge.bridge.client import AsyncVampbridgeClient, DisconnectedError, ServerError, VampbridgeClient
from vampbridge.bridge.net import listener
from vampbridge.bridge.net.limits import MAX_FRAME_BYTES
from vampbridge.bridge.serve_options import ServeOptions

if TYPE_CHECKING:
    from pathlib import Path


def test_who_is_not_let_in_over_tcp_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "is_this_machine", lambda _: False)
    monkeypatch.setattr(ServeOptions, "needs_token", True)
    with serving(FakeEngine(), tmp_path) as server:
        for token, reason in (("", "first says /vamp/hello"), ("not the token at all", "the token is wrong")):
            with pytest.raises(ServerError, match=reason) as refused:
                VampbridgeClient(*server.address, transport="tcp", token=token, timeout_s=WAIT_S)
            assert refused.value.code == "token"

            async def greet(token: str = token) -> None:
                async with AsyncVampbridgeClient(*server.address, transport="tcp", token=token, timeout_s=WAIT_S):
                    pass

            with pytest.raises(ServerError, match=reason):
                asyncio.run(greet())


def test_the_end_of_a_connection_says_the_servers_reason(tmp_path: Path) -> None:
    reason = "has closed the connection: a packet over TCP holds at most"
    too_long = bytes(2 * MAX_FRAME_BYTES)
    with serving(FakeEngine(), tmp_path) as server:
        with VampbridgeClient(*server.address, transport="tcp", timeout_s=WAIT_S) as client:
            client.post("/vamp/mask", 1, 1, too_long)
            with pytest.raises(DisconnectedError, match=reason):
                client.ping()

        async def use() -> None:
            async with AsyncVampbridgeClient(*server.address, transport="tcp", timeout_s=WAIT_S) as client:
                client.post("/vamp/mask", 1, 1, too_long)
                with pytest.raises(DisconnectedError, match=reason):
                    await client.ping()

        asyncio.run(use())
