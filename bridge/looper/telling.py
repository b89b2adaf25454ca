"""What is told of a slot: what it is doing, and what it will be doing next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .messages import StateChanged
from .verbs import PLAYED_IN, next_state

if TYPE_CHECKING:
    from .slot import Slot


def describe(slot: Slot, frame: int) -> StateChanged:
    """A slot as it is at a frame. The frame is not told, so that equal descriptions are equal: it is 0."""
    layer = slot.stack.current
    return StateChanged(
        0,
        slot.index,
        *_shown_states(slot, frame),
        n_frames=0 if layer is None else layer.ring.n_frames,
        layer_id=0 if layer is None else layer.id,
        take_id="" if layer is None else layer.take_id,
        n_undo=slot.stack.n_undo,
        n_redo=slot.stack.n_redo,
        is_auto=slot.is_auto,
        is_held=slot.takes.is_held,
    )


def _shown_states(slot: Slot, frame: int) -> tuple[str, str]:
    """The state, and the next one."""
    if not slot.pending:
        return slot.state, slot.state
    first = slot.pending[0]
    following = next_state(slot.state, first.verb)
    if first.due <= frame or following == slot.state:
        return slot.state, following
    if slot.state == "off":
        return "wait_start", following
    return ("wait_stop" if slot.state in PLAYED_IN or slot.state == "recording" else slot.state), following
