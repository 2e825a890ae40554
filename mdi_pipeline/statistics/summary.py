"""The table `score_summary`: how each index is distributed in each population."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.statistics.bootstrap import N_DRAWS, AuthorDraws
from mdi_pipeline.statistics.cells import population_cells
from mdi_pipeline.statistics.estimates import measured_by, several_shares, stacked
from mdi_pipeline.statistics.measures import childless, measure_cells, signs
from mdi_pipeline.tables.statistics import SCORE_SUMMARY
from mdi_pipeline.tables.vocabulary import INDICES


def score_summary(scored: pl.DataFrame, window_days: int, *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """Shares below, at and above 0, mean and median of each index in each population, with intervals.

    `scored` are the `populations.scored_models` of that window. Columns out: those of the table `score_summary`.
    An empty population, as all are where no window of that length is closed, has its rows with n = 0 and a null
    estimate. Intervals: `statistics.bootstrap`; shares have a second one, by the same bootstrap over the models' main
    parents.
    """
    by_authors = measure_cells(scored, population_cells, window_days, n_draws, seed)
    by_parents = _shares_by_parents(scored, n_draws, seed)
    keys = ["population", "index", "measure"]
    return SCORE_SUMMARY.conform(by_authors.join(by_parents, on=keys, how="left", maintain_order="left"))


def _shares_by_parents(scored: pl.DataFrame, n_draws: int, seed: int) -> pl.DataFrame:
    """The intervals of the shares when main parents are drawn."""
    scored, draws = AuthorDraws(scored["main_parent"], n_draws, seed).arranged(scored)
    cells = population_cells(scored)
    bootstrap = draws.over(cells.membership)
    compared = signs(scored, INDICES)
    without_child = childless(scored)
    compared |= {
        (index, "share_without_child"): (defined, without_child)
        for index, (_, defined) in measured_by(scored, INDICES).items()
    }
    return stacked(several_shares(bootstrap, compared), ["index", "measure"], cells.names.select("population")).select(
        "population",
        "index",
        "measure",
        low_by_parents="low",
        high_by_parents="high",
        n_main_parents="n_authors",
    )
