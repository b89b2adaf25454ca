"""The part of the protocol table that plays loops live: verbs, dials and questions. See `protocol`.

What is told stands in `live_replies`. `<slot>` in an address stands for a slot's number from 1, or `*` for all of them.
"""

from __future__ import annotations

from typing import Final

from ..engine.settings import DEFAULT_PRESET, PRESETS, RANGES, Range, VampSettings, preset
from .clock.controls import CLOCK_RANGES, NUDGE_RANGE, ClockControls
from .errors import AddressError
from .idle_settings import promise
from .looper.controls import LOOPER_RANGES, SLOT_RANGES, LooperControls, SlotControls
from .looper.verbs import VERBS
from .mask_protocol import MASK_ARGUMENTS, ROW_ARGUMENTS
from .message_spec import NUMBER, SWITCH, TEXT, Argument, Message
from .net.patterns import is_pattern, matching
from .subscriptions import NOT_UNASKED, RATE_HZ, START_RATE_HZ, TOPICS

RANDOM_SEED: Final = "random"  # stands for nil, which Max cannot send
ALL: Final = "*"
SLOTS: Final = "/vamp/slot/"
SLOT: Final = SLOTS + "<slot>/"
SLOT_SET: Final = SLOT + "set/"
SLOT_VAMP: Final = SLOT + "vamp/set/"
LOOPER_SET: Final = "/vamp/looper/set/"
CLOCK_SET: Final = "/vamp/clock/set/"
MAX_SLOTS: Final = 32

LIVE_HEAD: Final = """\
`vampbridge live` plays loops on a sound card. `<slot>` is a slot's number from 1, or a pattern: `*` for all of them. A
verb acts in the block after it arrives, or when its quantise says; what cannot be done is answered by a `/vamp/error`
with the code `looper`. After `/vamp/subscribe` every change is told, also of dials that others have turned. Plain
`vampbridge serve` refuses these messages.
"""

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
    if limits.optional:
        text = f"{limits.help} Nil, or the word {RANDOM_SEED}, is none."
        return Argument(name, NUMBER + "Ns", text, limits, default=RANDOM_SEED, nil_word=RANDOM_SEED)
    tags = {bool: SWITCH, str: TEXT}.get(limits.kind, NUMBER)
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
            f"Set {name} for the slot's next variations. Without argument: replies with the current value."
            + promise(name),
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
        "Be told what happens: the states of the slots at once, then every change. Nothing, or 1, means all topics but "
        + " and ".join(NOT_UNASKED)
        + "; 0 ends it; words are the topics you want, instead of those you had.",
        (
            Argument(
                "topics",
                SWITCH + TEXT,
                f"1, 0, or some of {', '.join(TOPICS)}.",
                default=(),
                optional=True,
                repeated=True,
            ),
        ),
    ),
    Message(
        "/vamp/subscribe/rate_hz",
        "in",
        "How often you are told of progress and position at most. Without argument: replies with the current value.",
        (Argument("rate_hz", NUMBER, RATE_HZ.help, RATE_HZ, default=START_RATE_HZ),),
        may_be_empty=True,
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
    Message(
        SLOT + "mask",
        "in",
        "Draw a mask for the variations of the slot, until it is cleared: 1 = vary, 0 = keep. It decides alone, unless "
        "a prompt of the slot has been set since its last preset; then `combine` says how. "
        f"Without arguments: replies with what its last variation varied, a `{SLOT}mask/row` for each codebook.",
        MASK_ARGUMENTS,
        may_be_empty=True,
    ),
    Message(
        SLOT + "mask/row",
        "in",
        "Draw one row of that mask. Where none is drawn yet it begins with a row for each codebook that keeps all.",
        ROW_ARGUMENTS,
    ),
    Message(SLOT + "mask/clear", "in", "Forget the mask that was drawn for the slot."),
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
    if not (number.isascii() and number.isdecimal() and len(number) < 4 and 1 <= int(number) <= MAX_SLOTS):
        raise AddressError(f"a slot is a number from 1 to {MAX_SLOTS}, or {ALL} for all, got {number[:20]!r}")
    return SLOT + rest, int(number) - 1


def split_slots(address: str, n_slots: int) -> tuple[str, tuple[int, ...] | None]:
    """Likewise, with the slots that a pattern means.

    Raises:
        AddressError: No pattern, or one that means no slot.
    """
    number, slash, rest = address.removeprefix(SLOTS).partition("/")
    if not address.startswith(SLOTS) or number == ALL or not is_pattern(number):
        template, slot = split_slot(address)
        return template, None if slot is None else (slot,)
    found = matching(number, map(str, range(1, n_slots + 1)))
    if not (slash and found):
        raise AddressError(f"no slot from 1 to {n_slots} is meant by {number[:20]!r}")
    return SLOT + rest, tuple(int(slot) - 1 for slot in found)
