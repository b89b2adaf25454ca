"""The looper: `(block, commands, state) → (block, events, state)`. No threads, no devices, no clock but its own frames.

What comes out depends on what came in and on the frames at which commands acted, never on how it was cut into blocks:
`Applied` events tell those frames, and the same commands at the same frames give the same samples again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from ...engine.errors import SettingError
from ...engine.take import Audio
from .beats import Beats, Click
from .config import LooperConfig
from .fades import Glide
from .layers import Frames, SoundRing
from .messages import ALL_SLOTS, Applied, Command, Event, LoadTake, Refused, SetGrid, SetLooper, SetSlot, Verb
from .pedals import Pedals
from .rig import Rig
from .slot import Slot

COUNT_IN_GAIN = 0.5
_ROOM_PER_SLOT = 2  # pages that are kept free while somebody plays in


class Looper:
    """Several slots, mixed.

    One thread calls `process`; any other may read `events`, `frame` and `read_layer`, and must empty `rubbish` now and
    then: sounds that are forgotten are freed there and not in the audio callback.

    Args:
        config: Sizes, for life.
    """

    def __init__(self, config: LooperConfig | None = None) -> None:
        self.config = config or LooperConfig()
        self._rig = Rig(self.config)
        self._pedals = Pedals(self._rig)
        self.slots = tuple(Slot(index, self._rig, self._pedals.act) for index in range(self.config.n_slots))
        self._rig.master_seam, self._rig.keep_room = self._master_seam, self._keep_room
        self._click = Click(self.config.sample_rate)
        self._dry = Glide(self._rig.controls.dry, self.config.sample_rate)
        self._later: list[Command] = []  # those with a frame, in order
        shape = (self.config.max_block, self.config.n_inputs)
        self._input, self._mix = (np.full(shape, 0, dtype=np.float32) for _ in range(2))
        self._is_finite = np.full(shape, fill_value=True)

    @property
    def frame(self) -> int:
        """Frames processed so far."""
        return self._rig.frame

    @property
    def events(self) -> deque[Event]:
        """What happened, oldest first; the reader takes them out from the left."""
        return self._rig.events

    @property
    def rubbish(self) -> deque[object]:
        """What was forgotten; clear it from another thread than the callback's."""
        return self._rig.rubbish

    @property
    def n_events_lost(self) -> int:
        """Events that nobody read in time."""
        return self._rig.n_events_lost

    def process(self, block_in: Frames, block_out: Frames, commands: Sequence[Command] = ()) -> None:
        """One block.

        Args:
            block_in: (n, C_in) float32, n at most `config.max_block`. What is not a number counts as silence.
            block_out: (n, C_out) float32; all of it is written.
            commands: Those without a frame act at once, the others at their frame, which may be far ahead; one whose
                frame is past acts at once as well. Of one frame, in the order they came.
        """
        n_frames, done = len(block_in), 0
        block, mix = self._input[:n_frames], self._mix[:n_frames]
        block[:] = block_in
        if not np.isfinite(block, out=self._is_finite[:n_frames]).all():
            np.nan_to_num(block, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        for command in commands:
            if command.at_frame is None or command.at_frame <= self.frame:
                self._apply(command)
            else:
                self._keep_for_later(command)
        while done < n_frames:
            while self._later and (self._later[0].at_frame or 0) <= self.frame:
                self._apply(self._later.pop(0))
            due = (self._later[0].at_frame or 0) - self.frame if self._later else n_frames
            part = slice(done, done + min(due, n_frames - done))
            self._run(block[part], mix[part])
            done = part.stop
        _spread(mix, block_out)

    def read_layer(self, layer_id: int) -> Audio:
        """The sound of a closed layer, (C, N), a copy. From any thread.

        Raises:
            KeyError: There is no such layer: it was forgotten, or is not closed yet.
        """
        for slot in self.slots:
            for layer in tuple(slot.stack.layers):
                if layer.id == layer_id and layer.is_closed:
                    frames = np.empty((layer.ring.n_frames, self.config.n_inputs), dtype=np.float32)  # (N, C)
                    layer.ring.read(0, frames)
                    return np.ascontiguousarray(frames.T)
        raise KeyError(layer_id)

    def _run(self, block: Frames, mix: Frames) -> None:
        rig = self._rig
        rig.history.write(rig.frame, block)
        mix[:] = block
        self._dry.apply(mix)
        done = 0
        while done < len(block):
            done = self._run_to_boundary(block, mix, done)
        if rig.beats.is_there and (rig.controls.click > 0 or rig.frame < rig.count_in[1] + self.config.sample_rate):
            self._click.add_to(mix, rig.frame, rig.beats, self._click_gain)
        rig.frame += len(block)

    def _run_to_boundary(self, block: Frames, mix: Frames, start: int) -> int:
        """From a frame of a block until something begins or ends in any slot, which is returned.

        All slots go together, step by step: whoever takes memory first in time gets it, however long a block is.
        """
        rig = self._rig
        frame = rig.now = rig.frame + start
        for slot in self.slots:
            slot.begin(frame)
        for slot in self.slots:
            slot.reserve(frame)
        for slot in self.slots:
            slot.tell(frame)
        to_boundary = min(slot.frames_to_boundary(frame) for slot in self.slots)
        part = slice(start, min(len(block), start + to_boundary))
        for slot in self.slots:
            slot.run(block[part], mix[part])
        rig.now = rig.frame + part.stop
        for slot in self.slots:
            slot.pass_boundary(rig.now)
        return part.stop

    def _click_gain(self, beat_frame: int) -> float:
        first, last = self._rig.count_in
        counts_in = first <= beat_frame < last
        return max(COUNT_IN_GAIN, self._rig.controls.click) if counts_in else self._rig.controls.click

    def _keep_for_later(self, command: Command) -> None:
        at = sum((other.at_frame or 0) <= (command.at_frame or 0) for other in self._later)
        self._later.insert(at, command)

    # Commands.

    def _apply(self, command: Command) -> None:
        self._rig.now = self.frame
        try:
            reason = self._do(command)
        except SettingError as error:
            reason = str(error)
        if reason is None:
            self._rig.emit(Applied(self.frame, command.number))
        else:
            if isinstance(command, LoadTake):
                self.rubbish.append(command)  # its sound is large
            slot = getattr(command, "slot", ALL_SLOTS)
            self._rig.emit(Refused(self.frame, command.number, slot, reason))

    def _do(self, command: Command) -> str | None:
        rig = self._rig
        if isinstance(command, SetLooper):
            rig.controls = rig.controls.changed(**{command.name: command.value})
            if command.name == "dry":
                self._dry.turn(rig.controls.dry)
            return None
        if isinstance(command, SetGrid):
            if command.frames_per_beat < 0 or command.beats_per_bar < 1:
                return f"a grid needs at least 0 frames per beat and 1 beat per bar, got {command}"
            rig.beats = Beats(command.origin_frame, command.frames_per_beat, command.beats_per_bar)
            return None
        if command.slot == ALL_SLOTS and not isinstance(command, LoadTake):
            return self._do_in_all(command)
        if not 0 <= command.slot < len(self.slots):
            return f"slot must be 0 to {len(self.slots) - 1}, or {ALL_SLOTS} for all, got {command.slot}"
        return self._do_in(self.slots[command.slot], command)

    def _do_in_all(self, command: Verb | SetSlot) -> str | None:
        """In every slot that can; refused if none can."""
        reasons = [self._do_in(slot, command) for slot in self.slots]
        return None if None in reasons else reasons[0]

    def _do_in(self, slot: Slot, command: Verb | SetSlot | LoadTake) -> str | None:
        if isinstance(command, Verb):
            return self._pedals.press(slot, command.verb, command.number)
        if isinstance(command, SetSlot):
            slot.turn(command.name, command.value)
            return None
        reason = slot.takes.load(command)
        slot.is_changed = True
        return reason

    # What slots share.

    def _master_seam(self, slot_index: int) -> int | None:
        """Frames to the next seam of the first other slot that plays."""
        for slot in self.slots:
            if slot.index != slot_index and slot.stack.current is not None:
                to_seam = slot.deck.frames_to_seam()
                if to_seam is not None:
                    return to_seam
        return None

    def _keep_room(self) -> None:
        """Forget the oldest layers where most are kept, as long as pages run out or takes are too many.

        Called where a page or a take comes, so that it follows from what was played and not from how it was cut.
        """
        while self._is_short_of_room():
            for slot in sorted(self.slots, key=lambda slot: -slot.stack.n_undo):
                oldest = slot.stack.drop_oldest()
                if oldest is not None:
                    slot.throw_away([oldest])
                    slot.is_changed = True
                    break
            else:
                return  # nothing can be forgotten

    def _is_short_of_room(self) -> bool:
        spare = min(self._rig.pool.n_pages // 4, _ROOM_PER_SLOT * len(self.slots))
        is_short = self._rig.pool.n_free < spare and any(slot.writer is not None for slot in self.slots)
        return is_short or self._take_bytes() > self.config.memory_mb * 2**20

    def _take_bytes(self) -> int:
        n_frames: int = sum(
            layer.ring.n_frames
            for slot in self.slots
            for layer in slot.stack.layers
            if isinstance(layer.ring, SoundRing)
        )
        return n_frames * self.config.n_inputs * 4


def _spread(mix: Frames, out: Frames) -> None:
    """What was mixed (n, C_in) to the outputs (n, C_out): mono to both, both to mono by their mean."""
    if mix.shape[1] == out.shape[1] or mix.shape[1] == 1:
        out[:] = mix
    else:
        np.add(mix[:, :1], mix[:, 1:2], out=out)
        out *= np.float32(0.5)
