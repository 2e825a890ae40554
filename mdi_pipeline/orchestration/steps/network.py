"""The lineage network, where each model stands in it, and what it is like as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Frames, Number, Step


def _network(partition: Partition) -> Frames:
    from mdi_pipeline.network.graph import network_tables

    nodes = partition.read("models", ["model_id", "created_at"])
    edges = partition.read("lineage_edges", ["child_id", "parent_id", "relation"])
    return {"network_edges": network_tables(nodes, edges).edges}


def _structure(partition: Partition) -> Frames:
    from mdi_pipeline.network.graph import NetworkTables
    from mdi_pipeline.network.structure import network_structure

    nodes = partition.read("models", ["model_id", "created_at"])
    return {"network_structure": network_structure(NetworkTables(nodes, partition.read("network_edges")))}


def _summary(partition: Partition) -> Frames:
    from mdi_pipeline.network.summary import network_summary

    summary = network_summary(
        partition.read("models", ["in_snapshot", "n_parents", "n_children"]),
        partition.read("lineage_edges", ["relation", "time_reversed"]),
        partition.read("network_structure", ["component_id", "component_size", "generation"]),
        partition.read("network_edges"),
    )
    return {"network_summary": summary}


def _network_numbers(frames: Frames) -> Mapping[str, Number]:
    return {
        "edges": frames["network_edges"].height,
        "closing a cycle": int(frames["network_edges"]["breaks_cycle"].sum()),
    }


def _summary_numbers(frames: Frames) -> Mapping[str, Number]:
    return dict(frames["network_summary"].select("measure", "value").iter_rows())


STEPS = (
    Step(
        name="lineage_network",
        group="network",
        reads=("models", "lineage_edges"),
        writes=("network_edges",),
        layers=("network",),
        compute=_network,
        numbers={"lineage_network": _network_numbers},
    ),
    Step(
        name="network_structure",
        group="network",
        reads=("models", "network_edges"),
        writes=("network_structure",),
        layers=("network",),
        compute=_structure,
    ),
    Step(
        name="network_summary",
        group="network",
        reads=("models", "lineage_edges", "network_edges", "network_structure"),
        writes=("network_summary",),
        layers=("network",),
        compute=_summary,
        numbers={"network_summary": _summary_numbers},
    ),
)
