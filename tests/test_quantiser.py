"""The default codec's quantiser: which entry is chosen, and how the entries follow what they are chosen for."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.nets.quantiser import QuantiserLevel


def level_of(entries):
    level = QuantiserLevel(2, len(entries), 2)
    level.codebook.copy_(torch.tensor(entries))
    return level


@pytest.mark.parametrize(("length", "chosen"), [(0.4, 0), (1.9, 0), (2.1, 1), (9.0, 1)])
def test_of_entries_in_one_direction_the_nearest_in_length_is_chosen(length, chosen):
    # Published, direction alone decides, and either entry is as good.
    level = level_of([[0.6, 0.8], [1.8, 2.4], [-0.6, -0.8]])
    assert level.nearest(torch.tensor([[0.6, 0.8]]) * length).tolist() == [chosen]


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=9), st.integers(0, 99))
def test_the_chosen_entry_is_the_nearest(entries, seed):
    level = level_of([list(entry) for entry in entries])
    vectors = torch.randn(20, 2, generator=torch.Generator().manual_seed(seed)) * 5
    distances = torch.cdist(vectors, level.codebook)
    chosen = distances[torch.arange(20), level.nearest(vectors)]
    # Squares of numbers up to 30 in float32, and the root of their difference.
    assert (chosen <= distances.min(dim=1).values + 1e-2).all()


def test_an_entry_that_falls_out_of_use_starts_anew_among_the_vectors():
    torch.manual_seed(0)
    level = level_of([[1.0, 0.0], [500.0, 500.0]]).train()
    level.sums.copy_(level.codebook)
    vectors = torch.tensor([[[1.0, 0.1], [1.0, -0.1]]])
    with torch.no_grad():
        for _ in range(400):
            level._follow(vectors, level.nearest(vectors))
    assert level.codebook.abs().max() < 2
