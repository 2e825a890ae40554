"""The scores of the Hub's models: the table `disruption_scores`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from mdi_pipeline.disruption.counts import disruption_counts
from mdi_pipeline.disruption.formulas import indices
from mdi_pipeline.disruption.standing import percentile, status
from mdi_pipeline.tables import TABLES


def score_models(
    models: pl.DataFrame, edges: pl.DataFrame, as_of: datetime, windows_days: Sequence[int]
) -> pl.DataFrame:
    """Scores of every node of the network, stubs included, in every window.

    `models` needs `model_id`, `created_at` and `pipeline_tag`, as in the table `models`; `edges` needs
    `child_id` and `parent_id`, as in `lineage_edges`. `as_of` is the crawl's moment, with a time zone:
    windows that end later are open.

    Returns the table `disruption_scores`, checked and sorted. Raises `GraphError` where the frames do not
    make a graph.
    """
    counts = disruption_counts(
        edges, models, windows_days, child="child_id", parent="parent_id", id="model_id", created_at="created_at"
    ).rename({"id": "model_id", "window": "window_days"})
    context = models.select("model_id", "created_at", "pipeline_tag")
    scores = (
        indices(counts)
        .join(context, on="model_id", how="left", maintain_order="left")
        .with_columns(status=status(as_of))
        .with_columns(percentile=percentile())
    )
    return TABLES["disruption_scores"].conform(scores)
