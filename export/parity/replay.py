"""Replays a whole fixture set: runs every family, and leaves no array unaccounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import torch

from .book import Page, Target
from .families_codec import check_codec
from .families_tokens import check_tokens
from .family_checkpoints import check_checkpoints
from .family_decode import check_decode
from .family_masks import check_masks
from .family_preprocess import check_preprocess
from .family_sampling import check_sampling
from .fixture_set import CHECKPOINTS, FixtureSet
from .graph_shop import GraphShop
from .guard import guarded
from .models import Models

Family = Callable[[Page, FixtureSet, Models], None]

# Those that need no graphs come first, while the graphs are being made.
FAMILIES: dict[str, Family] = {
    "masks": check_masks,
    "preprocess": check_preprocess,
    "transformer": check_tokens,
    "lora": check_tokens,
    "decode": check_decode,
    "codec_lac": check_codec,
    "codec_dac": check_codec,
    "sampling": check_sampling,
}


def replay(fixtures: FixtureSet) -> Iterator[Page]:
    """The page of each family, as soon as it is done; families without arrays in the set are left out."""
    with closing(GraphShop()) as shop, _one_thread():
        models = Models(fixtures, shop)
        models.order_ahead()
        page = Page(CHECKPOINTS, tuple(path.name for path in fixtures.checkpoints))
        check_checkpoints(page, fixtures)
        yield page
        for family in sorted(fixtures.arrays, key=_order):
            page = Page(family, tuple(fixtures.arrays[family]))
            if family in FAMILIES:
                _check_family(page, fixtures, models)
            else:
                page.skip(page.names, f"unknown: this version of Vampbridge knows no family {family}")
            page.close_account()
            yield page


def _check_family(page: Page, fixtures: FixtureSet, models: Models) -> None:
    """Run a family; what goes wrong outside its checks, in a list of cases for one, is a failure of the whole."""
    went_through = False
    with guarded(page, [Target("whole family", "numpy", page.family)]):
        FAMILIES[page.family](page, fixtures, models)
        went_through = True
    if not went_through:
        page.skip(page.names, "not reached: the family broke off, see its failure")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch on one thread: the models of a set are small, and the other cores make graphs."""
    n_before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_before)


def _order(family: str) -> tuple[int, str]:
    names = list(FAMILIES)
    return (names.index(family) if family in names else len(names), family)
