"""Draws a patch as it is seen in presentation mode: `python -m vampbridge.max_patches.building.picture`.

The source is the patch's own file.
Places, sizes, texts, units and colours are those of the patch; the look of Max's own controls is only suggested.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, Final

from ..place import PACKAGE_FOLDER
from .patches import MAIN_FILE, N_SLOTS, WIDTH, build_device
from .words import HEIGHT

FOLDER: Final = Path("docs/pictures")
INK, ACCENT, FIELD = "#25282c", "#3f7f9f", "#c9cbce"
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
LETTER = 0.52  # width of a letter in font sizes

Box = dict[str, Any]
Draw = Callable[[Box, float, float, float, float], Iterator[str]]


def main_picture() -> str:
    """The patch with three slots, as SVG."""
    patchers = PACKAGE_FOLDER / "patchers"
    main = json.loads((patchers / MAIN_FILE).read_text(encoding="utf-8"))["patcher"]
    return _svg(main, WIDTH, N_SLOTS * HEIGHT)


def device_picture() -> str:
    """The device as it is seen in Live, as SVG."""
    return _svg(build_device().finish(width=WIDTH, height=HEIGHT)["patcher"], WIDTH, HEIGHT)


def _svg(patcher: dict[str, Any], width: int, height: int) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    ground = _rect((0, 0, width, height), "#5a5d61")
    return "\n".join([head, ground, *_boxes(patcher, 0, 0), "</svg>", ""])


def _boxes(patcher: dict[str, Any], left: float, top: float) -> Iterator[str]:
    seen = [wrapped["box"] for wrapped in patcher["boxes"] if wrapped["box"].get("presentation")]
    for box in sorted(seen, key=lambda box: not box.get("background", 0)):
        x, y, w, h = box["presentation_rect"]
        if box["maxclass"] == "bpatcher":
            yield from _boxes(_inside(box), left + x, top + y)
        else:
            yield from DRAWN[box["maxclass"]](box, left + x, top + y, w, h)


def _inside(box: Box) -> dict[str, Any]:
    if "patcher" in box:
        inner: dict[str, Any] = box["patcher"]
        return inner
    loaded: dict[str, Any] = json.loads((PACKAGE_FOLDER / "patchers" / box["name"]).read_text(encoding="utf-8"))
    return dict(loaded["patcher"])


def _colour(value: list[float] | None, other: str) -> str:
    return other if value is None else "#" + "".join(f"{round(255 * part):02x}" for part in value[:3])


def _rect(place: tuple[float, float, float, float], fill: str, *, round_by: float = 0, line: str = "none") -> str:
    x, y, w, h = place
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{round_by:g}" fill="{fill}" stroke="{line}"/>'


def _text(text: str, at: tuple[float, float], size: float, *, fill: str = INK, anchor: str = "start") -> str:
    x, y = at
    look = f'font-family="{FONT}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" {look}>{escape(text)}</text>'


def _panel(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    yield _rect((x, y, w, h), _colour(box.get("bgcolor"), FIELD))


def _comment(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    del h
    size = box.get("fontsize", 12.0)
    line = ""
    lines = []
    for word in box["text"].split():
        if line and len(f"{line} {word}") * size * LETTER > w - 4:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    for number, text in enumerate([*lines, line]):
        at = y + size + 2 + number * size * 1.2
        ink = _colour(box.get("textcolor"), INK)
        if box.get("textjustification") == 1:
            yield _text(text, (x + w / 2, at), size, fill=ink, anchor="middle")
        else:
            yield _text(text, (x + 3, at), size, fill=ink)


def _led(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    fill = _colour(box.get("offcolor"), INK)
    yield f'<circle cx="{x + w / 2:g}" cy="{y + h / 2:g}" r="{w / 2 - 1:g}" fill="{fill}"/>'


def _button(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    yield _rect((x + 0.5, y + 0.5, w - 1, h - 1), "#f3f3f3", round_by=3, line="#8d9196")
    size = box.get("fontsize", 10.0)
    yield _text(box["text"], (x + w / 2, y + h / 2 + size * 0.36), size, anchor="middle")


def _wave(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    yield _rect((x, y, w, h), _colour(box.get("bgcolor"), INK))
    points = []
    for step in range(int(w)):
        beat = (step * 8 / w) % 1
        size = (math.exp(-4 * beat) * 0.85 + 0.05) * h / 2 * (0.7 + 0.3 * math.sin(step * 1.7))
        points.append(f"M{x + step:g} {y + h / 2 - size:.1f}V{y + h / 2 + size:.1f}")
    yield f'<path d="{" ".join(points)}" stroke="{_colour(box.get("waveformcolor"), ACCENT)}" fill="none"/>'


def _bar(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    yield _rect((x, y, w, h), _colour(box.get("bgcolor"), INK))


def _menu(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    yield _rect((x + 0.5, y + 0.5, w - 1, h - 1), "#f3f3f3", round_by=3, line="#8d9196")
    yield _text(box["items"][0], (x + 5, y + h / 2 + 3.5), box.get("fontsize", 10.0))
    yield f'<path d="M{x + w - 13:g} {y + 7:g}l4 5l4 -5z" fill="{INK}"/>'


def _tab(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    valueof = box["saved_attribute_attributes"]["valueof"]
    words = valueof["parameter_enum"]
    each = w / len(words)
    for index, word in enumerate(words):
        is_on = index == valueof["parameter_initial"][0]
        place = (x + index * each + 0.5, y + 0.5, each - 1, h - 1)
        yield _rect(place, "#f5b041" if is_on else "#f3f3f3", line="#8d9196")
        yield _text(word, (x + (index + 0.5) * each, y + h / 2 + 3.5), box.get("fontsize", 10.0), anchor="middle")


def _dial(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    valueof = box["saved_attribute_attributes"]["valueof"]
    value = valueof["parameter_initial"][0]
    low, high = valueof["parameter_mmin"], valueof["parameter_mmax"]
    yield _text(valueof["parameter_shortname"], (x + w / 2, y + 9), 9.5, anchor="middle")
    middle, height, radius = x + w / 2, y + 24, 11
    ends = [math.radians(130 + 280 * share) for share in (0, (value - low) / (high - low), 1)]
    start, now, end = [(middle + radius * math.cos(a), height + radius * math.sin(a)) for a in ends]
    yield _arc(start, end, radius, is_large=True, colour="#9a9da1")
    yield _arc(start, now, radius, is_large=ends[1] - ends[0] > math.pi, colour="#d98a1f")
    yield f'<path d="M{middle:g} {height:g}L{now[0]:.1f} {now[1]:.1f}" stroke="{INK}" stroke-width="1.5"/>'
    yield _text(number_text(valueof, value), (x + w / 2, y + h - 2), 9.5, anchor="middle")


def number_text(valueof: dict[str, Any], value: float) -> str:
    """A parameter's value as a dial writes it, unit included."""
    style = valueof.get("parameter_unitstyle", 1)
    if style == 9:
        return str(re.sub(r"%[0-9.]*[a-z]", f"{value:g}", valueof["parameter_units"]))
    return {0: f"{value:.0f}", 2: f"{value:g} ms", 5: f"{value:g} %"}.get(style, f"{value:.2f}")


def _arc(a: tuple[float, float], b: tuple[float, float], r: float, *, is_large: bool, colour: str) -> str:
    path = f"M{a[0]:.1f} {a[1]:.1f}A{r} {r} 0 {int(is_large)} 1 {b[0]:.1f} {b[1]:.1f}"
    return f'<path d="{path}" stroke="{colour}" stroke-width="3" fill="none"/>'


def _matrix(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    yield _rect((x, y, w, h), _colour(box.get("bgcolor"), INK))
    dx, dy = w / box["columns"], h / box["rows"]
    for row in range(box["rows"]):
        cells = [
            f"M{x + column * dx + 0.4:.1f} {y + row * dy + 0.6:.1f}h{dx - 0.8:.1f}v{dy - 1.2:.1f}h{0.8 - dx:.1f}z"
            for column in range(box["columns"])
        ]
        yield f'<path d="{"".join(cells)}" fill="{_colour(box.get("elementcolor"), FIELD)}"/>'


def _speaker(box: Box, x: float, y: float, w: float, h: float) -> Iterator[str]:
    del box
    yield _rect((x + 1, y + 1, w - 2, h - 2), "#f3f3f3", round_by=5, line="#8d9196")
    yield f'<path d="M{x + 12:g} {y + 17:g}h7l9 -8v26l-9 -8h-7z" fill="{INK}"/>'


DRAWN: Final[dict[str, Draw]] = {
    "panel": _panel,
    "comment": _comment,
    "led": _led,
    "textbutton": _button,
    "live.text": _button,
    "waveform~": _wave,
    "multislider": _bar,
    "umenu": _menu,
    "live.tab": _tab,
    "live.dial": _dial,
    "matrixctrl": _matrix,
    "ezdac~": _speaker,
}


def write(folder: Path) -> None:
    """Write both pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "max-patch.svg").write_text(main_picture(), encoding="utf-8")
    (folder / "live-device.svg").write_text(device_picture(), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    write(parser.parse_args().folder)
