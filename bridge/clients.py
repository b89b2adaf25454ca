"""Who talks to the server: where each client's replies go, its settings and its drawn mask. No sockets here."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field

from ..engine.settings import DEFAULT_PRESET, VampSettings, preset
from ..engine.take import Mask

log = logging.getLogger(__name__)

Address = tuple[str, int]

MAX_CLIENTS = 256


def _starting_settings() -> VampSettings:
    return preset(DEFAULT_PRESET)


@dataclass
class Client:
    """One client: the place its replies go to.

    Attributes:
        address: Host and reply port.
        settings: Those of its next vamps.
        drawn_mask: For its next vamp only.
        prompts_set: Prompts that it set itself since its last preset.
        speaks_unloop: Its last known message was one of unloop's, so it reads `/error` and not `/vamp/error`.
        told_model: Name of a model that is not loaded, of which it has been told; the last one, for a client may name
            any number of them.
    """

    address: Address
    settings: VampSettings = field(default_factory=_starting_settings)
    drawn_mask: Mask | None = None
    prompts_set: set[str] = field(default_factory=set)
    speaks_unloop: bool = False
    told_model: str = ""


class AddressBook:
    """Finds the client of a sender. Used by one thread.

    Senders that share host and reply port are one client: some programs send every message from a new port.
    At most 256 clients and 256 redirects are remembered; then the one that has been silent longest is forgotten.

    Args:
        reply_port: Where replies go unless a client asked otherwise; 0 is the sending port.
    """

    def __init__(self, *, reply_port: int) -> None:
        self._reply_port = reply_port
        self._clients: OrderedDict[Address, Client] = OrderedDict()
        self._redirects: OrderedDict[Address, int] = OrderedDict()  # sender → reply port, the last to speak at the end

    def client_of(self, sender: Address) -> Client:
        """The client of a sender's host and port; a new one has the settings of the default preset."""
        port = self._redirects.get(sender, self._reply_port) or sender[1]
        if sender in self._redirects:
            self._redirects.move_to_end(sender)
        return self._remember((sender[0], port))

    def redirect(self, sender: Address, reply_port: int) -> Client:
        """Send the replies for this sender to another port of its host. A client new there inherits the settings."""
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
        return after

    def _remember(self, address: Address) -> Client:
        client = self._clients.setdefault(address, Client(address))
        self._clients.move_to_end(address)
        if len(self._clients) > MAX_CLIENTS:
            forgotten, _ = self._clients.popitem(last=False)
            log.warning("forgot the settings of %s port %d: more than %d clients", *forgotten, MAX_CLIENTS)
        return client
