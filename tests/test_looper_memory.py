"""Promises about memory: when variations fill it up, what was played stays."""

from __future__ import annotations

from dataclasses import replace

from looper_helpers import CONFIG, LOOP, RECORD, START, at, noise, only, press, run
from vampbridge.bridge.looper.messages import Forgotten, LayerClosed, LoadTake, Swapped, VampWanted

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
