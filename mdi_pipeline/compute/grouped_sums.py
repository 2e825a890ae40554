"""Sums over the rows of many groups and cells, compiled: each is one pass, with nothing stored on the way.

A cell is a set of rows; an entry is a pair of a row and a cell that it is in. Importing this module costs what numba
costs, so that who only reads tables should not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mdi_pipeline.compute.compilation import compiled

Integers = NDArray[np.int32]
Places = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


@compiled
def order_by(key: Integers, n_keys: int) -> Integers:
    """The rows by a key from 0 to `n_keys` - 1, ties in their order: a sort that reads each row twice."""
    begin = np.zeros(n_keys + 1, np.int64)
    for one in key:
        begin[one + 1] += 1
    for one in range(n_keys):
        begin[one + 1] += begin[one]
    order = np.empty(len(key), np.int32)
    for row in range(len(key)):
        order[begin[key[row]]] = row
        begin[key[row]] += 1
    return order


@compiled
def begins(start: Places, place: Integers, key: Integers) -> Flags:
    """Whether another key than that of the entry before begins at each, within its cell; `key` is that of each place.

    The entries of cell c are `start[c]` to `start[c + 1]`.
    """
    found = np.empty(len(place), np.bool_)
    for cell in range(len(start) - 1):
        before = -1
        for entry in range(start[cell], start[cell + 1]):
            found[entry] = key[place[entry]] != before
            before = key[place[entry]]
    return found


@compiled
def add_up(values: Reals | Flags, begin: Places, slot: Places, totals: Reals) -> None:
    """Adds the sum of the values of each run of entries to the run's slot."""
    for run in range(len(slot)):
        total = 0.0
        for entry in range(begin[run], begin[run + 1]):
            total += values[entry]
        totals[slot[run]] += total


@compiled
def add_up_at(values: Reals | Flags, place: Integers, begin: Places, slot: Places, totals: Reals) -> None:
    """The same of values that lie by place, not by entry."""
    for run in range(len(slot)):
        total = 0.0
        for entry in range(begin[run], begin[run + 1]):
            total += values[place[entry]]
        totals[slot[run]] += total


@compiled
def count_runs(counted: Flags, place: Integers, begin: Places, cell: Places, n_cells: int) -> Places:
    """How many runs of entries in each cell have a place that counts; `cell` is that of each run."""
    found = np.zeros(n_cells, np.int64)
    for run in range(len(cell)):
        for entry in range(begin[run], begin[run + 1]):
            if counted[place[entry]]:
                found[cell[run]] += 1
                break
    return found
