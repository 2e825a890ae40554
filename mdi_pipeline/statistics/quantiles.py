"""Quantiles of many cells at once: of each cell its distinct values, and how many entries reach each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdi_pipeline.compute.compilation import compiled

if TYPE_CHECKING:
    from mdi_pipeline.statistics.bootstrap import AuthorBootstrap

Codes = NDArray[np.int32]
Counts = NDArray[np.int64]


class Ordered:
    """The values of each cell in order, for reading quantiles: each value once, with how many entries reach it."""

    def __init__(self, values: NDArray[np.float64], bootstrap: AuthorBootstrap) -> None:
        self._distinct = np.unique(values[~np.isnan(values)])
        code = np.searchsorted(self._distinct, values).astype(np.int32)  # that of NaN is beyond all
        self._code, self._bootstrap = bootstrap.in_entries(code), bootstrap
        self._ties = _ties_by_cell(bootstrap.start, self._code, self._distinct.size)

    def at_share(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The smallest value with at least that share of the cell's models at or below it."""
        return self._at(np.ceil(np.nan_to_num(shares) * self._ties.n).astype(np.int64) - 1)

    def median(self) -> NDArray[np.float64]:
        """The median: of an even number of models, the mean of the middle two."""
        return (self._at((self._ties.n - 1) // 2) + self._at(self._ties.n // 2)) / 2

    def share_below(self, centre: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each entry 1 where its value is below that of its cell, 0.5 where it is the same, else 0."""
        place = np.searchsorted(self._distinct, centre)
        is_there = np.append(self._distinct, np.nan)[place] == centre
        below = self._code < self._bootstrap.over_entries(place)
        same = self._code == self._bootstrap.over_entries(np.where(is_there, place, -1))
        share: NDArray[np.float64] = below + 0.5 * same
        return share

    def _at(self, position: NDArray[np.int64]) -> NDArray[np.float64]:
        """The value at a position in each cell, the nearest where there is none; NaN in a cell without values."""
        code = _code_at(self._ties, np.clip(position, 0, np.maximum(self._ties.n - 1, 0)))
        values: NDArray[np.float64] = np.append(self._distinct, np.nan)[code]
        return values


class _Ties(NamedTuple):
    """The values that each cell holds, by code, ascending: those of cell c are `start[c]` to `start[c + 1]`.

    `reached` is how many entries of the cell have that value or a lower one, `n` how many have any.
    """

    start: Counts
    code: Codes
    reached: Counts
    n: Counts


@compiled
def _ties_by_cell(start: Counts, code: Codes, n_codes: int) -> _Ties:
    """The ties of entries, whose values have codes from 0 to `n_codes` - 1; higher ones do not count."""
    n_cells = len(start) - 1
    begin, n = np.zeros(n_cells + 1, np.int64), np.zeros(n_cells, np.int64)
    room = 0
    for cell in range(n_cells):
        room += min(n_codes, start[cell + 1] - start[cell])
    held, reached = np.empty(room, np.int32), np.empty(room, np.int64)
    for cell in range(n_cells):
        times = np.zeros(n_codes, np.int64)
        for one in code[start[cell] : start[cell + 1]]:
            if one < n_codes:
                times[one] += 1
        end = begin[cell]
        for one in range(n_codes):
            if times[one]:
                n[cell] += times[one]
                held[end], reached[end] = one, n[cell]
                end += 1
        begin[cell + 1] = end
    return _Ties(begin, held[: begin[-1]], reached[: begin[-1]], n)


@compiled
def _code_at(ties: _Ties, position: Counts) -> Counts:
    """The code at a position in each cell, -1 where the cell is empty."""
    found = np.full(len(position), -1, np.int64)
    for cell in range(len(position)):
        first, last = ties.start[cell], ties.start[cell + 1]
        if last > first:
            found[cell] = ties.code[first + np.searchsorted(ties.reached[first:last], position[cell], side="right")]
    return found
