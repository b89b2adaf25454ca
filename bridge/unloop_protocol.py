"""The messages of unloop, the public Max looper for VampNet. Part of the protocol table, see `protocol`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..engine.audio import MAX_INPUT_S
from ..engine.settings import RANGES, Range
from .message_spec import NUMBER, SWITCH, TEXT, Argument, Message

UNLOOP_MODELS: Final = ("", "vampnet", "default")  # model names that mean "whatever is loaded"
UNLOOP_ONSET_SIDES: Final = 2  # frames of onset_width for each of unloop's

UNLOOP_HEAD: Final = """\
The messages of the public Max looper for VampNet work as they are, beside our own. Differences to its server, all
meant: the file you send is never changed; the results are as long as the loop, with nothing appended; they keep the
rate and the channels of the file; a seed that was drawn is told; beats are heard by librosa (extra `onset`); `/cleanup`
deletes nothing but results.
"""


def _text(name: str, text: str, *, choices: tuple[str, ...] = ()) -> Argument:
    limits = Range(str, None, None, "", "", choices) if choices else None
    return Argument(name, TEXT, text, limits)


def _number(name: str, text: str, limits: Range) -> Argument:
    return Argument(name, NUMBER, text, limits)


def _unloop(name: str, setting: str, **limits: float) -> Argument:
    """An argument of `/process` that sets one of our settings."""
    found = RANGES[setting]
    ranged = replace(found, low=limits.get("low", found.low), high=limits.get("high", found.high))
    tags = SWITCH if found.kind is bool else NUMBER
    return Argument(name, tags, f"Sets {setting}. {found.help}", ranged)


_QUERY_ID = Argument(
    "query_id",
    "sihfd",
    "Your own name for the request, any but NaN, text of 1 to 64 bytes; sent back with every reply.",
)

UNLOOP_IN: Final = (
    Message(
        "/process",
        "in",
        "Vamp a file: two variations of the loop. Answered by `/progress`, then `/process-result`, or `/error`.",
        (
            _QUERY_ID,
            _text("client_type", "Always vampnet.", choices=("vampnet",)),
            _text("path", "Audio file below an allowed folder; the results are written beside it."),
            _text("model", "Any other than the loaded bundle is answered by a `/log` that names the one used."),
            _unloop("periodic", "period"),
            _unloop("dropout", "dropout"),
            Argument(
                "seed", NUMBER, "0 or less draws one, and a `/log` tells it.", Range(int, -(2**63), 2**63 - 1, "", "")
            ),
            _number(
                "looplength_ms",
                "Length of the loop: so much of the start of the file is used; 0 is all of it.",
                Range(float, 0, MAX_INPUT_S * 1000, "ms", ""),
            ),
            _unloop("typical_on", "typical"),
            _unloop("typical_mass", "typical_mass"),
            _unloop("typical_min_tokens", "typical_min_tokens"),
            _unloop("codebooks_kept", "codebooks_kept", low=1, high=14),
            replace(
                # VampNet keeps this many frames on each side of an onset, we so many altogether (at most 64).
                _unloop("onset_width", "onset_width", high=32),
                help="Sets onset_width to twice this: keep this many frames before and after every onset; 0 is off.",
            ),
            _unloop("steps", "coarse_passes"),
            _unloop("temperature", "temperature"),
            replace(_unloop("top_p", "top_p", low=0), help=f"Sets top_p; 0 is off too. {RANGES['top_p'].help}"),
            _unloop("beat_mask_ms", "beat_after_ms", high=400),
            _unloop("feedback_steps", "feedback"),
        ),
    ),
    Message(
        "/heartbeat",
        "in",
        "Ask for a sign of life.",
        (Argument("anything", "sihfdTFN", "Ignored.", repeated=True, optional=True),),
    ),
    Message(
        "/cleanup",
        "in",
        "Delete a result. Only files that this server wrote, and that nobody has changed since. Success is silent.",
        (_text("path", "The result."),),
    ),
)

UNLOOP_OUT: Final = (
    Message("/heartbeat", "out", "A sign of life.", (Argument("pong", "s", "Always the word pong."),)),
    Message(
        "/progress",
        "out",
        "Every 100 ms while a request waits or runs.",
        (_QUERY_ID, Argument("status", "s", "Status.IN_QUEUE or Status.PROCESSING.")),
    ),
    Message(
        "/process-result",
        "out",
        "The request is done.",
        (_QUERY_ID, Argument("path_1", "s", "The first variation."), Argument("path_2", "s", "The second one.")),
    ),
    Message("/log", "out", "Something you should know.", (Argument("text", "s", "In full sentences."),)),
    Message("/error", "out", "A message was refused, or a request failed.", (Argument("text", "s", "The reason."),)),
)
