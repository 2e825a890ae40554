"""Where each model stands in the network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.network.graph import NetworkTables, read_graph

DAMPING = 0.85
"""The usual damping of PageRank (Brin & Page 1998)."""


def network_structure(tables: NetworkTables) -> pl.DataFrame:
    """The table `network_structure`: component, generation, PageRank, descendants and root of each node.

    Generation, descendants and root are those of the network without the edges that close a cycle.
    Linear in nodes, edges and pairs of a model and its ancestor (lineages are shallow).
    """
    graph = read_graph(tables)
    acyclic = tables.edges.filter(~pl.col("breaks_cycle"))
    ancestry = _ancestry(acyclic)
    nodes = tables.nodes.select("node", "model_id")
    weak = pl.Series("component", graph.connected_components(mode="weak").membership)
    return (
        nodes.with_columns(
            weak,
            generation=pl.Series(_generations(nodes.height, acyclic), dtype=pl.Int64),
            pagerank=pl.Series(graph.pagerank(damping=DAMPING)),
        )
        .with_columns(
            component_id=pl.col("node").min().over("component").cast(pl.Int32),
            component_size=pl.len().over("component").cast(pl.Int64),
        )
        .join(ancestry.group_by(node="ancestor").agg(n_descendants=pl.len()), on="node", how="left")
        .join(_single_roots(nodes, acyclic, ancestry), on="node", how="left")
        .with_columns(pl.col("n_descendants").fill_null(0).cast(pl.Int64))
        .drop("node", "component")
    )


def _generations(n_nodes: int, acyclic: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Longest path from a root: a pass over the edges for each generation there is."""
    child, parent = acyclic["child"].to_numpy(), acyclic["parent"].to_numpy()
    generation = np.zeros(n_nodes, dtype=np.int64)
    while True:
        longer = generation[parent] >= generation[child]
        if not longer.any():
            return generation
        np.maximum.at(generation, child[longer], generation[parent[longer]] + 1)


def _ancestry(acyclic: pl.DataFrame) -> pl.DataFrame:
    """Every pair of a node and an ancestor of it, once: `node`, `ancestor`; walked upward from all nodes at once."""
    parents = acyclic.select(node="child", ancestor="parent")
    found = [parents]
    frontier = parents
    above = acyclic.select("child", "parent")
    while not frontier.is_empty():
        frontier = frontier.join(above, left_on="ancestor", right_on="child").select("node", ancestor="parent").unique()
        found.append(frontier)
    return pl.concat(found).unique()


def _single_roots(nodes: pl.DataFrame, acyclic: pl.DataFrame, ancestry: pl.DataFrame) -> pl.DataFrame:
    """The root of each node that has just one; a root is its own."""
    roots = nodes.join(acyclic, left_on="node", right_on="child", how="anti").rename({"model_id": "root_id"})
    of_others = (
        ancestry.join(roots, left_on="ancestor", right_on="node")
        .group_by("node")
        .agg(pl.len().alias("n"), pl.col("root_id").first())
        .filter(pl.col("n") == 1)
        .select("node", "root_id")
    )
    return pl.concat([roots.select("node", "root_id"), of_others])
