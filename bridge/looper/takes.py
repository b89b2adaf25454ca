"""How a take gets into a slot: it waits for the seam, and has taken over when the seam comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layers import SoundRing
from .messages import LoadTake, Swapped
from .stack import Layer
from .verbs import PLAYED_IN

if TYPE_CHECKING:
    from .slot import Slot


class TakeGate:
    """The take that waits, at most one, and the one that is taking over.

    The crossfade lies just before the seam, where the end of the take leads into its start: the downbeat is all its
    own, and nothing of the old loop sounds into it.

    Args:
        slot: Whose.
    """

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self.waiting: LoadTake | None = None
        self.is_held = False
        self._coming: Layer | None = None

    def load(self, take: LoadTake) -> str | None:
        """A take to play next, in the place of one that waits; why not, if it cannot be."""
        slot, audio, n_channels = self._slot, take.audio, self._slot.rig.config.n_inputs
        if audio is None or audio.ndim != 2 or not audio.shape[1] or audio.shape[0] not in (1, n_channels):
            shape = None if audio is None else audio.shape
            return f"a take must be (1, N) or ({n_channels}, N), N at least 1, got {shape}"
        if take.layer_id and not slot.stack.holds(take.layer_id):
            return "the loop that this take was made from is not there any more"
        if self.waiting is not None:
            slot.refuse(self.waiting.number, f"take {self.waiting.take_id} was replaced by a newer one")
            slot.rig.rubbish.append(self.waiting)
        self.waiting = take
        return None

    @property
    def is_open(self) -> bool:
        """Whether a take waits and may take over."""
        slot = self._slot
        is_busy = slot.writer is not None or slot.state in PLAYED_IN or slot.state in ("recording", "one_shot")
        return self.waiting is not None and not self.is_held and not is_busy

    def begin(self, frame: int) -> None:
        """Let the take that waits take over if it is time: where nothing plays, at once."""
        if not self.is_open:
            return
        slot, voice = self._slot, self._slot.deck.voice
        if voice is None:
            slot.deck.start(self._push().ring)
            slot.state = "playing"
            self.arrive(frame)
        elif slot.deck.is_still:
            slot.deck.swap(self._push().ring, voice.phase, voice.rate, 1)
            self.arrive(frame)
        elif voice.frames_to_seam() == (fade := slot.fade):
            # As far from the seam as the old loop is, at the end of the take.
            phase = voice.phase - 2 * voice.ring.n_frames if voice.rate > 0 else voice.phase
            rate = voice.rate
            slot.deck.swap(self._push().ring, phase, rate, fade)

    def arrive(self, frame: int) -> None:
        """The seam is here: the take has taken over, if one was coming."""
        if self._coming is not None:
            self._slot.rig.emit(Swapped(frame, self._slot.index, self._coming.take_id, self._coming.id))
            self._coming, self._slot.is_changed = None, True

    def forget(self) -> None:
        """The slot was cleared: nothing comes any more."""
        if self.waiting is not None:
            self._slot.refuse(self.waiting.number, f"take {self.waiting.take_id} came to a slot that was cleared")
            self._slot.rig.rubbish.append(self.waiting)
        self.waiting = self._coming = None
        self.is_held = False

    def _push(self) -> Layer:
        take = self.waiting
        assert take is not None  # noqa: S101 - `is_open` has looked
        assert take.audio is not None  # noqa: S101 - `load` has looked
        ring = SoundRing(take.audio)
        layer = Layer(self._slot.new_id(), ring, take.layer_id, "take", take.take_id, is_closed=True)
        self._slot.push(layer)
        self._slot.rig.keep_room()
        self.waiting, self._coming = None, layer
        return layer
