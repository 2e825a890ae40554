"""The tables `score_trends` and `trend_tests`: how the indices go with the time of creation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mdi_pipeline.statistics.bootstrap import N_DRAWS, AuthorBootstrap, AuthorDraws
from mdi_pipeline.statistics.cells import level_cells, population_cells
from mdi_pipeline.statistics.estimates import Flags, Reals, measured_by, slopes, stacked
from mdi_pipeline.statistics.measures import measure_cells
from mdi_pipeline.statistics.verdicts import too_little
from mdi_pipeline.tables.statistics import SCORE_TRENDS, TREND_MEASURES, TREND_TESTS
from mdi_pipeline.tables.vocabulary import INDICES

LENGTHS = {"quarter": "1q", "month": "1mo"}
QUARTERS_A_YEAR = 4

_MEASURED: Mapping[str, Callable[[Reals], Flags | Reals]] = {
    "share_negative": lambda values: values < 0,
    "share_positive": lambda values: values > 0,
    "mean": np.nan_to_num,
}
"""What of the values each of `TREND_MEASURES` is the mean of."""


def score_trends(
    scored: pl.DataFrame, as_of: datetime, window_days: int, *, n_draws: int = N_DRAWS, seed: int = 0
) -> pl.DataFrame:
    """The measures of `score_summary` by quarter and by month of creation.

    `scored` are the `populations.scored_models` of that window, `as_of` is their crawl's moment. Columns out: those of
    the table `score_trends`; a period without scored models has no rows. Empty where no window of that length is
    closed. Intervals: `statistics.bootstrap`.
    """
    periods = scored.with_columns(_start(period).alias(period) for period in LENGTHS)
    levels = {period: periods[period].unique().sort().to_list() for period in LENGTHS}
    if scored.is_empty():
        return SCORE_TRENDS.empty()
    measured = measure_cells(periods, partial(level_cells, levels=levels), window_days, n_draws, seed)
    return SCORE_TRENDS.conform(
        measured.rename({"factor": "period"})
        .with_columns(start=pl.col("level").str.to_date())
        .with_columns(
            closed=pl.when(pl.col("period") == "quarter")
            .then(_closed("quarter", window_days, as_of))
            .otherwise(_closed("month", window_days, as_of))
        )
    )


def in_closed_quarters(scored: pl.DataFrame, as_of: datetime, window_days: int) -> pl.DataFrame:
    """The `populations.scored_models` made in quarters whose windows are all closed, with the quarter's first day.

    The quarter's column is `start`.
    """
    return scored.with_columns(start=_start("quarter")).filter(_closed("quarter", window_days, as_of))


def trend_tests(
    scored: pl.DataFrame, as_of: datetime, window_days: int, *, n_draws: int = N_DRAWS, seed: int = 0
) -> pl.DataFrame:
    """Whether shares and mean of each index rise or fall over the closed quarters.

    Arguments as for `score_trends`. Columns out: those of the table `trend_tests`, a row for each population,
    index and measure whatever there is; `undecided` says why.
    """
    closed = in_closed_quarters(scored, as_of, window_days)
    tested = slopes_over_quarters(closed, AuthorDraws(closed["cluster"], n_draws, seed)).with_columns(
        window_days=pl.lit(window_days, dtype=pl.Int32),
        reason=pl.when(pl.col("n_quarters") < 2)  # noqa: PLR2004
        .then(pl.format("{} closed quarters with a model", "n_quarters"))
        .otherwise(too_little())
        .fill_null(pl.when((pl.col("low") <= 0) & (pl.col("high") >= 0)).then(pl.lit("the interval holds 0"))),
    )
    return TREND_TESTS.conform(
        tested.with_columns(
            direction=pl.when(pl.col("reason").is_not_null())
            .then(pl.lit("undecided"))
            .when(pl.col("low") > 0)
            .then(pl.lit("rises"))
            .otherwise(pl.lit("falls"))
        )
    )


def slopes_over_quarters(
    closed: pl.DataFrame,
    draws: AuthorDraws,
    indices: Sequence[str] = INDICES,
    measures: Sequence[str] = TREND_MEASURES,
) -> pl.DataFrame:
    """The slope, per year, of each measure of each index against the quarter `start` of some models.

    `draws` are those of their authors.
    Columns: `population`, `index`, `measure`, `estimate`, `low`, `high`, `n`, `n_authors`, `n_quarters`.
    """
    cells = population_cells(closed)
    bootstrap = draws.over(cells.membership)
    quarter = closed.select(_quarter()).to_series().to_numpy()
    years = quarter / QUARTERS_A_YEAR
    compared: dict[tuple[str, str], tuple[Flags, Reals, Reals | Flags]] = {}
    measured = measured_by(closed, indices)
    for index, (values, defined) in measured.items():
        compared |= {(index, measure): (defined, years, _MEASURED[measure](values)) for measure in measures}
    sets = {id(defined): defined for _, defined in measured.values()}
    counted = {name: _n_quarters(bootstrap, quarter, defined) for name, defined in sets.items()}
    n_quarters = pl.concat(
        cells.names.select("population", index=pl.lit(index), n_quarters=counted[id(defined)])
        for index, (_, defined) in measured.items()
    )
    return stacked(slopes(bootstrap, compared), ["index", "measure"], cells.names).join(
        n_quarters, on=["population", "index"], how="left"
    )


def _n_quarters(bootstrap: AuthorBootstrap, quarter: NDArray[np.int64], defined: Flags) -> pl.Series:
    """How many quarters have a counted model, in each cell."""
    n_quarters = int(quarter.max(initial=-1)) + 1
    first = bootstrap.over_entries(np.arange(bootstrap.start.size - 1) * n_quarters)
    counted = bootstrap.in_entries(defined)
    seen = np.zeros((bootstrap.start.size - 1, n_quarters), dtype=np.bool_)
    seen.ravel()[(first + bootstrap.in_entries(quarter))[counted]] = True
    return pl.Series(seen.sum(axis=1), dtype=pl.Int64)


def _quarter() -> pl.Expr:
    """Quarters from the first one, so that a slope's arithmetic loses no digits."""
    quarter = pl.col("start").dt.year().cast(pl.Int64) * QUARTERS_A_YEAR + pl.col("start").dt.quarter()
    return quarter - quarter.min()


def _start(period: str) -> pl.Expr:
    return pl.col("created_at").dt.truncate(LENGTHS[period]).dt.date()


def _closed(period: str, window_days: int, as_of: datetime) -> pl.Expr:
    """Whether the window of a model made in the period's last second has ended."""
    end = pl.col("start").dt.offset_by(LENGTHS[period]).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return end - pl.duration(seconds=1) + pl.duration(days=window_days) <= as_of
