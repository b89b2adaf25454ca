"""How to serve: every option of `vampbridge serve`, its range and its default, once."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from ..engine.errors import SettingError
from ..engine.settings import Range

SERVE_RANGES: dict[str, Range] = {
    "port": Range(int, 0, 65_535, "", "UDP port to listen on; 0 takes a free one."),
    "reply_port": Range(
        int, 0, 65_535, "", "UDP port of the sender's host that replies go to; 0 is the port a message came from."
    ),
    "threads": Range(int, 0, 256, "threads", "Threads of the engine; 0 lets it choose."),
    "max_unfinished": Range(int, 1, 256, "vamps", "Unfinished vamps of all clients together; more are refused."),
}


@dataclass(frozen=True)
class ServeOptions:
    """How to serve. The ports are those of unloop.

    Attributes:
        host: Address of the interface to listen on; other than loopback only with `peers`.
        port: See SERVE_RANGES, as for the other numbers.
        reply_port: Where replies go.
        peers: The only addresses that are heard; empty hears everybody who can reach the interface.
        folders: Below these, files may be read and written; empty takes `default_folders()`.
        bundle: Model bundle; None is the one that comes with Vampbridge.
        threads: Threads of the engine.
        max_unfinished: Unfinished vamps of all clients.
    """

    host: str = "127.0.0.1"
    port: int = 8001
    reply_port: int = 8003
    peers: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    bundle: Path | None = None
    threads: int = 0
    max_unfinished: int = 16

    def __post_init__(self) -> None:
        for name, limits in SERVE_RANGES.items():
            limits.check(name, getattr(self, name))
        host = _ip("host", self.host)
        object.__setattr__(self, "host", str(host))
        object.__setattr__(self, "peers", tuple(str(_ip("peer", peer)) for peer in self.peers))
        if not host.is_loopback and not self.peers:
            raise SettingError(
                f"host {host} can be reached from other machines: name those that may send with --peer ADDRESS"
            )


def _ip(name: str, text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if text == "localhost":
        text = "127.0.0.1"
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise SettingError(f"{name} must be an IP address or localhost, got {text!r}") from error
