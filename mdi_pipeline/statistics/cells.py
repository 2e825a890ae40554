"""Groups of models, all at once: which row belongs to which cell, as one sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from mdi_pipeline.statistics.populations import POPULATION_FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Cells:
    """Cells and who is in them.

    `names` has one row a cell (its population, and its factor and level where it has them), `membership`
    one row a model and one column a cell, 1.0 where the model is in the cell.
    """

    names: pl.DataFrame
    membership: csr_matrix


def population_cells(models: pl.DataFrame) -> Cells:
    """One cell for each population; `models` as `populations.scored_models` gives them."""
    return _cells(models, [pl.lit("all").alias("level")], [pl.DataFrame({"level": ["all"]})])


def level_cells(models: pl.DataFrame, levels: Mapping[str, Sequence[str]]) -> Cells:
    """One cell for each population, factor and level.

    `models` holds a text column of the name of each factor; `levels` names the levels of each, and a value
    that is not among them belongs to no cell.
    """
    columns = [pl.col(factor).alias("level") for factor in levels]
    names = [
        pl.DataFrame({"factor": factor, "level": list(known)}, schema={"factor": pl.String, "level": pl.String})
        for factor, known in levels.items()
    ]
    return _cells(models, columns, names)


def _cells(models: pl.DataFrame, columns: Sequence[pl.Expr], names: Sequence[pl.DataFrame]) -> Cells:
    """Cells of every population by every level of every column, numbered in that order."""
    rows: list[np.ndarray] = []
    cells: list[np.ndarray] = []
    blocks: list[pl.DataFrame] = []
    n_cells = 0
    numbered = models.with_row_index("row")
    for population, belongs in POPULATION_FILTERS.items():
        of_population = numbered.filter(belongs)
        for column, levels in zip(columns, names, strict=True):
            block = levels.select(pl.lit(population).alias("population"), pl.all()).with_row_index("cell", n_cells)
            placed = of_population.select("row", column).join(block.select("level", "cell"), on="level")
            rows.append(placed["row"].to_numpy())
            cells.append(placed["cell"].to_numpy())
            blocks.append(block.drop("cell"))
            n_cells += block.height
    row, cell = np.concatenate(rows), np.concatenate(cells)
    membership = csr_matrix((np.ones(row.size), (row, cell)), shape=(models.height, n_cells))
    membership.sort_indices()
    return Cells(pl.concat(blocks), membership)
