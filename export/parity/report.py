"""What a replay found, as tables for people and as one JSON object for programs."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from rich.console import Console
from rich.table import Table

from .book import Check, Page


def summary(pages: list[Page]) -> dict[str, Any]:
    """`{"passed", "failed", "skipped", "families": {family: …}}`; errors that are not finite become null."""
    families = {page.family: _family(page) for page in pages}
    totals = {key: sum(family[key] for family in families.values()) for key in ("passed", "failed", "skipped")}
    return {**totals, "families": families}


def show(pages: list[Page], console: Console) -> None:
    """A table per family, then every failure, then what was skipped."""
    for page in pages:
        console.print(_table(page))
    for page in pages:
        for check in page.checks:
            if check.failure:
                where = f"{page.family}/{check.target.array} ({check.target.what}, {check.target.side})"
                console.print(f"FAILED {where}: {check.failure}", markup=False, highlight=False, soft_wrap=True)
    for page in pages:
        for reason, names in _by_reason(page).items():
            text = f"skipped in {page.family}: {', '.join(names)}: {reason}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)


def _family(page: Page) -> dict[str, Any]:
    failed = [check for check in page.checks if check.failure]
    return {
        "passed": len(page.checks) - len(failed),
        "failed": len(failed),
        "skipped": len(page.skipped),
        "inputs": len(page.inputs),
        "checks": [
            {
                "what": what,
                "side": side,
                "passed": sum(not check.failure for check in checks),
                "failed": sum(bool(check.failure) for check in checks),
                "largest_error": _finite(_largest(checks)),
                "tolerance": checks[0].tolerance,
            }
            for (what, side), checks in _groups(page).items()
        ],
        "failures": [
            {"array": check.target.array, "side": check.target.side, "what": check.target.what, "reason": check.failure}
            for check in failed
        ],
        "skipped_arrays": dict(sorted(page.skipped.items())),
    }


def _table(page: Page) -> Table:
    table = Table(title=page.family, title_justify="left")
    table.add_column("what")
    table.add_column("side")
    for name in ("passed", "failed", "largest error", "tolerance"):
        table.add_column(name, justify="right")
    for (what, side), checks in _groups(page).items():
        failed = sum(bool(check.failure) for check in checks)
        tolerance = checks[0].tolerance
        exact = tolerance == 0
        error = "-" if exact and not failed else f"{_largest(checks):.1e}" if not exact else "differs"
        bound = "exact" if exact else f"{tolerance:.0e}"
        style = "red" if failed else None
        table.add_row(what, side, str(len(checks) - failed), str(failed), error, bound, style=style)
    table.caption = f"{len(page.inputs)} arrays are inputs, {len(page.skipped)} are skipped"
    return table


def _groups(page: Page) -> dict[tuple[str, str], list[Check]]:
    groups: dict[tuple[str, str], list[Check]] = defaultdict(list)
    for check in page.checks:
        groups[check.target.what, check.target.side].append(check)
    return groups


def _by_reason(page: Page) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, reason in sorted(page.skipped.items()):
        reasons[reason].append(name)
    return reasons


def _largest(checks: list[Check]) -> float:
    return max(math.inf if math.isnan(check.error) else check.error for check in checks)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
