"""How unequally children are shared out, with intervals by the bootstrap over the parents' owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from mdi_pipeline.lineage.authors import author_number
from mdi_pipeline.statistics.bootstrap import AuthorDraws, one_cell_each, percentile_interval, ratio_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

TOP = 0.01


def inequality(
    models: pl.DataFrame, exponent: float | None, xmin: float | None, *, n_draws: int = 1_000, seed: int = 0
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
    for measure, statistic in {"gini_children": _gini, "top_1_percent_share": _top_share}.items():
        estimate, drawn = statistic(sample, n_children), statistic(draws, n_children)
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


def _gini(counts: Reals, n_children: Reals) -> Reals:
    """Gini coefficient of each row; `counts` says how many models have each number of children, ascending."""
    reached = np.cumsum(counts * n_children, axis=1)
    before = reached - counts * n_children
    total = counts.sum(axis=1) * (counts * n_children).sum(axis=1)
    return 1 - ratio_of((counts * (before + reached)).sum(axis=1), total)


def _top_share(counts: Reals, n_children: Reals) -> Reals:
    """Share of all children that the top 1 % of models have, of each row; at least one model counts."""
    top = np.maximum(1, np.ceil(TOP * counts.sum(axis=1, keepdims=True)))
    above = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1] - counts
    taken = np.clip(top - above, 0, counts)
    return ratio_of((taken * n_children).sum(axis=1), (counts * n_children).sum(axis=1))


def _exponent(counts: Reals, n_children: Reals, xmin: float | None) -> Reals:
    if xmin is None:
        return np.full(counts.shape[0], np.nan)
    logs = (counts * np.log(n_children / (xmin - 0.5))).sum(axis=1)
    return 1 + ratio_of(counts.sum(axis=1), logs)
