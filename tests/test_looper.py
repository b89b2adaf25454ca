"""What a performer may rely on: every verb of the looper, heard in what comes out. When verbs act is elsewhere."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from looper_helpers import CONFIG, FADE, LEAD_IN, LOOP, RATE, RECORD, START, noise, only, play, press, run, states, tone
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import (
    Forgotten,
    LayerClosed,
    Refused,
    Seam,
    SetLooper,
    SetSlot,
    Verb,
)

BODY = slice(FADE, LOOP - LEAD_IN)  # of a cycle: away from fades


def cycle(out: np.ndarray, number: int, start: int = START, length: int = LOOP) -> np.ndarray:
    """What came out in one cycle of the loop, counted from 0."""
    return out[start + number * length : start + (number + 1) * length]


def test_what_was_played_between_two_presses_is_the_loop() -> None:
    sound = noise(6 * LOOP)
    out, events = run(sound, RECORD)
    assert not out[:START].any()
    played = sound[1_000:START]
    for number in range(1, 4):
        assert np.array_equal(cycle(out, number)[: LOOP - LEAD_IN], played[: LOOP - LEAD_IN])
    closed = only(events, LayerClosed)
    assert closed == [LayerClosed(START, 0, closed[0].layer_id, 0, "recording", LOOP)]
    assert [event.frame for event in only(events, Seam)] == [START + n * LOOP for n in range(1, 5)]


def test_what_was_played_a_little_early_is_heard_where_the_loop_ends() -> None:
    sound = np.zeros((4 * LOOP, 2), dtype=np.float32)
    sound[1_000 - 40] = 0.5  # 5 ms before the pedal
    out, _ = run(sound, RECORD)
    heard = np.flatnonzero(cycle(out, 1)[:, 0])
    assert heard.tolist() == [LOOP - 40]
    assert cycle(out, 1)[LOOP - 40, 0] > 0.45


@pytest.mark.parametrize(("latency_in", "latency_out"), [(0.0, 0.0), (5.0, 0.0), (5.0, 12.5), (100.0, 50.0)])
def test_what_is_played_to_the_loop_lands_where_it_was_heard(latency_in: float, latency_out: float) -> None:
    late_by = round((latency_in + latency_out) * RATE / 1_000)
    sound = np.zeros((5 * LOOP, 2), dtype=np.float32)
    sound[1_500 + round(latency_in * RATE / 1_000)] = 0.5  # 500 frames into the recording, when the pedal was pressed
    sound[START + 2_000 + late_by] = 0.25  # played to frame 2,000 of the loop, as it was heard
    latencies = [
        SetLooper("input_latency_ms", latency_in, at_frame=0),
        SetLooper("output_latency_ms", latency_out, at_frame=0),
    ]
    out, _ = run(sound, [*latencies, *RECORD, press(START + 1_000, "overdub"), press(START + 3_000, "overdub")])
    heard = cycle(out, 2)
    assert np.flatnonzero(heard[:, 0]).tolist() == [500, 2_000]
    assert heard[500, 0] == np.float32(0.5)
    assert heard[2_000, 0] == np.float32(0.25)


@pytest.mark.parametrize("feedback", [1.0, 0.5, 0.0])
def test_overdub_adds_to_what_the_feedback_leaves(feedback: float) -> None:
    sound = noise(7 * LOOP)
    dial = SetSlot(0, "feedback", feedback, at_frame=0)
    out, _ = run(sound, [dial, *RECORD, press(START + LOOP, "overdub"), press(START + 2 * LOOP, "overdub")])
    wanted = np.float32(feedback) * sound[1_000:START] + sound[START + LOOP : START + 2 * LOOP]
    assert np.allclose(cycle(out, 3)[BODY], wanted[BODY], atol=1e-7)  # one rounding of a sum below 1


def test_undo_and_redo_go_through_every_layer_exactly() -> None:
    sound = noise(20 * LOOP)
    overdubs = [press(START + n * LOOP, "overdub") for n in (1, 2, 4, 5)]
    undos = [press(START + n * LOOP + 500, verb) for n, verb in ((7, "undo"), (9, "undo"), (11, "redo"), (13, "redo"))]
    out, events = run(sound, [*RECORD, *overdubs, *undos])
    first, both = cycle(out, 1), cycle(out, 6)
    assert np.array_equal(cycle(out, 10), first)
    assert np.array_equal(cycle(out, 12), cycle(out, 8))
    assert np.array_equal(cycle(out, 14), both)
    assert not np.array_equal(first, both)
    assert not only(events, Refused)


def test_undo_while_overdubbing_takes_back_the_overdub() -> None:
    out, _ = run(noise(8 * LOOP), [*RECORD, press(START + LOOP, "overdub"), press(START + LOOP + 2_000, "undo")])
    assert np.array_equal(cycle(out, 4), cycle(out, 0 + 3))
    loop = noise(8 * LOOP)[1_000:START]
    assert np.array_equal(cycle(out, 4)[: LOOP - LEAD_IN], loop[: LOOP - LEAD_IN])


def test_multiply_makes_a_loop_of_whole_repetitions_with_what_was_played_over_them() -> None:
    sound = noise(14 * LOOP)
    commands = [*RECORD, press(START + LOOP + 1_000, "multiply"), press(START + 3 * LOOP + 500, "multiply")]
    out, events = run(sound, commands)
    end = START + 4 * LOOP  # the seam after the second press
    closed = [event for event in only(events, LayerClosed) if isinstance(event, LayerClosed)]
    assert closed[-1].n_frames == 3 * LOOP
    loop = cycle(out, 0, end + 3 * LOOP, 3 * LOOP)
    for number in range(3):
        own = loop[number * LOOP + 1_200 : (number + 1) * LOOP - LEAD_IN]
        at = START + (1 + number) * LOOP + 1_200
        wanted = sound[1_000 + 1_200 : START - LEAD_IN] + sound[at : at + len(own)]
        assert np.allclose(own, wanted, atol=1e-7)


def test_insert_puts_whole_cycles_in_between() -> None:
    sound = noise(16 * LOOP)
    pressed = START + LOOP + 1_000
    out, events = run(sound, [*RECORD, press(pressed, "insert"), press(pressed + LOOP + 10, "insert")])
    end = pressed + 2 * LOOP
    assert states(events)[-1] == (end, "playing", "playing")
    assert [event.n_frames for event in only(events, LayerClosed)] == [LOOP, 3 * LOOP]  # type: ignore[attr-defined]
    rest = LOOP - 1_000
    loop = out[end + rest : end + rest + 3 * LOOP]
    played = sound[1_000:START]
    assert np.array_equal(loop[: 1_000 - FADE], played[: 1_000 - FADE])
    inserted = loop[1_000 : 1_000 + 2 * LOOP]
    assert np.array_equal(inserted[FADE : 2 * LOOP - FADE], sound[pressed + FADE : end - FADE])
    assert np.array_equal(loop[1_000 + 2 * LOOP : -LEAD_IN], played[1_000:-LEAD_IN])


@pytest.mark.parametrize(("verb", "is_heard"), [("replace", False), ("substitute", True)])
def test_replace_and_substitute_put_what_is_played_in_the_place_of_the_loop(verb: str, is_heard: bool) -> None:
    sound = noise(8 * LOOP)
    first, last = START + LOOP + 1_000, START + LOOP + 3_000
    out, _ = run(sound, [*RECORD, press(first, verb), press(last, verb)])
    assert out[first + FADE : last].any() == is_heard
    heard, played = cycle(out, 3), sound[1_000:START]
    assert np.array_equal(heard[1_000 + FADE : 3_000], sound[first + FADE : last])
    assert np.array_equal(heard[:1_000], played[:1_000])
    assert np.array_equal(heard[3_000 + FADE : -LEAD_IN], played[3_000 + FADE : -LEAD_IN])


def test_reverse_plays_the_same_samples_backwards() -> None:
    sound = noise(10 * LOOP)
    out, _ = run(sound, [*RECORD, press(START + 2 * LOOP, "reverse")])
    forwards = cycle(out, 1)
    # The frame that was next is the first one that is read: one frame into the seam.
    backwards = out[START + 3 * LOOP + 1 : START + 4 * LOOP + 1]
    assert np.array_equal(backwards, forwards[::-1])


@pytest.mark.parametrize(("verb", "factor"), [("half_speed", 0.5), ("double_speed", 2.0)])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_speed_changes_pitch_and_length_and_nothing_else(verb: str, factor: float, is_reversed: bool) -> None:
    hz = 390.0  # whole periods in the loop
    commands = [*RECORD, press(START + LOOP, verb), *([press(START + LOOP + 500, "reverse")] if is_reversed else [])]
    out, events = run(tone(14 * LOOP, hz), commands)
    length = round(LOOP / factor)
    seam = next(event.frame for event in only(events, Seam) if event.frame > START + 3 * LOOP)
    heard = out[seam + length // 10 : seam + length - length // 10, 0]  # away from where its end was blended
    spectrum = np.abs(np.fft.rfft(heard * np.kaiser(len(heard), 14)))
    peak = int(spectrum.argmax())
    assert peak * RATE / len(heard) == pytest.approx(hz * factor, abs=RATE / len(heard))
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.005)
    elsewhere = np.delete(spectrum, np.arange(peak - 12, peak + 13))
    assert 20 * np.log10(elsewhere.max() / spectrum.max()) < -60  # neither images nor aliases


def test_pressing_speed_again_returns_to_the_very_same_samples() -> None:
    commands = [*RECORD, press(START + LOOP, "half_speed"), press(START + LOOP + 2 * LOOP, "half_speed")]
    out, _ = run(noise(10 * LOOP), commands)
    assert np.array_equal(cycle(out, 5), cycle(out, 0)[:] * 0 + cycle(out, 6))
    assert np.array_equal(cycle(out, 5)[BODY], noise(10 * LOOP)[1_000:START][BODY])


def test_a_muted_loop_runs_on() -> None:
    out, _ = run(noise(9 * LOOP), [*RECORD, press(START + LOOP + 500, "mute"), press(START + 3 * LOOP + 500, "mute")])
    assert not cycle(out, 2).any()
    assert np.array_equal(cycle(out, 5), cycle(out, 6))
    assert np.array_equal(cycle(out, 5)[BODY], noise(9 * LOOP)[1_000:START][BODY])


def test_a_paused_loop_goes_on_from_where_it_stood() -> None:
    paused, goes_on = START + LOOP + 500, START + 3 * LOOP + 77
    out, _ = run(noise(9 * LOOP), [*RECORD, press(paused, "pause"), press(goes_on, "pause")])
    assert not out[paused + FADE : goes_on].any()
    played = noise(9 * LOOP)[1_000:START]
    assert np.array_equal(out[goes_on + FADE : goes_on + 2_000], played[500 + FADE : 2_500])


def test_trigger_starts_over_at_once() -> None:
    pressed = START + LOOP + 1_234
    out, _ = run(noise(9 * LOOP), [*RECORD, press(pressed, "trigger")])
    played = noise(9 * LOOP)[1_000:START]
    assert np.array_equal(out[pressed + FADE : pressed + LOOP - LEAD_IN], played[FADE:-LEAD_IN])


def test_clear_leaves_nothing_and_tells_what_is_forgotten() -> None:
    pressed = START + 2 * LOOP
    out, events = run(noise(9 * LOOP), [*RECORD, press(pressed, "clear"), press(pressed + 500, "undo", number=3)])
    assert not out[pressed + FADE :].any()
    assert len(only(events, Forgotten)) == 1
    assert [event.number for event in only(events, Refused)] == [3]  # type: ignore[attr-defined]


def test_recording_over_a_loop_can_be_undone() -> None:
    again = START + 2 * LOOP
    commands = [*RECORD, press(again, "record"), press(again + 3_000, "record"), press(again + 9_000, "undo")]
    out, _ = run(noise(16 * LOOP), commands)
    played = noise(16 * LOOP)[1_000:START]
    rest = out[-3 * LOOP :]
    assert any(np.array_equal(rest[at : at + 500], played[500:1_000]) for at in range(LOOP))


# Dials and edges.


@pytest.mark.parametrize("wet", [0.0, 0.5, 2.0])
def test_wet_scales_the_loop(wet: float) -> None:
    out, _ = run(noise(6 * LOOP), [SetSlot(0, "wet", wet, at_frame=0), *RECORD])
    assert np.allclose(cycle(out, 1)[BODY], wet * noise(6 * LOOP)[1_000:START][BODY], atol=1e-7)


def test_dry_lets_the_input_through() -> None:
    sound = noise(3 * LOOP)
    out, _ = run(sound, [SetLooper("dry", 0.5, at_frame=0)])
    assert np.allclose(out[FADE:], sound[FADE:] * 0.5)


def test_mono_records_the_mean_of_both_inputs() -> None:
    sound = noise(6 * LOOP)
    out, _ = run(sound, [SetSlot(0, "mono", value=True, at_frame=0), *RECORD])
    wanted = sound[1_000:START].mean(axis=1)
    assert np.allclose(cycle(out, 1)[BODY], wanted[BODY, None], atol=1e-7)


@pytest.mark.parametrize(("n_inputs", "n_outputs"), [(1, 1), (1, 2), (2, 1)])
def test_mono_devices_work(n_inputs: int, n_outputs: int) -> None:
    config = LooperConfig(RATE, 1, n_inputs, n_outputs, max_block=8_193, max_loop_s=3.0, memory_mb=4)
    sound = noise(6 * LOOP)[:, :n_inputs]
    out, _ = run(sound, RECORD, config=config)
    wanted = sound[1_000:START].mean(axis=1, keepdims=True)
    assert np.allclose(cycle(out, 1)[BODY], np.repeat(wanted, n_outputs, axis=1)[BODY], atol=1e-7)


def test_a_recording_ends_by_itself_when_it_is_as_long_as_a_loop_may_be() -> None:
    _, events = run(noise(4 * RATE), [press(100, "record")])
    closed = only(events, LayerClosed)[0]
    assert isinstance(closed, LayerClosed)
    assert closed.n_frames == round(CONFIG.max_loop_s * RATE)


@pytest.mark.parametrize("verb", ["multiply", "insert"])
def test_what_grows_ends_by_itself_in_whole_cycles(verb: str) -> None:
    _, events = run(noise(8 * RATE), [*RECORD, press(START + 700, verb)])
    assert states(events)[-1][1] == "playing"
    closed = [event for event in only(events, LayerClosed) if isinstance(event, LayerClosed)][-1]
    assert closed.n_frames % LOOP == 0


def test_when_memory_is_full_the_oldest_layers_are_forgotten_and_it_plays_on() -> None:
    config = LooperConfig(RATE, 1, max_block=8_193, max_loop_s=3.0, memory_mb=1)
    commands = [*RECORD, *(press(START + n * LOOP, "overdub") for n in range(1, 31))]
    out, events = run(noise(34 * LOOP), commands, config=config)
    assert only(events, Forgotten)
    assert not only(events, Refused)
    assert out[-LOOP:].any()


def test_when_memory_has_no_room_for_a_recording_it_ends_and_says_so() -> None:
    config = LooperConfig(48_000, 1, max_block=8_193, max_loop_s=60.0, memory_mb=1)
    out, events = run(noise(400_000), [press(100, "record")], config=config)
    assert any("memory is full" in event.reason for event in only(events, Refused) if isinstance(event, Refused))
    assert states(events)[-1][1] == "playing"
    assert np.isfinite(out).all()


def test_what_is_not_a_number_never_gets_into_a_loop() -> None:
    sound = noise(6 * LOOP)
    sound[2_000] = np.nan
    sound[2_001] = np.inf
    out, _ = run(sound, RECORD)
    assert np.isfinite(out).all()
    assert cycle(out, 1)[1_100].any()


def test_a_layer_can_be_read_when_it_is_closed_and_not_when_it_is_forgotten() -> None:
    looper = Looper(CONFIG)
    _, events = play(looper, noise(3 * LOOP), RECORD)
    (closed,) = only(events, LayerClosed)
    assert isinstance(closed, LayerClosed)
    layer = looper.read_layer(closed.layer_id)
    assert layer.shape == (2, LOOP)
    assert np.array_equal(layer[:, : LOOP - LEAD_IN], noise(3 * LOOP)[1_000 : START - LEAD_IN].T)
    play(looper, noise(100), [Verb(0, "clear")])
    with pytest.raises(KeyError):
        looper.read_layer(closed.layer_id)


def test_a_looper_that_was_written_down_goes_on_with_the_same_samples() -> None:
    sound = noise(10 * LOOP)
    cut = START + LOOP + 1_500
    commands = [*RECORD, press(START + LOOP, "overdub"), press(START + 2 * LOOP, "undo")]
    whole, _ = run(sound, commands)
    looper = Looper(CONFIG)
    first, _ = play(looper, sound[:cut], commands)
    second, _ = play(pickle.loads(pickle.dumps(looper)), sound[cut:])  # noqa: S301 - our own bytes
    assert np.array_equal(np.concatenate([first, second]), whole)
