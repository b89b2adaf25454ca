"""What answering the messages of the stage needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .clients import Address
from .dial_watch import DialWatch
from .errors import RequestError
from .live.stage import Stage
from .message_spec import Values
from .send import Send
from .subscriptions import Subscriptions


@dataclass
class Moment:
    """When the message that is being handled was to be handled.

    Attributes:
        due_s: On the clock of `time.monotonic`; None for at once.
    """

    due_s: float | None = None


def _no_codebooks() -> int:
    return 0


@dataclass(frozen=True)
class LiveDesk:
    """A stage, how many slots it has, and whom to tell.

    Attributes:
        watch: Tells subscribers which dials were turned.
        n_codebooks: Of the loaded bundle; 0 before one is.
        moment: Of the message that is being handled.
    """

    stage: Stage
    n_slots: int
    send: Send
    subscriptions: Subscriptions
    watch: DialWatch
    n_codebooks: Callable[[], int] = _no_codebooks
    moment: Moment = field(default_factory=Moment)

    def slots(self, values: Values) -> range | tuple[int]:
        """The slots that an address means, from 0.

        Raises:
            RequestError: There is no such slot.
        """
        slot = values["slot"]
        if slot >= self.n_slots:
            raise RequestError(f"there are {self.n_slots} slots, 1 to {self.n_slots}, got slot {slot + 1}")
        return range(self.n_slots) if slot < 0 else (slot,)

    def at_frame(self) -> int | None:
        """The frame at which a command acts that is for the present moment; None for the next block."""
        due_s, clock = self.moment.due_s, self.stage.clock
        anchor = None if due_s is None or clock is None else clock.anchor()
        if anchor is None or due_s is None:
            return None
        frame, at_s, rate = anchor
        return max(0, round(frame + (due_s - at_s) * rate))

    def turned(self, sender: Address) -> None:
        """A client has turned dials: tell the others."""
        self.watch.look(sender)
