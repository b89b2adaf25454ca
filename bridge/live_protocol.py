"""The part of the protocol table that plays loops live: verbs, dials and what is told. See `protocol`.

`<slot>` in an address stands for a slot's number from 1, or `*` for all of them.
"""

from __future__ import annotations

from typing import Final

from ..engine.settings import DEFAULT_PRESET, PRESETS, RANGES, Range, VampSettings, preset
from .clock.controls import CLOCK_RANGES, NUDGE_RANGE, ClockControls
from .errors import AddressError
from .looper.controls import LOOPER_RANGES, SLOT_RANGES, LooperControls, SlotControls
from .looper.verbs import STATES, VERBS
from .message_spec import NUMBER, SWITCH, TEXT, Argument, Message

ALL: Final = "*"
SLOTS: Final = "/vamp/slot/"
SLOT: Final = SLOTS + "<slot>/"
SLOT_SET: Final = SLOT + "set/"
SLOT_VAMP: Final = SLOT + "vamp/set/"
LOOPER_SET: Final = "/vamp/looper/set/"
CLOCK_SET: Final = "/vamp/clock/set/"
MAX_SLOTS: Final = 32

_SWITCH: Final = Range(bool, None, None, "", "")
_PRESSED: Final = Argument(
    "pressed",
    SWITCH,
    "1 presses; 0, which many buttons send when they are let go, does nothing.",
    _SWITCH,
    default=True,
    optional=True,
)


def _dial(name: str, limits: Range, default: object) -> Argument:
    tags = {bool: SWITCH, str: TEXT}.get(limits.kind, NUMBER + ("N" if limits.optional else ""))
    return Argument(name, tags, limits.help, limits, default=default)


def _dials(prefix: str, ranges: dict[str, Range], defaults: object, of: str) -> list[Message]:
    text = "Set {name} {of}. Without argument: replies with the same address and the current value."
    return [
        Message(
            prefix + name,
            "in",
            text.format(name=name, of=of),
            (_dial(name, limits, getattr(defaults, name)),),
            may_be_empty=True,
        )
        for name, limits in ranges.items()
    ]


def _vamp_dials(start: VampSettings) -> list[Message]:
    return [
        Message(
            SLOT_VAMP + name,
            "in",
            f"Set {name} for the slot's next variations. Without argument: replies with the current value.",
            (_dial(name, limits, getattr(start, name)),),
            may_be_empty=True,
        )
        for name, limits in RANGES.items()
        if name != "variations"  # a slot plays one take at a time
    ]


LIVE_IN: Final = (
    Message(
        "/vamp/subscribe",
        "in",
        "Be told what the slots do: their states at once, then every change. 0 ends it.",
        (Argument("on", SWITCH, "1 or 0.", _SWITCH, default=True, optional=True),),
    ),
    Message("/vamp/audio", "in", "Ask for the sound card and its counters; answered by `/vamp/audio`."),
    *(Message(SLOT + verb, "in", text, (_PRESSED,)) for verb, text in VERBS.items()),
    Message(SLOT + "state", "in", f"Ask what the slot does; answered by `{SLOT}state`."),
    Message(
        SLOT + "preset",
        "in",
        "Replace the settings of the slot's variations by those of a preset.",
        (Argument("name", TEXT, "The preset.", Range(str, None, None, "", "", tuple(PRESETS))),),
    ),
    Message(
        SLOT + "recall",
        "in",
        "Play a take of this session again, from the next seam on.",
        (
            Argument(
                "take_id",
                TEXT,
                f"As `{SLOT}heard` told it; or L and the number of a layer, as `vampbridge session show` has it.",
            ),
        ),
    ),
    *_dials(SLOT_SET, SLOT_RANGES, SlotControls(), "of the slot"),
    *_vamp_dials(preset(DEFAULT_PRESET)),
    *_dials(LOOPER_SET, LOOPER_RANGES, LooperControls(), "of the looper"),
    Message("/vamp/clock", "in", "Ask for the beat; answered by `/vamp/clock`."),
    Message("/vamp/clock/tap", "in", "A tap on the beat: the second one sets the tempo.", (_PRESSED,)),
    Message("/vamp/clock/start", "in", "Begin to count: now is a downbeat.", (_PRESSED,)),
    Message("/vamp/clock/stop", "in", "Stop counting: verbs that wait for a beat wait for seams instead.", (_PRESSED,)),
    Message(
        "/vamp/clock/nudge",
        "in",
        "Move the beat.",
        (Argument("nudge_ms", NUMBER, NUDGE_RANGE.help, NUDGE_RANGE),),
    ),
    *_dials(CLOCK_SET, CLOCK_RANGES, ClockControls(), "of the clock"),
)

_TAKE_ID: Final = Argument("take_id", "s", "12 hexadecimal digits.")

LIVE_OUT: Final = (
    Message(
        SLOT + "state",
        "out",
        "What the slot does.",
        (
            Argument("state", "s", "One of " + ", ".join(STATES) + "."),
            Argument("next_state", "s", "What it will do next; the same if nothing waits."),
            Argument("loop_s", "f", "Length of the loop in seconds; 0 if there is none."),
            Argument("take_id", "s", "Of what plays; empty if it was played by hand."),
            Argument("undo", "i", "Layers before this one."),
            Argument("redo", "i", "Layers after it."),
        ),
    ),
    Message(SLOT + "seam", "out", "The loop begins again.", (Argument("cycle", "i", "How often it has."),)),
    Message(
        SLOT + "planned",
        "out",
        "A variation is on its way.",
        (
            Argument("coarse_passes", "i", "Planned, in each window."),
            Argument("fine_passes", "i", "Planned, in each window."),
            Argument("expected_s", "f", "Seconds until it is made, as expected."),
            Argument("cycles_late", "i", "0: it comes at the seam it was asked for; else so many cycles later."),
        ),
    ),
    Message(
        SLOT + "progress",
        "out",
        "How far the variation is.",
        (Argument("stage", "s", "encode, coarse, fine or decode."), Argument("fraction", "f", "0 to 1.")),
    ),
    Message(
        SLOT + "made",
        "out",
        "A variation is made and waits for its seam.",
        (
            _TAKE_ID,
            Argument("seed", "ih", "That makes it again."),
            Argument("coarse_passes", "i", "Made, in all windows together."),
            Argument("fine_passes", "i", "Made, in all windows together."),
            Argument("left_s", "f", "Seconds that were left; negative = late."),
            Argument("rough", "i", "1 if there was time for fewer passes than its settings ask for."),
        ),
    ),
    Message(
        SLOT + "heard",
        "out",
        "A take has taken over at a seam.",
        (_TAKE_ID, Argument("late", "i", "1 if that was later than promised.")),
    ),
    Message(SLOT_SET + "<control>", "out", "The value of a control.", (Argument("value", "ihfs", "The value."),)),
    Message(SLOT_VAMP + "<setting>", "out", "The value of a setting.", (Argument("value", "ihfs", "The value."),)),
    Message(
        "/vamp/clock",
        "out",
        "The beat.",
        (
            Argument("running", "i", "1 while there is a beat."),
            Argument("tempo_bpm", "f", "Beats per minute."),
            Argument("beats_per_bar", "i", "Beats of a bar."),
            Argument("source", "s", "internal, midi or link."),
            Argument("peers", "i", "Others on Link."),
        ),
    ),
    Message(CLOCK_SET + "<control>", "out", "The value of a control.", (Argument("value", "ihfs", "The value."),)),
    Message(LOOPER_SET + "<control>", "out", "The value of a control.", (Argument("value", "ihfs", "The value."),)),
    Message(
        "/vamp/audio",
        "out",
        "The sound card.",
        (
            Argument("device", "s", "Name of the output."),
            Argument("is_open", "i", "1 while it plays, 0 while it is gone."),
            Argument("sample_rate", "i", "In Hz."),
            Argument("block", "i", "Frames of a block."),
            Argument("xruns_in", "i", "Blocks before which input was lost."),
            Argument("xruns_out", "i", "Blocks before which output was missing."),
            Argument("late_blocks", "i", "Blocks that took longer to make than to play."),
            Argument("p99_ms", "f", "99 % of the blocks are made in at most so many milliseconds."),
        ),
    ),
)


def slot_address(template: str, slot: int) -> str:
    """The address of a slot, counted from 0."""
    return template.replace("<slot>", str(slot + 1))


def split_slot(address: str) -> tuple[str, int | None]:
    """The address as the table has it, and the slot from 0 that it named; -1 for all, None if it is of no slot.

    Raises:
        AddressError: Something else than a slot's number or `*` where one belongs.
    """
    if not address.startswith(SLOTS):
        return address, None
    number, _, rest = address.removeprefix(SLOTS).partition("/")
    if number == ALL:
        return SLOT + rest, -1
    if not (number.isascii() and number.isdecimal() and 1 <= int(number[:3]) <= MAX_SLOTS):
        raise AddressError(f"a slot is a number from 1 to {MAX_SLOTS}, or {ALL} for all, got {number[:20]!r}")
    return SLOT + rest, int(number) - 1
