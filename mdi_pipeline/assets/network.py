"""The lineage network, where each model stands in it, and what it is like as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from mdi_pipeline.assets.step import Frames, Number, Step
from mdi_pipeline.partition import Partition


def _network(partition: Partition) -> Frames:
    from mdi_pipeline.network import network_tables

    tables = network_tables(partition.read("models"), partition.read("lineage_edges"))
    return {"network_nodes": tables.nodes, "network_edges": tables.edges}


def _structure(partition: Partition) -> Frames:
    from mdi_pipeline.network import NetworkTables, network_structure

    tables = NetworkTables(partition.read("network_nodes"), partition.read("network_edges"))
    return {"network_structure": network_structure(tables)}


def _summary(partition: Partition) -> Frames:
    from mdi_pipeline.network import NetworkTables, network_summary

    tables = NetworkTables(partition.read("network_nodes"), partition.read("network_edges"))
    summary = network_summary(
        partition.read("models"), partition.read("lineage_edges"), partition.read("network_structure"), tables
    )
    return {"network_summary": summary}


def _network_numbers(frames: Frames) -> Mapping[str, Number]:
    return {"nodes": frames["network_nodes"].height, "edges": frames["network_edges"].height}


def _summary_numbers(frames: Frames) -> Mapping[str, Number]:
    return dict(frames["network_summary"].select("measure", "value").iter_rows())


STEPS = (
    Step(
        name="lineage_network",
        group="network",
        reads=("models", "lineage_edges"),
        writes=("network_nodes", "network_edges"),
        layers=("network",),
        compute=_network,
        numbers={"lineage_network": _network_numbers},
    ),
    Step(
        name="network_structure",
        group="network",
        reads=("network_nodes", "network_edges"),
        writes=("network_structure",),
        layers=("network",),
        compute=_structure,
    ),
    Step(
        name="network_summary",
        group="network",
        reads=("models", "lineage_edges", "network_nodes", "network_edges", "network_structure"),
        writes=("network_summary",),
        layers=("network",),
        compute=_summary,
        numbers={"network_summary": _summary_numbers},
    ),
)
