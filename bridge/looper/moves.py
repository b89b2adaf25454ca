"""What each verb does to a slot, now. When it may, and whether, is `pedals`; sound is the deck's and the writer's."""

from __future__ import annotations

from .fades import Glide
from .layers import PagedRing, Ring, ShiftedRing, SplicedRing
from .rig import Rig
from .slot import Pending, Slot
from .stack import Layer
from .verbs import next_state, state_of
from .voices import DOUBLE, HALF, NORMAL, Voice
from .writers import WriteJob, Writer


class Moves:
    """The verbs of all slots of one looper.

    Each takes the slot, the verb that was due, and the frame it is; `verbs` finds them by name.

    Args:
        rig: What the slots share.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._nothing_stays = Glide(0.0, rig.config.sample_rate)
        self.verbs = {
            "record": self._record,
            "overdub": self._play_in,
            "multiply": self._multiply,
            "insert": self._insert,
            "replace": self._play_in,
            "substitute": self._play_in,
            "play": self._play,
            "undo": self._step,
            "redo": self._step,
            "reverse": self._reverse,
            "half_speed": self._change_speed,
            "double_speed": self._change_speed,
            "mute": self._mute,
            "pause": self._pause,
            "one_shot": self._from_the_start,
            "trigger": self._from_the_start,
            "clear": self._clear,
            "vamp": self._vamp,
            "auto": self._auto,
            "hold": self._hold,
        }

    # Recording.

    def _record(self, slot: Slot, pending: Pending, _frame: int) -> None:
        slot.deck.stop(slot.fade)
        ring = PagedRing(self._rig.pool)
        slot.writer = Writer(ring, WriteJob(0, 1, pending.latency, 0, is_first=True), slot.feedback)
        slot.written = Layer(slot.new_id(), ring, 0, "recording")
        slot.state = "recording"

    def end_recording(self, slot: Slot, frame: int) -> None:
        """The loop is as long as it is since the recording began, and plays."""
        writer, layer = slot.writer, slot.written
        assert writer is not None and layer is not None  # noqa: S101, PT018 - the state says so
        writer.ring.n_frames = writer.elapsed
        writer.end()
        slot.push(layer)
        slot.state, slot.cycle = "playing", 0
        slot.deck.start(writer.ring)
        if writer.is_done:
            slot.close_layer(frame)

    def drop_recording(self, slot: Slot) -> None:
        """Forget what is being recorded; the loop before it plays."""
        slot.drop_written()
        layer = slot.stack.current
        slot.state = "off" if layer is None else "playing"
        if layer is not None:
            slot.deck.start(layer.ring)

    # Playing in.

    def _loop(self, slot: Slot) -> tuple[Layer, Voice]:
        """What plays; it is heard from now on."""
        if not slot.deck.is_heard:
            slot.deck.sound(slot.fade)
        layer, voice = slot.stack.current, slot.deck.voice
        assert layer is not None and voice is not None  # noqa: S101, PT018 - there is a loop, `_why_not` has looked
        return layer, voice

    def _play_in(self, slot: Slot, pending: Pending, frame: int) -> None:
        """Overdub, replace and substitute: the loop keeps its length."""
        layer, voice = self._loop(slot)
        ring = PagedRing(self._rig.pool, layer.ring)
        state = state_of(pending.verb) or "overdubbing"
        step = 1 if voice.rate > 0 else -1
        self._start_writer(slot, ring, (voice.position, step), (pending, frame))
        if state != "overdubbing" and slot.writer is not None:
            slot.writer.feedback = self._nothing_stays
        slot.written = Layer(slot.new_id(), ring, layer.id, state)
        slot.push(slot.written)
        slot.deck.slip(ring)
        slot.state = state
        if state == "replacing":
            slot.deck.hush(slot.fade)

    def _multiply(self, slot: Slot, pending: Pending, frame: int) -> None:
        layer, voice = self._loop(slot)
        ring = self._growing(slot, layer.ring)
        late = min(frame - pending.due, voice.position)  # not from before the seam: the loop grows at its end
        self._start_writer(slot, ring, (voice.position, 1), (pending, pending.due + late))
        slot.written = Layer(slot.new_id(), ring, layer.id, "multiplying")
        slot.state = "multiplying"

    def _insert(self, slot: Slot, pending: Pending, _frame: int) -> None:
        layer, voice = self._loop(slot)
        ring = self._growing(slot, ShiftedRing(layer.ring, voice.position))
        self._start_writer(slot, ring, (0, 1), (pending, pending.due))
        if slot.writer is not None:
            slot.writer.feedback = self._nothing_stays
        slot.written = Layer(slot.new_id(), ring, layer.id, "inserting")
        slot.state = "inserting"
        slot.deck.hush(slot.fade, stand_still=True)

    def _growing(self, slot: Slot, under: Ring) -> PagedRing:
        """A ring over `under`, as many whole cycles long as a loop may be."""
        ring = PagedRing(self._rig.pool, under, shares_pages=False)
        ring.n_frames = under.n_frames * max(2, slot.max_frames // under.n_frames)
        return ring

    def _start_writer(self, slot: Slot, ring: PagedRing, at: tuple[int, int], when: tuple[Pending, int]) -> None:
        """Write from a position on, in steps of 1 or -1. What was played since the verb was due belongs to it."""
        (position, step), (pending, frame) = at, when
        shift = min(pending.latency, max(0, frame - pending.due))
        job = WriteJob(position - step * shift, step, pending.latency, slot.fade)
        slot.writer = Writer(ring, job, slot.feedback, shift)

    def end_played_in(self, slot: Slot, frame: int) -> None:
        """What is being played in ends; the loop plays."""
        writer, layer = slot.writer, slot.written
        assert writer is not None and layer is not None  # noqa: S101, PT018 - the state says so
        ended, slot.state = slot.state, "playing"
        if ended == "multiplying":
            writer.ring.n_frames = writer.job.start + writer.elapsed
            writer.end()
            slot.push(layer)
            slot.deck.swap(layer.ring, 0, NORMAL, slot.fade)
        elif ended == "inserting":
            self._splice(slot, writer, layer)
        else:
            writer.end()
            if ended == "replacing":
                slot.deck.sound(slot.fade)
        if writer.is_done:
            slot.close_layer(frame)

    def _splice(self, slot: Slot, writer: Writer, layer: Layer) -> None:
        """The inserted cycles are part of the loop, which goes on behind them."""
        outer, voice = slot.stack.current, slot.deck.voice
        assert outer is not None and voice is not None  # noqa: S101, PT018 - the loop it was inserted into
        writer.ring.n_frames = writer.elapsed
        at = voice.position
        layer.play_from(SplicedRing(outer.ring, writer.ring, at))
        slot.push(layer)
        slot.deck.swap(layer.ring, 2 * (at + writer.ring.n_frames), NORMAL, slot.fade)
        slot.deck.sound(slot.fade)

    # Playing.

    def _play(self, slot: Slot, _pending: Pending, _frame: int) -> None:
        slot.state = "playing"
        slot.deck.sound()

    def _step(self, slot: Slot, pending: Pending, _frame: int) -> None:
        """Undo and redo."""
        layer, voice = slot.stack.step(-1 if pending.verb == "undo" else 1), slot.deck.voice
        if layer is not None and voice is not None:
            slot.deck.swap(layer.ring, voice.phase, voice.rate, slot.fade)

    def _reverse(self, slot: Slot, _pending: Pending, _frame: int) -> None:
        voice = _voice(slot)
        slot.deck.swap(voice.ring, voice.phase, -voice.rate, slot.fade)

    def _change_speed(self, slot: Slot, pending: Pending, _frame: int) -> None:
        voice = _voice(slot)
        wanted = HALF if pending.verb == "half_speed" else DOUBLE
        rate = NORMAL if abs(voice.rate) == wanted else wanted
        slot.deck.swap(voice.ring, voice.phase, rate if voice.rate > 0 else -rate, slot.fade)

    def _mute(self, slot: Slot, _pending: Pending, _frame: int) -> None:
        slot.state = next_state(slot.state, "mute")
        if slot.state == "muted":
            slot.deck.hush(slot.fade)
        else:
            slot.deck.sound(slot.fade)

    def _pause(self, slot: Slot, _pending: Pending, _frame: int) -> None:
        slot.state = next_state(slot.state, "pause")
        if slot.state == "paused":
            slot.deck.hush(slot.fade, stand_still=True)
        else:
            slot.deck.sound()

    def _from_the_start(self, slot: Slot, pending: Pending, _frame: int) -> None:
        """Trigger, and one-shot."""
        voice = _voice(slot)
        slot.state = "one_shot" if pending.verb == "one_shot" else "playing"
        start = 0 if voice.rate > 0 else 2 * voice.ring.n_frames + voice.rate
        slot.deck.swap(voice.ring, start, voice.rate, slot.fade)
        slot.deck.sound()

    def _clear(self, slot: Slot, _pending: Pending, _frame: int) -> None:
        slot.deck.stop(slot.fade)
        slot.takes.forget()
        slot.drop_written()
        slot.pending.clear()
        slot.throw_away(slot.stack.clear())
        slot.state, slot.is_auto = "off", False

    # Variations.

    def _vamp(self, slot: Slot, _pending: Pending, frame: int) -> None:
        slot.ask_for_vamp(frame, by_hand=True)

    def _auto(self, slot: Slot, _pending: Pending, frame: int) -> None:
        slot.is_auto = not slot.is_auto
        if slot.is_auto:
            slot.ask_for_vamp(frame, by_hand=True)

    def _hold(self, slot: Slot, _pending: Pending, _frame: int) -> None:
        slot.takes.is_held = not slot.takes.is_held


def _voice(slot: Slot) -> Voice:
    voice = slot.deck.voice
    assert voice is not None  # noqa: S101 - there is a loop, `_why_not` has looked
    return voice
