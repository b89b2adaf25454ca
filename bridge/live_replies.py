"""What a set tells: the other half of the live part of the protocol table. See `live_protocol`."""

from __future__ import annotations

from typing import Final

from .live_protocol import CLOCK_SET, LOOPER_SET, SLOT, SLOT_SET, SLOT_VAMP
from .looper.verbs import STATES
from .mask_protocol import TOLD_ROW
from .message_spec import Argument, Message

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
            Argument("auto", "i", "1 while it is varied again and again."),
            Argument("held", "i", "1 while what plays is kept."),
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
    Message(
        SLOT + "position",
        "out",
        "Where the slot is in its loop.",
        (Argument("fraction", "f", "0 at the seam, up to 1."),),
    ),
    Message(
        SLOT + "mask/row",
        "out",
        "What the slot's last variation varied, as `/vamp/mask/row`.",
        TOLD_ROW,
    ),
    Message(
        "/vamp/subscribe/rate_hz",
        "out",
        "How often you are told.",
        (Argument("rate_hz", "f", "Times per second at most."),),
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
