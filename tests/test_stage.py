"""The set on stage: a verb brings a variation, in time, and everything is told and kept."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from live_helpers import Set
from looper_helpers import RATE
from serve_helpers import WAIT_S
from vampbridge.bridge.audio.reports import DeviceLost
from vampbridge.bridge.live.events import Note, TakeHeard, TakeMade, VampFailed, VampPlanned, VampProgress
from vampbridge.bridge.live.frame_clock import FrameClock
from vampbridge.bridge.looper.messages import LoadTake, SetGrid, SetSlot, StateChanged, Verb
from vampbridge.engine.deadlines.plan import Plan
from vampbridge.engine.errors import EngineError
from vampbridge.engine.settings import preset


def test_vamp_plays_a_variation_of_what_was_played_from_the_next_seam_on() -> None:
    with Set() as on:
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.of(TakeMade))
        (request,) = on.engine.requests
        assert request.sample_rate == RATE
        on.audio.play(8_000)
        on.wait(lambda: on.of(TakeHeard))
        heard = on.of(TakeHeard)
        assert [(event.slot, event.frame) for event in heard] == [(0, 8_000)]
        out = on.audio.play(4_000)
        start = (on.audio.looper.frame - 4_000 - 8_000) % 4_000
        take = np.roll(request.audio[:, ::-1] * np.float32(0.5), -start, axis=1)
        assert np.array_equal(out.T, take)


def test_the_engine_is_told_when_the_take_is_needed() -> None:
    with Set() as on:
        on.record()
        before_s = time.monotonic()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.engine.requests)
        request = on.engine.requests[0]
        assert request.cycle_s == 4_000 / RATE
        assert request.deadline_s is not None
        # The seam is 3,936 frames ahead; the crossfade, the hand-over and a block go before it.
        assert 0.2 < request.deadline_s - before_s < 3_936 / RATE


def test_every_variation_has_a_seed_that_is_told_and_one_take() -> None:
    with Set() as on:
        on.stage.set_settings(0, preset("wild").changed(variations=4))
        on.record()
        for number in (1, 2):
            on.stage.send(Verb(0, "vamp"))
            on.audio.play(64)
            on.wait(lambda number=number: len(on.of(TakeMade)) == number)
        seeds = [request.settings.seed for request in on.engine.requests]
        assert None not in seeds
        assert len(set(seeds)) == 2
        assert [event.seed for event in on.of(TakeMade)] == seeds
        assert {request.settings.variations for request in on.engine.requests} == {1}


def test_what_was_promised_and_what_became_of_it_is_told() -> None:
    with Set() as on:
        on.engine.plan = Plan(8, 2, 1, 0.9, 1.0, 0.0, 0.4, cycles_late=1)
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.of(TakeMade))
        assert on.of(VampPlanned) == [VampPlanned(0, 8, 2, 0.9, 12_000, 1)]
        assert on.of(VampProgress)
        on.audio.play(8_000)
        on.wait(lambda: on.of(TakeHeard))
        (heard,) = on.of(TakeHeard)
        assert (heard.frame, heard.promised_frame, heard.is_late) == (8_000, 12_000, False)


def test_a_take_that_comes_after_its_promised_seam_is_told_as_late() -> None:
    with Set() as on:
        on.engine.holds = True
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.engine.held)
        on.audio.play(8_000)
        on.engine.release()
        on.wait(lambda: on.of(TakeMade))
        on.audio.play(4_000)
        on.wait(lambda: on.of(TakeHeard))
        assert on.of(TakeHeard)[0].is_late


@pytest.mark.parametrize("is_anytime", [False, True])
def test_anytime_brings_a_rough_take_first_and_the_better_one_after_it(is_anytime: bool) -> None:
    with Set() as on:
        on.engine.is_hurried = True
        on.stage.controls[0] = on.stage.controls[0].changed(anytime=is_anytime)
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        n_takes = 2 if is_anytime else 1
        on.wait(lambda: len(on.of(TakeMade)) == n_takes)
        assert [event.take_id == "rough" for event in on.of(TakeMade)] == [True, False][-n_takes:]


def test_a_second_press_replaces_the_variation_on_its_way_and_auto_does_not() -> None:
    with Set() as on:
        on.engine.holds = True
        on.record()
        on.stage.send(Verb(0, "auto"))
        on.audio.play(64)
        on.wait(lambda: len(on.engine.held) == 1)
        on.audio.play(12_000)  # three seams: auto asks, and is told to wait
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: len(on.engine.held) == 2)
        assert on.engine.held[0][0].done()
        assert not on.engine.held[1][0].done()


def test_a_variation_that_fails_is_told_and_the_loop_plays_on() -> None:
    with Set() as on:
        on.engine.error = EngineError("the engine process died")
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.of(VampFailed))
        assert on.of(VampFailed) == [VampFailed(0, "engine", "the engine process died")]
        assert on.audio.play(4_000).any()


def test_who_holds_the_loop_on_stage_is_not_told_to_send_it_again() -> None:
    with Set() as on:
        on.engine.error = EngineError("the engine process died; it is started again", advice="send the loop again")
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.of(VampFailed))
        reason = "the engine process died; it is started again: press vamp again"
        assert on.of(VampFailed) == [VampFailed(0, "engine", reason)]


def test_a_bug_in_the_engine_port_is_told_and_ends_nothing() -> None:
    with Set() as on:
        on.engine.error = ZeroDivisionError("a bug")
        on.record()
        for number in (1, 2):
            on.stage.send(Verb(0, "vamp"))
            on.audio.play(64)
            on.wait(lambda number=number: len(on.of(VampFailed)) == number)
        assert "ZeroDivisionError" in on.of(VampFailed)[0].reason


def test_a_loop_that_is_cleared_while_it_is_varied_stays_cleared() -> None:
    with Set() as on:
        on.engine.holds = True
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.engine.held)
        on.stage.send(Verb(0, "clear"))
        on.audio.play(640)
        on.engine.release()
        on.wait(lambda: on.of(TakeMade))
        assert not on.audio.play(8_000)[320:].any()


def test_everything_is_kept_and_a_take_is_recalled_sample_for_sample() -> None:
    with Set() as on:
        on.record()
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.recorder.takes)
        (_, layer_id, take_id) = on.recorder.takes[0]
        assert on.recorder.layers == [(0, layer_id, 0, "recording")]
        assert np.array_equal(on.recorder.sounds[str(layer_id)], on.audio.read_layer(layer_id))
        on.audio.play(8_000)
        on.wait(lambda: on.recorder.heards)
        verbs = [(command.verb, frame) for command, frame in on.recorder.commands if isinstance(command, Verb)]
        assert verbs == [("record", 0), ("play", 4_000), ("vamp", 4_064)]
        loads = [command for command, _ in on.recorder.commands if isinstance(command, LoadTake)]
        assert [(load.take_id, load.audio) for load in loads] == [(take_id, None)]
        on.stage.send(Verb(0, "undo"))
        on.audio.play(4_000)
        on.stage.recall(0, take_id)
        on.wait(lambda: on.audio.is_asked(LoadTake))
        on.audio.play(8_000)
        on.wait(lambda: len(on.of(TakeHeard)) == 2)
        out = on.audio.play(4_000)
        start = (on.audio.looper.frame - 4_000 - on.of(TakeHeard)[1].frame) % 4_000
        assert np.array_equal(out.T, np.roll(on.recorder.sounds[take_id], -start, axis=1))


def test_what_cannot_be_recalled_is_told_to_the_one_who_asked() -> None:
    told: list[str] = []
    with Set() as on:
        on.stage.recall(1, "nothing", told.append)
        on.wait(lambda: told)
    assert told == ["there is no take 'nothing' in this session"]


def test_what_is_refused_is_told_to_the_one_who_pressed() -> None:
    told: list[str] = []
    with Set() as on:
        on.stage.send(Verb(1, "overdub"), told.append)
        on.stage.send(SetSlot(0, "wet", 0.5), told.append)
        on.audio.play(64)
    assert told == ["overdub needs a loop, and this slot is empty: record first"]


def test_without_sound_a_vamp_has_no_deadline() -> None:
    with Set() as on:
        on.record()
        on.audio.tell(DeviceLost(0, "unplugged"))
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.engine.requests)
        assert on.engine.requests[0].deadline_s is None


def test_a_listener_that_fails_stops_nobody() -> None:
    def fails(_: object) -> None:
        raise ValueError

    with Set() as on:
        on.stage.on_event(fails)
        on.record()
        assert on.of(StateChanged)
        assert not on.of(Note)


@pytest.mark.parametrize("drift", [1.0, 1.0001, 0.9999])
def test_the_frame_clock_follows_a_sound_card_through_late_events(drift: float) -> None:
    rng = np.random.default_rng(1)
    clock = FrameClock(48_000)
    for block in range(8_000):  # 43 s
        frame = block * 256
        true_s = 5.0 + frame * drift / 48_000
        clock.observe(frame, true_s + float(rng.exponential(0.003)) + 0.0005)
    end = 8_000 * 256
    ahead = end + 4 * 48_000
    found = clock.time_of(ahead)
    assert found is not None
    assert found == pytest.approx(5.0 + ahead * drift / 48_000, abs=0.003)  # of 100 ppm in 14 s


def test_a_layer_can_be_recalled_into_another_slot() -> None:
    with Set() as on:
        on.record()
        on.wait(lambda: on.recorder.layers)
        layer_id = on.recorder.layers[0][1]
        on.stage.recall(1, f"L{layer_id}")
        on.wait(lambda: on.audio.is_asked(LoadTake))
        on.audio.play(64)
        assert on.stage.states[1] is not None
        assert on.stage.states[1].n_frames == 4_000


# The beat.


def test_a_tapped_tempo_reaches_the_looper() -> None:
    with Set() as on:
        on.audio.play(64)
        on.stage.time.clock.tap(time.monotonic() - 0.5)
        assert on.stage.tap() == pytest.approx(120, rel=0.05)
        on.wait(lambda: on.audio.is_asked(SetGrid))
        on.audio.play(64)
        assert on.audio.looper._rig.beats.frames_per_beat == pytest.approx(RATE / 2, rel=0.05)


def test_the_first_loop_sets_the_tempo_and_the_second_does_not() -> None:
    with Set() as on:
        on.record(16_000)  # 2 s: a bar at 120
        # The first grid that the looper is told may be that there is none.
        on.wait(lambda: len(on.audio.play(64)) and on.audio.looper._rig.beats.frames_per_beat)
        assert on.audio.looper._rig.beats.frames_per_beat == RATE / 2
        assert on.audio.looper._rig.beats.origin_frame % (4 * RATE / 2) == pytest.approx(0, abs=0.02 * RATE)
        on.stage.send(Verb(1, "record"))
        on.audio.play(5_000)
        on.stage.send(Verb(1, "record"))
        on.audio.play(640)
        on.wait(lambda: len(on.recorder.layers) == 2)
        grid = on.stage.time.grid
        assert grid is not None
        assert grid.tempo_bpm == 120


def test_a_vamp_with_a_beat_prompt_follows_the_clock() -> None:
    with Set() as on:
        on.stage.set_settings(0, preset("balanced").changed(beat_before_ms=20.0))
        on.record(16_000)
        on.wait(lambda: on.stage.time.grid is not None)
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.wait(lambda: on.engine.requests)
        assert on.engine.requests[0].settings.tempo_bpm == 120


def test_the_beat_is_told_again_to_a_new_sound_card() -> None:
    with Set() as on:
        on.record(16_000)
        on.wait(lambda: on.audio.is_asked(SetGrid))
        on.audio.play(64)
        on.audio.open()
        on.audio.play(640)
        on.wait(lambda: on.audio.is_asked(SetGrid))


def test_a_take_is_kept_with_the_mask_it_was_asked_for_with_though_a_newer_one_is_on_its_way() -> None:
    older, newer = np.ones((1, 2), np.bool_), np.ones((1, 3), np.bool_)
    with Set() as on:
        on.record()
        on.engine.holds = True
        on.stage.draw_mask(0, older, alone=True)
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.engine.await_submit()
        is_open = threading.Event()

        def keep_busy() -> None:
            is_open.wait(WAIT_S)

        on.stage.later(keep_busy, 0)  # and while the stage's thread is:
        on.stage.draw_mask(0, newer, alone=True)
        on.stage.send(Verb(0, "vamp"))
        on.audio.play(64)
        on.engine.release()
        is_open.set()
        on.wait(lambda: on.recorder.takes)
        np.testing.assert_array_equal(on.engine.requests[-1].drawn_mask, newer)
        np.testing.assert_array_equal(on.recorder.drawn_masks[0], older)
