"""The table `score_factors`: how each index differs between groups of models."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.statistics.cells import level_cells
from mdi_pipeline.statistics.measures import measure_cells
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.tables import TABLES
from mdi_pipeline.tables.columns import RELATIONS, SIZE_CLASSES

UNKNOWN = "unknown"
OTHER = "other"
N_TASKS = 10
PARENT_COUNTS = ("1", "2", "3", "4+")


def score_factors(
    scores: pl.DataFrame | pl.LazyFrame,
    models: pl.DataFrame | pl.LazyFrame,
    window_days: int,
    *,
    n_draws: int = 1_000,
    seed: int = 0,
) -> pl.DataFrame:
    """The measures of `score_summary` by relation, size class, task and number of parents.

    `scores` is a `disruption_scores`, `models` a `models` table of the same crawl. Columns out: those of
    the table `score_factors`. Tasks are the ten with most scored models, the same in every population,
    and `other`; `unknown` stands where a scored model's level is not known. A level that no model of a
    population has is there with n = 0 and a null estimate. Intervals: `statistics.bootstrap`.
    """
    scored = scored_models(scores, models, window_days)
    tasks = largest_tasks(scored)
    grouped = scored.with_columns(
        pl.col("relation", "size_class").fill_null(UNKNOWN),
        pl.when(pl.col("pipeline_tag").is_null() | pl.col("pipeline_tag").is_in(tasks))
        .then(pl.col("pipeline_tag").fill_null(UNKNOWN))
        .otherwise(pl.lit(OTHER))
        .alias("task"),
        parent_count().alias("n_parents"),
    )
    levels = {"relation": RELATIONS, "size_class": SIZE_CLASSES, "task": tasks, "n_parents": PARENT_COUNTS}
    present = {factor: [*known, *_beyond(grouped[factor], known)] for factor, known in levels.items()}
    return TABLES["score_factors"].conform(
        measure_cells(grouped, level_cells(grouped, present), window_days, n_draws, seed)
    )


def parent_count() -> pl.Expr:
    """`n_parents` as one of `PARENT_COUNTS`."""
    few = pl.col("n_parents") < len(PARENT_COUNTS)
    return pl.when(few).then(pl.col("n_parents").cast(pl.String)).otherwise(pl.lit(PARENT_COUNTS[-1]))


def largest_tasks(scored: pl.DataFrame) -> tuple[str, ...]:
    """The tasks with most scored models, the largest first, ties by name."""
    counted = (
        scored["pipeline_tag"].drop_nulls().value_counts().sort(["count", "pipeline_tag"], descending=[True, False])
    )
    return tuple(counted["pipeline_tag"].head(N_TASKS))


def _beyond(levels: pl.Series, known: tuple[str, ...]) -> list[str]:
    """`other` and `unknown`, where a model has them."""
    return [level for level in (OTHER, UNKNOWN) if level not in known and level in levels]
