"""The scores of the Hub's models: the table `disruption_scores`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from mdi_pipeline.disruption.counts import disruption_counts
from mdi_pipeline.disruption.formulas import indices
from mdi_pipeline.disruption.score_status import percentile, status
from mdi_pipeline.tables.disruption import DISRUPTION_SCORES


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
    return DISRUPTION_SCORES.conform(ranked_scores(models, edges, as_of, windows_days))


def ranked_scores(
    models: pl.DataFrame, edges: pl.DataFrame, as_of: datetime, windows_days: Sequence[int]
) -> pl.DataFrame:
    """As `score_models`, not checked: for the lake, which checks and sorts all that it takes in."""
    scores = unranked_scores(models, edges, as_of, windows_days)
    return scores.with_columns(percentile=_percentiles(scores))


def unranked_scores(
    models: pl.DataFrame,
    edges: pl.DataFrame,
    as_of: datetime,
    windows_days: Sequence[int],
    *,
    derived_only: bool = False,
) -> pl.DataFrame:
    """As `score_models`, without percentiles and unchecked, the windows of a model beside each other.

    For who goes on with the scores of some of the models: half the time and memory, and less where `derived_only`
    leaves out the models without a parent: most of them, and none is scored. Has the columns of `disruption_counts`
    and `indices` too, `created_at`, and `pipeline_tag` where `models` has it.
    """
    counts = disruption_counts(
        edges, models, windows_days, child="child_id", parent="parent_id", id="model_id", created_at="created_at"
    )
    by_model = _by_model(counts, models, len(windows_days), derived_only)
    scores = indices(by_model.rename({"id": "model_id", "window": "window_days"}))
    return scores.with_columns(status=status(as_of))


def _by_model(counts: pl.DataFrame, models: pl.DataFrame, n_windows: int, derived_only: bool) -> pl.DataFrame:
    """The counts with what is known of each model, all windows of a model beside each other.

    Counts come window by window, in each the models in their own order and then the stubs, of which nothing is
    known: so no model is looked up, and where models and windows ascend nothing is left to sort.
    """
    n_models = counts.height // n_windows
    known = models.select(name for name in ("created_at", "pipeline_tag") if name in models.columns)
    context = pl.concat([known, known.clear(n_models - models.height)])
    of = np.arange(n_models, dtype=np.uint32)
    if derived_only:
        of = of[(counts["n_parents"].head(n_models) > 0).to_numpy()]
    rows = (of[:, np.newaxis] + n_models * np.arange(n_windows, dtype=np.uint32)).ravel()
    return pl.concat([counts.drop("n_children")[rows], context[np.repeat(of, n_windows)]], how="horizontal")


def _percentiles(scores: pl.DataFrame) -> pl.Series:
    """The percentile of each score; looked for among the scored alone, a quarter of the rows or so."""
    scored = scores["status"] == "scored"
    # Only what is read is filtered: the rest of the rows is six times as much.
    found = scores.select(sorted({*percentile().meta.root_names()})).filter(scored).select(percentile()).to_series()
    return pl.repeat(None, scores.height, dtype=pl.Float64, eager=True).scatter(scored.arg_true(), found)
