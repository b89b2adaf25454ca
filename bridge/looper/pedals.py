"""Which verbs a slot takes in which state, and when they act. What they do then is `moves`."""

from __future__ import annotations

from dataclasses import replace

from .moves import Moves
from .rig import Rig
from .slot import MAX_PENDING, Pending, Slot
from .verbs import NEED_NO_CLOSING, PLAYED_IN, QUANTISED, VERBS, state_of
from .voices import NORMAL

SHORTEST_S = 0.05
_GROWING = ("multiplying", "inserting")
_EVEN_WHEN_EMPTY = ("record", "auto", "hold", "clear")


class Pedals:
    """The verbs of all slots of one looper.

    Args:
        rig: What the slots share.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._shortest = max(2, round(SHORTEST_S * rig.config.sample_rate))
        self._moves = Moves(rig)

    def press(self, slot: Slot, verb: str, number: int) -> str | None:
        """A verb, now: it acts when its time comes, which may be at once. Why not, if it cannot be."""
        if verb not in VERBS:
            return f"there is no verb {verb!r}; there are: {', '.join(VERBS)}"
        frame = self._rig.frame
        slot.is_changed = True
        if verb == "clear":
            self._moves.verbs[verb](slot, Pending(verb, frame, number), frame)
            return None
        for waiting in slot.pending:
            if waiting.verb == verb and waiting.due > frame:
                return self._take_back(slot, waiting)  # pressed again before its time
        refusal = self._why_not(slot, verb)
        if refusal is not None:
            return refusal
        due = self._end_of_what_is_played(slot, verb, self._due_on_grid(slot, verb, frame))
        slot.wait(Pending(verb, due, number, self._latency(slot)))
        return None

    def act(self, slot: Slot, pending: Pending, frame: int) -> bool:
        """Do what is due; False if it must wait for what is being written."""
        verb, before = pending.verb, slot.state
        due = self._end_of_what_is_played(slot, verb, frame)
        if due > frame:  # the verb began to wait before what it ends had begun
            slot.wait(replace(pending, due=due))
            return True
        if verb not in NEED_NO_CLOSING:
            if before == "recording":
                if verb == "undo":
                    self._moves.drop_recording(slot)
                    return True
                self._moves.end_recording(slot, frame)
            elif before in PLAYED_IN:
                self._moves.end_played_in(slot, frame)
            if slot.state != before and (verb == "play" or state_of(verb) == before):
                return True  # it was only to end
            if slot.writer is not None:
                return False
        refusal = self._why_not(slot, verb)
        if refusal is not None:
            slot.refuse(pending.number, refusal)
        else:
            self._moves.verbs[verb](slot, pending, frame)
        return True

    def _take_back(self, slot: Slot, pending: Pending) -> str | None:
        """Forget a verb that waits, and the end of what is put in if only it waits for that. Why not, if it cannot."""
        writer = slot.writer
        if slot.state == "inserting" and writer is not None and writer.is_ending:
            end = self._rig.frame + writer.frames_to_end()
            enders = [item for item in slot.pending if item.due <= end and item.verb not in NEED_NO_CLOSING]
            if enders == [pending] and not writer.go_on():
                return f"{pending.verb} cannot be taken back: what is put in ends within moments"
        slot.pending.remove(pending)
        return None

    def _why_not(self, slot: Slot, verb: str) -> str | None:
        """Why a verb cannot be done in this state."""
        if len(slot.pending) >= MAX_PENDING or slot.deck.is_crowded:
            return f"{verb} is left out: too many verbs at once"
        if slot.state == "off" and verb not in _EVEN_WHEN_EMPTY:
            return f"{verb} needs a loop, and this slot is empty: record first"
        if slot.state in PLAYED_IN or slot.state == "recording":
            return None
        n_steps = {"undo": slot.stack.n_undo, "redo": slot.stack.n_redo}
        if n_steps.get(verb, 1) == 0:
            return f"there is nothing to {verb}"
        return _why_not_at_this_speed(slot, verb)

    # When.

    def _end_of_what_is_played(self, slot: Slot, verb: str, due: int) -> int:
        """The earliest frame from `due` on at which what is being played in may end, for a verb that ends it."""
        writer, layer, frame = slot.writer, slot.stack.current, self._rig.now
        if verb in NEED_NO_CLOSING or writer is None:
            return due
        if slot.state == "recording":
            return due if verb == "undo" else max(due, frame + self._shortest - writer.elapsed)
        if layer is None or slot.state not in _GROWING:
            return due
        # Whole cycles: of the loop that is played over, or, for insert, of what is put in.
        cycle = layer.ring.n_frames
        if slot.state == "multiplying":
            played = writer.job.start + writer.elapsed
            return max(due, frame + max(-played % cycle, cycle - played))
        if writer.is_ending:
            return max(due, frame + writer.frames_to_end())
        at_least = writer.elapsed + max(due - frame, writer.job.fade)
        writer.end_at(min(-(-at_least // cycle) * cycle, writer.ring.n_frames))
        return frame + writer.frames_to_end()

    def _due_on_grid(self, slot: Slot, verb: str, frame: int) -> int:
        quantise, beats = slot.controls.quantise, self._rig.beats
        if quantise == "off" or verb not in QUANTISED:
            return frame
        if quantise in ("beat", "bar") and beats.is_there:
            due = beats.next_frame(frame, quantise)
            n_bars = self._rig.controls.count_in_bars
            if verb == "record" and slot.state == "off" and n_bars:
                first_bar = beats.next_beat(frame, beats.beats_per_bar)
                due = beats.frame_of(first_bar + n_bars * beats.beats_per_bar)
                self._rig.count_in = (beats.frame_of(first_bar), due)
            return due
        to_seam = slot.deck.frames_to_seam()
        if to_seam is None:
            to_seam = self._rig.master_seam(slot.index)
        return frame if to_seam is None else frame + to_seam

    def _latency(self, slot: Slot) -> int:
        plays_along = slot.state != "off" or slot.controls.quantise != "off" or self._rig.master_seam(-1) is not None
        return self._rig.latency_frames(plays_along=plays_along)


def _why_not_at_this_speed(slot: Slot, verb: str) -> str | None:
    voice = slot.deck.voice
    if voice is not None and verb in ("multiply", "insert") and voice.rate != NORMAL:
        return f"{verb} needs the loop to play forwards at normal speed"
    if voice is not None and verb in ("overdub", "replace", "substitute") and abs(voice.rate) != NORMAL:
        return f"{verb} needs normal speed"
    return None
