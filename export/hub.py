"""Files of one repository on a Hugging Face hub: what they must be, and their bytes. Nothing here asks or remembers.

Plain HTTP with the standard library, in the two requests that the hub and its mirrors have always answered: `HEAD` and
`GET ENDPOINT/REPOSITORY/resolve/REVISION/PATH`. The hub's own client is not used: it starts a broken download from the
beginning, does not compare the content with the hash, and asks the hub for more than the user asked for.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from ..engine.errors import DownloadError, PathError, SettingError

HUB = "https://huggingface.co"
MAIN = "main"
OnBytes = Callable[[int], None]

_BLOCK_BYTES = 2**18
_TRIES = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-zA-Z._-]{1,80}")
_MAX_LISTING_BYTES = 16 * 2**20
_NO_RANGE = 416
_PARTIAL = 206
_NO_ENTRY = "EntryNotFound"
_COMMIT_HEADER = "X-Repo-Commit"


@dataclass(frozen=True)
class RemoteFile:
    """A file on the hub: its path in the repository, its bytes, their SHA-256 and the commit that it is from."""

    path: str
    size: int
    sha256: str
    revision: str


class _InterruptedError(Exception):
    """The connection failed in a way that trying again may mend."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What the hub says of a file stands in its redirect to the storage, so the redirect is not followed."""

    def redirect_request(self, *_arguments: object) -> None:
        """Do not follow."""


def endpoint_from_environment() -> str:
    """Address of the hub: the variable HF_ENDPOINT, else the public one.

    Raises:
        SettingError: HF_ENDPOINT is no http address.
    """
    given = (os.environ.get("HF_ENDPOINT", "").strip() or HUB).rstrip("/")
    parts = urllib.parse.urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.netloc or any(character.isspace() for character in given):
        raise SettingError(f"HF_ENDPOINT must be an address such as {HUB}, got {given!r}")
    return given


def is_offline() -> bool:
    """Whether the variable HF_HUB_OFFLINE forbids the network."""
    return os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in {"1", "true", "yes", "on"}


class Hub:
    """One repository on one hub.

    Args:
        repository: `OWNER/NAME`.
        endpoint: Address of the hub; None reads `endpoint_from_environment()`.
        pause_s: How long to wait before a broken connection is tried again.
        timeout_s: How long the hub may be silent.
    """

    def __init__(
        self, repository: str, *, endpoint: str | None = None, pause_s: float = 1.0, timeout_s: float = 20.0
    ) -> None:
        self.repository = repository
        self.endpoint = endpoint or endpoint_from_environment()
        self._pause_s = pause_s
        self._timeout_s = timeout_s
        self._ask = urllib.request.build_opener(_NoRedirect)
        self._fetch = urllib.request.build_opener()

    @property
    def address(self) -> str:
        """Of the repository's page."""
        return f"{self.endpoint}/{self.repository}"

    def find(self, path: str, *, revision: str = MAIN) -> RemoteFile | None:
        """What the hub says of a file; None if the repository does not have it.

        Raises:
            DownloadError: The hub cannot be reached, wants a login, or answers in a way that is not a hub's.
        """
        headers = self._head(self._url(path, revision), path)
        if headers is None:
            return None
        sha256 = (headers.get("X-Linked-ETag") or headers.get("ETag") or "").removeprefix("W/").strip('"').lower()
        commit = headers.get(_COMMIT_HEADER) or ""
        size = headers.get("X-Linked-Size") or headers.get("Content-Length") or ""
        if not _COMMIT.fullmatch(commit):
            raise DownloadError(
                f"{self.endpoint} answers, but not as a hub does: is this the login page of a network, or is "
                "HF_ENDPOINT wrong?"
            )
        if not _SHA256.fullmatch(sha256) or not size.isdecimal():
            raise DownloadError(f"{self.address} gives no size and SHA-256 of {path}, so it could not be checked")
        return RemoteFile(path, int(size), sha256, commit)

    def paths(self) -> list[str]:
        """All files of the repository.

        Raises:
            DownloadError: As for `find`.
        """
        url = f"{self.endpoint}/api/models/{self.repository}"
        try:
            with self._open(self._fetch, self._request(url)) as response:
                listing = json.loads(response.read(_MAX_LISTING_BYTES))
            return [str(sibling["rfilename"]) for sibling in listing["siblings"]]
        except urllib.error.HTTPError as error:
            raise self._refused(error, url) from error
        except (_InterruptedError, OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise DownloadError(f"{url} does not answer with a list of files") from error

    def fetch(self, file: RemoteFile, part: Path, *, on_bytes: OnBytes) -> None:
        """Bring the bytes into `part`, going on where it stops; the hash is for the caller to check.

        Args:
            file: From `find`.
            part: What is there of it stays, also when this fails; but not if the hub gives another size.
            on_bytes: Told how many bytes are there.

        Raises:
            DownloadError: As for `find`; the connection broke again and again; another size than promised.
            PathError: The disk refuses.
        """
        tries = 0
        while (have := _size(part)) < file.size or not part.exists():
            on_bytes(have)
            try:
                self._append(file, part, on_bytes)
            except _InterruptedError as error:
                tries = 0 if _size(part) > have else tries + 1
                if tries >= _TRIES:
                    raise self._unreachable(error, kept=_size(part)) from error
                time.sleep(self._pause_s)
            except urllib.error.HTTPError as error:
                if error.code != _NO_RANGE or tries >= _TRIES:
                    raise self._refused(error, file.path) from error
                tries += 1
                part.unlink(missing_ok=True)  # what is there is not of this file
            except OSError as error:
                raise PathError(
                    f"cannot write {part}: {error.strerror or error}; what is fetched of {file.path} is kept"
                ) from error
        if _size(part) > file.size:
            raise self._wrong_size(file, part, _size(part))

    def _append(self, file: RemoteFile, part: Path, on_bytes: OnBytes) -> None:
        """One connection's worth. Trouble with the network is `_InterruptedError`; an OSError is the disk's."""
        request = self._request(self._url(file.path, file.revision))
        have = _size(part)
        if have:
            request.add_header("Range", f"bytes={have}-")
        with self._open(self._fetch, request) as response, part.open("ab") as target:
            if response.status != _PARTIAL:
                target.truncate(0)  # the server does not know ranges and begins again
                have = 0
            elif not (response.headers.get("Content-Range") or "").startswith(f"bytes {have}-"):
                raise DownloadError(f"{self.endpoint} was asked for {file.path} from byte {have} and sent other bytes")
            promised = response.headers.get("Content-Length") or ""
            if promised.isdecimal() and have + int(promised) != file.size:
                target.close()
                raise self._wrong_size(file, part, have + int(promised))
            while block := self._read(response):
                have += len(block)
                if have > file.size:
                    target.close()
                    raise self._wrong_size(file, part, have)
                target.write(block)
                on_bytes(have)
        if have < file.size:
            raise _InterruptedError("the connection was closed halfway")

    def _read(self, response: Any) -> bytes:  # noqa: ANN401 - urllib gives it no public type
        try:
            block: bytes = response.read(_BLOCK_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise _InterruptedError(str(error) or type(error).__name__) from error
        return block

    def _head(self, url: str, path: str) -> Message | None:
        """Headers of the hub's own answer: after its redirects to itself (a renamed repository), before others'."""
        for _ in range(_TRIES):
            error = self._ask_once(url)
            if isinstance(error, Message):
                return error
            if 300 <= error.code < 400:
                target = urllib.parse.urljoin(url, error.headers.get("Location") or "")
                if not error.headers.get(_COMMIT_HEADER) and target.startswith(f"{self.endpoint}/"):
                    url = target
                    continue
                # Of the redirect itself, not of the file.
                del error.headers["ETag"], error.headers["Content-Length"]
                return error.headers
            if error.code == 404 and error.headers.get("X-Error-Code", _NO_ENTRY) == _NO_ENTRY:
                return None
            raise self._refused(error, path) from error
        raise DownloadError(f"{self.endpoint} sends requests for {path} round in a circle")

    def _ask_once(self, url: str) -> Message | urllib.error.HTTPError:
        """Headers of a plain answer; of a redirect or refusal, the error that has them."""
        try:
            with self._open(self._ask, self._request(url, method="HEAD")) as response:
                headers: Message = response.headers
        except urllib.error.HTTPError as error:
            error.close()
            return error
        except _InterruptedError as error:
            raise self._unreachable(error) from error
        return headers

    def _open(self, opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> Any:  # noqa: ANN401
        try:
            return opener.open(request, timeout=self._timeout_s)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code >= 500 or error.code in {408, 429}:
                raise _InterruptedError(f"it answers {error.code} {error.reason}") from error
            raise
        except urllib.error.URLError as error:
            raise _InterruptedError(_reason(error.reason)) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _InterruptedError(str(error) or type(error).__name__) from error

    def _request(self, url: str, *, method: str = "GET") -> urllib.request.Request:
        request = urllib.request.Request(url, method=method, headers={"User-Agent": "vampbridge"})  # noqa: S310 - checked
        # Compressed on the way, a file would have another size and could not be gone on with.
        request.add_header("Accept-Encoding", "identity")
        token = os.environ.get("HF_TOKEN", "").strip()
        if token:
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        return request

    def _url(self, path: str, revision: str) -> str:
        return f"{self.endpoint}/{self.repository}/resolve/{revision}/{urllib.parse.quote(path)}"

    def _refused(self, error: urllib.error.HTTPError, what: str) -> DownloadError:
        if error.code in {401, 403} or error.headers.get("X-Error-Code") in {"GatedRepo", "RepoNotFound"}:
            return DownloadError(
                f"{self.endpoint} does not let us at {self.repository} ({error.code}): it is not there, or it wants a "
                f"login. Look at {self.address}, accept its terms, and put an access token into the variable HF_TOKEN"
            )
        return DownloadError(f"{self.address} answers {error.code} {error.reason} for {what}")

    def _unreachable(self, error: Exception, *, kept: int = 0) -> DownloadError:
        told = f"; the {kept:,} bytes that came are kept" if kept else ""
        return DownloadError(f"cannot reach {self.endpoint}: {error}{told}. Run the same command again to go on")

    def _wrong_size(self, file: RemoteFile, part: Path, size: int) -> DownloadError:
        part.unlink(missing_ok=True)
        return DownloadError(
            f"{self.endpoint} sends {size:,} bytes as {file.path}, which has {file.size:,}; they were deleted. "
            "Run the same command again"
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _reason(reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return (
            f"its certificate cannot be checked ({reason.verify_message}); with Python from python.org on a Mac, run "
            "`Install Certificates.command` in its folder once"
        )
    return str(getattr(reason, "strerror", None) or reason)
