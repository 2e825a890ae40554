"""What became of each model that any crawl held."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from mdi_pipeline.lineage.repositories import repositories
from mdi_pipeline.tables.history import MODEL_HISTORY

BETWEEN = "\n\nrepository "
"""What stands between an id and the number of a later repository, in this module alone: no id of the Hub has it."""


def model_history(
    snapshots: pl.LazyFrame,
    models: pl.LazyFrame,
    edges: pl.LazyFrame,
    crawl_dates: list[date],
    as_of: datetime,
    window_days: int,
) -> pl.DataFrame:
    """When each model was seen, what its counters did, and its index in the union of all crawls.

    `snapshots`, `models` and `edges` are the tables `model_snapshots` (`repositories.IDENTITY` of it), `models` and
    `lineage_edges` of all crawls, each with `crawl_date`; `crawl_dates` are those dates, oldest first; `as_of` is
    the moment of the newest crawl. A repository that took the id of another is a model of its own.

    Scores of one crawl know survivors only: a model whose derivatives were deleted looks as if nothing had
    followed it. In the union every model and edge that any crawl held counts, so that the difference between
    `mdi_of_union` and `mdi` of `disruption_scores` is what deletions do to the index.

    Returns the table `model_history`, checked and sorted. Costs two passes over all crawls and one scoring.
    """
    several = repositories(snapshots)
    nodes = _by_repository(models, several, "model_id")
    seen = _seen(nodes, crawl_dates).collect(engine="streaming")
    scores = _union_scores(nodes, _by_repository(edges, several, "child_id", "parent_id"), as_of, window_days)
    # The scores are those of every model, stubs among them, in the order of the table: it is theirs that stays.
    history = (
        scores.join(seen, on="model_id", maintain_order="left")
        .join(_numbered(several), left_on="model_id", right_on="name", how="left", maintain_order="left")
        .with_columns(model_id=pl.coalesce("id", "model_id"), repository=pl.col("repository").fill_null(1))
        .drop("id")
    )
    return MODEL_HISTORY.conform(history)


def _name(end: str) -> pl.Expr:
    """The name of a repository that is not the first of its id."""
    return pl.concat_str(end, pl.lit(BETWEEN), "repository")


def _numbered(several: pl.DataFrame) -> pl.DataFrame:
    """The id and the number of each repository that has a name of its own."""
    later = several.filter(pl.col("repository") > 1)
    return later.select("repository", id="model_id", name=_name("model_id")).unique("name")


def _by_repository(frame: pl.LazyFrame, several: pl.DataFrame, *ends: str) -> pl.LazyFrame:
    """A frame of all crawls whose ids name repositories: of an id that several had, those after the first by number.

    A crawl that does not say which it saw means the last that one before it saw, and the first where there is none.
    """
    ids = several["model_id"].unique().implode()
    names_several = pl.any_horizontal(pl.col(end).is_in(ids) for end in ends)
    others = frame.filter(names_several).collect(engine="streaming").sort("crawl_date")
    for end in ends:
        of_end = several.sort("crawl_date").rename({"model_id": end})
        others = (
            others.join_asof(of_end, on="crawl_date", by=end, check_sortedness=False)
            .with_columns(pl.when(pl.col("repository") > 1).then(_name(end)).otherwise(end).alias(end))
            .drop("repository")
        )
    return pl.concat([frame.filter(~names_several), others.lazy()])


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
