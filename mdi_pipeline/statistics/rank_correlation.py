"""Spearman's rank correlation of many groups of models, with intervals by the bootstrap over authors.

To rank anew in each of a thousand draws would cost as many sorts. Instead each model's influence on the
coefficient is computed, ties and the estimated ranks included, and the draws add influences up: the
coefficient is a smooth functional of the two distribution functions (Hoeffding 1948, "A class of statistics
with asymptotically normal distribution", Ann. Math. Stat. 19(3)), so both agree to first order. The interval
is taken on Fisher's scale, which keeps it within -1 and 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mdi_pipeline.compute.compilation import compiled
from mdi_pipeline.compute.ratios import ratio_of
from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, percentile_interval
from mdi_pipeline.statistics.estimates import Estimates, Flags, Key, Reals, drawn_together

if TYPE_CHECKING:
    from collections.abc import Mapping

Codes = NDArray[np.int32]

PERFECT = 1 - 1e-12
"""Beyond it the ranks agree but for rounding, and there is no interval."""


def rank_correlations(
    bootstrap: AuthorBootstrap, n_cells: int, compared: Mapping[Key, tuple[Flags, Reals, Reals]]
) -> dict[Key, Estimates]:
    """Spearman's coefficients among counted models of each cell, from counted, x and y; ties at their middle rank.

    Undefined where x or y has one value only. No interval where the coefficient is -1 or 1.
    """
    coefficients: dict[Key, Reals] = {}
    influences: dict[Key, Reals] = {}
    sets = {id(counted): counted for counted, _, _ in compared.values()}
    counts = {name: bootstrap.totals(counted) for name, counted in sets.items()}
    n_authors = {name: bootstrap.n_authors(counted) for name, counted in sets.items()}
    ranked = {id(values): values for _, *both in compared.values() for values in both}
    codes = {name: _codes(values) for name, values in ranked.items()}
    for key, (counted, x, y) in compared.items():
        coefficients[key], influence = _coefficients(bootstrap, n_cells, counted, codes[id(x)], codes[id(y)])
        influences[key] = bootstrap.totals_in_cells(influence)
    drawn_counts, drawn_influences = drawn_together(bootstrap, counts), drawn_together(bootstrap, influences)
    found = {}
    for key, (counted, _, _) in compared.items():
        imperfect = np.where(np.abs(coefficients[key]) < PERFECT, coefficients[key], np.nan)
        moved = ratio_of(drawn_influences[key], drawn_counts[id(counted)]) / (1 - imperfect**2)
        low, high = percentile_interval(np.arctanh(imperfect) + moved)
        n = counts[id(counted)].sum(axis=0).round().astype(np.int64)
        found[key] = Estimates(coefficients[key], np.tanh(low), np.tanh(high), n, n_authors[id(counted)])
    return found


def _coefficients(bootstrap: AuthorBootstrap, n_cells: int, counted: Flags, x: Codes, y: Codes) -> tuple[Reals, Reals]:
    """Each cell's coefficient, and the influence of each model in each cell on it."""
    influence = np.zeros(bootstrap.place.size)
    coefficient = np.full(n_cells, np.nan)
    n_x, n_y = (int(codes.max(initial=-1)) + 1 for codes in (x, y))
    counted, x, y = bootstrap.in_order(counted), bootstrap.in_order(x), bootstrap.in_order(y)
    _spearman(bootstrap.start, bootstrap.place, counted, x, y, n_x, n_y, coefficient, influence)
    return coefficient, influence


def _codes(values: Reals) -> Codes:
    """The values numbered in ascending order, alike ones alike; NaN gets a number too, but never counts."""
    return np.searchsorted(np.unique(values), values).astype(np.int32)


@compiled
def _spearman(
    start: NDArray[np.int64],
    place: Codes,
    counted: Flags,
    x: Codes,
    y: Codes,
    n_x: int,
    n_y: int,
    coefficient: Reals,
    influence: Reals,
) -> None:
    """Writes each cell's coefficient, and each entry's influence on it; what is there stays where x or y is constant.

    What hangs on x alone or on y alone is computed once for each of their values: rows are read three times. What is
    added up over rows is whole, middle ranks being halves, so that no digit is lost to their number.
    """
    for cell in range(len(start) - 1):
        entries = range(start[cell], start[cell + 1])
        x_ties, y_ties = np.zeros(n_x, np.int64), np.zeros(n_y, np.int64)
        for entry in entries:
            if counted[place[entry]]:
                x_ties[x[place[entry]]] += 1
                y_ties[y[place[entry]]] += 1
        n = x_ties.sum()
        if n == 0:
            continue
        # Twice the middle rank; the distribution functions, in the middle of those that tie.
        x_rank, y_rank = 2 * np.cumsum(x_ties) - x_ties, 2 * np.cumsum(y_ties) - y_ties
        f, g = x_rank / (2 * n), y_rank / (2 * n)
        x_moment, y_moment = (x_ties * f * f).sum() / n, (y_ties * g * g).sum() / n
        x_spread, y_spread = x_moment - 0.25, y_moment - 0.25
        if min(x_spread, y_spread) <= 0:
            continue
        g_of_x, f_of_y = np.zeros(n_x, np.int64), np.zeros(n_y, np.int64)
        for entry in entries:
            if counted[place[entry]]:
                g_of_x[x[place[entry]]] += y_rank[y[place[entry]]]
                f_of_y[y[place[entry]]] += x_rank[x[place[entry]]]
        moment = (f * (g_of_x / (2 * n))).sum() / n
        scale = np.sqrt(x_spread * y_spread)
        found = min(max((moment - 0.25) / scale, -1.0), 1.0)
        coefficient[cell] = found
        x_own = (f * f + 2 * _above(x_ties * x_rank, n) - 3 * x_moment) / x_spread
        y_own = (g * g + 2 * _above(y_ties * y_rank, n) - 3 * y_moment) / y_spread
        by_x, by_y = _above(g_of_x, n) / scale - found / 2 * x_own, _above(f_of_y, n) / scale - found / 2 * y_own
        for entry in entries:
            if counted[place[entry]]:
                one_x, one_y = x[place[entry]], y[place[entry]]
                influence[entry] = (f[one_x] * g[one_y] - 3 * moment) / scale + by_x[one_x] + by_y[one_y]


@compiled
def _above(sums: NDArray[np.int64], n: int) -> Reals:
    """For each value, what twice the ranks of rows of greater values sum up to and half of those that tie: a share."""
    return (2 * np.cumsum(sums[::-1])[::-1] - sums) / (4 * n * n)
