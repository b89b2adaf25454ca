"""Promises about the Open Stage Control session: it is the protocol table, and what it sends is accepted."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from vampbridge.bridge.live_protocol import CLOCK_SET, LIVE_IN, LOOPER_SET, SLOT, SLOT_SET, SLOT_VAMP
from vampbridge.bridge.live_replies import LIVE_OUT
from vampbridge.bridge.looper.verbs import VERBS
from vampbridge.bridge.open_stage_control import DEFAULT_FILE, N_SLOTS, main, render, session
from vampbridge.bridge.protocol import look_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Of the documented properties, those used here: https://openstagecontrol.ammd.net/docs/widgets/properties-reference/
EVERY = {"type", "id", "comments"}
PLACE = {"width", "height", "expand", "alphaStroke"}
OSC = {"address", "typeTags", "decimals", "bypass"}
BOX = {"layout", "innerPadding", "scroll", "gridTemplate"}
PROPERTIES = {
    "root": EVERY | BOX | {"widgets", "onCreate"},
    "panel": EVERY | PLACE | BOX | {"widgets", "tabs"},
    "tab": EVERY | BOX | {"widgets", "label"},
    "button": EVERY | PLACE | OSC | {"label", "mode", "on", "off", "default"},
    "fader": EVERY | PLACE | OSC | {"design", "horizontal", "range", "default", "doubleTap", "steps", "interaction"},
    "switch": EVERY | PLACE | OSC | {"layout", "values", "default"},
    "input": EVERY | PLACE | OSC | {"default", "numeric", "onValue"},
    "text": EVERY | PLACE | (OSC - {"typeTags"}) | {"default", "value", "align", "wrap"},
    "variable": EVERY | OSC | {"onValue"},
}
DIALS = (SLOT_SET, SLOT_VAMP, LOOPER_SET, CLOCK_SET)


def widgets_in(widget: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield widget
    for child in (*widget.get("widgets", ()), *widget.get("tabs", ())):
        yield from widgets_in(child)


@pytest.fixture(scope="module")
def widgets() -> list[dict[str, Any]]:
    return list(widgets_in(session()["content"]))


def test_the_session_is_that_of_the_table(repo_root: Path, tmp_path: Path) -> None:
    main([str(tmp_path / "session.json")])
    assert (tmp_path / "session.json").read_text(encoding="utf-8") == render()
    made = (repo_root / DEFAULT_FILE).read_text(encoding="utf-8")
    assert made == render(), "run `python -m vampbridge.bridge.open_stage_control`"
    head = json.loads(made)
    assert (head["type"], head["content"]["type"]) == ("session", "root")


def test_widgets_have_documented_properties_and_names_of_their_own(widgets: list[dict[str, Any]]) -> None:
    for widget in widgets:
        assert set(widget) <= PROPERTIES[widget["type"]], widget["id"]
        assert not (widget.get("widgets") and widget.get("tabs")), "a panel holds widgets or tabs"
    # Widgets of the same name would follow one another.
    assert [name for name, count in Counter(widget["id"] for widget in widgets).items() if count > 1] == []


def test_every_verb_and_every_dial_has_a_widget(widgets: list[dict[str, Any]]) -> None:
    there = {widget.get("address") for widget in widgets}
    for slot in range(1, N_SLOTS + 1):
        assert {SLOT.replace("<slot>", str(slot)) + verb for verb in VERBS} <= there
    dials = {message.address for message in LIVE_IN if message.address.startswith(DIALS)}
    assert {address.replace("<slot>", "2") for address in dials} <= there
    assert {"/vamp/error", "/vamp/log", "/vamp/slot/1/state"} <= there


def test_what_widgets_send_is_accepted(widgets: list[dict[str, Any]]) -> None:
    n_checked = 0
    for widget in widgets:
        if "address" not in widget or widget.get("bypass"):
            continue
        message, _ = look_up(widget["address"])
        for value in ends_of(widget):
            tag = "s" if isinstance(value, str) else widget["typeTags"]
            (checked,) = message.parse([int(value) if tag == "i" else value], tag).values()
            assert checked in {value, None}
            n_checked += 1
    assert n_checked > 500


def test_what_is_typed_is_sent_as_the_table_takes_it(widgets: list[dict[str, Any]]) -> None:
    typed = [widget for widget in widgets if widget["type"] == "input" and widget.get("bypass")]
    assert {widget["address"].rpartition("/")[2] for widget in typed} == {"seed"}
    for widget in typed:
        assert f"send('{widget['address']}'" in widget["onValue"]
        message, _ = look_up(widget["address"])
        for tag, value, wanted in (("d", 2.0**40 + 1, 2**40 + 1), ("s", "random", None)):
            assert f"type: '{tag}'" in widget["onValue"]
            assert list(message.parse([value], tag).values()) == [wanted]


SCRIPTS = """
const widgets = JSON.parse(require('fs').readFileSync(0));
const values = {told: widgets.told.default}, sent = [];
const get = (id) => values[id], set = (id, value) => { values[id] = value; };
const send = (...words) => sent.push(words), setInterval = (id, again, ms) => again();
const run = (script, value) => eval('(function(value) {' + script + '})')(value);
run(widgets.root.onCreate);
const before = values.told;
run(widgets.hear_hello.onValue, ['1.2', 1, 30, 4, 'default', 65507, 'live']);
const greeted = values.told;
run(widgets.hear_error.onValue, ['setting', '/vamp/set/seed', 'no', '']);
run(widgets.hear_hello.onValue, ['1.2', 1, 30, 4, 'default', 65507, 'live']);
run(widgets.hear_state_1.onValue, ['playing', 'wait_stop', 2.5, '', 3, 1, 0, 0]);
run(widgets.slot_1_vamp_set_seed.onValue, 7);
console.log(JSON.stringify({before, greeted, values, sent}));
"""


def test_scripts_do_what_they_say(widgets: list[dict[str, Any]]) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed: apt-get install nodejs")
    named = json.dumps({widget["id"]: widget for widget in widgets})
    done = subprocess.run([node, "-e", SCRIPTS], input=named, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["before"].startswith("not connected")
    assert told["greeted"] == "connected: Vampbridge 1.2, bundle default"
    assert told["values"]["told"] == "/vamp/set/seed: no"  # an error stays
    assert told["values"]["state_1"] == "playing > wait stop 2.50 s"
    assert told["sent"][:2] == [["/vamp/hello"], ["/vamp/subscribe", 1]]
    assert told["sent"][-1] == ["/vamp/slot/1/vamp/set/seed", {"type": "d", "value": 7}]


def ends_of(widget: dict[str, Any]) -> list[Any]:
    """What a widget can send at most, at least, and first."""
    if widget["type"] == "fader":
        span = widget["range"]["max"] - widget["range"]["min"]
        if "steps" in widget:
            assert span / (widget["steps"] - 1) == 1
        return [widget["range"]["min"], widget["range"]["max"], widget["default"]]
    if widget["type"] == "switch":
        assert widget["default"] in widget["values"].values()
        return list(widget["values"].values())
    return [widget["default"]] if widget["type"] == "input" else [0, 1]


def test_what_the_server_tells_is_listened_to_where_it_is_told(widgets: list[dict[str, Any]]) -> None:
    told = {message.address.replace("<slot>", "1"): message for message in LIVE_OUT}
    heard = {widget["address"]: widget["onValue"] for widget in widgets if widget["type"] == "variable"}
    for address, n_arguments in {"state": 8, "progress": 2, "heard": 2}.items():
        assert len(told[f"/vamp/slot/1/{address}"].arguments) == n_arguments  # a script counts them
        assert "value[" in heard[f"/vamp/slot/1/{address}"]


def test_scripts_name_widgets_that_there_are(widgets: list[dict[str, Any]]) -> None:
    names = {widget["id"] for widget in widgets}
    scripts = [widget["onValue"] for widget in widgets if "onValue" in widget]
    assert scripts
    for script in scripts:
        for part in script.split("set('")[1:]:
            assert part.split("'")[0] in names
    for widget in widgets:
        if widget.get("value"):
            assert widget["value"].removeprefix("@{").removesuffix(".value}") in names
