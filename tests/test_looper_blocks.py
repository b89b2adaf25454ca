"""Streaming equals offline: however the sound is cut into blocks, every sample and every event is the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looper_helpers import RATE, noise, press, run, tone
from vampbridge.bridge.looper.messages import Applied, Command, Event, LoadTake, SetGrid, SetLooper, SetSlot
from vampbridge.bridge.looper.verbs import QUANTISE, VERBS

LENGTH = 12_000
# A set in which something happens: recordings are more frequent than chance would have them.
VERB = st.sampled_from([*VERBS, *["record"] * 6, *["overdub"] * 3])
SLOT = st.sampled_from([0, 0, 0, 1, -1])


def take(length: int) -> LoadTake:
    return LoadTake(0, f"take {length}", np.ascontiguousarray(noise(length, length).T))


def timed(frame: int, command: Command) -> Command:
    from dataclasses import replace

    return replace(command, at_frame=frame)


ONE = st.one_of(
    st.builds(press, st.integers(0, LENGTH), VERB, SLOT),
    st.builds(lambda frame, length: timed(frame, take(length)), st.integers(0, LENGTH), st.integers(1, 5_000)),
    st.builds(
        lambda frame, name, value: SetSlot(0, name, value, at_frame=frame),
        st.integers(0, LENGTH),
        st.sampled_from(["wet", "feedback"]),
        st.sampled_from([0.0, 0.5, 1.0]),
    ),
)
DIALS = st.builds(
    lambda latency, fade, quantise, mono, beat: [
        SetLooper("input_latency_ms", latency, at_frame=0),
        SetLooper("output_latency_ms", latency / 2, at_frame=0),
        SetLooper("click", 0.2, at_frame=0),
        SetGrid(beat / 3, beat, 3, at_frame=0),
        *(SetSlot(slot, "fade_ms", fade, at_frame=0) for slot in (0, 1)),
        *(SetSlot(slot, "quantise", quantise, at_frame=0) for slot in (0, 1)),
        SetSlot(1, "mono", mono, at_frame=0),
    ],
    st.sampled_from([0.0, 1.0, 20.0, 300.0]),
    st.sampled_from([1.0, 10.0, 200.0]),
    st.sampled_from(QUANTISE),
    st.booleans(),
    st.sampled_from([300.5, 2_000.0]),
)


def in_order(events: Sequence[Event]) -> list[Event]:
    """By frame and slot: within a block one slot tells after the other, and blocks differ."""
    return sorted(events, key=lambda event: (event.frame, getattr(event, "slot", -9)))


@settings(max_examples=60, deadline=None)
@given(DIALS, st.lists(ONE, max_size=25), st.lists(st.sampled_from([1, 64, 65, 500, 8_193]), min_size=1, max_size=9))
def test_any_set_sounds_the_same_in_any_blocks(dials: list[Command], set_: list[Command], sizes: list[int]) -> None:
    commands = [*dials, *sorted(set_, key=lambda command: command.at_frame or 0)]
    sound = noise(LENGTH)
    whole, told = run(sound, commands, [8_193] * 4)
    cut, also_told = run(sound, commands, sizes * LENGTH)
    assert np.isfinite(whole).all()
    assert np.array_equal(whole, cut)
    assert in_order(told) == in_order(also_told)


@pytest.mark.parametrize("block", [1, 64, 65, 8_193])
def test_every_verb_sounds_the_same_in_any_block(block: int) -> None:
    commands = [press(500, "record"), press(3_000, "record")]
    commands += [press(4_000 + 1_100 * n, verb) for n, verb in enumerate(VERBS) if verb not in ("record", "clear")]
    sound = noise(40_000)
    assert np.array_equal(run(sound, commands, [8_193] * 9)[0], run(sound, commands, [block] * 40_000)[0])


def test_commands_without_a_frame_can_be_played_again_at_the_frames_that_were_told() -> None:
    from looper_helpers import CONFIG, play
    from vampbridge.bridge.looper.looper import Looper
    from vampbridge.bridge.looper.messages import Verb

    looper, sound = Looper(CONFIG), noise(9_000)
    live = [Verb(0, verb, number) for number, verb in enumerate(("record", "record", "reverse", "overdub", "undo"))]
    outs, told = [], []
    for number, part in enumerate(np.split(sound, 9)):
        out, events = play(looper, part, live[number : number + 1], [1_000])
        outs.append(out)
        told += events
    frames = {event.number: event.frame for event in told if isinstance(event, Applied)}
    again = [timed(frames[command.number], command) for command in live]
    assert np.array_equal(np.concatenate(outs), run(sound, again, [64] * 200)[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, LENGTH), VERB), max_size=25), st.sampled_from(["off", "beat", "loop"]))
def test_no_verb_clicks(verbs: list[tuple[int, str]], quantise: str) -> None:
    """A soft low tone in a loop of whatever length: no jump is larger than fades and tones themselves make.

    200 Hz at 0.1 moves at most 0.016 a frame; double speed twice, and at most eight voices fade at once. What may not
    happen is a voice that appears or goes at its full 0.1.
    """
    dial = SetSlot(0, "quantise", quantise, at_frame=0)
    grid = SetGrid(0.0, 1_300.5, 4, at_frame=0)
    commands = [dial, grid, press(300, "record"), *(press(frame, verb) for frame, verb in sorted(verbs))]
    out, _ = run(tone(LENGTH + RATE, 100.0, 0.1), commands, [8_192] * 3)
    near = np.lib.stride_tricks.sliding_window_view(np.pad(np.abs(out[:, 0]), 200), 401).max(axis=1)
    level = np.maximum(1.0, near[1:] / 0.1)  # overdubs add up
    assert (np.abs(np.diff(out[:, 0])) / level).max() < 0.06
