"""No loop jumps at its seam more than it does elsewhere: per slot, on the demo loops, whatever was played in."""

from __future__ import annotations

import importlib.resources
import tracemalloc
from functools import lru_cache

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from looper_helpers import Frames, at, play, press
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.layers import PagedRing
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import Command, LayerClosed, Seam, SetLooper
from vampbridge.bridge.looper.pages import PAGE_FRAMES, PagePool
from vampbridge.bridge.looper.seams import Easing

RATE = 44_100
CONFIG = LooperConfig(sample_rate=RATE, n_slots=1, max_loop_s=20.0, memory_mb=4)
BEGIN = 4_410  # frames before the recording: its pre-roll is music, too
BEND = round(0.0015 * RATE)


@lru_cache(maxsize=1)
def music() -> Frames:
    """Half a second of each demo loop after the other, (N, 2): many starts that fall on a stroke."""
    folder = importlib.resources.files("vampbridge.engine.demo")
    parts = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith((".flac", ".wav")):
            with path.open("rb") as file:
                parts.append(soundfile.read(file, dtype="float32", always_2d=True)[0].mean(axis=1)[: RATE // 2])
    return np.stack([np.concatenate(parts), 0.5 * np.concatenate(parts)], axis=1).astype(np.float32)


def looped(sound: Frames, n_loop: int, *more: Command, n_laps: int = 2) -> tuple[Frames, list[int]]:
    """The loop that is recorded of `sound` from BEGIN on: what is heard of it, and the seams in it."""
    commands = [press(BEGIN, "record"), press(BEGIN + n_loop, "play"), *more]
    silence = np.zeros((max(0, BEGIN + (n_laps + 2) * n_loop - len(sound)), 2), np.float32)
    out, events = play(Looper(CONFIG), np.concatenate([sound, silence]), commands, iter(lambda: 8_192, 0))
    return out, [event.frame for event in events if isinstance(event, Seam)]


def seam_ratio(out: Frames, seam: int, n_loop: int) -> float:
    """Jump at a seam over the 99th percentile of the jumps of the lap from there on; the larger channel."""
    jumps = np.abs(np.diff(out[seam - 1 : seam + n_loop], axis=0))
    return float((jumps[0] / np.percentile(jumps[1:], 99, axis=0)).max())


def steep(n_loop: int) -> Frames:
    """Music whose frame BEGIN is a stroke: where it rises most within a second."""
    sound = music()
    jumps = np.abs(np.diff(sound[RATE : 2 * RATE, 0]))
    start = RATE + 1 + int(jumps.argmax()) - BEGIN
    return sound[start : start + BEGIN + n_loop]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3 * RATE), st.integers(RATE // 5, RATE // 2))
def test_a_recording_has_no_seam_above_the_99th_percentile(start: int, n_loop: int) -> None:
    out, seams = looped(music()[start : start + BEGIN + n_loop], n_loop)
    assert seam_ratio(out, seams[0], n_loop) <= 1.0


@pytest.mark.parametrize("latency_ms", [0.0, 12.0])
def test_a_recording_that_begins_on_a_stroke_is_bent_at_its_ends_only(latency_ms: float) -> None:
    n_loop = RATE // 2
    sound = steep(n_loop + RATE)
    natural = np.abs(sound[BEGIN] - sound[BEGIN - 1]).max()
    late = round(latency_ms * RATE / 1000)
    delay = SetLooper("input_latency_ms", latency_ms, at_frame=0)
    out, seams = looped(np.roll(sound, late, axis=0), n_loop, delay)
    lap = out[seams[1] : seams[1] + n_loop]
    assert natural > 1.2 * np.percentile(np.abs(np.diff(lap[:, 0])), 99), "the test is of a steep seam"
    assert seam_ratio(out, seams[1], n_loop) <= 1.0
    untouched = slice(BEND, n_loop - round(0.030 * RATE))  # the pre-roll is blended in at the end
    assert np.array_equal(lap[untouched], sound[BEGIN : BEGIN + n_loop][untouched])


@pytest.mark.parametrize("verb", ["overdub", "replace", "substitute"])
@settings(max_examples=5, deadline=None)
@given(st.integers(0, RATE // 2), st.integers(0, RATE // 2))
def test_what_is_played_over_the_seam_leaves_none_above_it(verb: str, start: int, length: int) -> None:
    n_loop = RATE // 2
    first, last = BEGIN + n_loop + start, BEGIN + 2 * n_loop + length
    sound = music()[: BEGIN + 4 * n_loop]
    out, seams = looped(sound, n_loop, press(first, verb), press(last, verb), n_laps=6)
    assert seam_ratio(out, seams[-2], n_loop) <= 1.0


def test_what_is_heard_while_it_is_bent_does_not_jump() -> None:
    """An overdub that ends just behind the seam: its start is being heard, so only its end is bent."""
    n_loop = RATE // 2
    sound = np.concatenate([steep(n_loop), steep(4 * n_loop)])
    first = BEGIN + n_loop + 1_000
    for after in (1, BEND // 2, BEND):
        fade = round(0.010 * RATE)
        last = BEGIN + 2 * n_loop + after - fade  # closed a fade later
        out, events = play(
            Looper(CONFIG),
            sound[: BEGIN + 4 * n_loop],
            [press(BEGIN, "record"), press(BEGIN + n_loop, "play"), press(first, "overdub"), press(last, "overdub")],
        )
        closed = [event.frame for event in events if isinstance(event, LayerClosed)][-1]
        assert closed == BEGIN + 2 * n_loop + after
        jumps = np.abs(np.diff(out[closed - 2 * BEND : closed + 2 * BEND], axis=0)).max(axis=1)
        around = np.abs(np.diff(out[closed : closed + n_loop], axis=0)).max()
        assert jumps[2 * BEND - 1] <= around


def test_a_seam_that_lies_beneath_what_was_played_in_costs_no_memory() -> None:
    looper = Looper(CONFIG)
    n_loop, middle = 60_000, 25_000  # pages are 16,384 frames: ends and middle are on different ones
    commands = [press(BEGIN, "record"), press(BEGIN + n_loop, "play")]
    begin = BEGIN + n_loop + middle
    commands += [press(begin, "overdub"), at(begin + 2_000, press(0, "overdub"))]
    play(looper, music()[: BEGIN + 2 * n_loop], commands, iter(lambda: 8_192, 0))
    assert looper._rig.pool.n_pages - looper._rig.pool.n_free == 4 + 1


def test_a_seam_is_closed_without_asking_for_memory() -> None:
    """As it happens in the audio callback. A bend long enough to be seen beside Python's own small objects."""
    bend, n_frames = 20_000, 100_000
    easing, ring = Easing(2, bend), PagedRing(PagePool(4, 2))
    for start in range(0, n_frames, PAGE_FRAMES):
        ring.window(start, PAGE_FRAMES)[:] = np.float32(start / n_frames)
    ring.n_frames = n_frames
    before = np.empty((2, 2), np.float32)
    ring.read(n_frames - 1, before)
    tracemalloc.start()
    try:
        easing.ease(ring, None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    after = np.empty((2, 2), np.float32)
    ring.read(n_frames - 1, after)
    assert np.abs(np.diff(before, axis=0)).min() > 0.5
    assert np.abs(np.diff(after, axis=0)).max() < 0.001
    assert peak < 4 * bend
