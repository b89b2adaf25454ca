"""One slot through time: splits blocks where something happens, plays, writes, tells. What verbs do is `pedals`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .controls import SlotControls
from .deck import Deck
from .fades import Glide
from .layers import Frames
from .messages import Forgotten, LayerClosed, Refused, Seam, StateChanged, VampWanted
from .rig import Rig
from .seams import blend_lead_in
from .stack import Layer, LayerStack
from .takes import TakeGate
from .telling import describe
from .verbs import PLAYED_IN
from .writers import Writer

MAX_PENDING = 8
NEVER = 2**62


@dataclass(frozen=True)
class Pending:
    """A verb that waits: for its frame, and for what is being written to be complete.

    Attributes:
        verb: See `verbs.VERBS`.
        due: The frame at which it acts.
        number: Of the command.
        latency: Frames by which what is played in arrives late.
    """

    verb: str
    due: int
    number: int = 0
    latency: int = 0


class Slot:
    """One loop with its history.

    Args:
        index: From 0.
        rig: What it shares with the others.
        act: Does a verb that is due; returns whether it is done with (False: it waits on, first in line).
    """

    def __init__(self, index: int, rig: Rig, act: Callable[[Slot, Pending, int], bool]) -> None:
        self.index, self.rig, self._act = index, rig, act
        self.controls = SlotControls()
        self.state = "off"
        self.deck = Deck(rig)
        self.stack = LayerStack()
        self.takes = TakeGate(self)
        self.pending: deque[Pending] = deque()
        self.writer: Writer | None = None
        self.written: Layer | None = None  # the layer that the writer completes
        self.cycle = 0
        self.is_auto = self.is_changed = False
        rate = rig.config.sample_rate
        self._wet = Glide(self.controls.wet, rate)
        self.feedback = Glide(self.controls.feedback, rate)
        self._lead_in: Frames = rig.new_lead_in()
        self._n_lead_in = 0
        self._told: StateChanged | None = None
        self._n_ids = 0

    def turn(self, name: str, value: float | str | bool) -> None:  # noqa: FBT001 - a dial's value, whatever its kind
        """Turn a dial.

        Raises:
            SettingError: No such dial, or a value out of its range.
        """
        self.controls = self.controls.changed(**{name: value})
        if name == "wet":
            self._wet.turn(self.controls.wet)
        elif name == "feedback":
            self.feedback.turn(self.controls.feedback)

    @property
    def fade(self) -> int:
        """Frames of a crossfade; at most a quarter of the loop."""
        fade = max(1, self.rig.frames(self.controls.fade_ms))
        layer = self.stack.current
        return fade if layer is None else max(1, min(fade, layer.ring.n_frames // 4))

    @property
    def max_frames(self) -> int:
        """The longest loop."""
        return round(self.rig.config.max_loop_s * self.rig.config.sample_rate)

    def refuse(self, number: int, reason: str) -> None:
        """Say that a command changed nothing."""
        self.rig.emit(Refused(self.rig.now, number, self.index, f"slot {self.index + 1}: {reason}"))

    def wait(self, pending: Pending) -> None:
        """Let a verb wait for its frame; of one frame, in the order they came."""
        self.pending.insert(sum(item.due <= pending.due for item in self.pending), pending)
        self.is_changed = True

    # Time.

    def begin(self, frame: int) -> None:
        """Do what is due at a frame."""
        self._fade_one_shot()
        self._act_on_due(frame)
        self._fade_one_shot()  # a verb may have brought its end nearer
        self.takes.begin(frame)

    def reserve(self, frame: int) -> None:
        """Have memory for what is written from a frame on; where there is none, what is being played in ends."""
        writer = self.writer
        if writer is None or not writer.is_writing or not writer.needs_page():
            return
        self.rig.keep_room()
        writer.reserve()
        if writer.is_out_of_memory:
            self._close_if_done(frame)
            self.begin(frame)
            self.reserve(frame)  # for what has waited for this end

    def run(self, block: Frames, mix: Frames) -> None:
        """Take `block` (n, C), add to `mix` (n, C), from the frame `rig.now` on, not beyond `frames_to_boundary`."""
        self._sound(mix)
        if self.writer is not None:
            self._write(self.writer, block, self.rig.now)

    def _act_on_due(self, frame: int) -> None:
        self._stop_at_limit(frame)
        while self.pending and self.pending[0].due <= frame:
            pending = self.pending.popleft()
            self.is_changed = True
            if not self._act(self, pending, frame):
                self.pending.appendleft(pending)
                return

    def _fade_one_shot(self) -> None:
        """Let a one-shot be silent by its end, also where its fade or its speed was changed just before it."""
        to_seam = self.deck.frames_to_seam()
        if self.state == "one_shot" and self.deck.is_heard and to_seam is not None and to_seam <= self.fade:
            self.deck.hush(to_seam)

    def _stop_at_limit(self, frame: int) -> None:
        """What has grown as long as a loop may be ends by itself."""
        writer = self.writer
        left = None if writer is None or writer.is_ending else self._frames_to_limit(writer)
        if writer is None or left is None or left > 0:
            return
        wait = 0
        if self.state == "inserting":
            wait = writer.ring.n_frames - writer.elapsed
            writer.end_at(writer.ring.n_frames)
        self.refuse(0, f"{self.state} ends here: a loop may be {self.rig.config.max_loop_s:g} s long")
        self.pending = deque(item for item in self.pending if item.due < frame)
        self.pending.append(Pending("play", frame + wait))

    def _frames_to_limit(self, writer: Writer) -> int | None:
        """Frames until `_stop_at_limit` has something to do; None where nothing grows."""
        if self.state == "recording":
            return self.max_frames - writer.elapsed
        if self.state == "multiplying":
            return writer.ring.n_frames - writer.job.start - writer.elapsed
        if self.state == "inserting":
            return writer.ring.n_frames - writer.job.fade - writer.elapsed
        return None

    def frames_to_boundary(self, frame: int) -> int:
        """Frames from a frame on in which nothing begins or ends, at least 1."""
        # A verb that waits for the writer is looked at again when the writer is done, which is a boundary.
        nearest = min((item.due - frame for item in self.pending if item.due > frame), default=NEVER)
        to_seam = self.deck.frames_to_seam()
        if to_seam is not None:
            nearest = min(nearest, to_seam)
            if (self.takes.is_open or self.state == "one_shot") and to_seam > self.fade:
                nearest = min(nearest, to_seam - self.fade)
        if self.writer is not None:
            nearest = min(nearest, self._frames_to_writer(self.writer))
        return max(1, nearest)

    def _frames_to_writer(self, writer: Writer) -> int:
        nearest = writer.frames_to_page() if writer.is_writing else NEVER
        for frames in (writer.frames_to_change(), None if writer.is_ending else self._frames_to_limit(writer)):
            if frames is not None:
                nearest = min(nearest, frames)
        if self.deck.voice is not None:
            # What is written a cycle less the latency ahead of the voice must be there when the voice comes.
            n_ring = self.deck.voice.ring.n_frames
            nearest = min(nearest, n_ring - writer.job.delay % n_ring)
        return nearest

    def _sound(self, mix: Frames) -> None:
        if self.deck.is_idle:
            self._wet.skip(len(mix))
            return
        own = self.rig.silence(len(mix))
        self.deck.add_to(own)
        self._wet.apply(own)
        mix += own

    def _write(self, writer: Writer, block: Frames, frame: int) -> None:
        if writer.job.is_first and writer.elapsed == writer.job.delay:
            self._keep_lead_in(frame)
        writer.write(self._as_recorded(block), self.rig.scratch)

    def _as_recorded(self, block: Frames) -> Frames:
        if not self.controls.mono or block.shape[1] == 1:
            return block
        both = self.rig.sound[: len(block)]
        np.add(block[:, 0], block[:, 1], out=both[:, 0])
        both[:, 0] *= np.float32(0.5)
        both[:, 1] = both[:, 0]
        return both

    def _keep_lead_in(self, frame: int) -> None:
        """What came in just before the recording, for where its end meets its start."""
        wanted = max(self.rig.frames(self.controls.pre_roll_ms), self.rig.frames(self.controls.fade_ms))
        self._n_lead_in = min(wanted, len(self._lead_in))
        lead_in = self._lead_in[: self._n_lead_in]
        self.rig.history.read(frame, lead_in)
        lead_in[:] = self._as_recorded(lead_in)

    def pass_boundary(self, frame: int) -> None:
        """Look at what is over, just before a frame."""
        self._close_if_done(frame)
        if self.deck.is_at_seam:
            self.cycle += 1
            self.is_changed = True
            self.rig.emit(Seam(frame, self.index, self.cycle))
            self.takes.arrive(frame)
            if self.state == "one_shot":
                self.state = "paused"
                self.deck.hush(self.fade, stand_still=True)  # silent by now: see `_fade_one_shot`
            if self.is_auto and self.cycle % self.controls.auto_cycles == 0:
                self.ask_for_vamp(frame, by_hand=False)

    # Layers.

    def new_id(self) -> int:
        """A number that no layer of any slot has had. From the slot's own count: no order of slots is told by it."""
        self._n_ids += 1
        return self._n_ids * self.rig.config.n_slots + self.index

    def _close_if_done(self, frame: int) -> None:
        if self.writer is None or not self.writer.is_done:
            return
        if self.state not in PLAYED_IN and self.state != "recording":
            self.close_layer(frame)
        elif self.writer.is_out_of_memory and not any(item.verb == "play" for item in self.pending):
            self.wait(Pending("play", frame))

    def close_layer(self, frame: int) -> None:
        """What was played in is complete."""
        writer, layer = self.writer, self.written
        self.writer = self.written = None
        if writer is None or layer is None:
            return
        if writer.is_out_of_memory:
            self.refuse(0, "memory is full and the rest of this is lost: clear a slot, or start with more memory")
        elif layer.ring is writer.ring:  # what was put in between has no seam
            self._close_seam(writer)
        layer.is_closed = self.is_changed = True
        self.rig.emit(
            LayerClosed(frame, self.index, layer.id, layer.parent_id, layer.kind, layer.ring.n_frames),
        )

    def _close_seam(self, writer: Writer) -> None:
        if writer.job.is_first:
            lead_in = self._lead_in[: self._n_lead_in]
            blend_lead_in(writer.ring, lead_in, writer.ring.n_frames - writer.job.delay - 1)
        self.rig.easing.ease(writer.ring, self.deck.voice)

    def push(self, layer: Layer) -> None:
        """A new layer plays from now on."""
        self.throw_away(self.stack.push(layer))
        self.is_changed = True

    def drop_written(self) -> None:
        """Forget what is being played in."""
        if self.written is not None and not self.stack.holds(self.written.id):
            self.written.let_go()
        self.writer = self.written = None

    def throw_away(self, layers: list[Layer]) -> None:
        """Forget layers."""
        for layer in layers:
            layer.let_go()
            self.rig.emit(Forgotten(self.rig.now, self.index, layer.id))
        self.rig.rubbish.extend(layers)

    def ask_for_vamp(self, frame: int, *, by_hand: bool) -> None:
        """Ask for a variation of what plays, or of what was played, for the next seam."""
        layer = self.stack.current if self.controls.evolve else self.stack.played_by_hand
        voice = self.deck.voice
        if layer is None or voice is None or not layer.is_closed or self.writer is not None:
            return
        to_seam = self.deck.frames_to_seam()
        cycle_frames = -(-2 * voice.ring.n_frames // abs(voice.rate))
        seam_frame = frame if to_seam is None else frame + to_seam
        self.rig.emit(VampWanted(frame, self.index, layer.id, seam_frame, cycle_frames, by_hand))

    # Telling.

    def tell(self, frame: int) -> None:
        """Tell what has changed since it was told last."""
        if not self.is_changed:
            return
        self.is_changed = False
        told = describe(self, frame)
        if told != self._told:
            self._told = told
            self.rig.emit(replace(told, frame=frame))
