"""What became of each model that any crawl held."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from mdi_pipeline.tables.history import MODEL_HISTORY


def model_history(
    models: pl.LazyFrame, edges: pl.LazyFrame, crawl_dates: list[date], as_of: datetime, window_days: int
) -> pl.DataFrame:
    """When each model was seen, what its counters did, and its index in the union of all crawls.

    `models` and `edges` are the tables `models` and `lineage_edges` of all crawls, each with `crawl_date`;
    `crawl_dates` are those dates, oldest first; `as_of` is the moment of the newest crawl.

    Scores of one crawl know survivors only: a model whose derivatives were deleted looks as if nothing had
    followed it. In the union every model and edge that any crawl held counts, so that the difference between
    `mdi_of_union` and `mdi` of `disruption_scores` is what deletions do to the index.

    Returns the table `model_history`, checked and sorted. Costs one pass over all crawls and one scoring.
    """
    seen = _seen(models, crawl_dates).collect(engine="streaming")
    scores = _union_scores(models, edges, as_of, window_days)
    # The scores are those of every model, stubs among them, in the order of the table: it is theirs that stays.
    return MODEL_HISTORY.conform(scores.join(seen, on="model_id", maintain_order="left"))


def _seen(models: pl.LazyFrame, crawl_dates: list[date]) -> pl.LazyFrame:
    """A row for each model that any crawl held, stubs apart."""
    number_of_crawl = pl.col("crawl_date").replace_strict(
        crawl_dates, list(range(len(crawl_dates))), return_dtype=pl.Int64
    )
    counters = pl.col("downloads", "likes")
    return (
        models.filter("in_snapshot")
        .with_columns(crawl=number_of_crawl)
        .group_by("model_id")
        .agg(
            counters.min_by("crawl_date").name.suffix("_first"),
            counters.max_by("crawl_date").name.suffix("_last"),
            created_at=pl.col("created_at").max_by("crawl_date"),
            first_crawl=pl.col("crawl_date").min(),
            last_crawl=pl.col("crawl_date").max(),
            n_crawls=pl.len().cast(pl.Int64),
            n_absences=pl.col("crawl").max() - pl.col("crawl").min() + 1 - pl.len().cast(pl.Int64),
        )
        .with_columns(vanished=pl.col("last_crawl") < crawl_dates[-1])
    )


def _union_scores(models: pl.LazyFrame, edges: pl.LazyFrame, as_of: datetime, window_days: int) -> pl.DataFrame:
    from mdi_pipeline.disruption.scores import unranked_scores

    # Sorted first, as the crawls are already, so that what comes of it is in order too.
    every_model = (
        models.sort("model_id", "crawl_date")
        .group_by("model_id", maintain_order=True)
        .agg(pl.col("created_at").drop_nulls().last())
        .collect()
    )
    every_edge = edges.select("child_id", "parent_id").unique().sort("child_id", "parent_id").collect()
    scores = unranked_scores(every_model, every_edge, as_of, [window_days])
    return scores.select("model_id", "window_days", mdi_of_union="mdi", status_of_union="status")
