"""The keys of the computer: each does one thing, every pedal has one, and no key does what nobody pressed it for."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.bridge.live.keys import (
    ARROWS,
    PRESET_KEYS,
    QUANTISE_KEY,
    QUIT,
    SLOT_KEYS,
    SLOT_STEPS,
    TAP,
    VERB_KEYS,
    WET_STEPS,
    Choose,
    KeyReader,
    Quit,
    QuitKey,
    Tap,
    UsePreset,
    action_of,
    help_lines,
)
from vampbridge.bridge.looper.controls import SlotControls
from vampbridge.bridge.looper.messages import SetSlot, Verb
from vampbridge.bridge.looper.verbs import QUANTISE, VERBS
from vampbridge.engine.settings import PRESETS

ALL_KEYS = [*VERB_KEYS, *PRESET_KEYS, *SLOT_STEPS, *WET_STEPS, *SLOT_KEYS, QUIT, TAP, QUANTISE_KEY]
DIALS = SlotControls()


def test_no_key_means_two_things():
    assert [key for key, n in Counter(ALL_KEYS).items() if n > 1] == []


def test_every_verb_and_every_preset_has_a_key():
    assert sorted(VERB_KEYS.values()) == sorted(VERBS)
    assert sorted(PRESET_KEYS.values()) == sorted(PRESETS)


@pytest.mark.parametrize("key", VERB_KEYS)
def test_a_verb_is_for_the_chosen_slot(key):
    assert action_of(key, 3, n_slots=8, controls=DIALS) == Verb(3, VERB_KEYS[key])


@pytest.mark.parametrize("key", PRESET_KEYS)
def test_a_preset_is_for_the_chosen_slot(key):
    assert action_of(key, 3, n_slots=8, controls=DIALS) == UsePreset(3, PRESET_KEYS[key])


def test_digits_choose_the_slots_there_are():
    assert [action_of(key, 0, n_slots=3, controls=DIALS) for key in "1234"] == [Choose(0), Choose(1), Choose(2), None]


@pytest.mark.parametrize(("key", "chosen", "then"), [("up", 0, 31), ("down", 31, 0), ("n", 8, 9), ("N", 9, 8)])
def test_slots_beyond_the_ninth_are_reached_by_steps(key, chosen, then):
    assert action_of(key, chosen, n_slots=32, controls=DIALS) == Choose(then)


@given(st.floats(0.0, 2.0), st.sampled_from(list(WET_STEPS)))
def test_volume_moves_by_a_step_and_stays_in_its_range(wet, key):
    action = action_of(key, 0, n_slots=8, controls=DIALS.changed(wet=wet))
    assert isinstance(action, SetSlot)
    changed = SlotControls().changed(wet=action.value).wet
    assert changed == pytest.approx(min(2.0, max(0.0, wet + WET_STEPS[key])), abs=0.01)  # rounded to hundredths


def test_one_key_goes_through_all_ways_to_quantise():
    controls, seen = DIALS, []
    for _ in QUANTISE:
        action = action_of(QUANTISE_KEY, 0, n_slots=8, controls=controls)
        assert isinstance(action, SetSlot)
        controls = controls.changed(**{action.name: action.value})
        seen.append(controls.quantise)
    assert sorted(seen) == sorted(QUANTISE)
    assert controls == DIALS


def test_t_is_a_beat():
    assert isinstance(action_of("t", 0, n_slots=8, controls=DIALS), Tap)


def test_q_ends_the_set():
    assert isinstance(action_of("q", 0, n_slots=8, controls=DIALS), Quit)


@given(st.characters())
def test_any_other_key_does_nothing(key):
    assert key in ALL_KEYS or action_of(key, 0, n_slots=8, controls=DIALS) is None


def test_quitting_takes_a_second_press_in_time_while_something_plays():
    key = QuitKey()
    assert not key.press(0.0, is_playing=True)
    assert not key.press(2.5, is_playing=True)  # too late: this one is the first again
    assert key.press(4.5, is_playing=True)


def test_another_key_between_takes_the_first_press_back():
    key = QuitKey()
    assert not key.press(0.0, is_playing=True)
    key.forget()
    assert not key.press(0.5, is_playing=True)


def test_quitting_takes_one_press_while_nothing_plays():
    assert QuitKey().press(0.0, is_playing=False)


def test_the_help_names_every_key_within_the_width():
    for width in (40, 80, 200):
        lines = help_lines(width)
        assert max(map(len, lines)) <= width
        items = " · ".join(lines).split(" · ")
        for key, verb in VERB_KEYS.items():
            assert f"{'space' if key == ' ' else key} {verb.replace('_', ' ')}" in items
        assert all(f"{key} vamp {name}" in items for key, name in PRESET_KEYS.items())
        assert {"+ - volume", "t tap", "z quantise", "q quit", "1-9 ↑ ↓ n N slot"} <= set(items)


# What terminals send.


def test_characters_are_keys_in_order():
    assert KeyReader().feed("1rr v") == ["1", "r", "r", " ", "v"]


@pytest.mark.parametrize(
    ("sent", "key"), [("\x1b[A", "up"), ("\x1bOA", "up"), ("\x1b[B", "down"), ("\x1b[1;5B", "down")]
)
def test_arrows_are_keys(sent, key):
    assert key in ARROWS
    assert KeyReader().feed(f"{sent}v") == [key, "v"]


@pytest.mark.parametrize("sent", ["\x1b[C", "\x1bOC", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[1;2C", "\x1bC", "\x1br"])
def test_a_cursor_or_function_key_presses_no_pedal(sent):
    assert KeyReader().feed(f"{sent}u") == ["u"]


def test_escape_alone_spoils_no_later_key():
    reader = KeyReader()
    assert reader.feed("\x1b") == []
    assert reader.feed("") == []  # nothing came for a while
    assert reader.feed("v") == ["v"]


@given(st.lists(st.sampled_from(["v", "r", "\x1b[C", "\x1b[A", "\x1bOS", "\x1b[15~", "ü"]), max_size=8), st.data())
def test_it_does_not_matter_how_what_is_sent_is_cut(parts, data):
    sent = "".join(parts)
    cut = data.draw(st.integers(0, len(sent)))
    whole, reader = KeyReader().feed(sent), KeyReader()
    came = [key for part in (sent[:cut], sent[cut:]) if part for key in reader.feed(part)]
    assert came == whole
    assert len(whole) == sum(part in ("v", "r", "ü", "\x1b[A") for part in parts)
