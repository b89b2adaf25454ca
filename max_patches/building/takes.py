"""The takes of a slot: names of files, the list, what is heard next, and what is varied next."""

from __future__ import annotations

from py2max.core.box import Box

from .sheet import Port, Sheet
from .words import Home


def build_names(home: Home) -> Sheet:
    """Names the files of a loop after the port, the slot and the time, so that no two patches meet."""
    sheet = Sheet("names")
    folder = sheet.inlet("folder (symbol)")
    port = sheet.inlet("own port (int)")
    bang = sheet.inlet("bang: a new loop")
    loop_path = sheet.outlet("path of the loop (symbol)")
    base_out = sheet.outlet("how the paths of its takes begin (symbol)")
    missing = sheet.outlet("bang: there is no folder")
    base = sheet.add("sprintf symout %s/vamp-%i-%i-%s")
    sheet.wire(sheet.add(f"loadmess {home.slot}"), Port(base, 2))
    sheet.wire(sheet.add("loadmess 0"), Port(base, 1))
    sheet.wire(port, Port(base, 1))
    known = sheet.add("t 2 l")
    sheet.wire(folder, known)
    kept = sheet.add("zl.reg")
    sheet.wire(Port(known, 1), Port(kept, 1))
    way = sheet.add("gate 2 1")
    sheet.wire(Port(known, 0), way)
    sheet.wire(bang, Port(way, 1))
    sheet.wire(Port(way, 0), missing)
    steps = sheet.add("t b date time")  # from the right: time, date, then the name
    sheet.wire(Port(way, 1), steps)
    now = sheet.add("date")
    sheet.wire(Port(steps, 2), now)
    sheet.wire(Port(steps, 1), now)
    join = sheet.add("zl.join")
    sheet.wire(Port(now, 1), Port(join, 1))
    stamp = sheet.add("sprintf symout %i%02i%02i-%02i%02i%02i")
    sheet.chain(now, sheet.message("$3 $1 $2"), join, stamp, Port(base, 3))
    sheet.chain(Port(steps, 0), kept, base)
    each = sheet.add("t l l")
    sheet.wire(base, each)
    sheet.wire(Port(each, 1), base_out)
    sheet.chain(Port(each, 0), sheet.add("sprintf symout %s-loop.wav"), loop_path)
    return sheet


def build_list() -> Sheet:
    """The list of takes behind a menu: entry 0 is the loop itself, every take gets the next number."""
    sheet = Sheet("takes")
    new_take = sheet.inlet("path of a take that is done (symbol)")
    chosen = sheet.inlet("entry chosen in the menu (int)")
    undo = sheet.inlet("bang: the entry before")
    clear = sheet.inlet("bang: forget all takes")
    menu = sheet.outlet("messages for the menu")
    load = sheet.outlet("path of a take to be heard (symbol)")
    original = sheet.outlet("bang: the loop itself is to be heard")
    entry_out = sheet.outlet("entry that is to be heard (int)")

    paths = sheet.add("coll")
    entry = sheet.add("int 0")
    number = sheet.add("counter 1 100000")
    at = sheet.add("t i i i")
    sheet.wire(Port(at, 2), Port(entry, 1))
    sheet.wire(Port(at, 1), entry_out)
    which = sheet.add("sel 0")
    sheet.wire(Port(at, 0), which)
    sheet.wire(which, original)
    sheet.wire(Port(which, 1), paths)
    sheet.chain(paths, sheet.add("route symbol"), load)
    sheet.wire(chosen, at)
    sheet.chain(undo, sheet.add("t b"), entry, sheet.add("- 1"), sheet.add("maximum 0"), menu)

    new = sheet.add("t b l")
    sheet.wire(new_take, new)
    pair = sheet.add("zl.join")
    sheet.wire(Port(new, 1), Port(pair, 1))
    shown = sheet.add("t i i i")
    sheet.chain(Port(new, 0), number, shown)
    sheet.chain(Port(shown, 2), pair, paths)
    sheet.chain(Port(shown, 1), sheet.add("sprintf append take %i"), menu)
    # The menu answers with the entry, which has the take heard: as if it had been chosen by hand.
    sheet.wire(Port(shown, 0), menu)
    reset = sheet.add("t 0 1 b b")
    sheet.wire(clear, reset)
    sheet.chain(Port(reset, 3), sheet.message("clear"), paths)
    sheet.chain(Port(reset, 2), sheet.message("clear", "append loop", "set 0"), menu)
    sheet.wire(Port(reset, 1), Port(number, 2))
    sheet.wire(Port(reset, 0), Port(entry, 1))
    return sheet


def build_source() -> Sheet:
    """What is varied next: the loop that was played in, or the take that is heard."""
    sheet = Sheet("source")
    bang = sheet.inlet("bang: a vamp is wanted")
    mode = sheet.inlet("0 loop, 1 take")
    loop_path = sheet.inlet("path of the loop, once it is written (symbol)")
    take_path = sheet.inlet("path of the take that is to be heard (symbol)")
    entry = sheet.inlet("entry that is to be heard")
    clear = sheet.inlet("bang: there is no loop any more")
    path_out = sheet.outlet("path to vary (symbol)")
    go = sheet.outlet("bang: ask")
    missing = sheet.outlet("bang: there is nothing to vary yet")

    has_loop = sheet.add("gate 2 1")
    sheet.wire(bang, Port(has_loop, 1))
    written = sheet.add("t 2 l")
    sheet.wire(loop_path, written)
    sheet.wire(Port(written, 0), has_loop)
    sheet.chain(clear, sheet.add("t 1"), has_loop)
    loops, takes = sheet.add("zl.reg"), sheet.add("zl.reg")
    sheet.wire(Port(written, 1), Port(loops, 1))
    sheet.wire(take_path, Port(takes, 1))
    sheet.wire(has_loop, missing)
    steps = sheet.add("t b b")
    sheet.wire(Port(has_loop, 1), steps)
    number = sheet.add("int 0")
    sheet.wire(entry, Port(number, 1))
    is_take = sheet.add("expr ($i1 > 0) * $i2")
    sheet.wire(mode, Port(is_take, 1))
    which = sheet.add("sel 0")
    sheet.chain(Port(steps, 1), number, is_take, which)
    sheet.chain(which, loops, path_out)
    sheet.chain(Port(which, 1), sheet.add("t b"), takes, path_out)
    sheet.wire(Port(steps, 0), go)
    return sheet


def build_state() -> Sheet:
    """One vamp at a time: lets its replies in, stops it when a new loop is recorded, and says all of it in words."""
    sheet = Sheet("state")
    asked = sheet.inlet("path of a take that was asked for (symbol)")
    reply = sheet.inlet("progress stage fraction, done path seed take seconds, error code address reason")
    stop = sheet.inlet("bang: forget the vamp that is on its way")
    take = sheet.outlet("path of a take that is done (symbol)")
    seed = sheet.outlet("seed it was made with (int)")
    fraction = sheet.outlet("how far it is, 0 to 1")
    text = sheet.outlet("status text")
    failed = sheet.outlet("bang: a vamp failed")
    cancel = sheet.outlet("bang: cancel the vamp at the server")

    begin = sheet.add("t 1 l")
    sheet.wire(asked, begin)
    path = sheet.add("zl.reg")
    sheet.wire(Port(begin, 1), Port(path, 1))
    is_waiting = sheet.add("gate 1 0")
    sheet.wire(Port(begin, 0), is_waiting)
    stops = sheet.add("gate 1 0")
    sheet.wire(Port(begin, 0), stops)
    sheet.wire(stop, Port(stops, 1))
    leave = sheet.add("t 0 0 b 0.")
    sheet.wire(stops, leave)
    sheet.wire(Port(leave, 3), fraction)
    sheet.wire(Port(leave, 2), cancel)
    sheet.wire(Port(leave, 1), is_waiting)
    sheet.wire(Port(leave, 0), stops)

    is_wanted = sheet.add("gate 1 0")
    sheet.wire(Port(begin, 0), is_wanted)
    sheet.wire(Port(leave, 0), is_wanted)
    kinds = sheet.add("route progress done error")
    sheet.wire(reply, kinds)
    gates = is_waiting, stops, is_wanted
    _progress(sheet, kinds, gates, (fraction, text))
    finished = _done(sheet, kinds, gates, (fraction, text))
    sheet.wire(Port(finished, 1), seed)
    sheet.chain(Port(finished, 0), path, take)
    _failure(sheet, kinds, gates, (fraction, text, failed))
    return sheet


def _progress(sheet: Sheet, kinds: Box, gates: tuple[Box, ...], outs: tuple[Box, Box]) -> None:
    fraction, text = outs
    sheet.wire(kinds, Port(gates[0], 1))
    parts = sheet.add("unpack s 0.")
    sheet.wire(gates[0], parts)
    sheet.wire(Port(parts, 1), fraction)
    sheet.chain(Port(parts, 0), sheet.add("sprintf set varying: %s"), text)


def _done(sheet: Sheet, kinds: Box, gates: tuple[Box, ...], outs: tuple[Box, Box]) -> Box:
    """A take that was waited for: its seed leaves by outlet 1 of the box that is returned, then a bang by outlet 0."""
    fraction, text = outs
    is_wanted = gates[2]
    sheet.wire(Port(kinds, 1), Port(is_wanted, 1))
    done = sheet.add("t b 0 l 1.")
    sheet.wire(is_wanted, done)
    sheet.wire(Port(done, 3), fraction)
    told = sheet.add("unpack s 0 s 0.")
    sheet.wire(Port(done, 2), told)
    sheet.chain(Port(told, 3), sheet.add("sprintf set made in %.1f s: comes at the seam"), text)
    sheet.wire(Port(done, 1), *gates)
    end = sheet.add("t b i")
    kept = sheet.add("int")
    sheet.wire(Port(told, 1), Port(kept, 1))
    sheet.chain(Port(done, 0), kept, end)
    return end


def _failure(sheet: Sheet, kinds: Box, gates: tuple[Box, ...], outs: tuple[Box, Box, Box]) -> None:
    fraction, text, failed = outs
    error = sheet.add("t b 0 l 0.")
    sheet.wire(Port(kinds, 2), error)
    sheet.wire(Port(error, 3), fraction)
    sheet.chain(Port(error, 2), sheet.add("zl.nth 3"), sheet.add("prepend set"), text)
    sheet.wire(Port(error, 1), *gates)
    sheet.wire(Port(error, 0), failed)
