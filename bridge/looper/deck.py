"""The sound of one slot: the voice that plays and those that fade away. Every jump is a crossfade."""

from __future__ import annotations

from .layers import Frames, Ring
from .rig import Rig
from .voices import NORMAL, Voice

MAX_FADING = 6
START_FADE_S = 0.002  # where sound starts from silence: enough not to click, too short to dull an attack


class Deck:
    """Plays one ring at a time.

    Attributes:
        voice: What plays, or would if it were heard; its position is that of the slot.
        is_heard: Whether it sounds.
        is_still: Whether it stands where it is.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._start_fade = max(1, round(START_FADE_S * rig.config.sample_rate))
        self.voice: Voice | None = None
        self.is_heard = self.is_still = False
        self._fading: list[Voice] = []

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to play, not even a fade."""
        return self.voice is None and not self._fading

    @property
    def is_crowded(self) -> bool:
        """Whether so much fades away at once that one more voice could take too long."""
        return len(self._fading) >= MAX_FADING

    def start(self, ring: Ring, phase: int = 0, rate: int = NORMAL) -> None:
        """Play, from silence."""
        self.voice = Voice(ring, phase, rate, self._start_fade)
        self.is_heard, self.is_still = True, False

    def swap(self, ring: Ring, phase: int, rate: int, fade: int) -> None:
        """Crossfade to something else; silently if nothing is heard."""
        self._let_go(fade)
        self.voice = Voice(ring, phase, rate, fade if self.is_heard else 0)

    def slip(self, ring: Ring) -> None:
        """Go on in another ring that sounds the same from here on."""
        if self.voice is not None:
            self.voice.ring = ring

    def hush(self, fade: int, *, stand_still: bool = False) -> None:
        """Be silent; the voice goes on unheard, or stands still."""
        if self.voice is not None and self.is_heard:
            old = self.voice
            self._let_go(fade)
            self.voice = Voice(old.ring, old.phase, old.rate)
        self.is_heard, self.is_still = False, stand_still

    def sound(self, fade: int = 0) -> None:
        """Be heard again, and go on; without `fade` as from silence."""
        if self.voice is not None and not self.is_heard:
            self.voice = Voice(self.voice.ring, self.voice.phase, self.voice.rate, fade or self._start_fade)
        self.is_heard, self.is_still = self.voice is not None, False

    def stop(self, fade: int) -> None:
        """Fade away and forget what played."""
        self._let_go(fade)
        self.voice, self.is_heard, self.is_still = None, False, False

    def frames_to_seam(self) -> int | None:
        """Frames until the ring begins again; None if nothing moves."""
        return None if self.voice is None or self.is_still else self.voice.frames_to_seam()

    @property
    def is_at_seam(self) -> bool:
        """Whether the voice, which has moved, reads the first frame next: backwards the last."""
        if self.voice is None or self.is_still:
            return False
        phase, rate = self.voice.phase, self.voice.rate
        return phase < rate if rate > 0 else phase - rate >= 2 * self.voice.ring.n_frames

    def add_to(self, out: Frames) -> None:
        """Add the next frames to `out` (n, C), not beyond the seam."""
        sound, scratch = self._rig.sound[: len(out)], self._rig.scratch
        for voice in self._fading:
            voice.add_to(out, sound, scratch)
        if self._fading:
            # What it read may be forgotten by now, and this voice the last that held it.
            self._rig.rubbish.extend(voice for voice in self._fading if voice.is_over)
            self._fading = [voice for voice in self._fading if not voice.is_over]
        if self.voice is not None and self.is_heard:
            self.voice.add_to(out, sound, scratch)
        elif self.voice is not None and not self.is_still:
            self.voice.skip(len(out))

    def _let_go(self, fade: int) -> None:
        if self.voice is not None and self.is_heard:
            self.voice.fade_out(fade)
            self._fading.append(self.voice)
