"""A server to which the system gives no more connections."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
from net_helpers import slip, tcp_client_of
from pythonosc.osc_message_builder import build_msg
from serve_helpers import FakeEngine, serving

if TYPE_CHECKING:
    from pathlib import Path

PING = build_msg("/vamp/ping").dgram


def test_a_server_without_file_descriptors_serves_whom_it_has_and_takes_new_ones_when_it_can(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    with serving(FakeEngine(), tmp_path) as server, tcp_client_of(server) as client:
        assert client.received_before_pong() == []
        with socket.socket() as new, socket.socket() as probe:
            new.settimeout(30.0)
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            # None above the lowest that is free.
            resource.setrlimit(resource.RLIMIT_NOFILE, (_lowest_free(probe), hard))
            try:
                new.connect((server.address[0], server.tcp_port))  # the system takes it, the server cannot
                new.sendall(slip(PING))
                start_s = time.process_time()
                time.sleep(0.5)
                assert time.process_time() - start_s < 0.3, "it asks again and again"
                assert client.received_before_pong() == []
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert b"/vamp/pong" in new.recv(1000)


def _lowest_free(used: socket.socket) -> int:
    with used.dup() as one_more:
        return one_more.fileno()
