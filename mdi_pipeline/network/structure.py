"""Where each model stands in the network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.network.graph import NetworkTables, components, linked_graph

DAMPING = 0.85
"""The usual damping of PageRank (Brin & Page 1998)."""


def network_structure(tables: NetworkTables) -> pl.DataFrame:
    """The table `network_structure`: component, generation, PageRank, descendants and root of each node.

    Generation, descendants and root are those of the network without the edges that close a cycle.
    Linear in nodes, edges and pairs of a model and its ancestor (lineages are shallow).
    """
    acyclic = tables.edges.filter(~pl.col("breaks_cycle"))
    ancestry = _ancestry(acyclic)
    n_nodes = tables.nodes.height
    component, size = _components(n_nodes, tables.edges)
    return tables.nodes.select(
        "model_id",
        node=pl.int_range(pl.len(), dtype=pl.Int32),
        component_id=component,
        component_size=size,
        generation=_generations(n_nodes, acyclic),
        pagerank=_pageranks(n_nodes, tables.edges),
        n_descendants=np.bincount(ancestry["ancestor"].to_numpy(), minlength=n_nodes),
        root_id=tables.nodes["model_id"].gather(_single_roots(n_nodes, acyclic, ancestry)),
    )


def _components(n_nodes: int, edges: pl.DataFrame) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The first node of each node's weakly connected component, and how many it has."""
    component = components(n_nodes, edges, "weak")
    size = np.bincount(component)
    first = np.empty(size.size, dtype=np.int32)
    first[component[::-1]] = np.arange(n_nodes, dtype=np.int32)[::-1]  # of several, the last that is written stays
    return first[component], size[component]


def _generations(n_nodes: int, acyclic: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Longest path from a root: a pass over the edges for each generation there is."""
    child, parent = acyclic["child"].to_numpy(), acyclic["parent"].to_numpy()
    generation = np.zeros(n_nodes, dtype=np.int64)
    while True:
        longer = generation[parent] >= generation[child]
        if not longer.any():
            return generation
        np.maximum.at(generation, child[longer], generation[parent[longer]] + 1)


def _pageranks(n_nodes: int, edges: pl.DataFrame) -> npt.NDArray[np.float64]:
    """PageRank of each node, that of the nodes without an edge from what the others get.

    Nothing flows to a node without an edge: it gets what everyone gets beside, whose size only scales the ranks, its
    own part of it too. So ranks of the others among themselves, and what they get beside there, are told first.
    """
    linked, graph = linked_graph(n_nodes, edges)
    if not linked.size:
        return np.full(n_nodes, 1 / max(n_nodes, 1))
    among_linked = np.array(graph.pagerank(damping=DAMPING))
    from_dead_ends = among_linked[np.array(graph.outdegree()) == 0].sum()
    ranks = np.full(n_nodes, (1 - DAMPING + DAMPING * from_dead_ends) / linked.size)
    ranks[linked] = among_linked
    ranks /= ranks.sum()
    return ranks


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


def _single_roots(n_nodes: int, acyclic: pl.DataFrame, ancestry: pl.DataFrame) -> pl.Series:
    """The root of each node that derives from just one; null for the others, roots among them."""
    is_root = np.ones(n_nodes, dtype=np.bool_)
    is_root[acyclic["child"].to_numpy()] = False
    to_roots = ancestry.filter(is_root[ancestry["ancestor"].to_numpy()])
    single = (
        to_roots.group_by("node").agg(pl.len().alias("n"), root=pl.col("ancestor").first()).filter(pl.col("n") == 1)
    )
    return pl.repeat(None, n_nodes, dtype=pl.Int32, eager=True).scatter(single["node"], single["root"])
