"""What the files of the Max package promise: built from the table, whole, of stock objects only, laid out with care."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from py2max import Patcher
from py2max.lint import lint
from py2max.m4l import pack_amxd, read_amxd, unpack_amxd
from py2max.maxref import get_object_info
from py2max.maxref.aliases import ALIASES
from vampbridge.bridge.protocol import INCOMING, LIVE_MESSAGES, OWN_MESSAGES, SET_PREFIX
from vampbridge.engine.settings import DEFAULT_PRESET, PRESETS, RANGES, preset
from vampbridge.max_patches.building.parameters import DIALS
from vampbridge.max_patches.building.patches import package_files
from vampbridge.max_patches.building.picture import device_picture, main_picture, number_text
from vampbridge.max_patches.building.words import HEIGHT, LINK_WIDTH, SLOT_WIDTH
from vampbridge.max_patches.place import PACKAGE_FOLDER

ROOT = Path(__file__).resolve().parent.parent
PATCHERS = PACKAGE_FOLDER / "patchers"
FILES = sorted(path for path in PACKAGE_FOLDER.rglob("*") if path.suffix in {".maxpat", ".maxhelp", ".amxd"})
REGENERATE = (
    "run `python -m vampbridge.max_patches.building.build && python -m vampbridge.max_patches.building.picture`"
)
NOT_STOCK = {"js", "jsui", "v8", "v8ui", "node.script", "mxj", "fluid.list2buf~"}

Box = dict[str, Any]


def read(path: Path) -> dict[str, Any]:
    if path.suffix == ".amxd":
        return read_amxd(path)[0]["patcher"]
    return json.loads(path.read_text(encoding="utf-8"))["patcher"]


def levels(patcher: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield patcher
    for wrapped in patcher["boxes"]:
        if "patcher" in wrapped["box"]:
            yield from levels(wrapped["box"]["patcher"])


def boxes(path: Path) -> Iterator[Box]:
    for level in levels(read(path)):
        yield from (wrapped["box"] for wrapped in level["boxes"])


def name_of(box: Box) -> str:
    return box["text"].split()[0] if box["maxclass"] == "newobj" else box["maxclass"]


SLOT = read(PATCHERS / "vampbridge.slot.maxpat")


def parameters(patcher: dict[str, Any]) -> dict[str, Box]:
    found = [wrapped["box"] for level in levels(patcher) for wrapped in level["boxes"]]
    return {
        box["saved_attribute_attributes"]["valueof"]["parameter_longname"]: box
        for box in found
        if "saved_attribute_attributes" in box
    }


@pytest.fixture(scope="module")
def built() -> dict[str, bytes]:
    return package_files()


def test_the_committed_files_are_those_that_the_table_gives(built: dict[str, bytes]) -> None:
    assert [name for name, content in built.items() if (PACKAGE_FOLDER / name).read_bytes() != content] == [], (
        REGENERATE
    )
    assert {path.relative_to(PACKAGE_FOLDER).as_posix() for path in FILES} <= set(built)


def test_the_pictures_are_those_of_the_patches() -> None:
    pictures = ROOT / "docs" / "pictures"
    assert (pictures / "max-patch.svg").read_text(encoding="utf-8") == main_picture(), REGENERATE
    assert (pictures / "live-device.svg").read_text(encoding="utf-8") == device_picture(), REGENERATE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_py2max_finds_no_error(path: Path) -> None:
    findings = lint(Patcher.from_file(path))
    serious = {"W-UNKNOWN-OBJECT", "W-PORT-ORDER", "W-OVERLAP"}
    assert [str(f) for f in findings if f.severity == "error" or f.code in serious] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_box_is_a_stock_object_and_connected(path: Path) -> None:
    alone = {"comment", "panel", "buffer~"}
    for level in levels(read(path)):
        ends = {end[0] for wrapped in level["lines"] for end in wrapped["patchline"].values() if isinstance(end, list)}
        for box in (wrapped["box"] for wrapped in level["boxes"]):
            name = name_of(box)
            known = name in {"p", "bpatcher"} or get_object_info(ALIASES.get(name, name)) is not None
            assert known, f"{name} is no object of Max"
            assert name not in NOT_STOCK
            assert box["id"] in ends or name in alone or box.get("background"), f"{box.get('text', name)} hangs loose"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_cord_ends_in_ports_that_the_boxes_declare(path: Path) -> None:
    for level in levels(read(path)):
        by_id = {wrapped["box"]["id"]: wrapped["box"] for wrapped in level["boxes"]}
        for wrapped in level["lines"]:
            (source, outlet), (target, inlet) = wrapped["patchline"]["source"], wrapped["patchline"]["destination"]
            assert outlet < by_id[source]["numoutlets"]
            assert inlet < by_id[target]["numinlets"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_windows_have_as_many_ports_as_the_patch_in_them(path: Path) -> None:
    for box in boxes(path):
        if box["maxclass"] == "bpatcher" or box.get("text", "").startswith("p "):
            inner = box["patcher"] if "patcher" in box else read(PATCHERS / box["name"])
            kinds = [wrapped["box"]["maxclass"] for wrapped in inner["boxes"]]
            assert (box["numinlets"], box["numoutlets"]) == (kinds.count("inlet"), kinds.count("outlet"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_address_is_in_the_table(path: Path) -> None:
    sent_back = {message.address for message in OWN_MESSAGES + LIVE_MESSAGES if message.direction == "out"}
    for box in boxes(path):
        words = re.findall(r"(?<=\s)/[\w/-]+|^/[\w/-]+", box.get("text", "")) if box["maxclass"] != "comment" else []
        allowed = sent_back if name_of(box) == "route" else set(INCOMING)
        assert set(words) - {"/vampbridge-self"} <= allowed | {"/"}, box["text"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_text_that_is_shown_is_cut_at_a_comma(path: Path) -> None:
    # In a message box a bare comma ends the message; in an object box it must be escaped.
    for box in boxes(path):
        text = box.get("text", "")
        if box["maxclass"] == "message" and text.startswith("set "):
            assert not set(",;") & set(text), text
        elif box["maxclass"] == "newobj":
            assert not re.search(r"(?<!\\)[,;]", text), text


@pytest.mark.parametrize("name", DIALS)
def test_a_dial_has_the_range_unit_and_start_of_its_setting(name: str) -> None:
    (box,) = (box for box in parameters(SLOT).values() if box.get("varname") == name)
    valueof = box["saved_attribute_attributes"]["valueof"]
    limits = RANGES[name]
    assert (valueof["parameter_mmin"], valueof["parameter_mmax"]) == (limits.low, limits.high)
    assert valueof["parameter_initial"] == [getattr(preset(DEFAULT_PRESET), name)]
    assert limits.help in box["annotation"]
    assert limits.describe()[2:] in box["annotation"]
    if limits.kind is int and limits.high - limits.low < 256:
        assert valueof["parameter_type"] == 1
    assert SET_PREFIX + name in INCOMING
    unit_words = {"frames": "fr", "codebooks": "cb", "ms": "ms", "passes": "×", "rounds": "×"}
    assert unit_words.get(limits.unit, "") in number_text(valueof, 1)


def test_the_presets_are_those_of_the_engine() -> None:
    assert parameters(SLOT)["Preset"]["saved_attribute_attributes"]["valueof"]["parameter_enum"] == list(PRESETS)


@pytest.mark.parametrize("path", [PATCHERS / "vampbridge.slot.maxpat", PATCHERS / "Vampbridge.amxd"], ids=str)
def test_parameters_can_be_told_apart_and_are_explained(path: Path) -> None:
    found = [box for box in boxes(path) if box.get("parameter_enable") and box["maxclass"].startswith("live.")]
    names = [box["saved_attribute_attributes"]["valueof"]["parameter_longname"] for box in found]
    assert len(names) == len(set(names)) > len(DIALS)
    assert all(len(box["annotation"]) > 20 and box["annotation_name"] for box in found)


@pytest.mark.parametrize(
    ("name", "width"), [("vampbridge.slot.maxpat", SLOT_WIDTH), ("vampbridge.link.maxpat", LINK_WIDTH)]
)
def test_nothing_that_is_seen_overlaps_or_leaves_the_height_of_a_device(name: str, width: int) -> None:
    seen = [box for box in (w["box"] for w in read(PATCHERS / name)["boxes"]) if box.get("presentation")]
    rects = {box["id"]: box["presentation_rect"] for box in seen if not box.get("background")}
    for x, y, w, h in rects.values():
        assert all(float(number).is_integer() for number in (x, y, w, h))
        assert min(x, y) >= 0
        assert x + w <= width
        assert y + h <= HEIGHT
    for a, b in itertools.combinations(rects.values(), 2):
        apart = a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
        assert apart, (a, b)


def test_the_device_survives_reading_and_writing() -> None:
    data = (PATCHERS / "Vampbridge.amxd").read_bytes()
    text, kind = unpack_amxd(data)
    assert kind == "audio_effect"
    patcher = json.loads(text)["patcher"]
    stamp = patcher["project"]["modificationdate"]
    assert pack_amxd(text, device_type=kind, patcher_filename="Vampbridge.maxpat", mtime=stamp) == data
    assert patcher["openinpresentation"] == 1
    assert patcher["devicewidth"] == LINK_WIDTH + SLOT_WIDTH


def test_the_device_needs_no_other_file() -> None:
    found = list(boxes(PATCHERS / "Vampbridge.amxd"))
    windows = [box for box in found if box["maxclass"] == "bpatcher"]
    assert len(windows) == 2
    assert all(box["embed"] == 1 and "patcher" in box and "name" not in box for box in windows)


def test_names_are_unique_to_each_copy() -> None:
    named = ("buffer~ ", "record~ ", "wave~ ")
    for path, prefix in ((PATCHERS / "vampbridge.slot.maxpat", "#0"), (PATCHERS / "Vampbridge.amxd", "---")):
        names = [box["text"].split()[1] for box in boxes(path) if box.get("text", "").startswith(named)]
        assert len(names) == 8
        assert all(name.startswith(prefix) for name in names)
    assert not [box["text"] for box in boxes(PATCHERS / "Vampbridge.amxd") if re.search(r"#\d", box.get("text", ""))]


def test_the_port_is_opened_in_lives_main_thread() -> None:
    (text,) = (box["text"] for box in boxes(PATCHERS / "Vampbridge.amxd") if name_of(box) == "udpreceive")
    assert "@defer 1" in text


def test_the_package_says_what_it_is() -> None:
    info = json.loads((PACKAGE_FOLDER / "package-info.json").read_text(encoding="utf-8"))
    assert info["name"] == "Vampbridge"
    assert (PATCHERS / info["homepatcher"]).is_file()
    lower = [path.name.lower() for path in FILES]
    assert len(lower) == len(set(lower)), "Max finds patches by name, and most disks know no capitals"
