"""Who is let in: by its machine, the name it asked for, and the web page it was sent by. No sockets here.

A browser on this machine runs the pages of strangers. They reach loopback, too: by a name of theirs that suddenly means
127.0.0.1 (DNS rebinding), or by opening a WebSocket, which browsers allow across origins. So the Host header must be an
address or a name of ours, and a page that sends its Origin must come from this machine or from the one it asks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..serve_options import plain_ip


@dataclass(frozen=True)
class Doorkeeper:
    """The rules.

    Attributes:
        peers: Addresses of machines that are heard, as in `ServeOptions`; empty hears all that reach the interface.
        names: Host names of ours, in lower case, beside localhost and every IP address.
    """

    peers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def hears(self, ip: str) -> bool:
        """Whether a machine is heard at all."""
        return not self.peers or str(plain_ip(ip)) in self.peers

    def refuses(self, hosts: Sequence[str], origins: Sequence[str]) -> str | None:
        """Why a request is refused; None if it is not.

        Args:
            hosts: Its Host headers.
            origins: Its Origin headers.
        """
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        if name is None:
            return "a request needs one Host header"
        if not self._is_ours(name):
            return f"this server is reached by its address, not as {name[:100]!r}"
        if len(origins) > 1 or (origins and not self._is_near(origins[0], name)):
            return "web pages of other machines are not answered"
        return None

    def _is_ours(self, name: str) -> bool:
        return name == "localhost" or name in self.names or _is_ip(name)

    def _is_near(self, origin: str, name: str) -> bool:
        """Whether a page comes from this machine, or from the one that it asks; `null` is anybody's."""
        try:
            parts = urlsplit(origin)
            page = host_name(parts.netloc) if parts.scheme in ("http", "https") else None
        except ValueError:
            return False
        if page is None:
            return False
        return page in ("localhost", name) or (_is_ip(page) and plain_ip(page).is_loopback)


def host_name(text: str) -> str | None:
    """The name or address in `name`, `name:port`, `1.2.3.4:port` or `[::1]:port`, in lower case; None if it is none."""
    if text.startswith("["):
        name, closing, port = text[1:].partition("]")
        name, port = (name if _is_ip(name) else ""), port.removeprefix(":") if closing else "?"
    else:
        name, _, port = text.partition(":")
    if not name or not name.isascii() or (port and not port.isdecimal()):
        return None
    return name.rstrip(".").lower() or None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
