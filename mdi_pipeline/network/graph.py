"""The network as two tables of integers, and as an igraph graph made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import igraph


@dataclass(frozen=True)
class NetworkTables:
    """The frames of `network_nodes` and `network_edges`."""

    nodes: pl.DataFrame
    edges: pl.DataFrame


def network_tables(models: pl.DataFrame, lineage_edges: pl.DataFrame) -> NetworkTables:
    """Number the models from 0 in the order of their ids, and the edges with them.

    Edges that close a cycle are marked: a feedback arc set of each strongly connected component, by the
    heuristic of Eades, Lin & Smyth (1993), so that what remains is acyclic.
    """
    nodes = (
        models.select("model_id", created_at=pl.col("created_at").dt.epoch("s"))
        .sort("model_id")
        .with_row_index("node")
        .with_columns(pl.col("node").cast(pl.Int32))
    )
    number = nodes.select("model_id", "node")
    edges = (
        lineage_edges.select("child_id", "parent_id", "relation")
        .join(number.rename({"model_id": "child_id", "node": "child"}), on="child_id")
        .join(number.rename({"model_id": "parent_id", "node": "parent"}), on="parent_id")
        .select("child", "parent", "relation")
        .sort("child", "parent")
    )
    return NetworkTables(nodes, edges.with_columns(breaks_cycle=_closing_edges(nodes.height, edges)))


def read_graph(tables: NetworkTables, *, attributes: bool = False) -> igraph.Graph:
    """The network as a directed igraph graph, edges child -> parent, vertices numbered as the nodes.

    With `attributes`, vertices carry `name` (the model's id) and `created_at` (seconds since 1970, or
    None); for 3 million models that takes a few seconds more than the graph itself.
    """
    graph = _graph(tables.nodes.height, tables.edges)
    if attributes:
        graph.vs["name"] = tables.nodes["model_id"].to_list()
        graph.vs["created_at"] = tables.nodes["created_at"].to_list()
    return graph


def _graph(n_nodes: int, edges: pl.DataFrame) -> igraph.Graph:
    import igraph

    pairs = edges.select("child", "parent").to_numpy(order="c")
    return igraph.Graph(n=n_nodes, edges=pairs, directed=True)


def _closing_edges(n_nodes: int, edges: pl.DataFrame) -> pl.Series:
    """Which edges to leave out so that no cycle remains."""
    graph = _graph(n_nodes, edges)
    component = np.array(graph.connected_components(mode="strong").membership, dtype=np.int64)
    inside = np.flatnonzero(component[edges["child"].to_numpy()] == component[edges["parent"].to_numpy()])
    closing = np.zeros(edges.height, dtype=bool)
    closing[inside[graph.subgraph_edges(inside.tolist()).feedback_arc_set(method="eades")]] = True
    return pl.Series(closing)
