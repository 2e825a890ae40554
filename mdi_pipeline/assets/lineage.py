"""From metadata to edges, and to the nodes that go with them."""

from __future__ import annotations

from collections.abc import Mapping

from mdi_pipeline.assets.partition import Partition
from mdi_pipeline.assets.step import Frames, Number, Step


def _parse(partition: Partition) -> Frames:
    from mdi_pipeline.lineage import parse_lineage
    from mdi_pipeline.statistics.lineage_quality import lineage_quality

    snapshots = partition.scan("model_snapshots")
    lineage = parse_lineage(snapshots, partition.settings.phases)
    return {
        "lineage_edges": lineage.edges,
        "lineage_candidates": lineage.candidates,
        "lineage_rejected": lineage.rejected,
        "lineage_quality": lineage_quality(lineage, partition.read("model_snapshots").select("model_id", "author")),
    }


def _models(partition: Partition) -> Frames:
    from mdi_pipeline.lineage import network_models

    return {"models": network_models(partition.scan("model_snapshots"), partition.read("lineage_edges"))}


def _edge_numbers(frames: Frames) -> Mapping[str, Number]:
    edges = frames["lineage_edges"]
    by_relation = dict(edges["relation"].value_counts().sort("relation").iter_rows())
    return {"edges": edges.height, **{f"{relation} edges": n for relation, n in by_relation.items()}}


def _model_numbers(frames: Frames) -> Mapping[str, Number]:
    crawled = frames["models"].filter("in_snapshot")
    return {
        "models": crawled.height,
        "stubs": frames["models"].height - crawled.height,
        "share with a parent": float((crawled["n_parents"] > 0).sum() / max(crawled.height, 1)),
    }


STEPS = (
    Step(
        name="lineage",
        group="lineage",
        reads=("model_snapshots",),
        writes=("lineage_edges", "lineage_candidates", "lineage_rejected", "lineage_quality"),
        layers=("lineage", "statistics"),
        settings=("phases",),
        compute=_parse,
        numbers={"lineage_edges": _edge_numbers},
    ),
    Step(
        name="models",
        group="lineage",
        reads=("model_snapshots", "lineage_edges"),
        writes=("models",),
        layers=("lineage",),
        compute=_models,
        numbers={"models": _model_numbers},
    ),
)
