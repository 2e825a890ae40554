"""The scores of every model over every window."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Frames, Number, Step
from mdi_pipeline.tables.disruption import WINDOWS_DAYS


def _scores(partition: Partition) -> Frames:
    from mdi_pipeline.disruption.scores import ranked_scores

    scores = ranked_scores(
        partition.read("models", ["model_id", "created_at", "pipeline_tag"]),
        partition.read("lineage_edges", ["child_id", "parent_id"]),
        partition.read("crawl_manifest")["as_of"].item(),
        sorted({*WINDOWS_DAYS, partition.settings.window_days}),
    )
    return {"disruption_scores": scores}


def _null_model(partition: Partition) -> Frames:
    from mdi_pipeline.disruption.null_model import null_scores

    null = null_scores(
        partition.read("models", ["model_id", "created_at"]),
        partition.read("lineage_edges", ["child_id", "parent_id", "relation"]),
        partition.read("crawl_manifest")["as_of"].item(),
        partition.settings.window_days,
    )
    return {"null_scores": null.scores, "null_model": null.headline}


def _numbers(frames: Frames) -> Mapping[str, Number]:
    """Scored models a window, and how many of them are disruptive."""
    by_window = (
        frames["disruption_scores"]
        .select("window_days", "status", "mdi")
        .filter(pl.col("status") == "scored")
        .group_by("window_days")
        .agg(n=pl.len(), disruptive=(pl.col("mdi") > 0).mean(), mean=pl.col("mdi").mean())
        .sort("window_days")
    )
    numbers: dict[str, Number] = {}
    for days, n, disruptive, mean in by_window.iter_rows():
        numbers |= {
            f"scored, {days} days": n,
            f"share disruptive, {days} days": disruptive,
            f"mean index, {days} days": mean,
        }
    return numbers


STEPS = (
    Step(
        name="disruption_scores",
        group="disruption",
        reads=("models", "lineage_edges", "crawl_manifest"),
        writes=("disruption_scores",),
        layers=("disruption",),
        settings=("window_days",),
        compute=_scores,
        numbers={"disruption_scores": _numbers},
    ),
    Step(
        name="null_model",
        group="disruption",
        reads=("models", "lineage_edges", "crawl_manifest"),
        writes=("null_scores", "null_model"),
        layers=("disruption",),
        settings=("window_days",),
        compute=_null_model,
    ),
)
