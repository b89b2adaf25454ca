"""A one-shot plays to its end once, and is silent by then, whatever is turned and pressed meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looper_helpers import FADE, LEAD_IN, LOOP, RECORD, START, noise, press, run, states, tone
from vampbridge.bridge.looper.messages import SetSlot


def test_one_shot_plays_to_the_end_once_and_fades_before_it() -> None:
    pressed = START + LOOP + 1_234
    out, events = run(noise(9 * LOOP), [*RECORD, press(pressed, "one_shot")])
    played = noise(9 * LOOP)[1_000:START]
    assert np.array_equal(out[pressed + FADE : pressed + LOOP - LEAD_IN - FADE], played[FADE : -LEAD_IN - FADE])
    assert not out[pressed + LOOP :].any()
    assert abs(out[pressed + LOOP - 1]).max() < 0.01
    assert states(events)[-1][1] == "paused"


@settings(max_examples=25, deadline=None)
@given(
    st.floats(1.0, 200.0),
    st.sampled_from(["", "reverse", "half_speed", "double_speed"]),
    st.integers(0, LOOP - 1),
    st.lists(st.tuples(st.floats(1.0, 200.0), st.integers(1, LOOP // 4)), max_size=2),
)
def test_a_one_shot_ends_in_silence_without_a_step(
    fade_ms: float, verb: str, after: int, late: list[tuple[float, int]]
) -> None:
    """Also where its fade is turned while it sounds, so many frames before its end."""
    pressed = START + 2 * LOOP + after
    dial = SetSlot(0, "fade_ms", fade_ms, at_frame=0)
    turned = [press(START + LOOP, verb)] if verb else []
    end = pressed + {"half_speed": 2 * LOOP, "double_speed": LOOP // 2}.get(verb, LOOP)
    dials = [SetSlot(0, "fade_ms", ms, at_frame=end - left) for ms, left in sorted(late, key=lambda one: -one[1])]
    out, events = run(tone(15 * LOOP), [dial, *RECORD, *turned, press(pressed, "one_shot"), *dials])
    assert (end, "paused", "paused") in states(events)
    assert np.abs(out[pressed:end]).max() > 0.3
    assert not out[end:].any()
    steps = np.abs(np.diff(out[end - LOOP // 4 - 1 : end + 1], axis=0))
    assert steps.max() <= (2 if verb == "double_speed" else 1) * 1.5 * np.abs(np.diff(tone(400), axis=0)).max()


@pytest.mark.parametrize("block", [1, 65, 8_193])
@pytest.mark.parametrize("left", [1, 39, 40, 41, 100, 799, 800])
def test_a_fade_that_is_lengthened_near_the_end_of_a_one_shot_ends_with_it(left: int, block: int) -> None:
    pressed = START + 200
    end = pressed + LOOP
    commands = [SetSlot(0, "fade_ms", 5.0, at_frame=0), *RECORD, press(pressed, "one_shot")]
    commands += [SetSlot(0, "fade_ms", 100.0, at_frame=end - left)]
    sound = tone(3 * LOOP)
    out, _ = run(sound, commands, [block] * len(sound))
    assert np.abs(out[end - 1_200 : end - 850]).max() == pytest.approx(0.5, abs=0.01)
    assert not out[end:].any()
    assert np.abs(np.diff(out[end - 900 : end + 1], axis=0)).max() <= 1.5 * np.abs(np.diff(sound, axis=0)).max()


@pytest.mark.parametrize("left", [1, FADE - 1, FADE, FADE + 1, FADE + 20, 2 * FADE, 2 * FADE + 1])
def test_a_one_shot_that_is_made_faster_near_its_end_does_not_begin_again(left: int) -> None:
    sound = np.zeros((4 * LOOP, 2), np.float32)
    sound[1_000 : 1_000 + LOOP // 4] = tone(LOOP // 4)  # the start of the loop, and no more
    pressed = START + 200
    out, events = run(sound, [*RECORD, press(pressed, "one_shot"), press(pressed + LOOP - left, "double_speed")])
    assert (pressed + LOOP - left // 2, "paused", "paused") in states(events)
    assert np.abs(out[pressed + FADE : pressed + LOOP // 4]).max() > 0.4
    # What is at the seam passes the filter of double speed, which looks ahead.
    assert np.abs(out[pressed + LOOP // 4 + FADE :]).max() < 0.003


def test_a_one_shot_that_is_turned_round_at_its_start_is_silent_at_once() -> None:
    pressed = START + 200
    out, events = run(tone(6 * LOOP), [*RECORD, press(pressed, "one_shot"), press(pressed + 3, "reverse")])
    assert (pressed + 7, "paused", "paused") in states(events)
    assert not out[pressed + 3 + FADE :].any()
