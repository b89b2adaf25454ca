"""The files of the package: the patch of three slots, its parts, help, the launcher, and the device for Live."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any, Final

from py2max.core.box import Box
from py2max.m4l import ensure_amxd_project_block, pack_amxd

from .link import build_link
from .sheet import Port, Sheet
from .slot import build_slot
from .words import HEIGHT, IN_LIVE, IN_MAX, LINK_WIDTH, SLOT_WIDTH

PACKAGE: Final = "Vampbridge"
LINK_FILE: Final = "vampbridge.link.maxpat"
SLOT_FILE: Final = "vampbridge.slot.maxpat"
MAIN_FILE: Final = "vampbridge.maxpat"
N_SLOTS: Final = 3
WIDTH: Final = LINK_WIDTH + SLOT_WIDTH
BUILT: Final = 3_850_000_000  # seconds since 1904: files built twice from the same table must be the same

STEPS: Final = (
    "1  In a terminal, and leave it running: vampbridge serve --allow FOLDER",
    "2  Click Folder… and choose the same folder. The light turns green.",
    "3  Turn audio on. Click Record, play, click Record again: the loop plays.",
    "4  Click Vamp. Where the loop begins again, the variation takes over.",
    "What goes wrong is said at the bottom left, in the slot, and in the Max console.",
)


def package_files() -> dict[str, bytes]:
    """Every built file of the package by its path in it."""
    link, slot = build_link(IN_MAX), build_slot(IN_MAX)
    main = build_main(link, slot)
    return {
        f"patchers/{MAIN_FILE}": _json(main.finish(width=WIDTH, height=N_SLOTS * HEIGHT)),
        f"patchers/{LINK_FILE}": _json(link.finish(width=LINK_WIDTH, height=HEIGHT)),
        f"patchers/{SLOT_FILE}": _json(slot.finish(width=SLOT_WIDTH, height=HEIGHT)),
        "help/vampbridge.maxhelp": _json(build_help(link, slot).finish(width=WIDTH, height=HEIGHT + 170)),
        f"extras/Open {PACKAGE}.maxpat": _json(build_launcher().finish(width=300, height=80)),
        f"patchers/{PACKAGE}.amxd": device_bytes(build_device()),
        "package-info.json": package_info(),
    }


def build_main(link: Sheet, slot: Sheet) -> Sheet:
    """Three slots beside the link, which they share."""
    sheet = Sheet("vampbridge")
    sheet.control(
        "panel", (0, HEIGHT, LINK_WIDTH, (N_SLOTS - 1) * HEIGHT), bgcolor=[0.2, 0.21, 0.23, 1.0], rounded=0, mode=0,
        background=1,
    )  # fmt: skip
    seen = sheet.file_window(LINK_FILE, link, (0, 0, LINK_WIDTH, HEIGHT))
    white = [0.93, 0.93, 0.93, 1.0]
    sheet.note("Audio", (56, HEIGHT + 20, 90, 20), fontsize=12.0, textcolor=white)
    dac = sheet.control("ezdac~", (6, HEIGHT + 8, 44, 44))
    text = "Inputs 1 and 2 are recorded. Every slot keeps its own settings, loop and takes."
    sheet.note(text, (6, HEIGHT + 60, 144, 60), fontsize=10.0, linecount=4, textcolor=white)
    sound_in = sheet.add("adc~ 1 2")
    numbers = " ".join(str(number) for number in range(1, N_SLOTS + 1))
    to_slots = sheet.add(f"route {numbers}")
    sheet.wire(seen, to_slots)
    for index in range(N_SLOTS):
        place = (LINK_WIDTH, index * HEIGHT, SLOT_WIDTH, HEIGHT - (index < N_SLOTS - 1))
        one = sheet.file_window(SLOT_FILE, slot, place, [index + 1])
        _join(sheet, seen, one, replies=Port(to_slots, index), sound=(sound_in, dac))
    _keep_folder(sheet, seen)
    return sheet


def build_device() -> Sheet:
    """The audio effect for Live: one slot and its link, both inside."""
    sheet = Sheet(PACKAGE)
    seen = sheet.window(build_link(IN_LIVE), (0, 0, LINK_WIDTH, HEIGHT))
    one = sheet.window(build_slot(IN_LIVE), (LINK_WIDTH, 0, SLOT_WIDTH, HEIGHT))
    sound_in, sound_out = sheet.add("plugin~"), sheet.add("plugout~")
    mine = sheet.add("route 1")
    sheet.wire(seen, mine)
    _join(sheet, seen, one, replies=Port(mine), sound=(sound_in, sound_out))
    _keep_folder(sheet, seen)
    return sheet


def _join(sheet: Sheet, link: Box, slot: Box, *, replies: Port, sound: tuple[Box, Box]) -> None:
    """A slot at its link: its own replies and those to all, its messages, and two channels of sound in and out."""
    sheet.wire(replies, slot)
    sheet.wire(Port(link, 1), slot)
    sheet.wire(slot, link)
    sound_in, sound_out = sound
    for channel in range(2):
        sheet.wire(Port(sound_in, channel), Port(slot, 1 + channel))
        sheet.wire(Port(slot, 1 + channel), Port(sound_out, channel))


def _keep_folder(sheet: Sheet, seen: Box) -> None:
    """The folder is stored with the patch, or with the set."""
    valueof = {
        "parameter_longname": "Folder",
        "parameter_shortname": "Folder",
        "parameter_type": 3,
        "parameter_invisible": 1,
    }
    kept = sheet.add(
        "pattr folder @autorestore 1",
        saved_object_attributes={"parameter_enable": 1, "parameter_mappable": 0},
        saved_attribute_attributes={"valueof": valueof},
        parameter_enable=1,
        varname="folder",
    )
    sheet.wire(Port(seen, 2), kept)
    # An empty pattr says bang or 0 when it is loaded: only a path passes. It is a single symbol, spaces and all.
    path = sheet.add("route bang int float symbol")
    sheet.wire(kept, path)
    sheet.wire(Port(path, 3), Port(seen, 1))
    sheet.wire(Port(path, 4), Port(seen, 1))


def build_help(link: Sheet, slot: Sheet) -> Sheet:
    """A slot that works, with the way to the first vamp above it."""
    sheet = Sheet("vampbridge.maxhelp")
    sheet.note("vampbridge", (10, 8, 300, 30), fontsize=20.0, fontface=1)
    sheet.note("Play a loop, and hear it come back as a new variation of itself.", (10, 40, 600, 20))
    for index, text in enumerate(STEPS):
        sheet.note(text, (10, 64 + 19 * index, 700, 20))
    seen = sheet.file_window(LINK_FILE, link, (0, 170, LINK_WIDTH, HEIGHT))
    one = sheet.file_window(SLOT_FILE, slot, (LINK_WIDTH, 170, SLOT_WIDTH, HEIGHT), [1])
    dac = sheet.control("ezdac~", (WIDTH - 60, 100, 44, 44))
    sound_in = sheet.add("adc~ 1 2")
    mine = sheet.add("route 1")
    sheet.wire(seen, mine)
    _join(sheet, seen, one, replies=Port(mine), sound=(sound_in, dac))
    _keep_folder(sheet, seen)
    return sheet


def build_launcher() -> Sheet:
    """What Max's Extras menu opens: it opens the patch, or brings it to the front."""
    sheet = Sheet("launcher")
    sheet.note("Vampbridge opens in its own window.", (10, 10, 280, 20))
    control = sheet.add("pcontrol")
    sheet.chain(sheet.add(f"loadmess loadunique {MAIN_FILE}"), control)
    hint = "Open the patch with three slots."
    again = sheet.control("textbutton", (10, 40, 120, 22), text="Open again", hint=hint, annotation=hint)
    sheet.chain(again, sheet.message(f"loadunique {MAIN_FILE}"), control)
    return sheet


def device_bytes(device: Sheet) -> bytes:
    """The .amxd file of a device."""
    made = device.finish(width=WIDTH, height=HEIGHT)
    made["patcher"]["devicewidth"] = float(WIDTH)
    ensure_amxd_project_block(made, device_type="audio_effect", mtime=BUILT)
    return pack_amxd(
        json.dumps(made, indent=1), device_type="audio_effect", patcher_filename=f"{PACKAGE}.maxpat", mtime=BUILT
    )


def package_info() -> bytes:
    """package-info.json, which Max's package manager reads."""
    info = {
        "name": PACKAGE,
        "displayname": PACKAGE,
        "version": version("vampbridge"),
        "author": "The Vampbridge authors",
        "authors": ["The Vampbridge authors"],
        "description": "Plays a loop back as a new variation of itself, in time.",
        "tags": ["audio", "looper", "osc", "vampnet", "generative"],
        "website": "",
        "extends": "",
        "extensible": 0,
        "max_version_min": "8.5.0",
        "max_version_max": "none",
        "os": {"macintosh": {"platform": ["x64", "aarch64"]}, "windows": {"platform": ["x64"]}},
        "homepatcher": MAIN_FILE,
        "package_extra": {"copyright": "MIT licence"},
    }
    return _json(info)


def _json(made: dict[str, Any]) -> bytes:
    return (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
