"""The table `score_summary`: how each index is distributed in each population."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.statistics.cells import population_cells
from mdi_pipeline.statistics.measures import measure_cells
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.tables import TABLES


def score_summary(
    scores: pl.DataFrame | pl.LazyFrame,
    models: pl.DataFrame | pl.LazyFrame,
    window_days: int,
    *,
    n_draws: int = 1_000,
    seed: int = 0,
) -> pl.DataFrame:
    """Shares below, at and above 0, mean and median of each index in each population, with intervals.

    `scores` is a `disruption_scores`, `models` a `models` table of the same crawl. Columns out: those of
    the table `score_summary`. An empty population, as all are where no window of that length is closed,
    has its rows with n = 0 and a null estimate. Intervals: `statistics.bootstrap`.
    """
    scored = scored_models(scores, models, window_days)
    return TABLES["score_summary"].conform(measure_cells(scored, population_cells(scored), window_days, n_draws, seed))
