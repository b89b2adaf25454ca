"""Answers the messages of unloop, the public Max looper for VampNet. Arguments arrive checked.

Its server answers `/process` with two files, the two variations that its model makes at once; so do we.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine.errors import VampbridgeError
from ..engine.settings import VampSettings
from ..engine.take import Progress, Take
from .clients import Address, Client
from .errors import clip
from .ids import RequestId
from .message_spec import Values
from .own_messages import Desk
from .parts import BasePart
from .send import Send
from .unloop_protocol import UNLOOP_MODELS, UNLOOP_ONSET_SIDES
from .vamps import Order

N_VARIATIONS = 2


@dataclass(frozen=True)
class UnloopReplies:
    """Tells the client of one request, in unloop's messages."""

    send: Send
    to: Address
    query_id: RequestId

    def queued(self) -> None:
        """See `vamps.Replies`."""
        self.progress(None, is_new=True)

    def progress(self, progress: Progress | None, *, is_new: bool) -> None:  # noqa: ARG002 - unloop wants it repeated
        """See `vamps.Replies`."""
        status = "Status.IN_QUEUE" if progress is None else "Status.PROCESSING"
        self.send(self.to, "/progress", (self.query_id, status))

    def note(self, text: str) -> None:
        """See `vamps.Replies`."""
        self.send(self.to, "/log", (clip(text),))

    def done(self, paths: Sequence[Path], take: Take, seconds: float) -> None:
        """See `vamps.Replies`."""
        seed, take_id = take.report.seed, take.report.take_id
        self.note(f"query {self.query_id} has been processed in {seconds:.2f} s: take {take_id}, seed {seed}")
        self.send(self.to, "/process-result", (self.query_id, *map(str, paths)))

    def failed(self, error: VampbridgeError) -> None:
        """See `vamps.Replies`."""
        self.send(self.to, "/error", (clip(f"query {self.query_id}: {error}"),))


def settings_of(values: Values, *, seed: int) -> VampSettings:
    """The settings that a `/process` message asks for; what it does not mention is as in VampNet.

    Raises:
        SettingError: Out of range.
    """
    return VampSettings(
        period=values["periodic"],
        dropout=values["dropout"],
        typical=values["typical_on"],
        typical_mass=values["typical_mass"],
        typical_min_tokens=values["typical_min_tokens"],
        codebooks_kept=values["codebooks_kept"],
        onset_width=UNLOOP_ONSET_SIDES * values["onset_width"],  # VampNet's width w keeps 2·w frames
        coarse_passes=values["steps"],
        temperature=values["temperature"],
        top_p=values["top_p"] or 1.0,  # unloop's 0 means off, which is our 1
        # From every beat on: VampNet's default keeps nothing ahead of it.
        # DIFFERS: VampNet joins the beats to a prompt that has had its dropout, so that they lose nothing; here dropout
        # is a share of all that is kept.
        beat_after_ms=values["beat_mask_ms"],
        feedback=values["feedback_steps"],
        variations=N_VARIATIONS,
        seed=seed,
    )


class UnloopMessages(BasePart):
    """One handler for each of unloop's messages; each takes the checked values, the client, and the sender."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.handlers: dict[str, Callable[[Values, Client, Address], None]] = {
            "/process": self._process,
            "/heartbeat": self._heartbeat,
            "/cleanup": self._cleanup,
        }

    def _process(self, values: Values, client: Client, _: Address) -> None:
        desk = self._desk
        query_id, asked_seed = values["query_id"], values["seed"]
        seed = asked_seed if asked_seed > 0 else desk.draw_seed()
        settings = settings_of(values, seed=seed)
        path_in = desk.folders.readable(values["path"])
        order = Order(query_id, client.address, path_in, None, settings, loop_ms=values["looplength_ms"])
        replies = UnloopReplies(desk.send, client.address, query_id)
        desk.vamps.accept(order, replies)
        if asked_seed <= 0:
            replies.note(f"query {query_id}: drew seed {seed}")
        self._explain(values, client, replies)

    def _explain(self, values: Values, client: Client, replies: UnloopReplies) -> None:
        """Tell once that a model was named which is not the loaded one."""
        bundle = self._desk.engine.info.bundle
        model = values["model"]
        if not bundle or model in (*UNLOOP_MODELS, bundle, client.told_model):
            return  # before a bundle is loaded there is nothing to compare it with
        client.told_model = model
        replies.note(f"the model {model!r} is not loaded: {bundle!r} is used; serve --bundle loads another one")

    def _heartbeat(self, _: Values, client: Client, __: Address) -> None:
        self._desk.send(client.address, "/heartbeat", ("pong",))

    def _cleanup(self, values: Values, _: Client, __: Address) -> None:
        self._desk.folders.delete(values["path"])
