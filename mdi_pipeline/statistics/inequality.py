"""How unequally children are shared out, with intervals by the bootstrap over the parents' owners."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.compute.ratios import ratio_of
from mdi_pipeline.lineage.authors import author_number
from mdi_pipeline.network.concentration import Frequencies, gini, top_share
from mdi_pipeline.statistics.bootstrap import N_DRAWS, AuthorDraws, one_cell_each, percentile_interval
from mdi_pipeline.statistics.estimates import Reals


def inequality(
    models: pl.DataFrame, exponent: float | None, xmin: float | None, *, n_draws: int = N_DRAWS, seed: int = 0
) -> pl.DataFrame:
    """Gini coefficient, top 1 % share and power-law exponent of children per model.

    `models` is a `models` table, `exponent` and `xmin` the power law that `network_summary` fitted (None where
    it could not). Columns: `measure`, `estimate`, `low`, `high` (null where undefined), `n`, `n_authors`. For the
    exponent's interval xmin is held, and each draw has the maximum-likelihood estimate in Clauset, Shalizi &
    Newman's approximation (2009, eq. 3.7), moved to the fitted one.
    """
    children = models["n_children"]
    n_children = children.unique().sort().to_numpy().astype(np.float64)
    owners = models.select(author_number()).to_series()
    arranged, author_draws = AuthorDraws(owners, n_draws, seed).arranged(children.to_frame())
    cell = np.searchsorted(n_children, arranged["n_children"].to_numpy())
    totals = author_draws.over(one_cell_each(pl.Series(cell), n_children.size))
    counts = totals.totals(np.ones(cell.size))
    sample, draws = counts.sum(axis=0, keepdims=True), totals.draws(counts)
    begins = np.inf if xmin is None else xmin
    tail = n_children >= begins
    rows = []
    for measure, statistic in {"gini_children": gini, "top_1_percent_share": top_share}.items():
        estimate, drawn = statistic(Frequencies(n_children, sample)), statistic(Frequencies(n_children, draws))
        rows.append((measure, estimate[0], *_ends(drawn), models.height, owners.n_unique()))
    moved = _exponent(draws[:, tail], n_children[tail], xmin) - _exponent(sample[:, tail], n_children[tail], xmin)
    known = np.nan if exponent is None else exponent
    parents = owners.filter(children.cast(pl.Float64) >= begins)
    rows.append(("power_law_exponent", known, *_ends(known + moved), parents.len(), parents.n_unique()))
    names = ["measure", "estimate", "low", "high", "n", "n_authors"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.col("estimate", "low", "high").cast(pl.Float64).fill_nan(None), pl.col("n", "n_authors").cast(pl.Int64)
    )


def _ends(drawn: Reals) -> tuple[float, float]:
    low, high = percentile_interval(drawn[:, np.newaxis])
    return float(low[0]), float(high[0])


def _exponent(counts: Reals, n_children: Reals, xmin: float | None) -> Reals:
    if xmin is None:
        return np.full(counts.shape[0], np.nan)
    logs = (counts * np.log(n_children / (xmin - 0.5))).sum(axis=1)
    return 1 + ratio_of(counts.sum(axis=1), logs)
