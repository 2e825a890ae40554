"""Spearman's rank correlation of many groups of models, with intervals by the bootstrap over authors.

To rank anew in each of a thousand draws would cost as many sorts. Instead each model's influence on the
coefficient is computed, ties and the estimated ranks included, and the draws add influences up: the
coefficient is a smooth functional of the two distribution functions (Hoeffding 1948, "A class of statistics
with asymptotically normal distribution", Ann. Math. Stat. 19(3)), so both agree to first order. The interval
is taken on Fisher's scale, which keeps it within -1 and 1.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, percentile_interval, ratio_of
from mdi_pipeline.statistics.estimates import Estimates, Key, drawn_together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Reals = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Codes = NDArray[np.int64]

PERFECT = 1 - 1e-12
"""Beyond it the ranks agree but for rounding, and there is no interval."""


def rank_correlations(
    bootstrap: AuthorBootstrap, n_cells: int, compared: Mapping[Key, tuple[Flags, Reals, Reals]]
) -> dict[Key, Estimates]:
    """Spearman's coefficients among counted models of each cell, from counted, x and y; ties at their middle rank.

    Undefined where x or y has one value only. No interval where the coefficient is -1 or 1.
    """
    coefficients: dict[Key, Reals] = {}
    counts: dict[Key, Reals] = {}
    influences: dict[Key, Reals] = {}
    ranked = {id(values): values for _, *both in compared.values() for values in both}
    codes = {name: _codes(values) for name, values in ranked.items()}
    for key, (counted, x, y) in compared.items():
        coefficients[key], influence = _coefficients(bootstrap, n_cells, counted, codes[id(x)], codes[id(y)])
        influences[key] = bootstrap.totals_in_cells(influence)
        counts[key] = bootstrap.totals(counted)
    drawn_counts, drawn_influences = (drawn_together(bootstrap, totals) for totals in (counts, influences))
    found = {}
    for key, (counted, _, _) in compared.items():
        imperfect = np.where(np.abs(coefficients[key]) < PERFECT, coefficients[key], np.nan)
        moved = ratio_of(drawn_influences[key], drawn_counts[key]) / (1 - imperfect**2)
        low, high = percentile_interval(np.arctanh(imperfect) + moved)
        n = counts[key].sum(axis=0).round().astype(np.int64)
        found[key] = Estimates(coefficients[key], np.tanh(low), np.tanh(high), n, bootstrap.n_authors(counted))
    return found


def _coefficients(bootstrap: AuthorBootstrap, n_cells: int, counted: Flags, x: Codes, y: Codes) -> tuple[Reals, Reals]:
    """Each cell's coefficient, and the influence of each model in each cell on it."""
    influence = np.zeros(bootstrap.row.size)
    coefficient = np.full(n_cells, np.nan)
    for cell, (start, end) in enumerate(pairwise(bootstrap.start)):
        rows = bootstrap.row[start:end]
        counts = counted[rows]
        if counts.any():
            rows = rows[counts]
            coefficient[cell], influence[start:end][counts] = _spearman(x[rows], y[rows])
    return coefficient, influence


def _codes(values: Reals) -> Codes:
    """The values numbered in ascending order, alike ones alike; NaN gets a number too, but never counts."""
    return pl.Series(values).rank("dense").cast(pl.Int64).to_numpy() - 1


def _spearman(x: Codes, y: Codes) -> tuple[float, Reals]:
    """The coefficient, and each row's influence on it; NaN and zeros where x or y does not vary."""
    f, g = _Distribution(x), _Distribution(y)
    x_spread, x_influence = _product_moment(f, f)
    y_spread, y_influence = _product_moment(g, g)
    both, both_influence = _product_moment(f, g)
    if min(x_spread, y_spread) <= 0:
        return np.nan, np.zeros(x.size)
    coefficient = both / np.sqrt(x_spread * y_spread)
    influence = both_influence / np.sqrt(x_spread * y_spread) - coefficient / 2 * (
        x_influence / x_spread + y_influence / y_spread
    )
    return float(np.clip(coefficient, -1, 1)), influence


class _Distribution:
    """The distribution function of some codes, in the middle of each tie."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        ties = np.bincount(codes)
        self.at = ((np.cumsum(ties) - ties / 2) / codes.size)[codes]

    def mean_above(self, values: Reals) -> Reals:
        """For each row, the sum of the values of rows above it and half of those that tie, over all rows."""
        by_code = np.bincount(self._codes, values)
        above: Reals = (by_code[::-1].cumsum()[::-1] - by_code / 2)[self._codes] / self._codes.size
        return above


def _product_moment(f: _Distribution, g: _Distribution) -> tuple[float, Reals]:
    """The covariance of two distribution functions at the same rows, and each row's influence on it."""
    product = f.at * g.at
    mean = float(product.mean())
    return mean - 0.25, product + f.mean_above(g.at) + g.mean_above(f.at) - 3 * mean
