"""Somebody at a patch for Max or Live: connects, records, vamps, and looks at what is shown."""

from __future__ import annotations

import json
from typing import Any

import max_objects  # noqa: F401 - fills the machine
from max_machine import BANG, Atoms, Machine, Node
from py2max.m4l import read_amxd
from vampbridge.bridge.protocol import look_up
from vampbridge.max_patches.place import PACKAGE_FOLDER

PATCHERS = PACKAGE_FOLDER / "patchers"
DEVICE = read_amxd(PATCHERS / "Vampbridge.amxd")[0]["patcher"]
MAIN = json.loads((PATCHERS / "vampbridge.maxpat").read_text(encoding="utf-8"))["patcher"]
FOLDER = "/Users/me/My loops"


class Player:
    """Somebody at a patch."""

    def __init__(self, patcher: dict[str, Any], slot: int = 0) -> None:
        self.machine = Machine(patcher, PATCHERS, unique="0042")
        self.slot = slot

    def connect(self, folder: str = FOLDER) -> Player:
        self.machine.server_lives = True
        self.machine.run(3000)
        self.machine.receive("/vamp/version", "1.2.3", 1, "default")
        self.machine.find("opendialog")[0].state["answer"] = folder
        self.machine.out(self.machine.find("textbutton")[0], 0, BANG)
        return self

    def control(self, name: str) -> Node:
        return self.machine.button(name)[self.slot]

    def set(self, name: str, value: float) -> None:
        node = self.control(name)
        node.state["value"] = value
        self.machine.out(node, 0, [value])

    def record(self, length_ms: float = 2000.0) -> None:
        self.set("Record", 1)
        self.machine.run(length_ms)
        self.set("Record", 0)
        self.machine.run(200)

    def vamp(self) -> list[Atoms]:
        before = len(self.machine.sent)
        self.set("Vamp", 1)
        return [m for m in self.machine.sent[before:] if m[0] not in {"/vamp/ping", "/vamp/reply_port"}]

    def finish(self, seed: int = 4711) -> None:
        self.machine.receive("/vamp/done", self.slot + 1, "/anywhere/take.wav", seed, "0123456789ab", 1.5)

    def says(self, text: str) -> bool:
        return any(text in shown for shown in self.machine.texts())

    def loaded(self) -> list[str]:
        return [path for what, path in self.machine.files if what == "replace"]

    def heard(self) -> int:
        return int(self.machine.find("snapshot~")[self.slot].state.get("last", -9))


def accepted(message: Atoms) -> dict[str, Any]:
    """The checked values of a message as the server would take it."""
    found, _ = look_up(message[0])
    tags = "".join({int: "i", float: "f", str: "s"}[type(value)] for value in message[1:])
    return found.parse(message[1:], tags)
