"""Answers the `/vamp` messages of the protocol table. Arguments arrive checked."""

from __future__ import annotations

import importlib.metadata
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..engine.errors import VampbridgeError
from ..engine.settings import PROMPTS, RANGES, VampSettings, preset, without_prompts
from ..engine.take import Progress, Take
from .clients import Address, AddressBook, Client
from .engine_port import Engine
from .errors import RequestError, clip
from .idle_settings import told, why_idle
from .ids import RequestId
from .live_protocol import RANDOM_SEED
from .masks import check_rows, keep_mask, mask_of, rows_told, with_row
from .message_spec import Values
from .parts import BasePart, Handler
from .paths import AllowedFolders
from .protocol import PROTOCOL_VERSION, SET_PREFIX
from .send import Send
from .vamps import Order, Vamps

# 31 bits: a seed that we draw must come back from Max, whose OSC integers end there.
MAX_DRAWN_SEED = 2**31 - 1


@dataclass
class Counters:
    """What was received, and what of it was not handled."""

    received: int = 0
    malformed: int = 0
    refused: int = 0
    replies: int = 0
    limited: int = 0


def _no_backlog(_: Address) -> int:
    return 0


@dataclass(frozen=True)
class Desk:
    """Everything that answering a message may need.

    Attributes:
        backlog_bytes: What waits for a client that has not taken it yet, see `net.network`.
    """

    send: Send
    engine: Engine
    folders: AllowedFolders
    vamps: Vamps
    book: AddressBook
    rng: random.Random
    counters: Counters = field(default_factory=Counters)
    backlog_bytes: Callable[[Address], int] = _no_backlog

    def draw_seed(self) -> int:
        """A seed in [1, 2³¹ - 1]."""
        return self.rng.randint(1, MAX_DRAWN_SEED)


@dataclass(frozen=True)
class OwnReplies:
    """Tells the client of one vamp, in `/vamp` messages."""

    send: Send
    to: Address
    request_id: RequestId
    client: Client | None = None

    def queued(self) -> None:
        """See `vamps.Replies`."""
        self.send(self.to, "/vamp/progress", (self.request_id, "queued", 0.0))

    def progress(self, progress: Progress | None, *, is_new: bool) -> None:
        """See `vamps.Replies`."""
        if progress is not None and is_new:
            self.send(self.to, "/vamp/progress", (self.request_id, progress.stage, progress.fraction))

    def note(self, text: str) -> None:
        """See `vamps.Replies`."""
        self.send(self.to, "/vamp/log", (clip(text),))

    def done(self, paths: Sequence[Path], take: Take, seconds: float) -> None:
        """See `vamps.Replies`."""
        if self.client is not None:
            self.client.last_mask = take.mask
            keep_mask(self.client.masks, self.request_id, take.mask)
        for path in paths:
            told = (self.request_id, str(path), take.report.seed, take.report.take_id, seconds)
            self.send(self.to, "/vamp/done", told)

    def failed(self, error: VampbridgeError) -> None:
        """See `vamps.Replies`."""
        reason = f"request {self.request_id}: {error}"
        self.send(self.to, "/vamp/error", (error.code, "/vamp/file", clip(reason), self.request_id))


class OwnMessages(BasePart):
    """One handler for each line of the table; each takes the checked values, the client, and the sender."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._numbers = itertools.count(1)
        self.handlers: dict[str, Handler] = {
            "/vamp/version": self._version,
            "/vamp/ping": self._ping,
            "/vamp/settings": self._settings,
            "/vamp/preset": self._preset,
            "/vamp/file": self._file,
            "/vamp/cancel": self._cancel,
            "/vamp/mask": self._mask,
            "/vamp/mask/row": self._mask_row,
            "/vamp/mask/of": self._mask_of,
            "/vamp/mask/clear": self._clear_mask,
            "/vamp/reply_port": self._reply_port,
        }
        for name in RANGES:
            self.handlers[SET_PREFIX + name] = partial(self._set, name)

    def _version(self, _: Values, client: Client, __: Address) -> None:
        version = importlib.metadata.version("vampbridge")
        told = (version, PROTOCOL_VERSION, self._desk.engine.info.bundle)
        self._desk.send(client.address, "/vamp/version", told)

    def _ping(self, _: Values, client: Client, __: Address) -> None:
        self._desk.send(client.address, "/vamp/pong")

    def _settings(self, _: Values, client: Client, __: Address) -> None:
        for name in RANGES:
            self._tell_setting(client, name)
        self._desk.send(client.address, "/vamp/settings", (len(RANGES),))

    def _preset(self, values: Values, client: Client, _: Address) -> None:
        client.settings = preset(values["name"])
        client.prompts_set.clear()

    def _set(self, name: str, values: Values, client: Client, _: Address) -> None:
        if values:
            client.settings = client.settings.changed(**values)
            client.prompts_set.update(PROMPTS.intersection(values))
            reason = why_idle(name, client.settings)
            if reason is not None:
                self._desk.send(client.address, "/vamp/log", (told(reason),))
        else:
            self._tell_setting(client, name)

    def _tell_setting(self, client: Client, name: str) -> None:
        self._desk.send(client.address, SET_PREFIX + name, (sendable(getattr(client.settings, name)),))

    def _file(self, values: Values, client: Client, _: Address) -> None:
        desk = self._desk
        path_in = desk.folders.readable(values["path_in"])
        path_out = desk.folders.resolve(values["path_out"])
        request_id = values["request_id"]
        if request_id is None:
            request_id = f"vamp-{next(self._numbers)}"
        settings = with_seed(client.settings, desk)
        if client.drawn_mask is not None and not client.prompts_set:
            settings = without_prompts(settings)
        order = Order(request_id, client.address, path_in, path_out, settings, client.drawn_mask)
        desk.vamps.accept(order, OwnReplies(desk.send, client.address, request_id, client))
        client.drawn_mask = None

    def _cancel(self, values: Values, client: Client, _: Address) -> None:
        request_id = values["request_id"]
        if not self._desk.vamps.cancel(client.address, request_id):
            raise RequestError(f"you have no unfinished vamp with the id {request_id!r}")

    def _mask(self, values: Values, client: Client, _: Address) -> None:
        if values:
            check_rows(values["rows"], self._desk.engine.info.n_codebooks)
            client.drawn_mask = mask_of(values)
            return
        if client.last_mask is None:
            raise RequestError("no vamp of yours has been made yet")
        for row in rows_told(client.last_mask):
            self._desk.send(client.address, "/vamp/mask/row", row)

    def _mask_row(self, values: Values, client: Client, _: Address) -> None:
        n_codebooks = self._desk.engine.info.n_codebooks
        client.drawn_mask = with_row(client.drawn_mask, values, n_codebooks=n_codebooks)

    def _mask_of(self, values: Values, client: Client, _: Address) -> None:
        request_id = values["request_id"]
        mask = client.masks.get(request_id)
        if mask is None:
            raise RequestError(f"no vamp of yours with the id {request_id!r} has been made")
        for row, *cells in rows_told(mask):
            self._desk.send(client.address, "/vamp/mask/of", (request_id, row, len(mask), *cells))

    def _clear_mask(self, _: Values, client: Client, __: Address) -> None:
        client.drawn_mask = None

    def _reply_port(self, values: Values, client: Client, sender: Address) -> None:
        if client.is_stream:
            raise RequestError("over TCP, replies come on the connection")
        self._desk.book.redirect(sender, values["port"])


def sendable(value: object) -> int | float | str:
    """A setting's value as OSC that every sender understands: switches as 0 or 1, no nil."""
    if value is None:
        return RANDOM_SEED
    return int(value) if isinstance(value, bool) else value  # type: ignore[return-value]


def with_seed(settings: VampSettings, desk: Desk) -> VampSettings:
    """The settings with a seed; drawn here where there is none."""
    return settings if settings.seed is not None else settings.changed(seed=desk.draw_seed())
