"""Makes the server found by touch apps: zeroconf (mDNS service discovery). The only file that imports zeroconf.

A service on loopback is not announced. An announcement goes to every machine of the network, and would tell each of
them to look for Vampbridge on itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ifaddr
import zeroconf
from zeroconf.asyncio import AsyncZeroconf

from ..serve_options import plain_ip

log = logging.getLogger(__name__)

OSCQUERY_TYPE: Final = "_oscjson._tcp.local."
OSC_TYPE: Final = "_osc._udp.local."
_MAX_MACHINE: Final = 30  # characters; a name of a service has at most 63 bytes


@dataclass(frozen=True)
class Place:
    """What is announced.

    Attributes:
        addresses: IP addresses that the services are reached at, of interfaces that may be told.
        osc_port: UDP.
        http_port: TCP.
        machine: Name of this machine, see `machine_name`.
    """

    addresses: tuple[str, ...]
    osc_port: int
    http_port: int
    machine: str

    @property
    def name(self) -> str:
        """Of the services. With machine and port in it, two servers in one network have two names."""
        return f"Vampbridge {self.machine} {self.osc_port}"

    @property
    def host_name(self) -> str:
        """Of the machine in mDNS. Not the one that the system announces itself, whose record is not ours to answer."""
        return f"vampbridge-{self.machine}-{self.osc_port}.local"


class Announcement:
    """Two services, announced until `close`. For one event loop.

    Args:
        place: See there.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._responder: AsyncZeroconf | None = None
        self.names: tuple[str, ...] = ()

    async def open(self) -> None:
        """Announce; takes a second or two. What goes wrong is a warning: the server works without being found."""
        place = self._place
        try:
            self._responder = AsyncZeroconf(interfaces=list(place.addresses))
            services = [self._service(OSCQUERY_TYPE, place.http_port), self._service(OSC_TYPE, place.osc_port)]
            await asyncio.gather(*(self._register(self._responder, service) for service in services))
            self.names = tuple(service.name for service in services)
            log.info("announced as %s", " and ".join(self.names))
        except (OSError, zeroconf.Error) as error:
            log.warning("touch apps will not find this server by themselves, zeroconf failed: %s", error)

    async def close(self) -> None:
        """Withdraw: apps forget the services at once, not when their records expire."""
        responder, self._responder = self._responder, None
        if responder is not None:
            await responder.async_unregister_all_services()
            await responder.async_close()

    async def _register(self, responder: AsyncZeroconf, service: zeroconf.ServiceInfo) -> None:
        # A name that somebody has already gets a number.
        await (await responder.async_register_service(service, allow_name_change=True))

    def _service(self, kind: str, port: int) -> zeroconf.ServiceInfo:
        return zeroconf.ServiceInfo(
            kind,
            f"{self._place.name}.{kind}",
            port,
            properties={"txtvers": "1"},
            server=f"{self._place.host_name}.",
            parsed_addresses=list(self._place.addresses),
        )


def machine_name(name: str | None = None) -> str:
    """The first label of this machine's name, as DNS allows it."""
    label = (socket.gethostname() if name is None else name).partition(".")[0]
    return re.sub(r"[^A-Za-z0-9-]+", "-", label).strip("-")[:_MAX_MACHINE].strip("-").lower() or "machine"


def announced_addresses(host: str, own: Sequence[str] | None = None) -> tuple[str, ...]:
    """The addresses that a server listening on `host` is announced with; none if it is reached from this machine only.

    Args:
        host: IP address that is listened on; 0.0.0.0 and :: are all of them.
        own: Addresses of this machine's interfaces; None asks the system.
    """
    listened = ipaddress.ip_address(host)
    if not listened.is_unspecified:
        return () if listened.is_loopback else (str(plain_ip(host)),)
    found = [plain_ip(text) for text in (_interface_addresses() if own is None else own)]
    versions = (4,) if listened.version == 4 else (4, 6)
    usable = [ip for ip in found if ip.version in versions and not ip.is_loopback and not ip.is_link_local]
    return tuple(dict.fromkeys(str(ip) for ip in usable))


def _interface_addresses() -> list[str]:
    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    return [ip if isinstance(ip, str) else ip[0] for ip in found]
