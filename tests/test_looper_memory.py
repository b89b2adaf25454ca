"""Promises about memory: when variations fill it up, what was played stays."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looper_helpers import CONFIG, LOOP, RECORD, START, Frames, at, noise, only, play, press, run
from vampbridge.bridge.looper.layers import PagedRing, ShiftedRing, SplicedRing
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import (
    Command,
    Event,
    Forgotten,
    LayerClosed,
    LoadTake,
    Refused,
    Swapped,
    VampWanted,
    Verb,
)
from vampbridge.bridge.looper.verbs import VERBS

N_TAKES = 40  # 1 MiB holds 33 of them


def test_variations_without_end_never_drive_out_the_loop_that_they_are_made_from() -> None:
    takes = [at(START + n * LOOP + 200, LoadTake(0, f"take-{n}", noise(LOOP, n).T)) for n in range(N_TAKES)]
    commands = [*RECORD, press(START + 100, "auto"), *takes]
    _, events = run(noise(START + (N_TAKES + 2) * LOOP), commands, config=replace(CONFIG, memory_mb=1))
    played = next(event.layer_id for event in events if isinstance(event, LayerClosed))
    assert len(only(events, Swapped)) == N_TAKES
    forgotten = [event.layer_id for event in only(events, Forgotten)]
    assert len(forgotten) >= 5
    assert played not in forgotten
    assert {event.layer_id for event in only(events, VampWanted)} == {played}


# 1 MiB is 8 pages of 2 s: every recording and overdub takes one, so that they run out and layers are forgotten.
TINY = replace(CONFIG, n_slots=3, memory_mb=1, max_loop_s=20.0)
LENGTH = 24_000
PRESS = st.builds(
    press,
    st.integers(0, LENGTH - 2_000),
    st.sampled_from([*VERBS, *["record"] * 8, *["overdub"] * 12, *["undo"] * 3, *["multiply"] * 2]),
    st.sampled_from([0, 0, 1, 2, -1]),
)
LOAD = st.builds(
    lambda frame, seed: at(frame, LoadTake(0, f"take {seed}", np.ascontiguousarray(noise(8_000, seed).T))),
    st.integers(0, LENGTH),
    st.integers(0, 99),
)


def in_order(events: Sequence[Event]) -> list[Event]:
    """By frame and slot."""
    return sorted(events, key=lambda event: (event.frame, getattr(event, "slot", -9)))


def held_pages(looper: Looper) -> set[int]:
    """Pages that some layer of a looper needs, found by looking at all of them."""
    found: set[int] = set()

    def look(ring: object) -> None:
        if isinstance(ring, PagedRing):
            found.update(id(page) for page in ring._pages if page is not None)
            look(ring._under)
        elif isinstance(ring, ShiftedRing):
            look(ring._ring)
        elif isinstance(ring, SplicedRing):
            for part, _, _ in ring._stretches:
                look(part)

    for slot in looper.slots:
        for layer in [*slot.stack.layers, *([] if slot.written is None else [slot.written])]:
            look(layer.ring)
    return found


def held(looper: Looper) -> int:
    return looper._rig.pool.n_pages - looper._rig.pool.n_free


def forgetful(n: int) -> list[Command]:
    """Recordings in three slots at once and `n` overdubs in turn: more than there is memory for."""
    commands = [*(press(300, "record", slot) for slot in range(3)), *(press(1_300, "play", slot) for slot in range(3))]
    return commands + [press(1_500 + 170 * number, "overdub", number // 2 % 3) for number in range(n)]


@pytest.mark.parametrize("block", [1, 64, 65])
def test_what_is_forgotten_does_not_depend_on_blocks(block: int) -> None:
    sound, commands = noise(7_000), forgetful(30)
    whole, told = run(sound, commands, [8_193] * 9, config=TINY)
    assert len(only(told, Forgotten)) >= 4
    cut, also_told = run(sound, commands, [block] * 7_000, config=TINY)
    assert np.array_equal(whole, cut)
    assert in_order(told) == in_order(also_told)


@pytest.mark.parametrize("block", [1, 64, 65])
def test_where_memory_ends_does_not_depend_on_blocks(block: int) -> None:
    """Nine recordings, of which eight find a page; then overdubs, of which none does, and a recording that waits."""
    config = replace(TINY, n_slots=9)
    commands = [press(100 + 37 * slot, "record", slot) for slot in reversed(range(9))]
    commands += [press(1_500, "play", -1), *(press(1_700 + 53 * slot, "overdub", slot) for slot in range(9))]
    commands += [press(2_300, "clear", 4), press(2_300, "overdub", 2), press(2_411, "record", 8)]
    sound = noise(4_000)
    whole, told = run(sound, commands, [8_193] * 9, config=config)
    assert any("memory is full" in event.reason for event in told if isinstance(event, Refused))
    cut, also_told = run(sound, commands, [block] * 4_000, config=config)
    assert np.array_equal(whole, cut)
    assert in_order(told) == in_order(also_told)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.one_of(PRESS, PRESS, PRESS, LOAD), max_size=60),
    st.lists(st.sampled_from([64, 65, 500, 8_193]), min_size=1, max_size=9),
)
def test_any_set_with_tiny_memory_sounds_the_same_in_any_blocks(set_: list[Command], sizes: list[int]) -> None:
    commands = [*forgetful(4), *sorted(set_, key=lambda command: command.at_frame or 0)]
    sound = noise(LENGTH)
    whole, told = run(sound, commands, [8_193] * 9, config=TINY)
    cut, also_told = run(sound, commands, sizes * LENGTH, config=TINY)
    assert np.isfinite(whole).all()
    assert np.array_equal(whole, cut)
    assert in_order(told) == in_order(also_told)


@settings(max_examples=20, deadline=None)
@given(st.lists(PRESS, max_size=60))
def test_the_count_of_pages_is_what_layers_hold(set_: list[Command]) -> None:
    looper, sound = Looper(TINY), noise(LENGTH)
    commands: Sequence[Command] = [*forgetful(4), *sorted(set_, key=lambda command: command.at_frame or 0)]
    for part in np.split(sound, 12):
        play(looper, part, commands, [500] * 10)
        commands = ()
        assert held(looper) == len(held_pages(looper))
    play(looper, sound[:9_000], [press(LENGTH, "clear", slot) for slot in range(3)])
    assert held(looper) == 0


def test_pages_that_were_let_go_count_at_once_and_their_memory_comes_back() -> None:
    looper = Looper(TINY)
    sound: Frames = noise(30_000)
    play(looper, sound, forgetful(20))
    again = pickle.loads(pickle.dumps(looper))  # noqa: S301 - as one audio process writes it down for the next
    for one in (looper, again):
        assert held(one) == len(held_pages(one)) > 0
        play(one, sound[:4_000], [press(30_000, "clear", slot) for slot in range(3)])
        one.rubbish.clear()
        assert held(one) == 0
        assert len(one._rig.pool._free) > one._rig.pool.n_pages


def test_no_large_sound_is_freed_in_the_callback() -> None:
    """Whatever becomes of a take, `rubbish` is the last to hold it: refused, replaced, cleared, or faded away."""
    looper, silence = Looper(TINY), np.zeros((400, TINY.n_inputs), np.float32)
    kept: list[object] = []
    gone: list[weakref.ref[Frames]] = []
    takes: list[Command] = [
        LoadTake(0, "of none", _sound(gone), layer_id=99),
        LoadTake(99, "nowhere", _sound(gone)),
        LoadTake(0, "plays", _sound(gone)),
        Verb(0, "hold"),
        LoadTake(0, "replaced", _sound(gone)),
        LoadTake(0, "waits", _sound(gone)),
    ]
    out = np.empty((400, TINY.n_outputs), np.float32)
    while takes:
        looper.process(silence, out, [takes.pop(0)])
        kept.extend(looper.rubbish)  # as the other thread has not come by yet
        looper.rubbish.clear()
    looper.process(silence, out, [Verb(0, "clear")])
    kept.extend(looper.rubbish)
    looper.rubbish.clear()
    for _ in range(20):  # what played fades away
        looper.process(silence, out)
        assert all(ref() is not None for ref in gone)
        kept.extend(looper.rubbish)
        looper.rubbish.clear()
    kept.clear()
    assert [ref() for ref in gone] == [None] * 5


def _sound(gone: list[weakref.ref[Frames]]) -> Frames:
    """A take, and a look at whether it is there."""
    audio = np.full((TINY.n_inputs, 5_000), 0.1, np.float32)
    gone.append(weakref.ref(audio))
    return audio
