"""What the tests of the network share: an OSC client over TCP that frames and unframes by itself."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from serve_helpers import WAIT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vampbridge.bridge.server import Server


def slip(packet: bytes) -> bytes:
    """Byte by byte, as RFC 1055 describes it: slow, and surely right."""
    special = {0xC0: b"\xdb\xdc", 0xDB: b"\xdb\xdd"}
    return b"\xc0" + b"".join(special.get(byte, bytes([byte])) for byte in packet) + b"\xc0"


def unslip(stream: bytes) -> tuple[list[bytes], bytes]:
    """The packets, and what is left over."""
    *pieces, rest = stream.split(b"\xc0")
    return [piece.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb") for piece in pieces if piece], rest


class TcpClient:
    """An OSC client on a TCP connection."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection((server.address[0], server.tcp_port), timeout=WAIT_S)
        self._rest = b""
        self._packets: list[bytes] = []

    def send(self, address: str, *arguments: Any) -> None:
        self.send_bytes(slip(build_msg(address, list(arguments)).dgram))

    def send_bytes(self, stream: bytes) -> None:
        self.socket.sendall(stream)

    def receive_any(self) -> tuple[str, list[Any]]:
        """The next message; an EOFError if the server closes before there is one."""
        while not self._packets:
            received = self.socket.recv(2**16)
            if not received:
                raise EOFError
            self._packets, self._rest = unslip(self._rest + received)
        message = OscMessage(self._packets.pop(0))
        return message.address, message.params

    def received_before_pong(self) -> list[tuple[str, list[Any]]]:
        """Everything that the server has sent until now."""
        self.send("/vamp/ping")
        got: list[tuple[str, list[Any]]] = []
        while (message := self.receive_any()) != ("/vamp/pong", []):
            got.append(message)
        return got

    def ask(self, address: str, *arguments: Any) -> list[tuple[str, list[Any]]]:
        self.send(address, *arguments)
        return self.received_before_pong()

    def is_closed(self) -> bool:
        """Whether the server has closed; reads away what it said before."""
        try:
            while True:
                self.receive_any()
        except (EOFError, ConnectionError):
            return True
        except TimeoutError:
            return False


@contextmanager
def tcp_client_of(server: Server) -> Iterator[TcpClient]:
    client = TcpClient(server)
    try:
        yield client
    finally:
        client.socket.close()
