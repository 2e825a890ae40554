"""The scores of the Hub's models: the table `disruption_scores`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
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
    by_model = _by_model(counts, models, len(windows_days))
    scores = indices(by_model).with_columns(status=status(as_of))
    return TABLES["disruption_scores"].conform(scores.with_columns(percentile=_percentiles(scores)))


def _by_model(counts: pl.DataFrame, models: pl.DataFrame, n_windows: int) -> pl.DataFrame:
    """The counts with what is known of each model, all windows of a model beside each other.

    Counts come window by window, in each the same models in the same order: so each model is looked up once, and
    where models and windows ascend nothing is left to sort.
    """
    n_models = counts.height // n_windows
    known = models.select("model_id", "created_at", "pipeline_tag")
    context = counts.select("model_id").head(n_models).join(known, on="model_id", how="left", maintain_order="left")
    rows = np.arange(counts.height).reshape(n_windows, n_models).T.ravel()
    repeated = context.drop("model_id")[np.repeat(np.arange(n_models), n_windows)]
    return pl.concat([counts[rows], repeated], how="horizontal")


def _percentiles(scores: pl.DataFrame) -> pl.Series:
    """The percentile of each score; looked for among the scored alone, the tenth part or so."""
    rows = np.flatnonzero((scores["status"] == "scored").to_numpy())
    found = scores[rows].select(percentile()).to_series()
    return pl.repeat(None, scores.height, dtype=pl.Float64, eager=True).scatter(rows, found)
