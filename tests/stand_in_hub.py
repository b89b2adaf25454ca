"""A hub of our own on the loopback: answers what Hugging Face's clients ask for, and misbehaves in every way we fear.

Like the real one it redirects to a storage address for the content, and says size, SHA-256 and commit in the redirect.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "hugggof/vampnet"
NEW_NAME = "somebody/vampnet"


@dataclass
class StandInHub:
    """What the hub has, how it misbehaves, and what it was asked.

    Attributes:
        files: Content by path in the repository.
        lies: Content that is really sent, by path.
        cuts: By path, after how many bytes of an answer the connection is closed; one entry is used up by each answer.
        statuses: Answers with this status instead, by path ("" for everything).
        knows_ranges: Whether a part of a file can be asked for.
        tells_hash: Whether size and SHA-256 are told.
        is_hub: False is the login page of a hotel's network.
        asked: (method, path, first byte) of every request for content or about a file.
        renamed: Whether the repository has another name now and the old one is redirected.
        tokens: The Authorization header of every request, None where there was none.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    lies: dict[str, bytes] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    knows_ranges: bool = True
    tells_hash: bool = True
    is_hub: bool = True
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    tokens: list[tuple[str, str | None]] = field(default_factory=list)
    renamed: bool = False
    address: str = ""

    @property
    def storage(self) -> str:
        """Where content is; to a client it is another host."""
        return self.address.replace("127.0.0.1", "localhost")

    def sent(self) -> list[tuple[str, int]]:
        """Path and first byte of every answer with content."""
        return [(path, start) for method, path, start in self.asked if method == "GET"]


@contextmanager
def running(hub: StandInHub) -> Iterator[StandInHub]:
    """Serve until the block ends; `hub.address` says where."""

    class Handler(_Handler):
        stand_in = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandInHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""

    def _answer(self) -> None:
        hub, path = self.stand_in, unquote(urlsplit(self.path).path)
        hub.tokens.append((path, self.headers.get("Authorization")))
        if not hub.is_hub:
            return self._send(200, b"<html>Welcome, please log in</html>")
        if path == f"/api/models/{REPOSITORY}":
            listing = {"id": REPOSITORY, "sha": COMMIT, "siblings": [{"rfilename": name} for name in hub.files]}
            return self._send(200, json.dumps(listing).encode())
        if path.startswith("/storage/"):
            return self._content(path.removeprefix("/storage/"))
        name = NEW_NAME if hub.renamed else REPOSITORY
        if hub.renamed and path.startswith(f"/{REPOSITORY}/"):
            return self._send(307, b"", {"Location": path.replace(REPOSITORY, NEW_NAME)})
        for revision in ("main", COMMIT):
            start = f"/{name}/resolve/{revision}/"
            if path.startswith(start):
                return self._resolve(path.removeprefix(start))
        return self._send(404, b"", {"X-Error-Code": "RepoNotFound"})

    def _resolve(self, name: str) -> None:
        hub = self.stand_in
        if self.command == "HEAD":
            hub.asked.append(("HEAD", name, 0))
        status = hub.statuses.get(name, hub.statuses.get("", 0))
        if status:
            return self._send(status, b"")
        if name not in hub.files:
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        headers = {"X-Repo-Commit": COMMIT, "Location": f"{hub.storage}/storage/{name}"}
        if hub.tells_hash:
            digest = hashlib.sha256(hub.files[name]).hexdigest()
            headers |= {"X-Linked-Size": str(len(hub.files[name])), "X-Linked-ETag": f'"{digest}"'}
        return self._send(302, b"Found", headers)

    def _content(self, name: str) -> None:
        hub = self.stand_in
        content = hub.lies.get(name, hub.files[name])
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and hub.knows_ranges else 0
        hub.asked.append((self.command, name, start))
        if start >= len(content) > 0:
            return self._send(416, b"")
        headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        cuts = hub.cuts.get(name)
        return self._send(206 if start else 200, content[start:], headers, cut=cuts.pop(0) if cuts else None)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, cut: int | None = None) -> None:
        self.send_response(status)
        for header, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True
