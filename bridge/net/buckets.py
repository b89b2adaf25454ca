"""How often somebody may do something. Time is passed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class TokenBucket:
    """Fills at `rate` per second up to `burst`; every doing takes one out. May go below zero: then it is owed.

    Attributes:
        rate: Per second.
        burst: The most that is saved up.
        level: What is in it.
        at_s: When that was.
    """

    rate: float
    burst: float
    level: float
    at_s: float

    def take(self, now_s: float) -> bool:
        """One, if there is one."""
        self._fill(now_s)
        if self.level < 1:
            return False
        self.level -= 1
        return True

    def owe(self, count: int, now_s: float) -> float:
        """Take `count`, whatever there is. Seconds until nothing is owed any more, 0 if nothing is."""
        self._fill(now_s)
        self.level -= count
        return max(0.0, -self.level / self.rate)

    def _fill(self, now_s: float) -> None:
        self.level = min(self.burst, self.level + (now_s - self.at_s) * self.rate)
        self.at_s = now_s
