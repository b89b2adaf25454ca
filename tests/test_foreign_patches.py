"""Promises about the files for other programs themselves: they open, need nothing else, and their examples vary."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from foreign_helpers import WAIT_S, need

CONTROLLERS = Path(__file__).resolve().parent.parent / "controllers"
PD_PATCHES = ("vampbridge", "vampbridge-array", "vampbridge-help", "vampbridge-array-help", "vampbridge-example")
VANILLA = {
    *(
        "*",
        "+",
        "array",
        "bng",
        "dac~",
        "delay",
        "f",
        "hradio",
        "hsl",
        "inlet",
        "list",
        "loadbang",
        "makefilename",
        "metro",
    ),
    *("netsend", "openpanel", "oscformat", "oscparse", "outlet", "pack", "pdcontrol", "print", "r", "route"),
    *("samplerate~", "sel", "soundfiler", "spigot", "symbol", "t", "tabplay~", "tgl"),
}


@pytest.mark.parametrize("name", PD_PATCHES)
def test_pure_data_opens_every_patch_without_a_complaint(name: str) -> None:
    command = need("pd", "puredata-core", "VAMPBRIDGE_REQUIRE_PD")
    flags = ("-nogui", "-noaudio", "-nomidi", "-noprefs", "-stderr", "-path", str(CONTROLLERS / "puredata"))
    patch = CONTROLLERS / "puredata" / f"{name}.pd"
    done = subprocess.run(
        [command, *flags, "-send", "pd quit", str(patch)], capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert not re.search("couldn't create|connection failed|error", done.stderr), done.stderr


@pytest.mark.parametrize("name", PD_PATCHES)
def test_pure_data_patches_are_vanilla_and_whole(name: str) -> None:
    text = (CONTROLLERS / "puredata" / f"{name}.pd").read_text(encoding="utf-8")
    boxes = [line for line in text.splitlines() if re.match(r"#X (obj|msg|text|floatatom|symbolatom) ", line)]
    for line in text.splitlines():
        if line.startswith("#X connect "):
            source, _, sink, _ = (int(word) for word in line.rstrip(";").split()[2:])
            assert max(source, sink) < len(boxes)
    ours = {"vampbridge", "vampbridge-array"}
    classes = {line.rstrip(";").split()[4] for line in boxes if line.startswith("#X obj ")}
    assert classes <= ours | VANILLA, "these need more than plain Pd"


def test_examples_that_set_a_period_set_a_smaller_width() -> None:
    pages = [path for path in CONTROLLERS.rglob("*") if path.suffix in {".pd", ".scd", ".schelp"}]
    found = []
    for page in (*pages, CONTROLLERS.parent / "docs" / "controllers.md", CONTROLLERS.parent / "README.md"):
        text = page.read_text(encoding="utf-8")
        for period in re.finditer(r"(?:\\|/set/)period,? (\d+)", text):
            width = re.match(r"[^\n]{0,20}(?:\\|/set/)period_width,? (\d+)", text[period.end() :])
            assert width, f"{page}: {period[0]}"
            assert int(width[1]) < int(period[1])
            found.append(page.suffix)
    assert {".pd", ".scd", ".schelp", ".md"} <= set(found)
