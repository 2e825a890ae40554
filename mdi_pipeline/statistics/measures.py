"""What is measured of an index in many groups of models at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.stats import norm

from mdi_pipeline.compute.parallel import side_by_side
from mdi_pipeline.statistics.bootstrap import CONFIDENCE, AuthorBootstrap, AuthorDraws, percentile_interval, ratio_of
from mdi_pipeline.statistics.estimates import ShareDraws, floats
from mdi_pipeline.statistics.quantiles import Ordered
from mdi_pipeline.tables.statistics import MEASURES
from mdi_pipeline.tables.vocabulary import INDICES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from mdi_pipeline.statistics.cells import Cells

SHARES = {"share_negative": np.less, "share_zero": np.equal, "share_positive": np.greater}
_NEED_A_CHILD = ("cd_nok", "dep")

_Estimate = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]
"""Estimate, low and high of each cell; NaN where undefined."""


def measure_cells(
    models: pl.DataFrame, cells_of: Callable[[pl.DataFrame], Cells], window_days: int, n_draws: int, seed: int
) -> pl.DataFrame:
    """Every measure of every index in every cell.

    `models` as `populations.scored_models` gives them, `cells_of` says which cells they are in. Columns: those of
    the cells' names, `index`, `window_days`, `measure`, `estimate`, `low`, `high`, `n`, `n_authors`. An empty cell has
    its rows too, with n = 0 and a null estimate. 800,000 models in 300 cells take about 2 s and 1 GB on two cores.
    """
    models, draws = AuthorDraws(models["cluster"], n_draws, seed).arranged(models)
    cells = cells_of(models)
    bootstrap = draws.over(cells.membership)
    frames = side_by_side(lambda index: _measure_index(models, cells, bootstrap, index), INDICES)
    return (
        pl.concat(frames)
        .with_columns(
            pl.lit(window_days, dtype=pl.Int32).alias("window_days"),
            pl.col("estimate", "low", "high").fill_nan(None),
        )
        .filter(
            (pl.col("measure") != "share_without_child")
            | (pl.col("population").str.starts_with("scored") & ~pl.col("index").is_in(_NEED_A_CHILD))
        )
    )


def _measure_index(models: pl.DataFrame, cells: Cells, bootstrap: AuthorBootstrap, index: str) -> pl.DataFrame:
    """All measures of one index."""
    values = floats(models[index])
    defined = ~np.isnan(values)
    childless = (models["n_i"] + models["n_j"] == 0).to_numpy() & defined
    n_authors = bootstrap.n_authors(defined)
    counts = bootstrap.totals(defined)
    n = counts.sum(axis=0).astype(np.int64)
    drawn_counts = bootstrap.draws(counts)

    def ratio(of: NDArray[np.float64] | NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The ratio of a total to the number of models: in the sample, and in each draw."""
        totals = bootstrap.totals(of)
        return ratio_of(totals.sum(axis=0), n), ratio_of(bootstrap.draws(totals), drawn_counts)

    def share(of: NDArray[np.bool_]) -> _Estimate:
        estimate, ratios = ratio(of)
        found = ShareDraws(estimate, ratios, n, n_authors).estimates
        return found.estimate, found.low, found.high

    def measured() -> Iterator[tuple[str, _Estimate]]:
        for measure, compared in SHARES.items():
            yield measure, share(compared(values, 0) & defined)
        yield "share_without_child", share(childless)
        ordered = Ordered(values, bootstrap)
        varies = ordered.at_share(np.zeros(n.size)) < ordered.at_share(np.ones(n.size))
        mean, ratios = ratio(np.where(defined, values, 0.0))
        low, high = percentile_interval(ratios)
        yield "mean", (mean, np.where(varies, low, np.nan), np.where(varies, high, np.nan))
        median = ordered.median()
        spread = _spread_of_share_below(median, ordered, drawn_counts, bootstrap)
        low, high = ordered.at_share(0.5 - spread), ordered.at_share(0.5 + spread)
        yield "median", (median, np.where(varies, low, np.nan), np.where(varies, high, np.nan))

    alone = n_authors < 2  # noqa: PLR2004
    return pl.concat(
        cells.names.with_columns(
            pl.lit(index).alias("index"),
            pl.lit(measure).alias("measure"),
            pl.Series("estimate", estimate),
            pl.Series("low", np.where(alone, np.nan, low)),
            pl.Series("high", np.where(alone, np.nan, high)),
            pl.Series("n", n),
            pl.Series("n_authors", n_authors),
        )
        for measure, (estimate, low, high) in sorted(measured(), key=lambda pair: MEASURES.index(pair[0]))
    )


def _spread_of_share_below(
    median: NDArray[np.float64],
    ordered: Ordered,
    drawn_counts: NDArray[np.float64],
    bootstrap: AuthorBootstrap,
) -> NDArray[np.float64]:
    """Half the width of the interval of the share of models below the median, ties counted half.

    Woodruff (1952), "Confidence intervals for medians and other position measures", JASA 47: the interval
    of a quantile is the interval of the distribution function there, read back through the sample.
    """
    ratios = ratio_of(bootstrap.draws(bootstrap.totals_in_cells(ordered.share_below(median))), drawn_counts)
    spread = np.full(median.size, np.nan)
    drawn = ~np.isnan(ratios).all(axis=0)
    spread[drawn] = norm.ppf((1 + CONFIDENCE) / 2) * np.nanstd(ratios[:, drawn], axis=0)
    return spread
