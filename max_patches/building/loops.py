"""The audio of a slot: the grid that its verbs wait for, the recorder, and three players that share one phase.

All players read their buffers at the same place of the loop, so that a change from one to the other is only a crossfade
and can never shift the beat. Which of them is heard is decided by the sample at which the phase wraps: the seam.
"""

from __future__ import annotations

from py2max.core.box import Box

from .sheet import Port, Sheet
from .words import Home

BUFFER_MS = 60_000
LONGEST_MS = 59_000  # closed by itself then
SHORTEST_MS = 100  # what the server takes
TAIL_MS = 80  # recorded on after a loop is closed, so that a length rounded up to the grid is filled
FADE_SAMPLES = 480
PLAYERS = ("rec", "a", "b")  # the loop as it was played in, and two that takes alternate between


def build_grid() -> Sheet:
    """Lets record through at the next beat or bar while the transport runs, at once while it stands."""
    sheet = Sheet("grid")
    value = sheet.inlet("record: 1 or 0")
    quantise = sheet.inlet("0 off, 1 beat, 2 bar")
    due = sheet.outlet("the same, when it is time")
    unit = sheet.outlet("length of a beat or bar in ms; 0 without a grid")
    tempo_out = sheet.outlet("tempo in bpm; 0 without a grid")
    waiting = sheet.outlet("bang while something waits for the grid")

    first = sheet.add("t i b")
    sheet.wire(value, first)
    transport = sheet.add("transport")
    sheet.wire(Port(first, 1), transport)
    sheet.wire(sheet.add("metro 100 @active 1"), transport)
    state = sheet.add("t i i i")
    sheet.wire(Port(transport, 6), state)
    mode = sheet.add("expr $i1 * ($i2 > 0)")  # 0 also while the transport stands
    sheet.wire(Port(state, 2), Port(mode, 1))
    each = sheet.add("t i b i")
    sheet.wire(quantise, each)
    kept_quantise = sheet.add("int")
    sheet.wire(Port(each, 2), Port(kept_quantise, 1))
    sheet.wire(Port(each, 1), kept_quantise)
    sheet.wire(kept_quantise, mode)
    way = sheet.add("gate 2 1")
    sheet.chain(mode, sheet.add("> 0"), sheet.add("+ 1"), way)
    sheet.chain(Port(state, 1), sheet.add("change"), sheet.add("t b"), kept_quantise)

    sheet.wire(Port(first, 0), Port(way, 1))
    _units(sheet, transport, mode, (unit, tempo_out))
    out = sheet.add("t i b")
    sheet.wire(Port(out, 1), kept_quantise)  # works the unit out anew: the tempo may have changed
    sheet.wire(Port(out, 0), due)
    sheet.wire(Port(way, 0), out)
    kept, once = _wait(sheet, (Port(way, 1), Port(state, 0), Port(each, 0)), waiting)
    sheet.chain(once, kept, out)
    return sheet


def _wait(sheet: Sheet, sources: tuple[Port, Port, Port], waiting: Box) -> tuple[Box, Box]:
    """Keeps a value until the next beat or bar; returns the box that keeps it and the one that lets it go."""
    value, state, quantise = sources
    hold = sheet.add("t b i b")
    sheet.wire(value, hold)
    sheet.wire(Port(hold, 2), waiting)
    kept = sheet.add("int")
    sheet.wire(Port(hold, 1), Port(kept, 1))
    once = sheet.add("onebang")
    sheet.wire(Port(hold, 0), Port(once, 1))
    for number, interval in ((1, "4n"), (2, "1.0.0")):
        metro = sheet.add(f"metro {interval} @quantize {interval} @active 1")
        is_on = sheet.add(f"== {number}")
        sheet.wire(quantise, is_on)
        gate = sheet.add("gate")
        sheet.wire(is_on, gate)
        sheet.wire(metro, Port(gate, 1))
        sheet.wire(gate, once)
    stopped = sheet.add("sel 0")  # nothing comes any more when the transport stops: go now
    sheet.chain(state, sheet.add("change"), stopped, once)
    return kept, once


def _units(sheet: Sheet, transport: Box, mode: Box, outlets: tuple[Box, Box]) -> None:
    """Length of a beat or bar, and the tempo, each time the mode is worked out."""
    unit, tempo_out = outlets
    ms = sheet.add("expr (($i1 == 1) + ($i1 == 2) * $f3 * 4. / max($f4\\, 1.)) * 60000. / max($f2\\, 20.)")
    signature = sheet.add("unpack 4 4")
    sheet.wire(Port(transport, 5), signature)
    sheet.wire(Port(signature, 0), Port(ms, 2))
    sheet.wire(Port(signature, 1), Port(ms, 3))
    sheet.wire(Port(transport, 4), Port(ms, 1))
    for number, start in ((1, 120), (2, 4), (3, 4)):
        sheet.wire(sheet.add(f"loadmess {start}"), Port(ms, number))
    sheet.chain(mode, ms, unit)
    bpm = sheet.add("expr ($i1 > 0) * $f2")
    sheet.wire(Port(transport, 4), Port(bpm, 1))
    sheet.chain(mode, bpm, tempo_out)


def build_recorder(home: Home) -> Sheet:
    """Records into a buffer of its own, and says how long the loop is: whole beats or bars, whole samples."""
    sheet = Sheet("recorder")
    value = sheet.inlet("1 begins, 0 closes")
    unit = sheet.inlet("length of a beat or bar in ms, 0 without a grid")
    left, right = sheet.inlet("left (signal)"), sheet.inlet("right (signal)")
    begins = sheet.outlet("bang when a recording begins")
    length_out = sheet.outlet("length of the loop in ms")
    complete = sheet.outlet("bang when all of it is in the buffer")
    time_up = sheet.outlet("bang when it must be closed")
    rec = home.unique("rec")
    sheet.add(f"buffer~ {rec} {BUFFER_MS} 2")
    tape = sheet.add(f"record~ {rec} 2")
    sheet.wire(left, tape)
    sheet.wire(right, Port(tape, 1))

    turn = sheet.add("sel 1 0")
    sheet.wire(value, turn)
    begin = sheet.add("t 1 1 b b b")
    sheet.wire(Port(turn, 0), begin)
    sheet.wire(Port(begin, 4), begins)
    timer = sheet.add("timer")
    sheet.wire(Port(begin, 3), timer)
    limit = sheet.add(f"delay {LONGEST_MS}")
    sheet.wire(Port(begin, 2), limit)
    sheet.wire(limit, time_up)
    only_once = sheet.add("gate 1 0")  # closing what was never begun does nothing
    sheet.wire(Port(begin, 1), only_once)
    sheet.wire(Port(begin, 0), tape)
    sheet.wire(Port(turn, 1), Port(only_once, 1))

    sheet.wire(timer, _length(sheet, unit, length_out))
    close = sheet.add("t b b 0 stop")
    sheet.wire(only_once, close)
    sheet.wire(Port(close, 3), limit)
    sheet.wire(Port(close, 2), only_once)
    sheet.wire(Port(close, 1), Port(timer, 1))
    tail = sheet.add(f"delay {TAIL_MS}")
    sheet.wire(Port(close, 0), tail)
    end = sheet.add("t b 0")
    sheet.wire(tail, end)
    sheet.wire(Port(end, 1), tape)
    sheet.chain(Port(end, 0), sheet.add("deferlow"), complete)
    return sheet


def _length(sheet: Sheet, unit: Box, length_out: Box) -> Box:
    """From measured ms to the loop's length: on the grid, within the limits, whole samples. Returns its first box."""
    whole = sheet.add(
        f"expr min(max(($f2 > 0.) * max(1.\\, int($f1 / max($f2\\, 0.001) + 0.5)) * $f2 + ($f2 <= 0.) * $f1\\, "
        f"{SHORTEST_MS}.)\\, {LONGEST_MS}.)"
    )
    sheet.wire(unit, Port(whole, 1))
    samples = sheet.add("expr int($f1 * $f2 / 1000. + 0.5) * 1000. / $f2")
    rate = sheet.add("dspstate~")
    sheet.wire(Port(rate, 1), Port(samples, 1))
    sheet.wire(sheet.add("loadmess 44100"), Port(samples, 1))
    sheet.chain(sheet.add("loadbang"), sheet.add("delay 100"), rate)
    sheet.chain(whole, samples, length_out)
    return whole


def build_players(home: Home) -> Sheet:
    """Three players on one phase; which is heard changes at the seam, or at once where it is said."""
    sheet = Sheet("players")
    length = sheet.inlet("length of the loop in ms: the loop begins now")
    at_seam = sheet.inlet("player from the next seam on: 0 recording, 1 and 2 takes")
    at_once = sheet.inlet("player from now on; -1 is silence")
    level = sheet.inlet("level from 0 to 1")
    left, right = sheet.outlet("left (signal)"), sheet.outlet("right (signal)")
    heard = sheet.outlet("player that is heard, when it changes")

    begin = sheet.add("t 0. f f")
    sheet.wire(length, begin)
    phase = sheet.add("phasor~ 0.")
    sheet.chain(Port(begin, 1), sheet.add("!/ 1000."), phase)
    sheet.wire(Port(begin, 0), Port(phase, 1))
    step = sheet.add("delta~")
    wrapped = sheet.add("<~ 0.")
    sheet.chain(phase, step, wrapped)
    now = sheet.add("click~")
    either = sheet.add("+~")
    sheet.wire(wrapped, either)
    sheet.wire(now, Port(either, 1))
    wanted = sheet.add("sig~ -1.")
    sheet.wire(at_seam, wanted)
    both = sheet.add("t b f")
    sheet.wire(at_once, both)
    sheet.wire(Port(both, 1), wanted)
    sheet.wire(Port(both, 0), now)
    chosen = sheet.add("sah~ 0.")
    sheet.wire(wanted, chosen)
    sheet.wire(either, Port(chosen, 1))
    sheet.chain(chosen, sheet.add("snapshot~ 30"), sheet.add("int"), sheet.add("change -2"), heard)
    _mix(sheet, home, (phase, chosen, Port(begin, 2)), (level, left, right))
    return sheet


def _mix(sheet: Sheet, home: Home, sources: tuple[Box, Box, Port], ends: tuple[Box, Box, Box]) -> None:
    """The three players, each faded by whether it is the chosen one, and the level."""
    phase, chosen, length = sources
    level, left, right = ends
    gain = sheet.add("line~ 1.")
    sheet.chain(level, sheet.add("pack 0. 20"), gain)
    outs = []
    for outlet in (left, right):
        out = sheet.add("*~ 1.")
        sheet.wire(gain, Port(out, 1))
        sheet.wire(out, outlet)
        outs.append(out)
    for number, name in enumerate(PLAYERS):
        wave = sheet.add(f"wave~ {home.unique(name)} 0. 0. 2")
        sheet.wire(phase, wave)
        sheet.wire(length, Port(wave, 2))
        fade = sheet.add(f"rampsmooth~ {FADE_SAMPLES} {FADE_SAMPLES}")
        sheet.chain(chosen, sheet.add(f"==~ {number}."), fade)
        for channel, out in enumerate(outs):
            part = sheet.add("*~")
            sheet.wire(Port(wave, channel), part)
            sheet.wire(fade, Port(part, 1))
            sheet.wire(part, out)


def build_shelf(home: Home) -> Sheet:
    """The buffers of takes: a take is read into the one that is not heard, then asked for at the seam."""
    sheet = Sheet("shelf")
    path = sheet.inlet("path of a take to be heard (symbol)")
    current = sheet.inlet("player that is heard")
    ready = sheet.outlet("player that has it")
    aim = sheet.add("expr ($i1 == 1) + 1")  # 1 is heard: into 2; else into 1
    last = sheet.add("int 0")
    sheet.wire(current, Port(last, 1))
    each = sheet.add("t l b")
    sheet.wire(path, each)
    way = sheet.add("gate 2 1")
    heard = sheet.add("t i i")
    sheet.chain(Port(each, 1), last, heard)
    sheet.wire(Port(heard, 1), ready)  # whatever waited for the seam waits no more: its buffer is about to change
    sheet.chain(Port(heard, 0), aim, way)
    sheet.wire(Port(each, 0), Port(way, 1))
    for number in (1, 2):
        buffer = sheet.add(f"buffer~ {home.unique(PLAYERS[number])} 1000 2")
        sheet.chain(Port(way, number - 1), sheet.add("prepend replace"), buffer)
        sheet.chain(Port(buffer, 1), sheet.add(f"t {number}"), ready)
    return sheet


def build_writer(home: Home) -> Sheet:
    """Writes the loop to a file of exactly its length, from a copy: the buffer that plays is never touched."""
    sheet = Sheet("writer")
    go = sheet.inlet("bang when the recording is complete")
    length = sheet.inlet("length in ms")
    path = sheet.inlet("path to write to (symbol)")
    written = sheet.outlet("path, when it is written (symbol)")
    steps = sheet.add("t b b b")
    sheet.wire(go, steps)
    copy = sheet.add(f"buffer~ {home.unique('file')} 100 2 @format float32")
    sheet.chain(Port(steps, 2), sheet.add(f"t {home.unique('rec')}"), sheet.add("prepend duplicate"), copy)
    kept_length = sheet.add("float 1000.")
    sheet.wire(length, Port(kept_length, 1))
    sheet.chain(Port(steps, 1), kept_length, sheet.add("prepend crop 0."), copy)
    kept_path = sheet.add("zl.reg")
    sheet.wire(path, Port(kept_path, 1))
    each = sheet.add("t l 1")
    sheet.chain(Port(steps, 0), kept_path, each)
    is_writing = sheet.add("gate 1 0")
    sheet.wire(Port(each, 1), is_writing)
    sheet.chain(Port(each, 0), sheet.add("prepend writewave"), copy)
    sheet.wire(Port(copy, 1), Port(is_writing, 1))
    done = sheet.add("t b 0")
    sheet.wire(is_writing, done)
    sheet.wire(Port(done, 1), is_writing)
    again = sheet.add("zl.reg")
    sheet.wire(path, Port(again, 1))
    sheet.chain(Port(done, 0), again, written)
    return sheet
