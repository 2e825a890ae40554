"""Intervals by a bootstrap over authors.

Models of one author are not independent draws: one publisher's habits, or one script that uploads a
thousand quantized copies, would pass for a thousand observations. So whole authors are drawn with
replacement and every statistic is recomputed on each draw: the cluster bootstrap of Field & Welsh
(2007), "Bootstrapping clustered data", J. R. Stat. Soc. B 69(3), 369-390; see Cameron, Gelbach & Miller
(2008), "Bootstrap-based improvements for inference with clustered errors", Rev. Econ. Stat. 90(3),
414-427, for what it can do with few clusters (its intervals are then too narrow).

All statistics share the same draws, so that a draw is a matrix product: draws x authors times
authors x cells. Beyond `MAX_GROUPS` authors, they are dealt at random into that many groups and the
groups are drawn: the totals of randomly dealt groups are exchangeable as those of authors are, the
expected variance is the same, and the cost stops growing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.stats import beta

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

MAX_GROUPS = 5_000
"""Most groups that are drawn from; with fewer authors each is a group of its own."""

CONFIDENCE = 0.95
"""Share of such intervals that hold the true value."""

SPARSE = 0.05
"""Below this share of filled entries a sparse product is quicker than a dense one."""

_TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)


class AuthorBootstrap:
    """The author draws that all statistics of some cells share.

    `clusters` names the author of each row of `membership`, whose columns are the cells; the order of rows
    does not matter to what comes out. The matrix of draws takes `n_draws` x `MAX_GROUPS` x 8 bytes, 40 MB
    by default, and the totals of one value `MAX_GROUPS` x cells x 8 bytes.
    """

    def __init__(self, clusters: pl.Series, membership: csr_matrix, n_draws: int = 1_000, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        author = clusters.rank("dense").to_numpy().astype(np.int64) - 1
        n_authors = int(author.max(initial=-1)) + 1
        n_groups = min(n_authors, MAX_GROUPS)
        group = (rng.permutation(n_authors) % max(n_groups, 1))[author]
        drawn = rng.integers(n_groups, size=(n_draws, n_groups)) if n_groups else np.empty((n_draws, 0), dtype=np.int64)
        drawn += np.arange(n_draws)[:, np.newaxis] * n_groups
        times_drawn = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        self._weights = np.ascontiguousarray(times_drawn.T, dtype=np.float64)
        self._shape = n_groups, membership.shape[1]
        pairs = membership.tocoo()
        self.row, self.cell = pairs.row, pairs.col
        self._author, self._n_authors = author, n_authors
        self._slot = group[self.row] * self._shape[1] + self.cell

    def totals(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of a value of each row over each group's models in each cell: groups x cells."""
        return self.totals_in_cells(values[self.row])

    def totals_in_cells(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same of a value that depends on the cell too: one for each entry of `row` and `cell`."""
        n_groups, n_cells = self._shape
        summed: NDArray[np.float64] = np.bincount(self._slot, values, minlength=n_groups * n_cells).astype(np.float64)
        return summed.reshape(self._shape)

    def n_authors(self, counted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many authors have a counted model in each cell."""
        seen = np.zeros((self._n_authors, self._shape[1]), dtype=np.bool_)
        kept = counted[self.row]
        seen[self._author[self.row[kept]], self.cell[kept]] = True
        return np.asarray(seen.sum(axis=0, dtype=np.int64))

    def draws(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of totals over the groups of each draw: draws x cells; where most are 0, only the others cost."""
        if np.count_nonzero(totals) < SPARSE * totals.size:
            return np.ascontiguousarray((csr_matrix(totals.T) @ self._weights).T)
        drawn: NDArray[np.float64] = self._weights.T @ totals
        return drawn

    def ratios(self, numerators: NDArray[np.float64], denominators: NDArray[np.float64]) -> NDArray[np.float64]:
        """The ratio of two totals in each draw: draws x cells; NaN where a draw holds nothing of the cell."""
        return ratio_of(self.draws(numerators), self.draws(denominators))


def ratio_of(
    numerators: NDArray[np.float64], denominators: NDArray[np.float64] | NDArray[np.int64]
) -> NDArray[np.float64]:
    """The ratio, NaN where the denominator is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios: NDArray[np.float64] = numerators / denominators
    return ratios


def percentile_interval(ratios: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middle 95 % of the draws of each cell; draws without the cell are left out, NaN where all are."""
    low, high = (_quantile(np.sort(ratios, axis=0), share) for share in _TAILS)
    return low, high


def _quantile(ascending: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The linearly interpolated quantile of each column, whose NaNs stand last and do not count."""
    n_drawn = (~np.isnan(ascending)).sum(axis=0)
    position = share * np.maximum(n_drawn - 1, 0)
    below = position.astype(np.int64)
    above = np.minimum(below + 1, np.maximum(n_drawn - 1, 0))
    columns = np.arange(ascending.shape[1])
    low, high = ascending[below, columns], ascending[above, columns]
    quantile: NDArray[np.float64] = np.where(high == low, low, low + (position - below) * (high - low))
    return quantile


def exact_bounds(
    shares: NDArray[np.float64], n_authors: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The Clopper-Pearson interval of a share that is 0 or 1 among so many authors.

    Where all authors agree every draw gives the same share, and the bootstrap would claim certainty from
    three models. Each author then counts as one draw of the binomial distribution.
    """
    n = np.maximum(n_authors, 1)
    low = np.where(shares == 1, beta.ppf(_TAILS[0], n, 1), 0.0)
    high = np.where(shares == 0, beta.ppf(_TAILS[1], 1, n), 1.0)
    return low, high
