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
Places = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Entries(NamedTuple):
    """The entries of all cells: those of cell c are `start[c]` to `start[c + 1]`, by the places of their rows.

    `place` is that of each one's row in an order of the rows, `begins_group` and `begins_author` say where another
    group or author begins in a cell. Within a cell places ascend, so that what lies in that order is read in one go.
    """

    start: Places
    place: Integers
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
    row_start: Integers, row_cells: Integers, n_cells: int, order: Integers | None, group: Integers, author: Integers
) -> Entries:
    """The entries of rows whose cells are `row_cells[row_start[row]:row_start[row + 1]]`, by place in this `order`.

    Without an order places are rows. `group` and `author` are those of each row, in the same order.
    """
    start = np.zeros(n_cells + 1, np.int64)
    for cell in row_cells:
        start[cell + 1] += 1
    for cell in range(n_cells):
        start[cell + 1] += start[cell]
    end = start[:-1].copy()
    last = np.full((n_cells, 2), -1, np.int32)
    place = np.empty(len(row_cells), np.int32)
    begins_group, begins_author = np.empty(len(place), np.bool_), np.empty(len(place), np.bool_)
    for here in range(len(group)):
        row = here if order is None else order[here]
        for cell in row_cells[row_start[row] : row_start[row + 1]]:
            entry = end[cell]
            place[entry] = here
            begins_group[entry] = last[cell, 0] != group[here]
            begins_author[entry] = last[cell, 1] != author[here]
            last[cell, 0], last[cell, 1] = group[here], author[here]
            end[cell] += 1
    return Entries(start, place, begins_group, begins_author)


@compiled
def add_up(values: Reals | Flags, begin: Places, slot: Places, totals: Reals) -> None:
    """Writes the sum of the values of each run of entries to the run's slot."""
    for run in range(len(slot)):
        total = 0.0
        for entry in range(begin[run], begin[run + 1]):
            total += values[entry]
        totals[slot[run]] = total


@compiled
def add_up_at(values: Reals | Flags, place: Integers, begin: Places, slot: Places, totals: Reals) -> None:
    """The same of values that lie by place, not by entry."""
    for run in range(len(slot)):
        total = 0.0
        for entry in range(begin[run], begin[run + 1]):
            total += values[place[entry]]
        totals[slot[run]] = total


@compiled
def count_runs(counted: Flags, place: Integers, begin: Places, cell: Integers, n_cells: int) -> Places:
    """How many runs of entries in each cell have a place that counts; `cell` is that of each run."""
    found = np.zeros(n_cells, np.int64)
    for run in range(len(cell)):
        for entry in range(begin[run], begin[run + 1]):
            if counted[place[entry]]:
                found[cell[run]] += 1
                break
    return found
