"""Tables of the lineage network and its structure."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import choice, count, hub_id, real, text
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.vocabulary import RELATIONS


class NetworkEdges(dy.Schema):
    """An edge of `lineage_network`, by the numbers of its nodes: the rows of `models`, from 0 in the order of ids."""

    child = dy.Int32(primary_key=True, min=0, description="Number of the model that derives.")
    parent = dy.Int32(primary_key=True, min=0, description="Number of the model that it derives from.")
    relation = choice(RELATIONS, "How the child derives from the parent.")
    breaks_cycle = dy.Bool(
        description="Whether the edge is left out where the graph must be acyclic (generation, descendants, root)."
    )

    @dy.rule()
    def no_self_loop(cls) -> pl.Expr:
        """A model is not its own parent."""
        return pl.col("child") != pl.col("parent")


NETWORK_EDGES = Table("network_edges", NetworkEdges)


class NetworkStructure(dy.Schema):
    """A node and its place in the network."""

    model_id = hub_id("Id of the model.", key=True)
    node = dy.Int32(min=0, description="Number of the node in `network_edges`: its place in the order of ids, from 0.")
    component_id = dy.Int32(min=0, description="The weakly connected component, named by the number of its first node.")
    component_size = dy.Int64(min=1, description="Number of models in the component.")
    generation = count("Longest path from a root; 0 for roots.")
    pagerank = real("PageRank along child -> parent edges, damping 0.85; sums to 1.", nullable=False, low=0, high=1)
    n_descendants = count("Models that derive from it, directly or through others; each counts once.")
    root_id = hub_id("The one root that it derives from; null for roots, and where there are several.", nullable=True)


NETWORK_STRUCTURE = Table("network_structure", NetworkStructure)


class NetworkSummary(dy.Schema):
    """A figure about the network."""

    measure = text("Name of the figure.", nullable=False, key=True)
    value = real("The figure; null where it is undefined.")
    meaning = text("What the figure says.", nullable=False)


NETWORK_SUMMARY = Table("network_summary", NetworkSummary)
