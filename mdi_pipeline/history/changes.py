"""Whose standing is another than in the crawl before."""

from __future__ import annotations

from datetime import date

import polars as pl

from mdi_pipeline.tables.history import SCORE_CHANGES

KEY = ["model_id", "window_days"]


def score_changes(
    scores: pl.LazyFrame, before: pl.LazyFrame, taken_again: pl.DataFrame, previous_crawl_date: date
) -> pl.DataFrame:
    """Models that became disruptive since the previous crawl, or ceased to be, a row for each window.

    `scores` and `before` are `disruption_scores` of this crawl and the previous one. Disruptive is `scored`
    with `mdi` above 0. Windows that only one of the crawls was scored over are left out: a changed setting
    is no change of a model. A model that only one crawl knows counts as not disruptive in the other. So does one whose
    id (`taken_again`, `model_id`) is another repository's in the other crawl: the two are never compared. Where both
    were disruptive, the row is of the one that the id has now.

    Returns the table `score_changes`, checked and sorted by model and window.
    """
    columns = [*KEY, "mdi", "status"]
    earlier = _common_windows(before, scores).select(columns)
    others = taken_again.lazy()
    now_and_before = (
        _common_windows(scores, before)
        .select(columns)
        .join(
            earlier.join(others, on="model_id", how="anti"),
            on=KEY,
            how="full",
            coalesce=True,
            suffix="_before",
        )
    )
    # Of those whose id is another's now.
    gone = earlier.join(others, on="model_id", how="semi").rename(
        {name: f"{name}_before" for name in ("mdi", "status")}
    )
    changed = (
        pl.concat([now_and_before, gone], how="diagonal")
        .filter(_disruptive("") != _disruptive("_before"))
        .with_columns(
            previous_crawl_date=pl.lit(previous_crawl_date),
            change=pl.when(_disruptive("")).then(pl.lit("became_disruptive")).otherwise(pl.lit("ceased_to_be")),
        )
    )
    return SCORE_CHANGES.conform(changed.unique(KEY, keep="first", maintain_order=True).collect())


def _common_windows(scores: pl.LazyFrame, others: pl.LazyFrame) -> pl.LazyFrame:
    return scores.join(others.select("window_days").unique(), on="window_days", how="semi")


def _disruptive(suffix: str) -> pl.Expr:
    scored_above_zero = (pl.col(f"status{suffix}") == "scored") & (pl.col(f"mdi{suffix}") > 0)
    return scored_above_zero.fill_null(value=False)
