"""A patcher to write on: boxes, cords, subpatchers. Knows Max's file format through py2max, nothing of Vampbridge."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from py2max import Patcher
from py2max.core.box import Box
from py2max.core.common import Rect, box_width_for, text_width
from py2max.maxref.porttypes import port_counts

TOP = 40.0  # px; of the first row of boxes
ROW = 44.0
GAP = 16.0
COMMENT_HEIGHT = 20.0

Place = tuple[int, int, int, int]  # x, y, width, height in presentation mode, px

# Boxes whose ports depend on arguments in ways that py2max leaves open: object → (inlets, outlets).
PORTS = {"record~": (4, 1), "wave~": (3, 2), "pattr": (1, 3), "loadmess": (1, 1)}
SIGNAL_OBJECTS = ("inlet~", "outlet~")


@dataclass(frozen=True)
class Port:
    """One outlet or inlet of a box."""

    box: Box
    index: int = 0


@dataclass
class Sheet:
    """One patcher while it is written.

    Boxes get their places in `finish`: a row for each step away from the first box, cords running downwards.

    Attributes:
        title: Shown nowhere but in errors.
        patcher: What py2max makes of it.
    """

    title: str
    patcher: Patcher = field(default_factory=lambda: Patcher(on_invalid="raise", validate_attrs=False))

    def add(self, text: str, **attributes: Any) -> Box:  # noqa: ANN401 - Max's own attributes, here and below
        """A box as it is typed in Max: `metro 500`."""
        name = text.split(maxsplit=1)[0]
        fixed = PORTS.get(name, (None, None))
        box = self.patcher.add_textbox(
            text,
            numinlets=fixed[0],
            numoutlets=fixed[1],
            patching_rect=Rect(0, 0, box_width_for(text), 22),
            **attributes,
        )
        return _typed(box, name)

    def message(self, *texts: str) -> Box:
        """A message box that says each text in turn. A dollar means in it what it means in Max.

        Raises:
            ValueError: A comma or semicolon in a text: there Max would end the message.
        """
        for told in texts:
            if "," in told or ";" in told:
                raise ValueError(f"the text of a message may not hold a comma or semicolon, got {told!r}")
        text = ", ".join(texts)
        return self._box("message", 2, 1, text=text, patching_rect=Rect(0, 0, box_width_for(text), 22))

    def note(self, text: str, place: Place | None = None, **attributes: Any) -> Box:  # noqa: ANN401
        """A comment. With `place` it is seen in presentation mode."""
        width = float(place[2]) if place else text_width(text) + 20
        rect = Rect(0, 0, width, COMMENT_HEIGHT if place is None else float(place[3]))
        return self._box("comment", 1, 0, place=place, text=text, patching_rect=rect, **attributes)

    def control(self, name: str, place: Place, **attributes: Any) -> Box:  # noqa: ANN401
        """Something to see and to touch, such as a live.dial, at a place of presentation mode."""
        inlets, outlets = port_counts(name, name)
        if inlets is None or outlets is None:
            raise ValueError(f"py2max must know the ports of {name}")
        rect = Rect(0, 0, float(place[2]), float(place[3]))
        return _typed(self._box(name, inlets, outlets, place=place, patching_rect=rect, **attributes), name)

    def inlet(self, hint: str) -> Box:
        """The next inlet of this patcher, from the left."""
        return self._box("inlet", 0, 1, comment=hint, index=0, patching_rect=Rect(0, 0, 30, 30))

    def outlet(self, hint: str) -> Box:
        """The next outlet of this patcher, from the left."""
        return self._box("outlet", 1, 0, comment=hint, index=0, patching_rect=Rect(0, 0, 30, 30))

    def sub(self, name: str, inner: Sheet) -> Box:
        """A subpatcher `p name`."""
        return self._nest(inner, maxclass="newobj", text=f"p {name}", rect=Rect(0, 0, box_width_for(f"p {name}"), 22))

    def window(self, inner: Sheet, place: Place) -> Box:
        """A bpatcher that holds a copy of another sheet, so that it needs no file beside it."""
        rect = Rect(0, 0, float(place[2]), float(place[3]))
        return self._nest(inner, maxclass="bpatcher", rect=rect, place=place, embed=1, **WINDOW)

    def file_window(self, file: str, inner: Sheet, place: Place, arguments: Sequence[Any] = ()) -> Box:
        """A bpatcher that loads another patch of the package by name; `inner` is that patch."""
        inlets, outlets = inner.port_counts()
        rect = Rect(0, 0, float(place[2]), float(place[3]))
        more: dict[str, Any] = {"args": list(arguments)} if arguments else {}
        return self._box(
            "bpatcher", inlets, outlets, place=place, name=file, patching_rect=rect, embed=0, **WINDOW, **more
        )

    def wire(self, source: Box | Port, *targets: Box | Port) -> None:
        """A cord from one outlet to each of these inlets."""
        start = source if isinstance(source, Port) else Port(source)
        for target in targets:
            end = target if isinstance(target, Port) else Port(target)
            self.patcher.add_line(start.box, end.box, inlet=end.index, outlet=start.index)

    def chain(self, *boxes: Box | Port) -> None:
        """Cords from each box to the next, left outlet to left inlet unless a port is named."""
        for source, target in itertools.pairwise(boxes):
            self.wire(source.box if isinstance(source, Port) and source is not boxes[0] else source, target)

    def port_counts(self) -> tuple[int, int]:
        """How many inlets and outlets it has."""
        names = [box.maxclass for box in self.patcher._boxes]  # noqa: SLF001 - py2max has no public list
        return names.count("inlet"), names.count("outlet")

    def finish(self, *, width: int | None = None, height: int | None = None) -> dict[str, Any]:
        """Place the boxes and return the patcher as Max stores it. With a size it opens in presentation mode."""
        self._lay_out()
        if width is not None:
            self.patcher.openinpresentation = 1
        made: dict[str, Any] = self.patcher.to_dict()
        inner = made.get("patcher", made)
        if width is not None and height is not None:
            inner["rect"] = [60.0, 100.0, float(width), float(height)]
        return made

    def _nest(self, inner: Sheet, *, rect: Rect, **attributes: Any) -> Box:  # noqa: ANN401
        inlets, outlets = inner.port_counts()
        inner.finish(width=int(rect.w) if attributes.get("embed") else None, height=int(rect.h))
        inner.patcher._parent = self.patcher  # noqa: SLF001 - a nested patcher is written without its outer braces
        maxclass = attributes.pop("maxclass")
        return self._box(maxclass, inlets, outlets, patching_rect=rect, patcher=inner.patcher, **attributes)

    def _box(
        self,
        maxclass: str,
        inlets: int,
        outlets: int,
        *,
        place: Place | None = None,
        **attributes: Any,  # noqa: ANN401
    ) -> Box:
        if place is not None:
            attributes |= {"presentation": 1, "presentation_rect": [float(number) for number in place]}
        attributes.setdefault("outlettype", [""] * outlets)
        box = Box(
            id=self.patcher.get_id(maxclass), maxclass=maxclass, numinlets=inlets, numoutlets=outlets, **attributes
        )
        return self.patcher.add_box(box)

    def _lay_out(self) -> None:
        boxes = list(self.patcher._boxes)  # noqa: SLF001
        rows = self._rows()
        ends: dict[int, float] = {}
        tops: dict[int, float] = {}
        top = TOP
        for row in sorted(set(rows.values())):
            tops[row] = top
            top += max(max(b.patching_rect.h for b in boxes if rows[str(b.id)] == row) + 22, ROW)
        for box in boxes:
            row = rows[str(box.id)]
            x = ends.get(row, 20.0)
            w, h = max(box.patching_rect.w, 15.0 * max(box.numinlets, box.numoutlets)), box.patching_rect.h
            box.patching_rect = Rect(x, tops[row], w, h)
            ends[row] = x + w + GAP
        self.patcher.rect = Rect(60.0, 100.0, max([*ends.values(), 300.0]) + 20, top + 20)

    def _rows(self) -> dict[str, int]:
        """Box id → row: one below the lowest box that leads to it; loops are cut where they close."""
        leads: dict[str, list[str]] = {}
        for line in self.patcher._lines:  # noqa: SLF001
            leads.setdefault(line.dst, []).append(line.src)
        rows: dict[str, int] = {}
        open_ids: set[str] = set()

        def row_of(box_id: str) -> int:
            if box_id in rows:
                return rows[box_id]
            if box_id in open_ids:
                return 0
            open_ids.add(box_id)
            rows[box_id] = max((row_of(other) + 1 for other in leads.get(box_id, ())), default=0)
            return rows[box_id]

        boxes = list(self.patcher._boxes)  # noqa: SLF001
        for box in boxes:
            row_of(str(box.id))
        last = max(rows.values(), default=0) + 1
        return {str(box.id): last if box.maxclass == "outlet" else rows[str(box.id)] for box in boxes}


WINDOW: dict[str, Any] = {
    "bgmode": 0,
    "border": 0,
    "clickthrough": 0,
    "enablehscroll": 0,
    "enablevscroll": 0,
    "lockeddragscroll": 0,
    "offset": [0.0, 0.0],
    "viewvisibility": 1,
}


def _typed(box: Box, name: str) -> Box:
    """The box with its signal outlets marked, which decides how Max draws their cords."""
    if name.endswith("~") and name not in {"buffer~", "waveform~", "edge~", "dspstate~", "snapshot~", "live.gain~"}:
        types = ["signal"] * box.numoutlets
        if name == "line~":
            types[1:] = ["bang"]
        box._kwds["outlettype"] = types  # noqa: SLF001 - py2max keeps it there
    return box
