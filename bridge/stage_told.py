"""What is told of a stage, as messages and their arguments: the same to whoever asks, subscribes or listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .errors import clip
from .live.events import Note, StageEvent, TakeHeard, TakeMade, VampFailed, VampPlanned, VampProgress
from .live.fate import fate_of_sound
from .live.stage import Stage
from .live_protocol import SLOT, slot_address
from .looper.messages import Seam, StateChanged

Arguments = tuple[Any, ...]

_TOPIC_OF: Final[dict[type, str]] = {
    StateChanged: "state",
    Seam: "seam",
    VampPlanned: "vamp",
    VampProgress: "vamp",
    TakeMade: "vamp",
    TakeHeard: "vamp",
    VampFailed: "vamp",
}
_TOLD: Final[dict[type, tuple[str, Callable[[Any], Arguments]]]] = {
    Seam: ("seam", lambda event: (event.cycle,)),
    VampPlanned: (
        "planned",
        lambda event: (event.coarse_passes, event.fine_passes, event.expected_s, event.cycles_late),
    ),
    VampProgress: ("progress", lambda event: (event.stage, event.fraction)),
    TakeMade: (
        "made",
        lambda event: (
            event.take_id,
            event.seed,
            event.coarse_passes,
            event.fine_passes,
            event.left_s,
            int(event.is_rough),
        ),
    ),
    TakeHeard: ("heard", lambda event: (event.take_id, int(event.is_late))),
}


def state_told(stage: Stage, state: StateChanged | None) -> Arguments:
    """`/vamp/slot/<slot>/state`; None is a slot of which nothing was told yet."""
    if state is None:
        return ("off", "off", 0.0, "", 0, 0, 0, 0)
    loop_s = state.n_frames / max(1, stage.audio.info.sample_rate)
    numbers = (state.n_undo, state.n_redo, int(state.is_auto), int(state.is_held))
    return (state.state, state.next_state, loop_s, state.take_id, *numbers)


def clock_told(stage: Stage) -> Arguments:
    """`/vamp/clock`."""
    state = stage.time.clock.state
    controls = state.controls
    return (int(state.is_running), controls.tempo_bpm, controls.beats_per_bar, controls.source, state.n_peers)


def audio_told(stage: Stage) -> Arguments:
    """`/vamp/audio`."""
    info, counters = stage.audio.info, stage.audio.counters
    return (
        info.device_out,
        int(counters.is_open),
        info.sample_rate,
        info.block_frames,
        counters.xruns_in,
        counters.xruns_out,
        counters.late_blocks,
        counters.callback_p99_ms,
    )


def topic_of(event: StageEvent) -> str:
    """Of `subscriptions.TOPICS`, the one that an event belongs to."""
    return _TOPIC_OF.get(type(event), "log")


def event_told(stage: Stage, event: StageEvent) -> tuple[str, Arguments] | None:
    """The address and the arguments that an event is told with; None for one that is not told."""
    if isinstance(event, StateChanged):
        return slot_address(SLOT + "state", event.slot), state_told(stage, event)
    slot = getattr(event, "slot", -1)
    found = _TOLD.get(type(event))
    if found is not None:
        return slot_address(SLOT + found[0], slot), found[1](event)
    if isinstance(event, VampFailed):
        return "/vamp/error", (event.code, slot_address(SLOT + "vamp", slot), clip(event.reason), "")
    if isinstance(event, Note):
        of = f"slot {slot + 1}: " if slot >= 0 else ""
        return "/vamp/log", (clip(of + event.text),)
    text = fate_of_sound(event)
    return None if text is None else ("/vamp/log", (clip(text),))
