"""How to serve: every option of `vampbridge serve`, its range and its default, once."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..engine.devices import DEFAULT_DEVICE, check_device
from ..engine.errors import SettingError
from ..engine.settings import Range

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_UPLOAD_MB: Final = 65_536
ALL_UPLOADS: Final = 2  # times what one client may have, unless said otherwise

SERVE_RANGES: dict[str, Range] = {
    "port": Range(int, 0, 65_535, "", "Port to listen on, UDP and TCP; 0 takes a free one."),
    "reply_port": Range(
        int, 0, 65_535, "", "UDP port of the sender's host that replies go to; 0 is the port a message came from."
    ),
    "lease_s": Range(
        float, 0, 3600, "s", "A client that has said nothing for so long is told nothing more; 0 = it always is."
    ),
    "rate_limit": Range(int, 10, 1_000_000, "messages/s", "The most that a client may send; twice as many at once."),
    "oscquery_port": Range(
        int,
        0,
        65_535,
        "",
        "TCP port that tells touch apps what there is (OSCQuery); 0 takes a free one, nothing the one after `port` or, "
        "if that is in use, a free one.",
        optional=True,
    ),
    "upload_mb": Range(
        int, 0, MAX_UPLOAD_MB, "MiB", "Uploads that one client may have here at once; 0 takes no uploads at all."
    ),
    "upload_all_mb": Range(
        int,
        0,
        ALL_UPLOADS * MAX_UPLOAD_MB,
        "MiB",
        "Uploads of all clients together, no less than `upload_mb`; without it, twice that.",
        optional=True,
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
        tcp: Whether to listen on TCP too, on the same port.
        token_file: Holds what a client from another machine must show over TCP; None draws it anew. Read once.
        lease_s: See SERVE_RANGES.
        rate_limit: Likewise, per client.
        oscquery: Whether to serve OSCQuery.
        oscquery_port: Its port; None is the one after `port`, or a free one if that is in use.
        peers: The only addresses that are heard; empty hears everybody who can reach the interface.
        folders: Below these, files may be read and written; empty takes `default_folders()`.
        bundle: Model bundle; None is the one that comes with Vampbridge.
        threads: Threads of the engine.
        device: Where the models run, one of `devices.DEVICES`.
        max_unfinished: Unfinished vamps of all clients.
        upload_mb: Uploads of one client, in MiB; 0 takes none.
        upload_all_mb: Of all clients; None is twice `upload_mb`.
    """

    host: str = "127.0.0.1"
    port: int = 8001
    reply_port: int = 8003
    peers: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    bundle: Path | None = None
    threads: int = 0
    device: str = DEFAULT_DEVICE
    max_unfinished: int = 16
    tcp: bool = True
    token_file: Path | None = None
    lease_s: float = 30.0
    rate_limit: int = 2000
    oscquery: bool = True
    oscquery_port: int | None = None
    upload_mb: int = 256
    upload_all_mb: int | None = None

    def __post_init__(self) -> None:
        for name, limits in SERVE_RANGES.items():
            limits.check(name, getattr(self, name))
        check_device(self.device)
        host = _ip("host", self.host)
        object.__setattr__(self, "host", str(host))
        peers = dict.fromkeys(str(address) for peer in self.peers for address in _peer_addresses(peer, host))
        object.__setattr__(self, "peers", tuple(peers))
        if not host.is_loopback and not self.peers:
            raise SettingError(
                f"host {host} can be reached from other machines: name those that may send with --peer ADDRESS"
            )
        if self.all_uploads_mb < self.upload_mb:
            raise SettingError(
                f"upload_all_mb must be at least upload_mb, which is {self.upload_mb} MiB, got {self.upload_all_mb}"
            )
        if self.token_file is not None and not self.needs_token:
            raise SettingError(
                f"token-file {self.token_file} has no effect: a token is asked for over TCP and with --host other than "
                "loopback only"
            )

    @property
    def all_uploads_mb(self) -> int:
        """Uploads of all clients together, in MiB."""
        return ALL_UPLOADS * self.upload_mb if self.upload_all_mb is None else self.upload_all_mb

    @property
    def needs_token(self) -> bool:
        """Whether others than this machine may connect, and must show a token."""
        return self.tcp and not plain_ip(self.host).is_loopback

    def may_come(self, host: str) -> bool:
        """Whether anything of a host is heard."""
        return not self.peers or str(plain_ip(host)) in self.peers


def plain_ip(text: str) -> IpAddress:
    """The one form of an address that is compared: without an IPv6 zone, and IPv4 where it is IPv4 inside IPv6.

    A socket on `::` gives an IPv4 sender as ::ffff:192.0.2.1, and a link-local one with its zone, fe80::1%eth0.

    Raises:
        ValueError: Not an IP address.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _ip(name: str, text: str) -> IpAddress:
    if text == "localhost":
        text = "127.0.0.1"
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise SettingError(f"{name} must be an IP address or localhost, got {text!r}") from error
    return address if "%" in text else plain_ip(text)  # to listen, a link-local address needs its zone


def _peer_addresses(text: str, host: IpAddress) -> list[IpAddress]:
    """What `--peer` means; one address, but for localhost. One that no datagram to `host` comes from is refused."""
    hears_both = host == ipaddress.IPv6Address("::")
    if text == "localhost":
        loopbacks = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
        return [address for address in loopbacks if hears_both or address.version == host.version]
    address = _ip("peer", text)
    if "%" in text:
        raise SettingError(f"peer must be an address without a zone, got {text!r}: write {plain_ip(text)}")
    if address.is_unspecified or address.is_multicast:
        raise SettingError(f"peer must be the address of one machine, got {text!r}: nothing is ever sent from it")
    if not hears_both and address.version != host.version:
        raise SettingError(
            f"peer must be IPv{host.version}, as host {host} is, got {text!r}: nothing from it would be heard"
        )
    return [address]
