"""Lists of neighbours against sets: over one bucket of nodes and over several, dealt by one thread and by all."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.disruption.adjacency import (
    INSERTION_SORT_LIMIT,
    SMALLEST_BUCKET_BITS,
    WORTH_A_THREAD,
    adjacency,
    only,
    transposed,
)

SEVERAL_BUCKETS = 3 << SMALLEST_BUCKET_BITS


@given(
    n_nodes=st.sampled_from([1, 7, 60, 1 << SMALLEST_BUCKET_BITS, SEVERAL_BUCKETS, SEVERAL_BUCKETS + 1]),
    n_edges=st.integers(0, 400),
    n_sources=st.integers(1, 100),
    worth_a_thread=st.sampled_from([100, WORTH_A_THREAD]),
    seed=st.integers(0, 1000),
)
def test_lists_hold_what_the_edges_say(
    n_nodes: int, n_edges: int, n_sources: int, worth_a_thread: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    few = random.integers(0, n_nodes, n_sources)
    source, target = (random.choice(few, n_edges).astype(np.int32) for _ in range(2))
    expected = {(one, other) for one, other in zip(source.tolist(), target.tolist(), strict=True) if one != other}

    with patch("mdi_pipeline.disruption.adjacency.WORTH_A_THREAD", worth_a_thread):
        lists = adjacency(source, target, n_nodes)
        back = transposed(lists)
    assert _pairs(lists) == sorted(expected)
    assert _pairs(back) == sorted((other, one) for one, other in expected)

    wanted = random.random(n_nodes) < 0.5
    assert _pairs(only(lists, wanted)) == sorted(pair for pair in expected if wanted[pair[1]])


@pytest.mark.parametrize("length", [INSERTION_SORT_LIMIT, INSERTION_SORT_LIMIT + 1, 5_000])
def test_long_lists_are_sorted_too(length: int) -> None:
    target = np.random.default_rng(0).permutation(np.arange(1, length + 1, dtype=np.int32))
    lists = adjacency(np.zeros(2 * length, np.int32), np.concatenate([target, target]), length + 1)
    assert lists.neighbours.tolist() == list(range(1, length + 1))
    assert lists.start[:2].tolist() == [0, length]


def _pairs(lists: object) -> list[tuple[int, int]]:
    start, neighbours = lists  # type: ignore[misc]
    source = np.repeat(np.arange(len(start) - 1), np.diff(start))
    assert len(source) == len(neighbours)
    return list(zip(source.tolist(), neighbours.tolist(), strict=True))
