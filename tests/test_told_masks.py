"""Promises about masks that are told: of each vamp by its id, of each slot by its number, and as events to Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import build_msg
from serve_helpers import FakeEngine, UdpClient, client_of, fake_take, serving, write_loop
from vampbridge.bridge.client.events import MaskRow, SlotMaskRow, VampMaskRow, events_in
from vampbridge.bridge.masks import MAX_KEPT, MAX_TOLD_COLUMNS, keep_mask, rows_told, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vampbridge.engine.take import Mask


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[UdpClient]:
    def masked(request: Any, name: str = "") -> Any:
        mask = np.array([[request.settings.seed == 1, True], [request.settings.seed == 2, False]])
        return replace(fake_take(request, name), mask=mask)

    monkeypatch.setattr("serve_helpers.fake_take", masked)
    write_loop(tmp_path / "loop.wav")
    with serving(FakeEngine(), tmp_path) as server, client_of(server) as made:
        yield made


def vamp(client: UdpClient, folder: Path, request_id: object, seed: int) -> None:
    client.send("/vamp/set/seed", seed)
    client.send("/vamp/file", str(folder / "loop.wav"), str(folder / f"out-{seed}.wav"), request_id)
    client.receive("/vamp/done")


def test_each_vamp_is_asked_for_its_own_mask(client: UdpClient, tmp_path: Path) -> None:
    vamp(client, tmp_path, 1, 1)
    vamp(client, tmp_path, "second", 2)
    assert client.ask("/vamp/mask/of", 1) == [
        ("/vamp/mask/of", [1, 1, 2, 1, 1]),
        ("/vamp/mask/of", [1, 2, 2, 0, 0]),
    ]
    assert client.ask("/vamp/mask/of", "second") == [
        ("/vamp/mask/of", ["second", 1, 2, 0, 1]),
        ("/vamp/mask/of", ["second", 2, 2, 1, 0]),
    ]
    assert [values[0] for _, values in client.ask("/vamp/mask")] == [1, 2]  # the last one's, as ever
    vamp(client, tmp_path, 1, 2)
    assert client.ask("/vamp/mask/of", 1)[1] == ("/vamp/mask/of", [1, 2, 2, 1, 0])  # the newest of that id


def test_a_vamp_that_there_was_not_is_an_error_with_its_id(client: UdpClient) -> None:
    ((address, told),) = client.ask("/vamp/mask/of", 7)
    assert (address, told[:2], told[3]) == ("/vamp/error", ["request", "/vamp/mask/of"], 7)


@given(ids=st.lists(st.one_of(st.integers(0, 40), st.text("ab", max_size=3)), max_size=60))
def test_the_newest_masks_are_kept_and_no_more(ids: list[object]) -> None:
    masks: dict[object, Mask] = {}
    for number, request_id in enumerate(ids):
        mask = np.zeros((1, 1000), dtype=np.bool_)
        mask[0, : number * 8] = True
        keep_mask(masks, request_id, mask)
        np.testing.assert_array_equal(masks[request_id], shown(mask))
    assert list(masks) == list(dict.fromkeys(reversed(ids)))[:MAX_KEPT][::-1]
    assert all(mask.shape == (1, MAX_TOLD_COLUMNS) for mask in masks.values())  # however long the loop was


def test_a_kept_mask_is_told_as_the_mask_itself() -> None:
    mask = np.random.default_rng(1).random((3, 577)) > 0.5
    assert rows_told(shown(mask)) == rows_told(mask)


@pytest.mark.parametrize(
    ("address", "values", "wanted"),
    [
        ("/vamp/mask/row", (2, 0, 1), (MaskRow, {"row": 2, "cells": [0, 1]})),
        ("/vamp/mask/of", ("mine", 2, 14, 0, 1), (VampMaskRow, {"request_id": "mine", "row": 2, "rows": 14})),
        ("/vamp/slot/3/mask/row", (2, 0, 1), (SlotMaskRow, {"slot": 3, "row": 2, "cells": [0, 1]})),
    ],
)
def test_rows_of_masks_are_events(address: str, values: tuple[Any, ...], wanted: tuple[type, dict[str, Any]]) -> None:
    (event,) = events_in(build_msg(address, list(values)).dgram)
    made, fields = wanted
    assert type(event) is made
    assert {name: getattr(event, name) for name in fields} == fields
    assert event.cells == [0, 1]  # type: ignore[attr-defined]
