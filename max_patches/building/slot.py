"""One slot: what is seen of it, and how its parts are wired. 776 × 169 px, the height of a device in Live."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from py2max.core.box import Box

from .asking import MASK_COLUMNS, MASK_ROWS, build_ask, build_mask, build_presets
from .loops import PLAYERS, build_grid, build_players, build_recorder, build_shelf, build_writer
from .parameters import (
    DIALS,
    PROMPT_DIALS,
    button,
    dial_place,
    percent_dial,
    preset_tab,
    setting_dial,
    tab,
)
from .sheet import Place, Port, Sheet
from .takes import build_list, build_names, build_source, build_state
from .words import HEIGHT, LOADED_MS, SLOT_WIDTH, Home

LEFT, MIDDLE, RIGHT = 8, 240, 606  # where the three columns begin, px
DIAL_STEP = 45
DARK = [0.16, 0.17, 0.19, 1.0]
PALE = [0.86, 0.87, 0.88, 1.0]

# name of a button → its place, whether it stays down, its hint
BUTTONS: dict[str, tuple[Place, bool, str]] = {
    "Record": ((LEFT, 84, 72, 20), True, "Record a loop; again closes it and plays it. Waits for the beat or bar."),
    "Vamp": ((LEFT + 76, 84, 72, 20), False, "Ask for a new variation: it takes over where the loop begins again."),
    "Auto": ((LEFT + 152, 84, 72, 20), True, "Ask for the next variation as soon as one is heard."),
    "Undo": ((LEFT, 108, 52, 18), False, "Back to what was heard before, at the seam."),
    "Mute": ((LEFT + 56, 108, 52, 18), True, "Silence this slot; the loop goes on."),
    "Clear": ((LEFT + 112, 108, 52, 18), False, "Forget the loop and its takes. Their files stay."),
    "Keep seed": ((RIGHT + 84, 122, 78, 18), True, "Make the next take with the seed of the last one."),
    "Draw": ((RIGHT, 122, 78, 18), True, "Let the grid decide what is varied. Click into it: lit cells are varied."),
}


@dataclass
class Parts:
    """The boxes that are wired to each other.

    Attributes:
        buttons: By name.
        dials: By setting.
        inner: Subpatchers by name.
    """

    sheet: Sheet
    out: Box
    buttons: dict[str, Box] = field(default_factory=dict)
    dials: dict[str, Box] = field(default_factory=dict)
    inner: dict[str, Box] = field(default_factory=dict)
    seen: dict[str, Box] = field(default_factory=dict)

    def say(self, source: Box | Port, text: str) -> None:
        """Show a fixed text when something bangs."""
        self.sheet.chain(source, self.sheet.message(f"set {text}"), self.seen["status"])


def build_slot(home: Home) -> Sheet:
    """A slot: inlets for replies and two signals; outlets for OSC messages and two signals."""
    sheet = Sheet("vampbridge.slot")
    replies = sheet.inlet("from the link: port, folder, online, mask, progress, done, error")
    audio_in = sheet.inlet("left (signal)"), sheet.inlet("right (signal)")
    out = sheet.outlet("OSC messages to the link")
    audio_out = sheet.outlet("left (signal)"), sheet.outlet("right (signal)")
    parts = Parts(sheet, out)
    _face(parts, home)
    _inner(parts, home)
    _wire_replies(parts, replies, home)
    _wire_recording(parts, audio_in)
    _wire_takes(parts, home)
    _wire_asking(parts)
    _wire_levels(parts, audio_in, audio_out)
    return sheet


def _face(parts: Parts, home: Home) -> None:
    """Everything that is seen."""
    sheet = parts.sheet
    height = HEIGHT if home.is_device else HEIGHT - 1  # the line between two slots
    sheet.control("panel", (0, 0, SLOT_WIDTH, height), bgcolor=PALE, rounded=0, mode=0, background=1)
    look: dict[str, Any] = {"bgcolor": DARK, "waveformcolor": [0.45, 0.8, 0.95, 1.0], "vticks": 0, "ticks": 0}
    wave = sheet.control(
        "waveform~", (LEFT, 8, 224, 62), buffername=home.unique("file"), labels=0, ignoreclick=1, setmode=0, **look
    )
    bar = sheet.control(
        "multislider", (LEFT, 73, 224, 7), setminmax=[0.0, 1.0], size=1, orientation=0, ignoreclick=1, setstyle=1,
        hint="How far the variation is.", annotation="How far the variation is.", bgcolor=DARK,
        slidercolor=[0.45, 0.8, 0.95, 1.0],
    )  # fmt: skip
    hint = "The loop and its takes: choose what is heard from the next seam on."
    menu = sheet.control("umenu", (LEFT + 168, 108, 56, 18), items=["loop"], fontsize=9.5, hint=hint, annotation=hint)
    status = sheet.note("Record a loop", (LEFT, 132, 224, 32), fontsize=10.0, linecount=2, textcolor=DARK)
    parts.seen |= {"wave": wave, "bar": bar, "menu": menu, "status": status}
    for name, (place, toggle, text) in BUTTONS.items():
        parts.buttons[name] = sheet.control("live.text", place, **button(name, text, toggle=toggle))
    _tabs_and_dials(parts, home)
    hint = "Lit cells are played anew: time from left to right, codebooks from coarse to fine downwards."
    parts.seen["grid"] = sheet.control(
        "matrixctrl", (RIGHT, 8, 162, 108), rows=MASK_ROWS, columns=MASK_COLUMNS, range=2, hint=hint, annotation=hint,
        bgcolor=DARK, color=[0.98, 0.72, 0.25, 1.0], elementcolor=[0.26, 0.28, 0.31, 1.0], horizontalspacing=0,
        verticalspacing=0, horizontalmargin=0, verticalmargin=0, invisiblebkgnd=0, parameter_enable=0,
    )  # fmt: skip
    sheet.note("Mask: lit is played anew", (RIGHT, 144, 162, 18), fontsize=9.5, textcolor=DARK)


def _tabs_and_dials(parts: Parts, home: Home) -> None:
    sheet = parts.sheet
    words = ("off", "beat", "bar")
    text = "Record waits for the beat or bar while the transport runs; the loop is then whole beats or bars long."
    parts.buttons["Preset"] = sheet.control("live.tab", (MIDDLE, 8, 150, 18), **preset_tab())
    parts.buttons["Quantise"] = sheet.control("live.tab", (MIDDLE + 156, 8, 106, 18), **tab("Quantise", words, text, 2))
    text = "What is varied: the loop as it was played in, or the take that is heard."
    parts.buttons["Source"] = sheet.control(
        "live.tab", (MIDDLE + 268, 8, 88, 18), **tab("Source", ("loop", "take"), text)
    )
    for text, x, width in (("Preset", 0, 150), ("Record waits for", 156, 106), ("Vary", 268, 88)):
        sheet.note(text, (MIDDLE + x, 27, width, 16), fontsize=9.0, textjustification=1, textcolor=DARK)
    for index, name in enumerate(DIALS):
        row, column = divmod(index, len(PROMPT_DIALS))
        place = dial_place(MIDDLE + column * DIAL_STEP, 46 + row * 60)
        parts.dials[name] = sheet.control("live.dial", place, **setting_dial(name))
    column = MIDDLE + len(PROMPT_DIALS) * DIAL_STEP
    level = percent_dial("Level", "How loud the slot is.", 100.0)
    dry = percent_dial("Dry", "How much of what comes in goes straight out.", 100.0 if home.is_device else 0.0)
    parts.buttons["Level"] = sheet.control("live.dial", dial_place(column, 46), **level)
    parts.buttons["Dry"] = sheet.control("live.dial", dial_place(column, 106), **dry)


def _inner(parts: Parts, home: Home) -> None:
    built = {
        "grid": build_grid(),
        "recorder": build_recorder(home),
        "players": build_players(home),
        "shelf": build_shelf(home),
        "writer": build_writer(home),
        "names": build_names(home),
        "takes": build_list(),
        "source": build_source(),
        "state": build_state(),
        "presets": build_presets(),
        "ask": build_ask(home),
        "mask": build_mask(home),
    }
    parts.inner |= {name: parts.sheet.sub(name, inner) for name, inner in built.items()}


def _wire_replies(parts: Parts, replies: Box, home: Home) -> None:
    sheet, inner, buttons = parts.sheet, parts.inner, parts.buttons
    state = inner["state"]
    kinds = sheet.add("route port folder online mask")
    sheet.wire(replies, kinds)
    sheet.wire(Port(kinds, 0), Port(inner["names"], 1))
    sheet.wire(Port(kinds, 1), inner["names"])
    online = sheet.add("gate 2 1")
    sheet.chain(Port(kinds, 2), sheet.add("+ 1"), online)
    sheet.wire(Port(kinds, 3), Port(inner["mask"], 2))
    sheet.wire(Port(kinds, 4), Port(state, 1))
    parts.seen["online"] = online
    parts.say(Port(online, 0), "the server does not answer: see on the left")
    sheet.wire(Port(state, 2), parts.seen["bar"])
    sheet.wire(Port(state, 3), parts.seen["status"])
    sheet.chain(Port(state, 4), sheet.add("t 0"), buttons["Auto"])
    sheet.chain(Port(state, 5), sheet.add(f"t {home.slot}"), sheet.add("prepend /vamp/cancel"), parts.out)


def _wire_recording(parts: Parts, audio_in: tuple[Box, Box]) -> None:
    sheet, inner = parts.sheet, parts.inner
    grid, recorder, players = inner["grid"], inner["recorder"], inner["players"]
    sheet.wire(_once_loaded(sheet, parts.buttons["Record"]), grid)
    sheet.wire(parts.buttons["Quantise"], Port(grid, 1))
    sheet.wire(Port(grid, 0), recorder)
    sheet.wire(Port(grid, 1), Port(recorder, 1))
    tempo = sheet.add("float")
    sheet.wire(Port(grid, 2), Port(tempo, 1))
    parts.say(Port(grid, 3), "waiting for the beat")
    for channel, signal in enumerate(audio_in):
        sheet.wire(signal, Port(recorder, 2 + channel))
    forget = sheet.add("t b b b -1")
    sheet.wire(Port(recorder, 0), forget)
    parts.say(Port(recorder, 0), "recording")
    sheet.wire(parts.buttons["Clear"], forget)
    parts.say(parts.buttons["Clear"], "Record a loop")
    sheet.wire(Port(forget, 3), Port(players, 2))
    sheet.wire(Port(forget, 2), Port(inner["state"], 2))
    sheet.wire(Port(forget, 1), Port(inner["source"], 5))
    sheet.wire(Port(forget, 0), Port(inner["takes"], 3))

    closed = sheet.add("t b 0 f f")
    sheet.wire(Port(recorder, 1), closed)
    sheet.wire(Port(closed, 3), Port(inner["writer"], 1))
    sheet.wire(Port(closed, 2), players)
    sheet.wire(Port(closed, 1), Port(players, 2))
    sheet.chain(Port(closed, 0), tempo, Port(inner["ask"], 5))
    sheet.wire(Port(recorder, 2), Port(inner["names"], 2))
    write = sheet.add("t b l")
    sheet.wire(inner["names"], write)
    sheet.wire(Port(write, 1), Port(inner["writer"], 2))
    sheet.wire(Port(write, 0), inner["writer"])
    sheet.wire(Port(inner["names"], 1), Port(inner["ask"], 4))
    parts.say(Port(inner["names"], 2), "choose a folder on the left and record again")
    sheet.chain(Port(recorder, 3), sheet.add("t 0"), parts.buttons["Record"])


def _once_loaded(sheet: Sheet, record: Box) -> Box:
    """Lets Record through, but not while a set is loading that was saved while it was on: it is turned off then."""
    is_loaded, loaded = sheet.add("gate 1 0"), sheet.add("t 1 b")
    sheet.wire(record, Port(is_loaded, 1))
    sheet.chain(sheet.add("loadbang"), sheet.add(f"delay {LOADED_MS}"), loaded)
    sheet.chain(Port(loaded, 1), sheet.message("set 0"), record)
    sheet.wire(Port(loaded, 0), is_loaded)
    return is_loaded


def _wire_takes(parts: Parts, home: Home) -> None:
    sheet, inner = parts.sheet, parts.inner
    takes, players, source, shelf = inner["takes"], inner["players"], inner["source"], inner["shelf"]
    sheet.wire(Port(takes, 0), parts.seen["menu"])
    sheet.wire(parts.seen["menu"], Port(takes, 1))
    sheet.wire(parts.buttons["Undo"], Port(takes, 2))
    sheet.wire(inner["state"], takes, Port(inner["mask"], 3))
    sheet.wire(Port(takes, 1), shelf, Port(source, 3))
    sheet.chain(Port(takes, 2), sheet.add("t 0"), Port(players, 1))
    sheet.wire(Port(takes, 3), Port(source, 4))
    sheet.wire(shelf, Port(players, 1))
    sheet.wire(inner["writer"], Port(source, 2))
    heard = sheet.add("t i i")
    sheet.wire(Port(players, 2), heard)
    sheet.wire(Port(heard, 1), Port(shelf, 1))
    turn = sheet.add("sel 0 1 2")
    sheet.wire(Port(heard, 0), turn)
    show = sheet.add("prepend set")
    sheet.wire(show, parts.seen["wave"])
    buffers = [sheet.add(f"t {home.unique(name)}") for name in ("file", *PLAYERS[1:])]
    for index, name in enumerate(buffers):
        sheet.chain(Port(turn, index), name, show)
    sheet.wire(inner["writer"], loaded := sheet.add("t b b"))
    sheet.chain(Port(loaded, 1), buffers[0])
    parts.say(Port(loaded, 0), "ready: press Vamp")
    wish = sheet.add("t b")
    again = sheet.add("gate 1 0")
    sheet.wire(parts.buttons["Auto"], again)
    for index in (1, 2):
        sheet.wire(Port(turn, index), Port(again, 1))
        parts.say(Port(turn, index), "a take is heard")
    sheet.chain(again, wish)
    sheet.chain(parts.buttons["Auto"], sheet.add("sel 1"), wish)
    sheet.wire(parts.buttons["Vamp"], wish)
    sheet.wire(wish, Port(parts.seen["online"], 1))
    sheet.wire(Port(parts.seen["online"], 1), source)


def _wire_asking(parts: Parts) -> None:
    sheet, inner, buttons = parts.sheet, parts.inner, parts.buttons
    ask, source, mask = inner["ask"], inner["source"], inner["mask"]
    sheet.wire(buttons["Source"], Port(source, 1))
    sheet.wire(Port(source, 0), Port(ask, 3))
    sheet.wire(Port(source, 1), ask)
    parts.say(Port(source, 2), "record a loop first")
    sheet.wire(buttons["Preset"], inner["presets"], Port(ask, 1))
    sheet.wire(buttons["Draw"], Port(ask, 2))
    for index, dial in enumerate(parts.dials.values()):
        sheet.wire(Port(inner["presets"], index), dial)
        sheet.wire(dial, Port(ask, 7 + index))
        sheet.wire(Port(ask, 3), dial)
    sheet.wire(Port(ask, 0), parts.out)
    sheet.wire(Port(ask, 1), inner["state"])
    sheet.wire(Port(ask, 2), mask)
    sheet.wire(Port(mask, 0), parts.out)
    sheet.wire(Port(mask, 1), parts.seen["grid"])
    sheet.wire(Port(parts.seen["grid"], 1), Port(mask, 1))
    last = sheet.add("int -1")
    told = sheet.add("expr $i1 * $i2 + $i2 - 1")  # the seed while it is kept, else -1
    each = sheet.add("t b i")
    sheet.chain(Port(inner["state"], 1), last, told, Port(ask, 6))
    sheet.wire(buttons["Keep seed"], each)
    sheet.wire(Port(each, 1), Port(told, 1))
    sheet.wire(Port(each, 0), last)


def _wire_levels(parts: Parts, audio_in: tuple[Box, Box], audio_out: tuple[Box, Box]) -> None:
    sheet, players = parts.sheet, parts.inner["players"]
    level = sheet.add("expr $f1 / 100. * (1 - $i2)")
    again = sheet.add("t b i")
    sheet.wire(parts.buttons["Mute"], again)
    sheet.wire(Port(again, 1), Port(level, 1))
    sheet.wire(Port(again, 0), parts.buttons["Level"])
    sheet.chain(parts.buttons["Level"], level, Port(players, 3))
    dry = sheet.add("line~ 0.")
    sheet.chain(parts.buttons["Dry"], sheet.add("/ 100."), sheet.add("pack 0. 20"), dry)
    for channel, (signal, outlet) in enumerate(zip(audio_in, audio_out, strict=True)):
        direct = sheet.add("*~ 0.")
        sheet.wire(signal, direct)
        sheet.wire(dry, Port(direct, 1))
        sheet.wire(direct, outlet)
        sheet.wire(Port(players, channel), outlet)
