"""Answers the messages of the clock."""

from __future__ import annotations

import time
from functools import partial

from .clients import Address, Client
from .clock.controls import CLOCK_RANGES
from .live_desk import LiveDesk
from .live_protocol import CLOCK_SET
from .message_spec import Values
from .own_messages import sendable
from .parts import Handler
from .stage_told import clock_told


class ClockMessages:
    """The messages of the clock.

    Args:
        desk: See there.
    """

    def __init__(self, desk: LiveDesk) -> None:
        self._desk = desk
        self.handlers: dict[str, Handler] = {
            "/vamp/clock": self._state,
            "/vamp/clock/tap": self._tap,
            "/vamp/clock/start": self._start,
            "/vamp/clock/stop": self._stop,
            "/vamp/clock/nudge": self._nudge,
        }
        self.handlers |= {CLOCK_SET + name: partial(self._dial, name) for name in CLOCK_RANGES}

    def _state(self, _: Values, client: Client, __: Address) -> None:
        self._desk.send(client.address, "/vamp/clock", clock_told(self._desk.stage))

    def _tap(self, values: Values, client: Client, sender: Address) -> None:
        if values["pressed"] and self._desk.stage.tap() is not None:
            self._state({}, client, sender)

    def _start(self, values: Values, _: Client, __: Address) -> None:
        if values["pressed"]:
            self._desk.stage.time.clock.start(time.monotonic())
            self._desk.stage.time.hurry()

    def _stop(self, values: Values, _: Client, __: Address) -> None:
        if values["pressed"]:
            self._desk.stage.time.clock.stop()
            self._desk.stage.time.hurry()

    def _nudge(self, values: Values, _: Client, __: Address) -> None:
        self._desk.stage.time.clock.nudge(values["nudge_ms"])
        self._desk.stage.time.hurry()

    def _dial(self, name: str, values: Values, client: Client, _: Address) -> None:
        keeper = self._desk.stage.time
        if values:
            keeper.set(**values)
            self._desk.turned(client.address)
        else:
            value = sendable(getattr(keeper.clock.state.controls, name))
            self._desk.send(client.address, CLOCK_SET + name, (value,))
