"""The scores of every model over every window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.orchestration.step import Step
from mdi_pipeline.tables.disruption import WINDOWS_DAYS

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.inputs import Inputs
    from mdi_pipeline.orchestration.step import Frames, Made, Number


def _scores(inputs: Inputs) -> Made:
    from mdi_pipeline.disruption.scores import ranked_scores

    scores = ranked_scores(
        inputs.read("models", ["model_id", "created_at", "pipeline_tag"]),
        inputs.read("lineage_edges", ["child_id", "parent_id"]),
        inputs.as_of,
        sorted({*WINDOWS_DAYS, inputs.settings.window_days}),
    )
    return {"disruption_scores": scores}


def _null_model(inputs: Inputs) -> Made:
    from mdi_pipeline.disruption.null_model import null_scores

    null = null_scores(
        inputs.read("models", ["model_id", "created_at"]),
        inputs.read("lineage_edges", ["child_id", "parent_id", "relation"]),
        inputs.as_of,
        inputs.settings.window_days,
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
        settings=("window_days",),
        compute=_scores,
        numbers={"disruption_scores": _numbers},
    ),
    Step(
        name="null_model",
        group="disruption",
        reads=("models", "lineage_edges", "crawl_manifest"),
        writes=("null_scores", "null_model"),
        settings=("window_days",),
        compute=_null_model,
    ),
)
