"""How much the kernel does, and that it is compiled once."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mdi_pipeline.compute.compilation import compiled
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


@pytest.mark.slow
def test_a_second_process_does_not_compile(tmp_path: Path) -> None:
    code = """
import polars as pl
from mdi_pipeline.disruption.counts import disruption_counts
from mdi_pipeline.disruption import adjacency, chronology, counts, graph, kernel
edges = pl.DataFrame({"child": [1, 2], "parent": [0, 1]})
disruption_counts(edges, pl.DataFrame({"id": [0, 1, 2], "created_at": [0, 1, 2]}), [9])
lists = (adjacency._size, adjacency._deal, adjacency._list_group, adjacency.only)
order = (chronology._packed, chronology._by_digits, chronology._numbered)
for function in (*lists, *order, counts._gather, graph._window_stops, kernel._count_block):
    print(sum(function.stats.cache_hits.values()), sum(function.stats.cache_misses.values()))
"""
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PATH": ""}

    def run() -> set[str]:
        ran = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
        return set(ran.stdout.splitlines())

    assert run() == {"0 1"}
    assert run() == {"1 0"}


def test_where_nothing_can_be_kept_it_compiles_all_the_same() -> None:
    scope: dict[str, object] = {}
    exec("def double(value):\n    return 2 * value", scope)
    double = scope["double"]
    assert callable(double)
    assert compiled(double)(21) == 42
