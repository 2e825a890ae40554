"""From edges to the lineage network: an igraph graph, its structure and figures that sum it up."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.network.graph import NetworkTables, network_tables, read_graph
    from mdi_pipeline.network.structure import network_structure
    from mdi_pipeline.network.summary import children_summary, network_summary

_MODULES = {
    "NetworkTables": "graph",
    "children_summary": "summary",
    "network_structure": "structure",
    "network_summary": "summary",
    "network_tables": "graph",
    "read_graph": "graph",
}
"""Where each public name is defined; imported when it is first asked for, since some take seconds."""

__all__ = [
    "NetworkTables",
    "children_summary",
    "network_structure",
    "network_summary",
    "network_tables",
    "read_graph",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
