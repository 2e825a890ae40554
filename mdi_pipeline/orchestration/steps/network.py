"""The lineage network, where each model stands in it, and what it is like as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mdi_pipeline.orchestration.step import Step

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.inputs import Inputs
    from mdi_pipeline.orchestration.step import Frames, Made, Number


def _network(inputs: Inputs) -> Made:
    from mdi_pipeline.network.graph import network_tables

    nodes = inputs.read("models", ["model_id"])
    edges = inputs.read("lineage_edges", ["child_id", "parent_id", "relation"])
    return {"network_edges": network_tables(nodes, edges).edges}


def _structure(inputs: Inputs) -> Made:
    from mdi_pipeline.network.graph import NetworkTables
    from mdi_pipeline.network.structure import network_structure

    nodes = inputs.read("models", ["model_id"])
    return {"network_structure": network_structure(NetworkTables(nodes, inputs.read("network_edges")))}


def _summary(inputs: Inputs) -> Made:
    from mdi_pipeline.network.summary import network_summary

    summary = network_summary(
        inputs.read("models", ["in_snapshot", "n_parents", "n_children"]),
        inputs.read("lineage_edges", ["relation", "time_reversed"]),
        inputs.read("network_structure", ["component_id", "component_size", "generation"]),
        inputs.read("network_edges"),
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
        compute=_network,
        numbers={"lineage_network": _network_numbers},
    ),
    Step(
        name="network_structure",
        group="network",
        reads=("models", "network_edges"),
        writes=("network_structure",),
        compute=_structure,
    ),
    Step(
        name="network_summary",
        group="network",
        reads=("models", "lineage_edges", "network_edges", "network_structure"),
        writes=("network_summary",),
        compute=_summary,
        numbers={"network_summary": _summary_numbers},
    ),
)
