"""Makes Open Stage Control's session from the protocol table: `python -m vampbridge.bridge.open_stage_control [FILE]`.

Every verb is a button, every dial a fader, switch or input with the table's range, default and unit; what the server
tells comes back to the same widgets. Widget types and properties are those of Open Stage Control 1.25.2 and later.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ..engine.settings import SHARE, Range
from .live_protocol import CLOCK_SET, LIVE_IN, LOOPER_SET, SLOT, SLOT_SET, SLOT_VAMP, slot_address
from .looper.verbs import VERBS
from .message_spec import Argument, Message

Widget = dict[str, Any]

DEFAULT_FILE: Final = Path("controllers/open-stage-control/vampbridge.json")
FORMAT_VERSION: Final = "1.25.2"  # in 1.25.0 scripts could not set widgets
N_SLOTS: Final = 4
MAX_STEPS: Final = 129  # a fader of whole numbers has a step for each; wider ranges are typed
WIDE: Final = 1000  # a fader over more than this could not be set by hand
ROW: Final = 32  # height of a line, in the session's pixels
LABEL: Final = 150  # width of the name beside a dial

# What comes in several arguments is taken apart by a script, and shown by a text of its own.
_STATE_SCRIPT: Final = """\
var seconds = value[2] > 0 ? ' ' + value[2].toFixed(2) + ' s' : '';
var next = value[1] !== value[0] ? ' > ' + value[1] : '';
set('state_{slot}', value[0].replace('_', ' ') + next.replace('_', ' ') + seconds, {{send: false}});
set('layers_{slot}', 'undo ' + value[4] + ', redo ' + value[5], {{send: false}});
"""
_PROGRESS_SCRIPT: Final = "set('bar_{slot}', value[1], {{send: false}});"
_HEARD_SCRIPT: Final = "set('bar_{slot}', 0, {{send: false}}); set('take_{slot}', 'take ' + value[0], {{send: false}});"
_ERROR_SCRIPT: Final = "set('told', value[1] + ': ' + value[2], {send: false});"
_LOG_SCRIPT: Final = "set('told', value, {send: false});"
_NOBODY: Final = "not connected: see docs/controllers.md"
_GREETED_SCRIPT: Final = (
    f"if (get('told') === '{_NOBODY}') "
    "set('told', 'connected: Vampbridge ' + value[0] + ', bundle ' + value[4], {send: false});"
)
# Said again now and then: it keeps the lease, and finds a server that was started anew.
_HELLO_SCRIPT: Final = """\
var greet = function() { send('/vamp/hello'); send('/vamp/subscribe', 1); };
greet();
setInterval('lease', greet, 10000);
"""
# A word as a string, digits as a double, which holds long seeds: typeTags would make strings of both, and an inferred
# number would be a float. Only what was typed here is sent.
_TYPED_SCRIPT: Final = (
    "send('{address}', typeof value === 'number' ? {{type: 'd', value: value}} : {{type: 's', value: String(value)}});"
)


def session(n_slots: int = N_SLOTS) -> dict[str, Any]:
    """The whole session, as Open Stage Control saves it.

    Args:
        n_slots: Of the surface; `vampbridge live` may have more.
    """
    slots = range(n_slots)
    tabs = [
        _tab("loops", [_columns("loops_all", [_slot_panel(slot) for slot in slots])]),
        *(_tab(f"vary {slot + 1}", [_dials_panel(SLOT_VAMP, slot)]) for slot in slots),
        _tab("looper and clock", [_columns("looper_clock", [_looper_panel(), _clock_panel()])]),
    ]
    told = _text("told", height=ROW, align="left", default=_NOBODY)
    content = {
        "type": "root",
        "id": "root",
        "layout": "vertical",
        "innerPadding": False,
        "scroll": False,
        "onCreate": _HELLO_SCRIPT,
        "widgets": [
            {"type": "panel", "id": "tabs", "expand": True, "tabs": tabs},
            told,
            _variable("hear_error", "/vamp/error", _ERROR_SCRIPT),
            _variable("hear_hello", "/vamp/hello", _GREETED_SCRIPT),
            _variable("hear_log", "/vamp/log", _LOG_SCRIPT),
        ],
    }
    head = {"createdWith": "Open Stage Control", "version": FORMAT_VERSION, "type": "session"}
    return {**head, "content": content}


def _slot_panel(slot: int) -> Widget:
    number = slot + 1
    state = _variable(f"hear_state_{number}", slot_address(SLOT + "state", slot), _STATE_SCRIPT.format(slot=number))
    progress = slot_address(SLOT + "progress", slot)
    heard = slot_address(SLOT + "heard", slot)
    bar = _fader(f"bar_{number}", "", Range(float, 0, 1, SHARE, ""), 0.0)
    told = [
        _text(f"name_{number}", height=ROW, default=f"loop {number}"),
        _text(f"state_{number}", height=2 * ROW, default="off", wrap="soft"),
        {**bar, "bypass": True, "interaction": False, "address": f"/bar_{number}", "height": ROW // 2},
        _text(f"take_{number}", height=ROW),
        _text(f"layers_{number}", height=ROW),
    ]
    grid = {
        **_panel(f"verbs_{number}", "grid", [_button(slot, verb) for verb in VERBS]),
        "gridTemplate": 2,
        "height": ROW * 12,
    }
    hidden = [
        state,
        _variable(f"hear_progress_{number}", progress, _PROGRESS_SCRIPT.format(slot=number)),
        _variable(f"hear_heard_{number}", heard, _HEARD_SCRIPT.format(slot=number)),
    ]
    return _panel(f"slot_{number}", "vertical", [*told, grid, *_dials(SLOT_SET, slot), *hidden])


def _button(slot: int, verb: str) -> Widget:
    return {
        "type": "button",
        "id": f"{verb}_{slot + 1}",
        "label": verb.replace("_", " "),
        "mode": "push",  # 1 when it is pressed, 0 when it is let go, which the server expects of buttons
        "on": 1,
        "off": 0,
        "address": slot_address(SLOT + verb, slot),
        "typeTags": "i",
        "comments": VERBS[verb],
    }


def _dials_panel(prefix: str, slot: int) -> Widget:
    return {**_panel(f"vary_{slot + 1}", "vertical", _dials(prefix, slot)), "expand": True}


def _looper_panel() -> Widget:
    return _panel("looper", "vertical", _dials(LOOPER_SET))


def _clock_panel() -> Widget:
    buttons = [
        {
            "type": "button",
            "id": f"clock_{word}",
            "label": word,
            "mode": "push",
            "address": f"/vamp/clock/{word}",
            "typeTags": "i",
            "height": ROW * 2,
        }
        for word in ("tap", "start", "stop")
    ]
    return _panel("clock", "vertical", [*_dials(CLOCK_SET), *buttons])


def _dials(prefix: str, slot: int = 0) -> list[Widget]:
    """A line for each dial of the table below an address."""
    return [_dial(message, slot) for message in LIVE_IN if message.address.startswith(prefix)]


def _dial(message: Message, slot: int) -> Widget:
    (argument,) = message.arguments
    address = slot_address(message.address, slot)
    name = message.address.rpartition("/")[2]
    stem = address.removeprefix("/vamp/").replace("/", "_")
    control = {**_control(stem, argument, address), "address": address, "comments": argument.help, "expand": True}
    unit = argument.range.unit if argument.range is not None and argument.range.unit not in {"", SHARE} else ""
    label = f"{name.replace('_', ' ')} ({unit})" if unit and not name.endswith(f"_{unit}") else name.replace("_", " ")
    line = [_text(f"{stem}_name", width=LABEL, align="left", default=label), control]
    if control["type"] == "fader":
        line.append({**_text(f"{stem}_value", width=70), "value": f"@{{{stem}.value}}"})
    return {**_panel(f"{stem}_line", "horizontal", line), "height": ROW, "alphaStroke": 0}


def _control(stem: str, argument: Argument, address: str) -> Widget:
    """The widget that suits a range."""
    limits = argument.range
    if limits is None:
        raise TypeError(f"{argument.name} is a dial without a range")
    if limits.kind is bool:
        on = {"type": "button", "id": stem, "label": "on", "mode": "toggle", "typeTags": "i"}
        return {**on, "default": int(bool(argument.default))}
    if limits.choices:
        values = {choice: choice for choice in limits.choices}
        return {"type": "switch", "id": stem, "layout": "horizontal", "values": values, "default": argument.default}
    span = (limits.high or 0) - (limits.low or 0)
    if limits.optional:
        typed = {"type": "input", "id": stem, "bypass": True, "onValue": _TYPED_SCRIPT.format(address=address)}
        return {**typed, "default": argument.default}
    if span > WIDE:
        return {"type": "input", "id": stem, "typeTags": _tags(limits), "numeric": True, "default": argument.default}
    return _fader(stem, _tags(limits), limits, argument.default)


def _fader(stem: str, tags: str, limits: Range, default: object) -> Widget:
    made = {
        "type": "fader",
        "id": stem,
        "design": "compact",
        "horizontal": True,
        "range": {"min": limits.low, "max": limits.high},
        "default": default,
        "doubleTap": True,
        "decimals": 0 if limits.kind is int else 3,
    }
    span = round((limits.high or 0) - (limits.low or 0)) + 1
    if limits.kind is int and span <= MAX_STEPS:
        made["steps"] = span
    return {**made, "typeTags": tags} if tags else made


def _tags(limits: Range) -> str:
    return "i" if limits.kind is int else "f"


def _text(stem: str, **properties: object) -> Widget:
    return {"type": "text", "id": stem, "bypass": True, **properties}


def _variable(stem: str, address: str, script: str) -> Widget:
    return {"type": "variable", "id": stem, "address": address, "bypass": True, "onValue": script}


def _panel(stem: str, layout: str, widgets: Iterable[Widget]) -> Widget:
    return {"type": "panel", "id": stem, "layout": layout, "widgets": list(widgets)}


def _columns(stem: str, widgets: Iterable[Widget]) -> Widget:
    columns = [{**widget, "expand": True} for widget in widgets]
    return {**_panel(stem, "horizontal", columns), "expand": True, "innerPadding": False}


def _tab(name: str, widgets: Iterable[Widget]) -> Widget:
    stem = "tab_" + name.replace(" ", "_")
    return {"type": "tab", "id": stem, "label": name, "layout": "vertical", "widgets": list(widgets)}


def render() -> str:
    """The session, as JSON."""
    return json.dumps(session(), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Write the session to the file named, or to its place below the current folder."""
    parser = argparse.ArgumentParser(description="Write the Open Stage Control session from the protocol table.")
    parser.add_argument("file", type=Path, nargs="?", default=DEFAULT_FILE, help="file to write (default: %(default)s)")
    parser.parse_args(arguments).file.write_text(render(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
