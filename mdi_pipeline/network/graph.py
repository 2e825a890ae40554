"""The network as its models and a table of integer edges, and as an igraph graph made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.compute.id_lookup import ends

if TYPE_CHECKING:
    import igraph


@dataclass(frozen=True)
class NetworkTables:
    """The nodes and the table `network_edges`, which numbers them.

    `nodes` has `model_id` and `created_at` of the table `models`, whose rows are the nodes, numbered from 0.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame


def network_tables(models: pl.DataFrame, lineage_edges: pl.DataFrame) -> NetworkTables:
    """The models in the order of their ids, and the edges by the places of their ends in it, from 0.

    Edges that close a cycle are marked: a feedback arc set of each strongly connected component, by the
    heuristic of Eades, Lin & Smyth (1993), so that what remains is acyclic.
    """
    nodes = models.sort("model_id")
    edges = (
        ends(lineage_edges, nodes["model_id"])
        .select(pl.col("child", "parent").cast(pl.Int32), "relation")
        .sort("child", "parent")
    )
    return NetworkTables(nodes, edges.with_columns(breaks_cycle=_closing_edges(nodes.height, edges)))


def read_graph(tables: NetworkTables, *, attributes: bool = False) -> igraph.Graph:
    """The network as a directed igraph graph, edges child -> parent, vertices numbered as the nodes.

    With `attributes`, vertices carry `name` (the model's id) and `created_at` (seconds since 1970, or
    None); for 3 million models that takes a few seconds more than the graph itself.
    """
    graph = _graph(tables.nodes.height, _pairs(tables.edges))
    if attributes:
        graph.vs["name"] = tables.nodes["model_id"].to_list()
        graph.vs["created_at"] = tables.nodes["created_at"].dt.epoch("s").to_list()
    return graph


def components(n_nodes: int, edges: pl.DataFrame, connection: Literal["weak", "strong"]) -> npt.NDArray[np.int32]:
    """The number of each node's connected component, in a table `network_edges`."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ends = edges["child"].to_numpy(), edges["parent"].to_numpy()
    links = coo_matrix((np.ones(edges.height, dtype=np.int8), ends), (n_nodes, n_nodes))
    component: npt.NDArray[np.int32] = connected_components(links, connection=connection)[1]
    return component


def linked_graph(n_nodes: int, edges: pl.DataFrame) -> tuple[npt.NDArray[np.int64], igraph.Graph]:
    """The nodes that have an edge, and the graph of them alone, in their order: two models in three have none."""
    pairs = _pairs(edges)
    is_linked = np.zeros(n_nodes, dtype=np.bool_)
    is_linked[pairs] = True
    number = np.cumsum(is_linked) - 1
    return np.flatnonzero(is_linked), _graph(int(is_linked.sum()), number[pairs])


def _pairs(edges: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Child and parent of each edge, in the type that igraph takes as it is."""
    return edges.select(pl.col("child", "parent").cast(pl.Int64)).to_numpy(order="c")


def _graph(n_nodes: int, pairs: npt.NDArray[np.int64]) -> igraph.Graph:
    import igraph

    graph = igraph.Graph(n=n_nodes, directed=True)
    graph.add_edges(pairs)  # the constructor would take three times as long over the same array
    return graph


def _closing_edges(n_nodes: int, edges: pl.DataFrame) -> pl.Series:
    """Which edges to leave out so that no cycle remains."""
    component = components(n_nodes, edges, "strong")
    inside = np.flatnonzero(component[edges["child"].to_numpy()] == component[edges["parent"].to_numpy()])
    closing = np.zeros(edges.height, dtype=bool)
    _, cyclic = linked_graph(n_nodes, edges[inside])
    closing[inside[cyclic.feedback_arc_set(method="eades")]] = True
    return pl.Series(closing)
