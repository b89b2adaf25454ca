"""How OSCQuery begins and ends, whatever comes in between; and that one slow way holds up nobody else."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from contextlib import ExitStack
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from oscquery_helpers import OSC_PORT, WAIT_S
from serve_helpers import FakeEngine
from vampbridge.bridge.errors import RequestError
from vampbridge.bridge.net.listener import listen_on
from vampbridge.bridge.oscquery import relay, service
from vampbridge.bridge.oscquery.relay import to_loopback
from vampbridge.bridge.oscquery.start import QueryPlace, open_oscquery


class _Interrupted(threading.Event):
    """Whoever waits for it is interrupted: at once, or when what it waited for has come."""

    is_early = False

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_early:
            super().wait(timeout)
        raise KeyboardInterrupt


class _LateThread(threading.Thread):
    """Begins its work only when somebody waits for its end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(daemon=True, **options)
        self._may_begin = threading.Event()

    def run(self) -> None:
        self._may_begin.wait(WAIT_S)
        super().run()

    def join(self, timeout: float | None = None) -> None:
        self._may_begin.set()
        super().join(5.0 if timeout is None else timeout)


@pytest.mark.parametrize("is_early", [False, True], ids=["as it is ready", "before it has begun"])
def test_an_interrupt_while_the_service_begins_leaves_no_thread_and_frees_the_port(
    monkeypatch: pytest.MonkeyPatch, *, is_early: bool
) -> None:
    monkeypatch.setattr(_Interrupted, "is_early", is_early)
    thread = _LateThread if is_early else partial(threading.Thread, daemon=True)
    monkeypatch.setattr(service, "threading", SimpleNamespace(Event=_Interrupted, Thread=thread))
    with listen_on("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with pytest.raises(KeyboardInterrupt):
        open_oscquery(QueryPlace("127.0.0.1", port, OSC_PORT), FakeEngine())
    assert not [thread for thread in threading.enumerate() if "oscquery" in thread.name]
    listen_on("127.0.0.1", port).close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue of connections refuses more")
def test_an_osc_server_that_takes_no_connection_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "CONNECT_S", 0.2)

    async def send(_packet: bytes) -> None:
        raise AssertionError

    async def forward(port: int) -> None:
        way = relay.Relay(to_loopback("127.0.0.1", port), "127.0.0.1", send)
        forwarding = asyncio.create_task(way.forward(b"packet"))
        for _ in range(3):
            await asyncio.sleep(0)
        assert not forwarding.done()  # others have had their turns
        with pytest.raises(RequestError, match=r"cannot be reached from here: no answer within 0\.2 s"):
            await forwarding
        await way.close()

    with socket.socket() as full, ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        asyncio.run(forward(full.getsockname()[1]))
