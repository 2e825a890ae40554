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

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from scipy.stats import beta

from mdi_pipeline.compute.grouped_sums import add_up, add_up_at, begins, count_runs, order_by

if TYPE_CHECKING:
    import polars as pl

Array = TypeVar("Array", bound=NDArray[Any])
Summed = NDArray[np.float64] | NDArray[np.bool_]

N_DRAWS = 1_000
"""Draws of an interval where no other number is asked for."""

MAX_GROUPS = 2_000
"""Most groups that are drawn from; with fewer authors each is a group of its own."""

CONFIDENCE = 0.95
"""Share of such intervals that hold the true value."""

SPARSE = 0.05
"""Below this share of filled entries a sparse product is quicker than a dense one."""

_TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)


class AuthorDraws:
    """The draws of the authors of some rows, which all statistics of those rows share.

    `clusters` names the author of each row, by text or by a number from 0. `order` is that in which the rows of an
    author lie together, by ascending name; None where they do already. The matrix of draws takes `n_draws` x
    `MAX_GROUPS` x 8 bytes, 16 MB by default.
    """

    def __init__(self, clusters: pl.Series, n_draws: int = N_DRAWS, seed: int = 0) -> None:
        self.author, self.dealt, self.n_groups = deal(clusters, seed)
        self.order: NDArray[np.int32] | None = None
        if (self.author[1:] < self.author[:-1]).any():
            self.order = order_by(self.author, self.dealt.size)
            self.author = self.author[self.order]
        self.weights = times_drawn(self.n_groups, n_draws, seed)

    def arranged(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, AuthorDraws]:
        """The rows in that order, and their draws: whatever is summed up over them is then read in one go.

        Some of these rows, in their order, need not be arranged again.
        """
        if self.order is None:
            return rows, self
        draws = copy(self)
        draws.order = None
        return rows[self.order], draws

    def over(self, membership: csr_matrix | csc_matrix) -> AuthorBootstrap:
        """The draws over some cells: the columns of `membership`, which has a row for each of these rows."""
        return AuthorBootstrap(self, membership)


def deal(clusters: pl.Series, seed: int) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """The author of each row, numbered from 0; the group that each of the authors is dealt into; how many there are."""
    author, n_authors = _numbered(clusters)
    n_groups = min(n_authors, MAX_GROUPS)
    return author, (np.random.default_rng(seed).permutation(n_authors) % max(n_groups, 1)).astype(np.int32), n_groups


def _numbered(clusters: pl.Series) -> tuple[NDArray[np.int32], int]:
    """The authors numbered from 0, in ascending order, and how many there are."""
    if not clusters.dtype.is_integer():
        clusters = clusters.rank("dense")
    number = clusters.to_numpy()
    is_there = np.zeros(int(number.max()) + 1 if number.size else 0, dtype=np.bool_)
    is_there[number] = True
    among_these = np.cumsum(is_there, dtype=np.int32) - 1
    return among_these[number], int(is_there.sum())


@lru_cache(maxsize=1)
def times_drawn(n_groups: int, n_draws: int, seed: int) -> NDArray[np.float64]:
    """How often each group comes in each draw: groups x draws. With many authors it is always the same one."""
    if not n_groups:
        return np.empty((0, n_draws))
    drawn = np.random.default_rng([seed, 1]).integers(n_groups, size=(n_draws, n_groups))
    drawn += np.arange(n_draws)[:, np.newaxis] * n_groups
    times_drawn = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
    return np.ascontiguousarray(times_drawn.T, dtype=np.float64)


class AuthorBootstrap:
    """The statistics of some cells in the draws of their authors.

    Entries are pairs of a row and a cell that it is in, those of a cell together: those of cell c are `start[c]` to
    `start[c + 1]`, and `place` says where each one's row is `in_order`. The totals of one value take `MAX_GROUPS` x
    cells x 8 bytes.
    """

    def __init__(self, draws: AuthorDraws, membership: csr_matrix | csc_matrix) -> None:
        by_cell = (membership if draws.order is None else membership.tocsr()[draws.order]).tocsc()
        self._order, self._weights = draws.order, draws.weights
        self._shape = membership.shape[1], draws.n_groups
        self.start, self.place = by_cell.indptr.astype(np.int64), by_cell.indices.astype(np.int32)
        begin = np.flatnonzero(begins(self.start, self.place, draws.author))
        self._authors = np.append(begin, self.place.size)
        self._cells = np.searchsorted(self.start, begin, side="right") - 1
        self._slots = self._cells * draws.n_groups + draws.dealt[draws.author[self.place[begin]]]

    def in_order(self, values: Array) -> Array:
        """A value of each row, in the order of the places."""
        return values if self._order is None else cast("Array", values[self._order])

    def in_entries(self, values: Array) -> Array:
        """A value of each row, for each entry."""
        return cast("Array", self.in_order(values)[self.place])

    def over_entries(self, of_cells: Array) -> Array:
        """A value of each cell, for each entry."""
        return cast("Array", np.repeat(of_cells, np.diff(self.start)))

    def totals(self, values: Summed) -> NDArray[np.float64]:
        """The sum of a value of each row over each group's models in each cell: groups x cells."""
        totals = np.zeros(self._shape)
        add_up_at(self.in_order(values), self.place, self._authors, self._slots, totals.ravel())
        return totals.T

    def totals_in_cells(self, values: Summed) -> NDArray[np.float64]:
        """The same of a value that depends on the cell too: one for each entry."""
        totals = np.zeros(self._shape)
        add_up(values, self._authors, self._slots, totals.ravel())
        return totals.T

    def n_authors(self, counted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many authors have a counted model in each cell."""
        return count_runs(self.in_order(counted), self.place, self._authors, self._cells, self._shape[0])

    def draws(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of totals over the groups of each draw: draws x cells."""
        return drawn_totals(totals, self._weights)


def drawn_totals(totals: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of totals over the groups of each draw: draws x cells; of a cell with few, only these cost."""
    is_dense = np.count_nonzero(totals, axis=0) >= SPARSE * totals.shape[0]
    drawn = np.empty((weights.shape[1], totals.shape[1]))
    drawn[:, is_dense] = weights.T @ totals[:, is_dense]
    drawn[:, ~is_dense] = (csr_matrix(totals[:, ~is_dense].T) @ weights).T
    return drawn


def one_cell_each(cell: pl.Series, n_cells: int) -> csr_matrix:
    """The membership of rows that are each in one cell, by the cell's number."""
    return csr_matrix((np.ones(cell.len()), cell.to_numpy(), np.arange(cell.len() + 1)), (cell.len(), n_cells))


def percentile_interval(ratios: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middle 95 % of the draws of each cell; draws without the cell are left out, NaN where all are."""
    ascending = np.sort(ratios, axis=0)
    low, high = (_quantile(ascending, share) for share in _TAILS)
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
