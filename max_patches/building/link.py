"""The part of a patch that talks to the server: port, heartbeat, folder, a receiver for every reply of the table."""

from __future__ import annotations

from py2max.core.box import Box

from ...bridge.message_spec import Message
from ...bridge.protocol import OWN_MESSAGES
from .sheet import Port, Sheet
from .words import FIRST_REPLY_PORT, HEIGHT, LINK_WIDTH, SELF_TEST, SERVER_PORT, START_SERVER, Home

HEARTBEAT_MS = 2000
SILENCE_MS = 5000  # without a sign of life before the light goes red
BIND_MS = 100  # until a changed port is surely open
TRY_MS = 400  # until the next port is tried

# Replies that carry the id of a vamp in front and go to its slot, with what they are called there.
TO_SLOTS = {"/vamp/progress": "progress", "/vamp/done": "done", "/vamp/mask/of": "mask"}
ALIVE = "/vamp/pong"
VERSION = "/vamp/version"
ERROR = "/vamp/error"
LOG = "/vamp/log"


def routed_addresses(messages: tuple[Message, ...] = OWN_MESSAGES) -> tuple[str, ...]:
    """Replies of the table that have a receiver of their own; all others are shown in the patch as they are."""
    special = (*TO_SLOTS, ERROR, LOG, ALIVE, VERSION)
    sent = {message.address for message in messages if message.direction == "out"}
    return tuple(address for address in special if address in sent)


def build_link(home: Home) -> Sheet:
    """The link: inlets for messages to send and the folder to use; outlets by slot, to all, and for a chosen folder."""
    sheet = Sheet("vampbridge.link")
    to_send = sheet.inlet("OSC messages to the server")
    folder_in = sheet.inlet("folder to work in (symbol)")
    by_slot = sheet.outlet("replies, each behind the number of its slot")
    to_all = sheet.outlet("to all slots: port, online, folder")
    chosen = sheet.outlet("a folder that was just chosen (symbol)")

    light, status, line = _panel(sheet)
    send = sheet.add(f"udpsend 127.0.0.1 {SERVER_PORT}")
    sheet.wire(to_send, send)
    receive = sheet.add(f"udpreceive {FIRST_REPLY_PORT} @quiet 1{' @defer 1' if home.is_device else ''}")
    test = sheet.add(f"route {SELF_TEST}")
    sheet.wire(receive, test)

    ports = sheet.sub("find_port", _port_finder(home))
    sheet.wire(test, ports)
    sheet.wire(Port(ports, 0), receive)
    tell_port = sheet.add("prepend port")
    sheet.chain(Port(ports, 1), tell_port, to_all)
    beat = sheet.sub("heartbeat", _heartbeat())
    sheet.wire(Port(ports, 1), beat)
    sheet.wire(Port(beat, 0), send)
    sheet.wire(Port(beat, 1), light)
    online = sheet.add("prepend online")
    sheet.chain(Port(beat, 1), online, to_all)
    sheet.wire(Port(beat, 2), status)

    replies = sheet.sub("replies", _replies())
    sheet.wire(Port(test, 1), replies)
    sheet.wire(Port(replies, 0), by_slot)
    sheet.wire(Port(replies, 1), Port(beat, 1))
    sheet.wire(Port(replies, 2), status)
    sheet.wire(Port(replies, 3), line)
    _folder(sheet, folder_in, to_all, chosen)
    return sheet


def _panel(sheet: Sheet) -> tuple[Box, Box, Box]:
    """What is seen of the link: light, status line, and the line of errors and news."""
    sheet.control("panel", (0, 0, LINK_WIDTH, HEIGHT), bgcolor=[0.2, 0.21, 0.23, 1.0], rounded=0, mode=0, background=1)
    white = [0.93, 0.93, 0.93, 1.0]
    sheet.note("Vampbridge", (6, 5, 110, 22), fontsize=14.0, fontface=1, textcolor=white)
    light = sheet.control(
        "led", (132, 8, 16, 16), oncolor=[0.3, 0.85, 0.4, 1.0], offcolor=[0.75, 0.2, 0.2, 1.0], ignoreclick=1,
        hint="Green while the server answers.", annotation="Green while the server answers.",
    )  # fmt: skip
    status = sheet.note(START_SERVER, (6, 28, 144, 40), fontsize=10.0, linecount=3, textcolor=white)
    line = sheet.note("", (6, 112, 144, 54), fontsize=9.5, linecount=4, textcolor=[1.0, 0.75, 0.4, 1.0])
    return light, status, line


def _folder(sheet: Sheet, folder_in: Box, to_all: Box, chosen: Box) -> None:
    hint = "Choose the folder that loops and takes are written to. Start the server with --allow and this folder."
    button = sheet.control("textbutton", (6, 72, 144, 18), text="Folder…", fontsize=10.0, hint=hint, annotation=hint)
    dialog = sheet.add("opendialog fold")
    sheet.chain(button, dialog)
    _system_path(sheet, dialog, chosen)
    shown = sheet.note("no folder yet", (6, 92, 144, 18), fontsize=9.5, textcolor=[0.7, 0.75, 0.8, 1.0])
    each = sheet.add("t l l")
    sheet.wire(folder_in, each)
    sheet.chain(Port(each, 0), sheet.add("prepend folder"), to_all)
    sheet.chain(Port(each, 1), sheet.add("prepend set"), shown)


def _system_path(sheet: Sheet, dialog: Box, chosen: Box) -> None:
    """Max's path as the server's system has it: without the name of the start-up disk, but with a drive's letter."""
    each = sheet.add("t b l")
    sheet.wire(dialog, each)
    path, drive_path = sheet.add("zl.reg"), sheet.add("zl.reg")
    sheet.wire(Port(each, 1), Port(path, 1), Port(drive_path, 1))
    drive = sheet.add("regexp ^.:")  # C:/…, but not Macintosh HD:/…
    sheet.chain(Port(each, 0), path, drive)
    sheet.chain(Port(drive, 2), sheet.add("t b"), drive_path, chosen)
    sheet.chain(Port(drive, 3), sheet.add("conformpath slash boot"), chosen)


def _port_finder(home: Home) -> Sheet:
    """Tries ports until a message to itself arrives: the only way to know, for udpreceive does not tell."""
    sheet = Sheet("find_port")
    heard = sheet.inlet("what came over the port from the patch itself")
    to_receive = sheet.outlet("port messages for udpreceive")
    found = sheet.outlet("a port that works (int)")
    start = sheet.add("live.thisdevice" if home.is_device else "loadbang")
    candidate = sheet.add(f"int {FIRST_REPLY_PORT}")
    sheet.chain(start, sheet.add("delay 200"), candidate)
    steps = sheet.add("t b i i i")  # from the right: open it, aim at it, remember it, try it
    sheet.wire(candidate, steps)
    port = sheet.add("prepend port")
    sheet.chain(Port(steps, 3), port, to_receive)
    aim = sheet.add(f"udpsend 127.0.0.1 {FIRST_REPLY_PORT}")
    sheet.chain(Port(steps, 2), sheet.add("prepend port"), aim)
    tried = sheet.add("int")
    sheet.wire(Port(steps, 1), Port(tried, 1))
    attempt = sheet.add("t b b")
    sheet.wire(Port(steps, 0), attempt)
    token = home.unique("me")
    sheet.chain(
        Port(attempt, 1), sheet.add(f"delay {BIND_MS}"), sheet.add(f"t {token}"), sheet.add(f"prepend {SELF_TEST}"), aim
    )
    wait = sheet.add(f"delay {TRY_MS}")
    sheet.chain(Port(attempt, 0), wait, sheet.add("t b"), tried)
    # The same int answers both ways: when time is up the next port is tried, when the test arrives this one is told.
    ours = sheet.add(f"route {token}")
    sheet.wire(heard, ours)
    success = sheet.add("t b b b")
    sheet.wire(ours, success)
    stop = sheet.message("stop")
    sheet.chain(Port(success, 2), stop, wait)
    way = sheet.add("gate 2 1")
    opened = sheet.message("2")
    sheet.chain(Port(success, 1), opened, way)
    sheet.wire(Port(success, 0), tried)
    sheet.wire(tried, Port(way, 1))
    sheet.chain(Port(way, 0), sheet.add("+ 1"), candidate)
    sheet.wire(Port(way, 1), found)
    return sheet


def _heartbeat() -> Sheet:
    """Asks for a sign of life, says when there is none, and tells the reply port: a new server knows it not."""
    sheet = Sheet("heartbeat")
    port = sheet.inlet("own port (int)")
    alive = sheet.inlet("bang at a sign of life")
    out = sheet.outlet("OSC messages")
    online = sheet.outlet("1 when the server comes, 0 when it goes")
    text = sheet.outlet("status text")
    known = sheet.add("t b i")
    sheet.wire(port, known)
    kept = sheet.add(f"int {FIRST_REPLY_PORT}")
    sheet.wire(Port(known, 1), Port(kept, 1))
    on = sheet.message("1")
    sheet.chain(Port(known, 0), on, metro := sheet.add(f"metro {HEARTBEAT_MS}"))
    each = sheet.add("t b b")
    sheet.wire(metro, each)
    sheet.chain(Port(each, 1), kept, sheet.add("prepend /vamp/reply_port"), out)
    sheet.chain(Port(each, 0), sheet.message("/vamp/ping"), out)
    watchdog = sheet.add(f"delay {SILENCE_MS}")
    sheet.wire(Port(known, 0), watchdog)
    sign = sheet.add("t 1 b")
    sheet.wire(alive, sign)
    sheet.wire(Port(sign, 1), watchdog)
    state = sheet.add("change -1")
    sheet.wire(Port(sign, 0), state)
    sheet.chain(watchdog, sheet.add("t 0"), state)
    sheet.wire(state, online)
    turn = sheet.add("sel 0 1")
    sheet.wire(state, turn)
    sheet.chain(Port(turn, 0), sheet.message(f"set {START_SERVER}"), text)
    sheet.chain(Port(turn, 1), sheet.message("/vamp/version"), out)
    return sheet


def _replies() -> Sheet:
    """One outlet for each kind of receiver, from the protocol table. What has none is shown and printed as it is."""
    sheet = Sheet("replies")
    came = sheet.inlet("replies of the server")
    by_slot = sheet.outlet("replies behind the number of their slot")
    alive = sheet.outlet("bang at a sign of life")
    status = sheet.outlet("status text")
    line = sheet.outlet("line of errors and news")
    addresses = routed_addresses()
    table = sheet.add("route " + " ".join(addresses))
    sheet.wire(came, table)
    log = sheet.add("print vampbridge")
    show = sheet.add("prepend set")
    sheet.wire(show, line)
    for index, address in enumerate(addresses):
        source = Port(table, index)
        if address in TO_SLOTS:
            _behind_its_id(sheet, source, TO_SLOTS[address], by_slot)
        elif address == ERROR:
            _error(sheet, source, by_slot, show)
            sheet.wire(source, log)
        elif address == LOG:
            sheet.wire(source, show, log)
        elif address == ALIVE:
            sheet.wire(source, alive)
        else:
            _version(sheet, source, status)
    rest = sheet.add("tosymbol")
    sheet.chain(Port(table, len(addresses)), rest, show)
    sheet.wire(rest, log)
    return sheet


def _behind_its_id(sheet: Sheet, source: Port, verb: str, by_slot: Box) -> None:
    """`id values…` becomes `id verb values…`."""
    cut = sheet.add("zl.slice 1")  # lists of up to 256, enough for a row of a mask
    join = sheet.add("zl.join")
    sheet.wire(source, cut)
    sheet.chain(Port(cut, 1), sheet.add(f"prepend {verb}"), Port(join, 1))
    sheet.chain(Port(cut, 0), join, by_slot)


def _error(sheet: Sheet, source: Port, by_slot: Box, show: Box) -> None:
    """`code address reason id` becomes `id error code address reason`, and the reason is shown."""
    cut = sheet.add("zl.slice 3")
    sheet.wire(source, cut)
    kept_id = sheet.add("zl.reg")
    sheet.wire(Port(cut, 1), Port(kept_id, 1))
    each = sheet.add("t b l l")
    sheet.wire(Port(cut, 0), each)
    sheet.chain(Port(each, 2), sheet.add("zl.nth 3"), show)
    join = sheet.add("zl.join")
    sheet.chain(Port(each, 1), sheet.add("prepend error"), Port(join, 1))
    sheet.chain(Port(each, 0), kept_id, join, by_slot)


def _version(sheet: Sheet, source: Port, status: Box) -> None:
    parts = sheet.add("unpack s i s")
    text = sheet.add("sprintf set Connected: Vampbridge %s with the bundle %s")
    sheet.wire(source, parts)
    sheet.wire(Port(parts, 2), Port(text, 1))
    sheet.chain(Port(parts, 0), text, status)
