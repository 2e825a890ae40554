"""Networks whose children may swap parents, and every network that such swaps lead to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import polars as pl

START = datetime(2023, 1, 1, tzinfo=UTC)


def network(seed: int, n_models: int = 120, n_edges: int = 260) -> tuple[pl.DataFrame, pl.DataFrame]:
    random = np.random.default_rng(seed)
    days = np.sort(random.integers(0, 400, n_models))
    child = random.integers(1, n_models, n_edges)
    parent = (child * random.random(n_edges) ** 2).astype(int)
    edges = (
        pl.DataFrame(
            {
                "child_id": [f"m{node}" for node in child],
                "parent_id": [f"m{node}" if node % 9 else f"away{node}" for node in parent],
                "relation": random.choice(["finetune", "adapter"], n_edges),
            }
        )
        .filter(pl.col("child_id") != pl.col("parent_id"))
        .unique(["child_id", "parent_id"], maintain_order=True)
    )
    models = pl.DataFrame(
        {
            "model_id": [f"m{node}" for node in range(n_models)],
            "created_at": [
                None if node % 17 == 0 else START + timedelta(days=int(day)) for node, day in enumerate(days)
            ],
            "pipeline_tag": ["text-generation"] * n_models,
        },
        schema_overrides={"created_at": pl.Datetime("us", "UTC")},
    )
    return models, edges


Edge = tuple[str, str, str]
Network = frozenset[Edge]


def siblings() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Few edges, of every kind that swaps must heed, and children in the window whose index hangs on them."""
    born = dict.fromkeys("pqr", START) | {"late": START + timedelta(days=40)}
    born |= {name: START + timedelta(days=33 + 3 * rank) for rank, name in enumerate("abcde")}
    born |= {name: START + timedelta(days=61 + rank) for rank, name in enumerate("xyz")}
    edges = [
        *[("a", "p", "finetune"), ("b", "q", "finetune"), ("c", "r", "finetune"), ("d", "late", "finetune")],
        *[("d", "p", "merge"), ("e", "p", "merge"), ("e", "away", "merge")],
        *[("x", "a", "finetune"), ("y", "p", "finetune"), ("z", "q", "finetune"), ("z", "b", "merge")],
    ]
    return pl.DataFrame({"model_id": list(born), "created_at": list(born.values())}), pl.DataFrame(
        edges, schema=["child_id", "parent_id", "relation"], orient="row"
    )


def reachable(models: pl.DataFrame, edges: pl.DataFrame) -> list[Network]:
    """Every network that swaps lead to, found by trying all of them on ids."""
    born: dict[str, datetime] = dict(models.select("model_id", "created_at").iter_rows())

    def may_derive(child: str, parent: str, network: Network) -> bool:
        older = parent not in born or born[parent] < born[child]
        return older and not any(edge[:2] == (child, parent) for edge in network)

    def swapped(network: Network) -> Iterator[Network]:
        for one, other in combinations(network, 2):
            (child, parent, kind), (other_child, other_parent, other_kind) = one, other
            if (born[child].month, kind) != (born[other_child].month, other_kind):
                continue
            if may_derive(child, other_parent, network) and may_derive(other_child, parent, network):
                yield network - {one, other} | {(child, other_parent, kind), (other_child, parent, kind)}

    found = {frozenset(edges.iter_rows())}
    fresh = list(found)
    while fresh:
        fresh = list({after for before in fresh for after in swapped(before)} - found)
        found.update(fresh)
    return sorted(found, key=sorted)
