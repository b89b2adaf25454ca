"""Who comes from whom: layers and takes as a tree. Pure."""

from __future__ import annotations

from .contents import Contents
from .records import LayerRecord, Record, TakeRecord


class TakeTree:
    """The family of everything in a session, as it is when the tree is made.

    A layer's parent is what it was played into, a take's what it was made from. A parent that is not kept makes a root.

    Args:
        contents: Of the session.
    """

    def __init__(self, contents: Contents) -> None:
        self.records = contents.records
        self._parents = {key: _parent(contents, record) for key, record in self.records.items()}
        self._children: dict[str | None, list[str]] = {}
        age = {key: number for number, key in enumerate(self.records)}
        for key, parent in self._parents.items():
            # Only a journal with a wrong entry has circles; each has a parent that is younger than its child.
            is_circle = parent is not None and age[parent] > age[key] and key in self._ancestors(parent)
            self._parents[key] = None if is_circle else parent
            self._children.setdefault(self._parents[key], []).append(key)

    @property
    def roots(self) -> tuple[str, ...]:
        """Keys without a parent, oldest first."""
        return tuple(self._children.get(None, ()))

    def parent(self, key: str) -> str | None:
        """What it came from; None for a root.

        Raises:
            KeyError: There is no such record.
        """
        return self._parents[key]

    def children(self, key: str) -> tuple[str, ...]:
        """What came from it, oldest first."""
        return tuple(self._children.get(key, ()))

    def lineage(self, key: str) -> tuple[str, ...]:
        """Everything it came from, oldest first, itself the last.

        Raises:
            KeyError: There is no such record.
        """
        if key not in self._parents:
            raise KeyError(key)
        return tuple(reversed(self._ancestors(key)))

    def in_slot(self, slot: int) -> tuple[str, ...]:
        """Everything that was made in a slot, oldest first."""
        return tuple(key for key, record in self.records.items() if record.slot == slot)

    def _ancestors(self, key: str) -> list[str]:
        """Itself, its parent, and so on; ends where it would begin again."""
        line: dict[str, None] = {}
        here: str | None = key
        while here is not None and here not in line:
            line[here] = None
            here = self._parents[here]
        return list(line)


def _parent(contents: Contents, record: Record) -> str | None:
    layer_id = record.parent_id if isinstance(record, LayerRecord) else record.layer_id
    found = contents.of_layer(layer_id, record.run) if layer_id else None
    if found is None and isinstance(record, TakeRecord):
        lineage = record.report.get("lineage")
        named = lineage[-1] if isinstance(lineage, list | tuple) and lineage else None
        found = contents.get(named) if isinstance(named, str) else None
    return None if found is None or found.key == record.key or found.key not in contents.records else found.key
