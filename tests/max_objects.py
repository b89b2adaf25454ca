"""What each Max object does with a message, for `max_machine`: as its reference page says, no more than is used."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from max_machine import BANG, OBJECTS, Atoms, Machine, Node, atom, expression

Behaviour = Callable[[Machine, Node, int, Atoms], None]


def known_as(*names: str) -> Callable[[Behaviour], Behaviour]:
    def keep(function: Behaviour) -> Behaviour:
        OBJECTS.update(dict.fromkeys(names, function))
        return function

    return keep


@known_as("t")
def trigger(m: Machine, n: Node, _: int, message: Atoms) -> None:
    for index in reversed(range(len(n.args))):
        form = n.args[index]
        number = message[0] if isinstance(message[0], int | float) else 0
        told = {"b": BANG, "l": message, "i": [int(number)], "f": [float(number)]}.get(form, [form])
        m.out(n, index, told)


@known_as("int", "float")
def number_box(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    kind = int if n.name == "int" else float
    if message != BANG:
        n.state["value"] = kind(message[0])
    if inlet == 0:
        m.out(n, 0, [n.state.get("value", kind(n.args[0]) if n.args else kind(0))])


@known_as("gate")
def gate(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    if inlet == 0:
        n.state["open"] = int(message[0])
        return
    is_open = n.state.get("open", int(n.args[1]) if len(n.args) > 1 else 0)
    if is_open:
        m.out(n, is_open - 1, message)


@known_as("sel")
def select(m: Machine, n: Node, _: int, message: Atoms) -> None:
    if message[0] in n.args:
        m.out(n, n.args.index(message[0]), BANG)
    else:
        m.out(n, len(n.args), message)


@known_as("route")
def route(m: Machine, n: Node, _: int, message: Atoms) -> None:
    first: Any = message[0]
    if len(message) == 1 and isinstance(first, int | float) and type(first).__name__ in n.args:
        m.out(n, n.args.index(type(first).__name__), message)
    elif first in n.args:
        m.out(n, n.args.index(first), message[1:] or BANG)
    else:
        m.out(n, len(n.args), message)


@known_as("prepend", "append")
def pend(m: Machine, n: Node, _: int, message: Atoms) -> None:
    message = [] if message == BANG else message
    m.out(n, 0, [*n.args, *message] if n.name == "prepend" else [*message, *n.args])


@known_as("message")
def message_box(m: Machine, n: Node, _: int, message: Atoms) -> None:
    for part in " ".join(map(str, n.args)).split(","):  # a bare comma ends a message
        words = [atom(word) for word in part.split()]
        m.out(n, 0, [message[int(w[1:]) - 1] if isinstance(w, str) and w.startswith("$") else w for w in words])


@known_as("zl.slice", "zl.nth", "zl.len")
def zl_cut(m: Machine, n: Node, _: int, message: Atoms) -> None:
    if n.name == "zl.len":
        m.out(n, 0, [len(message)])
    elif n.name == "zl.nth":
        m.out(n, 0, [message[n.args[0] - 1]])
    else:
        if message[n.args[0] :]:
            m.out(n, 1, message[n.args[0] :])
        m.out(n, 0, message[: n.args[0]])


@known_as("zl.join", "zl.reg")
def zl_keep(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    if inlet == 1:
        n.state["kept"] = message
        return
    kept = n.state.get("kept", [])
    if n.name == "zl.reg":
        kept = n.state["kept"] = kept if message == BANG else message
        if kept:
            m.out(n, 0, kept)
    else:
        m.out(n, 0, [*message, *kept])


@known_as("zl.group")
def zl_group(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    if inlet == 1:
        n.state["size"] = message[0]
    elif message == ["zlclear"]:
        n.state["items"] = []
    else:
        items = n.state["items"] = [*n.state.get("items", []), *message]
        size = n.state.get("size", n.args[0])
        if len(items) >= size:
            n.state["items"] = items[size:]
            m.out(n, 0, items[:size])


@known_as("pack", "sprintf")
def pack(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    words = [str(a) for a in n.args if a != "symout"]
    values = n.state.setdefault("values", {} if n.name == "sprintf" else dict(enumerate(n.args)))
    if message != BANG:
        values.update({inlet + index: value for index, value in enumerate(message)})
    if inlet:
        return
    if n.name == "pack":
        m.out(n, 0, [values[index] for index in range(len(n.args))])
        return
    form = " ".join(words)
    made = form % tuple(values.get(i, 0) for i in range(form.count("%")))
    if "symout" in n.args:
        m.out(n, 0, [made])
    else:
        m.out(n, 0, [atom(word) for word in made.split()])


@known_as("unpack")
def unpack(m: Machine, n: Node, _: int, message: Atoms) -> None:
    for index in reversed(range(min(len(n.args), len(message)))):
        m.out(n, index, [message[index]])


@known_as("expr")
def expr(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    values = n.state.setdefault("values", dict.fromkeys(range(1, 10), 0))
    if message != BANG:
        values.update({inlet + 1 + index: value for index, value in enumerate(message)})
    if inlet == 0:
        m.out(n, 0, [expression(n.box["text"].removeprefix("expr "), values)])


@known_as("+", "-", "/", "!/", "==", ">", "maximum", "clip", "change", "split")
def arithmetic(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    assert inlet == 0
    value, args = message[0], n.args
    if n.name == "change":
        before, n.state["last"] = n.state.get("last", args[0] if args else 0), value
        if value != before:
            m.out(n, 0, [value])
    elif n.name == "split":
        m.out(n, int(not args[0] <= value <= args[1]), [value])
    else:
        made = {
            "+": lambda: value + args[0],
            "-": lambda: value - args[0],
            "/": lambda: value / args[0],
            "!/": lambda: args[0] / value,
            "==": lambda: int(value == args[0]),
            ">": lambda: int(value > args[0]),
            "maximum": lambda: max(value, args[0]),
            "clip": lambda: min(max(value, args[0]), args[1]),
        }[n.name]()
        m.out(n, 0, [made])


@known_as("counter")
def counter(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    if inlet == 2:
        n.state["next"] = message[0]
    else:
        value = n.state.get("next", n.args[0])
        n.state["next"] = value + 1
        m.out(n, 0, [value])


@known_as("uzi", "iter")
def repeat(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    if n.name == "iter":
        for value in message:
            m.out(n, 0, [value])
    else:
        for index in range(message[0]):
            m.out(n, 2, [index + 1])


@known_as("delay", "metro", "deferlow", "onebang", "timer")
def time(m: Machine, n: Node, inlet: int, message: Atoms) -> None:
    if n.name == "deferlow":
        m.later(n, 0, 1.0)
    elif n.name == "timer":
        if inlet == 0:
            n.state["start"] = m.now_ms
        else:
            m.out(n, 0, [m.now_ms - n.state["start"]])
    elif n.name == "onebang":
        armed, n.state["armed"] = n.state.get("armed", False), inlet == 1
        if armed and inlet == 0:
            m.out(n, 0, BANG)
    else:
        m.stop(n)
        if message not in (["stop"], [0]):
            m.later(n, 0, float(n.args[0]) if n.name == "delay" else 0.0)


@known_as("udpsend", "udpreceive", "print")
def network(m: Machine, n: Node, _: int, message: Atoms) -> None:
    if n.name == "print":
        m.printed.append(message)
    elif message[0] == "port":
        n.state["port"] = message[1]
    elif message[0] == "/vampbridge-self":
        for receiver in m.find("udpreceive"):
            at = receiver.state.get("port", receiver.args[0])
            if at == n.state["port"] and at not in m.used_ports:
                m.out(receiver, 0, message)
    else:
        assert n.args == ["127.0.0.1", 8001]
        m.sent.append(message)
        if m.server_lives and message == ["/vamp/ping"]:
            m.receive("/vamp/pong")


@known_as("comment", "matrixctrl")
def shown(m: Machine, n: Node, _: int, message: Atoms) -> None:
    if n.name == "comment":
        n.state["text"] = " ".join(str(word) for word in message[1:])
    elif n.name == "matrixctrl":
        cells = n.state.setdefault("cells", {})
        width, height = n.state.get("columns", n.box["columns"]), n.state.get("rows", n.box["rows"])
        if message[0] == "getrow":
            assert message[1] < height
            m.out(n, 1, [cells.get((x, message[1]), 0) for x in range(width)])
        elif message[0] == "set":
            assert message[1] < width
            assert message[2] < height
            cells[message[1], message[2]] = message[3]
        else:
            n.state[message[0]] = message[1]


@known_as("led", "multislider", "waveform~", "sig~", "umenu", "live", "ezdac~")
def seen(m: Machine, n: Node, _: int, message: Atoms) -> None:
    if n.name == "umenu" and message[0] in {"append", "clear", "set"}:
        items = n.state.setdefault("items", list(n.box["items"]))
        if message[0] == "clear":
            items.clear()
        elif message[0] == "append":
            items.append(" ".join(map(str, message[1:])))
    else:
        if message != BANG and message[0] != "set":
            n.state["value"] = message[0]
        if message[0] == "set":
            n.state["value" if n.name.startswith("live.") else "shown"] = message[1]
        elif n.name != "sig~":
            m.out(n, 0, [n.state["value"]])


@known_as("click~", "buffer~", "record~")
def audio(m: Machine, n: Node, _: int, message: Atoms) -> None:
    if n.name == "click~":
        m.latch(m.find("click~").index(n))
    elif n.name == "record~":
        m.files.append(("record", str(message[0])))
    else:
        m.files.append((str(message[0]), " ".join(str(word) for word in message[1:])))
        if message[0] in {"replace", "writewave"}:
            m.out(n, 1, BANG)


@known_as("coll")
def coll(m: Machine, n: Node, _: int, message: Atoms) -> None:
    data = n.state.setdefault("data", {})
    if message == ["clear"]:
        data.clear()
    elif len(message) > 1:
        data[message[0]] = message[1:]
    elif message[0] in data:
        m.out(n, 0, ["symbol", *data[message[0]]])


@known_as("regexp")
def regexp(m: Machine, n: Node, _: int, message: Atoms) -> None:
    (subject,) = message
    found = re.search(n.box["text"].removeprefix("regexp "), subject)
    m.out(n, 3 if found is None else 2, [subject if found is None else found[0]])


@known_as("pattr", "conformpath", "opendialog", "date", "transport", "tosymbol", "dspstate~")
def rest(m: Machine, n: Node, _: int, message: Atoms) -> None:
    if n.name == "pattr":
        n.state["value"] = message
        m.out(n, 0, message)
    elif n.name == "conformpath":
        m.out(n, 0, [message[0].removeprefix("Macintosh HD:").removeprefix("C:")])  # relative to the start-up disk
    elif n.name == "opendialog":
        m.out(n, 0, [n.state["answer"]])
    elif n.name == "date":
        m.out(n, 0 if message == ["date"] else 1, [5, 17, 2026] if message == ["date"] else [20, 3, 9])
    elif n.name == "transport":
        running, tempo, signature = n.state.get("now", (0, 120.0, [4, 4]))
        m.out(n, 6, [running])
        m.out(n, 5, signature)
        m.out(n, 4, [tempo])
    elif n.name == "dspstate~":
        m.out(n, 1, [n.state.get("rate", 48_000)])
    else:
        m.out(n, 0, [" ".join(str(word) for word in message)])
