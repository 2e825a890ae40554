"""Sums over the rows of many groups and cells, compiled: each is one pass, with nothing stored on the way.

A cell is a set of rows; an entry is a pair of a row and a cell that it is in. Importing this module costs what numba
costs, so that who only reads tables should not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdi_pipeline.disruption.compilation import compiled

Integers = NDArray[np.int32]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Entries(NamedTuple):
    """The entries of all cells: those of cell c are `start[c]` to `start[c + 1]`, in the order of the rows given.

    `row` is the row of each; `begins_group` and `begins_author` say where another group or author begins in a cell.
    """

    start: NDArray[np.int64]
    row: Integers
    begins_group: Flags
    begins_author: Flags


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
def entries_by_cell(
    row_start: Integers, row_cells: Integers, n_cells: int, order: Integers, group: Integers, author: Integers
) -> Entries:
    """The entries of rows whose cells are `row_cells[row_start[row]:row_start[row + 1]]`, rows in this `order`.

    `group` and `author` number those of each row, in the same order.
    """
    start = np.zeros(n_cells + 1, np.int64)
    for cell in row_cells:
        start[cell + 1] += 1
    for cell in range(n_cells):
        start[cell + 1] += start[cell]
    end = start[:-1].copy()
    last = np.full((n_cells, 2), -1, np.int32)
    row = np.empty(len(row_cells), np.int32)
    begins_group, begins_author = np.empty(len(row), np.bool_), np.empty(len(row), np.bool_)
    for place in range(len(order)):
        for cell in row_cells[row_start[order[place]] : row_start[order[place] + 1]]:
            entry = end[cell]
            row[entry] = order[place]
            begins_group[entry] = last[cell, 0] != group[place]
            begins_author[entry] = last[cell, 1] != author[place]
            last[cell, 0], last[cell, 1] = group[place], author[place]
            end[cell] += 1
    return Entries(start, row, begins_group, begins_author)


@compiled
def add_up_rows(values: Reals | Flags, row: Integers, begin: NDArray[np.int64], slot: NDArray[np.int64], totals: Reals) -> None:
    """Writes the sum of the values of the rows of each run of entries to the run's slot."""
    for run in range(len(slot)):
        total = 0.0
        for entry in range(begin[run], begin[run + 1]):
            total += values[row[entry]]
        totals[slot[run]] = total


@compiled
def add_up_entries(values: Reals | Flags, begin: NDArray[np.int64], slot: NDArray[np.int64], totals: Reals) -> None:
    """The same of a value of each entry."""
    for run in range(len(slot)):
        total = 0.0
        for entry in range(begin[run], begin[run + 1]):
            total += values[entry]
        totals[slot[run]] = total


@compiled
def count_runs(counted: Flags, row: Integers, begin: NDArray[np.int64], cell: Integers, n_cells: int) -> NDArray[np.int64]:
    """How many runs of entries in each cell have a row that counts; `cell` is that of each run."""
    found = np.zeros(n_cells, np.int64)
    for run in range(len(cell)):
        for entry in range(begin[run], begin[run + 1]):
            if counted[row[entry]]:
                found[cell[run]] += 1
                break
    return found
