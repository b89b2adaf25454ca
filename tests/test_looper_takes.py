"""Variations in the looper: asked for, loaded, and taking over at a seam."""

from __future__ import annotations

import numpy as np
import pytest
from looper_helpers import CONFIG, FADE, LEAD_IN, LOOP, RATE, RECORD, START, noise, only, press, run, states
from vampbridge.bridge.looper.messages import LoadTake, Refused, SetSlot, StateChanged, Swapped, VampWanted

BODY = slice(FADE, LOOP - LEAD_IN)  # of a cycle: away from fades


def cycle(out: np.ndarray, number: int) -> np.ndarray:
    """What came out in one cycle of the loop, counted from 0."""
    return out[START + number * LOOP : START + (number + 1) * LOOP]


def take(length: int = LOOP, layer_id: int = 0, seed: int = 9, frame: int | None = None) -> LoadTake:
    """A take of noise."""
    return LoadTake(0, "new", np.ascontiguousarray(noise(length, seed).T), layer_id, number=5, at_frame=frame)


def test_a_take_takes_over_at_the_seam_and_the_downbeat_is_its_own() -> None:
    layer_id = CONFIG.n_slots
    new = take(layer_id=layer_id, frame=START + LOOP + 100)
    out, events = run(noise(9 * LOOP), [*RECORD, press(START + LOOP, "vamp"), new])
    assert new.audio is not None
    seam = START + 2 * LOOP
    old = noise(9 * LOOP)[1_000:START]
    assert np.array_equal(cycle(out, 1)[: LOOP - LEAD_IN - FADE], old[: LOOP - LEAD_IN - FADE])
    assert np.array_equal(out[seam : seam + LOOP], new.audio.T)
    assert [event.frame for event in only(events, Swapped)] == [seam]
    wanted = only(events, VampWanted)
    assert wanted == [VampWanted(START + LOOP, 0, layer_id, START + 2 * LOOP, LOOP)]


def test_a_take_that_comes_within_the_fade_waits_for_the_next_seam() -> None:
    out, events = run(noise(9 * LOOP), [*RECORD, take(frame=START + LOOP - FADE + 1)])
    assert [event.frame for event in only(events, Swapped)] == [START + 2 * LOOP]
    assert np.array_equal(cycle(out, 1)[BODY], noise(9 * LOOP)[1_000:START][BODY])


def test_a_take_can_be_undone_like_anything_else() -> None:
    out, _ = run(noise(9 * LOOP), [*RECORD, take(frame=START + 100), press(START + 3 * LOOP, "undo")])
    assert np.array_equal(cycle(out, 4)[BODY], noise(9 * LOOP)[1_000:START][BODY])


def test_a_take_of_a_loop_that_is_gone_is_refused() -> None:
    commands = [*RECORD, press(START + 100, "clear"), take(layer_id=2, frame=START + 200)]
    out, events = run(noise(9 * LOOP), commands)
    assert not out[START + 200 + FADE :].any()
    assert [event.number for event in only(events, Refused)] == [5]  # type: ignore[attr-defined]


def test_a_take_plays_at_once_in_an_empty_slot() -> None:
    out, events = run(noise(3 * LOOP), [take(frame=777)])
    fade = round(0.002 * RATE)
    assert np.array_equal(out[777 + fade : 777 + LOOP], noise(LOOP, 9)[fade:])
    assert states(events)[-1] == (777, "playing", "playing")


def test_hold_keeps_takes_waiting() -> None:
    commands = [*RECORD, press(START, "hold"), take(frame=START + 100), press(START + 3 * LOOP + 10, "hold")]
    _, events = run(noise(9 * LOOP), commands)
    assert [event.frame for event in only(events, Swapped)] == [START + 4 * LOOP]


def test_auto_asks_every_so_many_cycles() -> None:
    dial = SetSlot(0, "auto_cycles", 2, at_frame=0)
    commands = [dial, *RECORD, press(START + 100, "auto"), press(START + 6 * LOOP + 1, "auto")]
    _, events = run(noise(12 * LOOP), commands)
    assert [event.frame for event in only(events, VampWanted)] == [
        START + 100,
        *(START + n * LOOP for n in (2, 4, 6)),
    ]


@pytest.mark.parametrize("evolve", [False, True])
def test_a_variation_is_of_what_was_played_unless_it_may_evolve(evolve: bool) -> None:
    dial = SetSlot(0, "evolve", evolve, at_frame=0)
    commands = [dial, *RECORD, take(frame=START + 100), press(START + 3 * LOOP, "vamp")]
    _, events = run(noise(9 * LOOP), commands)
    asked = only(events, VampWanted)[0]
    assert isinstance(asked, VampWanted)
    assert asked.layer_id == (2 * CONFIG.n_slots if evolve else CONFIG.n_slots)


def test_vamp_while_recording_closes_the_loop_and_asks() -> None:
    _, events = run(noise(5 * LOOP), [RECORD[0], press(START, "vamp")])
    assert [event.frame for event in only(events, VampWanted)] == [START]


def test_auto_and_hold_are_told_with_the_state_and_end_with_the_loop() -> None:
    pressed = [press(START + 100, "auto"), press(START + 200, "hold"), press(START + 300, "auto")]
    _, events = run(noise(3 * LOOP), [*RECORD, *pressed, press(START + 400, "clear")])
    told = [(event.frame - START, event.is_auto, event.is_held) for event in only(events, StateChanged)]
    assert told[-4:] == [(100, True, False), (200, True, True), (300, False, True), (400, False, False)]
