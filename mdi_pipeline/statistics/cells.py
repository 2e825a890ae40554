"""Groups of models, all at once: which row belongs to which cell, as one sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.sparse import csc_matrix

from mdi_pipeline.compute.grouped_sums import order_by
from mdi_pipeline.statistics.populations import POPULATION_FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Cells:
    """Cells and who is in them.

    `names` has one row a cell (its population, and its factor and level where it has them), `membership`
    one row a model and one column a cell, 1.0 where the model is in the cell.
    """

    names: pl.DataFrame
    membership: csc_matrix


def population_cells(models: pl.DataFrame) -> Cells:
    """One cell for each population; `models` as `populations.scored_models` gives them."""
    return _cells(models, [np.zeros(models.height, dtype=np.int32)], [pl.DataFrame({"level": ["all"]})])


def level_cells(models: pl.DataFrame, levels: Mapping[str, Sequence[object]]) -> Cells:
    """One cell for each population, factor and level.

    `models` holds a column of the name of each factor; `levels` names the levels of each, and a value that is not
    among them belongs to no cell.
    """
    places = [
        models[factor]
        .replace_strict(list(known), list(range(len(known))), default=-1, return_dtype=pl.Int32)
        .to_numpy()
        for factor, known in levels.items()
    ]
    text = {"factor": pl.String, "level": pl.String}
    names = [
        pl.DataFrame({"factor": factor, "level": [str(level) for level in known]}, schema=text)
        for factor, known in levels.items()
    ]
    return _cells(models, places, names)


def _cells(models: pl.DataFrame, places: Sequence[NDArray[np.int32]], names: Sequence[pl.DataFrame]) -> Cells:
    """Cells of every population by every level of every factor, numbered in that order.

    `places` says of each factor at which of its levels each model is, -1 where at none; `names` names the levels.
    """
    rows: list[NDArray[np.int64]] = []
    cells: list[NDArray[np.int32]] = []
    blocks: list[pl.DataFrame] = []
    n_cells = 0
    for population, belongs in POPULATION_FILTERS.items():
        is_in = models.select(pl.repeat(value=True, n=pl.len()) & belongs).to_series().to_numpy()
        for place, levels in zip(places, names, strict=True):
            row = np.flatnonzero(is_in & (place >= 0))
            rows.append(row)
            cells.append(n_cells + place[row])
            blocks.append(levels.select(pl.lit(population).alias("population"), pl.all()))
            n_cells += levels.height
    row, cell = np.concatenate(rows), np.concatenate(cells)
    start = np.append(0, np.cumsum(np.bincount(cell, minlength=n_cells)))
    membership = csc_matrix((np.ones(row.size), row[order_by(cell, n_cells)], start), (models.height, n_cells))
    return Cells(pl.concat(blocks), membership)
