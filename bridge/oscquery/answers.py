"""What an HTTP request is answered with: target in, status and JSON out. No sockets here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .tree import Namespace, Node, Readable, document, json_value

MAX_SHOWN: Final = 100  # characters of a bad request that its error quotes

EXTENSIONS: Final = (
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "TAGS",
    "EXTENDED_TYPE",
    "UNIT",
    "CLIPMODE",
    "OVERLOADS",
    "LISTEN",
)
"""Optional parts of the proposal that work here; what is not listed is not there."""

ATTRIBUTES: Final = frozenset(EXTENSIONS) - {"LISTEN"} | {"FULL_PATH", "CONTENTS", "TYPE"}
"""What may be asked for by `?NAME`; and HOST_INFO, which has no node."""


@dataclass(frozen=True)
class HostInfo:
    """Where the OSC server is that this one describes.

    Attributes:
        name: For people.
        osc_port: UDP port.
        ws_port: TCP port of HTTP and WebSocket.
    """

    name: str
    osc_port: int
    ws_port: int

    def to_dict(self, ip: str) -> dict[str, Any]:
        """As the proposal has it.

        Args:
            ip: Address that the client reached this server at. A server that listens on every interface has no other.
        """
        return {
            "NAME": self.name,
            "EXTENSIONS": dict.fromkeys(EXTENSIONS, True),
            "OSC_IP": ip,
            "OSC_PORT": self.osc_port,
            "OSC_TRANSPORT": "UDP",
            "WS_IP": ip,
            "WS_PORT": self.ws_port,
        }


@dataclass(frozen=True)
class Answer:
    """Status, body and media type of a response."""

    status: HTTPStatus
    body: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """Everything that a request may ask about."""

    namespace: Namespace
    values: Readable
    host: HostInfo

    def answer(self, target: str, ip: str) -> Answer:
        """Answer a GET.

        By the proposal: 404 for a path that is not there, 400 for an attribute that it does not know or that we do not
        have, 204 for one that the node does not have, and {} for a value that is not there yet.

        Args:
            target: Path and query, as the request line has them.
            ip: See `HostInfo.to_dict`.
        """
        try:
            parts = urlsplit(target)
            path = unquote(parts.path, errors="strict")
        except ValueError:  # a broken IPv6 address in an absolute target, or escapes that are no UTF-8
            return refusal(HTTPStatus.BAD_REQUEST, f"not a path: {target[:MAX_SHOWN]!r}")
        names = [item.partition("=")[0] for item in parts.query.split("&") if item]
        if "HOST_INFO" in names:
            return _json(self.host.to_dict(ip))
        unknown = next((name for name in names if name not in ATTRIBUTES), None)
        if unknown is not None:
            known = ", ".join(sorted({*ATTRIBUTES, "HOST_INFO"}))
            reason = f"there is no attribute {unknown[:MAX_SHOWN]!r}; there are: {known}"
            return refusal(HTTPStatus.BAD_REQUEST, reason)
        node = self.namespace.find(path)
        if node is None:
            return refusal(HTTPStatus.NOT_FOUND, f"there is no address {path[:MAX_SHOWN]!r}")
        return self._attributes(node, names) if names else _json(document(node, self.values))

    def _attributes(self, node: Node, names: list[str]) -> Answer:
        told: dict[str, Any] = {}
        is_there = False
        for name in names:
            if name == "VALUE":
                is_there = is_there or node.is_readable
                value = json_value(node, self.values)
                told |= {} if value is None else {name: value}
            elif (found := self._attribute(node, name)) is not None:
                is_there, told[name] = True, found
        return _json(told) if is_there else Answer(HTTPStatus.NO_CONTENT)

    def _attribute(self, node: Node, name: str) -> object:
        if name == "FULL_PATH":
            return node.path
        if name == "CONTENTS":
            return document(node, self.values).get(name)
        return node.attributes.get(name)


def refusal(status: HTTPStatus, reason: str) -> Answer:
    """An error that says why."""
    return Answer(status, f"{reason}\n".encode("utf-8", "replace"), "text/plain; charset=utf-8")


def _json(told: object) -> Answer:
    return Answer(HTTPStatus.OK, json.dumps(told, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))
