"""The table `score_factors`: how each index differs between groups of models."""

from __future__ import annotations

from functools import partial

import polars as pl

from mdi_pipeline.statistics.bootstrap import N_DRAWS
from mdi_pipeline.statistics.cells import level_cells
from mdi_pipeline.statistics.measures import measure_cells
from mdi_pipeline.tables.statistics import SCORE_FACTORS
from mdi_pipeline.tables.vocabulary import (
    AUTHOR_MODELS,
    AUTHOR_QUANTIZED,
    BENCHMARKS,
    PARENT_COUNTS,
    RELATIONS,
    SIZE_CLASSES,
)

UNKNOWN = "unknown"
OTHER = "other"
N_LARGEST = 10


def score_factors(scored: pl.DataFrame, window_days: int, *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """The measures of `score_summary` by what is known of a model, its architecture, its parents and its author.

    `scored` are the `populations.scored_models` of that window. Columns out: those of the table `score_factors`.
    Tasks and architectures are the ten with most scored models, the same in every population, and `other`; `unknown`
    stands where a scored model's level is not known. A level that no model of a population has is there with n = 0
    and a null estimate. Intervals: `statistics.bootstrap`.
    """
    tasks, architectures = largest(scored["pipeline_tag"]), largest(scored["architecture"])
    grouped = scored.with_columns(
        pl.col("relation", "size_class").fill_null(UNKNOWN),
        one_of("pipeline_tag", tasks).alias("task"),
        one_of("architecture", architectures),
        parent_count().alias("n_parents"),
        benchmarks=pl.when("reports_benchmarks").then(pl.lit(BENCHMARKS[0])).otherwise(pl.lit(BENCHMARKS[1])),
        author_models=_author_models(),
        author_quantized=_author_quantized(),
    )
    levels = {
        "relation": RELATIONS,
        "size_class": SIZE_CLASSES,
        "task": tasks,
        "n_parents": PARENT_COUNTS,
        "architecture": architectures,
        "benchmarks": BENCHMARKS,
        "author_models": AUTHOR_MODELS,
        "author_quantized": AUTHOR_QUANTIZED,
    }
    present = {factor: [*known, *_beyond(grouped[factor], known)] for factor, known in levels.items()}
    return SCORE_FACTORS.conform(
        measure_cells(grouped, partial(level_cells, levels=present), window_days, n_draws, seed)
    )


def parent_count() -> pl.Expr:
    """`n_parents` as one of `PARENT_COUNTS`."""
    few = pl.col("n_parents") < len(PARENT_COUNTS)
    return pl.when(few).then(pl.col("n_parents").cast(pl.String)).otherwise(pl.lit(PARENT_COUNTS[-1]))


def largest(values: pl.Series) -> tuple[str, ...]:
    """The most frequent values, the first of them first, ties by name."""
    counted = values.drop_nulls().value_counts().sort(["count", values.name], descending=[True, False])
    return tuple(counted[values.name].head(N_LARGEST))


def one_of(column: str, levels: tuple[str, ...]) -> pl.Expr:
    """The column where it is one of the levels, else `other`, `unknown` where it is null."""
    known = pl.when(pl.col(column).is_in(levels)).then(column).otherwise(pl.lit(OTHER))
    return pl.when(pl.col(column).is_null()).then(pl.lit(UNKNOWN)).otherwise(known).alias(column)


def _author_models() -> pl.Expr:
    """How many models the author had made before, as one of `AUTHOR_MODELS`."""
    made = pl.col("author_models_before")
    up_to = zip((0, 9, 99, 999), AUTHOR_MODELS, strict=False)
    return pl.coalesce(*(pl.when(made <= last).then(pl.lit(level)) for last, level in up_to), pl.lit(AUTHOR_MODELS[-1]))


def _author_quantized() -> pl.Expr:
    """What share of those was quantized, as one of `AUTHOR_QUANTIZED`."""
    made, copied = pl.col("author_models_before"), pl.col("author_quantized_before")
    first, never, seldom, often = (pl.lit(level) for level in AUTHOR_QUANTIZED)
    return (
        pl.when(made == 0)
        .then(first)
        .when(copied == 0)
        .then(never)
        .when(2 * copied <= made)
        .then(seldom)
        .otherwise(often)
    )


def _beyond(levels: pl.Series, known: tuple[str, ...]) -> list[str]:
    """`other` and `unknown`, where a model has them."""
    return [level for level in (OTHER, UNKNOWN) if level not in known and level in levels]
