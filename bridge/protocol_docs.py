"""Writes docs/protocol.md from the protocol table: `python -m vampbridge.bridge.protocol_docs [FILE]`."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable
from pathlib import Path

from .error_codes import error_codes
from .message_spec import TAG_NAMES, Argument, Message, Table
from .net.limits import (
    FRAME_S,
    MAX_AHEAD_S,
    MAX_BACKLOG_BYTES,
    MAX_BUNDLED,
    MAX_CONNECTIONS,
    MAX_DATAGRAM_BYTES,
    MAX_FRAME_BYTES,
    MAX_SCHEDULED_EACH,
)
from .protocol import PROTOCOL_VERSION, TABLES
from .serve_options import ServeOptions
from .subscriptions import START_RATE_HZ, TOPICS

DEFAULT_FILE = Path("docs/protocol.md")

_OPTIONS = ServeOptions()
_TOPIC_LINES = "\n".join(f"| `{name}` | {text} |" for name, text in TOPICS.items())
_CODE_LINES = "\n".join(f"| `{code}` | {text} |" for code, text in error_codes().items())

_RULES = (
    (
        "**A client is where its replies go**: host and reply port, or one connection. Each client has its own "
        "settings and its own drawn mask."
    ),
    (
        "**Nothing is refused silently.** A message that is wrong changes nothing, and its sender gets one "
        "`/vamp/error` with code, address and reason; a client that speaks the unloop messages gets `/error` with "
        "the reason."
    ),
    (
        f"**Order** is kept: messages of a client are handled one after another, those of a bundle too, at most "
        f"{MAX_BUNDLED:,} of them; a bundle with more or with a malformed part is refused as a whole."
    ),
    (
        f"**Time tags**: a bundle for later is kept until then, at most {MAX_AHEAD_S:g} s and {MAX_SCHEDULED_EACH} "
        f"messages of a client; one for now or the past is handled at once. Verbs and dials of the looper then act "
        f"at the very frame."
    ),
    "**Get** is the address without arguments, for everything that can be set.",
    (
        "**Numbers** may be sent as int, int64, float or double wherever the value fits; a float 7.0 is the whole "
        "number 7. Switches take 0, 1, true and false."
    ),
    (
        "**Addresses** are literal, but for the number of a slot: `*` is all of them, and `?`, `[1-3]`, `[!2]` and "
        "`{1,3}` are those they match."
    ),
    (
        "**Paths** are read and written only below the folders of `--allow`, after symbolic links are resolved. A "
        "file is overwritten only if this server wrote it and nobody has changed it since. Files appear whole, "
        "never half written."
    ),
    (
        f"**UDP**: a datagram holds at most {MAX_DATAGRAM_BYTES:,} bytes (on macOS 9,216 unless the system is told "
        f"otherwise)."
    ),
    (
        f"**TCP**: OSC 1.1 framing, which is SLIP (RFC 1055) with an END before and after each packet; one END is "
        f"enough for us. A packet holds at most {MAX_FRAME_BYTES:,} bytes and is complete {FRAME_S:g} s after its "
        f"first byte. At most {MAX_CONNECTIONS} connections; one that lets {MAX_BACKLOG_BYTES // 2**20} MiB of "
        f"replies lie unread is closed. From another machine `/vamp/hello` comes first, and nothing before its answer."
    ),
    (
        f"**Lease**: a client that says nothing for {_OPTIONS.lease_s:g} s (`--lease-s`) is told nothing more, and "
        f"that with a `/vamp/bye`. Any message renews the lease; `/vamp/ping` is meant for that."
    ),
    (
        f"**Rate**: {_OPTIONS.rate_limit:,} messages per second and client (`--rate-limit`), twice as many at once. "
        f"Over UDP more are dropped and counted, and a `/vamp/error` with the code `limit` says so once per second. "
        f"Over TCP they wait."
    ),
    (
        f"**Subscriptions** (`/vamp/subscribe`) are to topics; progress and position come at most {START_RATE_HZ:g} "
        f"times per second unless you ask otherwise, states and dials when they change."
    ),
)
_RULES_LINES = "\n".join(
    textwrap.fill(f"- {rule}", 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    for rule in _RULES
)

_HEAD = f"""\
# OSC protocol, version {PROTOCOL_VERSION}

<!-- Generated from bridge/protocol.py by `python -m vampbridge.bridge.protocol_docs`: edit the table. -->

`vampbridge serve` and `vampbridge live` listen for OSC over UDP and, on the same port, over TCP. Over UDP they answer
to the host that a message came from: to the port of `--reply-port`, to the sending port with `--reply-port 0`, or to
the port a client asked for with `/vamp/reply_port`. Over TCP they answer on the connection.

{_RULES_LINES}

| topic | |
|---|---|
{_TOPIC_LINES}

| code of `/vamp/error` | |
|---|---|
{_CODE_LINES}
"""


def render() -> str:
    """The whole page, as Markdown."""
    return "\n".join([_HEAD, *(line for table in TABLES for line in _chapter(table))])


def _chapter(table: Table) -> list[str]:
    return [
        f"## {table.title}\n",
        *([table.head.rstrip() + "\n"] if table.head else []),
        "### To the server\n",
        *_messages(table.messages, "in"),
        "### From the server\n",
        *_messages(table.messages, "out"),
    ]


def _messages(messages: Iterable[Message], direction: str) -> list[str]:
    return [_message(message) for message in messages if message.direction == direction]


def _message(message: Message) -> str:
    usage = f"{message.address} {message.signature()}".strip()
    lines = [f"#### `{usage}`", "", message.help, ""]
    if message.arguments:
        lines += ["| argument | OSC types | range | default | |", "|---|---|---|---|---|"]
        lines += [_argument_row(argument) for argument in message.arguments]
        lines.append("")
    return "\n".join(lines)


def _argument_row(argument: Argument) -> str:
    types = ", ".join(TAG_NAMES[tag] for tag in argument.tags)
    limits = argument.range.describe() if argument.range else ""
    default = "none" if argument.optional else ""
    if argument.default is not None:
        value = argument.default
        default = f"{int(value) if isinstance(value, bool) else value}"
    cells = (f"`{argument.name}`", types, limits, default, argument.help)
    return "| " + " | ".join(cells) + " |"


def main(arguments: list[str] | None = None) -> None:
    """Write the page to the file named, or to docs/protocol.md below the current folder."""
    parser = argparse.ArgumentParser(description="Write the OSC protocol's page from its table.")
    parser.add_argument("file", type=Path, nargs="?", default=DEFAULT_FILE, help="file to write (default: %(default)s)")
    parser.parse_args(arguments).file.write_text(render(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
