"""Runs the messages of a patch as Max does, as far as these patches need it: right to left, depth first, virtual time.

Signals are not computed: the player that was asked for is heard when `seam` says so. Files are named, not written.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Atoms = list[Any]
BANG: Atoms = ["bang"]
OBJECTS: dict[str, Callable[[Machine, Node, int, Atoms], None]] = {}  # filled by max_objects


@dataclass(repr=False, eq=False)  # they refer to each other in circles
class Node:
    """One box."""

    name: str
    args: Atoms
    box: dict[str, Any]
    state: dict[str, Any] = field(default_factory=dict)
    leads: dict[int, list[tuple[float, float, Node, int]]] = field(default_factory=lambda: defaultdict(list))
    inner_inlets: list[Node] = field(default_factory=list)
    owner: tuple[Node, int] | None = None  # of an outlet box: the subpatcher's box and outlet


@functools.cache
def patch_file(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))["patcher"]


def atom(text: str) -> Any:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d*", text) else text


class Machine:
    """One patch that has been opened."""

    counter = itertools.count(1001)

    def __init__(self, patcher: dict[str, Any], folder: Path, *, unique: str) -> None:
        self.nodes: list[Node] = []
        self.sent: list[Atoms] = []  # by udpsend to the server
        self.printed: list[Atoms] = []
        self.files: list[tuple[str, str]] = []  # (what was done, to which path)
        self.used_ports: set[int] = set()  # of other programs
        self.server_lives = False
        self.now_ms = 0.0
        self._heap: list[tuple[float, int, Node, int]] = []
        self._order = itertools.count()
        self._folder = folder
        self._unique = unique
        self._load(patcher, (next(self.counter),), None)
        for node in self.nodes:
            if node.name in {"loadbang", "live.thisdevice"}:
                self.out(node, 0, BANG)
            elif node.name == "loadmess":
                self.out(node, 0, list(node.args))
            elif node.name == "metro" and "@active" in node.args:
                self.later(node, 0, float(node.args[0]) if isinstance(node.args[0], int | float) else 2000.0)
            elif "parameter_enable" in node.box and node.name.startswith("live."):
                valueof = node.box["saved_attribute_attributes"]["valueof"]
                node.state["value"] = valueof["parameter_initial"][0]
                if node.name != "live.text":
                    self.out(node, 0, [node.state["value"]])

    def _load(self, patcher: dict[str, Any], args: tuple[Any, ...], outside: Node | None) -> None:
        """`args` are what replaces #0, #1 …: a subpatcher has those of the patch around it."""
        made: dict[str, Node] = {}
        for wrapped in patcher["boxes"]:
            box = wrapped["box"]
            text = box.get("text", "") if box["maxclass"] in {"newobj", "message"} else box["maxclass"]
            text = text.replace("---", self._unique)
            for index, value in enumerate(args):
                text = text.replace(f"#{index}", str(value))
            words = text.split()
            is_message = box["maxclass"] == "message"
            node = Node("message" if is_message else words[0], [atom(w) for w in words[not is_message :]], box)
            made[box["id"]] = node
            self.nodes.append(node)
            inner, inner_args = box.get("patcher"), args
            if box["maxclass"] == "bpatcher" and inner is None:
                inner = patch_file(self._folder / box["name"])
                inner_args = (next(self.counter), *box.get("args", ()))
            if inner is not None:
                self._load(inner, inner_args, node)
        if outside is not None:
            ports = sorted(made.values(), key=lambda node: node.box["patching_rect"][0])
            outside.inner_inlets = [node for node in ports if node.name == "inlet"]
            for index, node in enumerate(node for node in ports if node.name == "outlet"):
                node.owner = (outside, index)
        for wrapped in patcher["lines"]:
            (source, outlet), (target, inlet) = wrapped["patchline"]["source"], wrapped["patchline"]["destination"]
            x, y = made[target].box["patching_rect"][:2]
            made[source].leads[outlet].append((-x, -y, made[target], inlet))
        for node in made.values():
            for leads in node.leads.values():
                leads.sort(key=lambda lead: lead[:2])

    def find(self, name: str, **attributes: Any) -> list[Node]:
        return [n for n in self.nodes if n.name == name and all(n.box.get(k) == v for k, v in attributes.items())]

    def button(self, name: str) -> list[Node]:
        return [
            n
            for n in self.nodes
            if n.box.get("saved_attribute_attributes", {}).get("valueof", {}).get("parameter_longname") == name
        ]

    def texts(self) -> list[str]:
        """What the comments say that were ever set."""
        return [node.state["text"] for node in self.nodes if "text" in node.state]

    def out(self, node: Node, outlet: int, message: Atoms) -> None:
        if len(message) == 1 and isinstance(message[0], list):
            raise TypeError(message)
        for _, _, target, inlet in node.leads[outlet]:
            self.give(target, inlet, list(message))

    def later(self, node: Node, tag: int, after_ms: float) -> None:
        heapq.heappush(self._heap, (self.now_ms + after_ms, next(self._order), node, tag))

    def stop(self, node: Node) -> None:
        self._heap = [entry for entry in self._heap if entry[2] is not node]
        heapq.heapify(self._heap)

    def run(self, duration_ms: float) -> None:
        end = self.now_ms + duration_ms
        while self._heap and self._heap[0][0] <= end:
            self.now_ms, _, node, _ = heapq.heappop(self._heap)
            if node.name == "metro":
                self.later(node, 0, float(node.args[0]) if isinstance(node.args[0], int | float) else 2000.0)
            self.out(node, 0, BANG)
        self.now_ms = end

    def seam(self) -> None:
        """The loops begin again: the players that were asked for are heard."""
        for number in range(len(self.find("snapshot~"))):
            self.latch(number)

    def latch(self, number: int) -> None:
        """In one slot what was asked for is heard."""
        snapshot, sig = self.find("snapshot~")[number], self.find("sig~")[number]
        self.out(snapshot, 0, [sig.state.get("value", -1.0)])

    def receive(self, *message: Any) -> None:
        """A datagram from the server."""
        (port,) = self.find("udpreceive")
        self.out(port, 0, list(message))

    def give(self, node: Node, inlet: int, message: Atoms) -> None:
        if node.inner_inlets or node.box.get("patcher") or node.box["maxclass"] == "bpatcher":
            self.out(node.inner_inlets[inlet], 0, message)
        elif node.owner is not None:
            self.out(node.owner[0], node.owner[1], message)
        else:
            name = "live" if node.name.startswith("live.") else node.name
            if name in OBJECTS:
                OBJECTS[name](self, node, inlet, message)
            elif not name.endswith("~"):
                raise NotImplementedError(f"{name} got {message}")


def expression(text: str, values: dict[int, float]) -> float:
    """An `expr` box's expression, with its inlets' values."""
    code = re.sub(r"\$([if])(\d+)", lambda m: f"{'int' if m[1] == 'i' else 'float'}(v[{m[2]}])", text)
    names = {"v": values, "min": min, "max": max, "int": int, "float": float, "__builtins__": {}}
    result = eval(code.replace("\\,", ","), names)  # noqa: S307 - our own patches
    return int(result) if isinstance(result, bool) else result
