"""From edges to the lineage network: an igraph graph, its structure and figures that sum it up."""

from mdi_pipeline.network.graph import NetworkTables, network_tables, read_graph
from mdi_pipeline.network.structure import network_structure
from mdi_pipeline.network.summary import children_summary, network_summary

__all__ = [
    "NetworkTables",
    "children_summary",
    "network_structure",
    "network_summary",
    "network_tables",
    "read_graph",
]
