"""The protocol table: every OSC message the server accepts or sends.

Parsing, range checks, error replies and docs/protocol.md come from here; what is not here does not exist. Settings and
their ranges are those of `engine.settings`, and are never repeated.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Final

from ..engine.settings import DEFAULT_PRESET, PRESETS, RANGES, Range, preset
from .errors import AddressError, clip
from .idle_settings import promise
from .live_protocol import LIVE_HEAD, LIVE_IN, RANDOM_SEED, split_slot, split_slots
from .live_replies import LIVE_OUT
from .mask_protocol import MASK_ARGUMENTS, ROW_ARGUMENTS, TOLD_ROW
from .message_spec import NUMBER, SWITCH, TEXT, Argument, Message, Table, Values
from .transfers.protocol import TRANSFERS_HEAD, TRANSFERS_IN, TRANSFERS_OUT
from .unloop_protocol import UNLOOP_HEAD, UNLOOP_IN, UNLOOP_OUT

PROTOCOL_VERSION: Final = 1
PREFIX: Final = "/vamp"
SET_PREFIX: Final = "/vamp/set/"
ANY_PROTOCOL: Final = Range(int, 1, 2**31 - 1, "", "")
PORT: Final = Range(int, 1, 65_535, "", "")
MAX_COMPARED: Final = 100  # characters of it that are compared with ours
MAX_QUOTED: Final = 200  # characters of an address that is not ours


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
    return Message(SET_PREFIX + name, "in", text + promise(name), (setting_argument(name),), may_be_empty=True)


REQUEST_ID = Argument("request_id", "sihfd", "Your own name for the vamp, any but NaN; text of 1 to 64 bytes.")

_OWN_IN = (
    Message(
        "/vamp/hello",
        "in",
        "Say who you are; answered by `/vamp/hello`. Over TCP from another machine this must come first, with the "
        "token that `vampbridge serve` printed or was given. Everybody else may say it, and needs no token.",
        (
            Argument(
                "protocol",
                NUMBER,
                "The version of this page that you speak.",
                ANY_PROTOCOL,
                default=PROTOCOL_VERSION,
                optional=True,
            ),
            Argument("token", TEXT, "The token.", default="", optional=True),
        ),
    ),
    Message("/vamp/bye", "in", "You go: subscriptions and settings are forgotten, a TCP connection is closed."),
    Message("/vamp/version", "in", "Ask for the versions; answered by `/vamp/version`."),
    Message(
        "/vamp/ping", "in", "Ask for a sign of life; answered by `/vamp/pong`. Renews your lease, as any message does."
    ),
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
        "It decides alone, unless you have set a prompt yourself since the last preset; then `combine` says how. "
        "Without arguments: replies with what your last vamp varied, a `/vamp/mask/row` for each codebook.",
        MASK_ARGUMENTS,
        may_be_empty=True,
    ),
    Message(
        "/vamp/mask/row",
        "in",
        "Draw one row of that mask. Where none is drawn yet it begins with a row for each codebook that keeps all.",
        ROW_ARGUMENTS,
    ),
    Message(
        "/vamp/mask/of",
        "in",
        "Ask what one of your vamps varied, by its id: of several vamps at once, each can be shown where it belongs. "
        "Answered by `/vamp/mask/of` for each codebook. The masks of your last 16 ids are kept.",
        (REQUEST_ID,),
    ),
    Message("/vamp/mask/clear", "in", "Forget the drawn mask."),
    Message(
        "/vamp/reply_port",
        "in",
        "Send replies to messages from your sending port to this port of your machine. "
        "Your settings and your drawn mask move along to a port that has no client yet; one that has keeps its own.",
        (_number("port", "UDP port that you listen on. Not for TCP, where replies come on the connection.", PORT),),
    ),
    *(_setting_message(name) for name in RANGES),
)

_ID = Argument("request_id", "sihfd", "The id of the request, as it was sent; or one that the server chose.")

_OWN_OUT = (
    Message(
        "/vamp/hello",
        "out",
        "Who this server is.",
        (
            Argument("version", "s", "Of Vampbridge."),
            Argument("protocol", "i", "Of this table."),
            Argument("lease_s", "f", "Seconds after which you are forgotten if you say nothing; 0 = never."),
            Argument("n_slots", "i", "Slots of the looper; 0 if it plays no loops."),
            Argument("bundle", "s", "Name of the loaded model bundle."),
            Argument("max_packet_bytes", "i", "Of one packet over your connection."),
            Argument("capabilities", "s", "Words: tcp, live.", repeated=True),
        ),
    ),
    Message(
        "/vamp/bye",
        "out",
        "You are told nothing more: your lease has ended, you said bye, or your TCP connection is closed, and why. "
        "Said once; any message begins a new lease.",
        (Argument("reason", "s", "Why."),),
    ),
    Message(
        "/vamp/mask/row",
        "out",
        "What a vamp varied. With more than 128 token frames a cell stands for several, and says what most of them "
        "did.",
        TOLD_ROW,
    ),
    Message(
        "/vamp/mask/of",
        "out",
        "A row of what the vamp of that id varied, cells as in `/vamp/mask/row`.",
        (_ID, TOLD_ROW[0], Argument("rows", "i", "How many rows there are."), TOLD_ROW[1]),
    ),
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
            Argument("malformed", "ih", "Packets received that were no OSC."),
            Argument("refused", "ih", "Packets dropped because their sender is not an allowed peer or has no token."),
            Argument("received", "ih", "Packets received."),
            Argument("lost", "ih", "Datagrams that the system dropped unread; counted on Linux, 0 elsewhere."),
            Argument("limited", "ih", "Messages dropped because their sender sent more than the rate limit."),
            Argument("waiting", "i", "Messages of bundles that wait for their time."),
            Argument("connections", "i", "TCP connections that are open."),
            Argument("closed", "ih", "TCP connections that the server ended: too slow, too long, broken off."),
            Argument("unsent", "ih", "Messages that could not be sent."),
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
            Argument(
                "take_id",
                "s",
                "12 hexadecimal digits; the same for all variations of one request. Where several were made of an "
                "upload, each has its own, with -1, -2 … behind them.",
            ),
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


OWN_MESSAGES: Final = _OWN_IN + _OWN_OUT
LIVE_MESSAGES: Final = LIVE_IN + LIVE_OUT
UNLOOP_MESSAGES: Final = UNLOOP_IN + UNLOOP_OUT
# Everything there is. A part that brings messages of its own adds its table here, and itself in `server`.
TABLES: Final = (
    Table("Our own messages", "", OWN_MESSAGES),
    Table("Playing loops live", LIVE_HEAD, LIVE_MESSAGES),
    Table("Loops in and out", TRANSFERS_HEAD, TRANSFERS_IN + TRANSFERS_OUT),
    Table("The messages of unloop", UNLOOP_HEAD, UNLOOP_MESSAGES),
)
_ALL: Final = tuple(message for table in TABLES for message in table.messages)
INCOMING: Final = {message.address: message for message in _ALL if message.direction == "in"}
SUGGESTED: Final = tuple(address for address in INCOMING if address != "/vamp/bye")  # who follows it would be gone
UNLOOP_ADDRESSES: Final = frozenset(message.address for message in UNLOOP_MESSAGES)
# Another server's reply, for instance after a wrong reply port. Never answered, or two servers would answer for ever.
ONLY_REPLIES: Final = frozenset(m.address for m in _ALL if m.direction == "out") - frozenset(INCOMING)


def look_up(address: str) -> tuple[Message, Values]:
    """The message of an address, and what the address itself says: the slot, from 0, -1 for all.

    Addresses are literal but for a slot's `*`; see `look_up_all` for other patterns of slots.

    Raises:
        AddressError: Not in the table; names the nearest address that is.
    """
    in_table, slot = split_slot(address)
    return _in_table(in_table, address), {} if slot is None else {"slot": slot}


def look_up_all(address: str, n_slots: int, *, hint: bool = True) -> tuple[Message, list[Values]]:
    """Likewise, once for each slot that a pattern means (`?`, `[1-3]`, `{1,3}`), and once for any other address.

    Args:
        address: As it was sent.
        n_slots: There are so many.
        hint: Whether to look for the nearest address if there is none, which takes a thousand times longer.

    Raises:
        AddressError: Not in the table, no pattern, or one that means no slot.
    """
    in_table, slots = split_slots(address, n_slots)
    return _in_table(in_table, address, hint=hint), [{}] if slots is None else [{"slot": slot} for slot in slots]


def _in_table(in_table: str, address: str, *, hint: bool = True) -> Message:
    found = INCOMING.get(in_table)
    if found is None:
        near = difflib.get_close_matches(in_table[:MAX_COMPARED], SUGGESTED, n=1, cutoff=0.6) if hint else []
        says = f"the nearest is {near[0]}" if near else "docs/protocol.md lists those there are"
        raise AddressError(f"there is no address {clip(address, MAX_QUOTED)!r}; {says}")
    return found
