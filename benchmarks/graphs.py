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
    n_nodes: int, n_derived: int, n_more: int, *, tail: float, seed: int = 1
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`n_derived` nodes with one parent each, heavy-tailed, and `n_more` parents shared out to a sixth of them."""
    random = np.random.default_rng(seed)
    derived = random.choice(np.arange(1, n_nodes), n_derived, replace=False)
    child = np.concatenate([derived, random.choice(derived[: n_derived // 6], n_more)])
    parent = (child * random.random(len(child)) ** tail).astype(np.int64)
    return _frames(n_nodes, child, parent, 4 * YEAR, random)


def simulated_hub(n_models: int, *, strings: bool, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The models of the simulated Hub and who truly derives from whom, where both are still there.

    Without the few that are older than their parent, which peers get wrong.
    """
    from mdi_pipeline.simulator.setting import Setting
    from mdi_pipeline.simulator.simulation import simulate

    hub = simulate(Setting(n_models, seed))
    there, created = hub.population.survives, hub.population.created
    child, parent = hub.attachment.child, hub.attachment.parent
    kept = there[child] & there[parent] & (created[child] >= created[parent])
    ids = hub.fields["id"] if strings else pl.Series(np.arange(len(there)))
    edges = pl.DataFrame({"child": ids.gather(child[kept]), "parent": ids.gather(parent[kept])})
    models = pl.DataFrame({"id": ids, "created_at": created}).filter(there)
    return (
        edges.unique(maintain_order=True).sample(fraction=1.0, shuffle=True, seed=seed),
        models.sample(fraction=1.0, shuffle=True, seed=seed),
    )


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
        "the simulated Hub, 3,000,000 models, integer ids, 90 days of 4 years",
        90 * DAY,
        lambda: simulated_hub(3_000_000, strings=False),
    ),
    "hub-3m-strings": Graph(
        "the same with string ids",
        90 * DAY,
        lambda: simulated_hub(3_000_000, strings=True),
    ),
}
"""The graphs by name."""
