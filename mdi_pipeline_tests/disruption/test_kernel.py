"""How much the kernel does."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl

from mdi_pipeline.disruption.counts import kernel_windows
from mdi_pipeline.disruption.graph import temporal_graph
from mdi_pipeline.disruption.kernel import count_all


def visits(children: np.ndarray, parents: np.ndarray) -> int:
    """List entries that the kernel reads to score this network with a window that holds all of it."""
    edges = pl.DataFrame({"child": children, "parent": parents})
    n_nodes = int(children.max()) + 1
    models = pl.DataFrame({"id": np.arange(n_nodes), "created_at": np.arange(n_nodes)})
    graph = temporal_graph(edges, models, child="child", parent="parent", id="id", created_at="created_at")
    return count_all(graph.family, kernel_windows(graph, [n_nodes]))[1]


def star(n_children: int) -> int:
    children = np.arange(1, n_children + 1)
    return visits(children, np.zeros_like(children))


def test_work_on_a_star_grows_linearly() -> None:
    # Small ones first, so that a kernel that walks through siblings fails here and does not go on for hours.
    small = [star(2_000 * 2**doubling) for doubling in range(4)]
    assert all(larger < 2.3 * smaller for smaller, larger in itertools.pairwise(small))
    # Two binary searches, each of 20 halvings at most and then up to 16 entries read in a row.
    assert 1_000_000 <= star(1_000_000) < 1_000_000 * 2 * (20 + 16)


def test_work_on_merges_of_a_hub_and_a_small_parent_grows_linearly() -> None:
    def merges(n_children: int) -> int:
        """Every child has the hub 0 and one of many small parents, ten children each."""
        small_parents = np.arange(1, n_children // 10 + 1)
        children = np.arange(len(small_parents) + 1, len(small_parents) + n_children + 1)
        hub = np.zeros_like(children)
        return visits(np.concatenate([children, children]), np.concatenate([hub, np.repeat(small_parents, 10)]))

    small = [merges(10_000 * 2**doubling) for doubling in range(4)]
    assert all(larger < 2.3 * smaller for smaller, larger in itertools.pairwise(small))
