"""The family `decode`: greedy decoding pass by pass, windows, whole vamps, audio to audio, and seeded draws."""

from __future__ import annotations

from .book import Page
from .decode_cases import check_cases, check_seeded
from .decode_set import DecodeSet
from .decode_vamps import check_end_to_end, check_vamps, check_windows
from .fixture_set import FixtureSet
from .models import Models


def check_decode(page: Page, fixtures: FixtureSet, models: Models) -> None:
    """Every case that the arrays' names and decode.json tell of."""
    for check in (check_cases, check_seeded, check_windows, check_vamps, check_end_to_end):
        check(page, DecodeSet(fixtures), models)
