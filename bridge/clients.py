"""Who talks to the server: where each client's replies go, its settings and its drawn mask. No sockets here.

The address of a TCP connection is no host and port but a name that is never used again, see `net.listener`.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from ..engine.settings import DEFAULT_PRESET, VampSettings, preset
from ..engine.take import Mask
from .net.buckets import TokenBucket
from .net.limits import BURST_S

log = logging.getLogger(__name__)

Address = tuple[str, int]

MAX_CLIENTS = 256
STREAM = "tcp:"
DEFAULT_RATE = 2000  # messages per second


def is_stream(address: Address) -> bool:
    """Whether an address is that of a TCP connection."""
    return address[0].startswith(STREAM)


def _starting_settings() -> VampSettings:
    return preset(DEFAULT_PRESET)


@dataclass
class Client:
    """One client: the place its replies go to.

    Attributes:
        address: Host and reply port, or the name of its connection.
        settings: Those of its next vamps.
        drawn_mask: For its next vamp only.
        last_mask: What its last vamp varied, (K, T) bool.
        masks: What its last vamps varied, by their ids; see `masks.keep_mask`.
        prompts_set: Prompts that it set itself since its last preset.
        speaks_unloop: Its last known message was one of unloop's, so it reads `/error` and not `/vamp/error`.
        told_model: Name of a model that is not loaded, of which it has been told; the last one, for a client may name
            any number of them.
        bucket: How many messages it may still send.
        heard_s: When it last said anything.
        lease_ended: Whether that was so long ago that its subscriptions have ended.
        told_limit_s: When it was last told that it sends too much.
        n_limited: Messages dropped since then.
    """

    address: Address
    bucket: TokenBucket
    heard_s: float = field(default_factory=time.monotonic)
    lease_ended: bool = False
    told_limit_s: float = float("-inf")
    n_limited: int = 0
    settings: VampSettings = field(default_factory=_starting_settings)
    drawn_mask: Mask | None = None
    last_mask: Mask | None = None
    masks: dict[object, Mask] = field(default_factory=dict)
    prompts_set: set[str] = field(default_factory=set)
    speaks_unloop: bool = False
    told_model: str = ""

    @property
    def is_stream(self) -> bool:
        """Whether it is a TCP connection."""
        return is_stream(self.address)


class AddressBook:
    """Finds the client of a sender. Used by one thread.

    Senders that share host and reply port are one client: some programs send every message from a new port.
    At most 256 clients and 256 redirects are remembered; then the one that has been silent longest is forgotten, but
    no connection before it has ended.

    Args:
        reply_port: Where replies go unless a client asked otherwise; 0 is the sending port.
        rate: Messages per second of each client.
    """

    def __init__(self, *, reply_port: int, rate: float = DEFAULT_RATE) -> None:
        self._reply_port, self._rate = reply_port, rate
        self.forgotten: list[Address] = []  # for whoever else remembers them
        self._clients: OrderedDict[Address, Client] = OrderedDict()
        self._redirects: OrderedDict[Address, int] = OrderedDict()  # sender → reply port, the last to speak at the end

    def client_of(self, sender: Address) -> Client:
        """The client of a sender's host and port; a new one has the settings of the default preset."""
        if is_stream(sender):
            return self._remember(sender)
        port = self._redirects.get(sender, self._reply_port) or sender[1]
        if sender in self._redirects:
            self._redirects.move_to_end(sender)
        return self._remember((sender[0], port))

    def redirect(self, sender: Address, reply_port: int) -> Client:
        """Send the replies for this sender to another port of its host. One new there inherits settings and masks."""
        before = self.client_of(sender)
        self._redirects[sender] = reply_port
        self._redirects.move_to_end(sender)
        if len(self._redirects) > MAX_CLIENTS:
            self._redirects.popitem(last=False)
        is_new = (sender[0], reply_port) not in self._clients
        after = self.client_of(sender)
        if is_new:
            after.settings, after.drawn_mask = before.settings, before.drawn_mask
            after.prompts_set = set(before.prompts_set)
            after.last_mask, after.masks = before.last_mask, dict(before.masks)
        return after

    def forget(self, client: Address) -> None:
        """It is gone."""
        self._clients.pop(client, None)

    def all(self) -> tuple[Client, ...]:
        """Everybody, who has been silent longest first."""
        return tuple(self._clients.values())

    def _remember(self, address: Address) -> Client:
        client = self._clients.get(address)
        if client is None:
            burst = self._rate * BURST_S
            bucket = TokenBucket(self._rate, burst, level=burst, at_s=time.monotonic())
            client = self._clients[address] = Client(address, bucket)
        self._clients.move_to_end(address)
        if len(self._clients) > MAX_CLIENTS:
            # There may be none: connections that come and go at once are forgotten only at the next tick.
            forgotten = next((known for known in self._clients if not is_stream(known)), None)
            if forgotten is not None:
                del self._clients[forgotten]
                self.forgotten.append(forgotten)
                log.warning("forgot the settings of %s port %d: more than %d clients", *forgotten, MAX_CLIENTS)
        return client
