"""What is told of a stage, as the arguments of its messages: the same to whoever asks, subscribes or listens."""

from __future__ import annotations

from typing import Any

from .live.stage import Stage
from .looper.messages import StateChanged


def state_told(stage: Stage, state: StateChanged | None) -> tuple[Any, ...]:
    """`/vamp/slot/<slot>/state`; None is a slot of which nothing was told yet."""
    if state is None:
        return ("off", "off", 0.0, "", 0, 0, 0, 0)
    loop_s = state.n_frames / max(1, stage.audio.info.sample_rate)
    numbers = (state.n_undo, state.n_redo, int(state.is_auto), int(state.is_held))
    return (state.state, state.next_state, loop_s, state.take_id, *numbers)


def clock_told(stage: Stage) -> tuple[Any, ...]:
    """`/vamp/clock`."""
    state = stage.time.clock.state
    controls = state.controls
    return (int(state.is_running), controls.tempo_bpm, controls.beats_per_bar, controls.source, state.n_peers)


def audio_told(stage: Stage) -> tuple[Any, ...]:
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
