"""From metadata to edges, and to the nodes that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mdi_pipeline.orchestration.step import LooksBack, Step, newest

if TYPE_CHECKING:
    from mdi_pipeline.lineage.growth import Counted
    from mdi_pipeline.orchestration.inputs import Inputs
    from mdi_pipeline.orchestration.step import Frames, Made, Number


COUNTED = ("model_id", "repository_id", "created_at", "downloads", "downloads_all_time", "likes")
"""The counters that are compared with those of the crawl before, and what tells whose they are."""


def _parse(inputs: Inputs) -> Made:
    """The declared lineage, what the crawl itself says of the guesses, and the guesses that are good enough."""
    import polars as pl

    from mdi_pipeline.lineage.gate import admit, admitted_rules
    from mdi_pipeline.lineage.masking import mask
    from mdi_pipeline.lineage.parsing import parse_lineage
    from mdi_pipeline.statistics.guess_quality import guess_quality
    from mdi_pipeline.statistics.lineage_quality import lineage_agreement, lineage_quality

    settings = inputs.settings
    snapshots = inputs.scan("model_snapshots")
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


def _successors(inputs: Inputs) -> Made:
    from mdi_pipeline.lineage.successors import lineage_successors

    edges = inputs.read("lineage_edges", ["child_id", "parent_id"])
    return {"lineage_successors": lineage_successors(inputs.scan("model_snapshots"), edges)}


def _models(inputs: Inputs) -> Made:
    from mdi_pipeline.lineage.growth import counter_growth
    from mdi_pipeline.lineage.nodes import network_models

    before = _counted(inputs.earlier[-1]) if inputs.earlier else None
    growth = counter_growth(_counted(inputs), before)
    edges = inputs.read("lineage_edges", ["child_id", "parent_id", "relation"])
    return {"models": network_models(inputs.scan("model_snapshots"), edges, growth)}


def _counted(inputs: Inputs) -> Counted:
    """The counters of a crawl, and which of them it read itself."""
    from mdi_pipeline.lineage.growth import Counted

    modified_since = inputs.read("crawl_manifest", ["modified_since"]).item()
    return Counted(inputs.scan("model_snapshots"), modified_since)


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
    looks_back=LooksBack(
        columns={"model_snapshots": (*COUNTED, "last_modified"), "crawl_manifest": ("modified_since",)},
        choose=newest,
    ),
    compute=_models,
    numbers={"models": _model_numbers},
)

STEPS = (
    Step(
        name="lineage",
        group="lineage",
        reads=("model_snapshots",),
        writes=("lineage_edges", "lineage_candidates", "lineage_rejected", "lineage_quality", "lineage_agreement"),
        settings=("phases", "min_precision"),
        compute=_parse,
        numbers={"lineage_edges": _edge_numbers},
    ),
    Step(
        name="lineage_successors",
        group="lineage",
        reads=("model_snapshots", "lineage_edges"),
        writes=("lineage_successors",),
        compute=_successors,
    ),
    MODELS,
)
