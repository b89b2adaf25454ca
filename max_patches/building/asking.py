"""How a slot asks for a vamp: preset, dials, mask, seed and file, in that order, because the server keeps the order."""

from __future__ import annotations

from collections.abc import Mapping

from py2max.core.box import Box

from ...bridge.mask_protocol import MASK_ROWS as ROWS_RANGE
from ...bridge.protocol import SET_PREFIX
from ...engine.settings import DEFAULT_PRESET, PRESETS, PROMPTS, RANGES, preset
from .parameters import DIALS
from .sheet import Port, Sheet
from .words import LOADED_MS, Home

MASK_ROWS = 14  # of the grid before the server has told how many codebooks there are
MASK_COLUMNS = 32


def build_presets() -> Sheet:
    """Turns a preset's number into the values of all dials, but not while the set is loading: stored values stay."""
    sheet = Sheet("presets")
    number = sheet.inlet("number of the preset")
    dials = [sheet.outlet(f"value of {name}") for name in DIALS]
    is_loaded = sheet.add("gate 1 0")
    sheet.chain(sheet.add("loadbang"), sheet.add(f"delay {LOADED_MS}"), sheet.add("t 1"), is_loaded)
    turn = sheet.add("sel " + " ".join(str(index) for index in range(len(PRESETS))))
    sheet.wire(number, Port(is_loaded, 1))
    sheet.wire(is_loaded, turn)
    spread = sheet.add("unpack " + " ".join("0." for _ in DIALS))
    for index, name in enumerate(PRESETS):
        values = sheet.message(" ".join(f"{float(getattr(preset(name), dial)):g}" for dial in DIALS))
        sheet.chain(Port(turn, index), values, spread)
    for index, dial in enumerate(dials):
        sheet.wire(Port(spread, index), dial)
    return sheet


def build_ask(home: Home) -> Sheet:
    """Inlets: bang, preset, mask drawn or not, path in, base of paths out, tempo, seed; then the dials' values.

    The outlets bang the dials, which answer into those inlets at once.
    """
    sheet = Sheet("ask")
    bang = sheet.inlet("bang: ask for a vamp")
    preset_number = sheet.inlet("number of the preset")
    draws = sheet.inlet("1: the drawn mask decides")
    path_in = sheet.inlet("path of the loop or take to vary (symbol)")
    base = sheet.inlet("how the paths of takes begin (symbol)")
    tempo = sheet.inlet("tempo in bpm; 0: none")
    seed = sheet.inlet("seed; -1: a new one each time")
    dials = {name: sheet.inlet(f"value of {name}") for name in DIALS}
    out = sheet.outlet("OSC messages")
    path_out = sheet.outlet("path of the take that was asked for (symbol)")
    dump_mask = sheet.outlet("bang: send the drawn mask")
    bangs = sheet.outlet("bang: all dials tell their values")

    steps = sheet.add("t b b b b 0 b 1 b b")  # from the right
    sheet.wire(bang, steps)
    names = list(PRESETS)
    number = sheet.add(f"int {names.index(DEFAULT_PRESET)}")
    sheet.wire(preset_number, Port(number, 1))
    turn = sheet.add("sel " + " ".join(str(index) for index in range(len(names))))
    sheet.chain(Port(steps, 8), number, turn)
    for index, name in enumerate(names):
        sheet.chain(Port(turn, index), sheet.message(f"/vamp/preset {name}"), out)
    asks = _dials(sheet, dials, out)
    kept_draws = sheet.add("int")
    sheet.wire(draws, Port(kept_draws, 1))
    sheet.wire(Port(steps, 6), asks["sampling"])
    sheet.chain(Port(steps, 7), kept_draws, sheet.add("== 0"), asks["prompts"])
    sheet.wire(Port(steps, 5), bangs)
    sheet.wire(Port(steps, 4), asks["sampling"], asks["prompts"])
    _tempo(sheet, Port(steps, 3), (tempo, dials["beat_after_ms"]), out)
    _seed(sheet, Port(steps, 2), seed, out)
    _mask(sheet, Port(steps, 1), draws, (out, dump_mask))
    _file(sheet, Port(steps, 0), (path_in, base), (out, path_out), home)
    return sheet


def _dials(sheet: Sheet, dials: Mapping[str, Box], out: Box) -> dict[str, Box]:
    """Dials pass only while a vamp is asked for; those that would make a prompt not beside a drawn mask."""
    gates = {"sampling": sheet.add("gate 1 0"), "prompts": sheet.add("gate 1 0")}
    for gate in gates.values():
        sheet.wire(gate, out)
    for name, inlet in dials.items():
        gate = gates["prompts" if name in PROMPTS else "sampling"]
        sheet.chain(inlet, sheet.add(f"prepend {SET_PREFIX}{name}"), Port(gate, 1))
    return gates


def _mask(sheet: Sheet, when: Port, draws: Box, outs: tuple[Box, Box]) -> None:
    """Forgets what was drawn before, then has the grid sent if it is to decide."""
    out, dump_mask = outs
    kept = sheet.add("int")
    sheet.wire(draws, Port(kept, 1))
    each = sheet.add("t b b")
    sheet.wire(when, each)
    sheet.chain(Port(each, 1), sheet.message("/vamp/mask/clear"), out)
    sheet.chain(Port(each, 0), kept, sheet.add("sel 1"), dump_mask)


def _tempo(sheet: Sheet, when: Port, sources: tuple[Box, Box], out: Box) -> None:
    """The tempo of the grid, for the beats of the prompt: only while there is such a prompt, else it is idle."""
    tempo, beats = sources
    limits = RANGES["tempo_bpm"]
    kept = sheet.add("float")
    sheet.chain(tempo, sheet.add(f"clip {limits.low:g}. {limits.high:g}."), Port(kept, 1))
    has_beats = sheet.add("gate 1 0")
    sheet.chain(beats, sheet.add("> 0."), has_beats)
    sheet.wire(when, Port(has_beats, 1))
    sheet.chain(has_beats, kept, sheet.add(f"prepend {SET_PREFIX}tempo_bpm"), out)


def _seed(sheet: Sheet, when: Port, seed: Box, out: Box) -> None:
    """A kept seed is told; without one the preset has already made the server draw it."""
    kept = sheet.add("int -1")
    sheet.wire(seed, Port(kept, 1))
    is_kept = sheet.add("split 0 2147483647")
    sheet.chain(when, kept, is_kept, sheet.add(f"prepend {SET_PREFIX}seed"), out)


def _file(sheet: Sheet, when: Port, paths: tuple[Box, Box], outs: tuple[Box, Box], home: Home) -> None:
    """`/vamp/file path_in path_out slot`, with a new path each time."""
    path_in, base = paths
    out, path_out = outs
    number = sheet.add("counter 1 1000000")
    take = sheet.add("sprintf symout %s-take%i.wav")
    kept_base = sheet.add("zl.reg")
    sheet.wire(base, Port(kept_base, 1))
    steps = sheet.add("t b b b")
    sheet.wire(when, steps)
    sheet.chain(Port(steps, 2), number, Port(take, 1))
    sheet.chain(Port(steps, 1), kept_base, take)
    join = sheet.add("zl.join")
    each = sheet.add("t l l")
    sheet.wire(take, each)
    sheet.wire(Port(each, 1), path_out)
    sheet.wire(Port(each, 0), Port(join, 1))
    kept_in = sheet.add("zl.reg")
    sheet.wire(path_in, Port(kept_in, 1))
    sheet.chain(Port(steps, 0), kept_in, join, sheet.add(f"append {home.slot}"), sheet.add("prepend /vamp/file"), out)


def build_mask(home: Home) -> Sheet:
    """The grid: shows what the slot's last vamp varied, and is drawn on. Outlet 1 leads to the matrixctrl."""
    sheet = Sheet("mask")
    dump = sheet.inlet("bang: send the mask that is drawn")
    cells = sheet.inlet("a row of cells from the matrixctrl")
    came = sheet.inlet("row rows cells…: a row of the last vamp's mask")
    done = sheet.inlet("bang: a vamp is done, ask for its mask")
    out = sheet.outlet("OSC messages")
    grid = sheet.outlet("messages for the matrixctrl")

    rows = sheet.add(f"int {MASK_ROWS}")
    _dump(sheet, (dump, cells), rows, (out, grid))
    _answers(sheet, came, rows, grid)
    sheet.chain(done, sheet.add(f"t {home.slot}"), sheet.add("prepend /vamp/mask/of"), out)
    return sheet


def _dump(sheet: Sheet, inlets: tuple[Box, Box], rows: Box, outs: tuple[Box, Box]) -> None:
    """Sends the grid as one `/vamp/mask/row row cells…` for each row: no list in Max and no datagram is too long."""
    dump, cells = inlets
    out, grid = outs
    steps = sheet.add("t b 1")
    sheet.wire(dump, steps)
    number = sheet.add(f"counter 1 {ROWS_RANGE.high}")
    sheet.wire(Port(steps, 1), Port(number, 2))
    count = sheet.add("uzi")
    sheet.chain(Port(steps, 0), rows, count)
    sheet.chain(Port(count, 2), sheet.add("- 1"), sheet.add("prepend getrow"), grid)
    each = sheet.add("t b l")
    sheet.wire(cells, each)
    join = sheet.add("zl.join")
    sheet.wire(Port(each, 1), Port(join, 1))
    sheet.chain(Port(each, 0), number, join, sheet.add("prepend /vamp/mask/row"), out)


def _answers(sheet: Sheet, came: Box, rows: Box, grid: Box) -> None:
    """Draws a row that came. The grid gets its size first: cells outside it would be lost."""
    cut = sheet.add("zl.slice 2")
    sheet.wire(came, cut)
    triple = sheet.add("pack 0 0 0")  # column, row, value
    # The cells are kept until their row is known, which zl.slice tells last.
    kept = sheet.add("zl.reg")
    sheet.wire(Port(cut, 1), Port(kept, 1))
    row = sheet.add("unpack 0 0")
    sheet.wire(Port(cut, 0), row)
    size = sheet.add("t i i")
    sheet.wire(Port(row, 1), size)
    sheet.wire(Port(size, 1), Port(rows, 1))
    sheet.chain(Port(size, 0), sheet.add("change"), sheet.add("prepend rows"), grid)
    each_row = sheet.add("t b i")
    sheet.wire(Port(row, 0), each_row)
    sheet.chain(Port(each_row, 1), sheet.add("- 1"), Port(triple, 1))
    values = sheet.add("t l l")
    sheet.chain(Port(each_row, 0), kept, values)
    length = sheet.add("t i 0")
    sheet.chain(Port(values, 1), sheet.add("zl.len"), length)
    sheet.chain(Port(length, 0), sheet.add("change"), sheet.add("prepend columns"), grid)
    place = sheet.add("counter 0 255")
    sheet.wire(Port(length, 1), Port(place, 2))
    each = sheet.add("t b i")
    sheet.chain(Port(values, 0), sheet.add("iter"), each)
    sheet.wire(Port(each, 1), Port(triple, 2))
    sheet.chain(Port(each, 0), place, triple)
    sheet.chain(triple, sheet.add("prepend set"), grid)
