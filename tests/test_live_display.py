"""The page that a performer sees: everything that happens is on it, and it always fits."""

from __future__ import annotations

import threading
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from vampbridge.bridge.audio.reports import (
    AudioCounters,
    AudioEnded,
    AudioInfo,
    BlockFailed,
    DeviceLost,
    DeviceOpened,
    LooperLost,
)
from vampbridge.bridge.live.display import Display, Size, Sound, fitted, wrapped
from vampbridge.bridge.live.events import (
    Note,
    StageEvent,
    TakeHeard,
    TakeMade,
    VampFailed,
    VampPlanned,
    VampProgress,
)
from vampbridge.bridge.looper.messages import (
    Applied,
    Forgotten,
    LayerClosed,
    Refused,
    Seam,
    StateChanged,
    Swapped,
    VampWanted,
)

INFO = AudioInfo("Mic", "Speakers", "API", 48_000, 256)
PLAYS = AudioCounters(is_open=True, xruns_in=2, xruns_out=3, late_blocks=4, callback_p99_ms=0.51)
PLAYING = StateChanged(0, 1, "playing", "playing", 96_000, 5, "", 0, 0)

# Each event of the second slot, and what must be read of it afterwards: in the slot's line, below, or nothing new.
SEEN: list[tuple[StageEvent, str, str]] = [
    (PLAYING, "playing                      2.00 s", ""),
    (StateChanged(0, 1, "recording", "playing", 0, 0, "", 0, 0), "recording → playing", ""),
    (StateChanged(0, 1, "wait_start", "recording", 0, 0, "", 0, 0), "wait start → recording", ""),
    (StateChanged(0, 1, "off", "recording", 0, 0, "", 0, 0), "– → recording", ""),
    (StateChanged(0, 1, "one_shot", "muted", 48_000, 5, "", 3, 1), "one shot → muted             1.00 s", ""),
    (StateChanged(0, 1, "playing", "playing", 48_000, 5, "", 3, 1), "undo 3 redo 1", ""),
    (StateChanged(0, 1, "playing", "playing", 96_000, 5, "", 0, 0, is_auto=True), "auto", ""),
    (StateChanged(0, 1, "playing", "playing", 96_000, 5, "", 0, 0, is_auto=True, is_held=True), "auto hold", ""),
    (StateChanged(0, 1, "off", "off", 0, 0, "", 0, 0, is_auto=True, is_held=True), "– auto hold", ""),
    (Seam(0, 1, 17), "2.00 s    17", ""),
    (VampWanted(0, 1, 5, 96_000, 96_000), "vamp asked for", ""),
    (VampProgress(1, "coarse", 0.5), "vamp █████░░░░░ coarse", ""),
    (VampProgress(1, "decode", 1.0), "vamp ██████████ decode", ""),
    (VampPlanned(1, 12, 2, 0.5, 96_000, 0), "", ""),
    (VampPlanned(1, 4, 1, 2.5, 96_000, 1), "vamp comes a round later", "slot 2: the variation comes a round later"),
    (VampPlanned(1, 4, 1, 9.5, 96_000, 3), "vamp comes 3 rounds later", "slot 2: the variation comes 3 rounds later"),
    (TakeMade(1, "abc", 7, 12, 2, 0.5, is_rough=False), "take abc waits for the seam", ""),
    (TakeMade(1, "abc", 7, 5, 1, 0.5, is_rough=True), "take abc", "slot 2: little time, so 5 coarse passes only"),
    (TakeMade(1, "abc", 7, 5, 1, 0.5, is_rough=False, warnings=("Short.",)), "take abc", "slot 2: Short."),
    (TakeHeard(1, "abc", 96_000, 96_000), "take abc", ""),
    (TakeHeard(1, "abc", 96_001, 96_000), "take abc", "slot 2: the variation came later than promised"),
    (VampFailed(1, "audio", "audio is silent"), "vamp failed", "slot 2: audio is silent"),
    (Refused(0, 9, 1, "there is nothing to undo"), "", "slot 2: there is nothing to undo"),
    (Note(1, "the loop was gone"), "", "slot 2: the loop was gone"),
    (Note(-1, "the disk is nearly full"), "", "the disk is nearly full"),
    (DeviceOpened(0, INFO), "", "sound on Speakers, 48000 Hz"),
    (DeviceLost(0, "unplugged"), "", "the sound card is gone: unplugged; it is looked for every second"),
    (LooperLost("exit 3"), "", "the loops are lost, recall them from the session: exit 3"),
    (AudioEnded("died too often"), "", "there will be no more sound, start again: died too often"),
    (BlockFailed(0, 3, "ValueError: x", "…"), "", "3 blocks of silence: ValueError: x"),
    (Applied(0, 1), "", ""),
    (LayerClosed(0, 1, 5, 0, "recording", 96_000), "", ""),
    (Swapped(0, 1, "abc", 6), "", ""),
    (Forgotten(0, 1, 5), "", ""),
]


def kinds(union):
    return {part for each in typing.get_args(union) for part in (kinds(each) or {each})}


def page(display, chosen=0, counters=PLAYS, size=None, tempo_bpm=None, has_engine=True):
    return display.lines(chosen, Sound(INFO, counters, tempo_bpm, has_engine), size=size or Size(120, 40))


def test_every_kind_of_event_is_tried_here():
    assert {type(event) for event, _, _ in SEEN} == kinds(StageEvent)


@pytest.mark.parametrize(("event", "of_slot", "said"), SEEN, ids=lambda value: type(value).__name__)
def test_what_happens_is_seen(event, of_slot, said):
    display = Display(3)
    display.hear(PLAYING)
    before = page(display)
    display.hear(event)
    after = page(display)
    assert of_slot in after[1]
    assert (said in after) if said else (after[3:] == before[3:])
    if not of_slot and not isinstance(event, LooperLost):
        assert after[1] == before[1]
    assert (after[0], after[2]) == (before[0], before[2])


def test_a_cleared_slot_forgets_what_it_played():
    display = Display(2)
    for event in (PLAYING, Seam(0, 1, 9), TakeHeard(1, "abc", 0, 0), StateChanged(9, 1, "off", "off", 0, 0, "", 0, 0)):
        display.hear(event)
    assert page(display)[1] == "  2  –"


def test_a_new_looper_has_empty_slots():
    display = Display(2)
    display.hear(PLAYING)
    display.hear(LooperLost("exit 3"))
    assert page(display)[:2] == ["> 1  –", "  2  –"]


def test_the_chosen_slot_is_marked():
    assert [line[0] for line in page(Display(3), chosen=1)[:3]] == [" ", ">", " "]


def test_the_card_and_its_counters_are_shown():
    assert "Speakers · 48000 Hz · 256 frames · xruns 5 · late 4 · block 0.5 ms" in page(Display(1))
    assert any(line.startswith("93.5 bpm · Speakers") for line in page(Display(1), tempo_bpm=93.5))
    assert "NO SOUND: the sound card is gone, and is looked for" in page(Display(1), counters=AudioCounters())
    failing = AudioCounters(is_open=True, failed_blocks=7)
    assert any("7 blocks FAILED" in line for line in page(Display(1), counters=failing))


def test_an_engine_that_is_being_loaded_is_shown_as_such():
    display = Display(8)
    before, after = page(display), page(display, has_engine=False)
    assert not any("engine" in line for line in before)
    assert [line for line in after if line not in before] == [
        next(f"engine: loading … · {line}" for line in before if line.startswith("Speakers"))
    ]


def test_only_the_last_four_remarks_are_kept():
    display = Display(1)
    for number in range(6):
        display.say(f"remark {number}")
    assert [line for line in page(display) if line.startswith("remark")] == [f"remark {n}" for n in range(2, 6)]


def test_an_event_of_a_slot_that_is_not_there_hurts_nobody():
    display = Display(1)
    display.hear(VampProgress(7, "coarse", 0.5))
    assert page(display)[0] == "> 1  –"


@given(st.integers(1, 32), st.data(), st.integers(1, 200), st.integers(1, 60), st.text(max_size=300))
def test_the_page_fits_and_shows_the_chosen_slot(n_slots, data, width, height, text):
    chosen = data.draw(st.integers(0, n_slots - 1))
    display = Display(n_slots)
    display.say(text)
    lines = page(display, chosen, size=Size(width, height))
    assert 1 <= len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    assert all(len(line.splitlines()) <= 1 for line in lines)
    assert [line for line in lines if line.startswith(">")] or width < 2


def test_a_long_line_is_cut_with_a_sign():
    assert fitted("a long line", 6) == "a lon…"
    assert fitted("a long line", 11) == "a long line"
    assert fitted("漢字漢字", 5) == "漢字…"
    assert fitted("two\nlines", 20) == "two lines"


CURE = "audio is silent (below -70 LUFS): check the input and its channel with --channels-in, or turn the microphone up"


def test_a_remark_is_read_to_its_end_on_a_narrow_terminal_and_the_help_stays():
    display = Display(8)
    for slot in (1, 2):
        display.hear(VampFailed(slot, "audio", CURE))
    lines = page(display, size=Size(80, 23))
    said = [f"slot {slot + 1}: {CURE}" for slot in (1, 2)]
    assert all(text in " ".join(" ".join(lines).split()) for text in said)
    assert any("r record" in line for line in lines)
    first = lines.index(next(line for line in lines if line.startswith("slot 2: audio")))
    assert lines[first + 1].startswith("  ")  # goes on


def test_older_remarks_make_room_and_the_newest_is_cut_only_where_the_page_ends():
    display = Display(1)
    for number in range(4):
        display.say(f"{number}: {CURE}")
    words = " ".join(" ".join(page(display, size=Size(50, 23))).split())
    assert [number for number in range(4) if f"{number}: {CURE}" in words] == [2, 3]
    assert page(display, size=Size(20, 6))[-1].endswith("…")


@given(st.text(max_size=200), st.integers(2, 60))
def test_wrapped_text_fits_and_loses_nothing(text, width):
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_the_help_goes_first_where_there_is_little_room():
    assert any("r record" in line for line in page(Display(8), size=Size(80, 24)))
    short = page(Display(8), size=Size(80, 10))
    assert len(short) == 10
    assert not any("r record" in line for line in short)


def test_events_come_from_many_threads():
    display = Display(2)

    def speak():
        for number in range(500):
            display.hear(Note(1, f"note {number}"))

    threads = [threading.Thread(target=speak) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert len(page(display)) >= 4
    for thread in threads:
        thread.join()
    assert [line.partition(" ")[0] for line in page(display)[4:8]] == ["slot"] * 4
