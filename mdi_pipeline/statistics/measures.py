"""What is measured of an index in many groups of models at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.stats import norm

from mdi_pipeline.compute.parallel import side_by_side
from mdi_pipeline.compute.ratios import ratio_of
from mdi_pipeline.statistics.bootstrap import CONFIDENCE, AuthorBootstrap, AuthorDraws, percentile_interval
from mdi_pipeline.statistics.estimates import Estimates, Flags, Reals, floats, measured_by, share_estimates, stacked
from mdi_pipeline.statistics.quantiles import Ordered
from mdi_pipeline.tables.vocabulary import INDICES, SIGN_SHARES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mdi_pipeline.statistics.cells import Cells

SHARES = dict(zip(SIGN_SHARES, (np.less, np.equal, np.greater), strict=True))
"""How the index of the models that each share counts compares with 0."""

_NEED_A_CHILD = ("cd_nok", "dep")


def signs(models: pl.DataFrame, indices: Iterable[str]) -> dict[tuple[str, str], tuple[Flags, Flags]]:
    """Which models each index is defined of, and which of them each of `SHARES` counts, by index and measure."""
    return {
        (index, measure): (defined, has_sign(values, 0))
        for index, (values, defined) in measured_by(models, indices).items()
        for measure, has_sign in SHARES.items()
    }


def childless(models: pl.DataFrame) -> Flags:
    """Which models have no child in their window."""
    return (models["n_i"] + models["n_j"] == 0).to_numpy()


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
        .with_columns(window_days=pl.lit(window_days, dtype=pl.Int32))
        .filter(
            (pl.col("measure") != "share_without_child")
            | (pl.col("population").str.starts_with("scored") & ~pl.col("index").is_in(_NEED_A_CHILD))
        )
    )


def _measure_index(models: pl.DataFrame, cells: Cells, bootstrap: AuthorBootstrap, index: str) -> pl.DataFrame:
    """All measures of one index."""
    values = floats(models[index])
    defined = ~np.isnan(values)
    n_authors = bootstrap.n_authors(defined)
    counts = bootstrap.totals(defined)
    n = counts.sum(axis=0).astype(np.int64)
    drawn_counts = bootstrap.draws(counts)

    def ratio(of: Reals | Flags) -> tuple[Reals, Reals]:
        """The ratio of a total to the number of models: in the sample, and in each draw."""
        totals = bootstrap.totals(of)
        return ratio_of(totals.sum(axis=0), n), ratio_of(bootstrap.draws(totals), drawn_counts)

    def share(of: Flags) -> Estimates:
        return share_estimates(*ratio(of), n, n_authors)

    def where_they_vary(estimate: Reals, low: Reals, high: Reals) -> Estimates:
        return Estimates(estimate, np.where(varies, low, np.nan), np.where(varies, high, np.nan), n, n_authors)

    ordered = Ordered(values, bootstrap)
    varies = ordered.at_share(np.zeros(n.size)) < ordered.at_share(np.ones(n.size))
    mean, drawn_means = ratio(np.where(defined, values, 0.0))
    median = ordered.median()
    spread = _spread_of_share_below(median, ordered, drawn_counts, bootstrap)
    found = {
        **{measure: share(has_sign(values, 0) & defined) for measure, has_sign in SHARES.items()},
        "share_without_child": share(childless(models) & defined),
        "mean": where_they_vary(mean, *percentile_interval(drawn_means)),
        "median": where_they_vary(median, ordered.at_share(0.5 - spread), ordered.at_share(0.5 + spread)),
    }
    return stacked({(index, measure): each for measure, each in found.items()}, ["index", "measure"], cells.names)


def _spread_of_share_below(median: Reals, ordered: Ordered, drawn_counts: Reals, bootstrap: AuthorBootstrap) -> Reals:
    """Half the width of the interval of the share of models below the median, ties counted half.

    Woodruff (1952), "Confidence intervals for medians and other position measures", JASA 47: the interval
    of a quantile is the interval of the distribution function there, read back through the sample.
    """
    ratios = ratio_of(bootstrap.draws(bootstrap.totals_in_cells(ordered.share_below(median))), drawn_counts)
    spread = np.full(median.size, np.nan)
    drawn = ~np.isnan(ratios).all(axis=0)
    spread[drawn] = norm.ppf((1 + CONFIDENCE) / 2) * np.nanstd(ratios[:, drawn], axis=0)
    return spread
