"""A variation from being asked for to taking over: the loop to the engine with its deadline, the take to the looper."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from ...engine.deadlines.plan import Plan
from ...engine.errors import CancelledError, EngineError
from ...engine.settings import VampSettings, without_prompts
from ...engine.take import Audio, Mask, Progress, Take, VampRequest
from ..clock.grid import on_grid
from ..clock.sources import ClockSources
from ..engine_port import NOT_YET, Pending
from ..looper.controls import SlotControls
from ..looper.messages import LoadTake, Swapped, VampWanted
from .events import Note, StageEvent, TakeHeard, TakeMade, VampPlanned, VampProgress
from .frame_clock import FrameClock
from .ports import AudioPort, Recorder, VampEngine
from .timekeeper import Timekeeper

# From the engine's last sample to the looper: the pipe, two copies, and the block that is just being made.
HAND_OVER_S = 0.03
MAX_SEED = 2**31 - 1
ASK_AGAIN = "press vamp again"


@dataclass
class StageParts:
    """What a stage is made of. Started before it, and closed after it, by their owner.

    Attributes:
        audio: The looper.
        engine: Makes takes.
        clock: Where the beat comes from; None is a clock that counts by itself.
        recorder: Keeps them; None keeps nothing. May come later, when the rate of the device is known.
        n_slots: Of the looper.
        rng: Draws seeds; None is the system's.
    """

    audio: AudioPort
    engine: VampEngine
    recorder: Recorder | None = None
    n_slots: int = 8
    clock: ClockSources | None = None
    rng: random.Random | None = None


@dataclass
class SlotVamps:
    """The variations of one slot.

    Attributes:
        settings: Of the next one.
        pending: The one on its way.
        promised_frame: The seam that it is promised for; -1 before it is planned.
        loop: The layer that was read last: its id and sound.
        planned: What was told of it last.
        promises: Take id → promised frame, of takes that are made and not heard yet.
        drawn_mask: For all variations until it is cleared, (rows, columns) bool, True = vary.
        mask_alone: Whether it decides without the prompts of the settings.
        last_mask: What the last variation varied, (K, T) bool.
    """

    settings: VampSettings
    pending: Pending | None = None
    promised_frame: int = -1
    loop: tuple[int, Audio] | None = None
    planned: VampPlanned | None = None
    promises: dict[str, int] = field(default_factory=dict)
    drawn_mask: Mask | None = None
    mask_alone: bool = True
    last_mask: Mask | None = None


class Around(Protocol):
    """What it needs of the stage."""

    @property
    def clock(self) -> FrameClock | None:
        """When frames are played."""
        ...

    @property
    def time(self) -> Timekeeper:
        """The beat."""
        ...

    @property
    def controls(self) -> Sequence[SlotControls]:
        """Of every slot."""
        ...

    def send(self, command: LoadTake) -> None:
        """Give the looper a command."""
        ...

    def tell(self, event: StageEvent) -> None:
        """Tell whoever listens."""
        ...

    def later(self, work: Callable[[], None], slot: int) -> None:
        """Have something done in the stage's thread; what goes wrong is told as the slot's."""
        ...


class Vamping:
    """The variations of all slots. Its methods run in the stage's thread.

    Args:
        parts: Of the stage.
        around: The stage.
        settings: Of every slot at first.
    """

    def __init__(self, parts: StageParts, around: Around, settings: VampSettings) -> None:
        self._parts, self._around = parts, around
        self._rng = parts.rng or random.SystemRandom()
        self.slots = tuple(SlotVamps(settings) for _ in range(parts.n_slots))

    def loop(self, slot: int, layer_id: int) -> Audio | None:
        """A layer's sound, (C, N); None if it is gone."""
        known = self.slots[slot].loop
        if known is not None and known[0] == layer_id:
            return known[1]
        try:
            audio = self._parts.audio.read_layer(layer_id)
        except KeyError:
            return None
        self.slots[slot].loop = (layer_id, audio)
        return audio

    def forget_loop(self, slot: int, layer_id: int) -> None:
        """The looper has forgotten a layer."""
        known = self.slots[slot].loop
        if known is not None and known[0] == layer_id:
            self.slots[slot].loop = None

    def forget_all(self) -> None:
        """The looper is a new one."""
        for slot in self.slots:
            slot.loop = None
            slot.promises.clear()

    def cancel_all(self) -> None:
        """Give up on what is on its way. From any thread."""
        for slot in self.slots:
            if slot.pending is not None:
                slot.pending.cancel()

    def ask(self, wanted: VampWanted) -> None:
        """Have a variation made. A newer wish of the performer's replaces one on its way."""
        slot = self.slots[wanted.slot]
        if slot.pending is not None and not slot.pending.done() and not wanted.by_hand:
            return  # one at a time: `auto` asks again at its next cycle
        audio = self.loop(wanted.slot, wanted.layer_id)
        if audio is None:
            self._around.tell(Note(wanted.slot, "the loop was gone before it could be varied"))
            return
        if not self._parts.engine.info.ready:
            self._around.tell(Note(wanted.slot, NOT_YET))
        drawn_mask = slot.drawn_mask
        is_alone = drawn_mask is not None and slot.mask_alone
        settings = without_prompts(slot.settings) if is_alone else slot.settings
        request = replace(self._request(wanted, audio, settings), drawn_mask=drawn_mask)
        slot.promised_frame, slot.planned = -1, None
        rough = partial(self._hand_over_later, wanted, drawn_mask)
        is_anytime = self._around.controls[wanted.slot].anytime and request.deadline_s is not None
        slot.pending = self._parts.engine.submit(
            request,
            slot=f"live {wanted.slot}",
            on_progress=partial(self._tell_progress, wanted.slot),
            on_plan=partial(self._note_plan, wanted, request.deadline_s or 0.0),
            on_rough=rough if is_anytime else None,
            replace_running=True,
        )
        slot.pending.add_done_callback(
            lambda done: self._around.later(partial(self._finish, wanted, drawn_mask, done), wanted.slot)
        )

    def note_heard(self, event: Swapped) -> None:
        """A take has taken over."""
        promised = self.slots[event.slot].promises.pop(event.take_id, -1)
        if self._parts.recorder is not None:
            self._parts.recorder.record_event(event)
        self._around.tell(TakeHeard(event.slot, event.take_id, event.frame, promised))

    def _request(self, wanted: VampWanted, audio: Audio, settings: VampSettings) -> VampRequest:
        if settings.seed is None:
            settings = settings.changed(seed=self._rng.randint(1, MAX_SEED))
        settings = settings.changed(variations=1)  # a slot plays one take at a time
        info, clock = self._parts.audio.info, self._around.clock
        seam_s = None if clock is None else clock.time_of(wanted.seam_frame)
        if seam_s is None:
            return VampRequest(audio, info.sample_rate, settings)
        cycle_s = wanted.cycle_frames / info.sample_rate
        grid = self._around.time.grid
        if grid is not None:
            settings = on_grid(settings, grid, seam_s)
        # The crossfade lies before the seam, and is at most a quarter of a cycle.
        fade_s = self._around.controls[wanted.slot].fade_ms / 1000
        lead_s = min(fade_s, cycle_s / 4) + HAND_OVER_S + info.block_frames / info.sample_rate
        return VampRequest(audio, info.sample_rate, settings, deadline_s=seam_s - lead_s, cycle_s=cycle_s)

    def _finish(self, wanted: VampWanted, drawn_mask: Mask | None, done: Pending) -> None:
        try:
            take = done.result()
        except CancelledError:
            return  # replaced by a newer one, or given up
        except EngineError as error:
            if not error.advice:
                raise
            raise EngineError(error.what, advice=ASK_AGAIN) from error  # the loop is here, and need not be sent
        self._hand_over(wanted, drawn_mask, take)

    def _hand_over(self, wanted: VampWanted, drawn_mask: Mask | None, take: Take) -> None:
        slot, take_id = self.slots[wanted.slot], take.report.take_id
        if slot.promised_frame >= 0:
            slot.promises[take_id] = slot.promised_frame
        slot.last_mask = take.mask
        self._around.send(LoadTake(wanted.slot, take_id, take.audio[0], wanted.layer_id))
        if self._parts.recorder is not None:
            self._parts.recorder.record_take(take, slot=wanted.slot, layer_id=wanted.layer_id, drawn_mask=drawn_mask)
        self._around.tell(_made(wanted.slot, take))

    # In the engine's thread.

    def _hand_over_later(self, wanted: VampWanted, drawn_mask: Mask | None, take: Take) -> None:
        self._around.later(partial(self._hand_over, wanted, drawn_mask, take), wanted.slot)

    def _note_plan(self, wanted: VampWanted, deadline_s: float, plan: Plan) -> None:
        # From the time that it is due and not from `cycles_late`, which for the better take after a rough one counts
        # from a later deadline.
        cycle_s = wanted.cycle_frames / self._parts.audio.info.sample_rate
        cycles_late = max(0, round((plan.due_s - deadline_s) / cycle_s))
        slot, promised = self.slots[wanted.slot], wanted.seam_frame + cycles_late * wanted.cycle_frames
        slot.promised_frame = promised
        planned = VampPlanned(wanted.slot, plan.coarse_passes, plan.fine_passes, plan.expected_s, promised, cycles_late)
        if planned != slot.planned:
            slot.planned = planned
            self._around.tell(planned)

    def _tell_progress(self, slot: int, progress: Progress) -> None:
        self._around.tell(VampProgress(slot, progress.stage, progress.fraction))


def _made(slot: int, take: Take) -> TakeMade:
    report, timing = take.report, take.report.timing
    settings = report.settings
    coarse, fine = (settings.coarse_passes, settings.fine_passes) if timing is None else timing.done
    left_s = 0.0 if timing is None else timing.left_s
    is_rough = timing is not None and timing.rough
    return TakeMade(slot, report.take_id, report.seed, coarse, fine, left_s, is_rough, report.warnings)
