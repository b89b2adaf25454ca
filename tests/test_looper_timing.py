"""When verbs act: quantise, count-in and click; and what cannot be done."""

from __future__ import annotations

import numpy as np
import pytest
from looper_helpers import CONFIG, FADE, LOOP, RECORD, START, Frames, noise, only, play, press, run, states
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import (
    ALL_SLOTS,
    Applied,
    LayerClosed,
    LoadTake,
    Refused,
    SetGrid,
    SetLooper,
    SetSlot,
    Verb,
)
from vampbridge.bridge.looper.verbs import STATES


@pytest.mark.parametrize(
    ("quantise", "frames"), [("beat", (1_500, 3_500)), ("bar", (3_500, 5_500)), ("off", (1_200, 2_600))]
)
def test_verbs_wait_for_the_grid(quantise: str, frames: tuple[int, int]) -> None:
    grid = [SetGrid(-500.0, 1_000.0, 2, at_frame=0), SetSlot(0, "quantise", quantise, at_frame=0)]
    pressed = (1_200, 2_600) if quantise != "bar" else (1_600, 3_600)
    out, events = run(noise(4 * LOOP), [*grid, press(pressed[0], "record"), press(pressed[1], "record")])
    assert not out[: frames[1]].any()
    closed = only(events, LayerClosed)[0]
    assert isinstance(closed, LayerClosed)
    assert (closed.frame - closed.n_frames, closed.frame) == frames
    if quantise != "off":
        assert states(events)[0] == (pressed[0], "wait_start", "recording")
        assert (pressed[1], "wait_stop", "playing") in states(events)


def test_loop_quantise_follows_the_loop_that_plays() -> None:
    follow = SetSlot(1, "quantise", "loop", at_frame=0)
    commands = [follow, *RECORD, press(START + 100, "record", 1), press(START + LOOP + 100, "record", 1)]
    _, events = run(noise(9 * LOOP), commands)
    second = next(e for e in only(events, LayerClosed) if isinstance(e, LayerClosed) and e.slot == 1)
    assert (second.frame, second.n_frames) == (START + 2 * LOOP, LOOP)


def test_a_verb_that_waits_is_taken_back_by_pressing_it_again() -> None:
    wait = [SetGrid(0.0, 4_000.0, 1, at_frame=0), SetSlot(0, "quantise", "beat", at_frame=0)]
    _, events = run(noise(3 * LOOP), [*wait, press(100, "record"), press(200, "record")])
    assert [state for _, state, _ in states(events)] == ["wait_start", "off"]


def test_count_in_clicks_for_a_bar_and_then_records() -> None:
    count_in = [
        SetLooper("count_in_bars", 1, at_frame=0),
        SetGrid(0.0, 1_000.0, 4, at_frame=0),
        SetSlot(0, "quantise", "bar", at_frame=0),
    ]
    out, events = run(np.zeros((4 * LOOP, 2), np.float32), [*count_in, press(10, "record")])
    assert (8_000, "recording", "recording") in states(events)
    clicks = [frame for frame in range(0, 16_000, 1_000) if np.abs(out[frame : frame + 200]).max() > 0.1]
    assert clicks == [4_000, 5_000, 6_000, 7_000]


def test_the_click_follows_the_grid() -> None:
    dials = [SetLooper("click", 0.5, at_frame=0), SetGrid(250.0, 1_000.5, 4, at_frame=0)]
    out, _ = run(np.zeros((9_000, 2), np.float32), dials)
    loud = np.flatnonzero(np.abs(out[:, 0]) > 0)
    starts = loud[np.diff(loud, prepend=-1_000) > 500]
    # The first frame of a click is 0: it is heard one frame later.
    assert starts.tolist() == [round(250 + beat * 1_000.5) + 1 for beat in range(9)]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Verb(0, "dance", 7), "there is no verb 'dance'"),
        (Verb(9, "record", 7), "slot must be 0 to 1"),
        (Verb(0, "overdub", 7), "record first"),
        (Verb(ALL_SLOTS, "mute", 7), "record first"),
        (SetSlot(0, "wet", 7.0, 7), "wet must be a number from 0 to 2 times, got 7.0"),
        (SetSlot(0, "wetness", 1.0, 7), "there is no control 'wetness'"),
        (SetLooper("dry", "loud", 7), "dry must be a share"),
        (SetGrid(0.0, -1.0, 4, 7), "at least 0 frames per beat"),
        (LoadTake(0, "x", np.zeros((3, 10), np.float32), 0, 7), "a take must be (1, N) or (2, N)"),
        (LoadTake(0, "x", None, 0, 7), "a take must be"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(command: Verb, reason: str) -> None:
    looper = Looper(CONFIG)
    _, events = play(looper, noise(100), [command])
    (refused,) = only(events, Refused)
    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert refused.number == 7


def test_every_verb_for_all_slots_reaches_those_that_can() -> None:
    commands = [*RECORD, press(START + LOOP, "mute", ALL_SLOTS, 3)]
    _, events = run(noise(5 * LOOP), commands)
    assert states(events)[-1][1] == "muted"
    assert Applied(START + LOOP, 3) in events


def test_every_state_that_is_told_is_one_of_the_table() -> None:
    verbs = ("overdub", "multiply", "insert", "replace", "substitute", "mute", "pause", "one_shot", "trigger")
    commands = [*RECORD, *(press(START + 3 * LOOP * n, verb) for n, verb in enumerate(verbs))]
    _, events = run(noise(40 * LOOP), commands)
    told = {state for _, state, _ in states(events)}
    assert told <= set(STATES)
    assert {"recording", "overdubbing", "inserting", "replacing", "substituting", "muted"} <= told


def _inserted(sound: Frames, out: Frames, begin: int, n_frames: int) -> bool:
    """Whether what came in from a frame on is heard in the loop: away from fades, and one loop later."""
    heard = out[begin + n_frames + LOOP : begin + 2 * n_frames + LOOP]
    inside = slice(FADE, n_frames - FADE)
    return np.array_equal(heard[inside], sound[begin : begin + n_frames][inside])


def test_an_insert_whose_end_is_taken_back_goes_on() -> None:
    begin, sound = START + 1_000, noise(14 * LOOP)
    presses = [press(begin, "insert"), press(begin + 500, "insert"), press(begin + 700, "insert")]
    out, events = run(sound, [*RECORD, *presses, press(begin + LOOP + 50, "insert")])
    assert [event.n_frames for event in only(events, LayerClosed)] == [LOOP, 3 * LOOP]  # type: ignore[attr-defined]
    assert _inserted(sound, out, begin, 2 * LOOP)


def test_an_end_of_an_insert_that_has_begun_to_fade_is_not_taken_back() -> None:
    begin, sound = START + 1_000, noise(14 * LOOP)
    late = begin + LOOP - FADE // 2
    presses = [press(begin, "insert"), press(begin + 50, "insert"), press(late, "insert", number=9)]
    out, events = run(sound, [*RECORD, *presses])
    assert [event.number for event in only(events, Refused)] == [9]  # type: ignore[attr-defined]
    assert (begin + LOOP, "playing", "playing") in states(events)
    assert _inserted(sound, out, begin, LOOP)


def test_an_end_of_an_insert_that_two_verbs_wait_for_stays_when_one_is_taken_back() -> None:
    begin = START + 1_000
    presses = [(0, "insert"), (50, "insert"), (60, "mute"), (70, "mute")]
    _, events = run(noise(14 * LOOP), [*RECORD, *(press(begin + after, verb) for after, verb in presses)])
    assert states(events)[-1] == (begin + LOOP, "playing", "playing")


@pytest.mark.parametrize(("beat", "n_cycles"), [(300.0, 1), (3_900.5, 1), (6_500.0, 2), (9_000.0, 3)])
def test_a_quantised_insert_ends_with_the_first_whole_cycle_behind_its_beat(beat: float, n_cycles: int) -> None:
    begin, sound = START + 1_000, noise(20 * LOOP)
    grid = [SetGrid(begin + 0.0, beat, 4, at_frame=START), SetSlot(0, "quantise", "beat", at_frame=START)]
    out, events = run(sound, [*RECORD, *grid, press(begin, "insert"), press(begin + 100, "insert")])
    wanted = [LOOP, (1 + n_cycles) * LOOP]
    assert [event.n_frames for event in only(events, LayerClosed)] == wanted  # type: ignore[attr-defined]
    assert _inserted(sound, out, begin, n_cycles * LOOP)
