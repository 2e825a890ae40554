"""Seeded graphs for the benchmarks, as frames: `child`, `parent` and `id`, `created_at` (an integer)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

DAY = 86_400
YEAR = 365 * DAY


@dataclass(frozen=True)
class Graph:
    """What a graph is called, how it is made, and the window it is scored with, in the unit of its times."""

    meaning: str
    window: int
    make: Callable[[], tuple[pl.DataFrame, pl.DataFrame]]


def citations(
    n_nodes: int, n_edges: int, *, tail: float, span: int, seed: int = 1
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every edge from a random node to an older one: to any alike at tail 1, to ever fewer hubs above."""
    random = np.random.default_rng(seed)
    child = random.integers(1, n_nodes, n_edges)
    parent = (child * random.random(n_edges) ** tail).astype(np.int64)
    return _frames(n_nodes, child, parent, span, random)


def lineage(
    n_nodes: int, n_derived: int, n_more: int, *, tail: float, strings: bool = False, seed: int = 1
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`n_derived` nodes with one parent each, heavy-tailed, and `n_more` parents shared out to a sixth of them."""
    random = np.random.default_rng(seed)
    derived = random.choice(np.arange(1, n_nodes), n_derived, replace=False)
    child = np.concatenate([derived, random.choice(derived[: n_derived // 6], n_more)])
    parent = (child * random.random(len(child)) ** tail).astype(np.int64)
    edges, models = _frames(n_nodes, child, parent, 4 * YEAR, random)
    if not strings:
        return edges, models
    return edges.with_columns(_name("child"), _name("parent")), models.with_columns(_name("id"))


def _frames(
    n_nodes: int, child: np.ndarray, parent: np.ndarray, span: int, random: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """No duplicates, no loops, no child older than its parent, in random order: graphs that every peer gets right."""
    ids = random.permutation(n_nodes)
    times = np.sort(random.integers(0, span, n_nodes))
    pairs = np.unique(child * n_nodes + parent)
    pairs = random.permutation(pairs[pairs // n_nodes != pairs % n_nodes])
    rows = random.permutation(n_nodes)
    edges = pl.DataFrame({"child": ids[pairs // n_nodes], "parent": ids[pairs % n_nodes]})
    return edges, pl.DataFrame({"id": ids[rows], "created_at": times[rows]})


def _name(column: str) -> pl.Expr:
    return pl.format("publisher-{}/model-{}", pl.col(column) % 600_000, pl.col(column)).alias(column)


GRAPHS = {
    "uniform": Graph(
        "uniform, 200,000 nodes, 800,000 edges, 5 of 40 years",
        5 * 365,
        lambda: citations(200_000, 800_000, tail=1, span=40 * 365),
    ),
    "hubs": Graph(
        "hubs of up to 10,000 children, 200,000 nodes, 800,000 edges, 90 days of 6 years",
        90 * DAY,
        lambda: citations(200_000, 800_000, tail=2.58, span=6 * YEAR),
    ),
    "large-hubs": Graph(
        "hubs of up to 90,000 children, 200,000 nodes, 800,000 edges, 90 days of 6 years",
        90 * DAY,
        lambda: citations(200_000, 800_000, tail=5.6, span=6 * YEAR),
    ),
    "lineage": Graph(
        "lineages, 2,000,000 nodes, 2,500,000 edges, 90 days of 4 years",
        90 * DAY,
        lambda: lineage(2_000_000, 1_900_000, 600_000, tail=3),
    ),
    "patents": Graph(
        "uniform, 3,770,000 nodes, 16,500,000 edges, 5 of 40 years",
        5 * 365,
        lambda: citations(3_770_000, 16_500_000, tail=1, span=40 * 365),
    ),
    "ten-fold": Graph(
        "uniform, 30,000,000 nodes, 100,000,000 edges, 5 of 40 years",
        5 * 365,
        lambda: citations(30_000_000, 100_000_000, tail=1, span=40 * 365),
    ),
    "hub-3m-integers": Graph(
        "lineage-like Hub of 3,000,000 models, 900,000 edges, integer ids, 90 days of 4 years",
        90 * DAY,
        lambda: lineage(3_000_000, 870_000, 30_000, tail=4),
    ),
    "hub-3m-strings": Graph(
        "the same with string ids",
        90 * DAY,
        lambda: lineage(3_000_000, 870_000, 30_000, tail=4, strings=True),
    ),
}
"""The graphs by name. `hub-3m-*` are lineage-like stand-ins, not the simulated Hub of `hub/`."""
