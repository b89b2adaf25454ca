"""Turns what goes wrong in a check into a failure of that check, so that one bad file does not end the replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .book import Page, Target


@contextmanager
def guarded(page: Page, targets: Sequence[Target]) -> Iterator[None]:
    """Note an error inside as a failure of every target whose check has not come in yet, or else of the first one.

    Raises:
        Exception: The error itself, if there is no target at all.
    """
    try:
        yield
    # Torch, ONNX Runtime and numpy raise classes without a common base, whatever the arrays of a set may hold; each
    # ends in the report as a failure with its words.
    except Exception as error:
        done = {(check.target.array, check.target.side) for check in page.checks}
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        waiting = [
            target for target in targets if (target.array, target.side) not in done and target.array not in page.inputs
        ]
        # Where everything has its check already, something broke after the last one: that must not be lost.
        for target in waiting or targets[:1]:
            page.fail(target, text)
        if not targets:
            raise
