"""A set whose sound has died: what is told of its slots, and what stands in the next looper."""

from __future__ import annotations

import pytest
from live_helpers import Set
from vampbridge.bridge.audio.reports import AudioEnded, LooperLost
from vampbridge.bridge.looper.messages import SetSlot, StateChanged


def test_a_new_looper_is_a_new_beginning() -> None:
    with Set() as on:
        on.record()
        assert on.stage.states[0] is not None
        on.stage.controls[1] = on.stage.controls[1].changed(wet=0.5)
        on.stage.looper_controls = on.stage.looper_controls.changed(dry=0.25)
        on.audio.tell(LooperLost("the audio process died"))
        assert on.stage.states == [None, None]
        assert on.stage.clock is None
        on.wait(lambda: on.audio.is_asked(SetSlot))
        on.audio.play(64)
        assert on.audio.looper.slots[1].controls.wet == 0.5  # the dials are turned again


@pytest.mark.parametrize("event", [LooperLost("the audio process died"), AudioEnded("it died too often")])
def test_slots_that_went_with_their_looper_are_told_to_be_empty_and_no_others(event: LooperLost | AudioEnded) -> None:
    with Set() as on:
        on.record()
        on.told.clear()
        on.audio.tell(event)
        assert on.told == [event, StateChanged(0, 0, "off", "off", 0, 0, "", 0, 0)]
        assert on.stage.states == [None, None]


def test_the_end_of_the_sound_after_the_end_of_the_set_is_no_news() -> None:
    with Set() as on:
        on.record()
    on.told.clear()
    on.audio.tell(AudioEnded("the audio client was closed"))
    assert on.told == []
