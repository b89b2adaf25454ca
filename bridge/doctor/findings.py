"""What a check has found. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

OK, WARN, FAIL = VERDICTS = ("ok", "warn", "fail")
"""Works · works, but something is worse than it could be · will not work on stage."""


@dataclass(frozen=True)
class Finding:
    """One check.

    Attributes:
        name: What was looked at.
        verdict: One of VERDICTS.
        measured: What was found, for people.
        advice: What to do; empty if nothing needs to be done.
        details: More lines, for people.
        facts: The numbers, for programs.
    """

    name: str
    verdict: str
    measured: str
    advice: str = ""
    details: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON. The details are left out: the facts say the same."""
        values = asdict(self)
        del values["details"]
        return values


def worst(findings: Iterable[Finding]) -> str:
    """The verdict on everything: that of the worst finding; OK without any."""
    return max((finding.verdict for finding in findings), key=VERDICTS.index, default=OK)
