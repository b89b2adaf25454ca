"""Writes docs/protocol.md from the protocol table: `python -m vampbridge.bridge.protocol_docs [FILE]`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from .message_spec import TAG_NAMES, Argument, Message
from .protocol import LIVE_MESSAGES, OWN_MESSAGES, PROTOCOL_VERSION, UNLOOP_MESSAGES

DEFAULT_FILE = Path("docs/protocol.md")

_HEAD = f"""\
# OSC protocol, version {PROTOCOL_VERSION}

<!-- Generated from bridge/protocol.py by `python -m vampbridge.bridge.protocol_docs`: edit the table. -->

`vampbridge serve` listens for OSC over UDP. It answers to the host that a message came from: to the port of
`--reply-port`, to the sending port with `--reply-port 0`, or to the port a client asked for with `/vamp/reply_port`.

- **A client is where its replies go**: host and reply port. Each client has its own settings and its own drawn mask.
- **Nothing is refused silently.** A message that is wrong changes nothing, and its sender gets one `/vamp/error` with
  code, address and reason; a client that speaks the unloop messages gets `/error` with the reason.
- **Order** is kept: messages are handled one after another, those of a bundle too. A bundle's time tag is ignored, its
  messages are handled when they arrive; a bundle with a malformed part is refused as a whole.
- **Numbers** may be sent as int, int64, float or double wherever the value fits; a float 7.0 is the whole number 7.
  Switches take 0, 1, true and false.
- **Addresses** are literal; patterns (`*`, `?`) are not expanded.
- **Paths** are read and written only below the folders of `--allow`, after symbolic links are resolved. A file is
  overwritten only if this server wrote it and nobody has changed it since. Files appear whole, never half written.
- A datagram holds at most 65,507 bytes (on macOS 9,216 unless the system is told otherwise).
"""

_LIVE_HEAD = """\
## Playing loops live

`vampbridge live` plays loops on a sound card. `<slot>` is a slot's number from 1, or `*` for all of them. A verb acts
in the block after it arrives, or when its quantise says; what cannot be done is answered by a `/vamp/error` with the
code `looper`. After `/vamp/subscribe` every change is told. Plain `vampbridge serve` refuses these messages.
"""

_UNLOOP_HEAD = """\
## The messages of unloop

The messages of the public Max looper for VampNet work as they are, beside our own. Differences to its server, all
meant: the file you send is never changed; the results are as long as the loop, with nothing appended; they keep the
rate and the channels of the file; a seed that was drawn is told; beats are heard by librosa (extra `onset`); `/cleanup`
deletes nothing but results.
"""


def render() -> str:
    """The whole page, as Markdown."""
    parts = [
        _HEAD,
        "## Our own messages\n",
        "### To the server\n",
        *_messages(OWN_MESSAGES, "in"),
        "### From the server\n",
        *_messages(OWN_MESSAGES, "out"),
        _LIVE_HEAD,
        "### To the looper\n",
        *_messages(LIVE_MESSAGES, "in"),
        "### From the looper\n",
        *_messages(LIVE_MESSAGES, "out"),
        _UNLOOP_HEAD,
        "### To the server, from unloop\n",
        *_messages(UNLOOP_MESSAGES, "in"),
        "### From the server, to unloop\n",
        *_messages(UNLOOP_MESSAGES, "out"),
    ]
    return "\n".join(parts)


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
