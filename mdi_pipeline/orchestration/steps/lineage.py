"""From metadata to edges, and to the nodes that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Frames, Number, Step

if TYPE_CHECKING:
    from mdi_pipeline.lineage.growth import Counted


def _parse(partition: Partition) -> Frames:
    """The declared lineage, what the crawl itself says of the guesses, and the guesses that are good enough."""
    import polars as pl

    from mdi_pipeline.lineage.gate import admit, admitted_rules
    from mdi_pipeline.lineage.masking import mask
    from mdi_pipeline.lineage.parsing import parse_lineage
    from mdi_pipeline.statistics.guess_quality import guess_quality
    from mdi_pipeline.statistics.lineage_quality import lineage_agreement, lineage_quality

    settings = partition.settings
    snapshots = partition.scan("model_snapshots")
    declared = parse_lineage(snapshots, settings.phases)
    masked = mask(declared)
    guesses = guess_quality(masked)
    lineage = admit(declared, admitted_rules(guesses, settings.phases, settings.min_precision))
    return {
        "lineage_edges": lineage.edges.drop("child", "parent"),
        "lineage_candidates": lineage.candidates.drop("child", "parent"),
        "lineage_rejected": lineage.rejected,
        "lineage_quality": pl.concat([lineage_quality(lineage), guesses]),
        "lineage_agreement": lineage_agreement(lineage, masked.guesses.filter("is_right")),
    }


def _successors(partition: Partition) -> Frames:
    from mdi_pipeline.lineage.successors import lineage_successors

    edges = partition.read("lineage_edges", ["child_id", "parent_id"])
    return {"lineage_successors": lineage_successors(partition.scan("model_snapshots"), edges)}


def _models(partition: Partition) -> Frames:
    from mdi_pipeline.lineage.growth import counter_growth
    from mdi_pipeline.lineage.nodes import network_models

    previous = _previous(partition)
    before = None if previous is None else _counted(replace(partition, crawl_date=previous))
    growth = counter_growth(_counted(partition), before)
    edges = partition.read("lineage_edges", ["child_id", "parent_id", "relation"])
    return {"models": network_models(partition.scan("model_snapshots"), edges, growth)}


def _counted(partition: Partition) -> Counted:
    """The counters of a crawl, and which of them it read anew."""
    from mdi_pipeline.lineage.growth import Counted

    return Counted(partition.scan("model_snapshots"), partition.read("crawl_manifest")["modified_since"].item())


def _previous(partition: Partition) -> date | None:
    return partition.lake.previous("model_snapshots", partition.crawl_date)


def counters_before(partition: Partition) -> Mapping[str, object]:
    """Which crawl the counters are compared with, and what that held."""
    previous = _previous(partition)
    stamp = partition.lake.stamp("model_snapshots", previous) if previous else None
    return {"counters": previous, "counted": stamp.data_version if stamp else None}


def _edge_numbers(frames: Frames) -> Mapping[str, Number]:
    edges = frames["lineage_edges"]
    by_relation = dict(edges["relation"].value_counts().sort("relation").iter_rows())
    return {"edges": edges.height, **{f"{relation} edges": n for relation, n in by_relation.items()}}


def _model_numbers(frames: Frames) -> Mapping[str, Number]:
    n_parents = frames["models"].select("in_snapshot", "n_parents").filter("in_snapshot")["n_parents"]
    return {
        "models": n_parents.len(),
        "stubs": frames["models"].height - n_parents.len(),
        "share with a parent": float((n_parents > 0).sum() / max(n_parents.len(), 1)),
    }


MODELS = Step(
    name="models",
    group="lineage",
    reads=("model_snapshots", "lineage_edges", "crawl_manifest"),
    writes=("models",),
    layers=("lineage",),
    aside=counters_before,
    compute=_models,
    numbers={"models": _model_numbers},
)

STEPS = (
    Step(
        name="lineage",
        group="lineage",
        reads=("model_snapshots",),
        writes=("lineage_edges", "lineage_candidates", "lineage_rejected", "lineage_quality", "lineage_agreement"),
        layers=("lineage", "statistics"),
        settings=("phases", "min_precision"),
        compute=_parse,
        numbers={"lineage_edges": _edge_numbers},
    ),
    Step(
        name="lineage_successors",
        group="lineage",
        reads=("model_snapshots", "lineage_edges"),
        writes=("lineage_successors",),
        layers=("lineage",),
        compute=_successors,
    ),
    MODELS,
)
