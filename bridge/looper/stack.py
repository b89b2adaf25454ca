"""The layers of a slot, one of which plays: undo, redo, and what has to go when memory is full."""

from __future__ import annotations

from dataclasses import dataclass

from .layers import Ring


@dataclass
class Layer:
    """One state of a loop.

    Attributes:
        id: Unique in a looper, from 1.
        ring: Its sound.
        parent_id: The layer it was played into or made from; 0 if there is none.
        kind: The state it was played in (`recording`, `overdubbing` …), or `take`.
        take_id: Of a take, else "".
        is_closed: Whether its sound is complete.
    """

    id: int
    ring: Ring
    parent_id: int
    kind: str
    take_id: str = ""
    is_closed: bool = False

    def __post_init__(self) -> None:
        self.ring.hold()

    def play_from(self, ring: Ring) -> None:
        """Another ring takes the place of its own."""
        ring.hold()
        self.ring.let_go()
        self.ring = ring

    def let_go(self) -> None:
        """It is forgotten: its memory counts as free."""
        self.ring.let_go()


class LayerStack:
    """Layers in the order they were made, and which of them plays."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self._current = -1

    @property
    def current(self) -> Layer | None:
        """What plays."""
        return self.layers[self._current] if self._current >= 0 else None

    @property
    def n_undo(self) -> int:
        """Layers before the one that plays."""
        return max(0, self._current)

    @property
    def n_redo(self) -> int:
        """Layers after it."""
        return len(self.layers) - 1 - self._current

    @property
    def played_by_hand(self) -> Layer | None:
        """The newest layer up to the one that plays that a hand has played; the one that plays if there is none."""
        mine = [layer for layer in self.layers[: self._current + 1] if layer.kind != "take"]
        return mine[-1] if mine else self.current

    def holds(self, layer_id: int) -> bool:
        """Whether a layer is among them."""
        return any(layer.id == layer_id for layer in self.layers)

    def push(self, layer: Layer) -> list[Layer]:
        """A new layer plays; what could be redone is gone, and returned."""
        gone = self.layers[self._current + 1 :]
        del self.layers[self._current + 1 :]
        self.layers.append(layer)
        self._current += 1
        return gone

    def step(self, by: int) -> Layer | None:
        """Undo (-1) or redo (1): the layer that plays now; None if there is none that way."""
        wanted = self._current + by
        if not 0 <= wanted < len(self.layers):
            return None
        self._current = wanted
        return self.layers[wanted]

    def drop_oldest(self) -> Layer | None:
        """Forget the first layer, unless it is the one that plays or the one that variations are made from."""
        kept = self.played_by_hand
        for index in range(max(0, self._current)):
            if self.layers[index] is not kept:
                self._current -= 1
                return self.layers.pop(index)
        return None

    def clear(self) -> list[Layer]:
        """Forget all of it."""
        gone, self.layers, self._current = self.layers, [], -1
        return gone
