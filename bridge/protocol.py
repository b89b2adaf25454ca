"""The protocol table: every OSC message the server accepts or sends.

Parsing, range checks, error replies and docs/protocol.md come from here; what is not here does not exist. Settings and
their ranges are those of `engine.settings`, and are never repeated.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Final

from ..engine.audio import MAX_INPUT_S
from ..engine.settings import DEFAULT_PRESET, PRESETS, RANGES, Range, preset
from .errors import AddressError
from .idle_settings import BELONGS_TO
from .live_protocol import LIVE_IN, LIVE_OUT, split_slot
from .message_spec import NUMBER, SWITCH, TEXT, Argument, Message, Values

PROTOCOL_VERSION: Final = 1
PREFIX: Final = "/vamp"
SET_PREFIX: Final = "/vamp/set/"
RANDOM_SEED: Final = "random"  # stands for nil, which Max cannot send
UNLOOP_MODELS: Final = ("", "vampnet", "default")  # model names that mean "whatever is loaded"
UNLOOP_ONSET_SIDES: Final = 2  # frames of onset_width for each of unloop's

MASK_ROWS: Final = Range(int, 1, 64, "rows", "")
MASK_COLUMNS: Final = Range(int, 1, 65_536, "columns", "")
PORT: Final = Range(int, 1, 65_535, "", "")


def _text(name: str, text: str, *, choices: tuple[str, ...] = (), optional: bool = False) -> Argument:
    limits = Range(str, None, None, "", "", choices) if choices else None
    return Argument(name, TEXT, text, limits, optional=optional)


def _number(name: str, text: str, limits: Range) -> Argument:
    return Argument(name, NUMBER, text, limits)


def setting_argument(name: str) -> Argument:
    """The argument of one setting, read from the dataclass that owns it."""
    limits = RANGES[name]
    start = getattr(preset(DEFAULT_PRESET), name)
    if limits.optional:
        tags = NUMBER + "Ns"
        text = f"{limits.help} Nil, or the word {RANDOM_SEED}, is none."
        return Argument(name, tags, text, limits, default=RANDOM_SEED, nil_word=RANDOM_SEED)
    tags = {bool: SWITCH, str: TEXT}.get(limits.kind, NUMBER)
    return Argument(name, tags, limits.help, limits, default=start)


def _setting_message(name: str) -> Message:
    text = f"Set {name} for your next vamps. Without argument: replies with the same address and the current value."
    if name in BELONGS_TO:
        text += f" While {BELONGS_TO[name]} is off it has no effect, and a `/vamp/log` says so."
    return Message(SET_PREFIX + name, "in", text, (setting_argument(name),), may_be_empty=True)


REQUEST_ID = Argument("request_id", "sihfd", "Your own name for the vamp; any but NaN.")

_OWN_IN = (
    Message("/vamp/version", "in", "Ask for the versions; answered by `/vamp/version`."),
    Message("/vamp/ping", "in", "Ask for a sign of life; answered by `/vamp/pong`."),
    Message("/vamp/status", "in", "Ask how the server is; answered by `/vamp/status`."),
    Message(
        "/vamp/settings",
        "in",
        "Ask for all your settings: one `/vamp/set/<setting>` each, then `/vamp/settings` with their number.",
    ),
    Message(
        "/vamp/preset",
        "in",
        "Replace all your settings by those of a preset.",
        (_text("name", "The preset.", choices=tuple(PRESETS)),),
    ),
    Message(
        "/vamp/file",
        "in",
        "Vamp a file with your settings. Answered by `/vamp/progress`, then by `/vamp/done` once per variation, "
        "or by `/vamp/error`. A newer vamp of the same id replaces one that still waits.",
        (
            _text("path_in", "Audio file below an allowed folder; an absolute path."),
            _text("path_out", "Where to write the take; several variations get -1, -2 … before the suffix."),
            replace(REQUEST_ID, optional=True),
        ),
    ),
    Message("/vamp/cancel", "in", "Cancel your unfinished vamps of this id.", (REQUEST_ID,)),
    Message(
        "/vamp/mask",
        "in",
        "Draw a mask for your next `/vamp/file`: 1 = vary, 0 = keep. It is stretched over the loop and its codebooks, "
        "so that one row speaks of all of them. "
        "It decides alone, unless you have set a prompt yourself since the last preset; then `combine` says how.",
        (
            _number("rows", "Rows, coarse to fine: at most as many as the bundle has codebooks.", MASK_ROWS),
            _number("columns", "Columns, start to end of the loop.", MASK_COLUMNS),
            Argument(
                "cells",
                "b" + SWITCH,
                "Row by row, rows × columns of them: one blob of bytes, or numbers.",
                repeated=True,
            ),
        ),
    ),
    Message("/vamp/mask/clear", "in", "Forget the drawn mask."),
    Message(
        "/vamp/reply_port",
        "in",
        "Send replies to messages from your sending port to this port of your machine. "
        "Your settings and your drawn mask move along to a port that has no client yet; one that has keeps its own.",
        (_number("port", "UDP port that you listen on.", PORT),),
    ),
    *(_setting_message(name) for name in RANGES),
)

_ID = Argument("request_id", "sihfd", "The id of the request, as it was sent; or one that the server chose.")

_OWN_OUT = (
    Message(
        "/vamp/version",
        "out",
        "Versions.",
        (
            Argument("version", "s", "Of Vampbridge."),
            Argument("protocol", "i", "Of this table."),
            Argument("bundle", "s", "Name of the loaded model bundle."),
        ),
    ),
    Message("/vamp/pong", "out", "The server lives."),
    Message(
        "/vamp/status",
        "out",
        "How the server is.",
        (
            Argument("bundle", "s", "Name of the loaded model bundle."),
            Argument("engine_ready", "i", "1 while the engine process runs, 0 while it restarts."),
            Argument("unfinished", "i", "Vamps accepted and not finished, of all clients."),
            Argument("malformed", "i", "Datagrams received that were no OSC."),
            Argument("refused", "i", "Datagrams dropped because their sender is not an allowed peer."),
        ),
    ),
    Message("/vamp/settings", "out", "All settings have been sent.", (Argument("count", "i", "How many."),)),
    Message(
        SET_PREFIX + "<setting>",
        "out",
        "The value of a setting; switches are 0 or 1, and a seed that is drawn anew is the word random.",
        (Argument("value", "ihfs", "The value."),),
    ),
    Message(
        "/vamp/progress",
        "out",
        "A vamp goes on: once when it is accepted, then on change, at most every 100 ms.",
        (
            _ID,
            Argument("stage", "s", "queued, encode, coarse, fine or decode."),
            Argument("fraction", "f", "Of the whole vamp, 0 to 1."),
        ),
    ),
    Message(
        "/vamp/done",
        "out",
        "A take is written.",
        (
            _ID,
            Argument("path", "s", "The file."),
            Argument("seed", "ih", "The seed that was used."),
            Argument("take_id", "s", "12 hexadecimal digits; the same for all variations of one request."),
            Argument("seconds", "f", "From the request to the written file."),
        ),
    ),
    Message("/vamp/log", "out", "Something you should know.", (Argument("text", "s", "In full sentences."),)),
    Message(
        "/vamp/error",
        "out",
        "A message of yours was refused and changed nothing, or a vamp of yours failed.",
        (
            Argument("code", "s", "Short word for programs."),
            Argument("address", "s", "The address of the message."),
            Argument("reason", "s", "What is wrong, what is allowed, and what was sent."),
            Argument("request_id", "sihfd", "The id that the message carried, or the vamp's; empty text if none."),
        ),
    ),
)


def _unloop(name: str, setting: str, **limits: float) -> Argument:
    """An argument of `/process` that sets one of our settings."""
    found = RANGES[setting]
    ranged = replace(found, low=limits.get("low", found.low), high=limits.get("high", found.high))
    tags = SWITCH if found.kind is bool else NUMBER
    return Argument(name, tags, f"Sets {setting}. {found.help}", ranged)


_QUERY_ID = Argument("query_id", "sihfd", "Your own name for the request, any but NaN; sent back with every reply.")

_UNLOOP_IN = (
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

_UNLOOP_OUT = (
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

OWN_MESSAGES: Final = _OWN_IN + _OWN_OUT
LIVE_MESSAGES: Final = LIVE_IN + LIVE_OUT
UNLOOP_MESSAGES: Final = _UNLOOP_IN + _UNLOOP_OUT
INCOMING: Final = {message.address: message for message in _OWN_IN + LIVE_IN + _UNLOOP_IN}
UNLOOP_ADDRESSES: Final = frozenset(message.address for message in UNLOOP_MESSAGES)
# Another server's reply, for instance after a wrong reply port. Never answered, or two servers would answer for ever.
ONLY_REPLIES: Final = frozenset(m.address for m in _OWN_OUT + LIVE_OUT + _UNLOOP_OUT) - frozenset(INCOMING)


def look_up(address: str) -> tuple[Message, Values]:
    """The message of an address, and what the address itself says: the slot, from 0, -1 for all.

    Addresses are literal but for a slot's `*`: other OSC patterns are not expanded.

    Raises:
        AddressError: Not in the table; names the nearest address that is.
    """
    in_table, slot = split_slot(address)
    found = INCOMING.get(in_table)
    if found is None:
        near = difflib.get_close_matches(in_table[:100], INCOMING, n=1, cutoff=0.6)
        hint = f"the nearest is {near[0]}" if near else "docs/protocol.md lists those there are"
        raise AddressError(f"there is no address {address!r}; {hint}")
    return found, {} if slot is None else {"slot": slot}
